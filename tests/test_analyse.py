"""The networkx views, on a small graph of sentences of our own, written as design.md says the RDF is."""

from __future__ import annotations

import hashlib
import itertools
import math
import os
import re
import subprocess
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
import rdflib
from crowds import crowd
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDF, RDFS, XSD, Literal, URIRef
from rdflib.term import Node

from kg import analyse, layout
from kg.model import Span, Status
from kg.namespaces import DCT, DEFAULT_BASE, KG, OA, OWL, PROV, SCHEMA, SKOS
from kg.ontology import Ontology, load

HOSTILE = "<img src=x onerror=alert(1)>"


@dataclass(frozen=True)
class Said:
    """A claim and the words of the brief that say it."""

    subject: str
    relation: str
    object: str
    trigger: str
    status: Status = Status.ASSERTED
    confidence: float = 0.9
    qualifiers: Mapping[str, str] = field(default_factory=dict)


P, R, D = Status.PLANNED, Status.RUMOURED, Status.DENIED
ENTITIES = {  # words of the briefs → class, label, aliases
    "IBM": ("Company", "IBM", ("big blue",)),
    "Red Hat": ("Company", "Red Hat", ()),
    "Microsoft": ("Company", "Microsoft", ()),
    "Nokia": ("Company", "Nokia", ()),
    "LinkedIn": ("Product", "LinkedIn", ()),
    "GitHub": ("Product", "GitHub", ()),
    "Azure": ("Product", "Azure", ()),
    "Satya Nadella": ("Person", "Satya Nadella", ()),
    "Mistral AI": ("Company", "Mistral AI", ()),
    "Le Chat": ("Product", "Le Chat", ()),
    "Sequoia": ("Investor", "Sequoia", ()),
    "Bpifrance": ("Investor", "Bpifrance", ("la banque publique",)),
    "la Cnil": ("PublicBody", "CNIL", ("Commission nationale de l’informatique et des libertés",)),
    "Doctolib": ("Company", "Doctolib", ()),
    "OVHcloud": ("Company", "OVHcloud", ("OVH",)),
    "Scaleway": ("Company", "Scaleway", ()),
    "Équinoxe": ("Company", "Équinoxe", ()),
    "Numspot": ("Company", "Numspot", ()),
    "le consortium Nuage": ("Consortium", "consortium Nuage", ()),
    "Héloïse Ménard": ("Person", "Héloïse Ménard", ()),
    "français": ("Place", "France", ()),
    "Roubaix": ("Place", "Roubaix", ()),
    "le Digital Markets Act": ("Law", "Digital Markets Act", ("DMA",)),
    "Apple": ("Company", "Apple", ()),
    "Inria": ("Organization", "Inria", ()),
    "Flûte à bec 🎶": ("Product", "Flûte à bec 🎶", ()),
    "Œuvre numérique": ("Company", "Œuvre numérique", ()),
    HOSTILE: ("Company", HOSTILE, ("</script><script>alert(2)</script>",)),
    "{{7*7}}": ("Product", "{{7*7}}", ()),
    "Solitude": ("Company", "Solitude", ()),
}
BRIEFS: list[tuple[str, str | None, str, list[Said]]] = [
    (
        "journal#1",
        "2024-02-05",
        "IBM met la main sur Red Hat pour 34 milliards de dollars. Red Hat a été fondé en 1993 et compte 19 000 salariés.",
        [
            Said("IBM", "acquires", "Red Hat", "met la main sur", confidence=0.95, qualifiers={"amount": "34000000000 USD"}),
            Said("Red Hat", "foundedIn", "1993", "a été fondé en"),
            Said("Red Hat", "employees", "19000", "salariés"),
        ],
    ),
    (
        "journal#2",
        "2024-02-12",
        "IBM s'allie à Red Hat autour du nuage hybride et concurrence Microsoft. Selon nos informations, IBM céderait Red Hat avant 2030.",
        [
            Said("IBM", "partnersWith", "Red Hat", "s'allie à"),
            Said("IBM", "competesWith", "Microsoft", "concurrence"),
            Said("IBM", "sells", "Red Hat", "céderait", R, 0.6, {"date": "2030"}),
        ],
    ),
    (
        "journal#3",
        "2024-03-01",
        "Microsoft, dirigé par Satya Nadella, a racheté LinkedIn puis GitHub, mais ne rachètera pas Nokia. "
        "Azure s'appuie désormais sur GitHub.",
        [
            Said("Satya Nadella", "holdsPositionAt", "Microsoft", "dirigé par", qualifiers={"role": "directeur général"}),
            Said("Microsoft", "acquires", "LinkedIn", "a racheté"),
            Said("Microsoft", "acquires", "GitHub", "a racheté"),
            Said("Microsoft", "acquires", "Nokia", "ne rachètera pas", D, 0.85),
            Said("Azure", "integrates", "GitHub", "s'appuie", confidence=0.7),
        ],
    ),
    (
        "journal#4",
        "2024-03-14",
        "Mistral AI, le français qui monte, lève 385 millions d'euros ; Sequoia et Bpifrance investissent dans Mistral AI. "
        "Mistral AI lance Le Chat sur Azure.",
        [
            Said("Mistral AI", "basedIn", "français", "le français"),
            Said("Mistral AI", "raised", "385000000 EUR", "lève"),
            Said("Sequoia", "investsIn", "Mistral AI", "investissent"),
            Said("Bpifrance", "investsIn", "Mistral AI", "investissent"),
            Said("Mistral AI", "launches", "Le Chat", "lance", confidence=0.94),
            Said("Le Chat", "competesWith", "Azure", "sur", R, 0.3),
        ],
    ),
    (
        "journal#5",
        "2024-04-02",
        "OVHcloud veut ouvrir un centre de calcul à Roubaix avec Scaleway et Numspot, qui rejoignent le consortium Nuage. "
        "Héloïse Ménard prend la tête d'OVHcloud.",
        [
            Said("OVHcloud", "operatesIn", "Roubaix", "ouvrir un centre de calcul à", P, 0.8, {"date": "2025-06"}),
            Said("Scaleway", "memberOf", "le consortium Nuage", "rejoignent"),
            Said("Numspot", "memberOf", "le consortium Nuage", "rejoignent"),
            Said("OVHcloud", "leads", "le consortium Nuage", "avec", confidence=0.6),
            Said("OVHcloud", "appoints", "Héloïse Ménard", "prend la tête", qualifiers={"role": "directrice générale"}),
            Said("OVHcloud", "competesWith", "Scaleway", "avec", confidence=0.55),
        ],
    ),
    (
        "journal#6",
        None,
        "la Cnil enquête sur Doctolib, concurrent d'Œuvre numérique. "
        "Apple s'oppose à le Digital Markets Act et dément vouloir racheter Mistral AI.",
        [
            Said("la Cnil", "investigates", "Doctolib", "enquête sur"),
            Said("Doctolib", "competesWith", "Œuvre numérique", "concurrent d'"),
            Said("Apple", "opposes", "le Digital Markets Act", "s'oppose à"),
            Said("Apple", "acquires", "Mistral AI", "dément vouloir racheter", D, 0.9, {"amount": "14000000000 USD"}),
        ],
    ),
    (
        "journal#7",
        "2024-05-20",
        "🎉 Petit évènement 🎶 : Équinoxe dévoile sa Flûte à bec 🎶, conçue avec Inria. Solitude n'a rien annoncé.",
        [
            Said("Équinoxe", "launches", "Flûte à bec 🎶", "dévoile"),
            Said("Équinoxe", "partnersWith", "Inria", "conçue avec"),
        ],
    ),
    (
        "journal#8",
        "2024-05-21",
        "<img src=x onerror=alert(1)> achète {{7*7}} </script><script>alert(3)</script> et ${7*7}.",
        [Said(HOSTILE, "acquires", "{{7*7}}", "achète")],
    ),
    (
        "journal#9",
        "2024-06-01",
        "Comme prévu, big blue met la main sur Red Hat. Bpifrance mise aussi sur Doctolib et devrait soutenir Scaleway.",
        [
            Said("IBM", "acquires", "Red Hat", "met la main sur", confidence=0.8),
            Said("Bpifrance", "investsIn", "Doctolib", "mise aussi sur"),
            Said("Bpifrance", "investsIn", "Scaleway", "devrait soutenir", P, 0.7),
        ],
    ),
]


