"""Validation: a graph written by the program is sound; each way of spoiling it is found, by the check that is for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from rdflib import RDF, BNode, Graph, Literal, URIRef

from kg.graph import Store, current_run, open_store
from kg.model import Brief, Claim, Entity, Evidence, Extraction, Mention, Span, Status
from kg.namespaces import DCT, KG, OA, PROV, RDFS, SCHEMA, XSD
from kg.ontology import Ontology, load
from kg.validate import Problem, validate

SHIPPED = Path(__file__).parent.parent / "ontology"
DECIMAL, DATE = URIRef(XSD + "decimal"), URIRef(XSD + "date")
INTEGRITY = {"claim-types", "plain-triple", "held", "quotation", "dates", "kinds", "symmetric", "orphan", "key", "redirect", "blank-node"}
BASE = "https://w3id.org/techkg/id/"
TEXT = "Le 18 mai, Orange achète Luméo pour 3 millions d’euros. Luméo, 40 salariés, s’allie à Ikéa 🛋."

TERM = 'label = { fr = "x", en = "x" }\ncomment = { fr = "x", en = "x" }\nbecause = "x"\n'
FILES = {
    "relations/buys.toml": TERM
    + 'domain = ["Organization", "Person"]\nrange = ["Organization", "Product"]\nqualifiers = ["amount", "date"]\n',
    "relations/alliesWith.toml": TERM + 'domain = ["Company"]\nrange = ["Company"]\nsymmetric = true\n',
    "attributes/staff.toml": TERM + 'domain = ["Organization"]\nvalue = "integer"\n',
}


@pytest.fixture(name="ontology")
def _ontology(tmp_path: Path) -> Ontology:
    for name, content in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")
    shutil.copy(SHIPPED / "classes.toml", tmp_path)
    return load((tmp_path,))


def at(words: str, start: int = 0) -> Span:
    """Where words stand in the brief."""
    found = TEXT.index(words, start)
    return Span(found, found + len(words))


def extraction() -> Extraction:
    """A brief that says an acquisition, a number of staff and a rumoured alliance."""
    first, second = at("Le 18 mai, Orange achète Luméo pour 3 millions d’euros."), at("Luméo, 40 salariés, s’allie à Ikéa 🛋.", 30)
    orange, lumeo, ikea = at("Orange"), at("Luméo"), at("Ikéa")
    buys = Evidence("b#1", first, at("achète"), orange, lumeo, "buys/verb/active", confidence=0.9, amount="3000000 EUR", date="2021-05-18")
    staff = Evidence("b#1", second, at("salariés"), at("Luméo", 30), at("40"), "staff/noun/count", confidence=0.8, bound="about")
    allies = Evidence("b#1", second, at("s’allie"), at("Luméo", 30), ikea, "alliesWith/verb/active", Status.RUMOURED, 0.7)
    return Extraction(
        Brief("b#1", TEXT, "2021-05-20"),
        (Entity("Orange", "Company"), Entity("Luméo", "Company", ("Lumeo SA",)), Entity("Ikéa", "Company")),
        (Mention(orange, "name", 0, "name"), Mention(lumeo, "name", 1, "name"), Mention(ikea, "name", 2, "name")),
        (
            (Claim("Orange", "buys", "Luméo"), buys),
            (Claim("Luméo", "staff", "40"), staff),
            (Claim("Luméo", "alliesWith", "Ikéa"), allies),
        ),
    )


def stored(ontology: Ontology) -> Store:
    """A store that holds the brief."""
    store = open_store("memory", base=BASE)
    store.add(extraction(), ontology, current_run(ontology))
    return store


@pytest.fixture(name="graph")
def _graph(ontology: Ontology) -> Graph:
    graph = Graph()
    for triple in stored(ontology).graph:
        graph.add(triple)
    return graph


def org(name: str) -> URIRef:
    """An organisation."""
    return URIRef(f"{BASE}org/{name}")


def kg(name: str) -> URIRef:
    """A term of ours."""
    return URIRef(KG + name)


def only(graph: Graph, class_: str, **having: str) -> URIRef:
    """The one node of a class whose properties have these values of ours."""
    nodes = [n for n in graph.subjects(RDF.type, kg(class_)) if all((n, URIRef(p), kg(v)) in graph for p, v in having.items())]
    assert len(nodes) == 1
    assert isinstance(nodes[0], URIRef)
    return nodes[0]


def claim(graph: Graph, relation: str) -> URIRef:
    """The claim of a relation."""
    return only(graph, "Claim", **{str(RDF.predicate): relation})


def evidence(graph: Graph, relation: str) -> URIRef:
    """The evidence of the claim of a relation."""
    node = graph.value(claim(graph, relation), URIRef(PROV + "wasDerivedFrom"))
    assert isinstance(node, URIRef)
    return node


def shapes(problems: list[Problem]) -> set[str]:
    """What found the problems."""
    return {p.shape for p in problems}


def test_what_the_program_writes_is_sound(ontology: Ontology, graph: Graph) -> None:
    assert validate(graph, ontology) == []
    assert len(list(graph.subjects(RDF.type, kg("Claim")))) == 3


def test_the_store_itself_can_be_checked(ontology: Ontology) -> None:
    assert validate(stored(ontology).graph, ontology) == []


def test_an_empty_graph_is_sound(ontology: Ontology) -> None:
    assert validate(Graph(), ontology) == []


SPOILT: dict[str, tuple[Callable[[Graph], None], str]] = {
    "a fact with a subject of the wrong class": (lambda g: retype(g, org("orange"), "Place"), "buys-subject"),
    "a fact with an object of the wrong class": (lambda g: retype(g, org("lumeo"), "Law"), "buys-object"),
    "a claim of the wrong class": (lambda g: retype(g, org("ikea"), "Person"), "claim-types"),
    "a value of the wrong datatype": (lambda g: swap(g, org("lumeo"), kg("staff"), Literal("quarante")), "staff-object"),
    "a claim's value of the wrong datatype": (lambda g: swap(g, claim(g, "staff"), RDF.object, Literal("quarante")), "claim-types"),
    "an entity without a name": (lambda g: drop(g, org("ikea"), URIRef(RDFS + "label")), "label-Agent-rdfs-label"),
    "a claim without an object": (lambda g: drop(g, claim(g, "buys"), RDF.object), "Claim-rdf-object"),
    "a claim with two subjects": (lambda g: put(g, claim(g, "buys"), RDF.subject, org("ikea")), "Claim-rdf-subject"),
    "a claim of an unknown relation": (lambda g: swap(g, claim(g, "buys"), RDF.predicate, kg("adores")), "Claim-rdf-predicate"),
    "a claim of unknown status": (lambda g: swap(g, claim(g, "buys"), kg("status"), kg("maybe")), "Claim-status"),
    "a claim without evidence": (lambda g: drop(g, claim(g, "buys"), URIRef(PROV + "wasDerivedFrom")), "Claim-prov-wasDerivedFrom"),
    "a confidence above one": (
        lambda g: swap(g, claim(g, "buys"), kg("confidence"), Literal("1.5", datatype=DECIMAL)),
        "Claim-confidence",
    ),
    "evidence without a brief": (lambda g: drop(g, evidence(g, "buys"), URIRef(OA + "hasSource")), "Evidence-oa-hasSource"),
    "evidence without a place": (lambda g: drop(g, evidence(g, "buys"), URIRef(OA + "hasSelector")), "Evidence-oa-hasSelector"),
    "evidence without a rule": (lambda g: drop(g, evidence(g, "buys"), kg("rule")), "Evidence-rule"),
    "evidence without a run": (lambda g: drop(g, evidence(g, "buys"), URIRef(PROV + "wasGeneratedBy")), "Evidence-prov-wasGeneratedBy"),
    "an amount that is none": (lambda g: swap(g, evidence(g, "buys"), kg("amount"), Literal("trois millions")), "Evidence-amount"),
    "an amount without a currency": (
        lambda g: drop(g, URIRef(f"{BASE}money/EUR/3000000"), URIRef(SCHEMA + "currency")),
        "Money-schema-currency",
    ),
    "a span that ends before it begins": (lambda g: swap(g, span(g), URIRef(OA + "end"), Literal(-1)), "Span-oa-start"),
    "a brief without a key": (lambda g: drop(g, only(g, "Brief"), kg("key")), "Brief-key"),
    "a fact that is missing": (lambda g: drop(g, org("orange"), kg("buys")), "plain-triple"),
    "a fact of a rumour": (lambda g: put(g, org("ikea"), kg("alliesWith"), org("lumeo")), "plain-triple"),
    "a status that does not follow": (lambda g: swap(g, claim(g, "staff"), kg("status"), kg("denied")), "held"),
    "a confidence that does not follow": (
        lambda g: swap(g, claim(g, "staff"), kg("confidence"), Literal("0.5", datatype=DECIMAL)),
        "held",
    ),
    "a date that does not follow": (lambda g: drop(g, claim(g, "buys"), kg("date"), kg("from"), kg("to")), "held"),
    "a quotation that is none": (lambda g: swap(g, span(g), URIRef(OA + "exact"), Literal("Bouygues")), "quotation"),
    "a span moved by one": (lambda g: swap(g, span(g), URIRef(OA + "start"), Literal(1)), "quotation"),
    "days that are not those of the date": (
        lambda g: swap(g, evidence(g, "buys"), kg("to"), Literal("2021-12-31", datatype=DATE)),
        "dates",
    ),
    "days without a date": (lambda g: drop(g, only(g, "Brief"), URIRef(DCT + "date")), "dates"),
    "an entity of two kinds": (lambda g: put(g, org("ikea"), RDF.type, kg("Product")), "kinds"),
    "a symmetric claim the wrong way round": (lambda g: turn(g, claim(g, "alliesWith")), "symmetric"),
    "a claim of a thing and itself": (lambda g: swap(g, claim(g, "alliesWith"), RDF.object, org("ikea")), "claim-types"),
    "evidence of nothing": (lambda g: put(g, URIRef(f"{BASE}evidence/0"), RDF.type, kg("Evidence")), "orphan"),
    "one key for two briefs": (lambda g: put(g, URIRef(f"{BASE}brief/0"), RDF.type, kg("Brief"), kg("key"), Literal("b#1")), "key"),
    "a redirect to nothing": (
        lambda g: put(g, org("waeg"), RDF.type, kg("Redirect"), URIRef(DCT + "isReplacedBy"), org("nobody")),
        "redirect",
    ),
    "a claim about what was replaced": (
        lambda g: put(g, org("orange"), RDF.type, kg("Redirect"), URIRef(DCT + "isReplacedBy"), org("ikea")),
        "redirect",
    ),
    "a blank node": (lambda g: add_blank(g), "blank-node"),
}


def drop(graph: Graph, subject: URIRef, *predicates: URIRef) -> None:
    """Takes properties away."""
    for predicate in predicates:
        assert (subject, predicate, None) in graph
        graph.remove((subject, predicate, None))


def put(graph: Graph, subject: URIRef, *pairs: URIRef | Literal) -> None:
    """Adds properties: predicate, object, predicate, object…"""
    for predicate, object_ in zip(pairs[::2], pairs[1::2], strict=True):
        graph.add((subject, URIRef(predicate), object_))


def swap(graph: Graph, subject: URIRef, predicate: URIRef, object_: URIRef | Literal) -> None:
    """Gives a property another value."""
    drop(graph, subject, predicate)
    graph.add((subject, predicate, object_))


def retype(graph: Graph, subject: URIRef, class_: str) -> None:
    """Makes an entity one of another class."""
    swap(graph, subject, RDF.type, kg(class_))


def turn(graph: Graph, node: URIRef) -> None:
    """Turns a claim round."""
    subject, object_ = graph.value(node, RDF.subject), graph.value(node, RDF.object)
    assert isinstance(subject, URIRef)
    assert isinstance(object_, URIRef)
    swap(graph, node, RDF.subject, object_)
    swap(graph, node, RDF.object, subject)


def span(graph: Graph) -> URIRef:
    """The place of the evidence of the acquisition."""
    node = graph.value(evidence(graph, "buys"), URIRef(OA + "hasSelector"))
    assert isinstance(node, URIRef)
    return node


def add_blank(graph: Graph) -> None:
    """Adds a node without a name."""
    graph.add((BNode(), RDF.value, Literal("x")))


@pytest.mark.parametrize("how", SPOILT)
def test_what_is_spoilt_is_found(ontology: Ontology, graph: Graph, how: str) -> None:
    spoil, expected = SPOILT[how]
    spoil(graph)
    problems = validate(graph, ontology, shacl=expected not in INTEGRITY)
    found = [p for p in problems if p.shape == expected]
    assert found, f"{expected} not among {shapes(problems)}"
    assert all(p.severity == "violation" and p.message and "\n" not in p.message for p in found)


def test_a_qualifier_out_of_place_is_a_warning(ontology: Ontology, graph: Graph) -> None:
    put(graph, claim(graph, "buys"), kg("share"), Literal(49))
    put(graph, evidence(graph, "buys"), kg("share"), Literal(49))
    assert [(p.severity, p.shape, p.message) for p in validate(graph, ontology)] == [("warning", "qualifiers", "kg:buys takes no share")]


def test_violations_come_first_and_in_order(ontology: Ontology, graph: Graph) -> None:
    put(graph, claim(graph, "buys"), kg("share"), Literal(49))
    drop(graph, evidence(graph, "buys"), kg("rule"))
    problems = validate(graph, ontology)
    assert [p.severity for p in problems] == ["violation"] * (len(problems) - 1) + ["warning"]
    assert problems == validate(graph, ontology)


def test_messages_in_french(ontology: Ontology, graph: Graph) -> None:
    drop(graph, claim(graph, "buys"), RDF.object)
    assert {p.message for p in validate(graph, ontology, lang="fr") if p.shape == "Claim-rdf-object"} == {"Exactement un rdf:object."}
    assert {p.message for p in validate(graph, ontology) if p.shape == "Claim-rdf-object"} == {"Exactly one rdf:object."}


def test_only_some_claims(ontology: Ontology, graph: Graph) -> None:
    buys, staff = str(claim(graph, "buys")), str(claim(graph, "staff"))
    assert validate(graph, ontology, only={buys, staff}) == []
    drop(graph, evidence(graph, "staff"), kg("rule"))
    assert validate(graph, ontology, only={buys}) == []
    assert shapes(validate(graph, ontology, only={staff})) == {"Evidence-rule"}
    retype(graph, org("orange"), "Place")
    assert shapes(validate(graph, ontology, only={buys})) == {"buys-subject", "claim-types"}
    drop(graph, org("orange"), kg("buys"))
    assert "plain-triple" in shapes(validate(graph, ontology, only={buys}))
    assert "plain-triple" not in shapes(validate(graph, ontology, only={staff}))


def test_without_shacl(ontology: Ontology, graph: Graph) -> None:
    drop(graph, evidence(graph, "buys"), kg("rule"))
    assert validate(graph, ontology, shacl=False) == []
    retype(graph, org("orange"), "Place")
    assert shapes(validate(graph, ontology, shacl=False)) == {"claim-types"}
