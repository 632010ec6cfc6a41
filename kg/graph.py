"""Claims and evidence ↔ RDF: what one brief says becomes triples, and what many briefs say becomes one graph.

A brief owns its own node, its spans, its mentions and its evidence. Everything else (claims with their status and
confidence, plain triples, labels and types of entities, amounts, runs) is a pure function of what all briefs own,
recomputed where a brief touches it. So briefs may come in any order, twice, and go again: the graph is the same.

>>> with open_store("oxigraph:.kg/store") as store:      # doctest: +SKIP
...     store.add(extraction, ontology, current_run(ontology))
'added'

One brief is written by one atomic update of the underlying store; an interrupted build loses at most the brief at hand.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal, Self, cast

import pyoxigraph as ox

import kg
from kg import namespaces as ns
from kg.errors import StoreError
from kg.link import Ids, Names, fold_role, link, load_names, tidy, writable
from kg.model import Brief, Evidence, Extraction, Span, Status
from kg.ontology import Attribute, Ontology, Relation, ValueKind
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
_INTEGER, _DECIMAL, _DATE, _MONTH, _YEAR = (_N(ns.XSD + n) for n in ("integer", "decimal", "date", "gYearMonth", "gYear"))

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
    """A brief as RDF: the triples it owns, what its claims say, and what counts towards shared nodes."""

    own: set[ox.Triple] = field(default_factory=set)
    spo: dict[str, Spo] = field(default_factory=dict)
    said: dict[str, dict[str, Said]] = field(default_factory=dict)
    namings: dict[str, Naming] = field(default_factory=dict)

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


def encode(extraction: Extraction, ontology: Ontology, run: Run, names: Names, ids: Ids) -> Encoded:
    """One brief as RDF. Claims about what is no entity (a consortium of nobody), or of a thing with itself, are left out."""
    brief, out = extraction.brief, Encoded()
    iris = link(extraction, ontology, names, ids)
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
        if isinstance(term, Relation) and term.symmetric and str(object_) < str(subject):
            subject, object_ = cast(ox.NamedNode, object_), subject
            at_subject, at_object = at_object, at_subject
        role = fold_role(claim.role or evidence.role) if isinstance(term, Relation) and term.folds_role else ""
        iri = ids.claim(subject.value, claim.relation, _part(object_, ids), role)
        out.spo[iri] = Spo(subject, claim.relation, object_)
        said = _said(evidence, evidence.role or (claim.role if role else None), brief, ids)
        places = (f"{s.start}-{s.end}" for s in (evidence.span, evidence.trigger, at_subject, at_object))
        values = (_part(getattr(said, n), ids) for n in _QUALIFIERS)
        node = ids.evidence(iri, brief.key, *places, evidence.rule, said.status, *values)
        before = out.said.setdefault(iri, {}).get(node)
        if before is None or before.confidence < said.confidence:
            out.said[iri][node] = said
        _encode_evidence(_N(node), evidence, (at_subject, at_object), extraction, run, ids, out)
    for iri, pieces in out.said.items():
        for node, piece in pieces.items():
            out.own |= set(_held_triples(_N(node), piece)) | {ox.Triple(_N(iri), DERIVED, _N(node))}
    return out


def _part(term: Node | None, ids: Ids) -> str:
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


def entity_triples(iri: str, tally: Tally, ontology: Ontology, names: Names, ids: Ids) -> set[ox.Triple]:
    """Class, label, other names and identifiers of an entity: its gazetteer row's, and what the briefs say.

    Without a row the most frequent name and class count, at a tie the narrower class, then the first in order.
    """
    if not tally.names:
        return set()
    node = _N(iri)
    kind, _, name_slug = ids.local(iri).partition("/")
    row = names.of(kind, name_slug)
    votes: Counter[str] = Counter()
    classes: Counter[str] = Counter()
    for (name, type_), count in tally.names.items():
        votes[name] += count
        classes[type_] += count
    label = tidy(row.name) if row else min(votes, key=lambda n: (-votes[n], n))
    class_ = row.type if row else min(classes, key=lambda c: (-classes[c], -_depth(c, ontology), c))
    found = {ox.Triple(node, TYPE, _N(ns.KG + class_)), ox.Triple(node, LABEL, ox.Literal(label))}
    others = {*votes, *tally.aliases, *(tidy(a) for a in (row.aliases if row else ()))}
    found.update(ox.Triple(node, ALT, ox.Literal(o)) for o in others if o and o.casefold() != label.casefold())
    found.update(ox.Triple(node, SAME, _N(same)) for same in (row.same_as() if row else ()))
    return found


def _depth(class_: str, ontology: Ontology) -> int:
    return len(ontology.ancestors(class_)) if class_ in ontology.classes else 0


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
        return "same" if stored == brief_triples(brief, run, self.ids) else "changed"

    def briefs(self) -> list[StoredBrief]:
        """The stored briefs, in the order of their keys."""
        found = []
        for triple in self._match(None, TYPE, BRIEF):
            node = cast(ox.NamedNode, triple.subject)
            said = {t.predicate: t.object.value for t in self._match(node) if not isinstance(t.object, ox.Triple)}
            found.append(StoredBrief(node.value, said[KEY], said.get(DCT_DATE), said.get(DCT_TITLE), said.get(DCT_SOURCE)))
        return sorted(found, key=lambda b: (b.key, b.iri))

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
                sum(1 for _ in self._match(None, TYPE, BRIEF)),
                sum(1 for _ in self._match(None, TYPE, EVIDENCE)),
                len(self.raw) - sum(1 for _ in self.inferred()),
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
        encoded = encode(extraction, ontology, run, load_names(ontology), self.ids)
        self._change(extraction.brief.key, encoded, ontology)
        return "added" if state == "new" else "replaced"

    def remove(self, key: str, ontology: Ontology | None = None) -> bool:
        """Takes a brief out: the store is as if it had never been added. ``False`` if there is none of that key.

        What the other briefs say is combined anew by ``ontology``: by default the one last used with this store, else
        the shipped one.
        """
        if next(self._match(_N(self.ids.brief(key))), None) is None:
            return False
        if ontology is None:
            ontology = self._ontology or _shipped()
        self._change(key, Encoded(), ontology)
        return True

    def _change(self, key: str, new: Encoded, ontology: Ontology) -> None:
        """Puts ``new`` in place of what the store holds of a brief: one atomic update."""
        with told(self._opened.folder):
            old = self._stored(_N(self.ids.brief(key)))
            gone, come = set(old.own), set(new.own)
            said: dict[str, dict[str, Said]] = {}
            spo: dict[str, Spo] = {}
            held: dict[str, Held] = {}
            for claim in sorted({*old.evidence.values(), *new.said}):
                before = self._said_of(claim)
                kept = {e: s for e, s in before.items() if e not in old.evidence}
                said[claim] = kept | new.said.get(claim, {})
                spo[claim] = new.spo[claim] if claim in new.spo else self._spo(_N(claim))
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
                come |= entity_triples(entity, tally, ontology, names, self.ids)
            self._share(gone, come)
            self._commit(gone - come, come - gone)
        self._remember(said, tallies)
        self.touched_claims.update(said)

    def _commit(self, gone: set[ox.Triple], come: set[ox.Triple]) -> None:
        delete = sorted(_line(t) for t in gone if ox.Quad(*t) in self.raw)
        insert = sorted(_line(t) for t in come if ox.Quad(*t) not in self.raw)
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

    def _spo(self, claim: ox.NamedNode) -> Spo:
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

    def _retally(self, old: Mapping[str, Naming], new: Mapping[str, Naming]) -> dict[str, Tally]:
        found = {}
        for entity in sorted({n.entity for n in (*old.values(), *new.values())}):
            if entity not in self._tallies:
                mentions = [cast(ox.NamedNode, t.subject) for t in self._match(None, ENTITY, _N(entity))]
                self._tallies[entity] = Tally().changed((), [self._naming(m) for m in mentions])
            gone, come = ([n for n in namings.values() if n.entity == entity] for namings in (old, new))
            found[entity] = self._tallies[entity].changed(gone, come)
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
_CLAIMS = """SELECT ?relation ?status (COUNT(?c) AS ?n) { ?c a kg:Claim ; rdf:predicate ?relation ; kg:status ?status }
GROUP BY ?relation ?status"""


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


def _line(triple: ox.Triple) -> str:
    return f"{triple.subject} {triple.predicate} {triple.object} .\n"