def iri(*parts: str) -> URIRef:
    return URIRef(DEFAULT_BASE + "/".join(parts))


def entity(words: str, ontology: Ontology) -> URIRef:
    kind, label, _ = ENTITIES[words]
    return iri(ontology.kind(kind), re.sub(r"[^a-z0-9]+", "-", fold(label)))


def fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c)).strip(" <>{}")


Add = Callable[[URIRef, str, Node], object]


def hashed(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def sample(ontology: Ontology) -> rdflib.Graph:
    """The briefs above as RDF."""
    graph = rdflib.Graph()
    said: dict[URIRef, list[tuple[str | None, Said]]] = {}

    def add(s: URIRef, p: str, o: Node) -> None:
        graph.add((s, URIRef(p), o))

    for words, (kind, label, aliases) in ENTITIES.items():
        node = entity(words, ontology)
        add(node, str(RDF.type), URIRef(KG + kind))
        add(node, str(RDFS.label), Literal(label))
        for alias in aliases:
            add(node, SKOS + "altLabel", Literal(alias))
    add(entity("IBM", ontology), OWL + "sameAs", URIRef("http://www.wikidata.org/entity/Q37156"))
    add(entity("IBM", ontology), OWL + "sameAs", URIRef("javascript:alert(4)"))
    for key, date, text, claims in BRIEFS:
        brief = iri("brief", hashed(key))
        add(brief, str(RDF.type), URIRef(KG + "Brief"))
        add(brief, KG + "key", Literal(key))
        add(brief, SCHEMA + "text", Literal(text, lang="fr"))
        if date:
            add(brief, DCT + "date", Literal(date, datatype=XSD.date))

        def span(start: int, end: int, brief: URIRef = brief, key: str = key, text: str = text) -> URIRef:
            node = iri("span", f"{hashed(key)}-{start}-{end}")
            add(node, str(RDF.type), URIRef(OA + "TextPositionSelector"))
            add(node, OA + "start", Literal(start))
            add(node, OA + "end", Literal(end))
            add(node, OA + "exact", Literal(text[start:end]))
            return node

        for c in claims:
            claim, evidence = claim_iri(c, ontology), iri("evidence", hashed(key, c.subject, c.relation, c.object))
            said.setdefault(claim, []).append((date, c))
            add(claim, PROV + "wasDerivedFrom", evidence)
            start = max((m.end() for m in re.finditer(r"[.] ", text) if m.end() <= text.index(c.trigger)), default=0)
            stop = text.find(". ", start)
            end = len(text) if stop < 0 else stop + 1
            add(evidence, str(RDF.type), URIRef(KG + "Evidence"))
            add(evidence, KG + "rule", Literal(f"{c.relation}/verb/active"))
            add(evidence, OA + "hasSource", brief)
            add(evidence, OA + "hasSelector", span(start, end))
            for role, words in (("trigger", c.trigger), ("subject", c.subject), ("object", c.object)):
                at = text.find(words, start)
                if at >= 0:
                    add(evidence, KG + role, span(at, at + len(words)))
            describe(add, evidence, c.status, c.confidence, c.qualifiers)
    for claim, pieces in said.items():
        first = pieces[0][1]
        add(claim, str(RDF.type), URIRef(KG + "Claim"))
        add(claim, str(RDF.subject), entity(first.subject, ontology))
        add(claim, str(RDF.predicate), URIRef(KG + first.relation))
        add(claim, str(RDF.object), value(first.object, ontology, graph))
        qualifiers = {k: v for _, c in pieces for k, v in c.qualifiers.items()}
        describe(add, claim, first.status, first.confidence, qualifiers)
    return graph


def claim_iri(c: Said, ontology: Ontology) -> URIRef:
    return iri("claim", hashed(c.subject, c.relation, c.object))


def describe(add: Add, node: URIRef, status: Status, confidence: float, qualifiers: Mapping[str, str]) -> None:
    add(node, KG + "status", URIRef(KG + status))
    add(node, KG + "confidence", Literal(str(confidence), datatype=XSD.decimal))
    for name, text in qualifiers.items():
        add(node, KG + name, money(text, add) if name == "amount" else Literal(text))


def money(text: str, add: Add) -> URIRef:
    amount, currency = text.split()
    node = iri("money", currency, amount)
    add(node, str(RDF.type), URIRef(SCHEMA + "MonetaryAmount"))
    add(node, SCHEMA + "value", Literal(int(amount)))
    add(node, SCHEMA + "currency", Literal(currency))
    return node


def value(words: str, ontology: Ontology, graph: rdflib.Graph) -> Node:
    if words in ENTITIES:
        return entity(words, ontology)
    if " " in words:
        return money(words, lambda s, p, o: graph.add((s, URIRef(p), o)))
    return Literal(words, datatype=XSD.gYear) if len(words) == 4 else Literal(int(words))


RELATIONS = {  # French label, English label, symmetric
    "acquires": ("rachète", "acquires", False),
    "appoints": ("nomme", "appoints", False),
    "basedIn": ("est basé en", "is based in", False),
    "competesWith": ("concurrence", "competes with", True),
    "holdsPositionAt": ("a un poste chez", "holds a position at", False),
    "integrates": ("intègre", "integrates", False),
    "investigates": ("enquête sur", "investigates", False),
    "investsIn": ("investit dans", "invests in", False),
    "launches": ("lance", "launches", False),
    "leads": ("mène", "leads", False),
    "memberOf": ("est membre de", "is a member of", False),
    "operatesIn": ("est présent à", "operates in", False),
    "opposes": ("s’oppose à", "opposes", False),
    "partnersWith": ("est partenaire de", "partners with", True),
    "sells": ("cède", "sells", False),
}
ATTRIBUTES = {
    "employees": ("effectif", "employees", "integer"),
    "foundedIn": ("création", "founded", "date"),
    "raised": ("levée de fonds", "raised", "money"),
}


def small_ontology(folder: Path) -> Ontology:
    """The shipped classes with relations of a few lines: these tests are about drawing, not about the domain."""
    shipped = Path(__file__).resolve().parents[1] / "ontology" / "classes.toml"
    (folder / "classes.toml").write_bytes(shipped.read_bytes())
    for kind, names in (("relations", sorted(RELATIONS)), ("attributes", sorted(ATTRIBUTES))):
        (folder / kind).mkdir()
        for name in names:
            fr, en, extra = ATTRIBUTES[name] if kind == "attributes" else RELATIONS[name]
            (folder / kind / f"{name}.toml").write_text(
                f'label = {{ fr = "{fr}", en = "{en}" }}\ncomment = {{ fr = "Dit que {fr}.", en = "Says that {en}." }}\n'
                f'because = "« {{trigger}} » : {{subject}} {fr}."\ndomain = ["Organization"]\n'
                + (f'value = "{extra}"\n' if kind == "attributes" else f'range = ["Organization"]\nsymmetric = {str(extra).lower()}\n'),
                encoding="utf-8",
            )
    return load((folder,))


@pytest.fixture(scope="module")
def ontology(tmp_path_factory: pytest.TempPathFactory) -> Ontology:
    return small_ontology(tmp_path_factory.mktemp("ontology"))


@pytest.fixture(scope="module")
def net(ontology: Ontology) -> nx.MultiDiGraph[str]:
    return analyse.network(sample(ontology), ontology)


def edges_of(net: nx.MultiDiGraph[str], subject: str, object_: str) -> dict[str, dict[str, Any]]:
    """The claims between two entities, by relation."""
    label = net.nodes(data="label")
    return {d["relation"]: d for s, o, d in net.edges(data=True) if (label[s], label[o]) == (subject, object_)}


def test_every_entity_is_a_node_and_every_claim_an_edge(net: nx.MultiDiGraph[str]) -> None:
    claims = {(c.subject, c.relation, c.object) for *_, said in BRIEFS for c in said}
    links = {c for c in claims if c[1] not in ATTRIBUTES}
    assert len(net) == len(ENTITIES)
    assert net.number_of_edges() == len(links) == 29
    assert sorted(d["relation"] for *_, d in net.edges(data=True)) == sorted(relation for _, relation, _ in links)
    assert list(net) == sorted(net)
    assert [k for *_, k in sorted(net.edges(keys=True), key=lambda e: e[2])] == sorted(d["claim"] for *_, d in net.edges(data=True))


def test_a_node_knows_its_names_class_links_and_values(net: nx.MultiDiGraph[str]) -> None:
    by_label = {d["label"]: d for _, d in net.nodes(data=True)}
    assert by_label["IBM"]["aliases"] == ("big blue",)
    assert by_label["IBM"]["type"] == "Company"
    assert "http://www.wikidata.org/entity/Q37156" in by_label["IBM"]["same_as"]
    assert [(v.attribute, v.value) for v in by_label["Red Hat"]["attributes"]] == [("employees", "19000"), ("foundedIn", "1993")]
    assert [(v.attribute, v.value) for v in by_label["Mistral AI"]["attributes"]] == [("raised", "385000000 EUR")]
    assert by_label["Sequoia"]["type"] == "Investor"


def test_an_edge_gathers_the_evidence_of_its_claim(net: nx.MultiDiGraph[str]) -> None:
    bought = edges_of(net, "IBM", "Red Hat")["acquires"]
    assert bought["status"] is Status.ASSERTED
    assert bought["qualifiers"] == {"amount": "34000000000 USD"}
    assert [net.graph["briefs"][q.brief].key for q in bought["evidence"]] == ["journal#1", "journal#9"]
    first = bought["evidence"][0]
    assert first.sentence == "IBM met la main sur Red Hat pour 34 milliards de dollars."
    assert first.trigger is not None and first.trigger.of(first.sentence) == "met la main sur"
    assert first.rule == "acquires/verb/active"
    assert edges_of(net, "Microsoft", "Nokia")["acquires"]["status"] is Status.DENIED
    assert edges_of(net, "OVHcloud", "Roubaix")["operatesIn"]["status"] is Status.PLANNED


def test_spans_are_counted_from_the_sentence_and_left_out_when_they_lie_elsewhere(net: nx.MultiDiGraph[str]) -> None:
    quote = edges_of(net, "IBM", "Red Hat")["acquires"]["evidence"][1]
    assert quote.sentence == "Comme prévu, big blue met la main sur Red Hat."
    assert quote.object is not None and quote.object.of(quote.sentence) == "Red Hat"
    assert quote.subject is None  # « IBM » is not in that sentence
    late = edges_of(net, "Azure", "GitHub")["integrates"]["evidence"][0]
    assert late.start > 0 and late.trigger is not None and late.trigger.of(late.sentence) == "s'appuie"


def test_the_most_specific_class_counts(ontology: Ontology) -> None:
    graph = sample(ontology)
    sequoia = entity("Sequoia", ontology)
    graph.add((sequoia, RDF.type, URIRef(KG + "Company")))
    graph.add((sequoia, RDF.type, URIRef(KG + "Organization")))
    assert analyse.network(graph, ontology).nodes[str(sequoia)]["type"] == "Investor"


def test_a_graph_of_nothing_is_an_empty_network(ontology: Ontology) -> None:
    empty = analyse.network(rdflib.Graph(), ontology)
    assert len(empty) == 0 and layout.positions(empty, {}) == {} and analyse.communities(empty) == {} and analyse.period(empty) is None


def test_the_text_of_the_brief_serves_when_no_quotation_is_kept(ontology: Ontology) -> None:
    graph = sample(ontology)
    graph.remove((None, URIRef(OA + "exact"), None))
    found = analyse.network(graph, ontology)
    assert edges_of(found, "IBM", "Red Hat")["acquires"]["evidence"][0].sentence.startswith("IBM met la main sur Red Hat")
    graph.remove((None, URIRef(SCHEMA + "text"), None))
    bare = edges_of(analyse.network(graph, ontology), "IBM", "Red Hat")["acquires"]["evidence"][0]
    assert bare.sentence == "" and bare.trigger is None


def test_what_the_store_writes_is_read(ontology: Ontology) -> None:
    """The real writer of RDF, so that the two cannot drift apart."""
    from kg.graph import current_run, open_store
    from kg.model import Brief, Claim, Entity, Evidence, Extraction

    text = "🎈 Borealis croque Zéphyr pour 3 millions d'euros."
    spans = {w: Span(text.index(w), text.index(w) + len(w)) for w in ("Borealis", "Zéphyr", "croque")}
    evidence = Evidence(
        "b#1",
        Span(0, len(text)),
        spans["croque"],
        spans["Borealis"],
        spans["Zéphyr"],
        "acquires/verb/active",
        confidence=0.9,
        amount="3000000 EUR",
    )
    extraction = Extraction(
        Brief("b#1", text, "2024-01-02", title="Titre"),
        (Entity("Borealis", "Company"), Entity("Zéphyr", "Company", ("le vent",))),
        (),
        ((Claim("Borealis", "acquires", "Zéphyr"), evidence),),
    )
    with open_store("memory") as store:
        store.add(extraction, ontology, current_run(ontology))
        found = analyse.network(store.graph, ontology)
    bought = edges_of(found, "Borealis", "Zéphyr")["acquires"]
    quote = bought["evidence"][0]
    assert (quote.sentence, bought["qualifiers"], bought["confidence"]) == (text, {"amount": "3000000 EUR"}, 0.9)
    assert [s and s.of(quote.sentence) for s in (quote.trigger, quote.subject, quote.object)] == ["croque", "Borealis", "Zéphyr"]
    assert found.graph["briefs"][quote.brief] == analyse.Brief(quote.brief, "b#1", "Titre", "2024-01-02", None, text)


# --- what is computed -------------------------------------------------------------------------------------------------


def test_the_most_connected_come_first(net: nx.MultiDiGraph[str]) -> None:
    weight = analyse.importance(net)
    order = analyse.ranked(net)
    assert [weight[n] for n in order] == sorted(weight.values(), reverse=True)
    assert {net.nodes[n]["label"] for n in order[:2]} == {"Microsoft", "Mistral AI"}
    assert net.nodes[order[-1]]["label"] == "Solitude" and weight[order[-1]] == 0


def test_only_the_most_central_are_kept_of_too_many(net: nx.MultiDiGraph[str]) -> None:
    kept = analyse.most_central(net, 6)
    assert set(kept) == set(analyse.ranked(net)[:6])
    assert {k for *_, k in kept.edges(keys=True)} == {k for s, o, k in net.edges(keys=True) if s in kept and o in kept}
    assert analyse.most_central(net, len(net)) is net


def test_communities_hold_together(net: nx.MultiDiGraph[str]) -> None:
    group = {net.nodes[n]["label"]: c for n, c in analyse.communities(net).items()}
    assert group["IBM"] == group["Red Hat"]
    assert group["Équinoxe"] == group["Inria"] != group["IBM"]
    sizes = [list(group.values()).count(c) for c in range(max(group.values()) + 1)]
    assert sizes == sorted(sizes, reverse=True)


def test_measures_count_what_stands_around(net: nx.MultiDiGraph[str]) -> None:
    measures = {net.nodes[n]["label"]: m for n, m in analyse.centrality(net).items()}
    assert list(measures) == [net.nodes[n]["label"] for n in analyse.ranked(net)]
    redhat = measures["Red Hat"]
    assert redhat.neighbours == len({"IBM"} | {net.nodes[n]["label"] for n in nx.all_neighbors(net, find(net, "Red Hat"))})
    assert redhat.claims == net.degree(find(net, "Red Hat")) + 2  # two values
    assert measures["Solitude"] == analyse.Measures(0, 0, 0, 0.0, measures["Solitude"].community)
    assert max(measures.values(), key=lambda m: m.betweenness).betweenness <= 1


def find(net: nx.MultiDiGraph[str], label: str) -> str:
    return next(str(n) for n, d in net.nodes(data=True) if d["label"] == label)


def chain(*pairs: tuple[str, str], relation: str = "investsIn") -> nx.MultiDiGraph[str]:
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph(briefs={})
    for number, (s, o) in enumerate(pairs):
        for n in (s, o):
            made.add_node(n, label=n.upper(), type="Company", aliases=(), same_as=(), attributes=())
        data = {"status": Status.ASSERTED, "confidence": 0.5, "qualifiers": {}, "evidence": ()}
        made.add_edge(s, o, key=f"c{number}", claim=f"c{number}", relation=relation, **data)
    return made


def test_bridges_are_what_alone_holds_parts_together() -> None:
    made = chain(("a", "b"), ("b", "c"), ("c", "a"), ("c", "d"), ("d", "e"), ("e", "f"), ("f", "d"), ("f", "g"))
    assert [(b.one, b.other, b.apart) for b in analyse.bridges(made)] == [("c", "d", 3), ("f", "g", 1)]


@given(st.sets(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=25))
def test_a_bridge_taken_away_leaves_as_many_apart_as_it_says(pairs: set[tuple[int, int]]) -> None:
    made = chain(*((f"n{a:02}", f"n{b:02}") for a, b in sorted(pairs) if a != b))
    links = nx.Graph(made.to_undirected())
    for bridge in analyse.bridges(made):
        rest = links.copy()
        rest.remove_edge(bridge.one, bridge.other)
        sides = [nx.node_connected_component(rest, n) for n in (bridge.one, bridge.other)]
        assert sides[0].isdisjoint(sides[1]) and min(map(len, sides)) == bridge.apart
    assert len(analyse.bridges(made)) == sum(1 for _ in nx.bridges(links))


@given(st.sets(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=20), st.integers(0, 9), st.integers(0, 9))
def test_a_path_is_a_shortest_one(pairs: set[tuple[int, int]], one: int, other: int) -> None:
    made = chain(*((f"n{a}", f"n{b}") for a, b in sorted(pairs) if a != b))
    start, end = f"n{one}", f"n{other}"
    found, links = analyse.path(made, start, end), made.to_undirected()
    if start not in made or end not in made or not nx.has_path(links, start, end):
        assert found is None
        return
    assert found is not None and (found[0], found[-1]) == (start, end)
    assert len(found) == nx.shortest_path_length(links, start, end) + 1
    assert all(analyse.between(made, a, b) for a, b in itertools.pairwise(found))


def test_of_two_paths_the_one_through_the_less_known_counts() -> None:
    made = chain(("a", "hub"), ("b", "hub"), ("a", "law"), ("b", "law"), *((f"x{i}", "hub") for i in range(5)))
    assert analyse.path(made, "a", "b") == ["a", "law", "b"]


def test_co_investors_share_what_they_hold() -> None:
    made = chain(("v", "x"), ("w", "x"), ("v", "y"), ("w", "y"), ("u", "y"))
    assert analyse.shared(made, "investsIn") == [("v", "w", ("x", "y")), ("u", "v", ("y",)), ("u", "w", ("y",))]
    made.edges["w", "x", "c1"]["status"] = Status.DENIED
    assert analyse.shared(made, "investsIn")[0] == ("u", "v", ("y",))
    assert analyse.shared(made, "acquires") == []


def test_growth_adds_up_to_everything(net: nx.MultiDiGraph[str]) -> None:
    months = analyse.growth(net)
    told = analyse.summary(net)
    assert [m.month for m in months if m.month] == sorted(m.month for m in months if m.month)
    assert (months[-1].all_entities, months[-1].all_claims) == (told["entities"], told["claims"])
    assert sum(m.briefs for m in months) == told["briefs"]
    assert months[0].month == "2024-02" and months[0].claims > 0


def test_communities_are_described(net: nx.MultiDiGraph[str]) -> None:
    found = analyse.described_communities(net)
    group = analyse.communities(net)
    links = nx.Graph(net.to_undirected())
    assert sum(c.within for c in found) + sum(c.outside for c in found) / 2 == links.number_of_edges() - nx.number_of_selfloops(links)
    assert all(group[n] == c.number for c in found for n in c.members)


def test_what_is_around_is_near(net: nx.MultiDiGraph[str]) -> None:
    ibm = find(net, "IBM")
    near = analyse.around(net, [ibm], 1)
    assert set(near) == {ibm, *nx.all_neighbors(net, ibm)}
    assert set(near.graph["briefs"]) < set(net.graph["briefs"])
    assert len(analyse.around(net, [ibm], 9)) == len(nx.node_connected_component(net.to_undirected(), ibm))


def test_the_summary_counts(net: nx.MultiDiGraph[str]) -> None:
    told = analyse.summary(net)
    assert (told["briefs"], told["entities"], told["claims"]) == (len(BRIEFS), len(ENTITIES), 32)
    assert told["by_status"] == {"asserted": 26, "planned": 2, "rumoured": 2, "denied": 2}
    assert analyse.period(net) == ("2024-02-05", "2024-06-01")


def boxes(net: nx.MultiDiGraph[str], at: Mapping[str, tuple[int, int]]) -> Iterator[tuple[float, float, float, float]]:
    for n, (x, y) in at.items():
        w, h = layout._box(net.nodes[n]["label"])
        yield x - w, y - h, x + w, y + h


def overlapping(rectangles: list[tuple[float, float, float, float]]) -> int:
    pairs = ((a, b) for i, a in enumerate(rectangles) for b in rectangles[:i])
    return sum(a[0] < b[2] - 2 and b[0] < a[2] - 2 and a[1] < b[3] - 2 and b[1] < a[3] - 2 for a, b in pairs)


def test_no_two_names_stand_on_the_same_place(net: nx.MultiDiGraph[str]) -> None:
    at = layout.positions(net, analyse.communities(net))
    assert at.keys() == set(net)
    assert overlapping(list(boxes(net, at))) == 0


def test_a_crowd_is_laid_out_in_islands_that_keep_apart() -> None:
    made = crowd(600)
    before = time.perf_counter()
    at = layout.positions(made, analyse.communities(made))
    assert time.perf_counter() - before < 20
    assert len(set(at.values())) == len(made)
    assert overlapping(list(boxes(made, at))) < len(made) / 50
    group = analyse.communities(made)
    within = [math.dist(at[s], at[o]) for s, o in made.edges() if group[s] == group[o]]
    between = [math.dist(at[s], at[o]) for s, o in made.edges() if group[s] != group[o]]
    assert within and between and sum(within) / len(within) < sum(between) / len(between) / 2


@pytest.mark.parametrize("names", [["Seule"], ["A", "B"], []])
def test_entities_without_links_have_their_rows(names: list[str]) -> None:

    made: nx.MultiDiGraph[str] = nx.MultiDiGraph(briefs={})
    for n in names:
        made.add_node(n, label=n, type="Company", aliases=(), same_as=(), attributes=())
    at = layout.positions(made, analyse.communities(made))
    assert len(set(at.values())) == len(names)


def test_the_same_network_and_places_whatever_the_order_of_sets(tmp_path: Path) -> None:
    """Python orders sets of strings anew in every process unless told otherwise."""
    code = (
        "import hashlib, pathlib, sys, test_analyse as t, crowds; from kg import analyse, layout\n"
        "o = t.small_ontology(pathlib.Path(sys.argv[1]))\n"
        "n = analyse.network(t.sample(o), o); c = crowds.crowd(200)\n"
        "edges = sorted(n.edges(keys=True, data=True), key=lambda e: e[2])\n"
        "told = [list(n.nodes(data=True)), edges, analyse.communities(n), *(layout.positions(x, analyse.communities(x)) for x in (n, c))]\n"
        "print(hashlib.sha256(repr(told).encode()).hexdigest())\n"
    )
    here = Path(__file__).resolve().parent
    seen = set()
    for seed in ("0", "1", "20"):
        folder = tmp_path / seed
        folder.mkdir()
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}"}
        done = subprocess.run([sys.executable, "-c", code, str(folder)], env=env, capture_output=True, text=True, check=True)
        seen.add(done.stdout)
    assert len(seen) == 1
