"""The graph as one HTML file that needs nothing else: pyvis builds the network, our template draws the page around it.

The file asks no host for anything and says so to the browser (Content-Security-Policy: nothing but the scripts and the
style whose hashes it names). Everything a brief says reaches the page as JSON and is put there as text nodes, so that
markup in a brief stays words. Positions are computed here; the page opens still.
"""

from __future__ import annotations

import base64
import hashlib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from kg import analyse
from kg.errors import KgError
from kg.model import Span
from kg.ontology import Ontology, Text
from kg.writers import written

if TYPE_CHECKING:
    import networkx as nx
    import rdflib

MAX_NODES = 1000
"""How many entities are drawn at once; of a larger graph the most central ones are, and the page says what was left out."""

TITLE = Text("Qui fait quoi dans la tech", "Who does what in tech")

_ASSETS = Path(__file__).resolve().parent / "assets"
_UNKNOWN = {"fr": "autre", "en": "other", "colour": "#7F7F7F", "shape": "dot"}
_BEND = 0.2


def write(graph: rdflib.Graph, ontology: Ontology, out: Path | IO[bytes], *, title: Text = TITLE, max_nodes: int = MAX_NODES) -> None:
    """Draws ``graph`` into the file ``out``, which is replaced whole or not at all (or into a stream that is open already)."""
    page = render(analyse.network(graph, ontology), ontology, title=title, max_nodes=max_nodes)
    with written(out) as file:
        file.write(page.encode())


def render(net: nx.MultiDiGraph[str], ontology: Ontology, *, title: Text = TITLE, max_nodes: int = MAX_NODES) -> str:
    """The page, as a string: the same bytes for the same network and ontology."""
    from pyvis.network import Network

    shown = analyse.most_central(net, max_nodes)
    ids = {iri: number for number, iri in enumerate(analyse.ranked(shown))}
    drawing = Network(directed=True, cdn_resources="in_line", height="100%", width="100%")
    _add_nodes(drawing, shown, ids, ontology)
    _add_edges(drawing, shown, ids, ontology)
    drawing.options = _options()
    drawing.set_template_dir(str(_ASSETS), "network.html.j2")
    environment = drawing.templateEnv
    environment.autoescape = True
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "ensure_ascii": False, "separators": (",", ":")}
    library, app, style = _library(), _asset("network.js"), _asset("network.css")
    environment.globals.update(
        title=title.fr,
        kg_data=_data(net, shown, ids, ontology, title),
        library=library,
        app=app,
        style=style,
        policy="; ".join(
            (
                "default-src 'none'",
                f"script-src {_hash(library)} {_hash(app)}",
                f"style-src {_hash(style)}",
                "img-src data: blob:",
                "base-uri 'none'",
                "form-action 'none'",
            )
        ),
    )
    page: str = drawing.generate_html()
    return page if page.endswith("\n") else page + "\n"


# --- the network ------------------------------------------------------------------------------------------------------


def _add_nodes(drawing: Any, net: nx.MultiDiGraph[str], ids: Mapping[str, int], ontology: Ontology) -> None:
    at, weight, community = analyse.layout(net), analyse.importance(net), analyse.communities(net)
    for iri, number in ids.items():
        data = net.nodes[iri]
        look = _look(ontology, data["type"])
        drawing.add_node(
            number,
            label=data["label"],
            shape=look["shape"],
            color=look["colour"],
            x=at[iri][0],
            y=at[iri][1],
            size=round(7 + 3.4 * min(weight[iri], 36) ** 0.5, 1),
            type=data["type"],
            community=community[iri],
        )


def _add_edges(drawing: Any, net: nx.MultiDiGraph[str], ids: Mapping[str, int], ontology: Ontology) -> None:
    """One arrow a claim; those between the same two entities bend apart, in whichever direction they go."""
    between: dict[tuple[int, int], list[str]] = defaultdict(list)
    edges = sorted(net.edges(keys=True, data=True), key=lambda e: e[2])
    for s, o, key, _ in edges:
        between[min(ids[s], ids[o]), max(ids[s], ids[o])].append(key)
    for number, (s, o, key, data) in enumerate(edges):
        pair = between[min(ids[s], ids[o]), max(ids[s], ids[o])]
        bend = _BEND * (2 * pair.index(key) - len(pair) + 1) * (1 if ids[s] < ids[o] else -1)
        relation = ontology.relations.get(data["relation"])
        drawing.add_edge(
            ids[s],
            ids[o],
            id=f"c{number}",
            label=relation.label.fr if relation else data["relation"],
            relation=data["relation"],
            status=str(data["status"]),
            arrows="" if relation and relation.symmetric else "to",
            smooth={"enabled": True, "type": "curvedCW", "roundness": round(bend, 3)} if bend and s != o else False,
        )


def _options() -> dict[str, Any]:
    """What vis-network is told; looks that depend on status stand in network.js, next to the legend that shows them."""
    return {
        "autoResize": True,
        "physics": {"enabled": False},
        "layout": {"improvedLayout": False, "randomSeed": 1},
        "interaction": {"hover": True, "hoverConnectedEdges": False, "selectConnectedEdges": False, "multiselect": False},
        "edges": {
            "selectionWidth": 0,
            "hoverWidth": 0,
            "arrows": {"to": {"scaleFactor": 0.55, "type": "arrow"}},
            "arrowStrikethrough": False,
        },
        "nodes": {"borderWidth": 1.5, "borderWidthSelected": 3},
    }


