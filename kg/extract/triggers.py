"""The frames of an ontology, indexed by the words that trigger them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kg.errors import OntologyError
from kg.fr.data import expand
from kg.ontology import Attribute, Frame, Ontology, Relation


class Entry(NamedTuple):
    """A frame of a term."""

    term: Relation | Attribute
    frame: Frame


@dataclass(frozen=True, slots=True)
class Phrase:
    """A trigger of several words: what stands before and after an object in between, each word lower case.

    ``words`` begins with the verb's lemma in a locution. ``preposition`` is the last word when it opens a complement;
    ``key`` the fixed word a sentence must hold for the phrase to be looked for; ``gap`` whether an object may stand inside.
    """

    words: tuple[str, ...]
    after: tuple[str, ...]
    preposition: str | None
    entry: Entry
    trigger: str
    key: str = ""
    gap: bool = False


@dataclass(frozen=True, slots=True)
class Pattern:
    """A surface pattern of a frame."""

    expression: re.Pattern[str]
    entry: Entry
    trigger: str


@dataclass(frozen=True, slots=True)
class Triggers:
    """Every frame by its trigger: verbs by (lemma, pronominal), nouns and locutions by their first lemma, patterns by
    the fixed word a sentence must hold for them to be tried (empty when they have none)."""

    verbs: Mapping[tuple[str, bool], tuple[Entry, ...]]
    nouns: Mapping[str, tuple[Phrase, ...]]
    adjectives: Mapping[str, tuple[Entry, ...]]
    demonyms: tuple[Entry, ...]
    locutions: Mapping[tuple[str, bool], tuple[Phrase, ...]]
    patterns: Mapping[str, tuple[Pattern, ...]]


@dataclass(slots=True)
class _Building:
    verbs: dict[tuple[str, bool], list[Entry]] = field(default_factory=dict)
    nouns: dict[str, list[Phrase]] = field(default_factory=dict)
    adjectives: dict[str, list[Entry]] = field(default_factory=dict)
    demonyms: list[Entry] = field(default_factory=list)
    locutions: dict[tuple[str, bool], list[Phrase]] = field(default_factory=dict)
    patterns: dict[str, list[Pattern]] = field(default_factory=dict)


PREPOSITIONS = frozenset("de à sur avec pour par contre dans chez en vers sous auprès envers entre d'après".split())


def compile_triggers(ontology: Ontology) -> Triggers:
    """Indexes the frames of all terms. Raises :class:`OntologyError` on a trigger that cannot be compiled."""
    b = _Building()
    for term in ontology.terms:
        for frame in term.frames:
            entry = Entry(term, frame)
            where = f"{term.file} [[fr.frame]] {frame.id}"
            for trigger in expand(frame.triggers, where):
                match frame.kind:
                    case "verbs":
                        b.verbs.setdefault(pronominal(trigger), []).append(entry)
                    case "nouns":
                        words = tuple(words_of(trigger))
                        b.nouns.setdefault(words[0], []).append(Phrase(words, (), None, entry, trigger))
                    case "adjectives" if trigger == "@demonym":
                        b.demonyms.append(entry)
                    case "adjectives":
                        b.adjectives.setdefault(trigger, []).append(entry)
                    case "locutions":
                        key, phrase = _locution(trigger, entry, where)
                        b.locutions.setdefault(key, []).append(phrase)
                    case _:
                        compiled = Pattern(compile_pattern(trigger, where), entry, trigger)
                        for word in _keys(trigger):
                            b.patterns.setdefault(word, []).append(compiled)
    return Triggers(
        {k: tuple(v) for k, v in b.verbs.items()},
        {k: tuple(sorted(v, key=lambda p: -len(p.words))) for k, v in b.nouns.items()},
        {k: tuple(v) for k, v in b.adjectives.items()},
        tuple(b.demonyms),
        {k: tuple(sorted(v, key=lambda p: -len(p.words) - len(p.after))) for k, v in b.locutions.items()},
        {k: tuple(v) for k, v in b.patterns.items()},
    )


def pronominal(verb: str) -> tuple[str, bool]:
    """``s'offrir`` → (``offrir``, True)."""
    for mark in ("s'en ", "se ", "s'"):
        if verb.startswith(mark):
            return verb.removeprefix(mark), True
    return verb, False


