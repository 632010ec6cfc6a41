"""Where each entity stands on the page: computed beforehand, the same in every process, so that the page opens still.

Links about equally long within a community, communities on islands of their own, parts packed around the largest, room
for names. Nodes are numbered in the order of their IRIs before anything iterates over them.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from kg import analyse

if TYPE_CHECKING:
    import networkx as nx
    import numpy as np

EDGE = 165.0
"""The length a link should have: room for an arrow and a relation's label."""


CROWD = 130
"""A connected part with more entities than this is drawn community by community: as a whole it would be a ball of wool."""

SPREAD = 2000
"""Up to so many entities names are kept apart between islands too, and not only within them."""

DOT = (11.0, 11.0)
"""Half the width and height of an entity that has no room for a name."""


def positions(
    net: nx.MultiDiGraph[str], group: Mapping[str, int], *, named: Collection[str] | None = None, aspect: float = 1.15
) -> dict[str, tuple[int, int]]:
    """A position for every entity: whole numbers, y downwards, always the same for the same network.

    Each connected part is laid out by stress majorisation with longer links between communities (``group``, of each entity)
    than within, a large one community by community; entities of ``named`` (all of them, if it is not given) have room for
    their names; parts are packed around the largest one; entities without a link stand in rows underneath. ``aspect`` is the
    width of the whole divided by its height.
    """
    import networkx as nx

    names, links = analyse.simple(net)
    boxes = [_box(net.nodes[n]["label"]) if named is None or n in named else DOT for n in names]
    parts = sorted((sorted(c) for c in nx.connected_components(links)), key=lambda c: (-len(c), c))
    linked = [p for p in parts if len(p) > 1]
    placed: dict[int, tuple[float, float]] = {}
    field_ = _Field(aspect)
    for part in linked:
        room = [boxes[i] for i in part]
        if len(part) > CROWD:
            at = _islands(links, part, [group[names[i]] for i in part], room, aspect)
            if len(part) <= SPREAD:
                at = _spread(at, room)
        else:
            at = _part(links, part, [group[names[i]] for i in part])
            at = _spread(_turn(at, aspect) if part is linked[0] else at, room)
        number = {node: k for k, node in enumerate(part)}
        edges = [(number[a], number[b]) for a, b in links.edges(part)] if len(part) <= CROWD else []
        dx, dy = field_.place(at, room, edges)
        placed.update({i: (x + dx, y + dy) for i, (x, y) in zip(part, at, strict=True)})
    lone = sorted((p[0] for p in parts if len(p) == 1), key=lambda i: (net.nodes[names[i]]["type"], names[i]))
    placed.update(_rows(lone, boxes, placed, aspect))
    return {names[i]: (round(x), round(y)) for i, (x, y) in sorted(placed.items())}


def _box(label: str) -> tuple[float, float]:
    """Half the width and half the height of a node with its label underneath, wrapped as the page wraps it."""
    letters = len(label) if len(label) <= 16 else max(16, math.ceil(min(len(label), 40) / 2))
    return 14 + 3.7 * letters, 27.0 if len(label) <= 16 else 34.0


def _part(links: nx.Graph[int], part: Sequence[int], group: Sequence[int]) -> list[tuple[float, float]]:
    """One connected part around the origin, links about :data:`EDGE` long."""
    if len(part) == 2:
        return [(-EDGE / 2, 0.0), (EDGE / 2, 0.0)]
    number = {node: k for k, node in enumerate(part)}
    edges = sorted((number[a], number[b]) for a, b in links.edges(part))
    crowd = math.sqrt(max(links.degree(i) for i in part))
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
    if len(set(lengths)) == 1:
        for a, row in nx.all_pairs_shortest_path_length(graph):
            far[a, list(row)] = np.fromiter(row.values(), float) * lengths[0]
    else:
        for a, row in nx.all_pairs_dijkstra_path_length(graph):
            far[a, list(row)] = list(row.values())
    np.fill_diagonal(far, 1.0)
    weight = far**-2
    np.fill_diagonal(weight, 0.0)
    laplacian = np.diag(weight.sum(axis=1)) - weight
    inverse = np.linalg.inv(laplacian + 1 / n) - 1 / n
    np.fill_diagonal(far, 0.0)
    centring = np.eye(n) - 1 / n
    at = _leading(-0.5 * centring @ far**2 @ centring)
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


