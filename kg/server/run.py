"""Binding, and running until somebody says stop."""

from __future__ import annotations

import contextlib
import errno
import socket
from collections.abc import Callable

from kg.errors import KgError, UsageError
from kg.server.messages import Settings
from kg.store import OpenStore, kept_folder

_BACKLOG = 2048
_LONGEST = 1 << 18  # bytes of a request's line and headers: a query may stand in the address


def serve(settings: Settings, host: str, port: int, *, ready: Callable[[str], None]) -> None:
    """Serves until it is interrupted; ``ready`` is told the address once it can be asked. Port 0 takes a free one.

    :class:`~kg.errors.KgError` if the store cannot be read or the port not be had.
    """
    kept_folder(settings.store)
    OpenStore(settings.store, read_only=True).close()
    listening = bind(host, port)
    import uvicorn

    from kg.server.app import application

    address = f"http://{f'[{host}]' if ':' in host else host}:{listening.getsockname()[1]}/"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready(address)

    log = settings.log
    config = uvicorn.Config(
        application(settings),
        lifespan="on",
        log_config=None if not log else uvicorn.config.LOGGING_CONFIG,
        log_level="info" if log else "critical",
        access_log=log,
        server_header=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=_LONGEST,
        http="h11",
        ws="none",
    )
    with contextlib.closing(listening), contextlib.suppress(KeyboardInterrupt):
        server = Server(config)
        server.run(sockets=[listening])
        if not server.started:
            raise KgError("the server could not start", hint="--verbose tells more")


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; what stands in the way is one clear line."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (OSError, UnicodeError) as error:
        raise UsageError("no such address", where=host, hint="--host 127.0.0.1, or 0.0.0.0 for all") from error
    made = socket.socket(family, kind, protocol)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(_BACKLOG)
    except OSError as error:
        made.close()
        where = f"{host}:{port}"
        if error.errno == errno.EADDRINUSE:
            raise KgError("the port is taken", where=where, hint="choose another with --port; 0 takes a free one") from error
        if error.errno == errno.EACCES:
            raise KgError("this port needs more rights", where=where, hint="choose one above 1023 with --port") from error
        raise KgError(f"cannot listen: {error.strerror or error}", where=where, hint="choose another --host") from error
    return made
