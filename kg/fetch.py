"""Asking web servers, politely: for ``kg watch`` alone.

One request at a time, a pause between two to one host, robots.txt obeyed (RFC 9309), a User-Agent that says who asks,
compressed answers, redirects followed a few times, and bounds on how long and how large an answer may be.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass
from urllib.robotparser import RobotFileParser

from kg.errors import FetchError, UsageError

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, PoolManager

AGENT = "techkg"
REDIRECTS = 5
MAX_BYTES = 20_000_000
"""Of an answer, once it is unpacked."""
TIMEOUT = 30.0
"""Seconds of silence; a whole answer may take twice that."""
PAUSE = 1.0
"""Seconds between two requests to one host, where its robots.txt asks for no more."""
LONGEST_PAUSE = 60.0
_ROBOTS_BYTES = 512_000
_ROBOTS_KEPT = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: ``status`` 200 with a body, or 304 when nothing has changed. ``address`` is where it was found,
    after redirects; ``encoding`` what the server says it is in."""

    status: int
    address: str
    body: bytes = b""
    etag: str | None = None
    modified: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class _Robots:
    rules: RobotFileParser
    read: float


class Fetcher:
    """Asks servers one after the other. ``contact`` (an address of yours) is told to them."""

    def __init__(
        self,
        *,
        version: str,
        contact: str | None = None,
        timeout: float = TIMEOUT,
        limit: int = MAX_BYTES,
        pause: float = PAUSE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.agent = f"{AGENT}/{version} (+https://w3id.org/techkg{f'; {contact}' if contact else ''})"
        self.timeout, self.limit, self.pause, self._sleep = timeout, limit, pause, sleep
        self._robots: dict[str, _Robots] = {}
        self._asked: dict[str, float] = {}
        self._pools: dict[str | None, PoolManager] = {}

    def get(self, address: str, *, etag: str | None = None, modified: str | None = None) -> Answer:
        """What is at an address, unless it is still what ``etag`` or ``modified`` tell of; :class:`FetchError`."""
        headers = {"Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/html;q=0.8, */*;q=0.5"}
        headers |= {"If-None-Match": etag} if etag else {}
        headers |= {"If-Modified-Since": modified} if modified else {}
        return self._follow(address, headers, self.limit, robots=True)

    def _follow(self, address: str, headers: dict[str, str], limit: int, *, robots: bool) -> Answer:
        at = address
        for _ in range(REDIRECTS + 1):
            check_address(at)
            if robots and not self._allowed(at):
                raise FetchError("robots.txt asks not to read this", where=at, retry_after=_ROBOTS_KEPT)
            answer, onward = self._ask(at, headers, limit)
            if onward is None:
                return answer
            at = urljoin(at, onward)
            if not re.match(r"https?://", at):
                raise FetchError(f"sends on to something else than the web: {at[:80]}", where=address)
        raise FetchError(f"sends on more than {REDIRECTS} times", where=address)

    def _ask(self, address: str, headers: dict[str, str], limit: int) -> tuple[Answer, str | None]:
        """One request: the answer, and where it sends on to, if it does."""
        from urllib3.exceptions import HTTPError

        host = _host(address)
        self._wait(host)
        deadline = time.monotonic() + 2 * self.timeout
        try:
            response = self._pool(address).request(
                "GET",
                address,
                headers={"User-Agent": self.agent, "Accept-Encoding": "gzip, deflate"} | headers,
                redirect=False,
                retries=False,
                timeout=self.timeout,
                preload_content=False,
            )
            try:
                if response.status in (301, 302, 303, 307, 308) and (onward := response.headers.get("Location")):
                    return Answer(response.status, address), onward
                if response.status == 304:
                    return Answer(304, address), None
                if response.status != 200:
                    said = f"{response.status} {response.reason or ''}".strip()
                    raise FetchError(
                        f"answers {said}",
                        where=address,
                        status=response.status,
                        retry_after=_retry_after(response.headers.get("Retry-After")),
                    )
                body = self._body(response, address, limit, deadline)
            finally:
                # Not put back for another request: what has not been read of the answer would be in its way.
                response.close()
        except HTTPError as error:
            raise FetchError(_said(error), where=address) from error
        finally:
            self._asked[host] = time.monotonic()
        kind = re.search(r"charset\s*=\s*\"?([\w.:-]{1,40})", response.headers.get("Content-Type", ""), re.IGNORECASE)
        found = response.headers
        return Answer(200, address, body, found.get("ETag"), found.get("Last-Modified"), kind[1] if kind else None), None

    def _body(self, response: BaseHTTPResponse, address: str, limit: int, deadline: float) -> bytes:
        parts: list[bytes] = []
        size = 0
        while part := response.read1(65_536, decode_content=True):
            parts.append(part)
            size += len(part)
            if size > limit:
                raise FetchError(f"answers with more than {limit} bytes", where=address)
            if time.monotonic() > deadline:
                raise FetchError(f"has not answered within {2 * self.timeout:g} seconds", where=address)
        return b"".join(parts)

    def _wait(self, host: str) -> None:
        asked = self._asked.get(host)
        if asked is None:
            return
        known = self._robots.get(host)
        delay = known.rules.crawl_delay(AGENT) if known else None
        pause = max(self.pause, min(float(delay or 0), LONGEST_PAUSE))
        if (left := asked + pause - time.monotonic()) > 0:
            self._sleep(left)

    def _allowed(self, address: str) -> bool:
        host = _host(address)
        known = self._robots.get(host)
        if known is None or time.monotonic() - known.read > _ROBOTS_KEPT:
            known = self._robots[host] = _Robots(self._read_robots(host, address), time.monotonic())
        return known.rules.can_fetch(AGENT, address)

    def _read_robots(self, host: str, address: str) -> RobotFileParser:
        """What a host asks of robots: nothing where it has no robots.txt, everything while it cannot say (RFC 9309)."""
        rules = RobotFileParser()
        try:
            answer = self._follow(f"{host}/robots.txt", {}, _ROBOTS_BYTES, robots=False)
            rules.parse(answer.body.decode("utf-8", errors="replace").removeprefix("\ufeff").splitlines())
        except FetchError as error:
            if error.status is None:
                raise FetchError(error.what, where=address) from error
            if error.status == 429 or error.status >= 500:
                what = f"its robots.txt cannot be read: it {error.what}"
                raise FetchError(what, where=address, status=error.status, retry_after=error.retry_after) from error
            rules.parse([])  # there is none: everything may be read
        return rules

    def _pool(self, address: str) -> PoolManager:
        import urllib3

        parts = urlsplit(address)
        proxy = getproxies().get(parts.scheme)
        if proxy and proxy_bypass(parts.netloc):
            proxy = None
        if proxy not in self._pools:
            self._pools[proxy] = urllib3.ProxyManager(proxy) if proxy else urllib3.PoolManager()
        return self._pools[proxy]


def check_address(address: str) -> None:
    """:class:`UsageError` for what is no address of the web."""
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    try:
        parts = parse_url(address)
    except LocationParseError as error:
        raise UsageError("is no address of the web", where=address) from error
    if parts.scheme not in ("http", "https") or not parts.host:
        raise UsageError("is no address of the web", where=address, hint="it begins with https:// or http://")
    if parts.auth:
        raise UsageError("an address with a password in it is not read", where=f"{parts.scheme}://{parts.host}")


def _host(address: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _retry_after(value: str | None) -> float | None:
    """Seconds from now, of a number of seconds or of a date."""
    if value is None:
        return None
    if re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, when.timestamp() - time.time())


def _said(error: Exception) -> str:
    """One clear line for what went wrong on the way."""
    from urllib3 import exceptions

    if isinstance(error, exceptions.NameResolutionError):
        return "no such host, or no network"
    if isinstance(error, exceptions.SSLError):
        return "its certificate is not trusted, or it speaks no TLS we know"
    if isinstance(error, exceptions.NewConnectionError):  # before time-outs: urllib3 counts it among them
        return "cannot be reached"
    if isinstance(error, exceptions.TimeoutError):
        return "does not answer in time"
    if isinstance(error, exceptions.DecodeError):
        return "answers with something that cannot be unpacked"
    if isinstance(error, exceptions.ProtocolError):
        return "breaks off its answer"
    return f"cannot be read: {type(error).__name__}"
