"""« kg serve » in a process of its own, for tests and the benchmark."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = (sys.executable, "-P", "-c", "from kg.cli import main; main()")


@dataclass(frozen=True)
class Reply:
    """What came back: status, headers with small letters, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class Served:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    def ask(self, path: str, *, method: str = "GET", body: bytes | str | None = None, **headers: str) -> Reply:
        """One request on a connection of its own; « content_type » stands for « Content-Type »."""
        parts = urlsplit(self.url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=60)
        try:
            data = body.encode() if isinstance(body, str) else body
            connection.request(method, path, data, {k.replace("_", "-"): v for k, v in headers.items()})
            answer = connection.getresponse()
            return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def sparql(self, query: str, accept: str = "text/csv", **more: str) -> Reply:
        """A query by GET."""
        return self.ask(f"/sparql?{urlencode({'query': query, **more})}", accept=accept)

    def workers(self) -> list[int]:
        """The processes it has started."""
        return [pid for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))) if _parent(pid) == self.process.pid]


def _parent(pid: int) -> int | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return int(stat.rpartition(")")[2].split()[1])


def processor_seconds(pid: int) -> float:
    """What a process has used of a core; 0 if it is gone."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(store: str, *options: str) -> Iterator[Served]:
    """A server on a free port of this machine; ended as Ctrl-C ends it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KG_")} | {"PYTHONPATH": str(ROOT)}
    command = [*PROGRAM, "serve", "--quiet", "--port", "0", "--store", store, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None and process.stderr is not None
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise AssertionError(process.stderr.read())
        yield Served(url, process)
    finally:
        process.send_signal(2)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
