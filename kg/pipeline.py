"""From documents to a store and files: the one place where the stages of a build meet.

The command line and ``import kg`` both go through here. Stages are told to a :class:`Watch`, which draws a progress bar,
or measures, or does nothing.
"""

from __future__ import annotations

import itertools
import stat
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Self, Unpack

from kg import ontology
from kg.briefs import STDIN, Skip
from kg.briefs import read as read_briefs
from kg.errors import ReadError, UsageError
from kg.model import Brief, Extraction
from kg.store import DEFAULT_STORE

if TYPE_CHECKING:
    import networkx as nx

    from kg.extract import Reader
    from kg.graph import Outcome, Run, Stats, Store
    from kg.notebook import Graph
    from kg.ontology import Ontology
    from kg.validate import Problem
    from kg.writers import Selection, TextKept

FILES = ("graph.ttl", "graph.html")
SHACL_LIMIT = 300  # claims
SMALL = 5_000
"""Briefs up to which a build writes its files unasked: with more, they take longer than what has changed."""


class Watch:
    """Is told what a build is doing. This one does not care; see :mod:`kg.console` for those that do."""

    def stage(self, name: str, total: int | None = None) -> None:
        """A stage begins: ``read``, ``model``, ``extract``, ``check``, ``draw``…; ``total`` briefs, or claims to ``check``, are to come."""

    def advance(self) -> None:
        """One more of them is done."""


@dataclass(frozen=True)
class Built:
    """What a build came to. ``store`` is open (for reading, unless it is in memory); close it or use a ``with`` block.

    ``outcomes`` counts the briefs added, replaced and skipped (stored just so already); ``left_out`` are those that were
    not taken in, each with its reason; ``problems`` is what was found wrong with the claims this build touched; ``cut`` says
    how many entities and claims the page has no room for; ``pruned`` are the keys of briefs that were taken out because their
    source no longer has them.
    """

    store: Graph
    stats: Stats
    outcomes: Counter[Outcome]
    left_out: tuple[Skip, ...] = ()
    problems: tuple[Problem, ...] = ()
    files: tuple[Path, ...] = ()
    cut: Mapping[str, int] = field(default_factory=dict)
    pruned: tuple[str, ...] = ()

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


def read(
    texts: Iterable[str | Brief], *, domain: Ontology | None = None, jobs: int | None = None, watch: Watch | None = None
) -> Iterator[Extraction]:
    """What each text says: entities, mentions, claims with their evidence, in the order of the texts. No store.

    ``jobs`` processes read them (:mod:`kg.jobs`): by default this one, and as many as there are cores for 500 texts or more.
    """
    texts = [texts] if isinstance(texts, str) else texts
    briefs = (t if isinstance(t, Brief) else Brief(f"text#{n}", t) for n, t in enumerate(texts, 1))
    yield from _analysed(briefs, domain or load_ontology(), jobs, watch or Watch())


def _analysed(briefs: Iterable[Brief], domain: Ontology, jobs: int | None, watch: Watch, total: int | None = None) -> Iterator[Extraction]:
    """What the briefs say, one by one. Nothing is loaded if there are none."""
    from kg import jobs as reading

    stream = iter(briefs)
    ahead = list(itertools.islice(stream, reading.WORTH_IT if jobs is None else 1))
    if not ahead:
        return
    if jobs is None:
        jobs = reading.cores() if len(ahead) == reading.WORTH_IT else 1
    stream = itertools.chain(ahead, stream)
    watch.stage("model")
    if jobs > 1:
        found = reading.read(stream, domain, jobs)
    else:
        analyst = reader(domain)
        _ = analyst.language.parser  # loads the model now, so that its seconds count as no brief's
        found = analyst.read(stream)
    watch.stage("extract", total)
    for extraction in found:
        watch.advance()
        yield extraction


