"""Reading what stands around one IRI: look-ups by pattern, never a scan."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from functools import cached_property

import pyoxigraph as ox

from kg import namespaces as ns

RDF_SUBJECT, RDF_PREDICATE, RDF_OBJECT, RDF_TYPE = (ns.RDF + n for n in ("subject", "predicate", "object", "type"))
DERIVED = ns.PROV + "wasDerivedFrom"
SOURCE, SELECTOR = ns.OA + "hasSource", ns.OA + "hasSelector"
LABEL = ns.RDFS + "label"


class Node:
    """An IRI of the store and what is said of it; « node[predicate] » is a list of terms in a steady order."""

    def __init__(self, store: ox.Store, iri: str) -> None:
        self.store, self.iri = store, iri

    @cached_property
    def _said(self) -> dict[str, list[ox.NamedNode | ox.Literal]]:
        said: dict[str, list[ox.NamedNode | ox.Literal]] = {}
        for quad in sorted(self.store.quads_for_pattern(ox.NamedNode(self.iri), None, None, ox.DefaultGraph()), key=str):
            if isinstance(quad.object, ox.NamedNode | ox.Literal):
                said.setdefault(quad.predicate.value, []).append(quad.object)
        return said

    def __bool__(self) -> bool:
        return bool(self._said)

    def __getitem__(self, predicate: str) -> list[ox.NamedNode | ox.Literal]:
        return self._said.get(predicate, [])

    def text(self, predicate: str) -> str:
        """The first value as plain text; empty if there is none."""
        return next((t.value for t in self[predicate]), "")

    def local(self, predicate: str) -> str:
        """The first value without its namespace."""
        return self.text(predicate).rpartition("#")[2]

    def follow(self, predicate: str) -> list[Node]:
        """The nodes a predicate leads to."""
        return [Node(self.store, t.value) for t in self[predicate] if isinstance(t, ox.NamedNode)]

    def one(self, predicate: str) -> Node | None:
        """The first node a predicate leads to."""
        return next(iter(self.follow(predicate)), None)

    def pointing(self, predicate: str, most: int | None = None) -> list[Node]:
        """The nodes that point here, at most so many."""
        quads = self.store.quads_for_pattern(None, ox.NamedNode(predicate), ox.NamedNode(self.iri), ox.DefaultGraph())
        found = {q.subject.value for q in itertools.islice(quads, most) if isinstance(q.subject, ox.NamedNode)}
        return [Node(self.store, iri) for iri in sorted(found)]

    def is_a(self, kind: str) -> bool:
        """Whether it is of a class of ours."""
        return any(t.value == ns.KG + kind for t in self[RDF_TYPE])

    def triples(self) -> Iterator[ox.Triple]:
        """All that is said of it."""
        return (q.triple for q in self.store.quads_for_pattern(ox.NamedNode(self.iri), None, None, ox.DefaultGraph()))


def description(node: Node) -> Iterator[ox.Triple]:
    """What RDF says of an IRI: its own triples; for an entity the claims about it, for a brief what it says, each with its
    evidence and sentences; of everything else that is named, type and label."""
    yield from node.triples()
    claims = [*node.pointing(RDF_SUBJECT), *node.pointing(RDF_OBJECT)]
    evidence = [e for c in claims for e in c.follow(DERIVED)]
    if node.is_a("Brief"):
        of_brief = node.pointing(SOURCE)
        evidence = [e for e in of_brief if e.is_a("Evidence")]
        claims = [c for e in evidence for c in e.pointing(DERIVED)]
        evidence += [m for m in of_brief if m.is_a("Mention")]
    yield from itertools.chain.from_iterable(n.triples() for n in (*claims, *evidence))
    yield from itertools.chain.from_iterable(s.triples() for e in evidence for s in e.follow(SELECTOR))
    others = {n.iri: n for n in _neighbours([node, *claims])}  # a hub stands in each of its claims
    yield from itertools.chain.from_iterable(_named(n) for n in others.values())


def _neighbours(nodes: Iterable[Node]) -> Iterator[Node]:
    for node in nodes:
        for triple in node.triples():
            if isinstance(triple.object, ox.NamedNode) and not triple.object.value.startswith((ns.KG, ns.PROV)):
                yield Node(node.store, triple.object.value)


def _named(node: Node) -> Iterator[ox.Triple]:
    if node[LABEL]:
        return (t for t in node.triples() if t.predicate.value in (RDF_TYPE, LABEL))
    return node.triples() if node[ns.SCHEMA + "currency"] else iter(())
