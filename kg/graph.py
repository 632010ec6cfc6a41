"""Claims and evidence ↔ RDF: what one brief says becomes triples, and what many briefs say becomes one graph.

A brief owns its own node, its spans, its mentions and its evidence. Everything else (claims with their status and
confidence, plain triples, labels and types of entities, amounts, runs) is a pure function of what all briefs own,
recomputed where a brief touches it. So briefs may come in any order, twice, and go again: the graph is the same.

>>> with open_store("oxigraph:.kg/store") as store:      # doctest: +SKIP
...     store.add(extraction, ontology, current_run(ontology))
'added'

One brief is written by one atomic update of the underlying store; an interrupted build loses at most the brief at hand.

By itself a brief gives its entities the IRIs of their names. :meth:`Store.settle` then decides from all briefs, and from what
people have decided, who is who (:mod:`kg.resolve`), and writes anew the briefs that this moves. To be able to, the store
remembers what was read in each brief in a named graph of its own (:data:`READINGS`), which nothing else looks at: no answer
and no file depends on it.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, cast

import pyoxigraph as ox

import kg
from kg import decisions as deciding
from kg import namespaces as ns
from kg import readings
from kg.decisions import Decision
from kg.errors import ReadError, StoreError, UsageError
from kg.link import Ids, Names, digest, fold_role, link, load_names, tidy, writable
from kg.model import Brief, Entity, Evidence, Extraction, Span, Status
from kg.ontology import Attribute, Ontology, Relation, ValueKind
from kg.resolve import Candidate, Profile, Resolution, load_rules, profiles, resolve
from kg.store import OpenStore, told

if TYPE_CHECKING:
    import rdflib

    from kg.query import Result

Node = ox.NamedNode | ox.Literal
Outcome = Literal["added", "skipped", "replaced"]
State = Literal["new", "same", "changed"]

# --- terms ------------------------------------------------------------------------------------------------------------

_N = ox.NamedNode
TYPE, LABEL, ALT, SAME = _N(ns.RDF + "type"), _N(ns.RDFS + "label"), _N(ns.SKOS + "altLabel"), _N(ns.OWL + "sameAs")
SUBJECT, PREDICATE, OBJECT = _N(ns.RDF + "subject"), _N(ns.RDF + "predicate"), _N(ns.RDF + "object")
DERIVED, GENERATED = _N(ns.PROV + "wasDerivedFrom"), _N(ns.PROV + "wasGeneratedBy")
SOURCE, SELECTOR, START, END, EXACT = (_N(ns.OA + n) for n in ("hasSource", "hasSelector", "start", "end", "exact"))
SELECTOR_CLASS = _N(ns.OA + "TextPositionSelector")
TEXT, MONEY, VALUE, CURRENCY = (_N(ns.SCHEMA + n) for n in ("text", "MonetaryAmount", "value", "currency"))
DCT_DATE, DCT_TITLE, DCT_SOURCE, DCT_LANGUAGE = (_N(ns.DCT + n) for n in ("date", "title", "source", "language"))
CLAIM, EVIDENCE, MENTION, BRIEF, RUN = (_N(ns.KG + n) for n in ("Claim", "Evidence", "Mention", "Brief", "Run"))
STATUS, CONFIDENCE, RULE, DATE, FROM, TO = (_N(ns.KG + n) for n in ("status", "confidence", "rule", "date", "from", "to"))
AMOUNT, ROLE, SHARE, BOUND = (_N(ns.KG + n) for n in ("amount", "role", "share", "bound"))
AT_TRIGGER, AT_SUBJECT, AT_OBJECT = (_N(ns.KG + n) for n in ("trigger", "subject", "object"))
KEY, TEXT_HASH, READ_BY, VERSION, RULES = (_N(ns.KG + n) for n in ("key", "textHash", "readBy", "version", "rules"))
ENTITY, NAME, ALIAS, CLASS = (_N(ns.KG + n) for n in ("entity", "name", "alias", "class"))
REDIRECT, CANDIDATE, DECISION = (_N(ns.KG + n) for n in ("Redirect", "Candidate", "Decision"))
REPLACED, CREATOR, CREATED = (_N(ns.DCT + n) for n in ("isReplacedBy", "creator", "created"))
MAYBE, BETWEEN, SCORE, REASON = (_N(ns.KG + n) for n in ("maybeSameAs", "between", "score", "reason"))
READINGS = _N(ns.KG + "readings")
"""The named graph in which a store remembers what was read; its terms are nobody else's."""
_READING, _PLACED, _WITHHELD, _GATHERED, _RENAMED, _SETTLED, _NAMED_BY, _ORIGIN, _REVISION, _PROFILE = (
    _N(ns.KG + n) for n in ("reading", "placed", "withheld", "gathered", "renamed", "settled", "namedBy", "origin", "revision", "profile")
)
_INTEGER, _DECIMAL, _DATE, _MONTH, _YEAR = (_N(ns.XSD + n) for n in ("integer", "decimal", "date", "gYearMonth", "gYear"))
_TIME = _N(ns.XSD + "dateTime")

_QUALIFIERS = {"amount": AMOUNT, "date": DATE, "role": ROLE, "share": SHARE, "bound": BOUND}
_CLAIM_OWN = (TYPE, SUBJECT, PREDICATE, OBJECT, STATUS, CONFIDENCE, FROM, TO, *_QUALIFIERS.values())
_ENTITY_OWN = (TYPE, LABEL, ALT, SAME)
_SPANS = (SELECTOR, AT_TRIGGER, AT_SUBJECT, AT_OBJECT)

MOST_SURE = Decimal("0.99")
"""No claim is surer than this, however often it is read."""

_NUMBER = re.compile(r"-?\d{1,30}(?:\.\d{1,15})?")
_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


def number(text: str) -> ox.Literal | None:
    """``500`` → integer, ``49.5`` → decimal in canonical form; ``None`` if it is no number."""
    if not _NUMBER.fullmatch(text):
        return None
    value = Decimal(text)
    if value == value.to_integral_value():
        return ox.Literal(str(int(value)), datatype=_INTEGER)
    return ox.Literal(f"{value.normalize():f}", datatype=_DECIMAL)


def period(iso: str) -> tuple[str, str] | None:
    """The first and the last day of an ISO date of any precision; ``None`` if it is none."""
    m = _ISO.fullmatch(iso)
    if m is None or m[1] == "0000":
        return None
    year, month, day = int(m[1]), int(m[2] or 0), int(m[3] or 0)
    if not month and m[2] or month > 12:
        return None
    if m[2] is None:
        return f"{m[1]}-01-01", f"{m[1]}-12-31"
    last = calendar.monthrange(year, month)[1]
    if m[3] is None:
        return f"{m[1]}-{m[2]}-01", f"{m[1]}-{m[2]}-{last}"
    return (iso, iso) if 1 <= day <= last else None


def date(iso: str) -> ox.Literal:
    """An ISO date as a literal of its own precision; what is none stays a string, for validation to find."""
    if period(iso) is None:
        return ox.Literal(writable(iso))
    return ox.Literal(iso, datatype=(_YEAR, _MONTH, _DATE)[iso.count("-")])


def _days(subject: ox.NamedNode, iso: str) -> Iterator[ox.Triple]:
    if days := period(iso):
        yield ox.Triple(subject, FROM, ox.Literal(days[0], datatype=_DATE))
        yield ox.Triple(subject, TO, ox.Literal(days[1], datatype=_DATE))


def money(text: str, ids: Ids) -> Node:
    """``276000000 EUR`` → the IRI of that amount; what is none stays a string, for validation to find."""
    m = re.fullmatch(r"(\S+)\s+([A-Z]{3})", text)
    value = number(m[1]) if m else None
    return _N(ids.money(m[2], value.value)) if m and value else ox.Literal(tidy(text))


