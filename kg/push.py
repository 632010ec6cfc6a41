"""Sending the graph to a SPARQL 1.1 store: by the Graph Store HTTP Protocol, or by SPARQL Update in small batches.

The graph has no blank node, so sending it twice changes nothing. Credentials come from the environment (KG_PUSH_USER with
KG_PUSH_PASSWORD, for Basic and Digest, or KG_PUSH_TOKEN, for Bearer) and go only to the server named; no message, log or
exception holds them. Redirects are not followed.

>>> push(store, "http://127.0.0.1:7878/store")                                                       # doctest: +SKIP
>>> push(store, "http://127.0.0.1:8890/sparql-auth", update=True, graph="https://example.org/news")  # doctest: +SKIP
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import pyoxigraph as ox

from kg.errors import KgError, UsageError
from kg.writers import TextKept, chosen

if TYPE_CHECKING:
    import requests

    from kg.graph import Store

BATCH = 500
"""Triples in one update: Virtuoso fails somewhere between 1,000 and 2,000."""
CONNECT, ANSWER = 10, 600
"""Seconds to wait for a connection, and for an answer."""
USER, PASSWORD, TOKEN = "KG_PUSH_USER", "KG_PUSH_PASSWORD", "KG_PUSH_TOKEN"


@dataclass(frozen=True, slots=True)
class Pushed:
    """What was sent, or would be: triples, requests, and whereto."""

    triples: int
    requests: int
    url: str


def push(
    store: Store,
    url: str,
    *,
    update: bool = False,
    graph: str | None = None,
    replace: bool = False,
    facts_only: bool = False,
    text: TextKept = "quotes",
    dry_run: bool = False,
    on_batch: Callable[[int, int], None] = lambda sent, all_: None,
) -> Pushed:
    """Sends the triples of a store to ``url``: a Graph Store endpoint, or with ``update`` an update endpoint.

    They are added to the default graph of that server, or to the named graph ``graph``; with ``replace`` they take the
    place of all that is in it. ``on_batch`` is told how many of how many triples have gone. ``dry_run`` sends nothing.
    An interrupted push may be run again. :class:`~kg.errors.KgError` says in one line what the server has against it.
    """
    _check(url, graph)
    triples = chosen(store, facts_only=facts_only, text=text)
    bodies = list(_updates(triples, graph, replace)) if update else [_lines(triples)]
    shown = _shown(url)
    if dry_run:
        return Pushed(len(triples), len(bodies), shown)
    server = _Server(url, graph)
    try:
        if not update:
            mark = "&" if urlsplit(url).query else "?"
            target = f"{url}{mark}{f'graph={quote(graph, safe=str())}' if graph else 'default'}"
            server.send("PUT" if replace else "POST", target, bodies[0], "application/n-triples")
            on_batch(len(triples), len(triples))
        else:
            for number, body in enumerate(bodies, 1 - replace):
                server.send("POST", url, body, "application/sparql-update")
                on_batch(min(number * BATCH, len(triples)), len(triples))
    finally:
        server.close()
    return Pushed(len(triples), len(bodies), shown)


def _check(url: str, graph: str | None) -> None:
    wrong = UsageError("that is no address of a server", hint="kg push http://127.0.0.1:7878/store")
    try:
        parts = urlsplit(url)
        _ = parts.port  # reading it checks it
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise wrong
    if parts.username is not None or parts.password is not None:
        raise UsageError("credentials do not belong into an address, where others can read them", hint=f"set {USER} and {PASSWORD}")
    if parts.fragment:
        raise UsageError("an address of a server has no fragment", where=_shown(url))
    if graph is not None and not re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|\\^`]+", graph):
        raise UsageError("the name of a graph is a whole IRI", hint="--graph https://example.org/news")


def _shown(url: str) -> str:
    """An address as messages may show it: without the query, which may hold a key."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _lines(triples: Sequence[ox.Triple]) -> bytes:
    return ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _updates(triples: Sequence[ox.Triple], graph: str | None, replace: bool) -> Iterator[bytes]:
    """The updates one by one. What they insert is N-Triples, whose escapes mean the same in SPARQL."""
    if replace:
        yield (f"CLEAR SILENT GRAPH <{graph}>" if graph else "CLEAR SILENT DEFAULT").encode()
    for at in range(0, len(triples), BATCH):
        lines = _lines(triples[at : at + BATCH])
        yield b"INSERT DATA { GRAPH <%s> {\n%s} }" % (graph.encode(), lines) if graph else b"INSERT DATA {\n%s}" % lines


