"""A worker: one line of JSON in, one line of JSON and a body out, until its input ends.

It opens the store for reading when there is something to do and lets go of it as soon as there is not, so that « kg build »
can write between two questions and the next answer tells what is new.
"""

from __future__ import annotations

import gzip
import json
import os
import select
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

import pyoxigraph as ox

from kg import namespaces as ns
from kg import query as asking
from kg.errors import KgError, QueryError, StoreError
from kg.graph import Store
from kg.server.messages import Answer, Failure, Settings
from kg.server.negotiate import SYNTAXES
from kg.store import OpenStore

if TYPE_CHECKING:
    from kg.ontology import Ontology

IDLE = 0.3
"""Seconds without a question after which the store is let go; « kg build » waits a second for it."""

PATIENCE = 5.0
"""Seconds to wait for a store that is being written."""

GRACE = 5.0
"""Seconds after the limit at which a worker that nobody kills ends itself."""

SMALL = 1400
"""Bytes that fit into one packet: not worth compressing."""

_ROWS = {
    "json": ox.QueryResultsFormat.JSON,
    "xml": ox.QueryResultsFormat.XML,
    "csv": ox.QueryResultsFormat.CSV,
    "tsv": ox.QueryResultsFormat.TSV,
}
Job = Mapping[str, Any]


class Jobs:
    """What a worker can do, one method a job."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._store: Store | None = None

    @property
    def store(self) -> Store:
        """The store, opened when it is needed."""
        if self._store is None:
            opened = OpenStore(self.settings.store, read_only=True, patience=PATIENCE)
            self._store = Store(opened, self.settings.base)
        return self._store

    @property
    def is_open(self) -> bool:
        """Whether the store is held."""
        return self._store is not None

    def let_go(self) -> None:
        """Closes the store; the next job opens it again, and sees what has been written since."""
        if self._store is not None:
            self._store.close()
            self._store = None

    @cached_property
    def domain(self) -> Ontology:
        """The ontology, for labels."""
        from kg import pipeline

        return pipeline.load_ontology([Path(p) for p in self.settings.overlay])

    def do(self, job: Job) -> Answer:
        """Does a job."""
        kinds: Mapping[str, Callable[[Job], Answer]] = {
            "query": self.query,
            "rdf": self.rdf,
            "page": self.page,
            "resolve": self.resolve,
            "explorer": self.explorer,
            "terms": self.terms,
            "ping": self.ping,
        }
        return kinds[job["kind"]](job)

    def ping(self, job: Job) -> Answer:
        """Whether the store can be read."""
        self.store.query("ASK {}")
        return Answer()

    # asking

    def query(self, job: Job) -> Answer:
        """Evaluates SPARQL. ``rows`` and ``graph`` are the format and media type for either form of result, or None."""
        sparql, store = str(job["query"]), self.store.raw
        asking.check(sparql)
        bindings = asking.bind_values(store, job["bindings"], base=self.settings.base)
        graphs = {name: _graphs(job[name]) for name in ("default_graph", "named_graphs") if job[name]}
        raw = asking.evaluate(store, sparql, bindings, **graphs)
        with asking.told(sparql):
            if isinstance(raw, ox.QueryTriples):
                return self._rdf(raw, job["graph"], "application/rdf+xml")
            format, type = _acceptable(job["rows"], "SELECT and ASK give application/sparql-results+json, …+xml, text/csv")
            if isinstance(raw, ox.QueryBoolean):
                return Answer(raw.serialize(format=_ROWS[format]) or b"", type)
            return Answer(self._rows(raw, _ROWS[format]), type)

    def _rows(self, raw: ox.QuerySolutions, format: ox.QueryResultsFormat) -> bytes:
        # In TSV, and only there, a line is a row; what is counted is then written anew in the format asked for.
        out = _Bounded(self.settings)
        try:
            raw.serialize(cast(IO[bytes], out), format=ox.QueryResultsFormat.TSV)
        except Exception as error:
            raise out.full or error from error
        tsv = bytes(out.bytes)
        if format == ox.QueryResultsFormat.TSV:
            return tsv
        return ox.parse_query_results(tsv, format=ox.QueryResultsFormat.TSV).serialize(format=format) or b""

    def _rdf(self, triples: Iterable[ox.Triple], accepted: list[str] | None, also: str = "") -> Answer:
        format, type = _acceptable(accepted, "RDF comes as text/turtle, application/n-triples, application/rdf+xml, application/ld+json")
        kept: dict[ox.Triple, None] = {}
        for triple in triples:
            kept[triple] = None
            if len(kept) > self.settings.rows:
                raise _too_many(self.settings.rows, "triples")
        out = ox.serialize(sorted(kept, key=str), format=SYNTAXES[format], prefixes=dict(ns.PREFIXES)) or b""
        if len(out) > self.settings.bytes:
            raise _too_large(self.settings.bytes)
        return Answer(out, type)

    # one IRI

    def rdf(self, job: Job) -> Answer:
        """What is said of an IRI of ours, as RDF."""
        from kg.server.lookup import Node, description

        node = Node(self.store.raw, self._iri(job["local"]))
        if not node:
            raise Failure("nothing is said of this", status=404, where=node.iri)
        return self._rdf(description(node), job["graph"])

    def page(self, job: Job) -> Answer:
        """The page of an entity or a brief."""
        from kg.server import pages

        return pages.page(self.store.raw, self.domain, self.settings.base, self._iri(job["local"]), job["lang"])

    def resolve(self, job: Job) -> Answer:
        """The IRI a name means, without the base."""
        try:
            iri = asking.resolve(self.store.raw, job["name"], base=self.settings.base)
        except QueryError as error:
            near = error.hint if error.hint.startswith("near it") else ""
            raise Failure(error.what, status=404, hint=near) from error
        return Answer(iri.value.removeprefix(self.settings.base).encode())

    def _iri(self, local: str) -> str:
        try:
            return ox.NamedNode(self.settings.base + local).value
        except ValueError as error:
            raise Failure("this is no IRI", status=404, where=local) from error

    # for the pages

    def explorer(self, job: Job) -> Answer:
        """The page of the whole network; its header tells the policy that goes with it."""
        from kg import pipeline
        from kg.writers import html
        from kg.writers.scene import scene

        data = scene(pipeline.network(self.store, self.domain), self.domain, base=self.settings.base) | {"served": True}
        headers = {"content-security-policy": f"{html.policy()}; frame-ancestors 'none'"}
        return Answer(html.render(data).encode(), "text/html; charset=utf-8", headers=headers)

    def terms(self, job: Job) -> Answer:
        """What the editor proposes: the ontology's classes, relations and attributes with their labels."""
        from kg.server import pages

        return Answer(json.dumps(pages.terms(self.domain), ensure_ascii=False).encode(), "application/json")