def words_of(text: str) -> list[str]:
    """Words of a trigger as the tokeniser cuts them: « d'affaires » → ``d'``, ``affaires``."""
    return re.findall(r"[^\s']+'|[^\s']+", text.lower())


def _locution(trigger: str, entry: Entry, where: str) -> tuple[tuple[str, bool], Phrase]:
    text, reflexive = pronominal(trigger)
    before, _, after = text.partition(" … ")
    words, rest = words_of(before), words_of(after)
    last = rest or words
    preposition = last[-1] if last[-1] in PREPOSITIONS and len(words) + len(rest) > 1 else None
    if preposition is not None and len(last) > bool(not rest):
        last.pop()
    if not words:
        raise OntologyError(f"the locution « {trigger} » has no verb", where=where)
    key = max((*words[1:], *rest, preposition or ""), key=len)
    return (words[0], reflexive), Phrase(tuple(words), tuple(rest), preposition, entry, trigger, key, " … " in trigger)


def _keys(pattern: str) -> tuple[str, ...]:
    """Words of which every sentence matching a pattern must hold one: its longest fixed word, or the longest word of each
    alternative of a choice, whichever are longer; contractions never count, signs only where there is nothing else."""

    def letters(word: str) -> int:
        return sum(map(str.isalpha, word))

    def longest(text: str) -> str:
        return max((w for w in words_of(text) if w not in {"de", "à", "du", "des", "au", "aux", "d'"}), key=letters, default="")

    rest = re.sub(r"\{[^}]*\}|\[[^\]]*\]", " ", pattern)
    choices = [tuple(sorted({longest(way) for way in choice.split("|")})) for choice in re.findall(r"\(([^()|]+(?:\|[^()|]+)+)\)", rest)]
    fixed = longest(re.sub(r"\([^()|]+(?:\|[^()|]+)+\)", " ", rest))
    return max(((fixed,), *(c for c in choices if "" not in c)), key=lambda words: min(map(letters, words)) if "" not in words else -1)


_DET = r"(?:(?:le|la|l'|les|un|une|des|son|sa|ses|leur|leurs|ce|cette|ces) )?"


def compile_pattern(pattern: str, where: str) -> re.Pattern[str]:
    """A surface pattern as a regular expression over a sentence line (see :func:`kg.extract.frames.line_of`)."""
    parts = re.findall(
        r"\{\w+\}|\[[^\]]*\]|\([^()|]+(?:\|[^()|]+)+\)|[^\s\[\]{}']+'|[^\s\[\]{}']+", pattern.lower() if "{" not in pattern else pattern
    )
    out = []
    for part in parts:
        if part.startswith("{"):
            name = part[1:-1]
            mark = "[⟦⟪]" if name in {"value", "amount", "date", "share"} else "⟦"
            out.append(rf"{_DET}(?:‹\d+› )?(?:[«\"“] )?(?P<{name}>{mark}\d+[⟧⟫]) (?:[»\"”] )?(?:‹\d+› )?")
        elif part.startswith("["):
            out.append(f"(?:{_words(part[1:-1])})?")
        elif part.startswith("(") and "|" in part:
            out.append(f"(?:{'|'.join(_words(a) for a in part[1:-1].split('|'))})")
        else:
            out.append(_words(part))
    try:
        return re.compile(r"(?<= )" + "".join(out))
    except re.error as error:
        raise OntologyError(f"pattern « {pattern} »: {error}", where=where) from error


def _words(text: str) -> str:
    return "".join(
        (r"(?:de|d'|du|des) " if w == "de" else r"(?:à|au|aux) " if w == "à" else re.escape(w) + " ") for w in words_of(text.strip())
    )
