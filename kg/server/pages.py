"""The page of an entity and the page of a brief: what the graph says of them, with the sentences that say it.

Pure functions from the store to HTML; Jinja escapes every word of it.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyoxigraph as ox

from kg import namespaces as ns
from kg.analyse import beginning
from kg.ontology import Attribute, Ontology, Text
from kg.server.lookup import DERIVED, LABEL, RDF_OBJECT, RDF_PREDICATE, RDF_SUBJECT, RDF_TYPE, SELECTOR, SOURCE, Node
from kg.server.messages import Answer, Failure
from kg.writers.scene import is_web, look

if TYPE_CHECKING:
    from jinja2 import Environment

ASSETS = Path(__file__).resolve().parent / "assets"
TEMPLATES = ASSETS.with_name("templates")
LANGUAGES = ("fr", "en")
CLAIMS = 300
"""A page shows no more claims than these each way, and says how to ask for the others."""

QUOTES = 5
"""So many sentences are shown of one claim."""

OPEN = 8
"""The sentences of so few claims are shown at once."""

_BRIEF = "brief/"


def page(store: ox.Store, domain: Ontology, base: str, iri: str, lang: str) -> Answer:
    """The page of an entity or of a brief. :class:`~kg.server.messages.Failure` if nothing is said of it."""
    node, view = Node(store, iri), _View(domain, base, lang)
    if replaced := node.one(ns.DCT + "isReplacedBy"):
        return Answer(status=301, headers={"location": view.path(replaced.iri)})
    if node.is_a("Brief"):
        return _html("brief", lang, brief=view.brief(node), local=view.local(iri), iri=iri)
    if not node or not node[LABEL]:
        raise Failure("nothing is said of this", status=404, where=iri)
    return _html("entity", lang, entity=view.entity(node), local=view.local(iri), iri=iri)


def error(status: int, what: str, hint: str, lang: str) -> str:
    """A page that says what went wrong."""
    return render("error", lang, status=status, what=what, hint=hint)


def render(name: str, lang: str, **told: Any) -> str:
    """A template of ``templates/`` with its words."""
    return environment().get_template(f"{name}.html.j2").render(words=words()[lang], lang=lang, languages=LANGUAGES, **told)


def _html(name: str, lang: str, **told: Any) -> Answer:
    return Answer(render(name, lang, **told).encode(), "text/html; charset=utf-8")


@cache
def environment() -> Environment:
    """The templates; everything put into them is escaped."""
    import jinja2

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made.filters["segment"] = lambda text: quote(str(text), safe="/~")
    return made


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """The words of the pages, by language."""
    read: dict[str, dict[str, str]] = json.loads((TEMPLATES / "words.json").read_text(encoding="utf-8"))
    return read


def terms(domain: Ontology) -> list[dict[str, str]]:
    """What the editor proposes: name, kind and both labels."""
    found = [{"name": f"kg:{c.name}", "kind": "class", "fr": c.label.fr, "en": c.label.en} for c in domain.classes.values()]
    for term in domain.terms:
        kind = "attribute" if isinstance(term, Attribute) else "relation"
        found.append({"name": f"kg:{term.name}", "kind": kind, "fr": term.label.fr, "en": term.label.en})
    return found


# --- what the templates are given -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """A name and, where there is a page for it, its address."""

    label: str
    href: str = ""
    colour: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text: the roles of its words, and the page of whom it names."""

    text: str
    roles: tuple[str, ...] = ()
    href: str = ""


@dataclass(frozen=True, slots=True)
class Quote:
    """One piece of evidence: the sentence in pieces, where it stands, and how it was read."""

    pieces: Sequence[Piece]
    brief: Link
    date: str
    rule: str
    status: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Said:
    """A claim: who, what, whom or how much, and the sentences."""

    subject: Link
    relation: str
    object: Link
    status: str
    confidence: str
    facts: Sequence[str] = ()
    quotes: Sequence[Quote] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """The claims of one relation in one direction."""

    relation: str
    outgoing: bool
    claims: Sequence[Said]