class _Bounded:
    """Takes what is written up to a number of rows and bytes; then it says no, which ends the evaluation."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.lines, self.bytes = settings, 0, bytearray()
        self.full: Failure | None = None

    def write(self, data: bytes) -> int:
        self.lines += data.count(b"\n")
        self.bytes += data
        if self.lines > self.settings.rows + 1:
            self.full = _too_many(self.settings.rows, "rows")
        elif len(self.bytes) > self.settings.bytes:
            self.full = _too_large(self.settings.bytes)
        if self.full is not None:
            raise OSError("full")
        return len(data)

    def flush(self) -> None:
        return None


def _too_many(most: int, what: str) -> Failure:
    return Failure(f"the answer has more than {most} {what}, the limit", status=400, hint="say LIMIT, or serve with a larger --max-rows")


def _too_large(most: int) -> Failure:
    return Failure(f"the answer is larger than {most >> 20} MB, the limit", status=400, hint="say LIMIT, or ask for fewer columns")


def _acceptable(accepted: list[str] | None, offered: str) -> tuple[str, str]:
    if accepted is None:
        raise Failure("none of the formats asked for can hold this", status=406, hint=offered)
    return accepted[0], accepted[1]


def _graphs(iris: Iterable[str]) -> list[ox.NamedNode]:
    try:
        return [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise QueryError(f"a graph's name is no IRI: {error}") from error


# --- the process ------------------------------------------------------------------------------------------------------


def main() -> None:
    """Takes jobs from standard input until it ends."""
    settings = Settings.load(sys.argv[1])
    _limit_memory(settings.memory)
    # Whatever a library prints must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    jobs = Jobs(settings)
    answers.write(b"ready\n")
    answers.flush()
    while True:
        if jobs.is_open and not select.select([sys.stdin.buffer], [], [], IDLE)[0]:
            jobs.let_go()
        line = sys.stdin.buffer.readline()
        if not line:
            return
        job = json.loads(line)
        signal.setitimer(signal.ITIMER_REAL, job.get("seconds", settings.seconds) + GRACE)
        _reply(answers, jobs, job)
        signal.setitimer(signal.ITIMER_REAL, 0)


def _reply(out: IO[bytes], jobs: Jobs, job: Job) -> None:
    told: dict[str, Any]
    body = b""
    try:
        answer = jobs.do(job)
    except KgError as error:
        told = {"error": error.what, "where": error.where, "hint": error.hint, "status": _status(error)}
    except MemoryError:
        told = {"error": "this needs too much memory", "where": "", "hint": "ask for less", "status": 500}
    except Exception as error:
        said = f"a fault in kg itself: {type(error).__name__}: {' '.join(str(error).split())}"
        told = {"error": said, "where": "", "hint": "please report it", "status": 500}
    else:
        body, headers = answer.body, dict(answer.headers)
        if job.get("gzip") and len(body) > SMALL:
            body, headers["content-encoding"] = gzip.compress(body, 5, mtime=0), "gzip"
        told = {"type": answer.type, "status": answer.status, "headers": headers}
    out.write(json.dumps(told | {"length": len(body)}).encode() + b"\n" + body)
    out.flush()


def _status(error: KgError) -> int:
    if isinstance(error, Failure):
        return error.status
    return 400 if isinstance(error, QueryError) else 503 if isinstance(error, StoreError) else 500


def _limit_memory(most: int) -> None:
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (most, most))


if __name__ == "__main__":
    main()
