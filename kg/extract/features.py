"""What the learned reader sees of a brief: its words with names and figures masked, its mentions, its values.

A pure function of an :class:`~kg.model.Analysis` that training and reading share. Names never reach the learned reader:
a name is shown as its class, a figure as its kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kg.extract.qualifiers import role_text
from kg.extract.syntax import Syntax
from kg.fr.data import lexicon
from kg.model import Analysis, MentionKind, QuantityKind

KINDS: tuple[MentionKind, ...] = ("name", "adjective", "nominal", "pronoun")
QUANTITIES: tuple[QuantityKind, ...] = ("money", "number", "percent", "date")
MASKED = frozenset({"name", "adjective"})


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
    """A brief as the learned reader sees it; ``types`` are the classes of its entities."""

    words: tuple[Word, ...]
    places: tuple[Place, ...]
    values: tuple[Value, ...]
    types: tuple[str, ...]


def features(analysis: Analysis) -> Features:
    """What the learned reader sees of an analysed brief."""
    places = tuple(
        Place(t.i, analysis.mentions[m].entity, m, KINDS.index(analysis.mentions[m].kind)) for t in analysis.tokens for m in t.mentions
    )
    return Features(
        tuple(_words(analysis)),
        places,
        tuple(_values(analysis)),
        tuple(e.type for e in analysis.entities),
    )


def _words(analysis: Analysis) -> Iterable[Word]:
    last_quantity = None
    for token in analysis.tokens:
        text, kind, entity = token.text.lower(), 0, -1
        if token.mentions:
            mention = analysis.mentions[token.mentions[0]]
            kind, entity = 1 + KINDS.index(mention.kind), mention.entity
            if mention.kind in MASKED:
                text = f"<{analysis.entities[entity].type}{':adjective' if mention.kind == 'adjective' else ''}>"
        if token.quantity is not None and not token.mentions:
            text = "" if token.quantity == last_quantity else f"<{analysis.quantities[token.quantity].kind}>"
            last_quantity = token.quantity
        yield Word(text, kind, entity, token.head, token.sentence, token.pos, token.dep)


def _values(analysis: Analysis) -> Iterable[Value]:
    seen: set[int] = set()
    syntax: Syntax | None = None
    titles = lexicon()["post"].words
    for token in analysis.tokens:
        if token.quantity is not None:
            if token.quantity not in seen:
                seen.add(token.quantity)
                quantity = analysis.quantities[token.quantity]
                yield Value(token.i, quantity.kind, quantity.value)
        elif token.lemma in titles or token.text in titles:
            syntax = syntax or Syntax(analysis)
            if title := role_text(syntax, token.i):
                yield Value(token.i, "role", title)
