"""Worker processes: jobs go in, answers come out, and whoever takes too long is killed.

Oxigraph cannot be told to stop. So each job runs in a process of its own that does nothing else meanwhile; at the limit, or
when the client has gone, the process is killed and another takes its place. A job waits for a free worker; its time counts
from when it has one.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping
from typing import Any

from kg.server.messages import Answer, Failure, Settings

WAITING = 1000
"""So many jobs may wait for a worker; the next one is sent away."""

PATIENCE = 60.0
"""Seconds a job waits for a free worker."""

STARTING = 60.0
"""Seconds a worker may take to start."""


class Broken(Failure):
    """The worker is of no more use."""


class Worker:
    """One process, or none while it is being replaced."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Starts the process and waits until it can take a job."""
        # A session of its own: Ctrl-C is for the server, which then ends its workers itself.
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # what lies in the folder one stands in is none of its modules
            "-m",
            "kg.server.worker",
            self._settings.dump(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=None if self._settings.log else asyncio.subprocess.DEVNULL,
            start_new_session=True,
            limit=1 << 20,
        )
        async with asyncio.timeout(STARTING):
            if not await self._out.readline():
                raise Failure("a worker did not start", status=500)

    @property
    def _out(self) -> asyncio.StreamReader:
        assert self._process is not None and self._process.stdout is not None
        return self._process.stdout

    async def ask(self, job: Mapping[str, Any]) -> Answer:
        """Has a job done. :class:`EOFError` if the process dies of it."""
        assert self._process is not None and self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            await self._process.stdin.drain()
            head = await self._out.readline()
            if not head:
                raise EOFError
            told = json.loads(head)
            body = await self._out.readexactly(told.pop("length"))
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            raise EOFError from error
        if "error" in told:
            raise Failure(told["error"], status=told["status"], where=told["where"], hint=told["hint"])
        return Answer(body, told["type"], told["status"], told["headers"])

    async def end(self) -> None:
        """Kills the process, whatever it does, and waits until it is gone."""
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


class Pool:
    """As many workers as there may be jobs at a time; for use in ``async with``."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._workers = [Worker(settings) for _ in range(settings.workers)]
        self._free: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        self._waiting = 0
        self._renewals: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Pool:
        await asyncio.gather(*(w.start() for w in self._workers))
        for worker in self._workers:
            self._free.put_nowait(worker)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._renewals):
            task.cancel()
        await asyncio.gather(*self._renewals, return_exceptions=True)
        await asyncio.gather(*(w.end() for w in self._workers))

    @property
    def busy(self) -> bool:
        """Whether no worker is free."""
        return self._free.empty()

    async def ask(self, job: Mapping[str, Any]) -> Answer:
        """Has a job done by the next free worker, within the time there is for it. :class:`Failure` says what went wrong."""
        worker = await self._next()
        whole = False
        try:
            answer = await _within(worker, job, self.settings.seconds)
            whole = True
            return answer
        except Broken:
            raise
        except Failure:  # the worker itself says no
            whole = True
            raise
        finally:
            if whole:
                self._free.put_nowait(worker)
            else:  # late, dead, or asked by a client who has gone
                task = asyncio.create_task(self._renew(worker))
                self._renewals.add(task)
                task.add_done_callback(self._renewals.discard)

    async def ask_apart(self, job: Mapping[str, Any], seconds: float) -> Answer:
        """Has a long job done by a process of its own, which ends with it."""
        worker = Worker(self.settings)
        try:
            await worker.start()
            return await _within(worker, job, seconds)
        finally:
            await worker.end()

    async def _next(self) -> Worker:
        if self._waiting >= WAITING:
            raise Failure("too many queries are waiting", status=503, hint="ask again later")
        self._waiting += 1
        try:
            async with asyncio.timeout(PATIENCE):
                return await self._free.get()
        except TimeoutError as error:
            raise Failure(f"no worker has become free within {PATIENCE:g} s", status=503, hint="ask again later") from error
        finally:
            self._waiting -= 1

    async def _renew(self, worker: Worker) -> None:
        await worker.end()
        while True:
            try:
                await worker.start()
            except (OSError, TimeoutError, Failure):  # a machine out of memory or processes: until it has some again
                await worker.end()
                await asyncio.sleep(1)
            else:
                self._free.put_nowait(worker)
                return


async def _within(worker: Worker, job: Mapping[str, Any], seconds: float) -> Answer:
    try:
        async with asyncio.timeout(seconds):
            return await worker.ask(job)
    except TimeoutError as error:
        raise Broken(
            f"stopped after {seconds:g} s, the time limit", status=503, hint="ask for less, or serve with a longer --timeout"
        ) from error
    except EOFError as error:
        raise Broken(
            "the query brought its worker down: it needed too much memory, or is nested too deeply", status=500, hint="ask for less"
        ) from error