@dataclass(frozen=True, slots=True)
class _View:
    """Terms as people read them, in one language."""

    domain: Ontology
    base: str
    lang: str
    _known: dict[str, Link] = field(default_factory=dict)

    def local(self, iri: str) -> str:
        return iri.removeprefix(self.base)

    def path(self, iri: str) -> str:
        local = quote(self.local(iri), safe="/~")
        return f"/{local}" if local.startswith(_BRIEF) else f"/entity/{local}"

    def word(self, text: Text) -> str:
        return text.en if self.lang == "en" else text.fr.replace("'", "’")

    def relation(self, name: str) -> str:
        known = name in self.domain.relations or name in self.domain.attributes
        return self.word(self.domain.term(name).label) if known else name

    def class_(self, node: Node) -> str:
        return next((t.value.removeprefix(ns.KG) for t in node[RDF_TYPE] if t.value.startswith(ns.KG)), "")

    def class_name(self, name: str) -> str:
        return self.word(self.domain.classes[name].label) if name in self.domain.classes else name

    def link(self, node: Node) -> Link:
        """An entity as a link, a sum of money as an amount, anything else as its IRI."""
        if node.iri not in self._known:
            if label := node.text(LABEL):
                colour = look(self.domain, self.class_(node))["colour"]
                self._known[node.iri] = Link(label, self.path(node.iri) if node.iri.startswith(self.base) else "", colour)
            elif node[ns.SCHEMA + "currency"]:
                self._known[node.iri] = Link(self.money(node))
            else:
                self._known[node.iri] = Link(self.local(node.iri))
        return self._known[node.iri]

    def number(self, text: str) -> str:
        whole, _, part = text.partition(".")
        if not re.fullmatch(r"-?\d+", whole):
            return text
        if self.lang == "en":
            return f"{int(whole):,}" + (f".{part}" if part else "")
        return f"{int(whole):,}".replace(",", "\u202f") + (f",{part}" if part else "")

    def money(self, node: Node) -> str:
        return f"{self.number(node.text(ns.SCHEMA + 'value'))}\u00a0{node.text(ns.SCHEMA + 'currency')}"

    def date(self, iso: str) -> str:
        m = re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", iso)
        if m is None or m[2] is None:
            return iso
        month = words()[self.lang]["months"].split()[int(m[2]) - 1]
        if m[3] is None:
            return f"{month} {m[1]}"
        day = "1er" if m[3] == "01" and self.lang == "fr" else str(int(m[3]))
        return f"{day} {month} {m[1]}"

    def percent(self, share: str) -> str:
        return f"{round(float(share) * 100)}\u00a0%" if re.fullmatch(r"[\d.]+", share) else share

    # entities

    def entity(self, node: Node) -> dict[str, Any]:
        """All of an entity: names, facts, claims by relation, where else it is described."""
        name = self.class_(node)
        claims = {c.iri: c for p in (RDF_SUBJECT, RDF_OBJECT) for c in node.pointing(p, CLAIMS)}
        links: dict[tuple[str, bool], list[Node]] = defaultdict(list)
        facts: dict[str, list[Node]] = defaultdict(list)
        for claim in claims.values():
            relation = claim.local(RDF_PREDICATE)
            if relation in self.domain.attributes:
                facts[relation].append(claim)
            else:
                links[relation, claim.text(RDF_SUBJECT) == node.iri].append(claim)
        groups = [Group(self.relation(r), out or self._symmetric(r), self._all(found)) for (r, out), found in links.items()]
        briefs = {m.text(SOURCE): m.one(SOURCE) for m in node.pointing(ns.KG + "entity", CLAIMS)}
        return {
            "label": node.text(LABEL),
            "class": _capital(self.class_name(name)),
            "look": look(self.domain, name),
            "aliases": [t.value for t in node[ns.SKOS + "altLabel"]],
            "same": [t.value for t in node[ns.OWL + "sameAs"] if is_web(t.value)],
            "facts": sorted((Group(self.relation(r), True, self._all(found)) for r, found in facts.items()), key=lambda g: g.relation),
            "groups": sorted(groups, key=lambda g: (not g.outgoing, -len(g.claims), g.relation)),
            "briefs": [self.brief_link(b) for b in briefs.values() if b is not None],
            "cut": len(claims) >= CLAIMS,
            "short": len(claims) <= OPEN,
        }

    def _symmetric(self, name: str) -> bool:
        return name in self.domain.relations and self.domain.relations[name].symmetric

    def _all(self, claims: Iterable[Node]) -> list[Said]:
        return sorted((self.said(c) for c in claims), key=lambda s: (s.subject.label, s.object.label))

    def said(self, claim: Node, only: Iterable[Node] | None = None) -> Said:
        """A claim, with all its evidence or only some."""
        subject, object_ = claim.one(RDF_SUBJECT), claim[RDF_OBJECT]
        evidence = list(only) if only is not None else claim.follow(DERIVED)
        about = claim if only is None else evidence[0]
        return Said(
            self.link(subject) if subject is not None else Link("?"),
            self.relation(claim.local(RDF_PREDICATE)),
            self.value(object_[0], claim, about) if object_ else Link("?"),
            about.local(ns.KG + "status"),
            self.percent(about.text(ns.KG + "confidence")),
            list(self.facts(about)),
            [self.quote(e) for e in evidence[:QUOTES]],
            max(0, len(evidence) - QUOTES),
        )

    def value(self, term: ox.NamedNode | ox.Literal, claim: Node, about: Node) -> Link:
        """What a claim's object is called."""
        if isinstance(term, ox.NamedNode):
            return self.link(Node(claim.store, term.value))
        kind = term.datatype.value.removeprefix(ns.XSD)
        shown = self.number(term.value) if kind in ("integer", "decimal") else self.date(term.value) if kind != "string" else term.value
        return Link(self.bounded(about, shown))

    def bounded(self, about: Node, shown: str) -> str:
        """A figure with what bounds it: « plus de », « près de »."""
        bound = about.local(ns.KG + "bound")
        return f"{words()[self.lang][bound]} {shown}" if bound in words()[self.lang] else shown

    def facts(self, about: Node) -> Iterator[str]:
        """Amount, share, role and date of a claim or a piece of evidence."""
        if money := about.one(ns.KG + "amount"):
            yield self.bounded(about, self.money(money))
        if share := about.text(ns.KG + "share"):
            yield f"{self.number(share)}\u00a0%"
        if role := about.text(ns.KG + "role"):
            yield role
        if date := about.text(ns.KG + "date"):
            yield self.date(date)

    def quote(self, evidence: Node) -> Quote:
        """A piece of evidence: its sentence with the words that count."""
        span, brief = evidence.one(SELECTOR), evidence.one(SOURCE)
        text = span.text(ns.OA + "exact") if span is not None else ""
        start = _start(span)
        places = []
        for role in ("trigger", "subject", "object"):
            for at in evidence.follow(ns.KG + role):
                places.append((_start(at) - start, _end(at) - start, role, ""))
        return Quote(
            pieces(text, places),
            self.brief_link(brief) if brief is not None else Link("?"),
            self.date(brief.text(ns.DCT + "date")) if brief is not None else "",
            evidence.text(ns.KG + "rule"),
            evidence.local(ns.KG + "status"),
            self.percent(evidence.text(ns.KG + "confidence")),
        )

    # briefs

    def brief_link(self, brief: Node) -> Link:
        return Link(_title(brief) or self.local(brief.iri), self.path(brief.iri))

    def brief(self, node: Node) -> dict[str, Any]:
        """A brief: its text with the entities it names as links, and what was read in it."""
        pointing = node.pointing(SOURCE)
        evidence = [e for e in pointing if e.is_a("Evidence")]
        places = []
        for mention in (m for m in pointing if m.is_a("Mention")):
            entity = mention.one(ns.KG + "entity")
            if entity is not None and entity[LABEL]:
                places += [(_start(s), _end(s), "entity", self.path(entity.iri)) for s in mention.follow(SELECTOR)]
        by_claim: dict[str, list[Node]] = defaultdict(list)
        for piece in sorted(evidence, key=lambda e: (_start(e.one(ns.KG + "trigger")), e.iri)):
            for claim in piece.pointing(DERIVED):
                by_claim[claim.iri].append(piece)
        text, source = node.text(ns.SCHEMA + "text"), node.text(ns.DCT + "source")
        return {
            "key": node.text(ns.KG + "key"),
            "title": _title(node),
            "date": self.date(node.text(ns.DCT + "date")),
            "source": source,
            "link": source if is_web(source) else "",
            "pieces": pieces(text, _apart(places)),
            "said": [self.said(Node(node.store, claim), found) for claim, found in by_claim.items()],
        }


