"""What the tests of graph, store, queries and writers share: a small ontology and extractions written by hand."""

from __future__ import annotations

from functools import cache

from kg.graph import Run, Store, open_store
from kg.model import Bound, Brief, Claim, Entity, Evidence, Extraction, Mention, MentionKind, Span, Status
from kg.ontology import Attribute, EntityClass, Ontology, Relation, Text, ValueKind

BASE = "https://w3id.org/techkg/id/"
RUN = Run("1.0", "rules-1")


def _class(name: str, parent: str | None, kind: str | None = None) -> EntityClass:
    return EntityClass(name, Text(name, name), Text(name, name), parent, kind, None, None, {})


def _relation(name: str, range_: tuple[str, ...] = ("Organization",), *, symmetric: bool = False, folds_role: bool = False) -> Relation:
    text = Text(name, name)
    return Relation(name, text, text, ("Agent",), (), {}, "", (), (), name, range=range_, symmetric=symmetric, folds_role=folds_role)


def _attribute(name: str, value: ValueKind) -> Attribute:
    return Attribute(name, Text(name, name), Text(name, name), ("Agent",), (), {}, "", (), (), name, value=value)


@cache
def small_ontology() -> Ontology:
    """Classes and relations of the project, without frames, gazetteers or files."""
    classes = [
        _class("Agent", None),
        _class("Organization", "Agent", "org"),
        _class("Company", "Organization"),
        _class("Investor", "Company"),
        _class("PublicBody", "Organization"),
        _class("Consortium", "Organization"),
        _class("Person", "Agent", "person"),
        _class("Product", None, "product"),
        _class("Law", None, "law"),
        _class("Place", None, "place"),
    ]
    relations = [
        _relation("acquires"),
        _relation("appoints", ("Person",), folds_role=True),
        _relation("basedIn", ("Place",)),
        _relation("competesWith", symmetric=True),
        _relation("departsFrom", folds_role=True),
        _relation("develops", ("Product",)),
        _relation("discontinues", ("Product",)),
        _relation("holdsPositionAt", folds_role=True),
        _relation("investsIn", ("Organization", "Place", "Product")),
        _relation("launches", ("Product",)),
        _relation("leads", ("Consortium",)),
        _relation("memberOf", ("Consortium", "Organization")),
        _relation("partnersWith", symmetric=True),
        _relation("subsidiaryOf"),
        _relation("sues"),
    ]
    attributes = [
        _attribute("employees", "integer"),
        _attribute("formerName", "string"),
        _attribute("foundedIn", "date"),
        _attribute("raised", "money"),
    ]
    return Ontology({c.name: c for c in classes}, {r.name: r for r in relations}, {a.name: a for a in attributes})


