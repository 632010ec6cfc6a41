"""What people have decided about a graph, as lines of a plain file beside the store, applied by every build.

A line says who decided what, when and why::

    when                  who   action  subject    relation  object      with      because
    2026-11-22T10:00:00Z  lea   merge   org/aws              org/amazon…           same firm

``merge A B``: B is A from now on. ``split A B``: undoes that merge, else says that A and B are two; with a brief's key in
``with`` it makes B of what that brief says of A. ``rename A «name»``. ``reject``: the claim is left out. ``assert``: the
claim is held, the line itself its evidence. Later lines win over earlier ones. IRIs are without the base, values as the
claim's IRI is made of them: an IRI, or a literal in N-Triples syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Literal, cast, get_args

from kg.errors import ReadError, UsageError
from kg.link import tidy
from kg.resolve import Verdicts

Action = Literal["merge", "split", "rename", "reject", "assert"]
SUFFIX = ".decisions.tsv"


@dataclass(frozen=True, slots=True)
class Decision:
    """One line; see the module."""

    when: str
    who: str
    action: Action
    subject: str
    relation: str = ""
    object: str = ""
    detail: str = ""
    because: str = ""


COLUMNS = tuple("with" if f.name == "detail" else f.name for f in fields(Decision))


def beside(folder: Path) -> Path:
    """Where the decisions about the store in ``folder`` are."""
    return folder.with_name(folder.name + SUFFIX)


def parse(text: str, where: str) -> list[Decision]:
    """The decisions of a file; :class:`~kg.errors.ReadError` names the line that is none."""
    found = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        cells = [c.strip() for c in line.split("\t")]
        if not line.strip() or line.startswith("#") or tuple(cells) == COLUMNS:
            continue
        if len(cells) != len(COLUMNS) or cells[2] not in get_args(Action) or not cells[3]:
            raise ReadError("is no decision", where=f"{where}:{number}", hint=f"{len(COLUMNS)} cells parted by tabs: {', '.join(COLUMNS)}")
        if not _is_time(cells[0]):
            raise ReadError(f"« {cells[0]} » is no time", where=f"{where}:{number}", hint="2026-11-22T10:00:00Z")
        found.append(Decision(cells[0], cells[1], cast(Action, cells[2]), *cells[3:]))
    return found


def _is_time(text: str) -> bool:
    try:
        return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)) and datetime.fromisoformat(text) is not None
    except ValueError:
        return False


def load(path: Path) -> list[Decision]:
    """The decisions of a file, none if it is not there."""
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        raise ReadError("is no UTF-8 text", where=str(path)) from error
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}", where=str(path)) from error


def dump(decisions: Iterable[Decision]) -> str:
    """Decisions as a file, a heading first."""
    lines = ["\t".join(COLUMNS), *("\t".join(tidy(str(c)) for c in astuple(d)) for d in decisions)]
    return "\n".join(lines) + "\n"


def verdicts(decisions: Iterable[Decision]) -> Verdicts:
    """What the lines together say about who is who."""
    merged: dict[frozenset[str], tuple[str, str]] = {}
    apart: dict[frozenset[str], tuple[str, str]] = {}
    given: dict[tuple[str, str], str] = {}
    labels: dict[str, str] = {}
    for decision in decisions:
        pair = frozenset((decision.subject, decision.object))
        if decision.action == "merge":
            apart.pop(pair, None)
            merged[pair] = (decision.object, decision.subject)
        elif decision.action == "split" and decision.detail:
            given[decision.detail, decision.subject] = decision.object
        elif decision.action == "split" and merged.pop(pair, None) is None:
            apart[pair] = (decision.subject, decision.object)
        elif decision.action == "rename":
            labels[decision.subject] = decision.object
    return Verdicts(tuple(merged.values()), frozenset(apart.values()), given, labels)


def held(decisions: Iterable[Decision]) -> tuple[list[Decision], list[Decision]]:
    """The claims that are rejected and those that are asserted: of several lines about one claim the last counts."""
    last: dict[tuple[str, str, str, str], Decision] = {}
    for decision in decisions:
        if decision.action in ("reject", "assert"):
            role = details(decision).get("role", "")
            last[decision.subject, decision.relation, decision.object, role.casefold()] = decision
    return [d for d in last.values() if d.action == "reject"], [d for d in last.values() if d.action == "assert"]


def details(decision: Decision) -> dict[str, str]:
    """The qualifiers in ``with``: ``role=PDG; date=2021-05``."""
    found = {}
    for part in filter(None, (p.strip() for p in decision.detail.split(";"))):
        name, sign, value = part.partition("=")
        if not sign:
            raise UsageError(f"« {part} » is no qualifier", hint="role=PDG; date=2021-05")
        found[name.strip()] = value.strip()
    return found