def build(
    paths: Iterable[str | Path],
    *,
    store: str = DEFAULT_STORE,
    fresh: bool = False,
    out: Path | None = None,
    most: int | None = None,
    domain: Ontology | None = None,
    base: str | None = None,
    source: str | None = None,
    text: TextKept = "quotes",
    jobs: int | None = None,
    prune: bool = False,
    stdin: BinaryIO | None = None,
    watch: Watch | None = None,
) -> Built:
    """Reads documents into a store; with ``out``, writes graph.ttl and graph.html there (unless the store has more than
    ``most`` briefs). ``paths`` may be shards of extractions instead (:mod:`kg.shards`), which are merged by key.

    A brief stored with the same text, read by the same rules, is left as it is; a brief of the same key with another text
    takes its place; ``prune`` takes out what an earlier build found at these paths and is there no more. Documents are read
    through once before anything is stored, so that a broken line at the end of the last file is told at once. What the
    briefs say is stored before any file is written, one brief after the other: a build that is cut short, run again, goes
    on where it stopped. ``jobs``: see :func:`read`.
    """
    from kg import shards

    watch, domain = watch or Watch(), domain or load_ontology()
    given = [str(p) for p in paths]
    if prune and STDIN in given:
        raise UsageError("standard input has no memory of what it held before", hint="--prune needs files or folders")
    found = shards.files(given)
    documents = _Documents(given if found is None else [], source, stdin)
    watch.stage("read")
    if found is None:
        total = documents.count()
    else:
        total = 0
        for path, by in found.items():
            origin = _origin(by, source)
            for extraction, _ in shards.read([path]):
                documents.origins[extraction.brief.key] = origin
                total += 1
    if prune and not total:
        raise UsageError("there is no brief any more in what was given", where=", ".join(given), hint="« kg remove » takes briefs out")

    def put(opened: Store) -> tuple[Counter[Outcome], tuple[str, ...]]:
        if found is None:
            outcomes = fill(opened, documents.briefs(), domain, watch, total, jobs=jobs, origins=documents.origins)
        else:
            outcomes = load(opened, shards.read(found), domain, watch, total, origins=documents.origins)
        return outcomes, _prune(opened, {_origin(p, source) for p in given}, documents.origins, domain) if prune else ()

    return _built(put, documents.left_out, store=store, domain=domain, fresh=fresh, out=out, most=most, base=base, text=text, watch=watch)


def take(
    found: Iterable[Brief],
    total: int,
    left_out: Sequence[Skip],
    *,
    store: str,
    domain: Ontology,
    out: Path | None = None,
    base: str | None = None,
    text: TextKept = "quotes",
    watch: Watch | None = None,
) -> Built:
    """Reads ``total`` briefs into a store, wherever they come from; see :func:`build`."""
    watch = watch or Watch()
    return _built(
        lambda opened: (fill(opened, found, domain, watch, total), ()),
        left_out,
        store=store,
        domain=domain,
        out=out,
        base=base,
        text=text,
        watch=watch,
    )


def _built(
    put: Callable[[Store], tuple[Counter[Outcome], tuple[str, ...]]],
    left_out: Sequence[Skip],
    *,
    store: str,
    domain: Ontology,
    watch: Watch,
    fresh: bool = False,
    out: Path | None = None,
    most: int | None = None,
    base: str | None = None,
    text: TextKept = "quotes",
) -> Built:
    """What a store comes to once ``put`` has stored and pruned; its last steps, from who is who to the files."""
    from kg.notebook import open_graph

    opened = open_graph(store, fresh=fresh, base=base)
    try:
        outcomes, pruned = put(opened)
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
        wanted = out is not None and (most is None or opened.brief_count() <= most)
        files, cut = write(opened, domain, out, watch, text) if out is not None and wanted else ((), {})
        return Built(opened, opened.stats(), outcomes, tuple(left_out), problems, files, cut, pruned)
    except BaseException:
        opened.close()
        raise