def _title(brief: Node) -> str:
    """The title of a brief, or how its text begins; its key where nothing of the text is kept."""
    return brief.text(ns.DCT + "title") or beginning(brief.text(ns.SCHEMA + "text")) or brief.text(ns.KG + "key")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _start(span: Node | None) -> int:
    return int(span.text(ns.OA + "start") or 0) if span is not None else 0


def _end(span: Node | None) -> int:
    return int(span.text(ns.OA + "end") or 0) if span is not None else 0


Place = tuple[int, int, str, str]


def _apart(places: Iterable[Place]) -> list[Place]:
    """Places that do not overlap, the longest first: a link holds no other."""
    kept: list[Place] = []
    for place in sorted(set(places), key=lambda p: (p[0] - p[1], p)):
        if all(place[1] <= other[0] or other[1] <= place[0] for other in kept):
            kept.append(place)
    return kept


def pieces(text: str, places: Iterable[Place]) -> list[Piece]:
    """The text cut where a place begins or ends; each piece knows the roles and the page of the places it is in."""
    inside = [p for p in places if 0 <= p[0] < p[1] <= len(text)]
    cuts = sorted({0, len(text), *(at for p in inside for at in p[:2])})
    made = []
    for start, end in itertools.pairwise(cuts):
        over = [p for p in inside if p[0] <= start and end <= p[1]]
        made.append(Piece(text[start:end], tuple(sorted({p[2] for p in over})), next((p[3] for p in over if p[3]), "")))
    return made
