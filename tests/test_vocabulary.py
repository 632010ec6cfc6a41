"""The generated files: what they say of an ontology of our own and of the shipped one, and that they are always the same bytes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import RdfFormat, parse
from rdflib import FOAF, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, TIME, BNode, Graph, URIRef

from kg import vocabulary
from kg.errors import OntologyError
from kg.namespaces import KG, ONTOLOGY_IRI, PREFIXES, SCHEMA, SH, SHAPES, VANN, XSD
from kg.ontology import Ontology, load

ROOT = Path(__file__).parent.parent
SHIPPED = ROOT / "ontology"

COMMON = (
    'label = {{ fr = "{fr}", en = "{en}" }}\n'
    'comment = {{ fr = "Une définition.", en = "A definition | with a *bar*." }}\n'
    'because = "{{subject}}, {{object}}"\n'
)
FRAME = """
[[fr.frame]]
id = "verb"
verbs = ["{verb}"]
roles = {{ subject = "subj", {target} = "obj" }}
[[fr.example]]
text = "[subject:Orange] {says} [{target}={value}:Ikéa]."
[[fr.example]]
text = "Rien ne se passe."
expect = "nothing"
"""


def small(folder: Path, extra: dict[str, str] | None = None) -> Ontology:
    """An ontology of two relations and three attributes, with the shipped classes."""
    files = {
        "relations/buys.toml": COMMON.format(fr="achète", en="buys")
        + 'domain = ["Organization", "Person"]\nrange = ["Organization", "Product"]\n'
        + 'inverse = "boughtBy"\nqualifiers = ["amount", "date"]\n'
        + 'align = { close = ["wdt:P1830"], exact = ["https://example.org/buys"] }'
        + FRAME.format(verb="acheter", target="object", says="achète", value="Ikéa"),
        "relations/alliesWith.toml": COMMON.format(fr="s'allie à", en="allies with")
        + 'domain = ["Company", "PublicBody"]\nrange = ["Company"]\nsymmetric = true\n'
        + FRAME.format(verb="épauler", target="object", says="épaule", value="Ikéa"),
        "attributes/staff.toml": COMMON.format(fr="effectif", en="staff")
        + 'domain = ["Organization"]\nvalue = "integer"'
        + FRAME.format(verb="compter", target="value", says="compte", value="3"),
        "attributes/bornIn.toml": COMMON.format(fr="né en", en="born in")
        + 'domain = ["Agent"]\nvalue = "date"'
        + FRAME.format(verb="naître", target="value", says="naît", value="1999"),
        "attributes/worth.toml": COMMON.format(fr="vaut", en="is worth")
        + 'domain = ["Organization", "Product"]\nvalue = "money"'
        + FRAME.format(verb="valoir", target="value", says="vaut", value="3 EUR"),
        "classes.toml": (SHIPPED / "classes.toml").read_text(encoding="utf-8"),
        **(extra or {}),
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return load((folder,))


@pytest.fixture(name="ours")
def _ours(tmp_path: Path) -> Ontology:
    return small(tmp_path / "ours")


def turtle(text: str) -> Graph:
    """A graph, read by rdflib; Oxigraph must read the same number of triples."""
    graph = Graph().parse(data=text, format="turtle")
    assert len(graph) == len(set(parse(text, format=RdfFormat.TURTLE)))
    return graph


def kg(name: str) -> URIRef:
    """A term of ours."""
    return URIRef(KG + name)


def objects(graph: Graph, subject: URIRef, predicate: str | URIRef) -> set[str]:
    """The objects of a predicate, as strings."""
    return {str(o) for o in graph.objects(subject, URIRef(predicate))}


def test_classes(ours: Ontology) -> None:
    graph = turtle(vocabulary.vocabulary(ours))
    assert set(graph.transitive_objects(kg("Investor"), RDFS.subClassOf)) == {
        kg(n) for n in ("Investor", "Company", "Organization", "Agent")
    }
    for name in ours.classes:
        assert (kg(name), RDF.type, OWL.Class) in graph
        assert {label.language for label in graph.objects(kg(name), RDFS.label) if isinstance(label, rdflib.Literal)} == {"fr", "en"}


def test_domains_and_ranges_say_only_what_holds(ours: Ontology) -> None:
    graph = turtle(vocabulary.vocabulary(ours))
    assert objects(graph, kg("buys"), RDFS.domain) == {KG + "Agent"}, "the one class above an organisation and a person"
    assert objects(graph, kg("buys"), RDFS.range) == set(), "no class is above an organisation and a product"
    assert objects(graph, kg("buys"), SCHEMA + "domainIncludes") == {KG + "Organization", KG + "Person"}
    assert objects(graph, kg("buys"), SCHEMA + "rangeIncludes") == {KG + "Organization", KG + "Product"}
    assert objects(graph, kg("alliesWith"), RDFS.domain) == {KG + "Organization"}
    assert objects(graph, kg("alliesWith"), RDFS.range) == {KG + "Company"}
    assert objects(graph, kg("staff"), RDFS.range) == {XSD + "integer"}
    assert objects(graph, kg("bornIn"), RDFS.range) == set(), "a date has one of three datatypes"
    assert objects(graph, kg("worth"), RDFS.range) == {SCHEMA + "MonetaryAmount"}


def test_inverse_and_symmetric(ours: Ontology) -> None:
    graph = turtle(vocabulary.vocabulary(ours))
    assert (kg("boughtBy"), OWL.inverseOf, kg("buys")) in graph
    assert objects(graph, kg("boughtBy"), RDFS.range) == {KG + "Agent"}
    assert (kg("alliesWith"), RDF.type, OWL.SymmetricProperty) in graph
    assert (kg("buys"), RDF.type, OWL.SymmetricProperty) not in graph
    assert (kg("worth"), RDF.type, OWL.ObjectProperty) in graph
    assert (kg("staff"), RDF.type, OWL.DatatypeProperty) in graph


def test_the_words_of_the_shape_are_declared(ours: Ontology) -> None:
    graph = turtle(vocabulary.vocabulary(ours))
    wanted = (
        "Claim Evidence Brief Mention Run Redirect Status Bound status confidence rule date from to amount share role bound key textHash "
        "readBy version rules trigger subject object entity name alias class asserted planned rumoured denied atLeast atMost about"
    )
    for name in wanted.split():
        assert (kg(name), RDFS.isDefinedBy, None) in graph, name
        assert len(set(graph.objects(kg(name), RDFS.comment))) == 2, name
    assert set(graph.subjects(RDF.type, kg("Status"))) == {kg(n) for n in ("asserted", "planned", "rumoured", "denied")}


def test_every_word_of_ours_in_the_golden_shape_is_declared() -> None:
    declared = set(turtle(vocabulary.vocabulary(load((SHIPPED,)))).subjects(RDFS.isDefinedBy))
    used = {t for triple in Graph().parse(ROOT / "tests" / "shape.ttl") for t in triple if isinstance(t, URIRef) and t.startswith(KG)}
    assert used
    assert used <= declared


def test_alignments_stand_apart(ours: Ontology) -> None:
    graph = turtle(vocabulary.alignments(ours))
    assert (kg("buys"), SKOS.closeMatch, URIRef(PREFIXES["wdt"] + "P1830")) in graph
    assert (kg("buys"), OWL.equivalentProperty, URIRef("https://example.org/buys")) in graph
    assert (kg("Person"), SKOS.closeMatch, URIRef(PREFIXES["foaf"] + "Person")) in graph
    assert "foaf" not in vocabulary.vocabulary(ours)


def test_shapes_hold_the_exact_lists(ours: Ontology) -> None:
    graph = turtle(vocabulary.shapes(ours))
    shape = URIRef(SHAPES + "buys-object")
    assert (shape, URIRef(SH + "targetObjectsOf"), kg("buys")) in graph
    head = graph.value(shape, URIRef(SH + "or"))
    assert head is not None
    classes = {graph.value(member, URIRef(SH + "class")) for member in graph.items(head)}
    assert classes == {kg("Organization"), kg("Product")}
    assert objects(graph, URIRef(SHAPES + "alliesWith-object"), SH + "class") == {KG + "Company"}
    assert objects(graph, URIRef(SHAPES + "staff-object"), SH + "datatype") == {XSD + "integer"}
    allowed = graph.value(URIRef(SHAPES + "Claim-rdf-predicate"), URIRef(SH + "in"))
    assert allowed is not None
    assert set(graph.items(allowed)) == {kg(n) for n in ("alliesWith", "bornIn", "buys", "staff", "worth")}
    for named in set(graph.subjects(URIRef(SH + "message"))):
        assert {m.language for m in graph.objects(named, URIRef(SH + "message")) if isinstance(m, rdflib.Literal)} == {"fr", "en"}


def test_no_blank_node_anywhere(ours: Ontology) -> None:
    for name, content in vocabulary.generate(ours).items():
        if name.endswith(".ttl"):
            assert not any(isinstance(term, BNode) for triple in turtle(content) for term in triple), name


def test_the_context_reads_json_ld(ours: Ontology) -> None:
    context = json.loads(vocabulary.context(ours))["@context"]
    document = {
        "@context": context,
        "id": "https://w3id.org/techkg/id/claim/1",
        "type": "Claim",
        "subject": {"id": "https://w3id.org/techkg/id/org/ikea", "type": "Company", "label": "Ikéa", "staff": "3"},
        "predicate": "buys",
        "status": "asserted",
        "from": "2021-05-01",
    }
    graph = Graph().parse(data=json.dumps(document), format="json-ld")
    claim, ikea = URIRef("https://w3id.org/techkg/id/claim/1"), URIRef("https://w3id.org/techkg/id/org/ikea")
    assert set(graph) == {
        (claim, RDF.type, kg("Claim")),
        (claim, RDF.subject, ikea),
        (claim, RDF.predicate, kg("buys")),
        (claim, kg("status"), kg("asserted")),
        (claim, kg("from"), rdflib.Literal("2021-05-01", datatype=rdflib.XSD.date)),
        (ikea, RDF.type, kg("Company")),
        (ikea, RDFS.label, rdflib.Literal("Ikéa")),
        (ikea, kg("staff"), rdflib.Literal("3", datatype=rdflib.XSD.integer)),
    }


def test_the_catalogue_names_everything(ours: Ontology) -> None:
    page = vocabulary.catalogue(ours)
    for term in ours.terms:
        assert f"\n### {term.name}\n" in page
        assert f"[`{term.name}`](#{term.name.lower()})" in page
    assert "| verb | verb: acheter | object = obj; subject = subj |" in page
    assert "- **Orange** (subject) achète **Ikéa** (object)." in page
    assert "- Rien ne se passe." in page
    assert "A definition \\| with a \\*bar\\*." in page
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) == len(ours.classes)


def test_a_new_relation_shows_everywhere(tmp_path: Path) -> None:
    before = vocabulary.generate(small(tmp_path / "a"))
    licenses = (
        COMMON.format(fr="concède une licence à", en="licenses")
        + 'domain = ["Company"]\nrange = ["Company"]\n'
        + FRAME.format(verb="licencier", target="object", says="licencie", value="Ikéa")
    )
    after = vocabulary.generate(small(tmp_path / "b", {"relations/licenses.toml": licenses}))
    for name in ("README.md", "context.jsonld", "kg.ttl", "shapes.ttl"):
        assert "licenses" not in before[name].replace("apache.org/licenses", "")
        assert "licenses" in after[name]


@pytest.mark.parametrize("name", ["status", "Claim", "text", "asserted"])
def test_a_relation_cannot_take_a_word_of_the_shape(tmp_path: Path, name: str) -> None:
    relation = (
        COMMON.format(fr="x", en="x")
        + 'domain = ["Company"]\nrange = ["Company"]\n'
        + FRAME.format(verb="x", target="object", says="x", value="Ikéa")
    )
    with pytest.raises(OntologyError, match=f"« {name} » is a word of the graph's own shape"):
        vocabulary.generate(small(tmp_path, {f"relations/{name}.toml": relation}))


def test_an_inverse_cannot_take_a_relation(tmp_path: Path) -> None:
    relation = (
        COMMON.format(fr="x", en="x")
        + 'domain = ["Company"]\nrange = ["Company"]\ninverse = "buys"\n'
        + FRAME.format(verb="x", target="object", says="x", value="Ikéa")
    )
    with pytest.raises(OntologyError, match="« buys » is already the name"):
        vocabulary.generate(small(tmp_path, {"relations/bought.toml": relation}))


def test_an_unknown_prefix_is_told(tmp_path: Path) -> None:
    classes = (SHIPPED / "classes.toml").read_text(encoding="utf-8").replace('"schema:Product"', '"acme:Product"')
    with pytest.raises(OntologyError, match="acme:Product"):
        vocabulary.alignments(small(tmp_path, {"classes.toml": classes}))


# --- on disk ----------------------------------------------------------------------------------------------------------


def test_writing_and_staleness(ours: Ontology, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    assert vocabulary.stale(ours, folder) == list(vocabulary.FILES)
    assert vocabulary.write(ours, folder) == list(vocabulary.FILES)
    assert vocabulary.stale(ours, folder) == []
    assert vocabulary.write(ours, folder) == []
    (folder / "kg.ttl").write_text("edited", encoding="utf-8")
    (folder / "shapes.ttl").unlink()
    assert vocabulary.stale(ours, folder) == ["kg.ttl", "shapes.ttl"]
    assert vocabulary.write(ours, folder) == ["kg.ttl", "shapes.ttl"]
    assert sorted(p.name for p in folder.iterdir()) == sorted(vocabulary.FILES), "nothing is left lying about"


def test_a_folder_that_cannot_be_written_is_told(ours: Ontology, tmp_path: Path) -> None:
    with pytest.raises(OntologyError, match="cannot be written"):
        vocabulary.write(ours, tmp_path / "absent")


def test_a_failed_write_leaves_the_old_file(ours: Ontology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    vocabulary.write(ours, tmp_path)
    (tmp_path / "kg.ttl").write_text("old", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OntologyError, match="No space left"):
        vocabulary.write(ours, tmp_path)
    assert (tmp_path / "kg.ttl").read_text(encoding="utf-8") == "old"
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".kg.ttl")]


def test_the_same_bytes_whatever_the_hash_seed(ours: Ontology) -> None:
    code = (
        "import hashlib,sys;from pathlib import Path;from kg import ontology,vocabulary;"
        "files=vocabulary.generate(ontology.load((Path(sys.argv[1]),)));"
        "print(hashlib.sha256(repr(files).encode()).hexdigest())"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code, str(ours.folders[0])],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(seen) == 1


# --- the shipped ontology ---------------------------------------------------------------------------------------------


def test_the_shipped_classes_can_be_told_apart(tmp_path: Path) -> None:
    shutil.copy(SHIPPED / "classes.toml", tmp_path)
    shipped = load((tmp_path,))
    drawn = [shipped.classes[n] for n in shipped.entity_classes]
    assert {c.name for c in drawn} == {
        "Company",
        "Consortium",
        "Investor",
        "Law",
        "Organization",
        "Person",
        "Place",
        "Product",
        "PublicBody",
    }
    assert len({c.colour for c in drawn}) == len({c.shape for c in drawn}) == len(drawn)
    assert None not in {c.colour for c in drawn} | {c.shape for c in drawn}
    kinds = {n: shipped.kind(n) for n in shipped.entity_classes}
    assert set(kinds.values()) == {"org", "person", "product", "place", "law"}
    assert {n for n, k in kinds.items() if k == "org"} == {"Company", "Consortium", "Investor", "Organization", "PublicBody"}


def test_the_shipped_files_are_up_to_date() -> None:
    stale = vocabulary.stale(load((SHIPPED,)), SHIPPED)
    assert not stale, f"stale: {', '.join(stale)}; run `kg ontology build`"


def test_every_shipped_term_is_explained_in_both_languages() -> None:
    graph = Graph().parse(SHIPPED / "kg.ttl")
    domain = load((SHIPPED,))
    for name in (*domain.classes, *(t.name for t in domain.terms)):
        for predicate in (RDFS.label, RDFS.comment, SKOS.example):
            said = [o for o in graph.objects(kg(name), predicate) if isinstance(o, rdflib.Literal)]
            assert sorted(str(o.language) for o in said) == ["en", "fr"], f"{name} {predicate}"
    declared = set(graph.subjects(RDFS.isDefinedBy))
    assert len(declared) > 90
    for term in declared:
        for predicate in (RDFS.label, RDFS.comment):
            said = [o for o in graph.objects(term, predicate) if isinstance(o, rdflib.Literal)]
            assert sorted(str(o.language) for o in said) == ["en", "fr"] and all(str(o).strip() for o in said), term


def test_the_version_is_a_day_and_the_namespace_is_told() -> None:
    graph = Graph().parse(SHIPPED / "kg.ttl")
    (version,) = graph.objects(URIRef(ONTOLOGY_IRI), OWL.versionIRI)
    assert re.fullmatch(re.escape(ONTOLOGY_IRI) + r"/\d{4}-\d\d-\d\d", str(version))
    assert objects(graph, URIRef(ONTOLOGY_IRI), VANN + "preferredNamespacePrefix") == {"kg"}
    assert objects(graph, URIRef(ONTOLOGY_IRI), VANN + "preferredNamespaceUri") == {KG}


def test_the_version_changes_with_the_ontology_only(tmp_path: Path) -> None:
    before = small(tmp_path / "ours")
    vocabulary.write(before, tmp_path, today="2026-01-01")
    assert b"/2026-01-01>" in (tmp_path / "kg.ttl").read_bytes()
    assert vocabulary.stale(before, tmp_path) == [] and vocabulary.write(before, tmp_path, today="2026-02-02") == []
    (tmp_path / "README.md").write_text("edited", encoding="utf-8")
    assert vocabulary.write(before, tmp_path, today="2026-02-02") == ["README.md"]
    assert b"/2026-01-01>" in (tmp_path / "kg.ttl").read_bytes()
    staff = (tmp_path / "ours/attributes/staff.toml").read_text(encoding="utf-8").replace("effectif", "personnel")
    after = small(tmp_path / "more", {"attributes/staff.toml": staff})
    assert set(vocabulary.write(after, tmp_path, today="2026-02-02")) >= {"kg.ttl", "shapes.ttl"}
    assert b"/2026-02-02>" in (tmp_path / "kg.ttl").read_bytes()


KNOWN_AT_SOURCE = {
    "https://schema.org/": SDO,
    "http://www.w3.org/ns/org#": ORG,
    "http://www.w3.org/ns/prov#": PROV,
    "http://www.w3.org/2006/time#": TIME,
    "http://xmlns.com/foaf/0.1/": FOAF,
}
WIKIDATA = {"Q5", "Q43229", "Q783794"}, {"P112", "P159", "P178", "P355", "P463", "P571", "P577", "P749", "P1128", "P1830", "P2139", "P2541"}
FIBO = {
    "https://www.omg.org/spec/Commons/Organizations/LegalEntity",
    "https://spec.edmcouncil.org/fibo/ontology/BE/GovernmentEntities/GovernmentEntities/GovernmentAgency",
    "https://spec.edmcouncil.org/fibo/ontology/BE/OwnershipAndControl/CorporateControl/SignificantShareholder",
    "https://spec.edmcouncil.org/fibo/ontology/BE/OwnershipAndControl/CorporateControl/Subsidiary",
}


def test_every_aligned_term_exists_where_it_comes_from() -> None:
    graph = Graph().parse(SHIPPED / "alignments.ttl")
    declared = set(Graph().parse(SHIPPED / "kg.ttl").subjects(RDFS.isDefinedBy))
    targets = {str(o) for o in graph.objects()}
    seen = set()
    for target in targets:
        space = next((s for s in KNOWN_AT_SOURCE if target.startswith(s)), None)
        seen.add(space)
        if space is not None:
            assert target.removeprefix(space) in KNOWN_AT_SOURCE[space], target
        else:
            items, properties = ({PREFIXES["wd"] + q for q in WIKIDATA[0]}, {PREFIXES["wdt"] + p for p in WIKIDATA[1]})
            assert target in items | properties | FIBO, f"{target} has not been looked up at its source"
    assert seen == {None, *KNOWN_AT_SOURCE}
    assert set(graph.subjects()) <= declared
    matches = {SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch}
    assert set(graph.predicates()) <= matches, "nothing of ours is exactly theirs"


def test_a_wrong_match_or_example_is_told(tmp_path: Path) -> None:
    match = '[[match]]\nterm = "buys"\nhow = "nearly"\nto = "schema:buyer"\nsaid = "x"\n'
    with pytest.raises(OntologyError, match="« nearly » is no way to match"):
        vocabulary.alignments(small(tmp_path / "a", {"alignments.toml": match}))
    with pytest.raises(OntologyError, match="term, how, to and said"):
        vocabulary.alignments(small(tmp_path / "b", {"alignments.toml": match.replace("said", "why")}))
    with pytest.raises(OntologyError, match="has fr and en"):
        vocabulary.vocabulary(small(tmp_path / "c", {"examples.toml": '[classes]\nPerson = { fr = "x" }\n'}))
    elsewhere = match.replace("buys", "elsewhere").replace("nearly", "close")
    assert "elsewhere" not in vocabulary.alignments(small(tmp_path / "d", {"alignments.toml": elsewhere}))


def test_what_shapes_say_is_said_in_both_languages() -> None:
    graph = Graph().parse(SHIPPED / "shapes.ttl")
    constraints = {
        SH + n for n in ("or", "class", "datatype", "in", "minCount", "maxCount", "nodeKind", "pattern", "lessThan", "minInclusive")
    }
    targeted = {s for p in ("targetClass", "targetSubjectsOf", "targetObjectsOf") for s in graph.subjects(URIRef(SH + p))}
    targeted |= set(graph.objects(None, URIRef(SH + "property")))
    speaking = {s for s in targeted if any(str(p) in constraints for p in graph.predicates(s))}
    assert len(speaking) > 100
    for shape in speaking:
        said = [m for m in graph.objects(shape, URIRef(SH + "message")) if isinstance(m, rdflib.Literal)]
        assert sorted(str(m.language) for m in said) == ["en", "fr"] and all(str(m).strip() for m in said), shape