def value_term(text: str, kind: ValueKind, ids: Ids) -> Node:
    """The value of an attribute."""
    if kind == "money":
        return money(text, ids)
    if kind == "integer":
        return number(text) or ox.Literal(tidy(text))
    return date(text) if kind == "date" else ox.Literal(tidy(text))


def share(text: str) -> ox.Literal:
    """``49 %`` → 49."""
    return number(text.replace("%", "").strip().replace(",", ".")) or ox.Literal(tidy(text))


def confidence(value: float | Decimal) -> Decimal:
    """A confidence as the graph keeps it: two decimals, above 0, at most :data:`MOST_SURE`."""
    rounded = Decimal(str(value)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return min(max(rounded, Decimal("0.01")), MOST_SURE)


def _decimal(value: Decimal) -> ox.Literal:
    return ox.Literal(f"{value.normalize():f}", datatype=_DECIMAL)


# --- combining evidence -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of evidence, as far as its claim's own values depend on it.

    ``text`` is the hash of its brief's text (one text under two keys is one voice), ``day`` the first day of the
    brief's date, empty if it has none.
    """

    status: Status
    confidence: Decimal
    text: str
    day: str = ""
    amount: Node | None = None
    date: Node | None = None
    role: Node | None = None
    share: Node | None = None
    bound: Node | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A claim's own values: what its evidence together comes to."""

    status: Status
    confidence: Decimal
    amount: Node | None = None
    date: Node | None = None
    role: Node | None = None
    share: Node | None = None
    bound: Node | None = None


def combine(said: Iterable[Said]) -> Held:
    """What the evidence comes to: a function of the set alone, whatever its order and repetitions.

    If any asserts or denies, the latest-dated of those decides (undated is oldest; at a tie it is asserted); else the
    latest of planned and rumoured (at a tie planned). The confidence is that at least one text that holds the claim so
    is read rightly. Of differing qualifiers the latest, then surest, counts; of dates the most precise.
    """
    pieces = set(said)
    status = _status(pieces)
    held = [s for s in pieces if s.status is status]
    best: dict[str, Decimal] = {}
    for piece in held:
        best[piece.text] = max(best.get(piece.text, Decimal(0)), piece.confidence)
    doubt = Decimal(1)
    for value in sorted(best.values(), reverse=True):
        doubt *= 1 - value
        if 1 - doubt >= MOST_SURE:
            break
    priced, dated, titled, shared = (_best(held, n) for n in ("amount", "date", "role", "share"))
    bounded = priced or _best(held, "status")
    return Held(
        status,
        confidence(1 - doubt),
        priced.amount if priced else None,
        dated.date if dated else None,
        titled.role if titled else None,
        shared.share if shared else None,
        bounded.bound if bounded else None,
    )


def _status(pieces: Iterable[Said]) -> Status:
    pieces = list(pieces)
    settled = [s for s in pieces if s.status in (Status.ASSERTED, Status.DENIED)]
    wins = Status.ASSERTED if settled else Status.PLANNED
    return max(settled or pieces, key=lambda s: (s.day, s.status is wins)).status


def _best(held: Iterable[Said], name: str) -> Said | None:
    """The piece whose qualifier counts: the latest, then the surest; the last keys only make the choice one of values."""

    def rank(piece: Said) -> tuple[int, str, Decimal, str, str]:
        value = getattr(piece, name)
        precision = len(value.value) if name == "date" else 0
        return precision, piece.day, piece.confidence, str(value), str(piece.bound)

    return max((s for s in held if getattr(s, name) is not None), key=rank, default=None)


# --- one brief --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Run:
    """A way of reading: the program's version and a hash of its rules. No time, so that building twice changes nothing."""

    version: str
    rules: str


def current_run(ontology: Ontology) -> Run:
    """This program with that ontology: any change of a rule, a word list or the code that reads them is another run."""
    sha = hashlib.sha256(ontology.digest.encode())
    here = Path(__file__).parent
    for folder in (here / "fr", here / "extract"):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                sha.update(path.relative_to(here).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return Run(str(getattr(kg, "__version__", "0")), sha.hexdigest())


@dataclass(frozen=True, slots=True)
class Spo:
    """What a claim says, as terms."""

    subject: ox.NamedNode
    relation: str
    object: Node


@dataclass(frozen=True, slots=True)
class Naming:
    """What one brief calls one entity."""

    entity: str
    name: str
    type: str
    aliases: tuple[str, ...] = ()


@dataclass
class Encoded:
    """A brief as RDF: the triples it owns, what its claims say, and what counts towards shared nodes; ``inner`` is for
    :data:`READINGS`."""

    own: set[ox.Triple] = field(default_factory=set)
    spo: dict[str, Spo] = field(default_factory=dict)
    said: dict[str, dict[str, Said]] = field(default_factory=dict)
    namings: dict[str, Naming] = field(default_factory=dict)
    inner: set[ox.Triple] = field(default_factory=set)

    def add(self, subject: ox.NamedNode, predicate: ox.NamedNode, object_: Node) -> None:
        """One more triple of the brief's own."""
        self.own.add(ox.Triple(subject, predicate, object_))


def text_hash(text: str) -> str:
    """The SHA-256 of a brief's text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def brief_triples(brief: Brief, run: Run, ids: Ids) -> set[ox.Triple]:
    """The node of a brief itself."""
    node = _N(ids.brief(brief.key))
    lang = brief.lang.lower() if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", brief.lang) else None
    found = {
        ox.Triple(node, TYPE, BRIEF),
        ox.Triple(node, KEY, ox.Literal(writable(brief.key))),
        ox.Triple(node, TEXT_HASH, ox.Literal(text_hash(brief.text))),
        ox.Triple(node, TEXT, ox.Literal(writable(brief.text), language=lang)),
        ox.Triple(node, READ_BY, _N(ids.run(run.version, run.rules))),
    }
    if lang:
        found.add(ox.Triple(node, DCT_LANGUAGE, ox.Literal(lang)))
    if brief.date:
        found.add(ox.Triple(node, DCT_DATE, date(brief.date[:10])))
        found.update(_days(node, brief.date[:10]))
    if brief.title:
        found.add(ox.Triple(node, DCT_TITLE, ox.Literal(writable(brief.title))))
    if brief.source:
        found.add(ox.Triple(node, DCT_SOURCE, _page(brief.source)))
    return found


def _page(source: str) -> Node:
    """An address of the web as an IRI, anything else (a file) as a string."""
    if re.match(r"https?://", source):
        try:
            return _N(source)
        except ValueError:
            pass
    return ox.Literal(writable(source))


def run_triples(run: Run, ids: Ids) -> set[ox.Triple]:
    """The node of a run."""
    node = _N(ids.run(run.version, run.rules))
    return {
        ox.Triple(node, TYPE, RUN),
        ox.Triple(node, VERSION, ox.Literal(run.version)),
        ox.Triple(node, RULES, ox.Literal(run.rules)),
    }


def money_triples(node: ox.NamedNode, ids: Ids) -> set[ox.Triple]:
    """The node of an amount of money, which its IRI says whole."""
    _, currency, value = ids.local(node.value).split("/")
    return {
        ox.Triple(node, TYPE, MONEY),
        ox.Triple(node, VALUE, cast(ox.Literal, number(value))),
        ox.Triple(node, CURRENCY, ox.Literal(currency)),
    }


@dataclass(frozen=True)
class Settled:
    """What is decided about who is who and what is held; nothing, as long as a brief is alone."""

    resolution: Resolution = field(default_factory=Resolution)
    rejected: frozenset[str] = frozenset()

    def placed(self, brief: str) -> Mapping[str, str]:
        """Entity → local IRI in a brief."""
        return self.resolution.placed.get(brief, {})


def encode(extraction: Extraction, ontology: Ontology, run: Run, names: Names, ids: Ids, settled: Settled | None = None) -> Encoded:
    """One brief as RDF. Claims about what is no entity (a consortium of nobody), or of a thing with itself, are left out."""
    brief, out, settled = extraction.brief, Encoded(), settled or Settled()
    placed = settled.placed(brief.key)
    iris = link(extraction, ontology, names, ids, placed=placed, moved=settled.resolution.moved)
    node = _N(ids.brief(brief.key))
    out.inner.add(ox.Triple(node, _READING, ox.Literal(readings.dumps(extraction))))
    kinds = {e.name: (e, ontology.kind(e.type)) for e in extraction.entities if e.name in placed}
    alone = {name: f"{kind}/{names.slug(entity, kind)}" for name, (entity, kind) in kinds.items()}
    if placing := _placing((name, alone[name], local) for name, local in placed.items()):
        out.inner.add(ox.Triple(node, _PLACED, ox.Literal(writable(placing))))
    if any(ids.local(iri) in settled.resolution.moved.values() for name, iri in iris.items() if name not in placed):
        out.inner.add(ox.Triple(node, _GATHERED, ox.Literal("moved")))
    out.own |= brief_triples(brief, run, ids) | run_triples(run, ids)
    spans: dict[str, list[Span]] = {}
    for mention in extraction.mentions:
        spans.setdefault(ids.mention(brief.key, extraction.entities[mention.entity].name), []).append(mention.span)
    for naming_iri, naming in _namings(extraction, iris, ids).items():
        _encode_naming(_N(naming_iri), naming, spans.get(naming_iri, ()), brief, ids, out)
    known = {e.name for e in extraction.entities}
    for claim, evidence in extraction.claims:
        term = ontology.term(claim.relation)
        for name in (claim.subject,) if isinstance(term, Attribute) else (claim.subject, claim.object):
            if name not in known:
                raise ValueError(f"{brief.key}: a claim {claim.relation} about « {name} », which is no entity of the brief")
        if claim.subject not in iris or not isinstance(term, Attribute) and claim.object not in iris:
            continue
        subject = _N(iris[claim.subject])
        at_subject, at_object = evidence.subject, evidence.object
        object_: Node = value_term(claim.object, term.value, ids) if isinstance(term, Attribute) else _N(iris[claim.object])
        if subject == object_:
            continue
        if turned(term, subject.value, object_.value):
            subject, object_ = cast(ox.NamedNode, object_), subject
            at_subject, at_object = at_object, at_subject
        role = fold_role(claim.role or evidence.role) if isinstance(term, Relation) and term.folds_role else ""
        iri = ids.claim(subject.value, claim.relation, part(object_, ids), role)
        if iri in settled.rejected:
            out.inner.add(ox.Triple(node, _WITHHELD, _N(iri)))
            continue
        out.spo[iri] = Spo(subject, claim.relation, object_)
        said = _said(evidence, evidence.role or (claim.role if role else None), brief, ids)
        places = (f"{s.start}-{s.end}" for s in (evidence.span, evidence.trigger, at_subject, at_object))
        values = (part(getattr(said, n), ids) for n in _QUALIFIERS)
        proof = ids.evidence(iri, brief.key, *places, evidence.rule, said.status, *values)
        before = out.said.setdefault(iri, {}).get(proof)
        if before is None or before.confidence < said.confidence:
            out.said[iri][proof] = said
        _encode_evidence(_N(proof), evidence, (at_subject, at_object), extraction, run, ids, out)
    _derive(out)
    return out


def _derive(out: Encoded) -> None:
    for iri, pieces in out.said.items():
        for proof, piece in pieces.items():
            out.own |= set(_held_triples(_N(proof), piece)) | {ox.Triple(_N(iri), DERIVED, _N(proof))}


def turned(term: Relation | Attribute | None, subject: str, object_: str) -> bool:
    """Whether a claim is written the other way round: of a symmetric relation the smaller IRI is the subject."""
    return isinstance(term, Relation) and term.symmetric and object_ < subject


def part(term: Node | None, ids: Ids) -> str:
    """A term as part of what is hashed: an IRI without the base, a literal in N-Triples syntax."""
    return "" if term is None else ids.local(term.value) if isinstance(term, ox.NamedNode) else str(term)


def _said(evidence: Evidence, role: str | None, brief: Brief, ids: Ids) -> Said:
    days = period(brief.date[:10]) if brief.date else None
    return Said(
        evidence.status,
        confidence(evidence.confidence),
        text_hash(brief.text),
        days[0] if days else "",
        money(evidence.amount, ids) if evidence.amount else None,
        date(evidence.date) if evidence.date else None,
        ox.Literal(tidy(role)) if role and role.strip() else None,
        share(evidence.share) if evidence.share else None,
        _N(ns.KG + evidence.bound) if evidence.bound else None,
    )


def _held_triples(node: ox.NamedNode, held: Said | Held) -> Iterator[ox.Triple]:
    """Status, confidence and qualifiers, which claims and evidence have alike."""
    yield ox.Triple(node, STATUS, _N(ns.KG + held.status))
    yield ox.Triple(node, CONFIDENCE, _decimal(held.confidence))
    for name, predicate in _QUALIFIERS.items():
        if (value := getattr(held, name)) is not None:
            yield ox.Triple(node, predicate, value)
    if held.date is not None:
        yield from _days(node, held.date.value)


def _encode_evidence(
    node: ox.NamedNode, evidence: Evidence, ends: tuple[Span, Span], extraction: Extraction, run: Run, ids: Ids, out: Encoded
) -> None:
    brief = extraction.brief
    out.add(node, TYPE, EVIDENCE)
    out.add(node, RULE, ox.Literal(evidence.rule))
    out.add(node, SOURCE, _N(ids.brief(brief.key)))
    out.add(node, GENERATED, _N(ids.run(run.version, run.rules)))
    for predicate, span in zip(_SPANS, (evidence.span, evidence.trigger, *ends), strict=True):
        if span.start < span.end:
            out.add(node, predicate, _encode_span(brief, span, ids, out))


def _encode_span(brief: Brief, span: Span, ids: Ids, out: Encoded) -> ox.NamedNode:
    node = _N(ids.span(brief.key, span))
    out.add(node, TYPE, SELECTOR_CLASS)
    out.add(node, START, ox.Literal(str(span.start), datatype=_INTEGER))
    out.add(node, END, ox.Literal(str(span.end), datatype=_INTEGER))
    out.add(node, EXACT, ox.Literal(writable(span.of(brief.text))))
    return node


def _namings(extraction: Extraction, iris: Mapping[str, str], ids: Ids) -> dict[str, Naming]:
    """What the brief calls its entities. An adjective (« américain ») is a mention of its country, no name of it."""
    named: set[tuple[str, str]] = set()
    adjectives: set[tuple[str, str]] = set()
    for mention in extraction.mentions:
        words = (extraction.entities[mention.entity].name, tidy(mention.span.of(extraction.brief.text)).casefold())
        (adjectives if mention.kind == "adjective" else named).add(words)
    found = {}
    for entity in extraction.entities:
        if entity.name in iris:
            aliases = {tidy(a) for a in entity.aliases if (entity.name, tidy(a).casefold()) not in adjectives - named}
            found[ids.mention(extraction.brief.key, entity.name)] = Naming(
                iris[entity.name], tidy(entity.name), entity.type, tuple(sorted(aliases - {tidy(entity.name), ""}))
            )
    return found


def _encode_naming(node: ox.NamedNode, naming: Naming, spans: Iterable[Span], brief: Brief, ids: Ids, out: Encoded) -> None:
    out.namings[node.value] = naming
    out.add(node, TYPE, MENTION)
    out.add(node, SOURCE, _N(ids.brief(brief.key)))
    out.add(node, ENTITY, _N(naming.entity))
    out.add(node, NAME, ox.Literal(naming.name))
    out.add(node, CLASS, _N(ns.KG + naming.type))
    for alias in naming.aliases:
        out.add(node, ALIAS, ox.Literal(alias))
    for span in spans:
        if span.start < span.end:
            out.add(node, SELECTOR, _encode_span(brief, span, ids, out))


# --- entities ---------------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """How many mentions give an entity each name and class, and each alias."""

    names: Counter[tuple[str, str]] = field(default_factory=Counter)
    aliases: Counter[str] = field(default_factory=Counter)

    def changed(self, gone: Iterable[Naming], come: Iterable[Naming]) -> Tally:
        """The tally without some mentions and with others."""
        result = Tally(self.names.copy(), self.aliases.copy())
        for step, namings in ((-1, gone), (1, come)):
            for naming in namings:
                result.names[naming.name, naming.type] += step
                for alias in naming.aliases:
                    result.aliases[alias] += step
        # « + » drops what has come to nothing.
        return Tally(+result.names, +result.aliases)


def entity_triples(iri: str, tally: Tally, ontology: Ontology, names: Names, ids: Ids, given: str | None = None) -> set[ox.Triple]:
    """Class, label, other names and identifiers of an entity: its gazetteer row's, and what the briefs say.

    ``given`` is the name people gave it. Else, without a row, the most frequent name that the IRI is made of and the most
    frequent class count, at a tie the narrower class, then the first in order.
    """
    if not tally.names:
        return set()
    node = _N(iri)
    kind, _, name_slug = ids.local(iri).partition("/")
    row = names.of(kind, name_slug)
    votes: Counter[str] = Counter()
    own: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    for (name, type_), count in tally.names.items():
        votes[name] += count
        classes[type_] += count
        if names.slug(Entity(name, type_), kind) == name_slug.partition("~")[0]:
            own[name] += count
    chosen = tidy(row.name) if row else min(own or votes, key=lambda n: (-votes[n], n))
    label = given or chosen
    class_ = row.type if row else min(classes, key=lambda c: (-classes[c], -_depth(c, ontology), c))
    found = {ox.Triple(node, TYPE, _N(ns.KG + class_)), ox.Triple(node, LABEL, ox.Literal(label))}
    others = {chosen, *votes, *tally.aliases, *(tidy(a) for a in (row.aliases if row else ()))}
    found.update(ox.Triple(node, ALT, ox.Literal(o)) for o in others if o and o.casefold() != label.casefold())
    found.update(ox.Triple(node, SAME, _N(same)) for same in (row.same_as() if row else ()))
    return found


def _depth(class_: str, ontology: Ontology) -> int:
    return len(ontology.ancestors(class_)) if class_ in ontology.classes else 0


# --- what is decided and proposed -------------------------------------------------------------------------------------


def resolution_triples(redirects: Mapping[str, str], candidates: Iterable[Candidate], ids: Ids) -> set[ox.Triple]:
    """Redirects, and the pairs that may be one, each with its score and reasons."""
    found = set()
    for gone, kept in redirects.items():
        node = _N(ids.base + gone)
        found |= {ox.Triple(node, TYPE, REDIRECT), ox.Triple(node, REPLACED, _N(ids.base + kept))}
    for pair in candidates:
        node = _N(f"{ids.base}candidate/{digest(pair.one, pair.other)}")
        one, other = _N(ids.base + pair.one), _N(ids.base + pair.other)
        found |= {ox.Triple(one, MAYBE, other), ox.Triple(node, TYPE, CANDIDATE)}
        found |= {ox.Triple(node, BETWEEN, one), ox.Triple(node, BETWEEN, other)}
        found.add(ox.Triple(node, SCORE, _decimal(Decimal(str(pair.score)))))
        found.update(ox.Triple(node, REASON, ox.Literal(r)) for r in pair.reasons)
    return found


_BY_HAND = Run("decision", "decision")


def decision_key(decision: Decision) -> str:
    """What a decision is called as the source of a claim."""
    return f"decision/{digest(*astuple(decision))}"


def term_of(part: str, ids: Ids) -> Node:
    """The term that :func:`_part` made text of."""
    if part.startswith('"'):
        line = f"<urn:s> <urn:p> {part} ."
    else:
        line = f"<urn:s> <urn:p> <{ids.base}{part}> ."
    try:
        return cast(Node, next(ox.parse(line, format=ox.RdfFormat.N_TRIPLES)).object)
    except (SyntaxError, StopIteration) as error:
        raise ReadError(f"« {part} » is neither an entity nor a value", where="decisions") from error


def encode_decision(decision: Decision, ontology: Ontology, ids: Ids, final: Mapping[str, str]) -> Encoded:
    """A claim held by decision: who said so, when and why stand where a brief's date and text do."""
    out, key = Encoded(), decision_key(decision)
    node = _N(ids.base + key)
    why = decision.because or f"decided by {decision.who}"
    day = decision.when[:10]
    text = ox.Literal(writable(why))
    for predicate, value in (
        (TYPE, DECISION),
        (KEY, ox.Literal(key)),
        (TEXT_HASH, ox.Literal(text_hash(f"{key}\n{why}"))),
        (TEXT, text),
        (CREATOR, ox.Literal(decision.who)),
        (CREATED, ox.Literal(decision.when, datatype=_TIME)),
        (DCT_TITLE, ox.Literal(f"decided by {decision.who}")),
        (DCT_DATE, date(day)),
    ):
        out.add(node, predicate, value)
    out.own.update(_days(node, day))
    out.own |= run_triples(_BY_HAND, ids)
    subject: ox.NamedNode = _N(ids.base + final.get(decision.subject, decision.subject))
    object_ = term_of(final.get(decision.object, decision.object), ids)
    relation, said = ontology.term(decision.relation), deciding.details(decision)
    if turned(relation, subject.value, object_.value):
        subject, object_ = cast(ox.NamedNode, object_), subject
    if subject == object_:
        return out
    role = fold_role(said.get("role")) if isinstance(relation, Relation) and relation.folds_role else ""
    iri = ids.claim(subject.value, decision.relation, part(object_, ids), role)
    proof = _N(ids.evidence(iri, key))
    span = _N(f"{ids.base}span/{key.rpartition('/')[2]}-0-{len(why)}")
    out.spo[iri] = Spo(subject, decision.relation, object_)
    out.said[iri] = {
        proof.value: Said(
            Status.ASSERTED,
            MOST_SURE,
            text_hash(f"{key}\n{why}"),
            day,
            money(said["amount"], ids) if "amount" in said else None,
            date(said["date"]) if "date" in said else None,
            ox.Literal(tidy(said["role"])) if "role" in said else None,
            share(said["share"]) if "share" in said else None,
        )
    }
    for predicate, value in ((TYPE, EVIDENCE), (RULE, ox.Literal("decision")), (SOURCE, node), (SELECTOR, span)):
        out.add(proof, predicate, value)
    out.add(proof, GENERATED, _N(ids.run(_BY_HAND.version, _BY_HAND.rules)))
    for predicate, value in ((TYPE, SELECTOR_CLASS), (START, _whole(0)), (END, _whole(len(why))), (EXACT, text)):
        out.add(span, predicate, value)
    _derive(out)
    return out


def _whole(value: int) -> ox.Literal:
    return ox.Literal(str(value), datatype=_INTEGER)


# --- the store --------------------------------------------------------------------------------------------------------


@dataclass
class _Stored:
    """What the store holds of one brief."""

    own: set[ox.Triple] = field(default_factory=set)
    evidence: dict[str, str] = field(default_factory=dict)
    namings: dict[str, Naming] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredBrief:
    """A brief as the store lists it."""

    iri: str
    key: str
    date: str | None = None
    title: str | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """What a store holds; ``claims`` counts by relation and status, ``entities`` by class."""

    briefs: int
    evidence: int
    triples: int
    entities: Mapping[str, int]
    claims: Mapping[tuple[str, Status], int]


_CACHE = 20_000


class Store:
    """A knowledge graph in a store. Get one from :func:`open_store`, close it or use it in a ``with`` block.

    ``touched_claims`` collects the IRIs of the claims that were written or changed since it was opened.
    """

    def __init__(self, opened: OpenStore, base: str | None = None) -> None:
        self._opened = opened
        self.ids = Ids(ns.base(base))
        self.touched_claims: set[str] = set()
        self._graph: rdflib.Graph | None = None
        self._ontology: Ontology | None = None
        # Recomputing a claim or an entity needs all that was said of it; what is asked for again and again is kept.
        self._said: dict[str, dict[str, Said]] = {}
        self._tallies: dict[str, Tally] = {}
        self._profiles: dict[str, tuple[Profile, ...]] = {}
        self._profiled_by: ox.Triple | None = None
        self._labels: dict[str, str] = {}
        self.decisions_file = deciding.beside(opened.folder) if opened.folder is not None else None
        self.decisions: list[Decision] = deciding.load(self.decisions_file) if self.decisions_file is not None else []

    # reading

    @property
    def raw(self) -> ox.Store:
        """The :class:`pyoxigraph.Store` underneath."""
        return self._opened.inner

    @property
    def graph(self) -> rdflib.Graph:
        """The graph through rdflib's interface, with our prefixes bound."""
        inner = self.raw
        if self._graph is None:
            import rdflib
            from oxrdflib import OxigraphStore

            self._graph = rdflib.Dataset(store=OxigraphStore(store=inner)).default_graph
            for prefix, namespace in ns.PREFIXES.items():
                self._graph.bind(prefix, namespace)
        return self._graph

    def triples(self) -> Iterator[ox.Triple]:
        """Every triple, in no order."""
        with told(self._opened.folder):
            for quad in self.raw.quads_for_pattern(None, None, None, ox.DefaultGraph()):
                yield quad.triple

    def inferred(self) -> Iterator[ox.Triple]:
        """The triples of the inferred layer (:mod:`kg.infer`), in no order; none of them is among :meth:`triples`."""
        with told(self._opened.folder):
            for quad in self.raw.quads_for_pattern(None, None, None, _N(self.ids.inferred())):
                yield quad.triple

    def infer(self, triples: Iterable[ox.Triple]) -> None:
        """Puts a new inferred layer in place of the old one; with no triples there is none."""
        layer = _N(self.ids.inferred())
        with told(self._opened.folder):
            self.raw.remove_graph(layer)
            self.raw.extend(ox.Quad(t.subject, t.predicate, t.object, layer) for t in triples)

    def query(self, sparql: str, *, bindings: Mapping[str, Node] | None = None) -> Result:
        """Evaluates SPARQL 1.1 with our prefixes declared; see :func:`kg.query.run`."""
        from kg.query import run

        return run(self.raw, sparql, bindings=bindings, base=self.ids.base)

    def resolve(self, name: str) -> ox.NamedNode:
        """The entity a user means by a name or an IRI; see :func:`kg.query.resolve`."""
        from kg.query import resolve

        return resolve(self.raw, name, base=self.ids.base)

    def named(self, name: str, values: Mapping[str, str] | None = None) -> Result:
        """Evaluates a named query; see :func:`kg.query.run_named`."""
        from kg.query import run_named

        return run_named(self.raw, name, values or {}, base=self.ids.base)

    def state(self, brief: Brief, run: Run) -> State:
        """Whether a brief is new, stored just so and read by the same run, or to be read again."""
        node = _N(self.ids.brief(brief.key))
        stored = set(self._match(node))
        if not stored:
            return "new"
        known = self._inside(node, _READING) is not None
        return "same" if known and stored == brief_triples(brief, run, self.ids) else "changed"

    def briefs(self) -> list[StoredBrief]:
        """The stored briefs, in the order of their keys."""
        found = []
        for triple in self._match(None, TYPE, BRIEF):
            node = cast(ox.NamedNode, triple.subject)
            said = {t.predicate: t.object.value for t in self._match(node) if not isinstance(t.object, ox.Triple)}
            found.append(StoredBrief(node.value, said[KEY], said.get(DCT_DATE), said.get(DCT_TITLE), said.get(DCT_SOURCE)))
        return sorted(found, key=lambda b: (b.key, b.iri))

    def revision(self) -> str | None:
        """What changes whenever a build, a decision or a removal has changed the store; ``None`` while one has not ended."""
        settled, revision = self._inside(READINGS, _SETTLED), self._inside(READINGS, _REVISION)
        return f"{settled.value} {revision.value}" if settled is not None and revision is not None else None

    def triple_count(self) -> int:
        """How many triples the graph has."""
        with told(self._opened.folder):
            return sum(int(row["n"].value) for row in self.raw.query(_TRIPLES))  # type: ignore[union-attr,misc]

    def brief_count(self) -> int:
        """How many briefs are stored."""
        return sum(1 for _ in self._match(None, TYPE, BRIEF))

    def texts(self) -> Iterator[tuple[str, str, str]]:
        """Key, text and the hash the text had when it was read, of every brief, in no order."""
        for triple in self._match(None, TYPE, BRIEF):
            node = cast(ox.NamedNode, triple.subject)
            yield self._need(node, KEY).value, self._need(node, TEXT).value, self._need(node, TEXT_HASH).value

    def unread(self) -> list[str]:
        """The keys of the briefs of which the store does not remember what was read in them."""
        nodes = (cast(ox.NamedNode, t.subject) for t in self._match(None, TYPE, BRIEF))
        return sorted(self._need(n, KEY).value for n in nodes if self._inside(n, _READING) is None)

    @property
    def folder(self) -> Path | None:
        """Where it is; ``None`` in memory."""
        return self._opened.folder

    def sentences(self) -> Iterator[tuple[str, str]]:
        """Each sentence that is evidence, with the IRI of its brief, in no order."""
        for proof in self._match(None, TYPE, EVIDENCE):
            node = cast(ox.NamedNode, proof.subject)
            span, source = self._one(node, SELECTOR), self._one(node, SOURCE)
            if isinstance(span, ox.NamedNode) and source is not None and (quote := self._one(span, EXACT)) is not None:
                yield quote.value, source.value

    def entity_names(self) -> Iterator[tuple[str, str, bool]]:
        """IRI, name, and whether the name is the entity's label, of all names of entities, in no order."""
        for predicate in (LABEL, ALT):
            for triple in self._match(None, predicate):
                yield cast(ox.NamedNode, triple.subject).value, cast(ox.Literal, triple.object).value, predicate == LABEL

    def stats(self) -> Stats:
        """Counts of what is in the store."""
        entities: Counter[str] = Counter()
        claims: Counter[tuple[str, Status]] = Counter()
        with told(self._opened.folder):
            for row in self.raw.query(_ENTITIES, prefixes=dict(ns.PREFIXES)):  # type: ignore[union-attr]
                entities[row["class"].value.removeprefix(ns.KG)] = int(row["n"].value)
            for row in self.raw.query(_CLAIMS, prefixes=dict(ns.PREFIXES)):  # type: ignore[union-attr]
                key = (row["relation"].value.removeprefix(ns.KG), Status(row["status"].value.removeprefix(ns.KG)))
                claims[key] = int(row["n"].value)
            return Stats(
                self.brief_count(),
                sum(1 for _ in self._match(None, TYPE, EVIDENCE)),
                self.triple_count(),
                dict(sorted(entities.items())),
                dict(sorted(claims.items())),
            )

    # writing

    def add(self, extraction: Extraction, ontology: Ontology, run: Run) -> Outcome:
        """Stores what one brief says, in place of what was stored under its key. Skips a brief stored just so already."""
        state = self.state(extraction.brief, run)
        if state == "same":
            return "skipped"
        self._ontology = ontology
        if self._inside(READINGS, _NAMED_BY) is None:
            self._commit(set(), set(), (), {_named_by(ontology)})
        self._profiles.pop(extraction.brief.key, None)
        if self._profiled_by != (now := _named_by(ontology)):
            self._profiled_by = now
            self._profiles.clear()
        self._change(_N(self.ids.brief(extraction.brief.key)), self._encoded(extraction, ontology, run), ontology)
        return "added" if state == "new" else "replaced"

    def came_from(self, key: str, origin: str) -> None:
        """Remembers where a stored brief was found last; nothing is written when that is known."""
        place = ox.Triple(_N(self.ids.brief(key)), _ORIGIN, ox.Literal(writable(origin)))
        with told(self._opened.folder):
            if _inner(place) not in self.raw:
                for old in list(self._all_inside(_N(self.ids.brief(key)), _ORIGIN)):
                    self.raw.remove(_inner(old))
                self.raw.add(_inner(place))

    def found_in(self, origins: Iterable[str]) -> list[str]:
        """The keys of the briefs that were found last in one of these places."""
        keys = []
        for origin in origins:
            for quad in self.raw.quads_for_pattern(None, _ORIGIN, ox.Literal(writable(origin)), READINGS):
                keys.append(self._need(cast(ox.NamedNode, quad.subject), KEY).value)
        return sorted(keys)

    def remove(self, key: str, ontology: Ontology | None = None) -> bool:
        """Takes a brief out: the store is as if it had never been added. ``False`` if there is none of that key.

        What the other briefs say is combined anew by ``ontology``: by default the one last used with this store, else
        the shipped one.
        """
        if next(self._match(_N(self.ids.brief(key))), None) is None:
            return False
        if ontology is None:
            ontology = self._ontology or _shipped()
        self._change(_N(self.ids.brief(key)), Encoded(), ontology)
        self._profiles.pop(key, None)
        return True

    def settle(self, ontology: Ontology) -> bool:
        """Decides who is who from all that is stored and from :attr:`decisions`, and rewrites what that moves. The result
        depends on nothing else: not on the order of briefs, nor on what was there before. ``False`` if it was so already.
        """
        rules, mark = _named_by(ontology), ox.Literal(digest(deciding.dump(self.decisions)))
        known = self._inside(READINGS, _NAMED_BY) == rules.object
        if known and self._inside(READINGS, _SETTLED) == mark:
            return False
        self._ontology = ontology
        settled = self._settled(ontology)
        # Other gazetteers and rules may give any entity another IRI.
        every = () if known else (cast(ox.NamedNode, t.subject) for t in self._all_inside(None, _READING))
        for node in sorted({*every, *self._moved(settled)}, key=lambda n: n.value):
            extraction, run = self._read(node)
            self._change(node, self._encoded(extraction, ontology, run, settled), ontology)
        self._settle_rest(settled, ontology, self.decisions)
        stored = sorted(_line(t) for p in (TEXT_HASH, READ_BY) for t in self._match(None, p))
        revision = ox.Triple(READINGS, _REVISION, ox.Literal(digest(str(rules.object), *stored)))
        marks = {rules, ox.Triple(READINGS, _SETTLED, mark), revision}
        inside = set(self._all_inside(READINGS))
        self._commit(set(), set(), inside - marks, marks - inside)
        return True

    def _encoded(self, extraction: Extraction, ontology: Ontology, run: Run, settled: Settled | None = None) -> Encoded:
        """A brief as RDF, and what is remembered of it for the next settling."""
        names, key = load_names(ontology), extraction.brief.key
        encoded = encode(extraction, ontology, run, names, self.ids, settled)
        if key not in self._profiles:
            self._profiles[key] = profiles(extraction, ontology, names, load_rules(ontology))
        said = f"{_rules(ontology)}\t{readings.dump_profiles(key, self._profiles[key])}"
        encoded.inner.add(ox.Triple(_N(self.ids.brief(key)), _PROFILE, ox.Literal(said)))
        return encoded

    def known_on(self, day: str, ontology: Ontology) -> Store:
        """The graph as it would be from the briefs up to a day (ISO), in memory; those without a date count. Who is who is
        taken from all briefs, so that an entity keeps its IRI."""
        last = period(day)
        if last is None:
            raise UsageError(f"« {day} » is no day", hint="2023, 2023-05 or 2023-05-18")
        settled, then = self._settled(ontology), Store(OpenStore("memory"), self.ids.base)
        for stored in self.briefs():
            published = period(stored.date) if stored.date else None
            if published is None or published[0] <= last[1]:
                node = _N(stored.iri)
                extraction, run = self._read(node)
                then._change(node, encode(extraction, ontology, run, load_names(ontology), self.ids, settled), ontology)
        then._settle_rest(settled, ontology, [d for d in self.decisions if d.when[:10] <= last[1]])
        return then

    def atoms(self, brief: str, entity: str, ontology: Ontology) -> list[str]:
        """The names (as local IRIs) under which a brief speaks of an entity (its local IRI)."""
        self._load_profiles(ontology)
        mine = {p.name: p.atom for p in self._profiles.get(brief, ())}
        placed = {n: i for n, i in mine.items() if self._one(_N(self.ids.mention(brief, n)), ENTITY) == _N(self.ids.base + entity)}
        return sorted(set(placed.values()))

    def _load_profiles(self, ontology: Ontology) -> None:
        names, rules = load_names(ontology), load_rules(ontology)
        if self._profiled_by != (now := _named_by(ontology)):
            self._profiled_by = now
            self._profiles.clear()
        known, by = {self.ids.brief(key) for key in self._profiles}, _rules(ontology)
        for triple in self._all_inside(None, _PROFILE):
            node = cast(ox.NamedNode, triple.subject)
            named_by, _, said = cast(ox.Literal, triple.object).value.partition("\t")
            if node.value not in known and named_by == by:
                key, found = readings.load_profiles(said)
                self._profiles[key] = found
                known.add(node.value)
        for triple in self._all_inside(None, _READING):
            node = cast(ox.NamedNode, triple.subject)
            if node.value not in known:
                extraction, _ = self._read(node)
                self._profiles[extraction.brief.key] = profiles(extraction, ontology, names, rules)

    def _settled(self, ontology: Ontology) -> Settled:
        """Who is who, and the claims that are rejected, by the IRIs they have now."""
        self._load_profiles(ontology)
        found = (p for mine in self._profiles.values() for p in mine)
        resolution = resolve(found, load_names(ontology), load_rules(ontology), deciding.verdicts(self.decisions))
        final = {**resolution.redirects, **resolution.moved}
        rejected = set()
        for decision in deciding.held(self.decisions)[0]:
            relation = ontology.relations.get(decision.relation)
            ends = [final.get(decision.subject, decision.subject), final.get(decision.object, decision.object)]
            if turned(relation, *ends):
                ends.reverse()
            role = fold_role(deciding.details(decision).get("role")) if relation is not None and relation.folds_role else ""
            rejected.add(self.ids.claim(ends[0], decision.relation, ends[1], role))
        return Settled(resolution, frozenset(rejected))

    def _moved(self, settled: Settled) -> set[ox.NamedNode]:
        """The briefs whose triples are not what they should be."""
        before = {str(t.subject): cast(ox.Literal, t.object).value for t in self._all_inside(None, _PLACED)}
        found = {t.subject for t in self._all_inside(None, _GATHERED)}
        for key, mine in self._profiles.items():
            node = _N(self.ids.brief(key))
            placed = settled.placed(key)
            if before.get(str(node), "") != writable(_placing((p.name, p.atom, placed[p.name]) for p in mine)):
                found.add(node)
        for iri in settled.resolution.moved:
            for mention in self._match(None, ENTITY, _N(self.ids.base + iri)):
                found.add(cast(ox.NamedNode, self._need(cast(ox.NamedNode, mention.subject), SOURCE)))
        for claim in settled.rejected:
            for proof in self._match(_N(claim), DERIVED):
                found.add(cast(ox.NamedNode, self._need(cast(ox.NamedNode, proof.object), SOURCE)))
        for triple in self._all_inside(None, _WITHHELD):
            if cast(ox.NamedNode, triple.object).value not in settled.rejected:
                found.add(triple.subject)
        return {n for n in found if isinstance(n, ox.NamedNode) and self._inside(n, _READING) is not None}

    def _settle_rest(self, settled: Settled, ontology: Ontology, decisions: Iterable[Decision]) -> None:
        """Decisions, names people gave, redirects and candidates: each what it should be."""
        resolution = settled.resolution
        final = {**resolution.redirects, **resolution.moved}
        wanted = {}
        for decision in deciding.held(decisions)[1]:
            if decision.relation not in ontology.relations and decision.relation not in ontology.attributes:
                continue  # of another ontology: it sleeps, like a claim about what is gone
            encoded = encode_decision(decision, ontology, self.ids, final)
            ends = (e for spo in encoded.spo.values() for e in (spo.subject, spo.object))
            entities = [e for e in ends if isinstance(e, ox.NamedNode) and not self.ids.local(e.value).startswith("money/")]
            if encoded.spo and all(self._one(e, LABEL) is not None for e in entities):
                wanted[_N(self.ids.base + decision_key(decision))] = encoded
        for node in [cast(ox.NamedNode, t.subject) for t in self._match(None, TYPE, DECISION)]:
            if node not in wanted:
                self._change(node, Encoded(), ontology)
        for node, encoded in sorted(wanted.items(), key=lambda item: item[0].value):
            self._change(node, encoded, ontology)
        self._rename(resolution.labels, ontology)
        # All that is told apart or joined is here, but for the graph of an earlier day.
        here = {self.ids.local(t.object.value) for t in self._match(None, ENTITY) if isinstance(t.object, ox.NamedNode)}
        redirects = {gone: kept for gone, kept in resolution.redirects.items() if kept in here}
        pairs = tuple(c for c in resolution.candidates if c.one in here and c.other in here)
        come = resolution_triples(redirects, pairs, self.ids)
        gone = set(self._match(None, MAYBE))
        for found in self._match(None, TYPE, CANDIDATE):
            gone.update(self._match(cast(ox.NamedNode, found.subject)))
        for found in self._match(None, REPLACED):  # by now it may be an entity again, whose own triples stay
            gone |= {found, ox.Triple(found.subject, TYPE, REDIRECT)}
        self._commit(gone - come, come - gone)

    def _rename(self, labels: Mapping[str, str], ontology: Ontology) -> None:
        before = {t.subject.value for t in self._all_inside(None, _RENAMED) if isinstance(t.subject, ox.NamedNode)}
        self._labels = {self.ids.base + local: tidy(label) for local, label in labels.items()}
        names = load_names(ontology)
        for entity in sorted(before | self._labels.keys()):
            node = _N(entity)
            tally = self._tally(entity)
            gone = {t for p in _ENTITY_OWN for t in self._match(node, p)}
            come = entity_triples(entity, tally, ontology, names, self.ids, self._labels.get(entity))
            inner = {ox.Triple(node, _RENAMED, ox.Literal(self._labels[entity]))} if entity in self._labels else set()
            if not come:
                gone = set()  # nobody speaks of it: a redirect, or gone
            self._commit(gone - come, come - gone, set(self._all_inside(node, _RENAMED)) - inner, inner)

    def _read(self, node: ox.NamedNode) -> tuple[Extraction, Run]:
        """What was read in a stored brief, and by what run."""
        reading = self._inside(node, _READING)
        if reading is None:
            raise StoreError(f"nothing is known of how {node} was read", where=self._opened.spec, hint="build it again with --fresh")
        run = cast(ox.NamedNode, self._need(node, READ_BY))
        return (
            readings.loads(reading.value, self._need(node, TEXT).value),
            Run(self._need(run, VERSION).value, self._need(run, RULES).value),
        )

    def _change(self, node: ox.NamedNode, new: Encoded, ontology: Ontology) -> None:
        """Puts ``new`` in place of what the store holds of a brief (or a decision): one atomic update."""
        with told(self._opened.folder):
            old = self._stored(node)
            gone, come = set(old.own), set(new.own)
            said: dict[str, dict[str, Said]] = {}
            spo: dict[str, Spo] = {}
            held: dict[str, Held] = {}
            for claim in sorted({*old.evidence.values(), *new.said}):
                before = self._said_of(claim)
                kept = {e: s for e, s in before.items() if e not in old.evidence}
                said[claim] = kept | new.said.get(claim, {})
                spo[claim] = new.spo[claim] if claim in new.spo else self.spo(_N(claim))
                if before:
                    gone.update(t for p in _CLAIM_OWN for t in self._match(_N(claim), p))
                if said[claim]:
                    held[claim] = combine(said[claim].values())
                    come |= _claim_triples(_N(claim), spo[claim], held[claim])
            for what in set(spo.values()):
                plain = _plain(what, ontology)
                (come if self._asserted(what, held, spo, ontology) else gone).update(plain)
            tallies = self._retally(old.namings, new.namings)
            names = load_names(ontology)
            for entity, tally in tallies.items():
                if self._tallies[entity].names:
                    gone.update(t for p in _ENTITY_OWN for t in self._match(_N(entity), p))
                come |= entity_triples(entity, tally, ontology, names, self.ids, self._labels.get(entity))
            self._share(gone, come)
            inside = {*self._all_inside(node), *self._all_inside(READINGS, _SETTLED)}
            if new.own:  # where it came from stays as long as the brief does
                inside = {t for t in inside if t.predicate != _ORIGIN}
            self._commit(gone - come, come - gone, inside - new.inner, new.inner - inside)
        self._remember(said, tallies)
        self.touched_claims.update(said)

    def _commit(
        self, gone: set[ox.Triple], come: set[ox.Triple], gone_inside: Iterable[ox.Triple] = (), come_inside: Iterable[ox.Triple] = ()
    ) -> None:
        if not gone and not gone_inside and not self.raw.contains_named_graph(_N(self.ids.inferred())):
            # The same in one step of its own, without text to write and parse.
            self.raw.extend([*(ox.Quad(*t) for t in come), *map(_inner, come_inside)])
            return
        delete = sorted(_line(t) for t in gone if ox.Quad(*t) in self.raw)
        insert = sorted(_line(t) for t in come if ox.Quad(*t) not in self.raw)
        for lines, inside in ((delete, gone_inside), (insert, come_inside)):
            if within := "".join(sorted(map(_line, inside))):
                lines.append(f"GRAPH {READINGS} {{\n{within}}}\n")
        # What followed from the graph as it was need not follow from it as it will be.
        dropped = [f"DROP GRAPH <{self.ids.inferred()}>"] if self.raw.contains_named_graph(_N(self.ids.inferred())) else []
        steps = dropped + [f"{verb} DATA {{\n{''.join(lines)}}}" for verb, lines in (("DELETE", delete), ("INSERT", insert)) if lines]
        if delete or insert:
            # Terms write themselves in N-Triples syntax, quotes and all: nothing a brief says can end a literal.
            self.raw.update(" ;\n".join(steps))

    def _share(self, gone: set[ox.Triple], come: set[ox.Triple]) -> None:
        """Adds the amounts that are now pointed at, takes out amounts and runs nothing points at any more."""
        prefixes = (f"{self.ids.base}money/", f"{self.ids.base}run/")
        wanted = {t.object for t in come if isinstance(t.object, ox.NamedNode) and t.object.value.startswith(prefixes)}
        for node in wanted:
            if node.value.startswith(prefixes[0]):
                come |= money_triples(node, self.ids)
        for node in {t.object for t in gone if isinstance(t.object, ox.NamedNode) and t.object.value.startswith(prefixes)} - wanted:
            if all(t in gone for t in self._match(None, None, node)):
                gone.update(self._match(node))

    def _asserted(self, what: Spo, held: Mapping[str, Held], spo: Mapping[str, Spo], ontology: Ontology) -> bool:
        """Whether a claim of these three terms (they may differ in the role) is asserted."""
        if any(held[c].status is Status.ASSERTED for c, s in spo.items() if s == what and c in held):
            return True
        relation = ontology.relations.get(what.relation)
        if relation is None or not relation.folds_role:
            return False
        asserted, predicate = _N(ns.KG + Status.ASSERTED), _N(ns.KG + what.relation)
        others = (t.subject for t in self._match(None, OBJECT, what.object))
        return any(
            ox.Quad(c, SUBJECT, what.subject) in self.raw
            and ox.Quad(c, PREDICATE, predicate) in self.raw
            and ox.Quad(c, STATUS, asserted) in self.raw
            for c in others
            if isinstance(c, ox.NamedNode) and c.value not in spo
        )

    # reading back

    def _match(
        self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None = None, object_: Node | None = None
    ) -> Iterator[ox.Triple]:
        with told(self._opened.folder):
            for quad in self.raw.quads_for_pattern(subject, predicate, object_, ox.DefaultGraph()):
                yield quad.triple

    def _all_inside(self, subject: ox.NamedNode | None, predicate: ox.NamedNode | None = None) -> Iterator[ox.Triple]:
        """What :data:`READINGS` holds."""
        with told(self._opened.folder):
            for quad in self.raw.quads_for_pattern(subject, predicate, None, READINGS):
                yield quad.triple

    def _inside(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> ox.Literal | None:
        return next((cast(ox.Literal, t.object) for t in self._all_inside(subject, predicate)), None)

    def _one(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> Node | None:
        return next((cast(Node, t.object) for t in self._match(subject, predicate)), None)

    def _need(self, subject: ox.NamedNode, predicate: ox.NamedNode) -> Node:
        value = self._one(subject, predicate)
        if value is None:
            raise StoreError(
                f"{subject} has no {predicate}", where=self._opened.spec, hint="not written by kg; build it again with --fresh"
            )
        return value

    def _stored(self, brief: ox.NamedNode) -> _Stored:
        found = _Stored(set(self._match(brief)))
        spans = set()
        for part in [cast(ox.NamedNode, t.subject) for t in self._match(None, SOURCE, brief)]:
            triples = set(self._match(part))
            found.own |= triples
            spans |= {cast(ox.NamedNode, t.object) for t in triples if t.predicate in _SPANS}
            if ox.Triple(part, TYPE, MENTION) in triples:
                found.namings[part.value] = self._naming(part)
            for triple in self._match(None, DERIVED, part):
                found.own.add(triple)
                found.evidence[part.value] = cast(ox.NamedNode, triple.subject).value
        for span in spans:
            found.own.update(self._match(span))
        return found

    def _naming(self, node: ox.NamedNode) -> Naming:
        return Naming(
            self._need(node, ENTITY).value,
            self._need(node, NAME).value,
            self._need(node, CLASS).value.removeprefix(ns.KG),
            tuple(sorted(cast(ox.Literal, t.object).value for t in self._match(node, ALIAS))),
        )

    def spo(self, claim: ox.NamedNode) -> Spo:
        """What a claim says."""
        subject, predicate = self._need(claim, SUBJECT), self._need(claim, PREDICATE)
        return Spo(cast(ox.NamedNode, subject), predicate.value.removeprefix(ns.KG), self._need(claim, OBJECT))

    def _said_of(self, claim: str) -> dict[str, Said]:
        if claim not in self._said:
            pieces = [cast(ox.NamedNode, t.object) for t in self._match(_N(claim), DERIVED)]
            self._said[claim] = {p.value: self._read_said(p) for p in pieces}
        return self._said[claim]

    def _read_said(self, node: ox.NamedNode) -> Said:
        source = cast(ox.NamedNode, self._need(node, SOURCE))
        day = self._one(source, FROM)
        return Said(
            Status(self._need(node, STATUS).value.removeprefix(ns.KG)),
            Decimal(self._need(node, CONFIDENCE).value),
            self._need(source, TEXT_HASH).value,
            day.value if day else "",
            **{name: self._one(node, predicate) for name, predicate in _QUALIFIERS.items()},
        )

    def _tally(self, entity: str) -> Tally:
        """What the stored mentions give an entity."""
        if entity not in self._tallies:
            mentions = [cast(ox.NamedNode, t.subject) for t in self._match(None, ENTITY, _N(entity))]
            self._tallies[entity] = Tally().changed((), [self._naming(m) for m in mentions])
        return self._tallies[entity]

    def _retally(self, old: Mapping[str, Naming], new: Mapping[str, Naming]) -> dict[str, Tally]:
        found = {}
        for entity in sorted({n.entity for n in (*old.values(), *new.values())}):
            gone, come = ([n for n in namings.values() if n.entity == entity] for namings in (old, new))
            found[entity] = self._tally(entity).changed(gone, come)
        return found

    def _remember(self, said: Mapping[str, dict[str, Said]], tallies: Mapping[str, Tally]) -> None:
        for cache in (self._said, self._tallies):
            if len(cache) > _CACHE:
                cache.clear()
        self._said.update(said)
        self._tallies.update(tallies)

    # closing

    def close(self, *, keep: bool = True) -> None:
        """Lets go of the store; with ``keep`` false a fresh one is dropped and the old one stays."""
        self._graph = None
        self._opened.close(keep=keep)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close(keep=kind is None)


def open_store(spec: str, *, fresh: bool = False, read_only: bool = False, base: str | None = None) -> Store:
    """Opens ``memory`` or ``oxigraph:DIR``.

    ``fresh`` builds a new store that replaces the old one when it is closed (after an error in the ``with`` block the old
    one stays). ``read_only`` lets several readers in at once. :class:`~kg.errors.StoreError` says in one line what is
    wrong: held by another process (and by which), not there, not writable, disk full.
    """
    return Store(OpenStore(spec, fresh=fresh, read_only=read_only), base)


_ENTITIES = """SELECT ?class (COUNT(?e) AS ?n) { ?e a ?class ; rdfs:label ?label } GROUP BY ?class"""
_TRIPLES = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
_CLAIMS = """SELECT ?relation ?status (COUNT(?c) AS ?n) { ?c a kg:Claim ; rdf:predicate ?relation ; kg:status ?status }
GROUP BY ?relation ?status"""


def _named_by(ontology: Ontology) -> ox.Triple:
    """By what names and rules entities have the IRIs they have."""
    return ox.Triple(READINGS, _NAMED_BY, ox.Literal(_rules(ontology)))


def _rules(ontology: Ontology) -> str:
    return digest(load_rules(ontology).digest, ontology.digest)


def _placing(brief: Iterable[tuple[str, str, str]]) -> str:
    """Where a brief's entities are, as far as that is not where their names alone would be: (name, IRI by name, IRI)."""
    return "\t".join(f"{name}\t{now}" for name, alone, now in sorted(brief) if alone != now)


def _shipped() -> Ontology:
    from kg.ontology import load

    return load()


def _claim_triples(node: ox.NamedNode, what: Spo, held: Held) -> set[ox.Triple]:
    return {
        ox.Triple(node, TYPE, CLAIM),
        ox.Triple(node, SUBJECT, what.subject),
        ox.Triple(node, PREDICATE, _N(ns.KG + what.relation)),
        ox.Triple(node, OBJECT, what.object),
        *_held_triples(node, held),
    }


def _plain(what: Spo, ontology: Ontology) -> set[ox.Triple]:
    """The claim as a plain triple, both ways if it is symmetric."""
    predicate = _N(ns.KG + what.relation)
    found = {ox.Triple(what.subject, predicate, what.object)}
    relation = ontology.relations.get(what.relation)
    if relation is not None and relation.symmetric and isinstance(what.object, ox.NamedNode):
        found.add(ox.Triple(what.object, predicate, what.subject))
    return found


def _inner(triple: ox.Triple) -> ox.Quad:
    return ox.Quad(triple.subject, triple.predicate, triple.object, READINGS)


def _line(triple: ox.Triple) -> str:
    return f"{triple.subject} {triple.predicate} {triple.object} .\n"
