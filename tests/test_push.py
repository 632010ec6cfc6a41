"""Our graph in other people's stores: sent to a real Oxigraph and a real Virtuoso, counted, checked, and asked the same questions."""

from __future__ import annotations

import http.server
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyoxigraph as ox
import pytest
import rdflib
import requests
from graphs import Writer, shape_briefs, stored
from servers import Server, environment, free_port, with_values

from kg import cli, pipeline
from kg.errors import KgError, UsageError
from kg.graph import Store
from kg.push import BATCH, push
from kg.queries import NamedQuery, list_queries
from kg.query import bind_parameters
from kg.validate import validate
from kg.writers import chosen
from kg.writers.rdf import turtle

GRAPH = "https://example.org/seeds"
KEYS = ("KG_PUSH_USER", "KG_PUSH_PASSWORD", "KG_PUSH_TOKEN")


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in KEYS:
        monkeypatch.delenv(key, raising=False)


@pytest.fixture(name="as_user")
def _as_user(virtuoso: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """Virtuoso, with our environment's credentials for it."""
    for key, value in environment(virtuoso).items():
        monkeypatch.setenv(key, value)
    return virtuoso


def turtle_of(store: Store) -> bytes:
    """What ``kg export`` writes."""
    import io

    out = io.BytesIO()
    turtle(store, None, out)
    return out.getvalue()


# --- real servers -----------------------------------------------------------------------------------------------------


def test_oxigraph_by_either_protocol(oxigraph: Server) -> None:
    store = stored(*shape_briefs())
    count = len(chosen(store))
    for number, update in enumerate((False, True)):
        graph = f"urn:either:{number}"
        for _ in range(2):  # the second time changes nothing
            push(store, oxigraph.update if update else oxigraph.store, update=update, graph=graph)
            assert oxigraph.count(graph) == count
        facts = push(store, oxigraph.update if update else oxigraph.store, update=update, graph=graph, replace=True, facts_only=True)
        assert oxigraph.count(graph) == facts.triples < count


def test_the_default_graph(oxigraph: Server) -> None:
    store = stored(*shape_briefs())
    requests.put(f"{oxigraph.store}?default", data="<urn:a> <urn:b> <urn:c> .", headers={"Content-Type": "text/turtle"}, timeout=20)
    push(store, oxigraph.store)
    assert oxigraph.count() == len(chosen(store)) + 1, "what others put there stays"
    push(store, oxigraph.update, update=True, replace=True)
    assert oxigraph.count() == len(chosen(store))
    requests.delete(f"{oxigraph.store}?default", timeout=20)


def test_virtuoso_by_either_protocol(as_user: Server) -> None:
    store = stored(*shape_briefs())
    count = len(chosen(store))
    for number, update in enumerate((False, True)):
        graph = f"urn:either:{number}"
        for _ in range(2):
            push(store, as_user.update if update else as_user.store, update=update, graph=graph)
            assert as_user.count(graph) == count
        facts = push(store, as_user.update if update else as_user.store, update=update, graph=graph, replace=True, facts_only=True)
        assert as_user.count(graph) == facts.triples < count


def test_virtuoso_says_what_it_misses(as_user: Server) -> None:
    store = stored(*shape_briefs())
    for update in (False, True):
        with pytest.raises(KgError, match="name a graph with --graph IRI"):
            push(store, as_user.update if update else as_user.store, update=update)
    with pytest.raises(KgError, match="perhaps writing is at another address") as caught:
        push(store, as_user.query, update=True, graph="urn:elsewhere")
    assert "INSERT DATA" not in str(caught.value), "what we sent is not said again"


HOSTILE = (
    'Guill"emet\\ et <script>',
    "Émile 😀 & Cie 🛋",
    "שלום עולם \u202eabc",
    "tab\tulation\r\net ligne",
    "bell\x07 zéro\x00",
    "'''\"\"\" ${x} {{y}} %s",
    "long " * 1000,
    "{ } } INSERT DATA { <a> <b> <c> }",
)


def test_hostile_names_arrive_as_they_are(oxigraph: Server, as_user: Server) -> None:
    writers = [Writer(f"h#{n}", f"{name} avale Duo.").entity(name, "Company").entity("Duo", "Company") for n, name in enumerate(HOSTILE)]
    store = stored(*(w.claim(w.entities[0].name, "acquires", "Duo", "avale").done() for w in writers))
    labels = sorted(t.object.value for t in chosen(store) if t.predicate.value.endswith("#label") and isinstance(t.object, ox.Literal))
    assert len(labels) == len(HOSTILE) + 1
    asked = "SELECT ?l { ?e rdfs:label ?l }"
    for update in (False, True):
        push(store, oxigraph.update if update else oxigraph.store, update=update, graph=f"urn:hostile:{update}")
        push(store, as_user.update if update else as_user.store, update=update, graph=f"urn:hostile:{update}")
        assert [r[0] for r in oxigraph.rows(asked, f"urn:hostile:{update}")] == labels
        assert [r[0] for r in as_user.rows(asked, f"urn:hostile:{update}")] == labels


# --- the seeds everywhere ---------------------------------------------------------------------------------------------


@pytest.fixture(name="loaded", scope="module")
def _loaded(seeds_store: Store, oxigraph: Server, virtuoso: Server) -> bytes:
    """graph.ttl of the seeds, which both servers have loaded as a file."""
    data = turtle_of(seeds_store)
    for server, auth in ((oxigraph, None), (virtuoso, requests.auth.HTTPDigestAuth(virtuoso.user, virtuoso.password))):
        url = f"{server.store}?graph={GRAPH}"
        answer = requests.put(url, data=data, headers={"Content-Type": "text/turtle"}, auth=auth, timeout=120)
        assert answer.status_code in (200, 201, 204), answer.text[:500]
    return data


def test_the_seeds_load_everywhere_with_equal_counts(loaded: bytes, seeds_store: Store, oxigraph: Server, virtuoso: Server) -> None:
    graph = rdflib.Graph().parse(loaded, format="turtle")
    assert len(graph) == oxigraph.count(GRAPH) == virtuoso.count(GRAPH) == len(chosen(seeds_store)) > 2000
    assert not any(isinstance(term, rdflib.BNode) for triple in graph for term in triple)
    assert validate(graph, pipeline.load_ontology()) == [], "SHACL and integrity, of the file as it is"


def _asked() -> list[tuple[NamedQuery, bool]]:
    """Each query as it is, where it may be asked without a value, and with its example."""
    found = [(q, False) for q in list_queries() if all(p.optional for p in q.parameters)]
    return found + [(q, True) for q in list_queries() if q.example]


@pytest.mark.parametrize(("query", "example"), _asked(), ids=[f"{q.name}{'-example' if e else ''}" for q, e in _asked()])
def test_named_queries_give_the_same_rows(
    query: NamedQuery,
    example: bool,
    loaded: bytes,
    seeds_store: Store,
    oxigraph: Server,
    virtuoso: Server,
) -> None:
    given = dict(part.split("=", 1) for part in shlex.split(query.example)) if example else {}
    terms = bind_parameters(seeds_store.raw, query, given)
    sparql = with_values(query.sparql, {name: str(term) for name, term in terms.items()})
    ours = sorted(tuple(row[v] or "" for v in row) for row in seeds_store.named(query.name, given).dicts())
    assert oxigraph.rows(sparql, GRAPH) == ours
    assert virtuoso.rows(sparql, GRAPH) == ours


# --- errors, credentials ----------------------------------------------------------------------------------------------


@dataclass
class Fake:
    """A server that answers as it is told, and remembers what it was sent."""

    url: str
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def fake(*answers: tuple[int, dict[str, str], bytes]) -> Iterator[Fake]:
    """Such a server on a free port."""
    told = Fake("", list(answers))

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            told.seen.append((self.command, self.path, dict(self.headers.items()), body))
            code, headers, content = told.answers.pop(0) if told.answers else (200, {}, b"")
            self.send_response(code)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = handle_any

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        told.url = f"http://127.0.0.1:{server.server_address[1]}/store"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield told
        finally:
            server.shutdown()


def test_updates_go_in_batches() -> None:
    many = Writer("m", "Uno avale Duo. " + " ".join(f"N{n}" for n in range(400)))
    for n in range(400):
        many.entity(f"N{n}", "Company")
    store = stored(many.done())
    count = len(chosen(store))
    assert count > 2 * BATCH
    told: list[tuple[int, int]] = []
    with fake() as server:
        done = push(store, server.url, update=True, graph="urn:g", on_batch=lambda sent, of: told.append((sent, of)))
        assert done.triples == count and done.requests == len(server.seen) == -(-count // BATCH)
        assert max(body.count(b" .\n") for *_, body in server.seen) == BATCH
        assert sum(body.count(b" .\n") for *_, body in server.seen) == count
        assert {h["Content-Type"] for _, _, h, _ in server.seen} == {"application/sparql-update; charset=utf-8"}
    assert told[-1] == (count, count) and told[0] == (BATCH, count)


def test_a_dry_run_sends_nothing() -> None:
    store = stored(*shape_briefs())
    with fake() as server:
        done = push(store, server.url, update=True, replace=True, dry_run=True)
        assert server.seen == []
    assert (done.triples, done.requests) == (len(chosen(store)), 2), "one to empty the graph, one to fill it"


def test_whole_texts_stay_here_unless_asked() -> None:
    store = stored(*shape_briefs())
    with fake() as server:
        push(store, server.url)
        push(store, server.url, text="full")
        (_, path, _, quotes), (_, _, _, full) = server.seen
    assert path == "/store?default"
    assert b"schema.org/text" not in quotes and b"schema.org/text" in full


SECRET = "s3cr3t-häslich"


@pytest.mark.parametrize("scheme", ["Basic", "Digest", "Bearer"])
def test_credentials_come_from_the_environment_and_show_nowhere(
    scheme: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    secret = SECRET.encode("ascii", "ignore").decode() if scheme == "Bearer" else SECRET
    if scheme == "Bearer":
        monkeypatch.setenv("KG_PUSH_TOKEN", secret)
    else:
        monkeypatch.setenv("KG_PUSH_USER", "anna")
        monkeypatch.setenv("KG_PUSH_PASSWORD", secret)
    challenge = 'Digest realm="x", nonce="abc", qop="auth", algorithm="MD5"' if scheme == "Digest" else 'Basic realm="x"'
    wants = (401, {"WWW-Authenticate": challenge}, b"")
    answers = [(500, {}, f"you said {secret}".encode())] if scheme == "Bearer" else [wants, (500, {}, f"you said {secret}".encode())]
    with fake(*answers) as server, pytest.raises(KgError) as caught:
        push(stored(*shape_briefs()), server.url)
    assert server.seen[-1][2]["Authorization"].startswith(scheme)
    assert "the server says 500" in str(caught.value)
    assert secret not in str(caught.value) and secret not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert secret not in "".join(capfd.readouterr())


def test_credentials_are_not_taken_from_elsewhere_nor_sent_on(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    home = Path(str(tmp_path))
    (home / ".netrc").write_text("machine 127.0.0.1 login anna password geheim\n")
    (home / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("KG_PUSH_TOKEN", "abc")
    with fake() as other, fake((307, {"Location": other.url}, b"")) as server:
        with pytest.raises(KgError, match=r"sends elsewhere \(307\)"):
            push(stored(*shape_briefs()), server.url)
        assert other.seen == []
    monkeypatch.delenv("KG_PUSH_TOKEN")
    with fake() as server:
        push(stored(*shape_briefs()), server.url)
        assert "Authorization" not in server.seen[0][2]


@pytest.mark.parametrize(
    ("url", "graph", "said"),
    [
        ("ftp://example.org/", None, "no address"),
        ("http://[::1", None, "no address"),
        ("http://example.org:notaport/", None, "no address"),
        ("http://anna:geheim@example.org/", None, "credentials do not belong"),
        ("http://127.0.0.1/#x", None, "no fragment"),
        ("http://127.0.0.1/", "not an iri", "whole IRI"),
        ("http://127.0.0.1/", "https://a/> } ; DROP ALL ; #", "whole IRI"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(url: str, graph: str | None, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        push(stored(*shape_briefs()), url, graph=graph)
    assert "geheim" not in str(caught.value)


def test_passwords_do_not_go_over_the_network_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KG_PUSH_TOKEN", "abc")
    with pytest.raises(UsageError, match="in the clear"):
        push(stored(*shape_briefs()), "http://example.invalid/store")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((401, {"WWW-Authenticate": "Basic"}, b""), "wants credentials (401)"),
        ((404, {}, b"<html><body>Not <b>here</b>\x1b[31m</body>"), "the server says 404: Not here"),
        ((503, {}, b""), "the server says 503"),
    ],
)
def test_what_the_server_has_against_it_is_one_line(answer: tuple[int, dict[str, str], bytes], said: str) -> None:
    with fake(answer) as server, pytest.raises(KgError) as caught:
        push(stored(*shape_briefs()), f"{server.url}?key=geheim")
    assert said in str(caught.value) and "\n" not in str(caught.value) and "\x1b" not in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_an_interrupted_push_says_how_far_it_came() -> None:
    store = stored(*shape_briefs())
    with fake((200, {}, b""), (500, {}, b"oh")) as server, pytest.raises(KgError, match="1 of the requests went well before: run again"):
        push(store, server.url, update=True, replace=True)


def test_nobody_there(capsys: pytest.CaptureFixture[str], seeds_store: Store) -> None:
    with pytest.raises(KgError, match="no connection"):
        push(seeds_store, f"http://127.0.0.1:{free_port()}/store")


def test_the_command(oxigraph: Server, tmp_path: object, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from graphs import BASE, RUN, small_ontology

    from kg.graph import open_store

    monkeypatch.delenv("KG_STORE", raising=False)
    spec = f"oxigraph:{tmp_path}/store"
    with open_store(spec, base=BASE) as store:
        for extraction in shape_briefs():
            store.add(extraction, small_ontology(), RUN)
        count = len(chosen(store))
    arguments = ["push", oxigraph.store, "--graph", "urn:command", "--store", spec]
    assert cli.run([*arguments, "--dry-run"]) == 0
    assert capsys.readouterr().out == f"{oxigraph.store}: {count} triples in 1 request would be sent\n"
    assert oxigraph.count("urn:command") == 0
    assert cli.run(arguments) == 0
    assert capsys.readouterr().out == f"{oxigraph.store}: {count} triples in 1 request\n"
    assert oxigraph.count("urn:command") == count
    assert cli.run(["push", "nowhere", "--store", spec]) == 2
    assert "no address of a server" in capsys.readouterr().err
