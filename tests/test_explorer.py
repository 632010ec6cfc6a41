"""The page of the seeds, used as its readers use it: found, filtered, sliced, followed, taken away. In a real browser, from file://."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pandas
import pyoxigraph as ox
import pytest
from axe_playwright_python.sync_playwright import Axe
from crowds import crowd
from playwright.sync_api import Browser, Page
from test_html import Seen, visit

from kg import analyse, pipeline
from kg import namespaces as ns
from kg.errors import KgError
from kg.notebook import Graph
from kg.writers import html
from kg.writers.scene import ASSETS, FIRST, WHOLE, scene

SEEDS = Path(__file__).resolve().parents[1] / "seeds"
SIZE = 1500


@pytest.fixture(scope="module")
def store() -> Iterator[Graph]:
    with pipeline.build([SEEDS], store="memory") as built:
        yield built.store


@pytest.fixture(scope="module")
def file(store: Graph, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "graph.html"
    pipeline.draw(store, pipeline.load_ontology(), out)
    return out


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("large") / "graph.html"
    html.write(scene(crowd(SIZE), pipeline.load_ontology()), out)
    return out


@pytest.fixture
def seen(chromium: Browser, file: Path) -> Iterator[Seen]:
    """The page, freshly opened; afterwards nothing was logged, no dialog opened and no request left (see ``visit``)."""
    yield from visit(chromium, file)


def find(seen: Seen, name: str) -> None:
    seen.page.fill("#search", name)
    seen.page.press("#search", "Enter")


def drawn(seen: Seen) -> list[str]:
    return sorted(seen.js("kg.network.body.data.nodes.getIds().map((i) => kg.name(i))"))


def reopened(chromium: Browser, file: Path, seen: Seen) -> Iterator[Seen]:
    yield from visit(chromium, file, fragment="#" + seen.js("kg.link()"))


# --- first sight, finding, evidence -----------------------------------------------------------------------------------


def test_who_bought_waeg_and_where_it_is_said(seen: Seen) -> None:
    find(seen, "waeg")
    buyer = seen.page.locator("#panel .kind", has_text="rachète").locator(".claim")
    assert buyer.inner_text().strip() == "IBM"
    buyer.click()
    assert seen.page.inner_text("#panel h2") == "IBM rachète Waeg"
    sentence = seen.page.inner_text("#panel blockquote >> nth=0")
    assert "IBM" in sentence and "Waeg" in sentence
    assert seen.page.inner_text("#panel mark.trigger >> nth=0") in sentence


def test_xiaomi_is_found_and_an_arrow_clicked(seen: Seen) -> None:
    find(seen, "xiaomi")
    assert seen.page.inner_text("#panel h2") == "Xiaomi"
    seen.page.wait_for_timeout(150)
    claim = "kg.claims.find((c) => kg.name(c.from) === 'Xiaomi' && c.relation === 'operatesIn')"
    seen.page.mouse.click(*seen.point(f"kg.network.body.edges[{claim}.id].edgeType.getPoint(0.3)"))
    assert seen.page.inner_text("#panel h2").startswith("Xiaomi présence")
    assert "Xiaomi" in seen.page.inner_text("#panel blockquote >> nth=0")


def test_a_brief_without_a_title_is_called_by_how_it_begins(seen: Seen) -> None:
    find(seen, "waeg")
    seen.page.wait_for_timeout(150)
    claim = "kg.claims.find((c) => kg.name(c.to) === 'Waeg' && c.relation === 'acquires')"
    seen.page.mouse.click(*seen.point(f"kg.network.body.edges[{claim}.id].edgeType.getPoint(0.3)"))
    assert seen.page.inner_text("#panel .from >> nth=0").startswith("IBM croque Waeg, ")


def test_families_show_in_the_colour(seen: Seen) -> None:
    ontology = pipeline.load_ontology()
    pairs = seen.js("kg.claims.map((c) => [c.relation, kg.network.body.data.edges.get(c.id).color.color])")
    colours = {ontology.relations[relation].family: colour for relation, colour in pairs}
    assert {(ontology.relations[relation].family, colour) for relation, colour in pairs} == set(colours.items())
    assert len(set(colours.values())) == len(colours) > 5
    assert seen.page.locator("#relations li.strong").count() == len(colours)


def test_every_family_of_the_ontology_has_a_name_and_a_colour() -> None:
    import tomllib

    known = tomllib.loads((ASSETS / "families.toml").read_text(encoding="utf-8"))
    assert {r.family for r in pipeline.load_ontology().relations.values()} <= set(known)
    assert len({f["colour"] for f in known.values()}) == len(known)


def test_both_languages_have_the_same_words_and_the_page_asks_for_no_other() -> None:
    words = json.loads((ASSETS / "words.json").read_text(encoding="utf-8"))
    assert words["fr"].keys() == words["en"].keys()
    scripts = "".join((ASSETS / f"{name}.js").read_text(encoding="utf-8") for name in html.MODULES)
    asked = set(re.findall(r"\bt\(\"(\w+)\"", scripts)) | set(
        re.findall(r'data-(?:text|label|placeholder)="(\w+)"', html.asset("page.html.j2"))
    )
    assert asked - words["fr"].keys() == set()
    for text in words["fr"].values():
        assert isinstance(text, str) or text.keys() == {"one", "other"}


# --- filters and the timeline -----------------------------------------------------------------------------------------


def test_a_status_is_filtered_and_the_chip_takes_it_back(seen: Seen) -> None:
    every = seen.js("kg.claims.length")
    planned = seen.js("kg.claims.filter((c) => c.status === 'planned').length")
    seen.page.click("#statuses label:has-text('Prévu')")
    assert seen.js("kg.network.body.data.edges.length") == every - planned < every
    seen.page.click("#chips .chip")
    assert seen.js("kg.network.body.data.edges.length") == every


def test_a_source_and_a_confidence_are_filtered(seen: Seen) -> None:
    seen.page.click("#origins button >> nth=1")
    seen.page.click("#origins label:has-text('000_')")
    origins = "[...new Set(kg.claims.filter((c) => kg.shown.claims.has(c.id)).flatMap((c) => c.origins))]"
    assert [o[:4] for o in seen.js(origins)] == ["000_"]
    seen.page.click("#origins button >> nth=0")
    seen.page.focus("#sure")
    seen.page.keyboard.press("End")
    least = seen.js("Math.min(...kg.claims.filter((c) => kg.shown.claims.has(c.id)).map((c) => c.confidence))")
    assert least >= 0.95 and 0 < seen.js("kg.shown.claims.size") < seen.js("kg.claims.length")


def test_the_timeline_slices(seen: Seen) -> None:
    told = "kg.listed().map((c) => kg.when(c, kg.state.by))"
    every = [d for d in seen.js(told) if d]
    box = seen.page.locator("#bars").bounding_box()
    assert box is not None
    seen.page.mouse.move(box["x"] + box["width"] * 0.55, box["y"] + 20)
    seen.page.mouse.down()
    seen.page.mouse.move(box["x"] + box["width"] - 3, box["y"] + 20, steps=4)
    seen.page.mouse.up()
    since = seen.js("kg.state.from")
    dates = seen.js(told)
    assert dates and all(d and d >= since for d in dates) and len(dates) < len(every)
    assert len(drawn(seen)) < seen.js("kg.nodes.length")
    seen.page.click("#whole")
    assert len([d for d in seen.js(told) if d]) == len(every)


@pytest.mark.parametrize("key", ["since", "until"])
def test_the_timeline_obeys_the_keyboard(seen: Seen, key: str) -> None:
    seen.page.focus(f"#{key}")
    seen.page.keyboard.press("End" if key == "since" else "Home")
    dates = set(seen.js("kg.listed().map((c) => kg.when(c, kg.state.by))"))
    assert len(dates) == 1 and "" not in dates
    assert seen.js("document.activeElement.id") == key


# --- moving -----------------------------------------------------------------------------------------------------------


def test_the_path_from_ovh_to_gandi_tells_what_they_share(seen: Seen) -> None:
    find(seen, "OVH")
    seen.page.fill("#target", "gand")
    seen.page.press("#target", "Enter")
    assert drawn(seen) == ["Gandi", "OVH", "loi sur le renseignement"]
    assert seen.page.locator(".steps > li").count() == 2
    assert "haussent le ton" in seen.page.inner_text(".steps blockquote >> nth=0")
    seen.page.click("#chips .chip")
    assert len(drawn(seen)) == seen.js("kg.nodes.length")


def test_no_path_is_told(seen: Seen) -> None:
    find(seen, "OVH")
    seen.page.fill("#target", "nintendo")
    seen.page.press("#target", "Enter")
    assert "Aucun chemin" in seen.page.inner_text("#panel")


def test_one_and_two_hops_hiding_and_all_again(seen: Seen, store: Graph) -> None:
    net = store.to_networkx()
    waeg = next(n for n, label in net.nodes(data="label") if label == "Waeg")
    find(seen, "Waeg")
    for hops, button in ((1, "Voisins"), (2, "À deux pas")):
        seen.page.click(f".actions button:has-text('{button}')")
        assert drawn(seen) == sorted(d["label"] for _, d in analyse.around(net, [waeg], hops).nodes(data=True))
    assert seen.js("kg.dimmed.nodes.size") == 0
    seen.page.click(".actions .hide")
    assert "Waeg" not in drawn(seen)
    seen.page.click("#chips .all")
    assert len(drawn(seen)) == len(net)


def test_around_one_entity_the_others_stand_on_rings_and_go_home_again(seen: Seen) -> None:
    places = "Object.fromEntries(kg.nodes.map((n) => [n.label, [n.x, n.y]]))"
    home = seen.js(places)
    seen.js("kg.focusOn({kind: 'around', ids: [0], hops: 2})")
    far = """[...kg.around([0], 2, (c) => kg.shown.claims.has(c.id))].map(([i, d]) =>
        [d, Math.hypot((kg.nodes[i].x - kg.nodes[0].x) / 1.12, (kg.nodes[i].y - kg.nodes[0].y) / 0.9)])"""
    distances = seen.js(far)
    inner, outer = ([r for d, r in distances if d == hops] for hops in (1, 2))
    assert inner and outer and max(inner) < min(outer)
    assert len({tuple(at) for at in seen.js("[...kg.shown.nodes].map((i) => [kg.nodes[i].x, kg.nodes[i].y])")}) == len(distances)
    seen.js("kg.focusOn(null)")
    assert seen.js(places) == home


def test_a_community_is_looked_at_alone(seen: Seen) -> None:
    seen.page.click(".groups .claim >> nth=0")
    assert len(set(seen.js("[...kg.shown.nodes].map((i) => kg.nodes[i].community)"))) == 1
    assert 2 < len(drawn(seen)) < seen.js("kg.nodes.length")


# --- taking away ------------------------------------------------------------------------------------------------------


def test_the_link_brings_the_view_back(chromium: Browser, file: Path, seen: Seen) -> None:
    context = seen.page.context
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    seen.page.click("[data-lang=en]")
    seen.page.click("#statuses label:has-text('Planned')")
    find(seen, "Econocom")
    seen.page.click(".actions button:has-text('Two steps')")
    seen.page.click("#closer")
    seen.page.wait_for_timeout(400)
    seen.page.click("#share summary")
    seen.page.click("#copy-link")
    link = seen.js("navigator.clipboard.readText()")
    assert link.startswith(file.as_uri() + "#")
    told = "[kg.lang, kg.state.chosen.node.label, [...kg.shown.claims].sort(), Math.round(1000 * kg.network.getScale()), kg.link()]"
    before = seen.js(told)
    for other in visit(chromium, file, fragment="#" + link.split("#", 1)[1]):
        assert other.js(told) == before
        assert other.page.inner_text("#panel h2") == "Econocom"
        assert other.page.is_visible("#chips >> text=Around Econocom")


def test_a_table_view_and_a_slice_are_in_the_link(chromium: Browser, file: Path, seen: Seen) -> None:
    seen.page.click("#as-table")
    seen.page.fill("#row-filter", "rachete")
    seen.page.click("#sort-object")
    rows = seen.page.locator("#rows tbody tr").all_inner_texts()
    assert rows and all("rachète" in r or "achet" in r for r in rows[:1])
    for other in reopened(chromium, file, seen):
        assert other.page.locator("#rows tbody tr").all_inner_texts() == rows
        assert other.page.input_value("#row-filter") == "rachete"
        other.page.click("#as-graph")
        inside = "kg.network.canvasToDOM(kg.nodes[0]).x"
        assert 0 < other.js(inside) < 1000 and other.js("kg.network.getScale()") > 0.2


@pytest.mark.parametrize("fragment", ["#%E0%A4%A", "#open=nobody&at=a+b+c&around=x&sort=none&hops=-4&sure=lots&from=hier", "#" + "&" * 99])
def test_a_broken_link_opens_the_whole(chromium: Browser, file: Path, fragment: str) -> None:
    for seen in visit(chromium, file, fragment=fragment):
        assert len(drawn(seen)) == seen.js("kg.nodes.length")
        assert seen.page.locator("#panel .intro").count() == 1


def downloaded(seen: Seen, button: str) -> bytes:
    seen.page.click("#share summary")
    with seen.page.expect_download() as download:
        seen.page.click(button)
    return Path(download.value.path()).read_bytes()


def test_the_turtle_is_of_the_store(seen: Seen, store: Graph) -> None:
    """Every triple of what is shown is one the store holds, and every entity, claim and piece of evidence shown is in it."""
    prefixes = ("claim/", "evidence/", "org/", "person/", "product/", "place/", "law/")
    ours = {t for t in store.triples() if t.predicate.value not in (ns.SCHEMA + "text",)}
    taken = {t.triple for t in ox.parse(downloaded(seen, "#save-ttl"), format=ox.RdfFormat.TURTLE)}
    assert taken - ours == set()

    def kept(triples: set[ox.Triple]) -> set[str]:
        local = {str(t.subject)[1:-1].removeprefix(store.ids.base) for t in triples}
        return {s for s in local if s.startswith(prefixes)}

    assert kept(taken) == kept(ours)
    plain = {t for t in ours if str(t.predicate).startswith(f"<{ns.KG}") and str(t.subject)[1:].startswith(f"{store.ids.base}org/")}
    assert plain <= taken
    find(seen, "Waeg")
    seen.page.click(".actions button:has-text('Voisins')")
    fewer = {t.triple for t in ox.parse(downloaded(seen, "#save-ttl"), format=ox.RdfFormat.TURTLE)}
    assert fewer < taken


def test_the_csv_has_a_row_a_claim(seen: Seen) -> None:
    text = downloaded(seen, "#save-csv").decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == seen.js("kg.everything.length")
    bought = next(r for r in rows if (r["subject"], r["relation"], r["object"]) == ("IBM", "acquires", "Waeg"))
    assert "Waeg" in bought["sentence"] and bought["status"] == "asserted"


def test_a_formula_stays_text_in_the_csv(chromium: Browser, tmp_path: Path) -> None:
    net = crowd(12)
    for n in net:
        net.nodes[n]["label"] = '=HYPERLINK("http://x","y")'
    html.write(scene(net, pipeline.load_ontology()), tmp_path / "graph.html")
    for seen in visit(chromium, tmp_path / "graph.html"):
        rows = list(csv.reader(io.StringIO(seen.js("kg.csv()").removeprefix("\ufeff"))))
        assert rows[1][0] == '\'=HYPERLINK("http://x","y")'


def test_the_picture_is_a_picture(seen: Seen) -> None:
    data = downloaded(seen, "#save-png")
    assert data.startswith(b"\x89PNG") and len(data) > 20_000
    assert int.from_bytes(data[16:20], "big") >= 700


# --- for everybody ----------------------------------------------------------------------------------------------------

SCENES = {
    "first sight": "1",
    "an entity": "kg.open({node: kg.nodes[1]})",
    "a claim": "kg.open({claim: kg.claims.find((c) => c.status === 'planned')})",
    "a path": "kg.focusOn({kind: 'path', from: 0, to: kg.nodes.find((n) => n.label === 'IBM').id})",
    "the table": "kg.show('table')",
    "filtered": "kg.state.off.statuses.add('asserted'); kg.state.off.classes.add('Place'); kg.change()",
}


@pytest.mark.parametrize("scene_", SCENES)
def test_axe_finds_nothing_serious(seen: Seen, scene_: str) -> None:
    seen.js(f"(() => {{ {SCENES[scene_]} }})()")
    seen.page.wait_for_timeout(200)
    found = Axe().run(seen.page).response["violations"]
    grave = [(v["id"], v["impact"], [n["html"] for n in v["nodes"]][:3]) for v in found if v["impact"] in ("serious", "critical")]
    assert grave == []


def tab_to(page: Page, condition: str, most: int = 120) -> None:
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"(() => {{ const e = document.activeElement; return {condition}; }})()"):
            return
    raise AssertionError(f"no Tab leads to {condition}")


def test_the_keyboard_alone_finds_follows_filters_and_shares(chromium: Browser, file: Path) -> None:
    for seen in visit(chromium, file):
        page, keys = seen.page, seen.page.keyboard
        keys.press("/")
        keys.type("ovh")
        keys.press("Enter")
        assert seen.js("document.activeElement.textContent") == "OVH"
        tab_to(page, "e.id === 'target'", 8)
        keys.type("gandi")
        keys.press("Enter")
        assert page.inner_text("#panel .kicker >> nth=0") == "Le plus court chemin"
        tab_to(page, "e.className === 'claim'", 6)
        keys.press("Enter")
        assert page.locator("#panel blockquote").count() >= 1
        keys.press("Escape")
        keys.press("Escape")
        assert seen.js("kg.state.focus") is None
        keys.press("Shift+Tab")
        tab_to(page, "e.id === 'as-table'")
        keys.press("Enter")
        tab_to(page, "e.id === 'sort-amount'", 60)
        keys.press("Enter")
        assert page.get_attribute("th.amount", "aria-sort") == "ascending"
        assert seen.js("document.activeElement.id") == "sort-amount"


# --- large graphs -----------------------------------------------------------------------------------------------------


def test_a_large_graph_starts_from_the_most_central_and_expands(chromium: Browser, large: Path) -> None:
    for seen in visit(chromium, large):
        assert seen.js("kg.network.body.data.nodes.length") == FIRST
        assert seen.js("kg.shown.nodes.size") == SIZE > WHOLE
        assert "autres entités en points" in seen.page.inner_text("#chips")
        last = seen.js("kg.nodes.findLast((n) => kg.undrawn(n) && !kg.drawn.nodes.has(n.id)).label")
        find(seen, last)
        assert seen.page.inner_text("#panel h2") == last
        assert seen.js("kg.network.body.data.nodes.length") == FIRST + 1
        seen.page.click(".actions .expand")
        assert seen.js("kg.network.body.data.nodes.length") > FIRST + 1
        # What a filter leaves is drawn whole as soon as there is room.
        seen.page.click("#relations button >> nth=1")
        seen.page.click("#relations li.part label >> nth=0")
        assert seen.js("kg.drawn.nodes.size === kg.shown.nodes.size && kg.shown.nodes.size > 50")


def test_a_dot_is_clicked_into_the_drawing(chromium: Browser, large: Path) -> None:
    for seen in visit(chromium, large):
        free = """kg.nodes.find((n) => !kg.drawn.nodes.has(n.id) && n.community === 0 && (() => {
            kg.network.moveTo({position: n, scale: 1.2}); return kg.network.getNodeAt({x: 0, y: 0}) === undefined; })())"""
        dot = seen.js(f"{free}.id")
        seen.page.wait_for_timeout(200)
        seen.page.mouse.click(*seen.point(f"kg.nodes[{dot}]"))
        assert seen.js("kg.state.chosen.node.id") == dot
        assert seen.js(f"kg.drawn.nodes.has({dot})")


# --- choosing what is drawn, and notebooks ----------------------------------------------------------------------------


def page_of(store: Graph, tmp_path: Path, **choice: Any) -> dict[str, Any]:
    out = tmp_path / "graph.html"
    return cast("dict[str, Any]", pipeline.draw(store, pipeline.load_ontology(), out, **choice))


def test_what_is_drawn_can_be_chosen(store: Graph, tmp_path: Path) -> None:
    around = page_of(store, tmp_path, around=["IBM"], hops=1)
    assert {"IBM", "Waeg", "7Summits"} <= {e["label"] for e in around["entities"]} and len(around["entities"]) < 10
    assert around["summary"]["briefs"] == len(around["briefs"]) < 9
    query = page_of(store, tmp_path, query="SELECT ?a ?b { ?a kg:acquires ?b }")
    assert {c["relation"] for c in query["claims"]} >= {"acquires"} and len(query["entities"]) < 15
    assert len(page_of(store, tmp_path, top=5)["entities"]) == 5
    with pytest.raises(KgError, match="none of the graph's entities"):
        page_of(store, tmp_path, query="SELECT ?a { ?a kg:nothing ?b }")


def test_too_large_a_graph_is_cut_and_told(tmp_path: Path) -> None:
    data = scene(crowd(300), pipeline.load_ontology(), limit=200)
    assert len(data["entities"]) == 200 and data["cut"]["entities"] == 100 and data["cut"]["claims"] > 0


def test_notebooks_see_graphs_and_results(store: Graph, chromium: Browser) -> None:
    drawn_ = store._repr_html_()
    page = chromium.new_page()
    page.set_content(f"<!doctype html><body>{drawn_}</body>")
    frame = page.frame_locator("iframe")
    frame.locator("#legend").wait_for()
    frame.locator("#search").fill("waeg")
    frame.locator("#search").press("Enter")
    assert frame.locator("#panel h2").inner_text() == "Waeg"
    page.close()
    rows = store.query("SELECT ?a ('<b>' AS ?x) (3 AS ?n) { ?a kg:acquires ?b } ORDER BY ?a")
    assert "&lt;b&gt;" in rows._repr_html_() and "<b>" not in rows._repr_html_()
    table = rows.to_pandas()
    assert isinstance(table, pandas.DataFrame) and list(table.columns) == ["a", "x", "n"] and set(table["n"]) == {3}
    claims = store.to_pandas()
    assert len(claims) == sum(store.stats().claims.values())
    assert set(claims[(claims.subject == "IBM") & (claims.relation == "acquires")].object) == {"Waeg", "7Summits"}
    net = store.query("CONSTRUCT { ?a kg:acquires ?b } WHERE { ?a kg:acquires ?b }").to_networkx()
    assert net.number_of_edges() == len(rows.rows)
