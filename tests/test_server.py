"""« kg serve », asked by real clients: programs over HTTP, and people in a browser."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit
from xml.dom.minidom import Document

import pyoxigraph as ox
import pytest
import rdflib
import SPARQLWrapper
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from serving import PROGRAM, ROOT, Reply, Served, processor_seconds, serving

from kg import namespaces as ns
from kg import pipeline
from kg.server import pages, protocol
from kg.server.lookup import Node, description
from kg.server.messages import Settings
from kg.server.negotiate import GRAPH, HTML, ROWS, best, language
from kg.server.worker import Jobs

BASE = ns.DEFAULT_BASE
BOUGHT = "SELECT ?who ?what { ?who kg:acquires ?what } ORDER BY ?who ?what"
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
FORM, DIRECT = "application/x-www-form-urlencoded", "application/sparql-query"
JSON = "application/sparql-results+json"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    spec = f"oxigraph:{tmp_path_factory.mktemp('served') / 'store'}"
    pipeline.build([ROOT / "seeds"], store=spec).close()
    return spec


@pytest.fixture(scope="module")
def served(store: str) -> Iterator[Served]:
    with serving(store) as running:
        yield running


@pytest.fixture(scope="module")
def strict(store: str) -> Iterator[Served]:
    """One worker, one second, fifty rows."""
    with serving(store, "--timeout", "1", "--max-rows", "50", "--workers", "1") as running:
        yield running


@pytest.fixture(scope="module")
def bought(store: str) -> set[tuple[str, str]]:
    with pipeline.open(store) as opened:
        return {(str(row["who"]), str(row["what"])) for row in opened.query(BOUGHT).dicts()}


# --- the protocol -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "type", "format"),
    [
        (JSON, JSON, ox.QueryResultsFormat.JSON),
        ("*/*", JSON, ox.QueryResultsFormat.JSON),
        ("application/json", "application/json", ox.QueryResultsFormat.JSON),
        ("application/sparql-results+xml", "application/sparql-results+xml", ox.QueryResultsFormat.XML),
        ("text/csv;q=0.4, application/xml;q=0.5", "application/xml", ox.QueryResultsFormat.XML),
        ("text/tab-separated-values", "text/tab-separated-values; charset=utf-8", ox.QueryResultsFormat.TSV),
    ],
)
def test_rows_come_in_the_format_asked_for(served: Served, bought: set[Any], accept: str, type: str, format: ox.QueryResultsFormat) -> None:
    reply = served.sparql(BOUGHT, accept)
    assert (reply.status, reply.headers["content-type"]) == (200, type)
    rows = ox.parse_query_results(reply.body, format=format)
    assert isinstance(rows, ox.QuerySolutions)
    assert {(row["who"].value, row["what"].value) for row in rows} == bought and bought


def test_rows_come_as_csv(served: Served, bought: set[Any]) -> None:
    head, *rows = served.sparql(BOUGHT, "text/csv").text.splitlines()
    assert head == "who,what" and {tuple(row.split(",")) for row in rows} == bought


@pytest.mark.parametrize(("answer", "ask"), [(True, "ASK { ?a kg:acquires ?b }"), (False, "ASK { ?a kg:acquires ?a }")])
@pytest.mark.parametrize("format", [ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML])
def test_a_yes_or_no(served: Served, answer: bool, ask: str, format: ox.QueryResultsFormat) -> None:
    assert bool(ox.parse_query_results(served.sparql(ask, format.media_type).body, format=format)) is answer


@pytest.mark.parametrize("type", ["text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"])
@pytest.mark.parametrize("query", ["CONSTRUCT WHERE { ?a kg:acquires ?b }", f"DESCRIBE <{BASE}org/ibm>"])
def test_triples_come_in_the_format_asked_for(served: Served, store: str, type: str, query: str) -> None:
    reply = served.sparql(query, type)
    assert reply.headers["content-type"].partition(";")[0] == type
    with pipeline.open(store) as opened:
        expected = set(opened.query(query).triples)
    assert {q.triple for q in ox.parse(reply.body, format=ox.RdfFormat.from_media_type(type))} == expected and expected


def test_get_and_both_ways_to_post_say_the_same(served: Served) -> None:
    by_get = served.sparql(BOUGHT, JSON).body
    assert served.ask("/sparql", method="POST", body=urlencode({"query": BOUGHT}), content_type=FORM, accept=JSON).body == by_get
    assert served.ask("/sparql", method="POST", body=BOUGHT, content_type=f"{DIRECT}; charset=UTF-8", accept=JSON).body == by_get
    assert served.ask(f"/sparql?{urlencode({'query': BOUGHT})}", method="HEAD", accept=JSON).headers["content-length"] == str(len(by_get))


def test_without_a_query_the_service_describes_itself(served: Served) -> None:
    sd = rdflib.Namespace(protocol._SD)
    for type in ("text/turtle", "application/rdf+xml", "application/n-triples", "application/ld+json"):
        reply = served.ask("/sparql", accept=type)
        graph = rdflib.Graph().parse(data=reply.body, format=type)
        endpoint = rdflib.URIRef(f"{served.url}sparql")
        assert (endpoint, sd.endpoint, endpoint) in graph and (endpoint, sd.supportedLanguage, sd.SPARQL11Query) in graph
        assert not any(isinstance(term, rdflib.BNode) for triple in graph for term in triple)


def test_variables_are_given_values_beside_the_query(served: Served) -> None:
    rows = served.sparql("SELECT ?who ?what { ?who kg:acquires ?what }", "text/csv", **{"$who": "big blue"}).text.splitlines()[1:]
    assert len(rows) == 2 and all(row.startswith(f"{BASE}org/ibm,") for row in rows)


def test_other_graphs_are_empty(served: Served) -> None:
    count = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    assert served.sparql(count).text.split() != ["n", "0"]
    assert served.sparql(count, **{"default-graph-uri": "http://example.org/other"}).text.split() == ["n", "0"]
    inside = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
    assert served.sparql(inside, **{"named-graph-uri": "http://example.org/other"}).text.split() == ["n", "0"]
    assert served.sparql(count, **{"default-graph-uri": "no iri"}).status == 400


BAD = [
    ("GET", "/sparql?query=SELECT", "", "", 400, "malformed SPARQL"),
    ("GET", "/sparql?query=ASK{}&query=ASK{}", "", "", 400, "more than one query"),
    ("GET", "/sparql?query=%FF%FE", "", "", 400, "no UTF-8"),
    ("GET", "/sparql?update=CLEAR+ALL", "", "", 403, "only reads"),
    ("GET", "/sparql?query=CLEAR+ALL", "", "", 400, "CLEAR is refused"),
    ("GET", "/sparql?query=ASK{?a+unknown:b+?c}", "", "", 400, "unknown prefix « unknown: »"),
    ("GET", "/sparql?" + "&".join(["a=b"] * 300), "", "", 400, "parameters"),
    ("GET", "/sparql?query=ASK{}&%24a=b", "", "", 400, "?a"),
    ("POST", "/sparql", "", FORM, 400, "no query"),
    ("POST", "/sparql", "update=DROP+ALL", FORM, 403, "only reads"),
    ("POST", "/sparql", "DROP ALL", "application/sparql-update", 403, "only reads"),
    ("POST", "/sparql", "ASK {}", "text/plain", 415, "not as text/plain"),
    ("POST", "/sparql", "ASK {} # " + "x" * (1 << 20), DIRECT, 413, "larger than 1 MB"),
    ("PUT", "/sparql", "ASK {}", DIRECT, 405, "method"),
    ("DELETE", "/sparql", "", "", 405, "method"),
]


@pytest.mark.parametrize(("method", "path", "body", "type", "status", "said"), BAD)
def test_what_cannot_be_answered_is_told_in_a_line(
    served: Served, method: str, path: str, body: str, type: str, status: int, said: str
) -> None:
    headers = {"content_type": type} if type else {}
    reply = served.ask(path, method=method, body=body or None, **headers)
    assert reply.status == status and said in reply.text
    assert reply.text.count("\n") == 1 and reply.headers["content-type"].startswith("text/plain")


def test_a_format_nobody_has_is_refused(served: Served) -> None:
    for query in (BOUGHT, "CONSTRUCT WHERE { ?a kg:acquires ?b }"):
        assert served.sparql(query, "image/png").status == 406
    assert served.sparql(BOUGHT, "text/turtle").status == 406
    assert served.ask("/sparql", accept="image/png").status == 406


def test_a_browser_that_follows_a_link_to_a_query_sees_the_editor(served: Served) -> None:
    browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    reply = served.sparql(BOUGHT, browser)
    assert (reply.status, reply.headers["location"]) == (303, f"/query#query={quote(BOUGHT, safe='')}")
    assert served.ask("/sparql", accept=browser).headers["location"] == "/query"


def test_pages_elsewhere_may_ask(served: Served) -> None:
    asked = served.ask(f"/sparql?{urlencode({'query': BOUGHT})}", origin="https://elsewhere.example", accept=JSON)
    assert asked.headers["access-control-allow-origin"] == "*"
    before = served.ask(
        "/sparql",
        method="OPTIONS",
        origin="https://elsewhere.example",
        access_control_request_method="POST",
        access_control_request_headers="content-type",
    )
    assert before.status == 200 and "POST" in before.headers["access-control-allow-methods"]
    assert before.headers["access-control-allow-headers"] == "content-type"


def test_long_answers_are_packed_for_who_can_unpack_them(served: Served) -> None:
    everything = f"/sparql?{urlencode({'query': 'SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o'})}"
    plain, packed = served.ask(everything), served.ask(everything, accept_encoding="gzip")
    assert packed.headers["content-encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 3


# --- real clients -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("direct", [False, True])
def test_sparqlwrapper_asks(served: Served, bought: set[Any], method: str, direct: bool) -> None:
    client = SPARQLWrapper.SPARQLWrapper(f"{served.url}sparql")
    client.setMethod(method)
    if direct and method == "POST":
        client.setRequestMethod(SPARQLWrapper.POSTDIRECTLY)
    client.setQuery(BOUGHT)
    client.setReturnFormat(SPARQLWrapper.JSON)
    rows = cast("dict[str, Any]", client.queryAndConvert())["results"]["bindings"]
    assert {(r["who"]["value"], r["what"]["value"]) for r in rows} == bought
    client.setReturnFormat(SPARQLWrapper.XML)
    assert len(cast(Document, client.queryAndConvert()).getElementsByTagName("result")) == len(bought)
    client.setReturnFormat(SPARQLWrapper.CSV)
    assert len(cast(bytes, client.queryAndConvert()).splitlines()) == len(bought) + 1
    client.setQuery("CONSTRUCT WHERE { ?a kg:acquires ?b }")
    for format in (SPARQLWrapper.TURTLE, SPARQLWrapper.RDFXML, SPARQLWrapper.JSONLD):
        client.setReturnFormat(format)
        answer = client.queryAndConvert()
        graph = rdflib.Graph().parse(data=answer, format="turtle") if isinstance(answer, bytes) else answer
        assert isinstance(graph, rdflib.Graph)
        assert len(graph) == len(bought)


def test_rdflib_asks(served: Served, bought: set[Any]) -> None:
    graph = rdflib.Graph(SPARQLStore(f"{served.url}sparql", returnFormat="json"))
    assert {(str(a), str(b)) for a, b in graph.query(f"PREFIX kg: <{ns.KG}> {BOUGHT}")} == bought  # type: ignore[misc]
    assert {(str(a), str(b)) for a, b in graph.subject_objects(rdflib.URIRef(ns.KG + "acquires"))} == bought
    assert graph.value(rdflib.URIRef(f"{BASE}org/ibm"), rdflib.RDFS.label) == rdflib.Literal("IBM")


def test_curl_asks(served: Served, bought: set[Any]) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    for options in (["--data-urlencode", f"query={BOUGHT}"], ["-H", f"Content-Type: {DIRECT}", "--data-binary", BOUGHT]):
        command = [curl, "-sS", "--noproxy", "*", f"{served.url}sparql", "-H", "Accept: text/csv", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert {tuple(line.split(",")) for line in done.stdout.splitlines()[1:]} == bought


# --- nothing leaves the machine ---------------------------------------------------------------------------------------

_S = "{ ?s ?p ?o }"
SPELLINGS = [
    "SELECT * { SERVICE <URL> " + _S + " }",
    "SELECT * { service <URL> " + _S + " }",
    "SELECT * { SeRvIcE SILENT <URL> " + _S + " }",
    "SELECT * { SERVICE<URL>" + _S + "}",
    "SELECT * {SERVICE\n#comment\n<URL>\t" + _S + " }",
    "PREFIX x: <URL> SELECT * { SERVICE x: " + _S + " }",
    "PREFIX service: <URL> SELECT * { SERVICE service: " + _S + " }",
    "BASE <URL> SELECT * { SERVICE <> " + _S + " }",
    "SELECT * { VALUES ?u { <URL> } SERVICE ?u " + _S + " }",
    'SELECT * { BIND("\\"" AS ?x) SERVICE <URL> ' + _S + " }",
    "SELECT * { BIND('''it''s # no comment''' AS ?x) SERVICE <URL> " + _S + " }",
    "SELECT * { # a comment\r SERVICE <URL> " + _S + " }",
    "SELECT * { \\u0053ERVICE <URL> " + _S + " }",
    "SELECT * { SERV\\U00000049CE <URL> " + _S + " }",
    "SELECT * { { SELECT * { OPTIONAL { SERVICE <URL> " + _S + " } } } }",
    "ASK { FILTER EXISTS { SERVICE <URL> " + _S + " } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> " + _S + " }",
    "SELECT * { ?a<'>SERVICE <URL> " + _S + " . #'>\n }",
    "SELECT (1SERVICE AS ?x) * { 1SERVICE<URL>" + _S + " }",
    "LOAD <URL>",
    "load silent <URL> INTO GRAPH <urn:g>",
    "PREFIX a: <urn:a> LOAD <URL>",
    "ASK {} ; LOAD <URL>",
    "\\u004COAD <URL>",
    "# SELECT\nLOAD<URL>",
]


class Listener:
    """Counts who knocks."""

    def __init__(self) -> None:
        self.knocks = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            self.knocks += 1
            connection.close()


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.socket.close()


def test_the_listener_hears(listener: Listener) -> None:
    before = listener.knocks
    with pytest.raises(OSError, match=r"."):
        list(ox.Store().query(f"SELECT * {{ SERVICE <{listener.url}> {_S} }}"))  # type: ignore[arg-type]
    assert listener.knocks > before


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_service_or_load_leaves_the_machine(served: Served, listener: Listener, spelling: str) -> None:
    before, query = listener.knocks, spelling.replace("URL", listener.url)
    graph = {"default-graph-uri": listener.url}
    replies = [
        served.sparql(query, "*/*"),
        served.sparql(query, "*/*", **graph),
        served.ask("/sparql", method="POST", body=urlencode({"query": query}), content_type=FORM),
        served.ask("/sparql", method="POST", body=query, content_type=DIRECT),
        served.ask("/sparql", method="POST", body=urlencode({"update": query}), content_type=FORM),
        served.ask("/sparql", method="POST", body=query, content_type="application/sparql-update"),
    ]
    assert [r.status for r in replies] == [400] * 4 + [403] * 2
    assert all("refused" in r.text for r in replies[:4])
    assert listener.knocks == before


def test_the_words_in_names_and_texts_are_harmless(served: Served) -> None:
    query = 'SELECT ?service { BIND("SERVICE <http://x/> LOAD" AS ?service) } # SERVICE'
    assert served.sparql(query).text.splitlines()[1] == "SERVICE <http://x/> LOAD"


# --- limits -----------------------------------------------------------------------------------------------------------


def still(workers: list[int]) -> bool:
    """Whether none of these processes uses a core."""
    before = {pid: processor_seconds(pid) for pid in workers}
    time.sleep(0.5)
    return all(processor_seconds(pid) - used < 0.2 for pid, used in before.items())


def waited(condition: Any, seconds: float = 20.0) -> bool:
    until = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < until:
        time.sleep(0.1)
    return bool(found)


def test_a_query_past_its_limit_is_told_so_and_frees_its_core(strict: Served) -> None:
    (before,) = strict.workers()
    began = time.monotonic()
    reply = strict.sparql(ENDLESS)
    assert (reply.status, reply.headers["retry-after"]) == (503, "5") and "stopped after 1 s" in reply.text
    assert 0.9 < time.monotonic() - began < 15
    assert waited(lambda: not Path(f"/proc/{before}").exists(), 2)
    assert strict.sparql("ASK {}", JSON).status == 200
    assert before not in strict.workers() and still(strict.workers())


def test_who_hangs_up_stops_the_query(store: str) -> None:
    with serving(store, "--timeout", "300", "--workers", "1") as running:
        (before,) = running.workers()
        parts = urlsplit(running.url)
        client = socket.create_connection((parts.hostname or "", parts.port or 0))
        client.sendall(f"GET /sparql?{urlencode({'query': ENDLESS})} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert waited(lambda: not still([before]))
        client.close()
        assert waited(lambda: not Path(f"/proc/{before}").exists())
        assert running.sparql("ASK {}", JSON).status == 200


def test_too_many_rows_are_refused_and_the_most_are_not(strict: Served) -> None:
    def rows(n: int) -> Reply:
        return strict.sparql(f"SELECT ?s {{ ?s ?p ?o }} LIMIT {n}")

    assert len(rows(50).text.splitlines()) == 51
    assert rows(51).status == 400 and "more than 50 rows" in rows(51).text
    assert strict.sparql("CONSTRUCT WHERE { ?s ?p ?o }", "text/turtle").status == 400
    assert strict.ask("/entity/place/france", accept="text/turtle").status == 400
    (worker,) = strict.workers()
    assert strict.sparql("SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }").status == 400  # endless but for the limit
    assert strict.workers() == [worker]


def test_what_takes_too_much_memory_is_told_so(store: str) -> None:
    import asyncio

    from kg.server.messages import Failure
    from kg.server.pool import Pool

    job: dict[str, Any] = {
        "kind": "query",
        "bindings": {},
        "default_graph": [],
        "named_graphs": [],
        "rows": ("csv", "text/csv"),
        "graph": None,
    }

    async def ask() -> tuple[int, bytes]:
        async with Pool(Settings(store, BASE, workers=1, memory=300 << 20)) as pool:
            with pytest.raises(Failure, match="too much memory") as told:
                await pool.ask(job | {"query": "SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?c ?f"})
            return told.value.status, (await pool.ask(job | {"query": "ASK {}"})).body

    with ThreadPoolExecutor() as apart:  # where a browser is open, its loop runs in this thread
        assert apart.submit(asyncio.run, ask()).result() == (500, b"true")


def test_workers_end_with_their_server(store: str) -> None:
    with serving(store, "--timeout", "1", "--workers", "2") as running:
        workers = running.workers()
        assert len(workers) == 2
        os.kill(running.process.pid, signal.SIGKILL)
        assert waited(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def test_a_hundred_clients_lose_no_answer(store: str) -> None:
    script = ROOT / "tests" / "benchmarks" / "serve.py"
    command = [sys.executable, str(script), "--store", store, "--clients", "100", "--seconds", "3"]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "100 clients, 3 s:" in done.stdout and "0 lost, 0 wrong" in done.stdout


literals = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=12).map(ox.Literal),
    st.text("<>\"'\\\t\n\r,;é{}", max_size=8).map(lambda t: ox.Literal(t, language="fr")),
    st.integers().map(ox.Literal),
    st.floats(allow_nan=False).map(ox.Literal),
    st.just(ox.Literal("2021-05", datatype=ox.NamedNode(ns.XSD + "gYearMonth"))),
    st.just(ox.NamedNode("http://example.org/é?a=b&c")),
)


@given(st.lists(literals, max_size=6), st.sampled_from([ox.QueryResultsFormat.JSON, ox.QueryResultsFormat.XML, ox.QueryResultsFormat.CSV]))
def test_counting_rows_changes_no_answer(objects: list[Any], format: ox.QueryResultsFormat) -> None:
    memory = ox.Store()
    for n, term in enumerate(objects):
        memory.add(ox.Quad(ox.NamedNode(f"http://example.org/{n}"), ox.NamedNode("http://example.org/p"), term))
    query = "SELECT ?s ?o ?none { ?s ?p ?o OPTIONAL { ?o ?p ?none } } ORDER BY ?s"

    def rows() -> ox.QuerySolutions:
        answer = memory.query(query)
        assert isinstance(answer, ox.QuerySolutions)
        return answer

    assert Jobs(Settings("memory", BASE))._rows(rows(), format) == rows().serialize(format=format)


# --- pages and their data ---------------------------------------------------------------------------------------------


def test_an_entity_answers_as_page_and_as_triples(served: Served, store: str) -> None:
    page = served.ask("/entity/org/ibm", accept="text/html,*/*;q=0.1")
    assert page.status == 200 and "<h1>IBM</h1>" in page.text and 'href="/entity/org/waeg"' in page.text
    assert 'rel="alternate"' in page.headers["link"] and "Accept" in page.headers["vary"]
    with pipeline.open(store) as opened:
        everything = set(opened.triples())
    for type in ("text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"):
        reply = served.ask("/entity/org/ibm", accept=type)
        found = {q.triple for q in ox.parse(reply.body, format=ox.RdfFormat.from_media_type(type))}
        assert found <= everything
        subjects = {str(t.subject)[1:-1].removeprefix(BASE).partition("/")[0] for t in found}
        assert {"claim", "evidence", "span", "org"} <= subjects
        assert ox.Triple(ox.NamedNode(f"{BASE}org/waeg"), ox.NamedNode(ns.RDFS + "label"), ox.Literal("Waeg")) in found
    assert served.ask("/entity/org/ibm?format=turtle", accept="text/html").headers["content-type"].startswith("text/turtle")
    assert f"<{BASE}place/europe>" in served.ask("/entity/org/waeg", accept="application/n-triples").text


def test_a_hub_is_described_once() -> None:
    store, hub = ox.Store(), ox.NamedNode(f"{BASE}org/hub")
    label, claim = ox.NamedNode(ns.RDFS + "label"), ox.NamedNode(ns.KG + "Claim")
    store.add(ox.Quad(hub, label, ox.Literal("Hub")))
    for n in range(40):
        node = ox.NamedNode(f"{BASE}claim/{n}")
        store.add(ox.Quad(node, ox.NamedNode(ns.RDF + "type"), claim))
        store.add(ox.Quad(node, ox.NamedNode(ns.RDF + "subject"), hub))
    told = list(description(Node(store, hub.value)))
    assert sum(t.predicate == label for t in told) == 2  # its own, and as what the claims name
    assert sum(t.object == claim for t in told) == 40


def test_a_brief_answers_as_page_and_as_triples(served: Served, store: str) -> None:
    with pipeline.open(store) as opened:
        brief = next(b for b in opened.briefs() if b.title)
        text = Node(opened.raw, brief.iri).text(ns.SCHEMA + "text")
    local = brief.iri.removeprefix(BASE)
    page = served.ask(f"/{local}", accept="text/html")
    assert page.status == 200 and 'class="in" href="/entity/' in page.text
    shown = re.sub(r"<[^>]*>", "", page.text.split('<div class="text">')[1].split("</div>")[0])
    import html

    assert html.unescape(shown) == text
    graph = rdflib.Graph().parse(data=served.ask(f"/{local}", accept="text/turtle").body, format="turtle")
    assert rdflib.Literal(brief.key) in set(graph.objects(rdflib.URIRef(brief.iri), rdflib.URIRef(ns.KG + "key")))
    assert set(graph.subjects(rdflib.RDF.type, rdflib.URIRef(ns.KG + "Evidence")))


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/entity?q=big%20BLUE", 303, "/entity/org/ibm"),
        ("/entity?q=États-Unis", 303, "/entity/place/etats-unis"),
        ("/entity?q=", 303, "/"),
        ("/id/org/ibm", 303, "/entity/org/ibm"),
        ("/id/brief/abc?format=turtle", 303, "/brief/abc?format=turtle"),
        ("/entity?q=Nobody+knows+me", 404, None),
        ("/entity/org/nobody", 404, None),
        ("/entity/org/", 404, None),
        ("/brief/none", 404, None),
        ("/id/claim/none", 404, None),
        ("/nothing", 404, None),
        ("/assets/../worker.py", 404, None),
        ("/assets/%2e%2e/worker.py", 404, None),
        ("/entity/org/ibm?format=pdf", 400, None),
    ],
)
def test_where_addresses_lead(served: Served, path: str, status: int, location: str | None) -> None:
    reply = served.ask(quote(path, safe="/?=&%+"), accept="text/html,*/*;q=0.1")
    assert (reply.status, reply.headers.get("location")) == (status, location)


def test_everything_of_ours_has_triples(served: Served, store: str) -> None:
    with pipeline.open(store) as opened:
        claim = next(str(r["c"]) for r in opened.query("SELECT ?c { ?c a kg:Claim } LIMIT 1").dicts())
    reply = served.ask(f"/id/{claim.removeprefix(BASE)}", accept="application/n-triples")
    assert reply.status == 200 and f"<{claim}>" in reply.text


def test_both_languages_have_the_same_words() -> None:
    words = pages.words()
    assert words["fr"].keys() == words["en"].keys()
    templates = "".join(p.read_text(encoding="utf-8") for p in pages.TEMPLATES.glob("*.j2"))
    scripts = (pages.ASSETS / "query.js").read_text(encoding="utf-8")
    assert set(re.findall(r"\bwords\.(\w+)", templates + scripts)) <= words["fr"].keys()


def test_a_language_once_chosen_is_kept(served: Served) -> None:
    assert "Ask the graph" in served.ask("/query", accept_language="en-GB,en;q=0.9").text
    assert "Interroger le graphe" in served.ask("/query", accept_language="de").text
    chosen = served.ask("/query?lang=en")
    assert "Ask the graph" in chosen.text
    assert "Ask the graph" in served.ask("/query", cookie=chosen.headers["set-cookie"].partition(";")[0]).text


@given(st.text("aé<>&\U0001f600", max_size=20), st.lists(st.tuples(st.integers(-3, 25), st.integers(-3, 25)), max_size=5))
def test_pieces_put_together_are_the_text(text: str, spans: list[tuple[int, int]]) -> None:
    made = pages.pieces(text, [(a, b, "subject", "") for a, b in spans])
    assert "".join(p.text for p in made) == text
    at = 0
    for piece in made:
        inside = any(a <= at and at + len(piece.text) <= b for a, b in spans if 0 <= a < b <= len(text))
        assert (piece.roles == ("subject",)) == inside
        at += len(piece.text)


@pytest.mark.parametrize(
    ("accept", "offers", "expected"),
    [
        ("", ROWS, "application/sparql-results+json"),
        ("text/*", ROWS, "text/xml"),
        ("text/csv;q=0, */*", ROWS, "application/sparql-results+json"),
        ("*/*;q=0.1, text/csv", ROWS, "text/csv"),
        ("TEXT/CSV ; Q=0.5, text/tab-separated-values;q=.6", ROWS, "text/tab-separated-values"),
        ("image/png", ROWS, None),
        ("text/csv;q=0", ROWS, None),
        ("text/csv;q=nonsense,,;", ROWS, "text/csv"),
        ("application/rdf+xml, text/html;q=0.9", (HTML, *GRAPH), "application/rdf+xml"),
        ("*/*", (HTML, *GRAPH), "text/html"),
    ],
)
def test_the_best_offer_is_taken(accept: str, offers: Any, expected: str | None) -> None:
    found = best(accept, offers)
    assert (found and found[1]) == expected


@given(st.text(max_size=40))
def test_no_header_breaks_the_choice(accept: str) -> None:
    assert best(accept, ROWS) in (None, *ROWS)
    assert language(accept, ("fr", "en")) in ("fr", "en")


# --- a store that changes ---------------------------------------------------------------------------------------------


def kg(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KG_")} | {"PYTHONPATH": str(ROOT)}
    return subprocess.run([*PROGRAM, *arguments], capture_output=True, text=True, env=environment, timeout=120)


def test_what_is_built_meanwhile_is_served(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    one, two = tmp_path / "one.txt", tmp_path / "two.txt"
    one.write_text("Google a racheté Fitbit.", encoding="utf-8")
    two.write_text("Microsoft a racheté GitHub.", encoding="utf-8")
    pipeline.build([one], store=spec).close()
    with serving(spec) as running:
        first = running.ask("/")
        assert running.ask("/", if_none_match=first.headers["etag"]).status == 304
        assert len(running.sparql(BOUGHT).text.splitlines()) == 2
        pipeline.build([two], store=spec).close()
        assert len(running.sparql(BOUGHT).text.splitlines()) == 3
        second = running.ask("/", if_none_match=first.headers["etag"])
        assert second.status == 200 and "GitHub" in second.text and "GitHub" not in first.text
        # While somebody writes, the server says so instead of waiting for ever.
        with pipeline.open(spec, read_only=False):
            assert running.ask("/health").status == 503
            reply = running.sparql("ASK {}", JSON)
            assert reply.status == 503 and "in use by process" in reply.text
        assert json.loads(running.ask("/health").body) == {"status": "ok", "busy": False}


# --- starting ---------------------------------------------------------------------------------------------------------


def test_what_keeps_it_from_starting_is_one_line(store: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        for options, code, said in (
            (("--store", store, "--port", port), 1, "the port is taken"),
            (("--store", f"oxigraph:{tmp_path / 'none'}"), 1, "there is no store here"),
            (("--store", "memory"), 2, "memory"),
            (("--store", store, "--host", "no.such.host.invalid"), 2, "no such address"),
            (("--store", store, "--host", "192.0.2.1"), 1, "cannot listen"),
            (("--store", store, "--port", "70000"), 2, "70000"),
            (("--store", store, "--ontology", str(tmp_path / "none")), 1, "none"),
        ):
            done = kg("serve", *options)
            assert (done.returncode, done.stdout) == (code, ""), done.stderr
            assert said in done.stderr and done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def test_it_listens_on_this_machine_only_and_ends_quietly(store: str) -> None:
    with serving(store) as running:
        assert running.url.startswith("http://127.0.0.1:") and running.url.endswith("/")
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(15) == 0
        assert running.process.stderr is not None and running.process.stderr.read() == ""


def test_modules_of_the_folder_one_stands_in_are_none_of_its_own(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gzip.py").write_text("raise SystemExit('taken in')")
    monkeypatch.chdir(tmp_path)
    with serving(store) as running:
        assert running.ask("/health").status == 200


# --- in a browser -----------------------------------------------------------------------------------------------------

POISON = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'{{7*7}}</title>"


@pytest.fixture
def page(chromium: Browser, served: Served) -> Iterator[Page]:
    yield from watched(chromium, served)


def watched(chromium: Browser, served: Served) -> Iterator[Page]:
    """A tab; afterwards nothing was logged, no dialog opened, and only this server was asked."""
    tab = chromium.new_page(viewport={"width": 1300, "height": 900}, locale="fr-FR", reduced_motion="reduce")
    seen: list[str] = []
    tab.on("console", lambda m: seen.append(f"console: {m.text}") if "Failed to load resource" not in m.text else None)
    tab.on("pageerror", lambda e: seen.append(f"error: {e}"))
    tab.on("dialog", lambda d: seen.append(f"dialog: {d.message}"))
    tab.on("request", lambda r: seen.append(f"left: {r.url}") if not r.url.startswith((served.url, "data:", "blob:")) else None)
    yield tab
    tab.close()
    assert seen == []


def editor(page: Page, served: Served, fragment: str = "") -> None:
    page.goto(f"{served.url}query{fragment}")
    page.wait_for_selector("html[data-ready]", state="attached")


def write(page: Page, text: str) -> None:
    page.click(".CodeMirror")
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def test_a_query_is_typed_completed_and_run(page: Page, served: Served, bought: set[Any]) -> None:
    editor(page, served)
    page.click(".CodeMirror")
    page.keyboard.press("Control+A")
    page.keyboard.type("SELECT ?who ?what { ?who kg:acq")
    page.wait_for_selector(".CodeMirror-hint:has-text('kg:acquires')")
    assert "rachète" in page.inner_text(".CodeMirror-hint-active")
    page.keyboard.press("Enter")
    page.keyboard.type(" ?wh")
    page.wait_for_selector(".CodeMirror-hint:has-text('?what')")
    page.keyboard.press("Escape")
    page.keyboard.type("at")
    page.keyboard.press("Escape")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#shown table")
    assert page.locator("#shown tbody tr").count() == len(bought)
    assert page.inner_text("#count") == f"{len(bought)} lignes"
    page.click("#shown tbody a:has-text('org/ibm') >> nth=0")
    page.wait_for_selector("h1:has-text('IBM')")
    page.go_back()
    page.wait_for_selector("#shown table")


def test_an_entity_is_completed_by_its_name(page: Page, served: Served) -> None:
    editor(page, served)
    write(page, "SELECT ?what { ")
    page.keyboard.type("Big")
    page.wait_for_selector(".CodeMirror-hint:has-text('IBM')")
    page.keyboard.press("Enter")
    assert f"<{BASE}org/ibm>" in page.evaluate("document.querySelector('.CodeMirror').CodeMirror.getValue()")


def test_a_named_query_asks_for_its_parameters(page: Page, served: Served) -> None:
    editor(page, served)
    page.select_option("#named", "acquisitions")
    page.fill("#parameters input[name=buyer]", "big blue")
    page.press("#parameters input[name=buyer]", "Enter")
    page.wait_for_selector("#shown table")
    assert {row.split("\t")[1] for row in page.locator("#shown tbody tr").all_inner_texts()} == {"IBM"}
    with page.expect_download() as download:
        page.click("#saves a:has-text('CSV')")
    assert Path(download.value.path()).read_text(encoding="utf-8").startswith("buyer,buyerName")
    link = page.evaluate("location.hash")
    editor(page, served, link)
    page.wait_for_selector("#shown table")
    assert page.input_value("#parameters input[name=buyer]") == "big blue"


def test_every_named_query_runs_in_the_editor(page: Page, served: Served) -> None:
    editor(page, served)
    for query in json.loads(served.ask("/queries.json").body):
        page.select_option("#named", query["name"])
        for parameter in query["parameters"]:
            if not parameter["optional"]:
                page.fill(
                    f"#parameters [name={parameter['name']}]", "France" if parameter["type"] == "entity" else "001_75b6cc072bd5d232#1"
                )
        with page.expect_response("**/sparql") as answer:
            page.click("#run")
        assert answer.value.status == 200, (query["name"], answer.value.text())


def test_rows_are_sorted_and_filtered(page: Page, served: Served) -> None:
    editor(page, served, f"#query={quote('SELECT ?n ?l { ?s rdfs:label ?l BIND(STRLEN(?l) AS ?n) }')}")
    page.wait_for_selector("#shown table")

    def column(n: int) -> list[str]:
        return [row.split("\t")[n] for row in page.locator("#shown tbody tr").all_inner_texts()]

    page.click("#shown th button >> nth=0")
    numbers = [int(n) for n in column(0)]
    assert numbers == sorted(numbers) and page.get_attribute("#shown th >> nth=0", "aria-sort") == "ascending"
    page.fill("#filter", "etats")
    assert column(1) == ["États-Unis"]


def test_errors_and_other_answers_are_shown(page: Page, served: Served) -> None:
    editor(page, served)
    write(page, "SELECT * {\n ?a ; }")
    page.click("#run")
    page.wait_for_selector("#failure:has-text('line 2')")
    assert page.locator(".CodeMirror .wrong").count() == 1
    write(page, "SELECT * { SERVICE <http://127.0.0.1:9/> { ?a ?b ?c } }")
    page.click("#run")
    page.wait_for_selector("#failure:has-text('SERVICE is refused')")
    write(page, "ASK { ?a kg:acquires ?b }")
    page.click("#run")
    page.wait_for_selector("#shown .answer:has-text('oui')")
    write(page, "CONSTRUCT WHERE { ?a kg:acquires ?b }")
    page.click("#run")
    page.wait_for_selector("#shown pre:has-text('kg:acquires')")


def test_a_long_query_is_stopped_by_its_button(page: Page, served: Served) -> None:
    editor(page, served, f"#query={quote(ENDLESS)}")
    page.click("#stop")
    page.wait_for_selector("#said:has-text('Arrêté')")
    assert page.is_hidden("#stop")


def test_the_explorer_leads_to_pages_and_back(page: Page, served: Served) -> None:
    page.goto(served.url)
    page.wait_for_selector("html[data-ready]", state="attached")
    page.fill("#search", "ibm")
    page.press("#search", "Enter")
    page.click(".actions a:has-text('Fiche')")
    page.wait_for_selector("h1:has-text('IBM')")
    assert "IBM croque Waeg" in page.inner_text("main")
    page.click("text=Voir dans le graphe")
    page.wait_for_selector("#panel h2:has-text('IBM')")
    page.goto(served.url)
    page.click("a:has-text('Requêtes')")
    page.wait_for_selector(".CodeMirror")


@pytest.mark.parametrize("path", ["query", "entity/org/ibm", "brief", "entity/org/nobody"])
def test_axe_finds_nothing_serious(page: Page, served: Served, store: str, path: str) -> None:
    if path == "brief":
        with pipeline.open(store) as opened:
            path = opened.briefs()[0].iri.removeprefix(BASE)
    page.goto(served.url + path)
    if path == "query":
        page.click("#run")
        page.wait_for_selector("#shown table")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found if v["impact"] in ("serious", "critical")] == []


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Markup wherever a brief can put words."""
    folder = tmp_path_factory.mktemp("poisoned") / "store"
    memory = ox.Store(str(folder))

    def said(subject: str, **told: Any) -> None:
        for name, value in told.items():
            prefix, _, local = name.partition("_")
            namespace = {"a": ns.RDF, **ns.PREFIXES}[prefix]
            memory.add(ox.Quad(ox.NamedNode(BASE + subject), ox.NamedNode(namespace + (local or "type")), value))

    def iri(local: str) -> ox.NamedNode:
        return ox.NamedNode(BASE + local)

    def term(name: str) -> ox.NamedNode:
        return ox.NamedNode(ns.KG + name)

    text = ox.Literal(POISON)
    for name in ("evil", "worse"):
        said(f"org/{name}", a=term("Company"), rdfs_label=text, skos_altLabel=ox.Literal(f"{name} {POISON}"))
        said(f"org/{name}", owl_sameAs=ox.NamedNode("javascript:alert(3)"))
    said("brief/b", a=term("Brief"), kg_key=text, dct_title=text, schema_text=text, dct_source=ox.Literal("javascript:alert(4)"))
    said("claim/c", a=term("Claim"), rdf_subject=iri("org/evil"), rdf_predicate=term("acquires"), rdf_object=iri("org/worse"))
    said("claim/c", kg_status=term("asserted"), kg_confidence=ox.Literal("0.9"), kg_role=text, prov_wasDerivedFrom=iri("evidence/e"))
    said("evidence/e", a=term("Evidence"), kg_status=term("asserted"), kg_confidence=ox.Literal("0.9"), kg_rule=text, kg_role=text)
    said("evidence/e", oa_hasSource=iri("brief/b"), oa_hasSelector=iri("span/s"), kg_trigger=iri("span/t"))
    said("span/s", oa_start=ox.Literal(0), oa_end=ox.Literal(len(POISON)), oa_exact=text)
    said("span/t", oa_start=ox.Literal(2), oa_end=ox.Literal(9), oa_exact=text)
    said("mention/m", a=term("Mention"), oa_hasSource=iri("brief/b"), kg_entity=iri("org/evil"), oa_hasSelector=iri("span/t"))
    memory.flush()
    memory = ox.Store()  # the folder is let go
    with serving(f"oxigraph:{folder}") as running:
        yield running


