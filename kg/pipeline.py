"""From documents to a store and files: the one place where the stages of a build meet.

The command line and ``import kg`` both go through here. Stages are told to a :class:`Watch`, which draws a progress bar,
or measures, or does nothing.
"""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Self

from kg import ontology
from kg.briefs import STDIN, Skip
from kg.briefs import read as read_briefs
from kg.errors import UsageError
from kg.model import Brief, Extraction
from kg.store import DEFAULT_STORE

if TYPE_CHECKING:
    import networkx as nx

    from kg.extract import Reader
    from kg.graph import Outcome, Stats, Store
    from kg.notebook import Graph
    from kg.ontology import Ontology
    from kg.validate import Problem
    from kg.writers import Inferred, TextKept

FILES = ("graph.ttl", "graph.html")
SHACL_LIMIT = 300  # claims


class Watch:
    """Is told what a build is doing. This one does not care; see :mod:`kg.console` for those that do."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A stage begins: ``read``, ``model``, ``extract``, ``check``, ``draw``…; ``total`` briefs are to come in it."""

    def advance(self) -> None:
        """One more brief of the stage is done."""


@dataclass(frozen=True)
class Built:
    """What a build came to. ``store`` is open (for reading, unless it is in memory); close it or use a ``with`` block.

    ``outcomes`` counts the briefs added, replaced and skipped (stored just so already); ``left_out`` are those that were
    not taken in, each with its reason; ``problems`` is what was found wrong with the claims this build touched; ``cut`` says
    how many entities and claims the page has no room for.
    """

    store: Graph
    stats: Stats
    outcomes: Counter[Outcome]
    left_out: tuple[Skip, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()
    cut: Mapping[str, int] = field(default_factory=dict)

    def close(self) -> None:
        """Lets go of the store."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


@dataclass
class _Readers:
    """The reader last made: loading a model takes seconds, and reads of one ontology share it."""

    key: tuple[tuple[Path, ...], str] | None = None
    reader: Reader | None = None


_READERS = _Readers()


def reader(domain: Ontology) -> Reader:
    """The reader of an ontology; the last one asked for is kept."""
    from kg.extract import Reader

    key = (domain.folders, domain.digest)
    if _READERS.reader is None or _READERS.key != key:
        _READERS.key, _READERS.reader = key, Reader(domain)
    return _READERS.reader


def load_ontology(overlay: Sequence[Path] = ()) -> Ontology:
    """The shipped ontology with the files of ``overlay`` (and of KG_ONTOLOGY) over it."""
    return ontology.load(ontology.default_folders(overlay))


def read(texts: Iterable[str | Brief], *, domain: Ontology | None = None, watch: Watch | None = None) -> Iterator[Extraction]:
    """What each text says: entities, mentions, claims with their evidence, in the order of the texts. No store."""
    watch, texts = watch or Watch(), [texts] if isinstance(texts, str) else texts
    found = reader(domain or load_ontology())
    watch.stage("model")
    _ = found.language.parser  # loads the model now, so that its seconds count as no brief's
    watch.stage("extract")
    for extraction in found.read(t if isinstance(t, Brief) else Brief(f"text#{n}", t) for n, t in enumerate(texts, 1)):
        watch.advance()
        yield extraction


def build(
    paths: Iterable[str | Path],
    *,
    store: str = DEFAULT_STORE,
    fresh: bool = False,
    out: Path | None = None,
    domain: Ontology | None = None,
    base: str | None = None,
    source: str | None = None,
    text: TextKept = "quotes",
    stdin: BinaryIO | None = None,
    watch: Watch | None = None,
) -> Built:
    """Reads documents into a store; with ``out``, writes graph.ttl and graph.html there.

    A brief stored with the same text, read by the same rules, is left as it is; a brief of the same key with another text
    takes its place. Documents are read through once before anything is stored, so that a broken line at the end of the
    last file is told at once. What the briefs say is stored before any file is written.
    """
    watch, domain = watch or Watch(), domain or load_ontology()
    documents = _Documents([str(p) for p in paths], source, stdin)
    watch.stage("read")
    total = documents.count()
    return take(
        documents.briefs(), total, documents.left_out, store=store, fresh=fresh, out=out, domain=domain, base=base, text=text, watch=watch
    )


def take(
    found: Iterable[Brief],
    total: int,
    left_out: Sequence[Skip],
    *,
    store: str,
    domain: Ontology,
    fresh: bool = False,
    out: Path | None = None,
    base: str | None = None,
    text: TextKept = "quotes",
    watch: Watch | None = None,
) -> Built:
    """Reads ``total`` briefs into a store, wherever they come from; see :func:`build`."""
    from kg.notebook import open_graph

    watch = watch or Watch()
    opened = open_graph(store, fresh=fresh, base=base)
    try:
        outcomes = fill(opened, found, domain, watch, total)
        watch.stage("resolve")
        opened.settle(domain)
        touched = frozenset(opened.touched_claims)
    except BaseException:
        opened.close(keep=False)
        raise
    if store != "memory":  # A fresh store is in its place, and others may read, before anything is drawn.
        watch.stage("store")
        opened.close()
        opened = open_graph(store, read_only=True, base=base)
    try:
        problems = check(opened, domain, watch, touched)
        files, cut = write(opened, domain, out, watch, text) if out is not None else ((), {})
        return Built(opened, opened.stats(), outcomes, tuple(left_out), problems, files, cut)
    except BaseException:
        opened.close()
        raise


def fill(store: Store, found: Iterable[Brief], domain: Ontology, watch: Watch, total: int | None = None) -> Counter[Outcome]:
    """Reads and stores the briefs that are new or changed. The model is loaded when the first of them comes."""
    from kg.graph import current_run

    run = current_run(domain)
    outcomes: Counter[Outcome] = Counter()

    def new() -> Iterator[Brief]:
        for brief in found:
            if store.state(brief, run) == "same":
                outcomes["skipped"] += 1
                watch.advance()
            else:
                yield brief

    pending = new()
    watch.stage("compare", total)
    first = next(pending, None)
    if first is None:
        return outcomes
    analyst = reader(domain)
    watch.stage("model")
    _ = analyst.language.parser
    watch.stage("extract", total)
    for _ in range(outcomes["skipped"]):
        watch.advance()
    for extraction in analyst.read(_chain(first, pending)):
        outcomes[store.add(extraction, domain, run)] += 1
        watch.advance()
    return outcomes


def _chain(first: Brief, rest: Iterator[Brief]) -> Iterator[Brief]:
    yield first
    yield from rest


def check(store: Store, domain: Ontology, watch: Watch, touched: frozenset[str]) -> tuple[Problem, ...]:
    """What is wrong with the claims a build has touched. Of many, only their integrity is checked: pySHACL takes half a
    second for a thousand triples, and « kg validate » asks it for all."""
    if not touched:
        return ()
    from kg.validate import validate

    watch.stage("check")
    return tuple(validate(store.graph, domain, only=touched, shacl=len(touched) <= SHACL_LIMIT))


def write(store: Store, domain: Ontology, out: Path, watch: Watch, text: TextKept = "quotes") -> tuple[tuple[Path, ...], Mapping[str, int]]:
    """Writes graph.ttl and graph.html into the folder ``out``; each is replaced whole or not at all. Returns the files and
    what the page has no room for."""
    turtle, page = (out / name for name in FILES)
    watch.stage("turtle")
    export(store, turtle, "turtle", domain=domain, text=text)
    watch.stage("draw")
    return (turtle, page), draw(store, domain, page)["cut"]


def export(
    store: Store,
    out: Path | IO[bytes],
    format: str = "turtle",
    *,
    domain: Ontology | None = None,
    facts_only: bool = False,
    text: TextKept = "quotes",
    inferred: Inferred = "no",
) -> int:
    """Writes the graph in one of :data:`kg.writers.FORMATS`; returns how many triples, or nodes and edges, it wrote."""
    from kg.writers import writer

    return writer(format, inferred)(store, domain, out, facts_only=facts_only, text=text, inferred=inferred)


def draw(
    store: Store,
    domain: Ontology,
    out: Path | IO[bytes],
    *,
    around: Sequence[str] = (),
    hops: int = 1,
    query: str | None = None,
    top: int | None = None,
) -> Mapping[str, Any]:
    """Writes the interactive network as one HTML file; returns its :func:`~kg.writers.scene.scene`.

    ``around`` names entities whose surroundings are drawn, ``hops`` links far; ``query`` is SPARQL whose rows or triples hold
    the entities to draw; ``top`` keeps only so many, the most central ones (by default as many as a page can hold).
    """
    from kg import analyse
    from kg.writers import html
    from kg.writers.scene import LIMIT, scene

    net = network(store, domain)
    if query is not None:
        net = analyse.only(net, _named_in(store, query) & set(net))
    if around:
        from kg.query import resolve

        net = analyse.around(net, [resolve(store.raw, name, base=store.ids.base).value for name in around], hops)
    if top is not None:
        net = analyse.most_central(net, top)
    if not len(net) and (query is not None or around):
        raise UsageError("none of the graph's entities are chosen", hint="try the query with « kg query »")
    data = scene(net, domain, base=store.ids.base, limit=max(LIMIT, top or 0))
    html.write(data, out)
    return data


def _named_in(store: Store, sparql: str) -> set[str]:
    """The IRIs in what a query gives."""
    import pyoxigraph as ox

    result = store.query(sparql)
    terms = (t for row in result.rows for t in row) if result.form == "rows" else (t for x in result.triples for t in (x.subject, x.object))
    return {t.value for t in terms if isinstance(t, ox.NamedNode)}


def open(store: str = DEFAULT_STORE, *, read_only: bool = True, base: str | None = None) -> Graph:
    """Opens a store that is there: ``oxigraph:DIR``. Close it, or use it in a ``with`` block."""
    from kg.notebook import open_graph

    return open_graph(store, read_only=read_only, base=base)


def network(store: Store, domain: Ontology | None = None) -> nx.MultiDiGraph[str]:
    """The graph of a store for networkx: entities as nodes, claims as edges; see :func:`kg.analyse.network`."""
    from kg import analyse

    return analyse.network(store.graph, domain or load_ontology())


def remove(store: Store, what: str, domain: Ontology, *, source: str | None = None) -> list[str]:
    """Takes out a brief by its key, or all briefs of a file (there or gone); returns the keys that were taken out."""
    keys = [b.key for b in store.briefs()]
    chosen = [what] if what in keys else list(filter(_of_file(what, source), keys))
    if not chosen:
        raise UsageError(
            f"the store holds no brief « {what} » and none of a file of that name", hint="« kg stats --briefs » lists its briefs"
        )
    for key in chosen:
        store.remove(key, domain)
    store.settle(domain)
    return chosen


def _of_file(path: str, source: str | None) -> Callable[[str], bool]:
    """Whether a key is one a file's briefs have: those it gives them itself, else its stem and a number."""
    prefix, wanted = f"{source}/" if source else "", Path(path).stem
    given = frozenset(b.key for b in read_briefs([path], source=source)) if Path(path).is_file() else frozenset()

    def is_one(key: str) -> bool:
        stem, _, number = key.removeprefix(prefix).rpartition("#")
        return key in given or key.startswith(prefix) and stem == wanted and number.isdecimal()

    return is_one


@dataclass
class _Documents:
    """Documents that are gone through twice: first to find what cannot be read, then brief by brief.

    What can be read only once (standard input, a pipe) is kept in memory between.
    """

    paths: list[str]
    source: str | None = None
    stdin: BinaryIO | None = None
    left_out: list[Skip] = field(default_factory=list)
    _kept: list[Brief] | None = None

    def count(self) -> int:
        """Reads everything once; the number of briefs to come."""
        found = self._read(self.left_out.append)
        if all(_again(p) for p in self.paths):
            return sum(1 for _ in found)
        self._kept = list(found)
        return len(self._kept)

    def briefs(self) -> Iterator[Brief]:
        """The briefs, one by one."""
        return iter(self._kept) if self._kept is not None else self._read(lambda _: None)

    def _read(self, on_skip: Callable[[Skip], None]) -> Iterator[Brief]:
        return read_briefs(self.paths, source=self.source, stdin=self.stdin, on_skip=on_skip)


def _again(path: str) -> bool:
    """Whether a path can be read a second time."""
    if path == STDIN:
        return False
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return True  # reading it tells what is wrong
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