class _Server:
    """A server that is sent one request after another, with the credentials it asks for."""

    def __init__(self, url: str, graph: str | None) -> None:
        import requests
        from requests.auth import HTTPDigestAuth

        self._url, self._shown, self._graph, self._sent = url, _shown(url), graph, 0
        self._session = requests.Session()
        # Without this, requests would look for credentials in ~/.netrc.
        self._session.auth = _nobody
        user, password, token = map(os.environ.get, (USER, PASSWORD, TOKEN))
        if token:
            _in_the_clear(url, "a token", self._shown)
            _one_line(token, TOKEN)
            self._session.auth = _Bearer(token)
        elif user and password is not None:
            # Says nothing until the server asks. A server that asks for Basic instead is answered in send().
            self._session.auth = HTTPDigestAuth(user, password)

    def send(self, method: str, url: str, body: bytes, type_: str) -> None:
        """Sends one request; asks again with user and password where the server wants them."""
        answer = self._ask(method, url, body, type_)
        if answer.status_code == 401 and self._takes_basic(answer):
            answer = self._ask(method, url, body, type_)
        if not 200 <= answer.status_code < 300:
            raise self._refused(answer)
        self._sent += 1

    def _ask(self, method: str, url: str, body: bytes, type_: str) -> requests.Response:
        import requests

        headers = {"Content-Type": f"{type_}; charset=utf-8" if type_.startswith("application/sparql") else type_, "User-Agent": "kg"}
        try:
            return self._session.request(method, url, data=body, headers=headers, timeout=(CONNECT, ANSWER), allow_redirects=False)
        except requests.exceptions.SSLError:
            raise KgError("the server's certificate is not to be trusted", where=self._shown) from None
        except requests.exceptions.Timeout:
            raise KgError(f"no answer in time{self._so_far()}", where=self._shown) from None
        except (requests.exceptions.RequestException, UnicodeError, ValueError):
            # What the library says here may quote the address or a header.
            raise KgError(
                f"no connection{self._so_far()}", where=self._shown, hint="is the server running, and the address right?"
            ) from None

    def _takes_basic(self, answer: requests.Response) -> bool:
        """Whether the server asks for user and password in the plain way, and from now on gets them."""
        from requests.auth import HTTPBasicAuth, HTTPDigestAuth

        challenge = answer.headers.get("WWW-Authenticate", "")
        if not isinstance(self._session.auth, HTTPDigestAuth) or re.search(r"\bdigest\b", challenge, re.IGNORECASE):
            return False
        _in_the_clear(self._url, "a password", self._shown)
        self._session.auth = HTTPBasicAuth(os.environ[USER].encode(), os.environ[PASSWORD].encode())
        return True

    def _refused(self, answer: requests.Response) -> KgError:
        code, so_far = answer.status_code, self._so_far()
        if code in (401, 403):
            given = self._session.auth is not _nobody
            return KgError(
                f"the server {'does not accept these credentials' if given else 'wants credentials'} ({code}){so_far}",
                where=self._shown,
                hint=f"set {USER} and {PASSWORD}, or {TOKEN}; perhaps writing is at another address",
            )
        if 300 <= code < 400:
            return KgError(f"the server sends elsewhere ({code}){so_far}", where=self._shown, hint="give the address it sends to")
        # Virtuoso repeats the whole request.
        said = "".join(c if c.isprintable() else " " for c in answer.text[:2000]).partition("SPARQL query:")[0]
        said = " ".join(re.sub(r"<[^>]*>", " ", said).split())[:200]
        for secret in filter(None, map(os.environ.get, (PASSWORD, TOKEN))):
            said = said.replace(secret, "…")
        hint = "is that the address of a graph store, or of updates (--update)?" if code in (404, 405) else ""
        if not hint and self._graph is None and "default" in said:
            hint = "name a graph with --graph IRI"
        elif not hint and "permission" in said.lower():
            hint = "perhaps writing is at another address: /sparql-auth, not /sparql"
        return KgError(f"the server says {code}{f': {said}' if said else ''}{so_far}", where=self._shown, hint=hint)

    def _so_far(self) -> str:
        return f"; {self._sent} of the requests went well before: run again, nothing is doubled" if self._sent else ""

    def close(self) -> None:
        """Lets the connection go."""
        self._session.close()


def _nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


@dataclass(frozen=True)
class _Bearer:
    token: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def __repr__(self) -> str:
        return "_Bearer(…)"


def _one_line(secret: str, name: str) -> None:
    if not secret.isascii() or not secret.isprintable():
        raise UsageError(f"{name} holds characters no header can hold")


def _in_the_clear(url: str, what: str, shown: str) -> None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme == "http" and not (host == "localhost" or host == "::1" or re.fullmatch(r"127(\.\d+){3}", host)):
        raise UsageError(f"{what} would go over the network in the clear", where=shown, hint="use https")
