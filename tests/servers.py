"""Real SPARQL servers for the tests: started on free loopback ports in temporary folders, and stopped."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from kg.namespaces import PREFIXES


@dataclass(frozen=True)
class Server:
    """Where a running server is queried, updated, and takes whole graphs; who may write there."""

    name: str
    query: str
    update: str
    store: str
    user: str = ""
    password: str = ""

    def rows(self, sparql: str, graph: str | None = None) -> list[tuple[str, ...]]:
        """The rows of a SELECT over one graph, as sorted plain text; unbound is empty."""
        data = {"query": "".join(f"PREFIX {p}: <{n}>\n" for p, n in PREFIXES.items()) + sparql}
        if graph is not None:
            data["default-graph-uri"] = graph
        answer = requests.post(self.query, data=data, headers={"Accept": "application/sparql-results+json"}, timeout=120)
        assert answer.status_code == 200, answer.text[:600]
        found = answer.json()
        names = found["head"]["vars"]
        return sorted(tuple(row[n]["value"] if n in row else "" for n in names) for row in found["results"]["bindings"])

    def count(self, graph: str | None = None) -> int:
        """How many triples a graph has."""
        return int(self.rows("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", graph)[0][0])


def free_port() -> int:
    """A port of the loopback interface nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def oxigraph_program() -> str | None:
    """The server that the package « oxigraph » brings along."""
    beside = Path(sys.executable).with_name("oxigraph")
    return str(beside) if beside.exists() else shutil.which("oxigraph")


def virtuoso_program() -> str | None:
    """Virtuoso 7, as Debian packages it (KG_VIRTUOSO names one that is elsewhere)."""
    return os.environ.get("KG_VIRTUOSO") or shutil.which("virtuoso-t")


@contextmanager
def oxigraph(program: str, folder: Path) -> Iterator[Server]:
    """An Oxigraph server with an empty store."""
    port = free_port()
    with _running([program, "serve", "--location", str(folder / "db"), "--bind", f"127.0.0.1:{port}"], folder, port):
        here = f"http://127.0.0.1:{port}"
        yield Server("Oxigraph", f"{here}/query", f"{here}/update", f"{here}/store")


_INI = """
[Database]
DatabaseFile = {folder}/v.db
ErrorLogFile = {folder}/v.log
LockFile = {folder}/v.lck
TransactionFile = {folder}/v.trx
xa_persistent_file = {folder}/v.pxa
FileExtend = 50
[TempDatabase]
DatabaseFile = {folder}/t.db
TransactionFile = {folder}/t.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
ServerThreads = 8
CheckpointInterval = 0
NumberOfBuffers = 8000
MaxDirtyBuffers = 6000
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = {folder}
MaxClientConnections = 5
[SPARQL]
ResultSetMaxRows = 1000000
"""


@contextmanager
def virtuoso(program: str, folder: Path) -> Iterator[Server]:
    """A Virtuoso server with an empty database; its administrator has the password every new one has."""
    port = free_port()
    (folder / "virtuoso.ini").write_text(_INI.format(folder=folder, port=port, sql=free_port()), encoding="utf-8")
    with _running([program, "+configfile", "virtuoso.ini", "+foreground"], folder, port):
        here = f"http://127.0.0.1:{port}"
        yield Server("Virtuoso", f"{here}/sparql", f"{here}/sparql-auth", f"{here}/sparql-graph-crud-auth", "dba", "dba")


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            _wait(process, port, folder / "server.log")
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path, patience: float = 60) -> None:
    """Until the server answers."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            requests.get(f"http://127.0.0.1:{port}/", timeout=5)
            return
        except requests.exceptions.ConnectionError:
            time.sleep(0.1)
    raise RuntimeError(f"{process.args!r} does not answer: {log.read_text(errors='replace')[-800:]}")


def environment(server: Server) -> Mapping[str, str]:
    """The variables that let us write to a server."""
    return {"KG_PUSH_USER": server.user, "KG_PUSH_PASSWORD": server.password} if server.user else {}


def with_values(sparql: str, values: Mapping[str, str]) -> str:
    """A query whose variables have these terms (in SPARQL syntax) as values: what a server without bindings is asked."""
    rows = "".join(f" VALUES ?{name} {{ {term} }}" for name, term in sorted(values.items()))
    before, brace, after = sparql.partition("WHERE\n{" if "WHERE\n{" in sparql else "{")
    return before + brace + rows + after