def _leading(products: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The two leading eigenvectors of a symmetric matrix, as long as the roots of their values. Of a large one by a few
    rounds of orthogonal iteration: a start is all that is needed, and solving it whole costs more than the layout."""
    import numpy as np

    n = len(products)
    if n <= 60:
        values, vectors = np.linalg.eigh(products)
        scaled: np.ndarray[Any, Any] = vectors[:, -2:] * np.sqrt(np.maximum(values[-2:], 1e-9))
        return scaled
    turn = np.arange(n) * 2.399963
    basis = np.column_stack([np.cos(turn), np.sin(turn)])
    for _ in range(30):
        basis, _triangle = np.linalg.qr(products @ basis)
    stretch = np.sqrt(np.maximum(np.einsum("ij,ij->j", basis, products @ basis), 1e-9))
    found: np.ndarray[Any, Any] = (basis * stretch)[:, ::-1]
    return found


def _islands(
    links: nx.Graph[int], part: Sequence[int], group: Sequence[int], boxes: Sequence[tuple[float, float]], aspect: float
) -> list[tuple[float, float]]:
    """A large part: each community on its own round island, islands with many links between them close to each other."""
    import networkx as nx

    number = {node: k for k, node in enumerate(part)}
    members: dict[int, list[int]] = defaultdict(list)
    for node, community in zip(part, group, strict=True):
        members[community].append(node)
    islands = [sorted(c) for _, m in sorted(members.items()) for c in sorted(nx.connected_components(links.subgraph(m)), key=min)]
    island_of = {node: k for k, nodes in enumerate(islands) for node in nodes}
    inner = [_centred(_island(links, nodes, [boxes[number[n]] for n in nodes])) for nodes in islands]
    radius = [max(math.hypot(x, y) + max(DOT) for x, y in at) + (51 if len(at) > 6 else 36) for at in inner]
    between: dict[tuple[int, int], int] = defaultdict(int)
    pulls: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for a, b in sorted(links.subgraph(part).edges()):
        i, j = island_of[a], island_of[b]
        if i != j:
            between[min(i, j), max(i, j)] += 1
            pulls[i].append((a, j))
            pulls[j].append((b, i))
    pairs = sorted(between)
    far = [(radius[i] + radius[j]) / (1 + 0.25 * math.log(between[i, j])) for i, j in pairs]
    centres = _apart(_turn(_stress(len(islands), pairs, far), aspect), radius, aspect)
    at = [(0.0, 0.0)] * len(part)
    for k, nodes in enumerate(islands):
        (cx, cy), turned, best = centres[k], inner[k], None
        local = {n: m for m, n in enumerate(nodes)}
        for step in range(24 if len(nodes) > 1 else 1):
            cos, sin = math.cos(step * math.pi / 12), math.sin(step * math.pi / 12)
            tried = {
                n: (inner[k][m][0] * cos - inner[k][m][1] * sin, inner[k][m][0] * sin + inner[k][m][1] * cos) for n, m in local.items()
            }
            cost = sum(math.dist((cx + tried[n][0], cy + tried[n][1]), centres[to]) for n, to in pulls[k][:200])
            if best is None or cost < best - 1e-6:
                best, turned = cost, list(tried.values())
        if len(nodes) <= CROWD:
            turned = _spread(turned, [boxes[number[n]] for n in nodes])
        for n, (x, y) in zip(nodes, turned, strict=True):
            at[number[n]] = (cx + x, cy + y)
    return at


def _island(links: nx.Graph[int], nodes: Sequence[int], room: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """One community: as one part, or, when it is large, as islands of the communities within it."""
    if len(nodes) == 1:
        return [(0.0, 0.0)]
    own = links.subgraph(nodes)
    if len(nodes) <= CROWD:
        return _spread(_part(own, nodes, [0] * len(nodes)), room)
    found = analyse.louvain(own)
    if len(found[0]) > 0.8 * len(nodes):
        return _sunflower(own, nodes, room)
    group = {n: k for k, members in enumerate(found) for n in members}
    return _islands(own, nodes, [group[n] for n in nodes], room, 1.0)


def _sunflower(links: nx.Graph[int], nodes: Sequence[int], room: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A community that has no parts, such as one hub and all that hang on it: the most connected in the middle, the others
    around it like the seeds of a sunflower."""
    order = sorted(range(len(nodes)), key=lambda k: (-links.degree(nodes[k]), nodes[k]))
    at, area = [(0.0, 0.0)] * len(nodes), 0.0
    for rank, k in enumerate(order):
        area += 4 * room[k][0] * room[k][1] * 1.3
        reach, turn = math.sqrt(area / math.pi) if rank else 0.0, rank * 2.399963
        at[k] = (reach * math.cos(turn), reach * math.sin(turn))
    return at


def _centred(at: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    cx, cy = (min(v) / 2 + max(v) / 2 for v in zip(*at, strict=True))
    return [(x - cx, y - cy) for x, y in at]


def _apart(centres: Sequence[tuple[float, float]], radius: Sequence[float], aspect: float) -> list[tuple[float, float]]:
    """Circles drawn together towards the middle and pushed off one another until hardly any overlaps."""
    import numpy as np

    at, r = np.array(_centred(centres), dtype=float), np.array(radius, dtype=float)
    n = len(at)
    at += 1e-3 * np.column_stack([np.cos(np.arange(n)), np.sin(np.arange(n))])  # two on one spot would never part
    touch = r[:, None] + r[None, :]
    share = r[None, :] / touch  # the smaller one gives way
    for turn in range(500):
        at *= 1 - 0.03 * max(0.0, 1 - turn / 350) / np.array([aspect, 1.0])
        for _ in range(3):
            apart = at[:, None] - at[None]
            distance = np.sqrt((apart**2).sum(axis=-1))
            np.fill_diagonal(distance, np.inf)
            over = np.maximum(touch - distance, 0.0)
            if over.max(initial=0.0) < 0.5:
                break
            # Half of each overlap a step: a circle pushed from many sides would overshoot.
            at += ((0.5 * over * share / np.maximum(distance, 1e-6))[:, :, None] * apart).sum(axis=1)
    return [(float(x), float(y)) for x, y in at]


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