class Writer:
    """Builds an extraction by hand: words are found in the text, their first occurrence unless told otherwise."""

    def __init__(self, key: str, text: str, date: str | None = None, *, title: str | None = None, source: str | None = None) -> None:
        self.brief = Brief(key, text, date, "fr", title, source)
        self.entities: list[Entity] = []
        self.mentions: list[Mention] = []
        self.claims: list[tuple[Claim, Evidence]] = []

    def at(self, words: str) -> Span:
        """Where the words stand."""
        start = self.brief.text.index(words)
        return Span(start, start + len(words))

    def sentence(self, *spans: Span) -> Span:
        """The shortest run of whole sentences that holds the spans; sentences end in « . »."""
        text, first, last = self.brief.text, min(s.start for s in spans), max(s.end for s in spans)
        start = text.rfind(". ", 0, first) + 2 if ". " in text[:first] else 0
        end = text.find(".", last - 1)
        return Span(start, len(text) if end < 0 else end + 1)

    def entity(self, name: str, type_: str, *aliases: str, adjective: str = "") -> Writer:
        """An entity and a mention of each of its forms that stands in the text; one of its aliases may be an adjective."""
        self.entities.append(Entity(name, type_, aliases))
        for form in (name, *aliases):
            if form in self.brief.text:
                self.mention(name, form, "adjective" if form == adjective else "name")
        return self

    def mention(self, name: str, words: str, kind: MentionKind) -> Writer:
        """Other words of the text that stand for an entity without being a name of it."""
        index = next(i for i, e in enumerate(self.entities) if e.name == name)
        self.mentions.append(Mention(self.at(words), kind, index, "test"))
        return self

    def claim(
        self,
        subject: str,
        relation: str,
        object_: str,
        trigger: str,
        *,
        status: Status = Status.ASSERTED,
        confidence: float = 0.9,
        said: tuple[str, str] | None = None,
        amount: str | None = None,
        date: str | None = None,
        role: str | None = None,
        share: str | None = None,
        bound: Bound | None = None,
    ) -> Writer:
        """A claim and its evidence; ``said`` gives the words of subject and object where they are no names."""
        at_trigger, at_subject, at_object = (self.at(w) for w in (trigger, *(said or (subject, object_))))
        folded = role.lower() if role and getattr(small_ontology().term(relation), "folds_role", False) else None
        evidence = Evidence(
            self.brief.key,
            self.sentence(at_trigger, at_subject, at_object),
            at_trigger,
            at_subject,
            at_object,
            f"{relation}/test",
            status,
            confidence,
            amount,
            date,
            role,
            share,
            bound,
        )
        self.claims.append((Claim(subject, relation, object_, folded), evidence))
        return self

    def done(self) -> Extraction:
        """The extraction."""
        return Extraction(self.brief, tuple(self.entities), tuple(self.mentions), tuple(self.claims))


def stored(*extractions: Extraction, run: Run = RUN) -> Store:
    """A store in memory that holds the extractions."""
    store = open_store("memory", base=BASE)
    for extraction in extractions:
        assert store.add(extraction, small_ontology(), run) == "added"
    return store


def lines(store: Store) -> list[str]:
    """The graph as sorted lines."""
    return sorted(str(t) for t in store.triples())


def shape_briefs() -> tuple[Extraction, Extraction]:
    """The two briefs of ``shape.ttl``: one plans what the other asserts."""
    first = (
        Writer(
            "shape#1",
            "Acier Bleu veut racheter Zinc SA. Léa Roy, PDG d'Acier Bleu, y pense.",
            "2021-05-18",
            source="https://exemple.fr/a?b=1",
        )
        .entity("Acier Bleu", "Company")
        .entity("Zinc SA", "Company")
        .entity("Léa Roy", "Person")
        .claim("Acier Bleu", "acquires", "Zinc SA", "racheter", status=Status.PLANNED, confidence=0.8)
        .claim("Léa Roy", "holdsPositionAt", "Acier Bleu", "PDG", role="PDG")
    )
    second = (
        Writer(
            "shape#2",
            "Acier Bleu a croqué 60 % de Zinc SA, fondée en 2014, pour plus de 1,5 M€ en mai 2021. Le français s'allie à Aavo.",
            "2021-06",
            title="Acier Bleu croque Zinc",
        )
        .entity("Acier Bleu", "Company")
        .mention("Acier Bleu", "Le français", "nominal")
        .entity("Zinc SA", "Company", "Zinc")
        .entity("Aavo", "Company")
        .entity("France", "Place", "français", adjective="français")
        .claim(
            "Acier Bleu",
            "acquires",
            "Zinc SA",
            "croqué",
            confidence=0.97,
            amount="1500000 EUR",
            date="2021-05",
            share="60 %",
            bound="atLeast",
        )
        .claim("Zinc SA", "foundedIn", "2014", "fondée")
        .claim("Acier Bleu", "partnersWith", "Aavo", "s'allie", said=("Le français", "Aavo"), confidence=0.85)
        .claim("Acier Bleu", "basedIn", "France", "français", said=("Le français", "français"), confidence=0.8)
    )
    return first.done(), second.done()