def _look(ontology: Ontology, name: str) -> dict[str, str]:
    """Labels, colour and shape of a class; what it does not say, the class above says."""
    if name not in ontology.classes:
        return _UNKNOWN
    own = ontology.classes[name]
    colour, shape, parent = own.colour, own.shape, own.parent
    while parent is not None and not (colour and shape):
        above = ontology.classes[parent]
        colour, shape, parent = colour or above.colour, shape or above.shape, above.parent
    return {"fr": own.label.fr, "en": own.label.en, "colour": colour or _UNKNOWN["colour"], "shape": shape or _UNKNOWN["shape"]}


# --- what the panel tells ---------------------------------------------------------------------------------------------


def _data(
    net: nx.MultiDiGraph[str], shown: nx.MultiDiGraph[str], ids: Mapping[str, int], ontology: Ontology, title: Text
) -> dict[str, Any]:
    briefs: dict[str, int] = {}
    for iri in sorted(net.graph["briefs"], key=lambda b: (net.graph["briefs"][b].date or "", net.graph["briefs"][b].key)):
        briefs[iri] = len(briefs)
    terms = {r for _, _, r in shown.edges(data="relation")} | {v.attribute for _, d in shown.nodes(data=True) for v in d["attributes"]}
    whole, drawn = analyse.summary(net), analyse.summary(shown)
    return {
        "title": {"fr": title.fr, "en": title.en},
        "period": analyse.period(net),
        "summary": whole,
        "cut": {"entities": whole["entities"] - drawn["entities"], "claims": whole["claims"] - drawn["claims"], "limit": len(shown)},
        "classes": {name: _look(ontology, name) for name in _in_order(ontology, {d["type"] for _, d in shown.nodes(data=True)})},
        "order": _in_order(ontology, {d["type"] for _, d in shown.nodes(data=True)}),
        "terms": {name: _term(ontology, name) for name in sorted(terms)},
        "entities": [_entity(shown.nodes[iri], iri, ontology, briefs) for iri in ids],
        "claims": [
            {
                "iri": key,
                "confidence": data["confidence"],
                "qualifiers": _qualifiers(data["qualifiers"]),
                "evidence": [_quote(q, briefs) for q in data["evidence"]],
            }
            for _, _, key, data in sorted(shown.edges(keys=True, data=True), key=lambda e: e[2])
        ],
        "briefs": [_brief(net.graph["briefs"][iri]) for iri in briefs],
    }


def _in_order(ontology: Ontology, names: set[str]) -> list[str]:
    """Classes in the order of the ontology's file, then what it does not know."""
    return [n for n in ontology.classes if n in names] + sorted(names - ontology.classes.keys())


def _term(ontology: Ontology, name: str) -> dict[str, Any]:
    if name not in ontology.relations and name not in ontology.attributes:
        return {"fr": name, "en": name, "kind": "relation"}
    term = ontology.term(name)
    told = {"fr": term.label.fr, "en": term.label.en, "comment": {"fr": term.comment.fr, "en": term.comment.en}, "because": term.because}
    if name in ontology.attributes:
        return told | {"kind": ontology.attributes[name].value}
    return told | {"kind": "relation", "symmetric": ontology.relations[name].symmetric}


def _entity(data: Mapping[str, Any], iri: str, ontology: Ontology, briefs: Mapping[str, int]) -> dict[str, Any]:
    return {
        "iri": iri,
        "aliases": list(data["aliases"]),
        "links": [link for link in data["same_as"] if _is_web(link)],
        "values": [
            {
                "iri": v.claim,
                "attribute": v.attribute,
                "value": v.value,
                "status": str(v.status),
                "confidence": v.confidence,
                "qualifiers": _qualifiers(v.qualifiers),
                "evidence": [_quote(q, briefs) for q in v.evidence],
            }
            for v in data["attributes"]
        ],
    }


def _brief(brief: analyse.Brief) -> dict[str, Any]:
    told = {"key": brief.key, "title": brief.title, "date": brief.date, "source": brief.source}
    return {k: v for k, v in told.items() if v} | ({"link": True} if brief.source and _is_web(brief.source) else {})


def _quote(quote: analyse.Quote, briefs: Mapping[str, int]) -> dict[str, Any]:
    words = {"trigger": quote.trigger, "subject": quote.subject, "object": quote.object}
    return {
        "sentence": quote.sentence,
        "brief": briefs.get(quote.brief),
        "status": str(quote.status),
        "confidence": quote.confidence,
        "rule": quote.rule,
        "qualifiers": _qualifiers(quote.qualifiers),
        "words": {name: utf16(quote.sentence, span) for name, span in words.items() if span is not None},
    }


def _qualifiers(found: Mapping[str, str]) -> dict[str, str]:
    return dict(sorted(found.items()))


def utf16(text: str, span: Span) -> list[int]:
    """A span of code points as UTF-16 units, which is what a browser counts in."""
    start = len(text[: span.start].encode("utf-16-le")) // 2
    return [start, start + len(span.of(text).encode("utf-16-le")) // 2]


def _is_web(iri: str) -> bool:
    return iri.startswith(("http://", "https://"))


# --- files ------------------------------------------------------------------------------------------------------------


def _asset(name: str) -> str:
    """A script or style of ours, with the line ends a browser sees when it checks the hash."""
    return (_ASSETS / name).read_text(encoding="utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _library() -> str:
    """The vis-network that pyvis ships."""
    import pyvis

    folder = Path(pyvis.__file__).resolve().parent / "lib"
    found = sorted(folder.glob("vis-*/vis-network.min.js"))
    if not found:
        raise KgError("pyvis carries no vis-network", where=str(folder), hint="install pyvis 0.3.2")
    return found[-1].read_bytes().decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