@pytest.mark.parametrize("path", ["entity/org/evil", "brief/b", "", f"query#query={quote('SELECT * { ?s ?p ?o }')}"])
def test_hostile_words_stay_words(chromium: Browser, poisoned: Served, path: str) -> None:
    for tab in watched(chromium, poisoned):
        tab.goto(poisoned.url + path)
        if path.startswith("query"):
            tab.wait_for_selector("#shown table")
            assert POISON in tab.inner_text("#shown")
        elif path:
            assert tab.inner_text("h1") == POISON
            assert POISON in "".join(tab.locator("main").all_text_contents())
        else:
            tab.wait_for_selector("html[data-ready]", state="attached")
            assert tab.evaluate("kg.nodes[0].label") == POISON
        tab.wait_for_timeout(200)
        assert tab.locator("img, main script").count() == 0
        assert tab.evaluate("[...document.links].every((a) => /^(https?|blob):/.test(a.href))")


HOSTILE_PATHS = [
    f"/entity?q={quote(POISON)}",
    f"/entity/{quote(POISON)}",
    f"/brief/{quote(POISON)}",
    f"/id/{quote(POISON)}",
    f"/query?lang={quote(POISON)}",
    f"/entity/org/evil?lang={quote(POISON)}",
    f"/entity/org/evil?format={quote(POISON)}",
    f"/sparql?query={quote(POISON)}",
    f"/sparql?query={quote('ASK{}')}&%24{quote(POISON)}=x",
    f"/sparql?query={quote('ASK{}')}&default-graph-uri={quote(POISON)}",
    f"/{quote(POISON)}",
    "/entity?q=a%0d%0aSet-Cookie:%20a=b",
    "/entity/org/%0d%0aSet-Cookie:%20a=b",
    "/id/org/%0d%0aSet-Cookie:%20a=b",
    "/entity/%00",
    "/entity/%ff%fe",
    "/entity/" + "a" * 20_000,
    "/entity//evil.example/",
    "/id//evil.example/",
    "/id/org//evil.example/..%2f..",
    "/assets/%00",
    "/assets/..%2f..%2fcli.py",
]


