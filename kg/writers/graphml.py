"""The network as GraphML: networkx, igraph, yEd, Cytoscape and Neo4j read it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import IO, Unpack

from kg.files import written
from kg.graph import Store
from kg.ontology import Ontology
from kg.writers import Selection, xml_text
from kg.writers.network import flat


def write(store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int:
    """Writes GraphML; returns the number of nodes and edges. Control characters become U+FFFD; ``inferred`` is not looked at."""
    import networkx as nx

    net = flat(store, ontology, **selection)
    for _, data in net.nodes(data=True):
        data.update({k: xml_text(v) for k, v in data.items() if isinstance(v, str)})
    for *_, data in net.edges(data=True):
        data.update({k: xml_text(v) for k, v in data.items() if isinstance(v, str)})
    buffer = io.BytesIO()
    # Not write_graphml, which takes lxml where it is installed and then writes other bytes.
    nx.write_graphml_xml(net, buffer)
    with written(out) as file:
        file.write(buffer.getvalue())
    return int(len(net) + net.number_of_edges())
