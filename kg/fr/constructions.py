"""Constructions: French syntax written once (``constructions.toml``), compiled to be looked up for any trigger."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kg.errors import OntologyError
from kg.fr.data import table


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path: ``>`` to dependents, ``<`` to the head, ``=`` another slot, ``?`` a test of lemmas,
    ``@`` a test of prepositions, ``~`` a surface pattern."""

    op: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Construction:
    """Where slots stand around a trigger of one kind and form: each slot's paths, tried in order."""

    id: str
    of: str
    form: str | None
    slots: Mapping[str, tuple[tuple[Step, ...], ...]]


@dataclass(frozen=True, slots=True)
class Grammar:
    """All constructions, and the closed classes of words they rest on."""

    constructions: tuple[Construction, ...]
    patterns: Mapping[str, re.Pattern[str]]
    be_verbs: frozenset[str]
    object_control: frozenset[str]
    supporting: frozenset[str]
    no_support: frozenset[str]
    approximations: frozenset[str]
    event_pronouns: frozenset[str]
    prepositions: Mapping[str, tuple[tuple[str, ...], ...]]
    phrases: Mapping[tuple[str, ...], str]
    contractions: Mapping[str, str]


@cache
def grammar() -> Grammar:
    """``constructions.toml``, checked and compiled."""
    data = table("constructions.toml")
    words = data["words"]
    phrases = {
        tuple(words["contractions"].get(p, p) for p in phrase.replace("'", "' ").split()): phrase for phrase in words["prepositions"]
    }
    by_last: dict[str, list[tuple[str, ...]]] = {}
    for parts in phrases:
        by_last.setdefault(parts[-1], []).append(parts)
    macros = {k: v for k, v in data["surface"].items() if isinstance(v, str)}
    macros["np"] = macros["np"].replace("{adj}", macros["adj"])
    patterns = {
        name: re.compile(text.replace("{np}", macros["np"]).replace("{adj}", macros["adj"]))
        for name, text in data["surface"]["pattern"].items()
    }
    constructions = []
    for item in data["construction"]:
        slots = {k: tuple(_path(p, item["id"], patterns) for p in v) for k, v in item.items() if k not in {"id", "of", "form"}}
        constructions.append(Construction(item["id"], item["of"], item.get("form"), slots))
    return Grammar(
        tuple(constructions),
        patterns,
        frozenset(words["etre"]),
        frozenset(words["object_control"]),
        frozenset(words["supporting"]),
        frozenset(words["no_support"]),
        frozenset(words["approximations"]),
        frozenset(words["event_pronouns"]),
        {last: tuple(sorted(p, key=len, reverse=True)) for last, p in by_last.items()},
        phrases,
        words["contractions"],
    )


def _path(text: str, construction: str, patterns: Mapping[str, re.Pattern[str]]) -> tuple[Step, ...]:
    steps = []
    for part in re.findall(r"[<>=?@~]\S*(?: de| avec)?", text):
        op, names = part[0], frozenset(n for n in part[1:].split("|") if n)
        if op not in "<>=?@~" or (op == "~" and not names <= patterns.keys()):
            raise OntologyError(f"« {part} » is no step of a path", where=f"constructions.toml [{construction}]")
        steps.append(Step(op, names))
    return tuple(steps)
