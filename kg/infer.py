"""What follows from the graph by its ontology: a layer of its own, which can be taken away again.

Subclasses, subproperties, inverses, symmetric properties: the rules cax-sco, prp-spo1, prp-inv1, prp-inv2 and prp-symp of
OWL 2 RL, read off ``kg.ttl``. What follows stands in the named graph ``<base>graph/inferred``, never in the default graph:
named queries, exports, pages and the check do not see it unless asked. Any change of the graph takes the layer out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import pyoxigraph as ox

from kg import namespaces as ns
from kg import vocabulary
from kg.ontology import Ontology

if TYPE_CHECKING:
    from kg.graph import Store

_Reading = tuple[ox.NamedNode, bool]
_TYPE = ox.NamedNode(ns.RDF + "type")


def infer(store: Store, ontology: Ontology) -> int:
    """Puts all that follows from the store into its inferred layer, in place of what was there; returns how many triples."""
    found = set(entailed(store.triples(), ontology))
    store.infer(found)
    return len(found)


def remove(store: Store) -> int:
    """Takes the inferred layer out; returns how many triples it had."""
    had = sum(1 for _ in store.inferred())
    store.infer(())
    return had


def entailed(triples: Iterable[ox.Triple], ontology: Ontology) -> Iterator[ox.Triple]:
    """What follows from triples and is not among them; some of it may come twice.

    One pass is enough: what can follow from a property (read forwards or backwards) or from a class is closed beforehand.
    """
    known = set(triples)
    classes, properties = _closures(vocabulary.vocabulary(ontology))
    for triple in known:
        if triple.predicate != _TYPE:
            yield from (m for m in _follow(triple, properties.get(triple.predicate, ())) if m not in known)
        elif isinstance(triple.object, ox.NamedNode):
            above = (ox.Triple(triple.subject, _TYPE, c) for c in classes.get(triple.object, ()))
            yield from (m for m in above if m not in known)


def _follow(triple: ox.Triple, readings: Iterable[_Reading]) -> Iterator[ox.Triple]:
    for predicate, backwards in readings:
        if not backwards:
            yield ox.Triple(triple.subject, predicate, triple.object)
        elif isinstance(triple.object, ox.NamedNode):
            yield ox.Triple(triple.object, predicate, triple.subject)


def _closures(turtle: str) -> tuple[Mapping[ox.NamedNode, set[ox.NamedNode]], Mapping[ox.NamedNode, set[_Reading]]]:
    """Class → the classes above it; property → the properties that follow from it, with whether they are read backwards."""
    above: dict[ox.NamedNode, set[ox.NamedNode]] = {}
    readings: dict[ox.NamedNode, set[_Reading]] = {}
    for quad in ox.parse(turtle, format=ox.RdfFormat.TURTLE):
        subject, object_ = quad.subject, quad.object
        if not isinstance(subject, ox.NamedNode) or not isinstance(object_, ox.NamedNode):
            continue
        if quad.predicate.value == ns.RDFS + "subClassOf":
            above.setdefault(subject, set()).add(object_)
        elif quad.predicate.value == ns.RDFS + "subPropertyOf":
            readings.setdefault(subject, set()).add((object_, False))
        elif quad.predicate.value == ns.OWL + "inverseOf":
            readings.setdefault(subject, set()).add((object_, True))
            readings.setdefault(object_, set()).add((subject, True))
        elif quad.predicate == _TYPE and object_.value == ns.OWL + "SymmetricProperty":
            readings.setdefault(subject, set()).add((subject, True))
    classes = {c: {n for n, _ in _reach((c, False), {k: {(v, False) for v in vs} for k, vs in above.items()})} for c in above}
    return classes, {p: _reach((p, False), readings) for p in readings}


def _reach(start: _Reading, steps: Mapping[ox.NamedNode, set[_Reading]]) -> set[_Reading]:
    """All readings that follow from one, but itself."""
    seen, ahead = {start}, [start]
    while ahead:
        at, backwards = ahead.pop()
        for then, turned in steps.get(at, ()):
            reading = (then, backwards != turned)
            if reading not in seen:
                seen.add(reading)
                ahead.append(reading)
    return seen - {start}
