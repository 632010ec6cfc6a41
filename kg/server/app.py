"""What speaks HTTP: routes, content negotiation, headers. It opens no store and evaluates nothing."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg import namespaces as ns
from kg.queries import list_queries
from kg.server import pages, protocol
from kg.server.messages import Answer, Failure, Settings
from kg.server.negotiate import GRAPH, HTML, best, language
from kg.server.pool import Pool
from kg.store import kept_folder

DRAWING = 600.0
"""Seconds the page of a large network may take; it is drawn once for each state of the store."""

_FORMATS = dict(reversed(GRAPH))
_PLAIN = "default-src 'none'; frame-ancestors 'none'"
_PAGE = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_SAFE = {"x-content-type-options": "nosniff", "referrer-policy": "no-referrer", "cross-origin-opener-policy": "same-origin"}
Handler = Callable[[Request], Awaitable[Response]]


def application(settings: Settings) -> Starlette:
    """The server over a store."""
    server = _Server(settings)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with server.pool:
            yield

    def route(path: str, handler: Handler, *methods: str) -> Route:
        return Route(path, handler, methods=list(methods or ("GET", "HEAD")))

    return Starlette(
        routes=[
            route("/", server.explorer),
            route("/sparql", server.sparql, "GET", "HEAD", "POST"),
            route("/query", server.editor),
            route("/entity", server.search),
            route("/entity/{local:path}", server.entity),
            route("/brief/{local:path}", server.brief),
            route("/id/{local:path}", server.identifier),
            route("/queries.json", server.queries),
            route("/terms.json", server.terms),
            route("/health", server.health),
            Mount("/assets", StaticFiles(directory=pages.ASSETS)),
        ],
        middleware=[
            Middleware(_Headers),
            Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["GET", "POST"], allow_headers=["*"]),
        ],
        exception_handlers={Failure: _failed, HTTPException: _http_failed},
        lifespan=lifespan,
    )


class _Headers:
    """Every response says what a browser may do with it: nothing, unless it says otherwise itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in {**_SAFE, "content-security-policy": _PLAIN}.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sent if scope["type"] == "http" else send)


class _Server:
    def __init__(self, settings: Settings) -> None:
        self.settings, self.pool = settings, Pool(settings)
        self._page: tuple[object, bytes, bytes, Mapping[str, str]] | None = None
        self._drawing = asyncio.Lock()
        self._terms: Answer | None = None

    # asking

    async def sparql(self, request: Request) -> Response:
        accept = request.headers.get("accept", "*/*")
        asked = await protocol.read(request)
        if asked.sparql is None:
            if protocol.wants_html(accept):
                return _see_other("/query")
            format, type = _one_of(request, best(accept, GRAPH))
            return Response(
                protocol.service_description(str(request.url.replace(query="", fragment="")), format), media_type=type, headers=_VARY
            )
        if request.method == "GET" and protocol.wants_html(accept):
            return _see_other(
                f"/query#{urlencode({'query': asked.sparql, **{f'${n}': v for n, v in asked.bindings.items()}}, quote_via=quote)}"
            )
        return await self._ask(request, asked.job(accept))

    async def _ask(self, request: Request, job: Mapping[str, Any]) -> Response:
        packed = "gzip" in request.headers.get("accept-encoding", "")
        return _response(await _unless_gone(request, self.pool.ask({**job, "gzip": packed})))

    # pages

    async def explorer(self, request: Request) -> Response:
        """The page of the network as the store is now; drawn anew only when the store has changed."""
        version = _version(self.settings.store)
        if self._page is None or self._page[0] != version:
            async with self._drawing:
                if self._page is None or self._page[0] != version:
                    answer = await self.pool.ask_apart({"kind": "explorer", "seconds": DRAWING}, DRAWING)
                    packed = await asyncio.to_thread(gzip.compress, answer.body, 6, mtime=0)
                    tag = {"etag": f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"', "cache-control": "no-cache", **_VARY}
                    self._page = version, answer.body, packed, {**answer.headers, **tag}
        _, body, packed, headers = self._page
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=304, headers=dict(headers))
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, media_type="text/html; charset=utf-8", headers={**headers, "content-encoding": "gzip"})
        return Response(body, media_type="text/html; charset=utf-8", headers=dict(headers))

    async def editor(self, request: Request) -> Response:
        prefixes = json.dumps(dict(ns.PREFIXES))
        told = pages.render("query", _language(request), prefixes=prefixes, base=self.settings.base)
        made = Response(told, media_type="text/html; charset=utf-8", headers={"content-security-policy": _PAGE, **_VARY})
        return _remembered(request, made)

    async def search(self, request: Request) -> Response:
        """« ?q=IBM » leads to the page of the entity of that name."""
        name = request.query_params.get("q", "").strip()
        if not name:
            return _see_other("/")
        answer = await _unless_gone(request, self.pool.ask({"kind": "resolve", "name": name}))
        return _see_other(f"/entity/{quote(answer.body.decode(), safe='/~')}")

    async def entity(self, request: Request) -> Response:
        return await self._described(request, request.path_params["local"])

    async def brief(self, request: Request) -> Response:
        return await self._described(request, f"brief/{request.path_params['local']}")

    async def identifier(self, request: Request) -> Response:
        """Where an IRI of ours is asked for as such (--base http://host/id/): its page, or its triples."""
        local = request.path_params["local"]
        kind = local.partition("/")[0]
        query = f"?{request.url.query}" if request.url.query else ""
        if kind in ns.KINDS or kind == "brief":
            return _see_other(quote(f"/{local}" if kind == "brief" else f"/entity/{local}", safe="/~") + query)
        return await self._rdf(request, local, _offered(request, html=False))

    async def _described(self, request: Request, local: str) -> Response:
        """An entity or a brief, as HTML for people and RDF for programs."""
        offer = _offered(request, html=True)
        if offer != HTML:
            return await self._rdf(request, local, offer)
        response = await self._ask(request, {"kind": "page", "local": local, "lang": _language(request)})
        response.headers["content-security-policy"] = _PAGE
        alternates = (f'<?format={format}>; rel="alternate"; type="{type}"' for format, type in _FORMATS.items())
        response.headers["link"] = ", ".join(alternates)
        return _remembered(request, response)

    async def _rdf(self, request: Request, local: str, offer: tuple[str, str]) -> Response:
        return await self._ask(request, {"kind": "rdf", "local": local, "graph": offer})

    # for programs

    async def queries(self, request: Request) -> Response:
        """The named queries, for the editor."""
        found = [
            {
                "name": q.name,
                "help": q.help,
                "sparql": "\n".join(line for line in q.sparql.splitlines() if not line.startswith("#")).strip() + "\n",
                "parameters": [{"name": p.name, "type": p.type, "optional": p.optional, "help": p.help} for p in q.parameters],
            }
            for q in list_queries()
        ]
        return JSONResponse(found)

    async def terms(self, request: Request) -> Response:
        if self._terms is None:
            self._terms = await self.pool.ask({"kind": "terms"})
        return _response(self._terms)

    async def health(self, request: Request) -> Response:
        """200 where the store can be read (or all workers are busy reading it), else 503 and why."""
        if not self.pool.busy:
            try:
                await self.pool.ask({"kind": "ping"})
            except Failure as failure:
                return JSONResponse({"status": "failing", "why": str(failure)}, 503, headers=_FRESH)
        return JSONResponse({"status": "ok", "busy": self.pool.busy}, headers=_FRESH)


