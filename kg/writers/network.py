"""Entities and claims as nodes and edges with plain values, for the formats of network tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Unpack

from kg import analyse
from kg.graph import Store
from kg.model import Status
from kg.ontology import Ontology, load
from kg.writers import Selection

if TYPE_CHECKING:
    import networkx as nx

MANY = " | "
"""What stands between several values in one cell."""


def flat(store: Store, ontology: Ontology | None, **selection: Unpack[Selection]) -> nx.MultiDiGraph[str]:
    """The network of a store with a string, a number or a truth value for every attribute.

    Nodes are entities: ``label``, ``class``, ``aliases``, ``same_as``, and the asserted values of each attribute. Edges are
    claims, keyed by their IRIs: ``label``, ``relation``, ``status``, ``confidence``, ``symmetric``, ``briefs`` (in how many
    it is said), ``date``, ``amount`` with ``currency``, ``share`` (per cent), ``role``, ``bound`` as far as they are said,
    and ``quotation``, the surest sentence that says it (unless ``text`` is ``none``). ``facts_only`` keeps asserted claims; of
    what is inferred there is nothing.
    """
    import networkx as nx

    ontology = ontology or load()
    net = analyse.network(store.graph, ontology)
    result: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for iri, data in net.nodes(data=True):
        result.add_node(
            iri,
            **{"label": data["label"], "class": data["type"], "aliases": MANY.join(data["aliases"]), "same_as": MANY.join(data["same_as"])},
        )
        for name in ontology.attributes:
            if said := sorted({v.value for v in data["attributes"] if v.attribute == name and v.status is Status.ASSERTED}):
                result.nodes[iri][name] = MANY.join(said)
    for subject, object_, iri, data in net.edges(keys=True, data=True):
        if selection.get("facts_only") and data["status"] is not Status.ASSERTED:
            continue
        relation = ontology.relations.get(data["relation"])
        result.add_edge(
            subject,
            object_,
            key=iri,
            label=relation.label.fr if relation else data["relation"],
            relation=data["relation"],
            status=str(data["status"]),
            confidence=data["confidence"],
            symmetric=bool(relation and relation.symmetric),
            briefs=len({q.brief for q in data["evidence"]}),
            **_qualifiers(data["qualifiers"]),
        )
        holding = [q for q in data["evidence"] if q.status is data["status"] and q.sentence]
        if selection.get("text") != "none" and holding:
            result.edges[subject, object_, iri]["quotation"] = max(holding, key=lambda q: q.confidence).sentence
    return result


def _qualifiers(said: Mapping[str, str]) -> dict[str, str | float]:
    """Amount and share as numbers, the currency beside; what is no number is left out, so that a column has one type."""
    found: dict[str, str | float] = {}
    for name, value in sorted(said.items()):
        if name not in ("amount", "share"):
            found[name] = value
            continue
        number, _, currency = value.partition(" ")
        if (figure := _number(number)) is not None:
            found[name] = figure
            if name == "amount" and currency:
                found["currency"] = currency
    return found


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
