"""``kg watch``: feeds and pages of the web asked again and again, and what is new in them read into the store.

What is known of each address (when it last changed, how often it has failed, when it may be asked again) is kept in
``<store>.watch.json`` beside the store. It is written only after the briefs have been stored: an answer is never lost.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from kg import __version__, pipeline
from kg.briefs import Skip, checked, kind_of, read_document
from kg.briefs.found import Found
from kg.errors import FetchError, KgError, ReadError, StoreError, UsageError
from kg.fetch import Answer, Fetcher, check_address
from kg.files import STORE_HINT, written
from kg.ontology import Ontology
from kg.pipeline import Built
from kg.store import beside, store_folder

FIRST_WAIT, LONGEST_WAIT = 60.0, 24 * 3600.0
"""Seconds before an address that failed is asked again; doubled each time, up to a day."""


@dataclass
class Known:
    """What is known of one address. ``not_before``: seconds since 1970."""

    etag: str | None = None
    modified: str | None = None
    failures: int = 0
    not_before: float = 0.0

    def failed(self, error: KgError, now: float) -> None:
        """Puts the next request off: for as long as the server asks for, within bounds, else twice as long as last time."""
        self.failures += 1
        asked = error.retry_after if isinstance(error, FetchError) else None
        doubled = FIRST_WAIT * 2.0 ** min(self.failures - 1, 20)
        self.not_before = now + min(max(FIRST_WAIT, asked if asked is not None else doubled), LONGEST_WAIT)


@dataclass
class State:
    """The file beside the store."""

    path: Path
    addresses: dict[str, Known] = field(default_factory=dict)

    @classmethod
    def of_store(cls, store: str) -> State:
        """The state that goes with a store; empty when there is none yet."""
        folder = store_folder(store)
        if folder is None:
            raise UsageError("a store in memory is gone when the command ends", hint="give --store oxigraph:FOLDER")
        path = beside(folder, ".watch.json")
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            return cls(path, {address: Known(**_checked(known)) for address, known in record["addresses"].items()})
        except FileNotFoundError:
            return cls(path)
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise ReadError("cannot be read", where=str(path), hint="delete it: every address is then asked anew") from error

    def save(self) -> None:
        """Writes it, whole or not at all."""
        record = {"version": 1, "addresses": {a: asdict(k) for a, k in sorted(self.addresses.items())}}
        with written(self.path, hint=STORE_HINT) as file:
            file.write(json.dumps(record, ensure_ascii=False, indent=1).encode() + b"\n")


def _checked(record: dict[str, Any]) -> dict[str, Any]:
    types = {"etag": str | None, "modified": str | None, "failures": int, "not_before": float | int}
    if any(not isinstance(record[f.name], types[f.name]) for f in fields(Known)):
        raise TypeError
    return record


@dataclass(frozen=True)
class Round:
    """What came of asking every address once. ``waiting``: those that were not asked, since they may not be yet."""

    built: Built | None
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    waiting: tuple[str, ...]
    errors: tuple[KgError, ...]


class Watcher:
    """Asks addresses and stores what is new in them."""

    def __init__(
        self,
        addresses: Sequence[str],
        *,
        store: str,
        domain: Ontology,
        fetcher: Fetcher | None = None,
        out: Path | None = None,
        base: str | None = None,
        source: str | None = None,
        contact: str | None = None,
        watch: pipeline.Watch | None = None,
    ) -> None:
        if not addresses:
            raise UsageError("nothing to watch", hint="give the addresses of feeds or pages")
        for address in addresses:
            check_address(address)
        self.addresses = list(dict.fromkeys(addresses))
        self.store, self.domain, self.out, self.base, self.source, self.watch = store, domain, out, base, source, watch
        self.fetcher = fetcher or Fetcher(version=__version__, contact=contact)
        self.state = State.of_store(store)

    def round(self) -> Round:
        """Asks every address that may be asked, stores what is new, then remembers what it was told."""
        answers: dict[str, Answer] = {}
        errors: list[KgError] = []
        waiting = [a for a in self.addresses if self.state.addresses.get(a, Known()).not_before > time.time()]
        left_out: list[Skip] = []
        documents: list[Found] = []
        for address in self.addresses:
            if address in waiting:
                continue
            known = self.state.addresses.setdefault(address, Known())
            try:
                answer = self.fetcher.get(address, etag=known.etag, modified=known.modified)
                if answer.status == 200:
                    documents += _documents(answer)
                answers[address] = answer
            except KgError as error:
                known.failed(error, time.time())
                errors.append(error)
        briefs = list(checked(documents, source=self.source, on_skip=left_out.append))
        changed = [a for a, answer in answers.items() if answer.status == 200]
        built = None
        try:
            if changed:
                built = pipeline.take(
                    briefs, len(briefs), left_out, store=self.store, out=self.out, domain=self.domain, base=self.base, watch=self.watch
                )
        except StoreError as error:  # another command is writing: these answers are asked for again
            errors.append(error)
        else:
            for address, answer in answers.items():
                before = self.state.addresses[address]
                etag, modified = (answer.etag, answer.modified) if answer.status == 200 else (before.etag, before.modified)
                self.state.addresses[address] = Known(etag, modified)
        finally:
            self.state.save()
        unchanged = tuple(a for a in answers if a not in changed)
        return Round(built, tuple(changed), unchanged, tuple(waiting), tuple(errors))

    def rounds(self, every: float, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[Round]:
        """Rounds without end, ``every`` so many seconds."""
        while True:
            began = time.monotonic()
            yield self.round()
            sleep(max(0.0, began + every - time.monotonic()))


def _documents(answer: Answer) -> Iterator[Found]:
    if kind_of(answer.body) == "text":
        raise ReadError("is neither a feed nor a web page", where=answer.address)
    stem = answer.address.partition("://")[2]
    yield from read_document(answer.body, answer.address, stem, address=answer.address, encoding=answer.encoding)
