"""The words of this project: what a brief, a mention, an entity, a claim and its evidence are.

Plain frozen values, no behaviour beyond what their own fields say, and no import from ``kg``. Offsets always count
Unicode code points of :attr:`Brief.text`, half open: ``text[span.start:span.end]``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple


class Span(NamedTuple):
    """A run of characters of one brief: ``text[start:end]``."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The words themselves."""
        return text[self.start : self.end]

    def covers(self, other: Span) -> bool:
        """Whether ``other`` lies within this span."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two spans share a character."""
        return self.start < other.end and other.start < self.end


class Status(StrEnum):
    """How a piece of evidence holds its claim."""

    ASSERTED = "asserted"
    PLANNED = "planned"
    RUMOURED = "rumoured"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Brief:
    """One short news item. ``text`` is kept exactly as read; every offset counts into it."""

    key: str
    text: str
    date: str | None = None
    lang: str = "fr"
    title: str | None = None
    source: str | None = None


MentionKind = Literal["name", "adjective", "nominal", "pronoun"]


@dataclass(frozen=True, slots=True)
class Mention:
    """One place of a brief that stands for an entity: a name, a nationality adjective, an epithet, a pronoun.

    ``entity`` indexes :attr:`Analysis.entities`; ``why`` names the rule that found or linked it. ``others`` are the next
    best antecedents of an anaphor, for readers that know what class they look for.
    """

    span: Span
    kind: MentionKind
    entity: int
    why: str
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """Somebody or something named in one brief: the fullest form, a class of the ontology, the other forms."""

    name: str
    type: str
    aliases: tuple[str, ...] = ()


QuantityKind = Literal["money", "number", "percent", "date"]
Bound = Literal["atLeast", "atMost", "about"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount, a number, a percentage or a date read in the text.

    ``value`` is normalised: ``276000000 EUR``, ``500``, ``49 %``, an ISO date of the precision the words support
    (``2014``, ``2021-05``, ``2021-05-18``). ``bound`` says when the words give a bound or an approximation.
    """

    span: Span
    kind: QuantityKind
    value: str
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """One token as parsed; a mention of several words is one token. ``head`` indexes :attr:`Analysis.tokens`
    (its own index at a root). ``pos``, ``dep`` and ``morph`` follow Universal Dependencies; ``lemma`` is lower case.
    ``mentions`` are those whose head this token is: several when it stands for several entities (« les deux groupes »)."""

    i: int
    span: Span
    text: str
    lemma: str
    pos: str
    dep: str
    head: int
    morph: Mapping[str, str]
    sentence: int
    mentions: tuple[int, ...] = ()
    quantity: int | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence: its characters, and its tokens ``first <= i < last``."""

    span: Span
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Analysis:
    """A brief read as French: what the extractors work on."""

    brief: Brief
    tokens: tuple[Token, ...]
    sentences: tuple[Sentence, ...]
    mentions: tuple[Mention, ...]
    entities: tuple[Entity, ...]
    quantities: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True, order=True)
class Claim:
    """What is said to hold: subject, relation, object. An attribute is a claim whose object is a value.

    ``subject`` and ``object`` are names of entities of the same brief (an attribute's object is its normalised
    value). ``role`` is set, folded to lower case, only for the relations whose role belongs to the claim's identity.
    """

    subject: str
    relation: str
    object: str
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One place in one brief that says a claim, for or against it.

    ``span`` is the shortest run of whole sentences that holds ``trigger``, ``subject`` and ``object``. ``rule`` names
    the relation, the frame and the construction (``acquires/verb/active``). The qualifiers are normalised like
    :attr:`Quantity.value`; ``role`` is kept as written.
    """

    brief: str
    span: Span
    trigger: Span
    subject: Span
    object: Span
    rule: str
    status: Status = Status.ASSERTED
    confidence: float = 0.5
    amount: str | None = None
    date: str | None = None
    role: str | None = None
    share: str | None = None
    bound: Bound | None = None


QUALIFIERS = ("amount", "date", "role", "share")


@dataclass(frozen=True, slots=True)
class Extraction:
    """All that was read in one brief. Entity names are unique within it; claims refer to them by name."""

    brief: Brief
    entities: tuple[Entity, ...] = ()
    mentions: tuple[Mention, ...] = ()
    claims: tuple[tuple[Claim, Evidence], ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """A frame found in a brief, filled: what ``kg explain`` shows and extraction turns into a claim."""

    claim: Claim
    evidence: Evidence
    because: str = ""
    clues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Miss:
    """A frame whose trigger was found but that gave no claim: which construction was tried, what was missing."""

    relation: str
    frame: str
    trigger: Span
    reason: str
    filled: Mapping[str, str] = field(default_factory=dict)
