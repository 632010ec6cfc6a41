"""What we write is read by others as it was meant: every format, by its usual readers, for any name, the same bytes each time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import networkx as nx
import pyoxigraph as ox
import pytest
import rdflib
from graphs import BASE, Writer, shape_briefs, small_ontology, stored
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from kg import cli, infer, pipeline, vocabulary
from kg.errors import UsageError
from kg.graph import Store
from kg.model import Status
from kg.writers import FORMATS, NETWORKS, Inferred, TextKept, chosen, tables, writer, xml_text

HERE = Path(__file__).parent
DOMAIN = small_ontology()
FIRST, SECOND = shape_briefs()
RDF_FORMATS = {
    "turtle": (ox.RdfFormat.TURTLE, "turtle"),
    "ntriples": (ox.RdfFormat.N_TRIPLES, "nt"),
    "trig": (ox.RdfFormat.TRIG, "trig"),
    "nquads": (ox.RdfFormat.N_QUADS, "nquads"),
    "rdfxml": (ox.RdfFormat.RDF_XML, "xml"),
    "jsonld": (ox.RdfFormat.JSON_LD, "json-ld"),
}


def written(store: Store, format: str, *, facts_only: bool = False, text: TextKept = "quotes", inferred: Inferred = "no") -> bytes:
    """A file of a format."""
    out = io.BytesIO()
    writer(format, inferred)(store, DOMAIN, out, facts_only=facts_only, text=text, inferred=inferred)
    return out.getvalue()


def read(data: bytes, format: str) -> set[ox.Triple]:
    """The triples Oxigraph reads."""
    return {ox.Triple(q.subject, q.predicate, q.object) for q in ox.parse(data, format=RDF_FORMATS[format][0])}


def test_every_format_is_known_to_the_command_line() -> None:
    assert list(FORMATS) == cli._FORMATS
    assert {*RDF_FORMATS, *NETWORKS} == set(FORMATS)


# --- RDF --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format", RDF_FORMATS)
@pytest.mark.parametrize("text", ["quotes", "full", "none"])
def test_two_readers_read_the_same_triples(format: str, text: TextKept) -> None:
    store = stored(FIRST, SECOND)
    data = written(store, format, text=text)
    assert read(data, format) == set(chosen(store, text=text))
    theirs = rdflib.Dataset().parse(io.BytesIO(data), format=RDF_FORMATS[format][1])
    found = rdflib.Graph()
    for quad in theirs.quads():
        found.add(quad[:3])
    assert isomorphic(found, rdflib.Graph().parse(written(store, "ntriples", text=text), format="nt"))


@pytest.mark.parametrize("format", RDF_FORMATS)
def test_seeds_in_every_format(format: str, seeds_store: Store) -> None:
    out = io.BytesIO()
    count = pipeline.export(seeds_store, out, format, domain=pipeline.load_ontology())
    assert read(out.getvalue(), format) == set(chosen(seeds_store)) and count == len(chosen(seeds_store)) > 2000


def test_quotes_are_what_goes_out_unless_one_asks() -> None:
    store = stored(FIRST, SECOND)
    for format in RDF_FORMATS:
        out = io.BytesIO()
        writer(format)(store, DOMAIN, out)
        assert out.getvalue() == written(store, format, text="quotes") != written(store, format, text="full")
        assert ox.NamedNode("https://schema.org/text") not in {t.predicate for t in read(out.getvalue(), format)}
        assert ox.NamedNode("http://www.w3.org/ns/oa#exact") in {t.predicate for t in read(out.getvalue(), format)}


def test_json_ld_speaks_in_the_words_of_our_context() -> None:
    document = json.loads(written(stored(FIRST, SECOND), "jsonld", text="full"))
    assert document["@context"] == json.loads(vocabulary.context(DOMAIN))["@context"]
    nodes = {n["id"]: n for n in document["@graph"]}
    zinc = nodes[f"{BASE}org/zinc-sa"]
    assert zinc["type"] == "Company" and zinc["label"] == "Zinc SA" and zinc["altLabel"] == "Zinc"
    claim = next(n for n in nodes.values() if n["type"] == "Claim" and n["predicate"] == "acquires")
    assert claim["status"] == "asserted" and claim["subject"] == f"{BASE}org/acier-bleu" and claim["bound"] == "atLeast"
    words = set().union(*nodes.values()) - {"id", "type"}
    assert words and not [w for w in words if ":" in w], "every property has a word"
    assert words <= document["@context"].keys()


# --- the inferred layer -----------------------------------------------------------------------------------------------


def test_the_inferred_layer_stands_apart_or_not_at_all() -> None:
    store = stored(FIRST, SECOND)
    before = {f: written(store, f) for f in RDF_FORMATS}
    assert infer.infer(store, DOMAIN) > 5
    assert {f: written(store, f) for f in RDF_FORMATS} == before
    layer = ox.NamedNode(f"{BASE}graph/inferred")
    for format in ("trig", "nquads", "jsonld"):
        quads = set(ox.parse(written(store, format, inferred="too"), format=RDF_FORMATS[format][0]))
        assert {q.triple for q in quads if q.graph_name == layer} == set(store.inferred())
        assert {q.triple for q in quads if q.graph_name == ox.DefaultGraph()} == set(chosen(store))
        assert len(quads) == len(set(store.inferred())) + len(chosen(store))
    for format in RDF_FORMATS:
        assert read(written(store, format, inferred="only"), format) == set(store.inferred())
    for format in ("turtle", "ntriples", "rdfxml"):
        with pytest.raises(UsageError, match=f"{format} cannot tell"):
            written(store, format, inferred="too")
    for format in NETWORKS:
        with pytest.raises(UsageError, match="what was read"):
            written(store, format, inferred="too")


# --- networks ---------------------------------------------------------------------------------------------------------


def test_graphml_and_gexf_are_read_back_by_networkx() -> None:
    store = stored(FIRST, SECOND)
    graphml = nx.read_graphml(io.BytesIO(written(store, "graphml")), force_multigraph=True)
    gexf = nx.read_gexf(io.BytesIO(written(store, "gexf")))
    for net in (graphml, gexf):
        assert net.is_directed()
        assert dict(net.nodes(data="label"))[f"{BASE}org/zinc-sa"] == "Zinc SA"
        assert net.nodes[f"{BASE}org/zinc-sa"]["class"] == "Company" and net.nodes[f"{BASE}org/zinc-sa"]["foundedIn"] == "2014"
        (deal,) = (d for s, o, d in net.edges(data=True) if (s, o) == (f"{BASE}org/acier-bleu", f"{BASE}org/zinc-sa"))
        assert (deal["relation"], deal["status"], deal["date"], deal["bound"]) == ("acquires", "asserted", "2021-05", "atLeast")
        assert (deal["amount"], deal["currency"], deal["share"], deal["confidence"]) == (1500000.0, "EUR", 60.0, 0.97)
        assert deal["quotation"].startswith("Acier Bleu a croqué 60 % de Zinc SA") and deal["briefs"] == 2
        ally = next(d for _, _, d in net.edges(data=True) if d["relation"] == "partnersWith")
        assert ally["symmetric"] is True and deal["symmetric"] is False
    claims = {str(t.subject)[1:-1] for t in chosen(store) if t.predicate.value.endswith("#subject") and "/claim/" in str(t.subject)}
    keys = {k for *_, k in graphml.edges(keys=True)}
    assert keys == {i for *_, i in gexf.edges(data="id")} < claims, "edges keep the claims' IRIs; a claim about a value is none"


def test_facts_only_and_no_words_in_networks() -> None:
    rumour = Writer("r", "Uno rachèterait Duo.").entity("Uno", "Company").entity("Duo", "Company")
    store = stored(FIRST, SECOND, rumour.claim("Uno", "acquires", "Duo", "rachèterait", status=Status.RUMOURED).done())
    for format, load in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
        everything, facts = (load(io.BytesIO(written(store, format, facts_only=f))) for f in (False, True))
        assert everything.number_of_edges() == facts.number_of_edges() + 1
        assert {d["status"] for *_, d in facts.edges(data=True)} == {"asserted"}
        bare = load(io.BytesIO(written(store, format, text="none")))
        assert not any("quotation" in d for *_, d in bare.edges(data=True))


GEXF = "{http://www.gexf.net/1.2draft}"
VIZ = f"{GEXF[:-1]}/viz}}"
PARSERS: dict[str, Callable[[str], object]] = {
    "string": str,
    "double": float,
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
}


def check_gexf(data: bytes) -> None:
    """What Gephi's reader insists on: version and order of parts, unique ids, declared attributes, values of their type, ends that
    exist, colours of three bytes."""
    root = ET.fromstring(data)
    assert root.tag == f"{GEXF}gexf" and root.get("version") == "1.2"
    (graph,) = root.findall(f"{GEXF}graph")
    assert graph.get("defaultedgetype") == "directed" and graph.get("mode") == "static"
    assert [child.tag for child in graph] == [GEXF + t for t in ("attributes", "attributes", "nodes", "edges")]
    ids: dict[str, list[str]] = {}
    for of, parent in (("node", "nodes"), ("edge", "edges")):
        (declared,) = [a for a in graph.findall(f"{GEXF}attributes") if a.get("class") == of]
        types = {a.attrib["id"]: a.attrib["type"] for a in declared}
        titles = [a.attrib["title"].lower() for a in declared]
        assert len(set(titles)) == len(titles) == len(types) and not {"id", "label", "source", "target", "type", "weight"} & set(titles)
        (items,) = graph.findall(f"{GEXF}{parent}")
        ids[of] = [item.attrib["id"] for item in items]
        assert len(set(ids[of])) == len(ids[of])
        for item in items:
            assert set(item.attrib) == ({"id", "label"} if of == "node" else {"id", "source", "target", "label"})
            if of == "edge":
                assert {item.attrib["source"], item.attrib["target"]} <= set(ids["node"])
            values = [(v.attrib["for"], v.attrib["value"]) for v in item.iter(f"{GEXF}attvalue")]
            assert len({name for name, _ in values}) == len(values)
            for name, value in values:
                PARSERS[types[name]](value)
            for colour in item.iter(f"{VIZ}color"):
                assert all(0 <= int(colour.attrib[c]) <= 255 for c in "rgb")


def test_gephi_is_strict(seeds_store: Store) -> None:
    out = io.BytesIO()
    pipeline.export(seeds_store, out, "gexf", domain=pipeline.load_ontology())
    check_gexf(out.getvalue())
    assert out.getvalue().count(b"viz:color") > 50
    check_gexf(written(stored(FIRST, SECOND), "gexf"))


def test_tables(tmp_path: Path) -> None:
    store = stored(FIRST, SECOND)
    count = tables.write(store, DOMAIN, tmp_path / "out")
    nodes, edges = (list(csv.DictReader((tmp_path / "out" / name).open(encoding="utf-8", newline=""))) for name in tables.FILES)
    assert count == len(nodes) + len(edges)
    by_id = {n["Id"]: n for n in nodes}
    assert by_id[f"{BASE}org/zinc-sa"]["Label"] == "Zinc SA" and by_id[f"{BASE}org/zinc-sa"]["aliases"] == "Zinc"
    assert all(e["Source"] in by_id and e["Target"] in by_id and e["Type"] == "Directed" for e in edges)
    deal = next(e for e in edges if e["relation"] == "acquires")
    assert (deal["amount"], deal["currency"], deal["share"], deal["symmetric"]) == ("1500000", "EUR", "60", "false")
    with pytest.raises(UsageError, match=r"two files.*--out DIR"):
        tables.write(store, DOMAIN, io.BytesIO())


# --- the same bytes ---------------------------------------------------------------------------------------------------

_WRITE = """
import sys
from collections.abc import Callable
from pathlib import Path
from graphs import shape_briefs, small_ontology, stored
from kg import infer
from kg.writers import FORMATS, writer
first, second = shape_briefs()
store = stored(*((first, second) if sys.argv[2] == "0" else (second, first)))
infer.infer(store, small_ontology())
for format in FORMATS:
    for turn in "ab":
        writer(format)(store, small_ontology(), Path(sys.argv[1]) / turn / f"g.{format}")
