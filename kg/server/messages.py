"""What a server and its workers tell each other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Self

from kg.errors import KgError


@dataclass(frozen=True, slots=True)
class Settings:
    """Which store is served, and within which limits.

    ``seconds`` is how long an answer may take, ``rows`` how many rows or triples it may have, ``bytes`` how large it may be,
    ``memory`` how many bytes of data one worker may hold. ``overlay`` are folders of ontology files; with ``log``
    a worker's last words, when something fells it, reach standard error.
    """

    store: str
    base: str
    overlay: tuple[str, ...] = ()
    seconds: float = 30.0
    rows: int = 100_000
    workers: int = 2
    bytes: int = 64 << 20
    memory: int = 2 << 30
    log: bool = False

    def dump(self) -> str:
        """As one line for a worker's command line."""
        return json.dumps(asdict(self))

    @classmethod
    def load(cls, text: str) -> Self:
        """What :meth:`dump` wrote."""
        told = json.loads(text)
        return cls(**told | {"overlay": tuple(told["overlay"])})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker gave: a body and what HTTP should say of it."""

    body: bytes = b""
    type: str = "text/plain"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Failure(KgError):
    """An answer that says what went wrong; ``status`` is the code of HTTP."""

    def __init__(self, what: str, *, status: int, where: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.status = status
