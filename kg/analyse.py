"""The graph as networkx sees it: entities as nodes, claims as edges, and what can be computed from them.

Everything is read from the RDF, so that any store or file of ours can be looked at. Results depend on nothing but the
graph: nodes are numbered in the order of their IRIs before any algorithm that iterates over sets, and random choices
are seeded.
"""

from __future__ import annotations

import itertools
import math
import textwrap
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from kg.model import QUALIFIERS, Span, Status
from kg.namespaces import DCT, KG, OA, OWL, PROV, RDF, RDFS, SCHEMA, SKOS
from kg.ontology import Ontology

if TYPE_CHECKING:
    import networkx as nx
    import rdflib
    from rdflib.term import Node

SEED = 20
EXACT = 500
SAMPLE = 60
BEGINNING = 70


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief as the graph keeps it: what a reader needs to recognise it; how its text ``begins`` if that is in the graph."""

    iri: str
    key: str
    title: str | None = None
    date: str | None = None
    source: str | None = None
    begins: str = ""


def beginning(text: str) -> str:
    """How a text begins, to stand for the title it has not: :data:`BEGINNING` characters."""
    return textwrap.shorten(" ".join(text.split()), BEGINNING, placeholder=" …")


@dataclass(frozen=True, slots=True)
class Quote:
    """One piece of evidence: the sentence that says a claim, and where in it.

    ``trigger``, ``subject`` and ``object`` count code points from the start of ``sentence``; ``start`` is where the
    sentence begins in its brief. ``qualifiers`` holds amount, date, role, share and bound, as far as they are said.
    """

    iri: str
    brief: str
    sentence: str
    start: int
    status: Status
    confidence: float
    rule: str
    trigger: Span | None = None
    subject: Span | None = None
    object: Span | None = None
    qualifiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Value:
    """An attribute of an entity: ``276000000 EUR``, ``500``, an ISO date or a string, and who says so."""

    claim: str
    attribute: str
    value: str
    status: Status
    confidence: float
    qualifiers: Mapping[str, str]
    evidence: tuple[Quote, ...]


def network(graph: rdflib.Graph, ontology: Ontology) -> nx.MultiDiGraph[str]:
    """The knowledge graph as a multigraph: one node an entity, one edge a claim (keyed by the claim's IRI).

    Nodes carry ``label``, ``type``, ``aliases``, ``same_as`` and ``attributes`` (:class:`Value`); edges ``claim``,
    ``relation``, ``status``, ``confidence``, ``qualifiers`` and ``evidence`` (:class:`Quote`). ``graph["briefs"]`` maps
    IRIs to :class:`Brief`. Nodes are in the order of their IRIs, edges in that of theirs.
    """
    import networkx as nx

    view = _View(graph)
    result: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    result.graph["briefs"] = view.briefs()
    types = view.entity_types(ontology)
    claims = view.claims(ontology)
    ends = {iri for c in claims for iri in ((c.subject,) if c.relation in ontology.attributes else (c.subject, c.object))}
    values: dict[str, list[Value]] = defaultdict(list)
    for claim in claims:
        if claim.relation in ontology.attributes:
            values[claim.subject].append(
                Value(claim.iri, claim.relation, claim.object, claim.status, claim.confidence, claim.qualifiers, claim.evidence)
            )
    for iri in sorted(types.keys() | ends):
        result.add_node(
            iri,
            label=view.label(iri),
            type=types.get(iri, ""),
            aliases=tuple(sorted({str(a) for a in view.all(SKOS + "altLabel", iri)} - {view.label(iri)})),
            same_as=tuple(sorted(str(s) for s in view.all(OWL + "sameAs", iri))),
            attributes=tuple(sorted(values.get(iri, ()), key=lambda v: (v.attribute, v.value, v.claim))),
        )
    for claim in claims:
        if claim.relation not in ontology.attributes:
            result.add_edge(
                claim.subject,
                claim.object,
                key=claim.iri,
                claim=claim.iri,
                relation=claim.relation,
                status=claim.status,
                confidence=claim.confidence,
                qualifiers=claim.qualifiers,
                evidence=claim.evidence,
            )
    return result


def period(net: nx.MultiDiGraph[str]) -> tuple[str, str] | None:
    """The first and the last date of the briefs, as written; ``None`` when no brief is dated."""
    dates = sorted(b.date for b in net.graph["briefs"].values() if b.date)
    return (dates[0], dates[-1]) if dates else None


def importance(net: nx.MultiDiGraph[str]) -> dict[str, float]:
    """How central each entity is: the number of its neighbours, pieces of evidence breaking ties (they add less than one)."""
    said: dict[str, int] = defaultdict(int)
    neighbours: dict[str, set[str]] = defaultdict(set)
    for subject, object_, data in net.edges(data=True):
        for here, there in ((subject, object_), (object_, subject)):
            said[here] += max(1, len(data["evidence"]))
            if here != there:
                neighbours[here].add(there)
    return {n: len(neighbours[n]) + said[n] / (said[n] + 10) for n in net}


def ranked(net: nx.MultiDiGraph[str]) -> list[str]:
    """The entities, the most central first; ties in the order of labels, then of IRIs."""
    weight = importance(net)
    return sorted(net, key=lambda n: (-weight[n], net.nodes[n]["label"], n))


def most_central(net: nx.MultiDiGraph[str], size: int) -> nx.MultiDiGraph[str]:
    """The network of the ``size`` most central entities and the claims between them; the whole of it when it is no larger."""
    return net if len(net) <= size else only(net, set(ranked(net)[:size]))


def communities(net: nx.MultiDiGraph[str]) -> dict[str, int]:
    """The community of each entity (Louvain): 0 is the largest; entities without a link have one each."""
    names, links = simple(net)
    return {names[i]: rank for rank, members in enumerate(louvain(links)) for i in members}


def louvain(links: nx.Graph[int]) -> list[list[int]]:
    """The communities of a graph over numbers, the largest first."""
    import networkx as nx

    # A subgraph iterates in the order of a set, which for small integers is always the same.
    found = nx.community.louvain_communities(links, weight="weight", seed=SEED)
    return sorted((sorted(c) for c in found), key=lambda c: (-len(c), c))


@dataclass(frozen=True, slots=True)
class Measures:
    """How an entity stands in the network: how many entities it is linked to, claims it takes part in and pieces of
    evidence say so; the share (0 to 1) of shortest paths that lead through it; its community."""

    neighbours: int
    claims: int
    evidence: int
    betweenness: float
    community: int


def centrality(net: nx.MultiDiGraph[str]) -> dict[str, Measures]:
    """The measures of every entity, the most central first. Betweenness is exact up to :data:`EXACT` entities, and
    estimated from paths out of :data:`SAMPLE` of them in a larger network."""
    import networkx as nx

    names, links = simple(net)
    few = len(names) <= EXACT
    # The sample is drawn from a list in our order, by a seeded generator: the same in every process.
    through = nx.betweenness_centrality(links, k=None if few else SAMPLE, seed=SEED)
    claims: dict[str, int] = defaultdict(int)
    said: dict[str, int] = defaultdict(int)
    for s, o, data in net.edges(data=True):
        for end in {s, o}:
            claims[end] += 1
            said[end] += len(data["evidence"])
    group, number = communities(net), {n: i for i, n in enumerate(names)}
    return {
        n: Measures(
            links.degree(number[n]),
            claims[n] + len(net.nodes[n]["attributes"]),
            said[n] + sum(len(v.evidence) for v in net.nodes[n]["attributes"]),
            round(through[number[n]], 6),
            group[n],
        )
        for n in ranked(net)
    }


@dataclass(frozen=True, slots=True)
class Community:
    """Entities that belong together, the most central first; pairs of them that are linked, and links to others."""

    number: int
    members: tuple[str, ...]
    within: int
    outside: int


def described_communities(net: nx.MultiDiGraph[str]) -> list[Community]:
    """The communities of at least two entities, the largest first."""
    names, links = simple(net)
    group = communities(net)
    members: dict[int, list[str]] = defaultdict(list)
    for n in ranked(net):
        members[group[n]].append(n)
    within: dict[int, int] = defaultdict(int)
    outside: dict[int, int] = defaultdict(int)
    for a, b in links.edges():
        one, other = group[names[a]], group[names[b]]
        if one == other:
            within[one] += 1
        else:
            outside[one] += 1
            outside[other] += 1
    return [Community(c, tuple(m), within[c], outside[c]) for c, m in sorted(members.items()) if len(m) > 1]


@dataclass(frozen=True, slots=True)
class Bridge:
    """A link that alone holds two parts of the network together; ``apart`` is the number of entities of the smaller one."""

    one: str
    other: str
    apart: int


def bridges(net: nx.MultiDiGraph[str]) -> list[Bridge]:
    """The links whose loss would part the network, those that part most of it first."""
    import networkx as nx

    names, links = simple(net)
    alone = {(min(a, b), max(a, b)) for a, b in nx.bridges(links)}
    found = []
    for part in sorted((sorted(c) for c in nx.connected_components(links)), key=lambda c: c[0]):
        # A bridge is an edge of every spanning tree: what hangs below it is what it holds.
        below = dict.fromkeys(part, 1)
        for above, node in reversed(list(nx.dfs_edges(links, part[0]))):
            below[above] += below[node]
            pair = min(above, node), max(above, node)
            if pair in alone:
                found.append(Bridge(names[pair[0]], names[pair[1]], min(below[node], len(part) - below[node])))
    return sorted(found, key=lambda b: (-b.apart, net.nodes[b.one]["label"], net.nodes[b.other]["label"], b.one, b.other))


def shared(net: nx.MultiDiGraph[str], relation: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Pairs of entities that have the same objects by a relation, asserted (co-investors: those of ``investsIn``), and
    which; the pairs that share most first."""
    by_object: dict[str, set[str]] = defaultdict(set)
    for s, o, data in net.edges(data=True):
        if data["relation"] == relation and data["status"] is Status.ASSERTED:
            by_object[o].add(s)
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    for object_, subjects in sorted(by_object.items()):
        for one, other in itertools.combinations(sorted(subjects), 2):
            pairs[one, other].append(object_)

    def label(n: str) -> str:
        return str(net.nodes[n]["label"])

    return sorted(
        ((one, other, tuple(sorted(what, key=lambda n: (label(n), n)))) for (one, other), what in pairs.items()),
        key=lambda row: (-len(row[2]), label(row[0]), label(row[1]), row[0], row[1]),
    )


def path(net: nx.MultiDiGraph[str], start: str, end: str) -> list[str] | None:
    """A shortest path from one entity to another, whichever way its links point; ``None`` when there is none. Among paths
    of one length the one through the entities with the fewest links: a common country tells less than a common cause."""
    import networkx as nx

    names, links = simple(net)
    number = {n: i for i, n in enumerate(names)}
    if start not in number or end not in number:
        return None
    from_end = nx.single_source_shortest_path_length(links, number[end])
    here = number[start]
    if here not in from_end:
        return None
    steps = [here]
    while here != number[end]:
        here = min((n for n in links[here] if from_end.get(n, math.inf) == from_end[here] - 1), key=lambda n: (links.degree(n), n))
        steps.append(here)
    return [names[i] for i in steps]


def between(net: nx.MultiDiGraph[str], one: str, other: str) -> list[tuple[str, str, str, Mapping[str, Any]]]:
    """The claims between two entities, either way: subject, object, claim and its data, the surest first."""
    ends = {(one, other), (other, one)}
    found = [(s, o, k, net.edges[s, o, k]) for s, o in sorted(ends) if net.has_edge(s, o) for k in net[s][o]]
    return sorted(found, key=lambda e: (-e[3]["confidence"], e[2]))


@dataclass(frozen=True, slots=True)
class Month:
    """What the briefs of a month brought: how many there are, entities and claims (values too) nobody had told before, and
    all that was known by then. ``month`` is ``2024-05``, or empty for what no dated brief tells."""

    month: str
    briefs: int
    entities: int
    claims: int
    all_entities: int
    all_claims: int


def growth(net: nx.MultiDiGraph[str]) -> list[Month]:
    """The growth of the network, month by month of the briefs' dates; undated ones come last."""
    told = net.graph["briefs"]
    never = "9999-99"

    def month(evidence: Iterable[Quote]) -> str:
        return min((told[q.brief].date[:7] for q in evidence if q.brief in told and told[q.brief].date), default=never)

    first: dict[str, str] = dict.fromkeys(net, never)
    claims: dict[str, int] = defaultdict(int)
    for s, o, data in net.edges(data=True):
        when = month(data["evidence"])
        claims[when] += 1
        for end in (s, o):
            first[end] = min(first[end], when)
    for n, data in net.nodes(data=True):
        for value in data["attributes"]:
            when = month(value.evidence)
            claims[when] += 1
            first[n] = min(first[n], when)
    entities: dict[str, int] = defaultdict(int)
    for when in first.values():
        entities[when] += 1
    briefs: dict[str, int] = defaultdict(int)
    for brief in told.values():
        briefs[brief.date[:7] if brief.date else never] += 1
    result, n, c = [], 0, 0
    for when in sorted(briefs.keys() | entities.keys() | claims.keys()):
        n, c = n + entities[when], c + claims[when]
        result.append(Month("" if when == never else when, briefs[when], entities[when], claims[when], n, c))
    return result


COLUMNS = (
    "subject",
    "relation",
    "object",
    "status",
    "confidence",
    "amount",
    "date",
    "role",
    "share",
    "evidence",
    "sentence",
    "brief",
    "claim",
)
"""What a row of :func:`rows` holds."""


def rows(net: nx.MultiDiGraph[str]) -> list[tuple[str | float | None, ...]]:
    """The claims, values included, as a table: labels, status, confidence, qualifiers, how many pieces of evidence there are
    and the first one's sentence and brief; in the order of the claims' IRIs."""
    found: list[tuple[str | float | None, ...]] = []
    briefs = net.graph["briefs"]

    def row(subject: str, relation: str, object_: str, claim: str, data: Any) -> tuple[str | float | None, ...]:
        said = data["evidence"]
        first = said[0] if said else None
        brief = briefs.get(first.brief) if first else None
        qualifiers = (data["qualifiers"].get(name) for name in QUALIFIERS)
        told = (len(said), first.sentence if first else None, brief.key if brief else None)
        return (net.nodes[subject]["label"], relation, object_, str(data["status"]), data["confidence"], *qualifiers, *told, claim)

    for s, o, key, data in net.edges(keys=True, data=True):
        found.append(row(s, data["relation"], net.nodes[o]["label"], key, data))
    for n, values in net.nodes(data="attributes"):
        for v in values:
            data = {"status": v.status, "confidence": v.confidence, "qualifiers": v.qualifiers, "evidence": v.evidence}
            found.append(row(n, v.attribute, v.value, v.claim, data))
    return sorted(found, key=lambda r: str(r[-1]))


def around(net: nx.MultiDiGraph[str], centres: Iterable[str], hops: int) -> nx.MultiDiGraph[str]:
    """The network of the entities at most ``hops`` links away from ``centres``, whichever way the links point."""
    names, links = simple(net)
    number = {n: i for i, n in enumerate(names)}
    seen = {number[c] for c in centres if c in number}
    edge = set(seen)
    for _ in range(hops):
        edge = {n for i in edge for n in links[i]} - seen
        seen |= edge
    return only(net, {names[i] for i in seen})


def only(net: nx.MultiDiGraph[str], kept: Collection[str]) -> nx.MultiDiGraph[str]:
    """The network of some entities and the claims between them, with the briefs that tell of them."""
    import networkx as nx

    result: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    result.add_nodes_from((n, d) for n, d in net.nodes(data=True) if n in kept)
    result.add_edges_from((s, o, k, d) for s, o, k, d in net.edges(keys=True, data=True) if s in kept and o in kept)
    evidence = [q for *_, d in result.edges(data=True) for q in d["evidence"]]
    evidence += [q for _, d in result.nodes(data=True) for v in d["attributes"] for q in v.evidence]
    told = {q.brief for q in evidence}
    result.graph["briefs"] = {iri: brief for iri, brief in net.graph["briefs"].items() if iri in told}
    return result


def simple(net: nx.MultiDiGraph[str]) -> tuple[list[str], nx.Graph[int]]:
    """The undirected simple graph over numbers: sets of small integers iterate alike everywhere, sets of strings do not."""
    import networkx as nx

    names = sorted(net)
    number = {n: i for i, n in enumerate(names)}
    weight: dict[tuple[int, int], int] = defaultdict(int)
    for s, o in net.edges():
        if s != o:
            weight[min(number[s], number[o]), max(number[s], number[o])] += 1
    links: nx.Graph[int] = nx.Graph()
    links.add_nodes_from(range(len(names)))
    links.add_weighted_edges_from((a, b, w) for (a, b), w in sorted(weight.items()))
    return names, links


# --- reading the RDF --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Claim:
    iri: str
    subject: str
    relation: str
    object: str
    status: Status
    confidence: float
    qualifiers: Mapping[str, str]
    evidence: tuple[Quote, ...]


_SPANS = {"trigger": KG + "trigger", "subject": KG + "subject", "object": KG + "object"}


class _View:
    """The triples by predicate and subject, each predicate read once in one go: stores scan faster than they look up."""

    def __init__(self, graph: rdflib.Graph) -> None:
        self._graph = graph
        self._read: dict[str, dict[str, list[Node]]] = {}

    def _predicate(self, predicate: str) -> dict[str, list[Node]]:
        if predicate not in self._read:
            from rdflib import URIRef

            table: dict[str, list[Node]] = defaultdict(list)
            for s, _, o in self._graph.triples((None, URIRef(predicate), None)):
                table[str(s)].append(o)
            self._read[predicate] = table
        return self._read[predicate]

    def all(self, predicate: str, subject: str) -> list[Node]:
        """Every object, sorted."""
        return sorted(self._predicate(predicate).get(subject, ()), key=lambda n: (str(n), n.n3()))

    def one(self, predicate: str, subject: str) -> str | None:
        """The first object as a string, if there is one."""
        found = self.all(predicate, subject)
        return str(found[0]) if found else None

    def typed(self, class_iri: str) -> list[str]:
        """The IRIs of a class."""
        return sorted(s for s, classes in self._predicate(RDF + "type").items() if any(str(c) == class_iri for c in classes))

    def label(self, iri: str) -> str:
        """The label, in French when there are several; the end of the IRI when there is none."""
        found = self.all(RDFS + "label", iri)
        french = [n for n in found if getattr(n, "language", None) == "fr"]
        return str((french or found)[0]) if found else iri.rstrip("/#").rsplit("/", 1)[-1].rsplit("#", 1)[-1]

    def entity_types(self, ontology: Ontology) -> dict[str, str]:
        """The most specific class of every entity."""
        known = {KG + name: name for name in ontology.entity_classes}
        result = {}
        for iri, classes in self._predicate(RDF + "type").items():
            if names := {known[str(c)] for c in classes if str(c) in known}:
                result[iri] = min(names, key=lambda n: (-len(ontology.ancestors(n)), n))
        return result

    def briefs(self) -> dict[str, Brief]:
        """The briefs by IRI."""
        return {
            iri: Brief(
                iri,
                self.one(KG + "key", iri) or iri.rsplit("/", 1)[-1],
                self.one(DCT + "title", iri),
                self.one(DCT + "date", iri),
                self.one(DCT + "source", iri),
                beginning(self.one(SCHEMA + "text", iri) or ""),
            )
            for kind in ("Brief", "Decision")
            for iri in self.typed(KG + kind)
        }

    def claims(self, ontology: Ontology) -> list[_Claim]:
        """The claims, in the order of their IRIs; one whose object is a value and whose term is unknown counts as no link."""
        result = []
        for iri in self.typed(KG + "Claim"):
            subject, predicate = self.one(RDF + "subject", iri), self.one(RDF + "predicate", iri)
            objects = self.all(RDF + "object", iri)
            if not subject or not predicate or not objects:
                continue
            relation = predicate.removeprefix(KG)
            if relation not in ontology.attributes and self._is_value(objects[0]):
                continue
            result.append(
                _Claim(
                    iri,
                    subject,
                    relation,
                    self._value(objects[0]),
                    self._status(iri),
                    self._confidence(iri),
                    self._qualifiers(iri),
                    tuple(sorted((self._quote(str(e)) for e in self.all(PROV + "wasDerivedFrom", iri)), key=lambda q: self._order(q))),
                )
            )
        return result

    def _order(self, quote: Quote) -> tuple[str, str, int, str]:
        return (self.one(DCT + "date", quote.brief) or "", quote.brief, quote.start, quote.iri)

    def _quote(self, iri: str) -> Quote:
        selector = self.one(OA + "hasSelector", iri) or ""
        start = int(self.one(OA + "start", selector) or 0)
        sentence = self.one(OA + "exact", selector)
        brief = self.one(OA + "hasSource", iri) or ""
        if sentence is None:  # exported without quotes but with the briefs' texts
            text = self.one(SCHEMA + "text", brief) or ""
            sentence = text[start : int(self.one(OA + "end", selector) or start)]
        spans = {role: self._span(iri, predicate, start, len(sentence)) for role, predicate in _SPANS.items()}
        return Quote(
            iri,
            brief,
            sentence,
            start,
            self._status(iri),
            self._confidence(iri),
            self.one(KG + "rule", iri) or "",
            spans["trigger"],
            spans["subject"],
            spans["object"],
            self._qualifiers(iri),
        )

    def _span(self, evidence: str, predicate: str, origin: int, length: int) -> Span | None:
        """The words of a role, counted from the start of the sentence; ``None`` when they are not in it."""
        selector = self.one(predicate, evidence)
        if selector is None:
            return None
        start, end = self.one(OA + "start", selector), self.one(OA + "end", selector)
        if start is None or end is None:
            return None
        span = Span(int(start) - origin, int(end) - origin)
        return span if 0 <= span.start < span.end <= length else None

    def _qualifiers(self, iri: str) -> dict[str, str]:
        found = {}
        for name in (*QUALIFIERS, "bound"):
            if values := self.all(KG + name, iri):
                found[name] = self._value(values[0]).removeprefix(KG)
        return found

    def _status(self, iri: str) -> Status:
        return Status((self.one(KG + "status", iri) or KG + "asserted").removeprefix(KG))

    def _confidence(self, iri: str) -> float:
        return float(self.one(KG + "confidence", iri) or 0.0)

    def _is_value(self, node: Node) -> bool:
        from rdflib import Literal

        return isinstance(node, Literal) or bool(self.all(SCHEMA + "value", str(node)))

    def _value(self, node: Node) -> str:
        """An IRI, a literal's lexical form, or money as ``276000000 EUR``."""
        amount, currency = self.one(SCHEMA + "value", str(node)), self.one(SCHEMA + "currency", str(node))
        return f"{amount} {currency}" if amount and currency else str(node)


def summary(net: nx.MultiDiGraph[str]) -> dict[str, Any]:
    """Counts for headers and reports: briefs, entities, claims (values included), entities by class, claims by status."""
    by_class: dict[str, int] = defaultdict(int)
    by_status: dict[str, int] = defaultdict(int)
    values = 0
    for _, data in net.nodes(data=True):
        by_class[data["type"]] += 1
        for value in data["attributes"]:
            by_status[value.status] += 1
            values += 1
    for _, _, data in net.edges(data=True):
        by_status[data["status"]] += 1
    return {
        "briefs": len(net.graph["briefs"]),
        "entities": len(net),
        "claims": net.number_of_edges() + values,
        "by_class": dict(sorted(by_class.items())),
        "by_status": {str(s): by_status[s] for s in Status if by_status[s]},
    }