_VARY = {"vary": "Accept, Accept-Language, Accept-Encoding, Cookie"}
_FRESH = {"cache-control": "no-store"}


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type=answer.type, headers={**answer.headers, **_VARY, "cache-control": "no-cache"})


def _see_other(where: str) -> Response:
    return RedirectResponse(where, 303, headers=_VARY)


def _offered(request: Request, *, html: bool) -> tuple[str, str]:
    """The format asked for: by « ?format= », else by Accept."""
    named = request.query_params.get("format")
    if named is not None:
        if named == "html" and html:
            return HTML
        if named not in _FORMATS:
            raise Failure(f"no format is called « {named} »", status=400, hint=f"one of {', '.join(_FORMATS)}")
        return named, _FORMATS[named]
    return _one_of(request, best(request.headers.get("accept", "*/*"), (HTML, *GRAPH) if html else GRAPH))


def _one_of(request: Request, offer: tuple[str, str] | None) -> tuple[str, str]:
    if offer is None:
        raise Failure("none of the formats asked for is one of ours", status=406, hint=", ".join(_FORMATS.values()))
    return offer


def _language(request: Request) -> str:
    """The language asked for, else the one last asked for, else the browser's."""
    for named in (request.query_params.get("lang", ""), request.cookies.get("lang", "")):
        if named in pages.LANGUAGES:
            return named
    return language(request.headers.get("accept-language", ""), pages.LANGUAGES)


def _remembered(request: Request, response: Response) -> Response:
    named = request.query_params.get("lang", "")
    if named in pages.LANGUAGES:
        response.set_cookie("lang", named, max_age=365 * 86400, samesite="lax", httponly=True)
    return response


async def _unless_gone(request: Request, asking: Coroutine[Any, Any, Answer]) -> Answer:
    """An answer, as long as somebody waits for it: who hangs up stops the query."""
    answer = asyncio.ensure_future(asking)
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait({answer, gone}, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        raise Failure("the client has gone", status=400)
    finally:
        gone.cancel()
        answer.cancel()
        await asyncio.gather(answer, gone, return_exceptions=True)


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _version(store: str) -> object:
    """Changes whenever the store does: its files with their sizes and times."""
    folder = kept_folder(store)
    try:
        return sorted((p.name, s.st_size, s.st_mtime_ns) for p in folder.iterdir() if _holds_data(p) for s in [p.stat()])
    except OSError:  # it is being replaced: whatever comes next is new
        return object()


def _holds_data(path: Path) -> bool:
    return path.suffix in (".sst", ".log") or path.name.startswith(("CURRENT", "MANIFEST"))


async def _failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, Failure)
    headers = {"retry-after": "5"} if error.status == 503 else {}
    people = request.url.path.startswith(("/entity", "/brief")) and best(request.headers.get("accept", "*/*"), (*GRAPH, HTML)) == HTML
    if people:
        told = pages.error(error.status, error.what, error.hint, _language(request))
        return Response(
            told, error.status, media_type="text/html; charset=utf-8", headers={**headers, **_VARY, "content-security-policy": _PAGE}
        )
    return PlainTextResponse(f"{error}\n", error.status, headers=headers)


async def _http_failed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    response = await _failed(request, Failure(error.detail.lower(), status=error.status_code))
    response.headers.update(error.headers or {})
    return response
