"""A relation is one data file: `licenses`, which the code has never heard of, added in a folder of its own, shows everywhere."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
import rdflib
from rdflib import OWL, RDF, RDFS, SH, URIRef
from test_cli import KG

from kg import ontology, pipeline, vocabulary
from kg.model import Brief
from kg.namespaces import KG as TERMS

LICENSES = """
label   = { fr = "concède une licence à", en = "licenses to" }
comment = { fr = "Accorde une licence d'exploitation.", en = "Grants a licence to use something of its own." }
domain  = ["Organization"]
range   = ["Organization"]
inverse = "licensedBy"
qualifiers = ["amount", "date"]
because = "« {trigger} » : {subject} accorde une licence à {object}."

[[fr.frame]]
id    = "concession"
locutions = ["concéder une licence à", "accorder une licence à"]
roles = { subject = "subj", object = "complement" }

[[fr.frame]]
id    = "under-licence"
locutions = ["fabriquer sous licence de"]
roles = { subject = "complement", object = "subj" }

[[fr.example]]
text = "[subject:Microsoft] a concédé une licence à [object:Oracle]."

[[fr.example]]
text   = "[subject:Siemens] compte accorder une licence à [object:Nokia]."
status = "planned"

[[fr.example]]
text = "[object:Foxconn] fabrique sous licence de [subject:Nokia]."

[[fr.example]]
text   = "Microsoft a concédé sa défaite à Oracle."
expect = "nothing"
"""
TERM = URIRef(TERMS + "licenses")


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mine")
    (folder / "relations").mkdir()
    (folder / "relations" / "licenses.toml").write_text(LICENSES, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def domain(overlay: Path) -> ontology.Ontology:
    return ontology.load(ontology.default_folders([overlay]))


def test_nobody_knows_it_otherwise() -> None:
    package = Path(ontology.__file__).parent
    assert "licenses" not in pipeline.load_ontology().relations
    known = [p for p in package.rglob("*.py") if re.search(r"(?<!/)\blicenses\b|\blicensedBy\b", p.read_text(encoding="utf-8"))]
    assert [p.name for p in known] == ["cli.py"]  # the example in the help of « kg relation new »


def test_its_examples_are_read(domain: ontology.Ontology) -> None:
    examples = domain.relations["licenses"].examples
    briefs = [Brief(f"licenses#{n}", e.marked.text) for n, e in enumerate(examples, 1)]
    seen = 0
    for example, found in zip(examples, pipeline.read(briefs, domain=domain), strict=True):
        said = {(c.subject, c.object, e.status) for c, e in found.claims if c.relation == "licenses"}
        wanted = {(s, o, example.status) for s in example.marked.values("subject") for o in example.marked.values("object")}
        assert said == wanted, example.text
        seen += len(wanted)
    assert seen == 3


def test_it_is_in_all_that_is_generated(domain: ontology.Ontology) -> None:
    files = vocabulary.generate(domain)
    graph = rdflib.Graph().parse(data=files["kg.ttl"], format="turtle")
    assert (TERM, RDF.type, OWL.ObjectProperty) in graph
    assert {str(o) for o in graph.objects(TERM, RDFS.label)} == {"concède une licence à", "licenses to"}
    assert (URIRef(TERMS + "licensedBy"), OWL.inverseOf, TERM) in graph
    shapes = rdflib.Graph().parse(data=files["shapes.ttl"], format="turtle")
    assert list(shapes.subjects(SH.targetSubjectsOf, TERM)) and list(shapes.subjects(SH.targetObjectsOf, TERM))
    assert list(shapes.subjects(RDF.first, TERM))  # a claim's predicate may be this one
    assert "licenses" in json.loads(files["context.jsonld"])["@context"]
    assert "concède une licence à" in files["README.md"] and "licenses" in files["README.md"]


def test_it_goes_from_a_text_to_a_sound_graph_and_its_page(overlay: Path, tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Microsoft a concédé une licence à Oracle.", encoding="utf-8")
    environment = {**os.environ, "KG_ONTOLOGY": str(overlay), "KG_STORE": f"oxigraph:{tmp_path / 'store'}"}
    sparql = "SELECT ?who ?whom { ?who kg:licenses ?whom }"
    steps = [["build", "page.txt", "-q"], ["validate"], ["query", sparql, "--format", "csv"], ["query", "--name", "card", "entity=Oracle"]]
    said = []
    for step in steps:
        done = subprocess.run([*KG, *step], cwd=tmp_path, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        said.append(done.stdout)
    assert said[1] == "0 problems\n"
    assert re.search(r"org/microsoft,\S+org/oracle", said[2])
    assert "licenses" in said[3]
    page = (tmp_path / "export/graph.html").read_text(encoding="utf-8")
    assert "concède une licence à" in page and "Accorde une licence d" in page


def test_without_its_file_it_is_gone(overlay: Path, domain: ontology.Ontology) -> None:
    assert set(domain.relations) - set(pipeline.load_ontology().relations) == {"licenses"}
    assert domain.digest != pipeline.load_ontology().digest
