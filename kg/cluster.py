"""Reading on several machines: Dask hands out partitions of briefs, each becomes a shard (:mod:`kg.shards`).

A shard is named by its place and by what it is made of (the briefs and the rules), and has its name only when it is whole:
a partition that has its shard is not read again, by whoever it was read. A worker that dies costs its partition, which Dask
gives to another.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from kg import jobs as local
from kg import pipeline, shards
from kg.errors import KgError, MissingToolError
from kg.graph import Run, current_run
from kg.link import digest
from kg.model import Brief
from kg.ontology import Ontology

if TYPE_CHECKING:
    from distributed import Client

PARTITION = 256  # briefs: some ten seconds of reading


def read(
    briefs: Iterable[Brief],
    domain: Ontology,
    out: Path,
    *,
    scheduler: str | None = None,
    jobs: int | None = None,
    partition: int = PARTITION,
) -> list[Path]:
    """Has the briefs read into shards in the folder ``out``, which all workers must see; returns the shards, in the order
    of the briefs. ``scheduler`` is the address of a running cluster; without one, ``jobs`` workers are started here.

    At most four partitions a worker are in flight, so that memory does not grow with the number of briefs.
    """
    out = out.resolve()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KgError(
            f"cannot be written: {error.strerror or error}", where=str(out), hint="choose another folder with --shards"
        ) from error
    with _client(scheduler, jobs) as client:
        return list(_read(client, briefs, domain, out, partition))


def _read(client: Client, briefs: Iterable[Brief], domain: Ontology, out: Path, partition: int) -> Iterator[Path]:
    from distributed import wait

    run, stream = current_run(domain), iter(briefs)
    flying: set[object] = set()
    for number in itertools.count():
        if not (group := list(itertools.islice(stream, partition))):
            break
        path = out / f"{number:06d}-{_content(group, run)}.jsonl"
        if not path.is_file():
            flying.add(client.submit(_partition, group, domain, run, str(path), pure=False, retries=2))
        yield path
        while len(flying) >= 4 * max(1, len(client.nthreads())):  # type: ignore[no-untyped-call]
            done, flying = wait(flying, return_when="FIRST_COMPLETED")  # type: ignore[no-untyped-call]
            for future in done:
                future.result()
    for future in flying:
        future.result()  # type: ignore[attr-defined]


def _content(group: Iterable[Brief], run: Run) -> str:
    said = (part or "" for b in group for part in (b.key, b.text, b.date, b.lang, b.title, b.source))
    return digest(run.version, run.rules, *said, length=16)


def _partition(group: list[Brief], domain: Ontology, run: Run, path: str) -> int:
    """One partition, on a worker."""
    return shards.write(Path(path), pipeline.reader(domain).read(group), domain, run)


@contextmanager
def _client(scheduler: str | None, jobs: int | None) -> Iterator[Client]:
    try:
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise MissingToolError("Dask is not installed", hint="pip install 'techkg[cluster]'") from error
    if scheduler is None:
        count = jobs or local.cores()
        workers = LocalCluster(n_workers=count, threads_per_worker=1, dashboard_address=None)  # type: ignore[no-untyped-call]
        with workers as cluster, Client(cluster) as client:  # type: ignore[no-untyped-call]
            yield client
        return
    try:
        client = Client(scheduler, timeout=10)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise KgError("no scheduler answers", where=scheduler, hint="dask scheduler starts one, dask worker its workers") from error
    with client:
        yield client
