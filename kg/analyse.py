"""The graph as networkx sees it: entities as nodes, claims as edges, and what can be computed from them.

Everything is read from the RDF, so that any store or file of ours can be looked at. Results depend on nothing but the
graph: nodes are numbered in the order of their IRIs before any algorithm that iterates over sets, and random choices
are seeded.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
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


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief as the graph keeps it: what a reader needs to recognise it."""

    iri: str
    key: str
    title: str | None = None
    date: str | None = None
    source: str | None = None


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
    if len(net) <= size:
        return net
    import networkx as nx

    kept = set(ranked(net)[:size])
    result: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    result.graph.update(net.graph)
    result.add_nodes_from((n, d) for n, d in net.nodes(data=True) if n in kept)
    result.add_edges_from((s, o, k, d) for s, o, k, d in net.edges(keys=True, data=True) if s in kept and o in kept)
    return result


def communities(net: nx.MultiDiGraph[str]) -> dict[str, int]:
    """The community of each entity (Louvain): 0 is the largest; entities without a link have one each."""
    import networkx as nx

    names, simple = _simple(net)
    found = nx.community.louvain_communities(simple, weight="weight", seed=SEED)
    ordered = sorted((sorted(c) for c in found), key=lambda c: (-len(c), c))
    return {names[i]: rank for rank, members in enumerate(ordered) for i in members}


# --- positions --------------------------------------------------------------------------------------------------------

EDGE = 165.0
"""The length a link should have: room for an arrow and a relation's label."""


CROWD = 130
"""A connected part with more entities than this is drawn community by community: as a whole it would be a ball of wool."""


def layout(net: nx.MultiDiGraph[str], *, aspect: float = 1.15) -> dict[str, tuple[int, int]]:
    """A position for every entity: whole numbers, y downwards, always the same for the same network.

    Each connected part is laid out by Kamada-Kawai with longer links between communities than within, a large one
    community by community; labels are given room; parts are packed around the largest one; entities without a link
    stand in rows underneath. ``aspect`` is the width of the whole divided by its height.
    """
    import networkx as nx

    names, simple = _simple(net)
    group = communities(net)
    boxes = [_box(net.nodes[n]["label"]) for n in names]
    parts = sorted((sorted(c) for c in nx.connected_components(simple)), key=lambda c: (-len(c), c))
    linked = [p for p in parts if len(p) > 1]
    placed: dict[int, tuple[float, float]] = {}
    field_ = _Field(aspect)
    for part in linked:
        room = [boxes[i] for i in part]
        if len(part) > CROWD:
            at = _islands(simple, part, [group[names[i]] for i in part], room, aspect)
        else:
            at = _part(simple, part, [group[names[i]] for i in part])
            at = _spread(_turn(at, aspect) if part is linked[0] else at, room)
        number = {node: k for k, node in enumerate(part)}
        edges = [(number[a], number[b]) for a, b in simple.edges(part)]
        dx, dy = field_.place(at, [boxes[i] for i in part], edges)
        placed.update({i: (x + dx, y + dy) for i, (x, y) in zip(part, at, strict=True)})
    lone = sorted((p[0] for p in parts if len(p) == 1), key=lambda i: (net.nodes[names[i]]["type"], names[i]))
    placed.update(_rows(lone, boxes, placed, aspect))
    return {names[i]: (round(x), round(y)) for i, (x, y) in sorted(placed.items())}


def _simple(net: nx.MultiDiGraph[str]) -> tuple[list[str], nx.Graph[int]]:
    """The undirected simple graph over numbers: sets of small integers iterate alike everywhere, sets of strings do not."""
    import networkx as nx

    names = sorted(net)
    number = {n: i for i, n in enumerate(names)}
    weight: dict[tuple[int, int], int] = defaultdict(int)
    for s, o in net.edges():
        if s != o:
            weight[min(number[s], number[o]), max(number[s], number[o])] += 1
    simple: nx.Graph[int] = nx.Graph()
    simple.add_nodes_from(range(len(names)))
    simple.add_weighted_edges_from((a, b, w) for (a, b), w in sorted(weight.items()))
    return names, simple


def _box(label: str) -> tuple[float, float]:
    """Half the width and half the height of a node with its label underneath, wrapped as the page wraps it."""
    letters = len(label) if len(label) <= 16 else max(16, math.ceil(min(len(label), 40) / 2))
    return 14 + 3.7 * letters, 27.0 if len(label) <= 16 else 34.0


