"""Cues of status (``cues.toml``), compiled."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from kg.errors import OntologyError
from kg.fr.data import table

KINDS = frozenset({"planned", "rumoured", "denied", "asserted", "none"})
FORMS = frozenset(
    {"verb_over", "noun_over", "event_subject", "adjective", "adverb", "mood", "phrase", "question", "condition", "purpose", "pseudo"}
)
_KEYS = frozenset(
    {"id", "kind", "form", "lemmas", "words", "mood", "scope", "priority", "when", "governors", "subjects", "tenses", "cancels"}
)


@dataclass(frozen=True, slots=True)
class Cue:
    """What hedges a statement: see the head of ``cues.toml`` for each field."""

    id: str
    kind: str
    form: str
    scope: str
    priority: int
    mood: str | None
    when: Mapping[str, str]
    governors: frozenset[str]
    subjects: frozenset[str]
    tenses: frozenset[str]
    cancels: frozenset[str]
    pattern: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Wording:
    """One lemma phrase of a cue: its head lemma, whether reflexive, the words that must follow before the trigger."""

    cue: Cue
    reflexive: bool
    rest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cues:
    """All cues by form; those with lemmas by the lemma of their first word."""

    governing: Mapping[tuple[str, str], tuple[Wording, ...]]
    by_form: Mapping[str, tuple[Cue, ...]]
    infinitive_only: frozenset[str]
    purposes: tuple[tuple[tuple[str, ...], Cue], ...]
    conditions: tuple[tuple[tuple[str, ...], Cue], ...]


def _words(text: str) -> tuple[str, ...]:
    return tuple(re.findall(r"[^\s']+'|[^\s']+", text))


def _phrase(text: str, press: str) -> str:
    """A surface phrase as a regular expression over words each followed by a space."""
    text = re.sub(r"\[([^\]]+)\]", r"(\1|)", text)
    out = []
    for part in re.findall(r"\([^)]*\)|[^\s()']+'|[^\s()']+", text):
        if part == "…":
            out.append(r"(?:\S+ ){0,4}?")
        elif part == "{press}":
            out.append(press)
        elif part == "{name}":
            out.append(r"(?:⟦\S+⟧ )")
        elif part == "{quantity}":
            out.append(r"(?:\S+ ){1,3}")
        elif part.startswith("("):
            out.append("(?:" + "|".join("".join(re.escape(w) + " " for w in _words(a)) for a in part[1:-1].split("|")) + ")")
        else:
            out.append(re.escape(part) + " ")
    return "".join(out)


def _reflexive(lemma: str) -> tuple[str, bool]:
    for mark in ("se ", "s'"):
        if lemma.startswith(mark):
            return lemma.removeprefix(mark), True
    return lemma, False


@cache
def cues() -> Cues:
    """``cues.toml``, checked and compiled. Raises :class:`OntologyError` naming the cue that is wrong."""
    data = table("cues.toml")
    press = (
        "(?:"
        + "|".join(
            sorted({"".join(re.escape(w) + " " for w in _words(p.lower())) for p in data["press"]["words"]}, key=lambda p: (-len(p), p))
        )
        + ")"
    )
    governing: dict[tuple[str, str], list[Wording]] = {}
    by_form: dict[str, list[Cue]] = {}
    purposes: list[tuple[tuple[str, ...], Cue]] = []
    conditions: list[tuple[tuple[str, ...], Cue]] = []
    for item in data["cue"]:
        cue = _cue(item, press)
        by_form.setdefault(cue.form, []).append(cue)
        for lemma in item.get("lemmas", ()):
            plain, reflexive = _reflexive(lemma)
            first, *rest = _words(plain)
            governing.setdefault((cue.form, first), []).append(Wording(cue, reflexive, tuple(rest)))
        for words in item.get("words", ()):
            if cue.form == "purpose":
                purposes.append((_words(words), cue))
            elif cue.form == "condition":
                conditions.append((_words(words), cue))
    return Cues(
        {k: tuple(v) for k, v in governing.items()},
        {k: tuple(v) for k, v in by_form.items()},
        frozenset(data["infinitive_only"]["lemmas"]),
        tuple(sorted(purposes, key=lambda p: -len(p[0]))),
        tuple(sorted(conditions, key=lambda p: -len(p[0]))),
    )


def _cue(item: Mapping[str, Any], press: str) -> Cue:
    where = f"cues.toml [[cue]] {item.get('id')}"
    if unknown := item.keys() - _KEYS:
        raise OntologyError(f"unknown key « {min(unknown)} »", where=where)
    if item.get("kind") not in KINDS or item.get("form") not in FORMS or not isinstance(item.get("priority"), int):
        raise OntologyError("needs kind, form and priority", where=where)
    pattern = None
    if item["form"] in {"phrase", "pseudo", "adverb"}:
        pattern = re.compile("(?<= )(?:" + "|".join(_phrase(w, press) for w in item["words"]) + ")")
    return Cue(
        item["id"],
        item["kind"],
        item["form"],
        item.get("scope", "governed"),
        item["priority"],
        item.get("mood"),
        item.get("when", {}),
        frozenset(_reflexive(g)[0] for g in item.get("governors", ())),
        frozenset(item.get("subjects", ())),
        frozenset(item.get("tenses", ())),
        frozenset(item.get("cancels", ())),
        pattern,
    )
