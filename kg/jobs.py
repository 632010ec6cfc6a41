"""Reading with several processes: one model each, results in the order of the briefs, a few batches in flight.

A worker is a Python of its own that is told what to read on its standard input and answers on a copy of its standard
output. It imports nothing of the program that started it, so that it works from any script, notebook or shell, guarded
by ``if __name__ == "__main__"`` or not. When a worker dies (killed, out of memory), another takes its place and reads the
batch again; what the others read is not touched.
"""

from __future__ import annotations

import itertools
import os
import pickle
import queue
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import IO, Any

from kg.errors import KgError, ReadError
from kg.model import Brief, Extraction
from kg.ontology import Ontology

BATCH = 32
"""Briefs a batch: as many as the reader analyses at a time, so that one process and many see the same batches."""

WORTH_IT = 500
"""Fewer briefs to read are read in one process: each further one takes seconds and half a gigabyte for its model."""

_TRIES = 3
_START = "import pickle, sys; sys.path[:] = pickle.load(sys.stdin.buffer); from kg.jobs import work; work()"


def cores() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read(briefs: Iterable[Brief], ontology: Ontology, jobs: int, *, batch: int = BATCH) -> Iterator[Extraction]:
    """What ``jobs`` processes read, in the order of the briefs. At most two batches a process are held at a time.

    :class:`~kg.errors.ReadError` names a batch that has ended three workers one after the other.
    """
    idle: queue.SimpleQueue[_Worker] = queue.SimpleQueue()
    workers = [_Worker(ontology) for _ in range(jobs)]
    for worker in workers:
        idle.put(worker)

    def with_any(group: list[Brief]) -> list[Extraction]:
        worker = idle.get()
        try:
            return worker.read(group)
        finally:
            idle.put(worker)

    stream = iter(briefs)
    groups = iter(lambda: list(itertools.islice(stream, batch)), [])
    pending: deque[Future[list[Extraction]]] = deque()
    try:
        with ThreadPoolExecutor(jobs) as pool:
            try:
                for group in groups:
                    pending.append(pool.submit(with_any, group))
                    if len(pending) >= 2 * jobs:
                        yield from pending.popleft().result()
                while pending:
                    yield from pending.popleft().result()
            finally:
                for future in pending:
                    future.cancel()
                for worker in workers:
                    worker.close()
    finally:  # one that was just starting when it was told to end
        for worker in workers:
            worker.close()


class _Worker:
    """A process that reads, started at its first batch and again when it has died."""

    def __init__(self, ontology: Ontology) -> None:
        self._ontology = ontology
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def read(self, group: list[Brief]) -> list[Extraction]:
        """What one batch says; a process that dies of it is started again."""
        for _ in range(_TRIES):
            if self._closed:
                return []  # nobody waits for it any more
            try:
                answer = self._ask(group)
            except (OSError, ValueError, EOFError, pickle.UnpicklingError):
                self.stop()
                continue
            if isinstance(answer, BaseException):
                raise answer
            found: list[Extraction] = answer
            return found
        raise ReadError(
            f"the process that reads these briefs ends again and again (tried {_TRIES} times)",
            where=f"{group[0].key} … {group[-1].key}",
            hint="is there memory enough? --jobs 1 reads in this process and shows its errors",
        )

    def _ask(self, group: list[Brief]) -> Any:
        if self._process is None:
            # One core each: what numpy would do with more, the other processes do.
            environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
            self._process = subprocess.Popen([sys.executable, "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
            _tell(self._process.stdin, sys.path)
            _tell(self._process.stdin, self._ontology)
        _tell(self._process.stdin, group)
        assert self._process.stdout is not None
        return pickle.load(self._process.stdout)

    def close(self) -> None:
        """Ends it for good, in the middle of a batch too."""
        self._closed = True
        self.stop()

    def stop(self) -> None:
        """Ends the process; the next batch starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:
                        pass
            process.wait()


def _tell(pipe: IO[bytes] | None, what: object) -> None:
    assert pipe is not None
    pickle.dump(what, pipe, pickle.HIGHEST_PROTOCOL)
    pipe.flush()


def work() -> None:
    """What a worker does: an ontology, then batches of briefs until nobody sends any more."""
    import signal

    # The one who started us is told of Ctrl-C too, and ends us.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing a library prints may get among the answers
    from kg.extract import Reader

    try:
        reader = Reader(pickle.load(sys.stdin.buffer))
        while True:
            group = pickle.load(sys.stdin.buffer)
            try:
                answer: object = list(reader.read(group))
            except Exception as error:
                answer = error if isinstance(error, KgError) else RuntimeError(f"{type(error).__name__}: {error}")
            _tell(answers, answer)
    except (EOFError, BrokenPipeError):
        os._exit(0)
