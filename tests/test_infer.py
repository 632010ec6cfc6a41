"""What follows from the ontology: nothing silly, nothing inconsistent, and in a layer that can be taken away."""

from __future__ import annotations

from pathlib import Path

import owlrl
import pyoxigraph as ox
import pytest
import rdflib
from graphs import BASE, RUN, Writer, shape_briefs, small_ontology, stored
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import OWL, RDF, RDFS, URIRef

from kg import cli, infer, vocabulary
from kg.graph import Store, open_store
from kg.namespaces import KG
from kg.ontology import Ontology, load
from kg.writers import chosen

SHIPPED = Path(__file__).parent.parent / "ontology"
DOMAIN = small_ontology()
LAYER = ox.NamedNode(f"{BASE}graph/inferred")


def closed(graph: rdflib.Graph) -> list[str]:
    """Closes a graph under OWL 2 RL; what the reasoner finds contradictory."""
    closure = owlrl.DeductiveClosure(owlrl.OWLRL_Semantics, rdfs_closure=False, axiomatic_triples=False, datatype_axioms=False)
    closure.expand(graph)
    return sorted(str(o) for s, p, o in graph if "error" in str(p).rsplit("#", 1)[-1].lower())


def as_rdflib(triples: list[ox.Triple], ontology: str) -> rdflib.Graph:
    """Triples and an ontology as one rdflib graph."""
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""
    return rdflib.Graph().parse(data=data, format="nt").parse(data=ontology, format="turtle")


def kg(name: str) -> URIRef:
    """A term of ours."""
    return URIRef(KG + name)


# --- the ontology -----------------------------------------------------------------------------------------------------


def test_no_class_is_empty_by_contradiction() -> None:
    graph = rdflib.Graph().parse(SHIPPED / "kg.ttl").parse(SHIPPED / "alignments.ttl")
    classes = sorted(graph.subjects(RDF.type, OWL.Class), key=str)
    assert len(classes) > 15
    for number, class_ in enumerate(classes):
        graph.add((URIRef(f"urn:one:{number}"), RDF.type, class_))
    assert closed(graph) == []
    assert set(graph.subjects(RDFS.subClassOf, OWL.Nothing)) <= {OWL.Nothing}


def test_a_contradiction_would_be_found() -> None:
    graph = rdflib.Graph().parse(SHIPPED / "kg.ttl")
    graph.add((URIRef("urn:x"), RDF.type, kg("Person")))
    graph.add((URIRef("urn:x"), kg("basedIn"), URIRef("urn:y")))  # whose subject is an organisation
    found = closed(graph)
    assert found and any("Person" in e or "disjoint" in e.lower() for e in found)


def test_the_seeds_and_the_ontology_entail_nothing_silly(seeds_store: Store) -> None:
    triples = chosen(seeds_store)
    graph = as_rdflib(triples, (SHIPPED / "kg.ttl").read_text(encoding="utf-8"))
    told = {(URIRef(str(t.subject)[1:-1]), URIRef(str(t.object)[1:-1])) for t in triples if t.predicate.value == str(RDF.type)}
    assert closed(graph) == []
    domain = load((SHIPPED,))
    entities = {s for s, c in told if str(c).removeprefix(KG) in domain.entity_classes}
    assert len(entities) > 40
    for entity in entities:
        (own,) = (str(c).removeprefix(KG) for s, c in told if s == entity)
        found = {str(c).removeprefix(KG) for c in graph.objects(entity, RDF.type) if str(c).startswith(KG)}
        assert found == domain.ancestors(own), f"{entity} is a {own}"
    same = {
        frozenset(pair) for pair in graph.subject_objects(OWL.sameAs) if pair[0] != pair[1] and pair[0] in entities and pair[1] in entities
    }
    assert same == set(), "no two entities become one"


# --- kg infer ---------------------------------------------------------------------------------------------------------


def _closure(triples: list[ox.Triple], ontology: Ontology) -> set[tuple[str, str, str]]:
    """All that OWL 2 RL makes of classes and of our own properties, by the reasoner of others."""
    turtle = vocabulary.vocabulary(ontology)
    # Domains and ranges give types too; the graph has them, and infer leaves them to the shapes.
    graph = rdflib.Graph().parse(data=turtle, format="turtle")
    graph.remove((None, RDFS.domain, None))
    graph.remove((None, RDFS.range, None))
    # Nor does infer repeat of a country's other IRI all that is said of the country.
    whole = as_rdflib([t for t in triples if t.predicate.value != str(OWL.sameAs)], graph.serialize(format="turtle"))
    closed(whole)
    subjects = {str(t.subject) for t in triples}
    return {
        (s.n3(), p.n3(), o.n3())
        for s, p, o in whole
        if (s.n3() in subjects or (isinstance(s, URIRef) and str(s).startswith(BASE)))
        and (p == RDF.type and o != OWL.Thing or str(p).startswith(KG))
        and not str(o).startswith(str(RDFS))
    }


def _n3(triples: set[ox.Triple]) -> set[tuple[str, str, str]]:
    return {
        (str(t.subject), str(t.predicate), str(t.object)) for t in triples if t.predicate.value == str(RDF.type) or KG in t.predicate.value
    }