for format in ("trig", "nquads", "jsonld"):
    writer(format, "too")(store, small_ontology(), Path(sys.argv[1]) / "a" / f"too.{format}", inferred="too")
    writer(format, "too")(store, small_ontology(), Path(sys.argv[1]) / "b" / f"too.{format}", inferred="too")
"""


def test_bytes_are_the_same_under_any_hash_seed_and_order(tmp_path: Path) -> None:
    found = set()
    for seed in ("0", "1", "42"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join((str(HERE.parent), str(HERE)))}
        folder = tmp_path / seed
        subprocess.run([sys.executable, "-c", _WRITE, str(folder), seed], env=env, check=True, timeout=120)
        for turn in "ab":
            files = sorted(p for p in (folder / turn).rglob("*") if p.is_file())
            assert len(files) == len(FORMATS) + 1 + 3
            found.add(tuple((str(p.relative_to(folder / turn)), hashlib.sha256(p.read_bytes()).hexdigest()) for p in files))
    assert len(found) == 1


# --- any name ---------------------------------------------------------------------------------------------------------

_ODD = st.sampled_from(
    [
        *"<>\"'\\{}|^`&#%;:/?@ \t\r\n\x00\x01\x0b\x1f\x7f\x85\u2028\ufeff\ufffe\uffff",
        "\u202e", "שלום", "مرحبا", "🛋️", "👩‍💻", "é", "中文", "]]>", "<!--", "&amp;", '"""', "'''", "@fr", "^^", "_:b", "\ud800", "%00",
        "..", "//",
    ]
)  # fmt: skip
NAMES = st.one_of(
    st.lists(st.one_of(_ODD, st.text(max_size=6)), min_size=1, max_size=12).map("".join),
    st.builds(lambda s, n: (s * n)[:5000], st.text(min_size=1, max_size=30), st.integers(100, 5000)),
).filter(lambda s: bool(s.strip()))


