"""The network as GEXF 1.2: Gephi's own format, with the classes' colours.

networkx has a writer, but it stamps today's date into the file and gives Gephi a column of its own keys.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import IO, Any, Unpack
from xml.etree import ElementTree as ET

from kg.files import written
from kg.graph import Store
from kg.ontology import Ontology, load
from kg.writers import Selection, xml_text
from kg.writers.network import flat

_NS = "http://www.gexf.net/1.2draft"
_VIZ = f"{_NS}/viz"
_TYPES = {str: "string", float: "double", int: "integer", bool: "boolean"}
_OWN = {"label"}  # what GEXF has an attribute of its own for


def write(store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int:
    """Writes GEXF; returns the number of nodes and edges. Control characters become U+FFFD; ``inferred`` is not looked at."""
    ontology = ontology or load()
    net = flat(store, ontology, **selection)
    nodes, edges = list(net.nodes(data=True)), list(net.edges(keys=True, data=True))
    ET.register_namespace("viz", _VIZ)
    root = ET.Element("gexf", {"xmlns": _NS, "version": "1.2"})
    ET.SubElement(ET.SubElement(root, "meta"), "creator").text = "kg"
    graph = ET.SubElement(root, "graph", {"defaultedgetype": "directed", "mode": "static"})
    node_columns = _columns(graph, "node", (d for _, d in nodes))
    edge_columns = _columns(graph, "edge", (d for *_, d in edges))
    parent = ET.SubElement(graph, "nodes")
    for iri, data in nodes:
        node = ET.SubElement(parent, "node", {"id": xml_text(iri), "label": xml_text(data["label"])})
        _values(node, data, node_columns)
        if colour := _colour(data["class"], ontology):
            ET.SubElement(node, f"{{{_VIZ}}}color", colour)
    parent = ET.SubElement(graph, "edges")
    for subject, object_, iri, data in edges:
        ends = {"id": iri, "source": subject, "target": object_, "label": data["label"]}
        _values(ET.SubElement(parent, "edge", {k: xml_text(v) for k, v in ends.items()}), data, edge_columns)
    ET.indent(root)
    with written(out) as file:
        ET.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)
        file.write(b"\n")
    return len(nodes) + len(edges)


def _columns(graph: ET.Element, of: str, all_data: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Declares the attributes of nodes or edges; name → id. An attribute has the type of its first value."""
    types: dict[str, str] = {}
    for data in all_data:
        for name, value in data.items():
            if name not in _OWN:
                types.setdefault(name, _TYPES[type(value)])
    parent = ET.SubElement(graph, "attributes", {"class": of, "mode": "static"})
    for name, type_ in sorted(types.items()):
        ET.SubElement(parent, "attribute", {"id": f"{of}-{name}", "title": name, "type": type_})
    return {name: f"{of}-{name}" for name in types}


def _values(element: ET.Element, data: Mapping[str, Any], columns: Mapping[str, str]) -> None:
    parent = ET.SubElement(element, "attvalues")
    for name, value in sorted(data.items()):
        if name in columns:
            shown = str(value).lower() if isinstance(value, bool) else xml_text(str(value))
            ET.SubElement(parent, "attvalue", {"for": columns[name], "value": shown})


def _colour(class_: str, ontology: Ontology) -> dict[str, str] | None:
    item = ontology.classes.get(class_)
    if item is None or not item.colour:
        return None
    return {channel: str(int(item.colour[at : at + 2], 16)) for channel, at in (("r", 1), ("g", 3), ("b", 5))}
