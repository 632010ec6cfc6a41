"""Writing the graph to files: which triples, in which order, and so that a file is whole or not there.

Each format has a function in this package (:data:`FORMATS`), all called alike (:class:`Writer`), that writes the same bytes
for the same graph.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Final, Literal, Protocol, TypedDict, Unpack, cast

from kg import namespaces as ns
from kg.errors import UsageError

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kg.graph import Store
    from kg.ontology import Ontology

TextKept = Literal["quotes", "full", "none"]
"""How much of the briefs' words goes into a file: only what evidence and mentions quote, all, or nothing. Quotes unless
one asks, so that nobody republishes whole articles unknowingly."""

Inferred = Literal["no", "too", "only"]
"""Whether the layer of :mod:`kg.infer` is left out, stands beside the rest in a named graph of its own, or is all."""

FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "turtle": "rdf:turtle",
        "ntriples": "rdf:ntriples",
        "trig": "rdf:trig",
        "nquads": "rdf:nquads",
        "rdfxml": "rdf:rdfxml",
        "jsonld": "jsonld:write",
        "graphml": "graphml:write",
        "gexf": "gexf:write",
        "csv": "tables:write",
    }
)
"""The name of a format → the module here and its function that writes it."""

NETWORKS: Final = ("graphml", "gexf", "csv")
"""The formats that hold entities and claims as nodes and edges instead of triples."""

_WITH_GRAPHS: Final = ("trig", "nquads", "jsonld")


class Selection(TypedDict, total=False):
    """What of the graph goes into a file; all of it may be left unsaid."""

    facts_only: bool
    """Only entities (classes, labels, identifiers, plain triples) and the amounts they point at; of networks, asserted claims."""
    text: TextKept
    inferred: Inferred


class Writer(Protocol):
    """What writes one format into a file, or into an open stream; returns how many triples, or nodes and edges, it wrote."""

    def __call__(self, store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int: ...


def writer(format: str, inferred: Inferred = "no") -> Writer:
    """The writer of a format; :class:`~kg.errors.UsageError` if that format cannot say what is asked."""
    if inferred != "no" and format in NETWORKS:
        raise UsageError(f"{format} holds what was read, not what follows from it", hint="use --inferred with an RDF format")
    if inferred == "too" and format not in _WITH_GRAPHS:
        raise UsageError(
            f"{format} cannot tell what was read from what follows from it",
            hint=f"use --format {', '.join(_WITH_GRAPHS)}, or --inferred only for a file of its own",
        )
    module, function = FORMATS[format].split(":")
    return cast(Writer, getattr(importlib.import_module(f"kg.writers.{module}"), function))


_ORDER = {"money": 1, "claim": 2, "evidence": 3, "mention": 4, "span": 5, "brief": 6, "decision": 6, "run": 7, "candidate": 8}
_FIRST = {ns.RDF + "type": "0", ns.RDFS + "label": "1", ns.RDF + "subject": "2", ns.RDF + "predicate": "3", ns.RDF + "object": "4"}


_WORDS: Final[Mapping[TextKept, frozenset[tuple[str, str]]]] = MappingProxyType(
    {
        "full": frozenset(),
        "quotes": frozenset({("brief", ns.SCHEMA + "text")}),
        "none": frozenset({("brief", ns.SCHEMA + "text"), ("span", ns.OA + "exact")}),
    }
)
"""What of the briefs' words is left out: of which kind of node, which property."""


def chosen(store: Store, **selection: Unpack[Selection]) -> list[ox.Triple]:
    """The triples of a file in the order of the file: entities, amounts, claims, evidence, mentions, spans, briefs and
    decisions, runs, candidates. Of the inferred layer there is nothing here, unless it is all that is wanted (``only``)."""
    base, words = store.ids.base, _WORDS[selection.get("text", "quotes")]
    found = store.inferred() if selection.get("inferred") == "only" else store.triples()
    triples = [t for t in found if (_kind(t, base), t.predicate.value) not in words]
    if selection.get("facts_only"):
        ranks = {t: _rank(t, base) for t in triples}
        facts = [t for t in triples if ranks[t] == 0]
        amounts = {t.object for t in facts}
        triples = facts + [t for t in triples if ranks[t] == 1 and t.subject in amounts]
    return sorted(triples, key=lambda t: (_rank(t, base), str(t.subject), _FIRST.get(t.predicate.value, "5"), str(t)))


def chosen_quads(store: Store, **selection: Unpack[Selection]) -> list[ox.Quad]:
    """Like :func:`chosen`, for the formats with named graphs: the inferred layer stands in its own, what was read in none."""
    import pyoxigraph as ox

    layer = ox.NamedNode(store.ids.inferred())
    own = layer if selection.get("inferred") == "only" else ox.DefaultGraph()
    quads = [ox.Quad(t.subject, t.predicate, t.object, own) for t in chosen(store, **selection)]
    if selection.get("inferred") == "too":
        only: Selection = {**selection, "inferred": "only"}
        quads += [ox.Quad(t.subject, t.predicate, t.object, layer) for t in chosen(store, **only)]
    return quads


def _kind(triple: ox.Triple, base: str) -> str:
    """What its subject is, by its address; entities have many."""
    return str(triple.subject)[1:-1].removeprefix(base).partition("/")[0]


def _rank(triple: ox.Triple, base: str) -> int:
    if triple.predicate.value == ns.KG + "maybeSameAs":
        return _ORDER["candidate"]  # no fact
    return _ORDER.get(_kind(triple, base), 0)


_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """``text`` with the control characters that no XML can hold replaced by U+FFFD."""
    return _NOT_IN_XML.sub("\ufffd", text)
