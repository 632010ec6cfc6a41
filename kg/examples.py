"""Marked examples: ``[subject:IBM] croque [object:Waeg]`` ↔ a text and where its roles stand in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kg.model import Span

_MARK = re.compile(r"\[(?P<role>[a-z]+)(?:=(?P<value>[^\]:]*))?:(?P<words>[^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Role:
    """A marked role: its name, where its words stand, and the value they are read as.

    ``value`` is what follows ``=`` in the mark (``[amount=34000000000 USD:34 milliards de dollars]``,
    ``[subject=Red Hat:l'éditeur]``), else the words themselves.
    """

    name: str
    span: Span
    value: str


@dataclass(frozen=True, slots=True)
class Marked:
    """A text without its marks, and the marks."""

    text: str
    roles: tuple[Role, ...]

    @property
    def names(self) -> frozenset[str]:
        """The names of the roles that are marked."""
        return frozenset(r.name for r in self.roles)

    def values(self, name: str) -> tuple[str, ...]:
        """What the roles of that name are read as, in text order."""
        return tuple(r.value for r in self.roles if r.name == name)


def parse_marked(marked: str) -> Marked:
    """Takes the marks out of a marked text. Raises ``ValueError`` on a bracket that is no mark."""
    text, roles, at = "", [], 0
    for m in _MARK.finditer(marked):
        text += marked[at : m.start()]
        span = Span(len(text), len(text) + len(m["words"]))
        roles.append(Role(m["role"], span, m["words"] if m["value"] is None else m["value"]))
        text += m["words"]
        at = m.end()
    text += marked[at:]
    if "[" in text or "]" in text:
        raise ValueError("a bracket that is no [role:words] mark")
    return Marked(text, tuple(roles))