def _part(simple: nx.Graph[int], part: Sequence[int], group: Sequence[int]) -> list[tuple[float, float]]:
    """One connected part around the origin, links about :data:`EDGE` long."""
    if len(part) == 2:
        return [(-EDGE / 2, 0.0), (EDGE / 2, 0.0)]
    number = {node: k for k, node in enumerate(part)}
    edges = sorted((number[a], number[b]) for a, b in simple.edges(part))
    crowd = math.sqrt(max(simple.degree(i) for i in part))
    lengths = [1.0 if group[a] == group[b] else 1.0 + min(1.0, crowd / 6) for a, b in edges]
    at = _stress(len(part), edges, lengths)
    mean = sum(math.dist(at[a], at[b]) / w for (a, b), w in zip(edges, lengths, strict=True)) / len(edges)
    cx, cy = sum(x for x, _ in at) / len(at), sum(y for _, y in at) / len(at)
    scale = EDGE / mean if mean > 0 else EDGE
    return [((x - cx) * scale, (y - cy) * scale) for x, y in at]


def _stress(n: int, edges: Sequence[tuple[int, int]], lengths: Sequence[float]) -> list[tuple[float, float]]:
    """Positions whose distances are as near as can be to the shortest paths of a connected graph (stress majorisation:
    Gansner, Koren and North, « Graph Drawing by Stress Majorization », 2004), from classical scaling as a start.

    ``networkx``'s Kamada-Kawai minimises the same energy in seconds where this takes milliseconds; ``igraph``'s is under
    the GPL.
    """
    import networkx as nx
    import numpy as np

    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    graph.add_weighted_edges_from((a, b, length) for (a, b), length in zip(edges, lengths, strict=True))
    wide = 2 * sum(lengths) / max(1, len(edges)) + max(lengths, default=1.0)
    far = np.full((n, n), wide)
    for a, row in nx.all_pairs_dijkstra_path_length(graph):
        far[a, list(row)] = list(row.values())
    np.fill_diagonal(far, 1.0)
    weight = far**-2
    np.fill_diagonal(weight, 0.0)
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.pinv(laplacian)
    np.fill_diagonal(far, 0.0)
    centring = np.eye(n) - 1 / n
    values, vectors = np.linalg.eigh(-0.5 * centring @ far**2 @ centring)
    at = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 1e-9))
    # Nodes that scaling puts on one spot would never part; the sign of an eigenvector is anybody's guess.
    at = at * np.where(at[np.abs(at).argmax(axis=0), [0, 1]] < 0, -1.0, 1.0)
    turn = np.arange(n) * 2.399963
    at = at + 1e-3 * far.mean() * np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(200):
        apart = np.sqrt(((at[:, None] - at[None]) ** 2).sum(axis=-1))
        ratio = np.divide(weight * far, apart, out=np.zeros((n, n)), where=apart > 1e-9)
        moved = inverse @ ((ratio.sum(axis=1)[:, None] * at) - ratio @ at)
        still = np.abs(moved - at).max() < 1e-4 * max(1.0, np.abs(at).max())
        at = moved
        if still:
            break
    return [(float(x), float(y)) for x, y in at]


def _islands(
    simple: nx.Graph[int], part: Sequence[int], group: Sequence[int], boxes: Sequence[tuple[float, float]], aspect: float
) -> list[tuple[float, float]]:
    """A large part: each community on its own round island, islands with many links between them close to each other."""
    import networkx as nx

    number = {node: k for k, node in enumerate(part)}
    members: dict[int, list[int]] = defaultdict(list)
    for node, community in zip(part, group, strict=True):
        members[community].append(node)
    islands = [sorted(c) for _, m in sorted(members.items()) for c in sorted(nx.connected_components(simple.subgraph(m)), key=min)]
    island_of = {node: k for k, nodes in enumerate(islands) for node in nodes}
    inner: list[list[tuple[float, float]]] = []
    for nodes in islands:
        room = [boxes[number[n]] for n in nodes]
        own = simple.subgraph(nodes)
        inner.append(_centred(_spread(_part(own, nodes, [0] * len(nodes)), room)) if len(nodes) > 1 else [(0.0, 0.0)])
    radius = [max(math.hypot(x, y) for x, y in at) + 62 for at in inner]
    links: dict[tuple[int, int], int] = defaultdict(int)
    outer = [(a, b) for a, b in sorted(simple.edges(part)) if island_of[a] != island_of[b]]
    for a, b in outer:
        i, j = sorted((island_of[a], island_of[b]))
        links[i, j] += 1
    pairs = sorted(links)
    far = [(radius[i] + radius[j]) / (1 + 0.25 * math.log(links[i, j])) for i, j in pairs]
    centres = _apart(_turn(_stress(len(islands), pairs, far), aspect), radius, aspect)
    at = [(0.0, 0.0)] * len(part)
    for k, nodes in enumerate(islands):
        turned = inner[k]
        pulls = [(number[here], island_of[there]) for a, b in outer for here, there in ((a, b), (b, a)) if island_of[here] == k]
        local = {number[n]: m for m, n in enumerate(nodes)}
        best: float | None = None
        for step in range(24 if len(nodes) > 1 else 1):
            cos, sin = math.cos(step * math.pi / 12), math.sin(step * math.pi / 12)
            tried = [(x * cos - y * sin, x * sin + y * cos) for x, y in inner[k]]
            cx, cy = centres[k]
            cost = sum(math.dist((cx + tried[local[n]][0], cy + tried[local[n]][1]), centres[to]) for n, to in pulls)
            if best is None or cost < best - 1e-6:
                best, turned = cost, tried
        for n, (x, y) in zip(nodes, _spread(turned, [boxes[number[n]] for n in nodes]), strict=True):
            at[number[n]] = (centres[k][0] + x, centres[k][1] + y)
    return _spread(at, boxes)


