"""``kg watch`` against a server of our own on the loopback: what it asks, how politely, and what it does with each answer."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from kg import pipeline
from kg.cli import run
from kg.errors import FetchError, KgError, ReadError, UsageError
from kg.fetch import LONGEST_PAUSE, REDIRECTS, Fetcher, check_address
from kg.ontology import Ontology
from kg.watching import FIRST_WAIT, LONGEST_WAIT, Known, State, Watcher

Answering = Callable[[BaseHTTPRequestHandler], None]


def feed(*texts: str) -> bytes:
    items = "".join(f"<item><guid>https://lettre.example/{n}</guid><description>{t}</description></item>" for n, t in enumerate(texts))
    return f'<rss version="2.0"><channel>{items}</channel></rss>'.encode()


ONE, OTHER = "IBM croque Waeg.", "Google a racheté Fitbit."


class Server:
    """A web server whose pages are functions; it remembers what it was asked, and how many requests ran at once."""

    def __init__(self) -> None:
        self.pages: dict[str, Answering] = {}
        self.asked: list[tuple[str, dict[str, str], float]] = []
        self.at_once = self.most_at_once = 0
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.asked.append((self.path, dict(self.headers.items()), time.monotonic()))
                server.at_once += 1
                server.most_at_once = max(server.most_at_once, server.at_once)
                try:
                    server.pages.get(self.path, status(404))(self)
                except OSError:
                    pass  # the client had enough
                finally:
                    server.at_once -= 1

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def paths(self) -> list[str]:
        return [path for path, _, _ in self.asked]


def body(data: bytes, **headers: str) -> Answering:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(data)

    return answer


def status(code: int, **headers: str) -> Answering:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()

    return answer


def with_validators(data: bytes, etag: str, modified: str) -> Answering:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        if handler.headers["If-None-Match"] == etag and handler.headers["If-Modified-Since"] == modified:
            status(304)(handler)
        else:
            body(data, ETag=etag, Last_Modified=modified)(handler)

    return answer


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


@pytest.fixture(scope="module")
def domain() -> Ontology:
    return pipeline.load_ontology()


@pytest.fixture
def store(tmp_path: Path) -> str:
    return f"oxigraph:{tmp_path / 'store'}"


def fetcher(**options: Any) -> Fetcher:
    return Fetcher(version="0", **({"pause": 0.0, "timeout": 5.0} | options))


def watcher(server: Server, store: str, domain: Ontology, *paths: str, **options: Any) -> Watcher:
    return Watcher([server.url + path for path in paths], store=store, domain=domain, fetcher=fetcher(), **options)


def keys(store: str) -> list[str]:
    with pipeline.open(store) as opened:
        return [b.key.rpartition("/")[2] for b in opened.briefs()]


# --- one answer -------------------------------------------------------------------------------------------------------


def test_it_says_who_asks_and_takes_compressed_answers(server: Server) -> None:
    server.pages["/f"] = body(gzip.compress(feed(ONE)), Content_Encoding="gzip", Content_Type="application/rss+xml; charset=UTF-8")
    answer = Fetcher(version="1.2", contact="moi@lettre.example", pause=0).get(f"{server.url}/f")
    assert (answer.body, answer.encoding) == (feed(ONE), "UTF-8")
    headers = server.asked[-1][1]
    assert re.fullmatch(r"techkg/1\.2 \(\+https://\S+; moi@lettre\.example\)", headers["User-Agent"])
    assert "gzip" in headers["Accept-Encoding"]


def test_redirects_are_followed_a_few_times(server: Server) -> None:
    for n in range(REDIRECTS):
        server.pages[f"/{n}"] = status(301 + n % 2, Location=f"/{n + 1}")
    server.pages[f"/{REDIRECTS}"] = body(feed(ONE))
    answer = fetcher().get(f"{server.url}/0")
    assert (answer.body, answer.address) == (feed(ONE), f"{server.url}/{REDIRECTS}")
    server.pages["/start"] = status(302, Location="/0")
    with pytest.raises(FetchError, match=f"sends on more than {REDIRECTS} times"):
        fetcher().get(f"{server.url}/start")
    server.pages["/file"] = status(302, Location="file:///etc/passwd")
    with pytest.raises(FetchError, match="something else than the web"):
        fetcher().get(f"{server.url}/file")


def test_an_answer_that_is_too_large_is_cut_short(server: Server) -> None:
    server.pages["/large"] = body(b"x" * 200_000)
    server.pages["/bomb"] = body(gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip")
    for path in ("/large", "/bomb"):
        with pytest.raises(FetchError, match="more than 100000 bytes"):
            fetcher(limit=100_000).get(server.url + path)


def test_slow_answers_are_given_up(server: Server) -> None:
    released = threading.Event()

    def silent(handler: BaseHTTPRequestHandler) -> None:
        released.wait(20)

    def dripping(handler: BaseHTTPRequestHandler) -> None:
        body(b"")(handler)
        while not released.wait(0.05):
            handler.wfile.write(b"x")

    server.pages |= {"/silent": silent, "/dripping": dripping}
    for path, says in [("/silent", "does not answer in time"), ("/dripping", "has not answered within 3 seconds")]:
        began = time.monotonic()
        with pytest.raises(FetchError, match=says):
            fetcher(timeout=1.5).get(server.url + path)
        assert time.monotonic() - began < 15
    released.set()


def test_what_goes_wrong_on_the_way_is_one_clear_line(server: Server) -> None:
    def broken(handler: BaseHTTPRequestHandler) -> None:
        body(b"short", Content_Length="100")(handler)
        handler.close_connection = True

    server.pages |= {"/broken": broken, "/gzip": body(b"no gzip", Content_Encoding="gzip")}
    cases = [(f"{server.url}/broken", "breaks off"), (f"{server.url}/gzip", "cannot be unpacked"), (f"{server.url}/none", "answers 404")]
    for address, says in cases:
        with pytest.raises(FetchError, match=says) as error:
            fetcher().get(address)
        assert "\n" not in str(error.value)
        assert str(error.value).startswith(address)
    with pytest.raises(FetchError, match="feed: cannot be reached"):
        fetcher().get("http://127.0.0.1:9/feed")


@pytest.mark.parametrize(
    "address", ["feed.xml", "file:///etc/passwd", "ftp://a.example/x", "https://", "http://[", "https://moi:mot@a.example/"]
)
def test_only_addresses_of_the_web_are_taken(address: str) -> None:
    with pytest.raises(UsageError) as error:
        check_address(address)
    assert "mot" not in str(error.value).replace("mot de passe", "")


# --- manners ----------------------------------------------------------------------------------------------------------


def test_robots_are_obeyed_and_asked_once(server: Server) -> None:
    server.pages["/robots.txt"] = body(b"User-agent: techkg\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n")
    server.pages |= {"/open": body(feed(ONE)), "/private/f": body(feed(ONE)), "/on": status(302, Location="/private/f")}
    polite = fetcher()
    assert polite.get(f"{server.url}/open").status == 200
    for path in ("/private/f", "/on"):
        with pytest.raises(FetchError, match=r"robots\.txt asks not to"):
            polite.get(server.url + path)
    with pytest.raises(FetchError, match=r"robots\.txt asks not to"):
        polite.get(f"{server.url}/private//f")
    assert server.paths() == ["/robots.txt", "/open", "/on"]
    server.asked.clear()
    fetcher().get(f"{server.url}//open")
    assert server.paths()[0] == "/robots.txt"


@pytest.mark.parametrize(("code", "allowed"), [(404, True), (403, True), (429, False), (503, False)])
def test_a_server_without_robots_may_be_read_one_in_trouble_not(server: Server, code: int, allowed: bool) -> None:
    server.pages |= {"/robots.txt": status(code), "/f": body(feed(ONE))}
    if allowed:
        assert fetcher().get(f"{server.url}/f").status == 200
    else:
        with pytest.raises(FetchError, match=r"robots\.txt cannot be read"):
            fetcher().get(f"{server.url}/f")
        assert "/f" not in server.paths()


def test_a_pause_stands_between_two_requests_to_a_host(server: Server) -> None:
    server.pages |= {"/robots.txt": body(b"User-agent: *\nCrawl-delay: 7\nDisallow:"), "/f": body(feed(ONE))}
    slept: list[float] = []
    polite = fetcher(sleep=slept.append, pause=1.0)
    polite.get(f"{server.url}/f")
    polite.get(f"{server.url}/f")
    assert len(slept) == 2
    assert all(6 < s <= 7 for s in slept)
    server.pages["/robots.txt"] = body(b"User-agent: *\nCrawl-delay: 999999\nDisallow:")
    patient = fetcher(sleep=slept.append)
    patient.get(f"{server.url}/f")
    assert LONGEST_PAUSE - 1 < slept[-1] <= LONGEST_PAUSE


# --- rounds -----------------------------------------------------------------------------------------------------------


def test_a_feed_that_changes(server: Server, store: str, domain: Ontology) -> None:
    server.pages["/f"] = with_validators(feed(ONE), '"a"', "Tue, 18 May 2021 10:00:00 GMT")
    first = watcher(server, store, domain, "/f").round()
    assert first.errors == ()
    assert first.built is not None
    with first.built as built:
        assert built.outcomes == {"added": 1}
        assert built.problems == ()
        assert [(r["buyer"], r["target"]) for r in _named(built.store)] == [("IBM", "Waeg")]
    # Another process, as cron starts it: nothing has changed, nothing is sent again.
    second = watcher(server, store, domain, "/f").round()
    assert (second.built, second.changed, second.unchanged) == (None, (), (f"{server.url}/f",))
    assert server.asked[-1][1]["If-None-Match"] == '"a"'
    server.pages["/f"] = with_validators(feed(ONE, OTHER), '"b"', "Wed, 19 May 2021 10:00:00 GMT")
    third = watcher(server, store, domain, "/f").round()
    assert third.built is not None
    with third.built as built:
        assert built.outcomes == {"added": 1, "skipped": 1}
    server.pages["/f"] = with_validators(feed(ONE.replace("Waeg", "Nordcloud"), OTHER), '"c"', "Thu, 20 May 2021 10:00:00 GMT")
    fourth = watcher(server, store, domain, "/f").round()
    assert fourth.built is not None
    with fourth.built as built:
        assert built.outcomes == {"replaced": 1, "skipped": 1}
    assert keys(store) == ["0", "1"]


def _named(store: Any) -> list[dict[str, str]]:
    rows = store.query("SELECT ?b ?t { ?x kg:acquires ?y . ?x rdfs:label ?b . ?y rdfs:label ?t }").dicts()
    return [{"buyer": r["b"], "target": r["t"]} for r in rows]


def test_addresses_are_asked_one_after_the_other_and_one_failing_stops_no_other(server: Server, store: str, domain: Ontology) -> None:
    server.pages |= {"/f": body(feed(ONE)), "/text": body(b"bonjour"), "/xml": body(b"<?xml version='1.0'?><opml/>"), "/g": body(feed(ONE))}
    watching = watcher(server, store, domain, "/f", "/gone", "/text", "/xml", "/g", "/f")
    done = watching.round()
    assert done.built is not None
    done.built.close()
    assert server.most_at_once == 1
    assert server.paths() == ["/robots.txt", "/f", "/gone", "/text", "/xml", "/g"]
    said = [str(e) for e in done.errors]
    assert [re.sub(r"http://[\d.:]+", "", s).split(" (")[0] for s in said] == [
        "/gone: answers 404 Not Found",
        "/text: is neither a feed nor a web page",
        "/xml: is no feed",
    ]
    assert [s.reason.split(" in ")[0] for s in done.built.left_out] == ["already read"]
    assert keys(store) == ["0"]
    again = watcher(server, store, domain, "/f", "/gone").round()
    assert again.waiting == (f"{server.url}/gone",)
    assert again.built is not None
    again.built.close()


@pytest.mark.parametrize("code", [429, 503])
@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("3600", 3600.0),
        ("1", FIRST_WAIT),
        ("999999999", LONGEST_WAIT),
        (None, FIRST_WAIT),
        ("bientôt", FIRST_WAIT),
        ("Thu, 01 Jan 1970 00:00:00 GMT", FIRST_WAIT),
    ],
)
def test_a_busy_server_is_left_alone_as_long_as_it_asks(
    server: Server, store: str, domain: Ontology, code: int, asked: str | None, seconds: float
) -> None:
    server.pages["/f"] = status(code, **({"Retry_After": asked.encode().decode("latin-1")} if asked else {}))
    watching = watcher(server, store, domain, "/f")
    assert len(watching.round().errors) == 1
    known = State.of_store(store).addresses[f"{server.url}/f"]
    assert seconds - 10 < known.not_before - time.time() <= seconds
    count = len(server.asked)
    assert watcher(server, store, domain, "/f").round().waiting == (f"{server.url}/f",)
    assert len(server.asked) == count


def test_a_date_may_say_when_to_come_back(server: Server, store: str, domain: Ontology) -> None:
    server.pages["/f"] = status(503, Retry_After=formatdate(time.time() + 7200, usegmt=True))
    watching = watcher(server, store, domain, "/f")
    watching.round()
    assert 7100 < watching.state.addresses[f"{server.url}/f"].not_before - time.time() <= 7200


def test_waits_double_up_to_a_day_and_end_with_an_answer(server: Server, store: str, domain: Ontology) -> None:
    known, waits = Known(), []
    for _ in range(40):
        known.failed(KgError("x"), 0.0)
        waits.append(known.not_before)
    assert waits[:4] == [60, 120, 240, 480]
    assert set(waits[11:]) == {LONGEST_WAIT}
    server.pages["/f"] = body(feed(ONE))
    watching = watcher(server, store, domain, "/f")
    watching.state.addresses[f"{server.url}/f"] = Known("x", None, 7, 1.0)
    done = watching.round()
    assert done.built is not None
    done.built.close()
    assert State.of_store(store).addresses == {f"{server.url}/f": Known()}


# --- the state and the store ------------------------------------------------------------------------------------------


def test_an_answer_that_could_not_be_stored_is_asked_for_again(server: Server, store: str, domain: Ontology) -> None:
    server.pages["/f"] = with_validators(feed(ONE), '"a"', "Tue, 18 May 2021 10:00:00 GMT")
    from kg.graph import open_store

    with open_store(store):  # somebody else writes
        done = watcher(server, store, domain, "/f").round()
        assert len(done.errors) == 1
    done = watcher(server, store, domain, "/f").round()
    assert "If-None-Match" not in server.asked[-1][1]
    assert done.built is not None
    done.built.close()
    assert keys(store) == ["0"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"addresses": {"a": {"etag": 3}}}', '{"addresses": {"a": {"x": null}}}', "[" * 100_000])
def test_a_broken_state_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "store.watch.json").write_text(text)
    with pytest.raises(ReadError, match="delete it"):
        State.of_store(f"oxigraph:{tmp_path / 'store'}")


def test_the_state_is_a_small_file_beside_the_store(server: Server, store: str, domain: Ontology, tmp_path: Path) -> None:
    server.pages["/f"] = with_validators(feed(ONE), 'W/"é"'.encode().decode("latin-1"), "Tue, 18 May 2021 10:00:00 GMT")
    done = watcher(server, store, domain, "/f", source="lettre").round()
    assert done.built is not None
    done.built.close()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["store", "store.lock", "store.watch.json"]
    record = json.loads((tmp_path / "store.watch.json").read_text(encoding="utf-8"))
    assert list(record["addresses"]) == [f"{server.url}/f"]
    with pipeline.open(store) as opened:
        assert [b.key for b in opened.briefs()] == ["lettre/https://lettre.example/0"]


def test_a_store_in_memory_is_refused(domain: Ontology) -> None:
    with pytest.raises(UsageError, match="oxigraph:FOLDER"):
        Watcher(["https://lettre.example/f"], store="memory", domain=domain)


# --- the command ------------------------------------------------------------------------------------------------------


def test_the_command_once(server: Server, store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.pages["/f"] = body(feed(ONE))
    arguments = ["watch", f"{server.url}/f", "--once", "--store", store, "--out", str(tmp_path / "export")]
    assert run(arguments) == 0
    assert "1 added" in capsys.readouterr().out
    assert {p.name for p in (tmp_path / "export").iterdir()} == {"graph.ttl", "graph.html"}
    assert run([*arguments, f"{server.url}/gone", "-q"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == f"kg: {server.url}/gone: answers 404 Not Found\n"


@pytest.mark.parametrize("every", ["15", "1s", "0m", "8d", "m", "-5m", "1.5h"])
def test_the_command_takes_a_sensible_interval(every: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["watch", "https://lettre.example/f", "--every", every]) == 2
    assert "15m" in capsys.readouterr().err


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(server: Server, store: str, sent: signal.Signals) -> None:
    server.pages["/f"] = body(feed(ONE))
    code = "from kg.cli import main; main()"
    environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
    running = subprocess.Popen(
        [sys.executable, "-c", code, "watch", f"{server.url}/f", "--store", store],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job is deaf to it
    )
    try:
        assert running.stdout is not None
        assert "1 added" in running.stdout.readline()
        running.send_signal(sent)
        _, errors = running.communicate(timeout=20)
    finally:
        running.kill()
    assert running.returncode == 0
    assert "Traceback" not in errors
    assert keys(store) == ["0"]