@pytest.mark.parametrize("path", HOSTILE_PATHS)
@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_hostile_addresses_do_no_harm(poisoned: Served, path: str, accept: str) -> None:
    reply = poisoned.ask(path, accept=accept, cookie=f"lang={quote(POISON)}", accept_language="fr")
    assert reply.status < 500
    assert "set-cookie" not in reply.headers and reply.headers["x-content-type-options"] == "nosniff"
    assert not reply.headers.get("location", "/").startswith("//") and "\n" not in reply.headers.get("location", "")
    if reply.headers.get("content-type", "").startswith("text/html"):
        assert b"<script>alert" not in reply.body and b"onerror=alert(1)>" not in reply.body


def test_every_page_says_what_it_may_do(served: Served) -> None:
    for path in ("/", "/query", "/entity/org/ibm", "/entity/org/nobody", "/sparql", "/assets/query.js", "/health", "/nothing"):
        policy = served.ask(path, accept="text/html").headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert "http:" not in policy and "https:" not in policy and "*" not in policy


def test_broken_requests_do_not_stop_it(served: Served) -> None:
    parts = urlsplit(served.url)
    negative = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"
    for noise in (b"\x16\x03\x01\x00", b"GET / HTTP/9.9\r\n\r\n", negative, b"\r\n" * 50):
        with socket.create_connection((parts.hostname or "", parts.port or 0)) as client:
            client.sendall(noise)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0)
    connection.request("GET", "/health")
    assert connection.getresponse().status == 200
    connection.close()