def _centred(at: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    cx, cy = (min(v) / 2 + max(v) / 2 for v in zip(*at, strict=True))
    return [(x - cx, y - cy) for x, y in at]


def _apart(centres: Sequence[tuple[float, float]], radius: Sequence[float], aspect: float) -> list[tuple[float, float]]:
    """Circles drawn together towards the middle and pushed off one another until none overlaps."""
    points = [list(p) for p in _centred(centres)]
    for turn in range(400):
        pull = 0.03 * max(0.0, 1 - turn / 300)
        for p in points:
            p[0] -= p[0] * pull / aspect
            p[1] -= p[1] * pull
        for i in range(len(points)):
            for j in range(i + 1, len(points)):
                dx, dy = points[j][0] - points[i][0], points[j][1] - points[i][1]
                distance = math.hypot(dx, dy) or 1e-3
                over = radius[i] + radius[j] - distance
                if over > 0:
                    share = radius[j] / (radius[i] + radius[j])  # the smaller one gives way
                    ux, uy = (dx / distance, dy / distance) if distance > 1e-2 else (1.0, 0.0)
                    points[i][0] -= ux * over * share
                    points[i][1] -= uy * over * share
                    points[j][0] += ux * over * (1 - share)
                    points[j][1] += uy * over * (1 - share)
    return [(x, y) for x, y in points]


def _turn(at: Sequence[tuple[float, float]], aspect: float) -> list[tuple[float, float]]:
    """Turned, and stretched a little, so that it fills a rectangle of that aspect as well as can be."""
    best: tuple[float, list[tuple[float, float]]] | None = None
    for step in range(36):
        cos, sin = math.cos(step * math.pi / 36), math.sin(step * math.pi / 36)
        turned = [(x * cos - y * sin, x * sin + y * cos) for x, y in at]
        width, height = (max(v) - min(v) + EDGE / 2 for v in zip(*turned, strict=True))
        need = max(width / aspect, height)
        if best is None or need < best[0] - 1e-6:
            stretch = min(1.4, max(1 / 1.4, width / (aspect * height)))
            kx, ky = (1.0, stretch) if stretch > 1 else (1 / stretch, 1.0)
            best = need, [(x * kx, y * ky) for x, y in turned]
    assert best is not None
    return best[1]


def _spread(at: Sequence[tuple[float, float]], boxes: Sequence[tuple[float, float]], rounds: int = 60) -> list[tuple[float, float]]:
    """Pushes overlapping boxes apart, along the axis on which least is to do, until none overlaps or rounds are over."""
    points = [list(p) for p in at]
    wide, high = max(w for w, _ in boxes) * 2, max(h for _, h in boxes) * 2
    for _ in range(rounds):
        cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, (x, y) in enumerate(points):
            cells[math.floor(x / wide), math.floor(y / high)].append(i)
        moved = False
        for i in range(len(points)):
            cx, cy = math.floor(points[i][0] / wide), math.floor(points[i][1] / high)
            for j in (j for dx in (-1, 0, 1) for dy in (-1, 0, 1) for j in cells.get((cx + dx, cy + dy), ())):
                if j <= i:
                    continue
                dx = points[j][0] - points[i][0]
                dy = points[j][1] - points[i][1]
                over_x = boxes[i][0] + boxes[j][0] - abs(dx)
                over_y = boxes[i][1] + boxes[j][1] - abs(dy)
                if over_x <= 0 or over_y <= 0:
                    continue
                moved = True
                axis, over, sign = (0, over_x, math.copysign(1, dx)) if over_x < over_y else (1, over_y, math.copysign(1, dy))
                points[i][axis] -= sign * (over / 2 + 1)
                points[j][axis] += sign * (over / 2 + 1)
        if not moved:
            break
    return [(x, y) for x, y in points]


class _Field:
    """Where parts have been put: cells of a grid, taken or free, tried from the middle outwards."""

    CELL = 46.0

    def __init__(self, aspect: float) -> None:
        self.aspect = aspect
        self.taken: set[tuple[int, int]] = set()
        self.tried: dict[tuple[int, int], int] = defaultdict(int)
        self.places: list[tuple[int, int]] = []
        self.reach = 0

    def place(
        self, at: Sequence[tuple[float, float]], boxes: Sequence[tuple[float, float]], edges: Iterable[tuple[int, int]]
    ) -> tuple[float, float]:
        """The shift that puts a part on free cells as near to the middle as can be; takes them."""
        cells = self._cells(at, boxes, edges)
        middle_x = (min(x for x, _ in cells) + max(x for x, _ in cells)) // 2
        middle_y = (min(y for _, y in cells) + max(y for _, y in cells)) // 2
        shape = sorted((x - middle_x, y - middle_y) for x, y in cells)
        size = (shape[-1][0] - shape[0][0], max(y for _, y in shape) - min(y for _, y in shape))
        k = self.tried[size]  # where one of that size did not fit, another does not either: good enough, and quick
        while True:
            if k >= len(self.places):
                self._grow()
            px, py = self.places[k]
            if not any((x + px, y + py) in self.taken for x, y in shape):
                break
            k += 1
        self.tried[size] = k
        for x, y in shape:  # with a margin of one cell
            self.taken.update((x + px + dx, y + py + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1))
        return (px - middle_x) * self.CELL, (py - middle_y) * self.CELL

    def _grow(self) -> None:
        """More places, ring by ring, in the order of their distance from the middle (an ellipse of the wanted aspect)."""
        before, self.reach = self.reach, self.reach + 12
        ring = [
            (math.hypot(x / self.aspect, y), y, x)
            for x in range(math.floor(-self.reach * self.aspect), math.ceil(self.reach * self.aspect) + 1)
            for y in range(-self.reach, self.reach + 1)
        ]
        self.places.extend((x, y) for d, y, x in sorted(ring) if before <= d < self.reach)

    def _cells(
        self, at: Sequence[tuple[float, float]], boxes: Sequence[tuple[float, float]], edges: Iterable[tuple[int, int]]
    ) -> set[tuple[int, int]]:
        cells = set()
        for (x, y), (w, h) in zip(at, boxes, strict=True):
            for cx in range(math.floor((x - w) / self.CELL), math.floor((x + w) / self.CELL) + 1):
                for cy in range(math.floor((y - h) / self.CELL), math.floor((y + h) / self.CELL) + 1):
                    cells.add((cx, cy))
        for a, b in edges:
            steps = max(1, math.ceil(math.dist(at[a], at[b]) / self.CELL))
            for k in range(steps + 1):
                x = at[a][0] + (at[b][0] - at[a][0]) * k / steps
                y = at[a][1] + (at[b][1] - at[a][1]) * k / steps
                cells.add((math.floor(x / self.CELL), math.floor(y / self.CELL)))
        return cells


def _rows(
    lone: Sequence[int], boxes: Sequence[tuple[float, float]], placed: Mapping[int, tuple[float, float]], aspect: float
) -> Iterator[tuple[int, tuple[float, float]]]:
    """Entities without a link, in rows under the rest."""
    left = min((x - boxes[i][0] for i, (x, _) in placed.items()), default=-260.0 * aspect * max(1.0, math.sqrt(len(lone) / 8)))
    right = max((x + boxes[i][0] for i, (x, _) in placed.items()), default=-left)
    x, y = left, max((y + boxes[i][1] for i, (_, y) in placed.items()), default=-70.0) + 120
    for i in lone:
        width = 2 * boxes[i][0] + 14
        if x + width > right and x > left:
            x, y = left, y + 72
        yield i, (x + width / 2, y)
        x += width


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