def fill(
    store: Store,
    found: Iterable[Brief],
    domain: Ontology,
    watch: Watch,
    total: int | None = None,
    *,
    jobs: int | None = None,
    origins: Mapping[str, str] | None = None,
) -> Counter[Outcome]:
    """Reads and stores the briefs that are new or changed. The model is loaded when the first of them comes. ``origins``
    says where the briefs were found, by their keys."""
    from kg.graph import current_run

    run, origins = current_run(domain), origins or {}
    outcomes: Counter[Outcome] = Counter()

    def new() -> Iterator[Brief]:
        for brief in found:
            if store.state(brief, run) == "same":
                outcomes["skipped"] += 1
                watch.advance()
                _place(store, brief.key, origins)
            else:
                yield brief

    watch.stage("compare", total)
    for extraction in _analysed(new(), domain, jobs, watch, total):
        outcomes[store.add(extraction, domain, run)] += 1
        _place(store, extraction.brief.key, origins)
    return outcomes


def load(
    store: Store,
    found: Iterable[tuple[Extraction, Run]],
    domain: Ontology,
    watch: Watch,
    total: int | None = None,
    *,
    origins: Mapping[str, str] | None = None,
) -> Counter[Outcome]:
    """Stores what was read elsewhere; of one key the last counts."""
    outcomes: Counter[Outcome] = Counter()
    watch.stage("load", total)
    for extraction, run in found:
        key = extraction.brief.key
        try:
            outcomes[store.add(extraction, domain, run)] += 1
        except (KeyError, ValueError) as error:
            raise ReadError(
                f"says what this ontology has no word for: {error}", where=key, hint="give the --ontology it was read by"
            ) from error
        _place(store, key, origins or {})
        watch.advance()
    return outcomes


def _place(store: Store, key: str, origins: Mapping[str, str]) -> None:
    if key in origins:
        store.came_from(key, origins[key])


def _origin(path: str, source: str | None) -> str:
    """A path as the store remembers it: a brief belongs to what was given on the command line, and to its source's name."""
    return f"{source or ''}\t{path if path == STDIN else Path(path).resolve()}"


def _prune(store: Store, origins: Iterable[str], present: Container[str], domain: Ontology) -> tuple[str, ...]:
    gone = tuple(key for key in store.found_in(sorted(origins)) if key not in present)
    for key in gone:
        store.remove(key, domain)
    return gone


def check(store: Store, domain: Ontology, watch: Watch, touched: frozenset[str]) -> tuple[Problem, ...]:
    """What is wrong with the claims a build has touched. Of many, only their integrity is checked: pySHACL takes half a
    second for a thousand triples, and « kg validate » asks it for all."""
    if not touched:
        return ()
    from kg.validate import validate_near

    watch.stage("check", len(touched))
    found = validate_near(store, domain, touched, shacl=len(touched) <= SHACL_LIMIT, on_claim=watch.advance)
    return tuple(found)


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
    **selection: Unpack[Selection],
) -> int:
    """Writes the graph in one of :data:`kg.writers.FORMATS`; returns how many triples, or nodes and edges, it wrote."""
    from kg.writers import writer

    return writer(format, selection.get("inferred", "no"))(store, domain, out, **selection)


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
        net = analyse.around(net, [store.resolve(name).value for name in around], hops)
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
    origins: dict[str, str] = field(default_factory=dict)
    """Where each brief was found, by its key; filled by :meth:`count`."""
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
        origin = ""

        def begun(path: str) -> None:
            nonlocal origin
            origin = _origin(path, self.source)

        for brief in read_briefs(self.paths, source=self.source, stdin=self.stdin, on_skip=on_skip, on_path=begun):
            self.origins[brief.key] = origin
            yield brief


def _again(path: str) -> bool:
    """Whether a path can be read a second time."""
    if path == STDIN:
        return False
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return True  # reading it tells what is wrong
    return stat.S_ISREG(mode) or stat.S_ISDIR(mode)
