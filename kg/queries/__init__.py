"""The named queries: one ``NAME.rq`` a query.

The comment lines at its head are its help text, but for those that declare its parameters::

    # Who bought whom, for how much, and the sentences that say so.
    # param buyer: entity, optional — the organisation or person that buys

A parameter is a variable the query selects; its type is ``entity`` (an IRI, a label or another name), ``status`` or
``text``. A line ``# example: buyer=IBM`` shows its use.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from kg.errors import QueryError

ParameterType = Literal["entity", "status", "text"]
_PARAMETER = re.compile(r"param (?P<name>[A-Za-z]\w*): (?P<type>entity|status|text)(?P<optional>, optional)? — (?P<help>.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable of a named query that the caller may, or must, give a value."""

    name: str
    type: ParameterType
    optional: bool
    help: str


@dataclass(frozen=True, slots=True)
class NamedQuery:
    """A query shipped with the program."""

    name: str
    help: str
    parameters: tuple[Parameter, ...]
    example: str
    sparql: str


@cache
def list_queries() -> tuple[NamedQuery, ...]:
    """All named queries, in the order of their names."""
    return tuple(parse_query(p.stem, p.read_text(encoding="utf-8")) for p in sorted(Path(__file__).parent.glob("*.rq")))


def find_query(name: str) -> NamedQuery:
    """The query of that name; :class:`~kg.errors.QueryError` with the nearest names if there is none."""
    known = {q.name: q for q in list_queries()}
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name.lower(), list(known), n=3, cutoff=0.4)
    raise QueryError(f"no query is called « {name} »", hint=f"near it: {', '.join(near)}" if near else "« kg queries » lists them")


def parse_query(name: str, text: str) -> NamedQuery:
    """A query from its file."""
    lines, parameters, example = [], [], ""
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        said = line.lstrip("#").strip()
        if said.startswith("param "):
            if not (m := _PARAMETER.fullmatch(said)):
                raise QueryError(f"« {said} » declares no parameter", where=f"{name}.rq", hint="write: param NAME: TYPE[, optional] — help")
            parameters.append(Parameter(m["name"], cast(ParameterType, m["type"]), bool(m["optional"]), m["help"]))
        elif said.startswith("example:"):
            example = said.removeprefix("example:").strip()
        else:
            lines.append(said)
    return NamedQuery(name, " ".join(lines), tuple(parameters), example, text)
