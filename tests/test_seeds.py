"""The main job on the three pages we ship: how well they are read, and the questions the graph must answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kg import analyse, evaluate, pipeline
from kg.briefs import read
from kg.evaluate import Report
from kg.pipeline import Built
from kg.validate import validate

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
GOLD = Path(__file__).parent / "gold" / "seeds.jsonl"
FRESH = Path(__file__).parent / "gold" / "fresh.jsonl"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    folder = tmp_path_factory.mktemp("seeds")
    with pipeline.build([SEEDS], store=f"oxigraph:{folder / 'store'}", out=folder / "export") as result:
        yield result


@pytest.fixture(scope="module")
def scores() -> Report:
    return evaluate.evaluate(evaluate.load(GOLD), pipeline.load_ontology(), causes=True)


def test_the_pages_are_cut_into_the_gold_briefs() -> None:
    gold = evaluate.load(GOLD)
    assert [b.text for b in read([str(SEEDS)])] == [g["text"] for g in gold.values()]


@pytest.mark.parametrize(
    ("what", "measure", "at_least"),
    [
        ("relations", "f1", 0.85),
        ("relations", "precision", 0.90),
        ("typed entities", "f1", 0.90),
        ("attributes", "f1", 0.85),
        ("qualifiers", "f1", 0.70),
    ],
)
def test_the_seeds_are_read_well(what: str, measure: str, at_least: float, scores: Report) -> None:
    found: float = getattr(scores.totals[what], measure)
    lines = [" | ".join((e.brief, e.side, e.relation, e.subject, e.object, e.cause)) for e in scores.errors] if measure == "f1" else []
    assert found >= at_least, "\n".join((f"{what} {measure} {found:.3f}", *(lines if what == "relations" else ())))


def test_eighty_briefs_of_our_own_are_read_no_worse_than_before() -> None:
    totals = evaluate.evaluate(evaluate.load(FRESH), pipeline.load_ontology()).totals
    for what, precision, f1 in (("relations", 0.79, 0.61), ("attributes", 0.80, 0.72), ("typed entities", 0.95, 0.95)):
        assert totals[what].precision >= precision, what
        assert totals[what].f1 >= f1, what


def test_all_nine_briefs_are_stored_without_a_problem(built: Built) -> None:
    assert built.stats.briefs == 9 and dict(built.outcomes) == {"added": 9}
    assert built.left_out == () and built.problems == ()
    assert validate(built.store.graph, pipeline.load_ontology()) == []
    assert [f.name for f in built.files] == ["graph.ttl", "graph.html"] and all(f.stat().st_size > 10_000 for f in built.files)


def test_what_did_ibm_acquire_and_where_was_it_said(built: Built) -> None:
    rows = built.store.named("acquisitions", {"buyer": "IBM"}).dicts()
    assert {r["targetName"] for r in rows} == {"Waeg", "7Summits"}
    sentences = {r["targetName"]: "".join(str(s["sentence"]) for s in rows if s["targetName"] == r["targetName"]) for r in rows}
    assert "IBM croque Waeg, spécialisé dans les services et le conseil Salesforce." in sentences["Waeg"]
    assert "7Summits" in sentences["7Summits"] and "IBM" in sentences["7Summits"]
    assert {(r["status"], r["brief"]) for r in rows} == {("asserted", "000_87eb13b9ece4ddd2#3")}


def test_who_joined_the_consortium_led_by_onepoint(built: Built) -> None:
    rows = built.store.named("members", {"leader": "Onepoint"}).dicts()
    joined = {(r["memberName"], r["status"]) for r in rows if r["relation"] == "memberOf"}
    assert joined == {("Econocom", "asserted")}
    assert all(str(r["sentence"]) in (SEEDS / "001_75b6cc072bd5d232.txt").read_text(encoding="utf-8") for r in rows)


def test_the_network_shows_what_the_store_holds(built: Built) -> None:
    domain = pipeline.load_ontology()
    net = pipeline.network(built.store, domain)
    claims = {r: n for (r, _), n in built.stats.claims.items() if r in domain.relations}
    assert net.number_of_nodes() == sum(built.stats.entities.values())
    assert {d["relation"] for _, _, d in net.edges(data=True)} == set(claims)
    assert analyse.period(net) is None  # no date is invented


def test_every_sentence_quoted_stands_in_a_page(built: Built) -> None:
    pages = "\n".join(p.read_text(encoding="utf-8") for p in sorted(SEEDS.iterdir()))
    rows = built.store.query("SELECT ?words { ?span oa:exact ?words }").dicts()
    assert len(rows) > 100
    assert all(str(r["words"]) in pages for r in rows)