def test_it_is_what_a_reasoner_says() -> None:
    domain = load((SHIPPED,))
    store = open_store("memory", base=BASE)
    for extraction in shape_briefs():
        store.add(extraction, domain, RUN)
    triples = list(store.triples())
    told, found = set(triples), set(infer.entailed(triples, domain))
    assert not told & found
    links = {t for t in told | found if isinstance(t.object, ox.NamedNode)}
    assert _n3(links) == {t for t in _closure(triples, domain) if t[2].startswith("<")}
    said = {
        (str(t.subject)[1:-1].removeprefix(BASE), t.predicate.value.removeprefix(KG), str(t.object)[1:-1].removeprefix(BASE)) for t in found
    }
    assert ("org/zinc", "acquiredBy", "org/acier-bleu") in said
    assert ("place/france", "seatOf", "org/acier-bleu") in said
    assert ("person/lea-roy", str(RDF.type), KG + "Agent") in said


RELATIONS = ["acquires", "partnersWith", "basedIn"]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(RELATIONS), st.sampled_from("abc")), max_size=6))
def test_symmetry_and_inverses_hold_for_any_graph(links: list[tuple[str, str, str]]) -> None:
    domain = load((SHIPPED,))
    triples = [ox.Triple(*(ox.NamedNode(i) for i in (f"{BASE}org/{s}", KG + p, f"{BASE}org/{o}"))) for s, p, o in links]
    whole = set(triples) | set(infer.entailed(triples, domain))
    assert not set(infer.entailed(whole, domain)), "what follows from all that follows is there already"
    for triple in triples:
        back = {"acquires": "acquiredBy", "partnersWith": "partnersWith", "basedIn": "seatOf"}[triple.predicate.value.removeprefix(KG)]
        assert ox.Triple(triple.object, ox.NamedNode(KG + back), triple.subject) in whole  # type: ignore[arg-type]


def test_subproperties_are_followed_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    turtle = vocabulary.vocabulary(load((SHIPPED,))) + (
        "\nkg:swallows rdfs:subPropertyOf kg:acquires .\nkg:weds rdfs:subPropertyOf kg:partnersWith .\n"
    )
    monkeypatch.setattr(vocabulary, "vocabulary", lambda _: turtle)
    a, b = ox.NamedNode("urn:a"), ox.NamedNode("urn:b")

    def term(name: str) -> ox.NamedNode:
        return ox.NamedNode(KG + name)

    given_ = [ox.Triple(a, term("swallows"), b), ox.Triple(a, term("weds"), b)]
    assert set(infer.entailed(given_, DOMAIN)) == {
        ox.Triple(a, term("acquires"), b),
        ox.Triple(b, term("acquiredBy"), a),
        ox.Triple(a, term("partnersWith"), b),
        ox.Triple(b, term("partnersWith"), a),
    }


def test_the_layer_comes_and_goes_without_a_trace() -> None:
    store = stored(*shape_briefs())
    before, counts = set(store.raw), store.stats()
    count = infer.infer(store, DOMAIN)
    assert count == len(list(store.inferred())) > 5
    assert {q for q in store.raw if q.graph_name == LAYER} | before == set(store.raw)
    assert store.stats() == counts, "what was read is counted as before"
    assert infer.infer(store, DOMAIN) == count and len(store.raw) == len(before) + count
    assert not set(store.triples()) & set(store.inferred()), "a union counts nothing twice"
    assert infer.remove(store) == count and set(store.raw) == before
    assert infer.remove(store) == 0
    assert not store.raw.contains_named_graph(LAYER)


def test_whatever_changes_the_graph_takes_the_layer_out() -> None:
    first, second = shape_briefs()
    store = stored(first)
    for change in (lambda: store.add(second, DOMAIN, RUN), lambda: store.remove("shape#2", DOMAIN)):
        infer.infer(store, DOMAIN)
        assert list(store.inferred())
        change()
        assert list(store.inferred()) == []
    infer.infer(store, DOMAIN)
    assert store.add(first, DOMAIN, RUN) == "skipped" and list(store.inferred()), "what is stored just so changes nothing"


def test_queries_do_not_see_the_layer_unless_they_ask() -> None:
    store = stored(*shape_briefs())
    ask = "SELECT ?e { ?e a kg:Agent }"
    assert store.query(ask).rows == []
    infer.infer(store, DOMAIN)
    assert store.query(ask).rows == []
    assert len(store.query("SELECT ?e { GRAPH ?layer { ?e a kg:Agent } }").rows) == 4


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KG_STORE", "KG_BASE", "KG_ONTOLOGY"):
        monkeypatch.delenv(name, raising=False)
    spec = f"oxigraph:{tmp_path}/store"
    with open_store(spec, base=BASE) as store:
        store.add(Writer("k", "Uno avale Duo.").entity("Uno", "Company").entity("Duo", "Company").done(), load((SHIPPED,)), RUN)
    assert cli.run(["infer", "--store", spec]) == 0
    count = int(capsys.readouterr().out.split()[0])
    assert count > 4
    assert cli.run(["export", "--store", spec, "--format", "nquads", "--inferred", "too"]) == 0
    assert capsys.readouterr().out.count(f" <{LAYER.value}> .\n") == count
    assert cli.run(["infer", "--remove", "--store", spec]) == 0
    assert capsys.readouterr().out == f"{count} triples taken out\n"
