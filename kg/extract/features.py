"""What the learned reader sees of a brief: its words with names and figures masked, which of them set off frames, its
mentions, its values.

A pure function of an analysed brief and what the rules found there, that training and reading share. Names never reach the learned reader:
a name is shown as its class, a figure as its kind.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice

from kg.extract.qualifiers import role_text
from kg.extract.syntax import Syntax
from kg.fr.data import lexicon
from kg.model import Analysis, Match, MentionKind, Miss, QuantityKind

KINDS: tuple[MentionKind, ...] = ("name", "adjective", "nominal", "pronoun")
QUANTITIES: tuple[QuantityKind, ...] = ("money", "number", "percent", "date")
TRIGGER = 6
"""Words of a trigger at most: a longer one is a whole pattern, which says little of its words."""
MASKED = frozenset({"name", "adjective"})
WORDS, PLACES, VALUES = 510, 128, 64
"""At most so many are seen, more than any brief has: the network's memory grows with places² × values. What comes after in a
long article is left to the rules."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word as shown: its lower-case form, or the mark of what is masked (``<Company>``, ``<money>``; empty: not shown)."""

    text: str
    kind: int  # 0: no mention; else 1 + the index of the kind of mention
    entity: int  # -1: none
    head: int
    sentence: int
    pos: str
    dep: str
    hints: tuple[str, ...] = ()  # the relations and attributes whose frames it set off, whether they matched or not


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entity is mentioned."""

    token: int
    entity: int
    mention: int
    kind: int


@dataclass(frozen=True, slots=True)
class Value:
    """What may qualify a claim or be an attribute's value: a quantity or a title, and where it stands."""

    token: int
    kind: str  # a kind of quantity, or « role »
    value: str


@dataclass(frozen=True, slots=True)
class Features:
    """A brief, or the beginning of a long one, as the learned reader sees it; ``types`` are the classes of the entities
    mentioned there and of those numbered before them."""

    words: tuple[Word, ...]
    places: tuple[Place, ...]
    values: tuple[Value, ...]
    types: tuple[str, ...]


def features(syntax: Syntax, found: Iterable[Match | Miss]) -> Features:
    """What the learned reader sees of an analysed brief in which the rules found that."""
    analysis = syntax.analysis
    end = min(len(analysis.tokens), WORDS)
    places = tuple(
        Place(t.i, analysis.mentions[m].entity, m, KINDS.index(analysis.mentions[m].kind))
        for t in analysis.tokens[:end]
        for m in t.mentions
    )
    values = tuple(islice(_values(syntax, end), VALUES + 1))
    for crowd, most in ((places, PLACES), (values, VALUES)):
        if len(crowd) > most:
            end = min(end, crowd[most].token)
    places = tuple(p for p in places if p.token < end)
    return Features(
        tuple(_words(analysis, end, _hints(analysis, found))),
        places,
        tuple(v for v in values if v.token < end),
        tuple(e.type for e in analysis.entities[: max((p.entity for p in places), default=-1) + 1]),
    )


def _hints(analysis: Analysis, found: Iterable[Match | Miss]) -> dict[int, tuple[str, ...]]:
    """The relations and attributes whose triggers each word belongs to."""
    starts = [t.span.start for t in analysis.tokens]
    hints: dict[int, set[str]] = {}
    for one in found:
        name, trigger = (one.claim.relation, one.evidence.trigger) if isinstance(one, Match) else (one.relation, one.trigger)
        inside = range(bisect_left(starts, trigger.start), bisect_left(starts, trigger.end))
        if len(inside) <= TRIGGER:
            for i in inside:
                if not analysis.tokens[i].mentions or len(inside) == 1:
                    hints.setdefault(i, set()).add(name)
    return {i: tuple(sorted(names)) for i, names in hints.items()}


def _words(analysis: Analysis, end: int, hints: Mapping[int, tuple[str, ...]]) -> Iterable[Word]:
    last_quantity = None
    for token in analysis.tokens[:end]:
        text, kind, entity = token.text.lower(), 0, -1
        if token.mentions:
            mention = analysis.mentions[token.mentions[0]]
            kind, entity = 1 + KINDS.index(mention.kind), mention.entity
            if mention.kind in MASKED:
                text = f"<{analysis.entities[entity].type}{':adjective' if mention.kind == 'adjective' else ''}>"
        if token.quantity is not None and not token.mentions:
            text = "" if token.quantity == last_quantity else f"<{analysis.quantities[token.quantity].kind}>"
            last_quantity = token.quantity
        head = token.head if token.head < end else token.i
        yield Word(text, kind, entity, head, token.sentence, token.pos, token.dep, hints.get(token.i, ()))


def _values(syntax: Syntax, end: int) -> Iterable[Value]:
    seen: set[int] = set()
    titles = lexicon()["post"].words
    for token in syntax.tokens[:end]:
        if token.quantity is not None:
            if token.quantity not in seen:
                seen.add(token.quantity)
                quantity = syntax.analysis.quantities[token.quantity]
                yield Value(token.i, quantity.kind, quantity.value)
        elif token.lemma in titles or token.text in titles:
            if title := role_text(syntax, token.i):
                yield Value(token.i, "role", title)