def spoken_of(name: str, role: str) -> Store:
    """A store with a company and a person of that name, a role and an amount."""
    writer_ = Writer("h#1", f"{name} avale Duo. {name} est {role} de Duo.")
    writer_.entity(name, "Company", name + " SA").entity("Duo", "Company").entity(f"M. {name}", "Person")
    writer_.claim(name, "acquires", "Duo", "avale", amount="5 EUR", said=(name, "Duo"))
    writer_.claim(f"M. {name}", "holdsPositionAt", "Duo", "est", role=role, said=(name, "Duo"))
    return stored(writer_.done())


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(NAMES, NAMES)
def test_no_name_breaks_any_format(name: str, role: str) -> None:
    store = spoken_of(name, role)
    triples = set(chosen(store, text="full"))
    for triple in triples:
        for term in triple:
            if isinstance(term, ox.NamedNode):
                ox.NamedNode(term.value)  # an invalid IRI is refused
                assert term.value.isascii() and not set(term.value) & set(' <>"{}|\\^`\n\r\t')
    in_xml = {t for t in triples if isinstance(t.object, ox.Literal) and xml_text(t.object.value) != t.object.value}
    for format, (_, theirs) in RDF_FORMATS.items():
        data = written(store, format, text="full")
        data.decode("utf-8")
        ours = read(data, format)
        if format != "rdfxml":
            assert ours == triples, format
        else:
            assert triples - ours == in_xml and len(ours) == len(triples)
            ET.fromstring(data)
            read_back = {str(o) for o in rdflib.Graph().parse(data, format="xml").objects() if isinstance(o, rdflib.Literal)}
            assert {xml_text(t.object.value) for t in triples if isinstance(t.object, ox.Literal)} <= read_back
            continue
        graph = rdflib.Dataset().parse(io.BytesIO(data), format=theirs)
        assert len({q[:3] for q in graph.quads()}) == len(triples), format
    labels = {xml_text(t.object.value) for t in triples if t.predicate.value.endswith("#label") and isinstance(t.object, ox.Literal)}
    graphml, gexf = written(store, "graphml"), written(store, "gexf")
    check_gexf(gexf)
    for net in (nx.read_graphml(io.BytesIO(graphml)), nx.read_gexf(io.BytesIO(gexf))):
        assert len(net) == 3 and net.number_of_edges() == 2
        assert {_xml_read(label) for label in labels} == {_xml_read(n) for _, n in net.nodes(data="label")}


def _xml_read(text: str) -> str:
    """XML readers may make one white space of another in attributes."""
    return " ".join(text.replace("\u2028", " ").split())


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=NAMES)
def test_no_name_breaks_the_tables(name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    store, folder = spoken_of(name, "PDG"), tmp_path_factory.mktemp("csv")
    tables.write(store, DOMAIN, folder)
    labels = {t.object.value for t in chosen(store) if t.predicate.value.endswith("#label") and isinstance(t.object, ox.Literal)}
    rows = list(csv.DictReader((folder / "nodes.csv").open(encoding="utf-8", newline="")))
    assert {r["Label"] for r in rows} == labels and all(None not in r for r in rows)
    assert len(list(csv.DictReader((folder / "edges.csv").open(encoding="utf-8", newline="")))) == 2
