"""Writing the graph to files: which triples, in which order, and so that a file is whole or not there."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from kg import namespaces as ns
from kg.errors import KgError

if TYPE_CHECKING:
    import pyoxigraph as ox

    from kg.graph import Store

TextKept = Literal["full", "quotes", "none"]
"""How much of the briefs' words goes into a file: all, only what evidence and mentions quote, or nothing."""

_ORDER = {"money": 1, "claim": 2, "evidence": 3, "mention": 4, "span": 5, "brief": 6, "decision": 6, "run": 7, "candidate": 8}
_FIRST = {ns.RDF + "type": "0", ns.RDFS + "label": "1", ns.RDF + "subject": "2", ns.RDF + "predicate": "3", ns.RDF + "object": "4"}


def chosen(store: Store, *, facts_only: bool = False, text: TextKept = "full") -> list[ox.Triple]:
    """The triples of a file in the order of the file: entities, amounts, claims, evidence, mentions, spans, briefs and
    decisions, runs, candidates.

    ``facts_only`` keeps entities (classes, labels, identifiers, plain triples) and the amounts they point at. ``text``
    leaves out the briefs' texts (``quotes``), or the quotations too (``none``).
    """
    left_out = {"full": (), "quotes": (ns.SCHEMA + "text",), "none": (ns.SCHEMA + "text", ns.OA + "exact")}[text]
    triples = [t for t in store.triples() if t.predicate.value not in left_out]
    if facts_only:
        ranks = {t: _rank(t, store.ids.base) for t in triples}
        facts = [t for t in triples if ranks[t] == 0]
        amounts = {t.object for t in facts}
        triples = facts + [t for t in triples if ranks[t] == 1 and t.subject in amounts]
    return sorted(triples, key=lambda t: (_rank(t, store.ids.base), str(t.subject), _FIRST.get(t.predicate.value, "5"), str(t)))


def _rank(triple: ox.Triple, base: str) -> int:
    if triple.predicate.value == ns.KG + "maybeSameAs":
        return _ORDER["candidate"]  # no fact
    local = str(triple.subject)[1:-1].removeprefix(base)
    return _ORDER.get(local.partition("/")[0], 0)


@contextlib.contextmanager
def written(out: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    """A file to write into: a temporary one beside ``out`` that takes its name when all is written, or ``out`` itself
    if it is open already (standard output). What went wrong is one :class:`~kg.errors.KgError`."""
    if not isinstance(out, Path):
        yield out
        return
    temporary = None
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=out.parent, prefix=f".{out.name}.", delete=False) as file:
            temporary = Path(file.name)
            yield file
        # A temporary file is private; what is exported has the permissions of any new file.
        umask = os.umask(0)
        os.umask(umask)
        temporary.chmod(0o666 & ~umask)
        temporary.replace(out)
    except BaseException as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            said = error.strerror or str(error)
            raise KgError(f"cannot be written: {said}", where=str(out), hint="choose another place with --out") from error
        raise
