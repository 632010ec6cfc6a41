"""The page, in a real browser: what is seen, what is clicked, and that nothing of a brief runs or leaves."""

from __future__ import annotations

import base64
import hashlib
import html as markup
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import pytest
import rdflib
from crowds import crowd
from hypothesis import given
from hypothesis import strategies as st
from rdflib import RDFS, Literal
from test_analyse import BRIEFS, ENTITIES, HOSTILE, entity, sample, small_ontology

from kg import analyse, layout
from kg.errors import KgError
from kg.model import Span
from kg.ontology import Ontology
from kg.writers import html
from kg.writers.scene import WHOLE, scene, utf16

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Dialog, Page


@pytest.fixture(scope="module")
def ontology(tmp_path_factory: pytest.TempPathFactory) -> Ontology:
    return small_ontology(tmp_path_factory.mktemp("ontology"))


@pytest.fixture(scope="module")
def graph(ontology: Ontology) -> rdflib.Graph:
    return sample(ontology)


@pytest.fixture(scope="module")
def file(graph: rdflib.Graph, ontology: Ontology, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("page") / "graph.html"
    html.write(scene(analyse.network(graph, ontology), ontology), out)
    return out


@dataclass
class Seen:
    """A page and all it has said and asked for since it was opened."""

    page: Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def refuse(self, dialog: Dialog) -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def js(self, code: str) -> Any:
        return self.page.evaluate(code)

    def claim(self, subject: str, relation: str, object_: str) -> str:
        """JavaScript that finds a claim by its labels."""
        names = json.dumps([subject, relation, object_])
        return f"kg.claims.find((c) => [kg.nodes[c.from].label, c.relation, kg.nodes[c.to].label].every((x, i) => x === {names}[i]))"

    def point(self, code: str) -> tuple[float, float]:
        """Where a point of the drawing is on the screen."""
        at = self.js(
            f"(() => {{ const p = kg.network.canvasToDOM({code}); const b = document.getElementById('network').getBoundingClientRect();"
            " return [b.left + p.x, b.top + p.y]; })()"
        )
        return cast("tuple[float, float]", tuple(at))


def visit(chromium: Browser, file: Path, *, width: int = 1400, fragment: str = "") -> Iterator[Seen]:
    page = chromium.new_page(viewport={"width": width, "height": 900}, reduced_motion="reduce")
    seen = Seen(page)
    page.on("console", lambda message: seen.console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: seen.console.append(f"error: {error}"))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.on("dialog", seen.refuse)
    page.goto(file.as_uri() + fragment)
    page.wait_for_selector("html[data-ready]", state="attached")
    page.wait_for_timeout(120)
    yield seen
    page.close()
    assert seen.console == [] and seen.dialogs == []
    assert {address.split("#")[0] for address in seen.requests} == {file.as_uri()}


@pytest.fixture
def seen(chromium: Browser, file: Path) -> Iterator[Seen]:
    """The page, freshly opened; afterwards nothing was logged, no dialog opened and no request left."""
    yield from visit(chromium, file)


# --- what is drawn ----------------------------------------------------------------------------------------------------


def test_everything_of_the_graph_is_drawn(seen: Seen, graph: rdflib.Graph, ontology: Ontology) -> None:
    net = analyse.network(graph, ontology)
    assert seen.js("kg.network.body.data.nodes.length") == len(net) == len(ENTITIES)
    assert seen.js("kg.network.body.data.edges.length") == net.number_of_edges()
    assert seen.js("kg.network.body.data.edges.length") == net.number_of_edges()
    assert sorted(seen.js("kg.nodes.map((n) => n.label)")) == sorted(d["label"] for _, d in net.nodes(data=True))


def test_it_opens_still_where_it_was_laid_out(seen: Seen, graph: rdflib.Graph, ontology: Ontology) -> None:
    places = "Object.fromEntries(kg.nodes.map((n) => [kg.kg.base + n.iri, [kg.network.body.nodes[n.id].x, kg.network.body.nodes[n.id].y]]))"
    before = seen.js(places)
    seen.page.wait_for_timeout(500)
    assert seen.js(places) == before
    net = analyse.network(graph, ontology)
    assert {iri: tuple(at) for iri, at in before.items()} == layout.positions(net, analyse.communities(net))
    assert seen.js("kg.network.physics.physicsEnabled") is False


def test_all_of_it_is_within_the_window(seen: Seen) -> None:
    inside = """kg.nodes.filter((n) => n.out.length + n.in.length).every((n) => {
        const p = kg.network.canvasToDOM({x: n.x, y: n.y}); const b = document.getElementById('network').getBoundingClientRect();
        return 0 < p.x && p.x < b.width && 0 < p.y && p.y < b.height; })"""
    assert seen.js(inside)


@pytest.mark.parametrize("zoom", [0.5, 1, 2.2])
def test_names_and_relations_are_never_piled_up(seen: Seen, zoom: float) -> None:
    seen.js(f"kg.network.moveTo({{scale: kg.network.getScale() * {zoom}}})")
    seen.page.wait_for_timeout(150)
    boxes = seen.js("kg.labels().nodes.map((l) => [l.box]).concat(kg.labels().claims.map((l) => l.boxes))")
    assert len(boxes) >= 20
    clashes = [
        (a, b)
        for i, mine in enumerate(boxes)
        for other in boxes[:i]
        for a in mine
        for b in other
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
    assert clashes == []


def test_every_name_is_legible_at_first_sight(seen: Seen) -> None:
    assert seen.js("kg.labels().nodes.length") == len(ENTITIES)
    assert "Héloïse Ménard" in seen.js("kg.labels().nodes.map((l) => l.text.join(' '))")
    assert "Œuvre numérique" in seen.js("kg.labels().nodes.map((l) => l.text.join(' '))")


def test_every_relation_is_named_when_one_comes_near(seen: Seen) -> None:
    seen.js("kg.network.moveTo({scale: 1.6})")
    seen.page.wait_for_timeout(150)
    assert seen.js("kg.labels().claims.length") == seen.js("kg.claims.length")
    assert "s’oppose à" in seen.js("kg.labels().claims.map((l) => l.text)")


def test_status_shows_in_the_line(seen: Seen) -> None:
    look = "(c) => { const e = kg.network.body.data.edges.get(c.id); return [JSON.stringify(e.dashes), e.color.color]; }"
    shown = {s: seen.js(f"({look})(kg.claims.find((c) => c.status === '{s}'))") for s in ("asserted", "planned", "rumoured", "denied")}
    assert shown["asserted"][0] == "false" and shown["denied"][0] == "false"
    dash, dot = json.loads(shown["planned"][0]), json.loads(shown["rumoured"][0])
    assert dash[0] > dot[0]
    crossed = "kg.labels().marks.length + kg.labels().claims.filter((l) => l.text.startsWith('✕')).length"
    assert seen.js(crossed) == seen.js("kg.claims.filter((c) => c.status === 'denied').length") == 2


def test_arrows_point_at_the_object_and_symmetric_relations_have_none(seen: Seen) -> None:
    arrows = seen.js("kg.claims.map((c) => [c.relation, kg.network.body.edges[c.id].options.arrows.to.enabled])")
    assert {relation for relation, enabled in arrows if not enabled} == {"competesWith", "partnersWith"}
    assert all(not enabled for relation, enabled in arrows if relation in {"competesWith", "partnersWith"})


def test_parallel_relations_bend_apart(seen: Seen) -> None:
    middles = seen.js(
        "kg.claims.filter((c) => [c.from, c.to].map((i) => kg.nodes[i].label).sort().join() === 'IBM,Red Hat')"
        ".map((c) => kg.network.body.edges[c.id].edgeType.getPoint(0.5))"
    )
    assert len(middles) == 3
    apart = [((a["x"] - b["x"]) ** 2 + (a["y"] - b["y"]) ** 2) ** 0.5 for i, a in enumerate(middles) for b in middles[:i]]
    assert min(apart) > 12


def test_the_heading_says_what_was_read(seen: Seen) -> None:
    assert seen.page.inner_text("#summary") == "30 entités et 32 affirmations lues dans 9 brèves du 5 février 2024 au 1er juin 2024"
    assert seen.page.is_hidden("#cut")


# --- finding and reading ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("IBM", "IBM"),
        ("big bl", "IBM"),
        ("equin", "Équinoxe"),
        ("OEUVRE", "Œuvre numérique"),
        ("menard", "Héloïse Ménard"),
        ("dma", "Digital Markets Act"),
    ],
)
def test_search_finds_by_name_and_alias_without_accents(seen: Seen, typed: str, name: str) -> None:
    seen.page.fill("#search", typed)
    assert name in seen.page.inner_text("#found li >> nth=0")
    seen.page.press("#search", "Enter")
    assert seen.page.inner_text("#panel h2") == name
    assert seen.js("kg.network.getSelectedNodes().map((i) => kg.nodes[i].label)") == [name]


def test_search_completes_and_says_when_there_is_nothing(seen: Seen) -> None:
    seen.page.fill("#search", "o")
    assert seen.page.locator("#found li").count() > 2
    seen.page.press("#search", "ArrowDown")
    assert seen.page.get_attribute("#search", "aria-activedescendant") == "found-1"
    second = seen.page.inner_text("#found-1 .name")
    seen.page.press("#search", "Enter")
    assert seen.page.inner_text("#panel h2") == second
    seen.page.fill("#search", "zzzz")
    assert seen.page.inner_text("#found") == "Rien de ce nom"


def test_clicking_an_arrow_shows_the_sentence_that_says_it(seen: Seen) -> None:
    claim = seen.claim("Apple", "acquires", "Mistral AI")
    seen.page.mouse.click(*seen.point(f"kg.network.body.edges[{claim}.id].edgeType.getPoint(0.3)"))
    panel = seen.page.locator("#panel")
    assert panel.locator("h2").inner_text() == "Apple rachète Mistral AI"
    assert "Apple s'oppose à le Digital Markets Act et dément vouloir racheter Mistral AI." in panel.locator("blockquote").inner_text()
    assert panel.locator("mark.trigger").inner_text() == "dément vouloir racheter"
    assert [panel.locator(f"mark.{role}").inner_text() for role in ("subject", "object")] == ["Apple", "Mistral AI"]
    text = panel.inner_text()
    begins = analyse.beginning(next(text for key, _, text, _ in BRIEFS if key == "journal#6"))
    for told in ("démenti", "14 Md $", "90 %", begins, "sans date", "acquires/verb/active"):
        assert told in text.replace("\u202f", " ").replace("\xa0", " ")


def test_clicking_a_name_shows_the_entity(seen: Seen) -> None:
    seen.page.mouse.click(*seen.point("(() => { const n = kg.nodes.find((n) => n.label === 'Red Hat'); return {x: n.x, y: n.y}; })()"))
    panel = seen.page.inner_text("#panel").replace("\u202f", " ")
    for told in (
        "Red Hat",
        "Entreprise",
        "Création",
        "1993",
        "Effectif",
        "19 000",
        "IBM",
        "rachète",
        "cède",
        "est partenaire de",
        "rumeur",
    ):
        assert told in panel
    seen.page.keyboard.press("Escape")
    assert seen.page.locator("#panel h2").count() == 0


def test_clicking_a_label_opens_what_it_names(seen: Seen) -> None:
    seen.js("kg.network.moveTo({scale: 1.2, position: kg.nodes.find((n) => n.label === 'Doctolib')})")
    seen.page.wait_for_timeout(150)
    spot = "(() => { const l = kg.labels().claims.find((l) => l.text === 'enquête sur'); return {x: l.x, y: l.y}; })()"
    seen.page.mouse.click(*seen.point(spot))
    assert seen.page.inner_text("#panel h2") == "CNIL enquête sur Doctolib"


def test_evidence_of_several_briefs_stands_under_one_claim(seen: Seen) -> None:
    seen.js(f"location.hash = encodeURIComponent({seen.claim('IBM', 'acquires', 'Red Hat')}.iri)")
    seen.page.wait_for_selector("figure >> nth=1")
    assert seen.page.locator("figure").count() == 2
    assert "5 février 2024" in seen.page.inner_text("figure >> nth=0")
    assert "Comme prévu, big blue" in seen.page.inner_text("figure >> nth=1")
    assert "34 Md $" in seen.page.inner_text(".facts").replace("\xa0", " ").replace("\u202f", " ")


def test_highlights_are_right_after_an_emoji(seen: Seen) -> None:
    """Our offsets count code points, a browser's count UTF-16 units."""
    seen.js(f"location.hash = encodeURIComponent({seen.claim('Équinoxe', 'launches', 'Flûte à bec 🎶')}.iri)")
    seen.page.wait_for_selector("mark.trigger")
    assert [seen.page.inner_text(f"mark.{role}") for role in ("trigger", "subject", "object")] == ["dévoile", "Équinoxe", "Flûte à bec 🎶"]
    assert seen.page.inner_text("blockquote").startswith("🎉 Petit évènement 🎶 : Équinoxe")


@given(st.text(max_size=40), st.data())
def test_utf16_spans_hold_the_same_words(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    encoded = text.encode("utf-16-le", "surrogatepass")
    a, b = utf16(text, span)
    assert encoded[2 * a : 2 * b].decode("utf-16-le", "surrogatepass") == span.of(text)


def test_a_link_to_the_page_opens_what_it_names(chromium: Browser, file: Path, ontology: Ontology) -> None:
    for seen in visit(chromium, file, fragment="#" + quote(str(entity("la Cnil", ontology)), safe="")):
        assert seen.page.inner_text("#panel h2") == "CNIL"


def test_keys_alone_lead_to_the_sentence(seen: Seen) -> None:
    seen.page.keyboard.press("/")
    seen.page.keyboard.type("red hat")
    seen.page.keyboard.press("Enter")
    assert seen.js("document.activeElement.textContent") == "Red Hat"
    for _ in range(12):
        seen.page.keyboard.press("Tab")
        if "IBM" in seen.js("document.activeElement.textContent") and seen.js("document.activeElement.className") == "claim":
            break
    seen.page.keyboard.press("Enter")
    assert "Red Hat" in seen.page.inner_text("blockquote >> nth=0")
    seen.page.keyboard.press("Escape")
    assert seen.js("document.activeElement.id") == "network"


# --- filters, list, language ------------------------------------------------------------------------------------------


def shown(seen: Seen) -> tuple[int, int]:
    return seen.js("kg.network.body.data.nodes.length"), seen.js("kg.network.body.data.edges.length")


def test_the_legend_counts_what_there_is(seen: Seen) -> None:
    counts = {li.split("\n")[0]: int(li.split("\n")[-1]) for li in seen.page.locator("#classes li").all_inner_texts()}
    by_class: dict[str, int] = {}
    for kind, *_ in ENTITIES.values():
        by_class[kind] = by_class.get(kind, 0) + 1
    assert (counts["Entreprise"], counts["Investisseur"], counts["Lieu"]) == (by_class["Company"], by_class["Investor"], by_class["Place"])
    assert sum(counts.values()) == len(ENTITIES) + counts["Sans lien"]
    statuses = [int(t) for t in seen.page.locator("#statuses .count").all_inner_texts()]
    assert statuses == [26, 2, 2, 2]


def test_the_legend_filters_by_class(seen: Seen) -> None:
    nodes, edges = shown(seen)
    seen.page.click("#classes label:has-text('Lieu')")
    assert shown(seen) == (nodes - 2, edges - 2)
    seen.page.click("#classes label:has-text('Lieu')")
    assert shown(seen) == (nodes, edges)


def test_the_legend_filters_by_status_and_relation(seen: Seen) -> None:
    seen.page.click("#statuses button >> nth=1")
    assert shown(seen) == (0, 0) and seen.page.is_visible("#nothing")
    seen.page.click("#statuses label:has-text('Démenti')")
    assert shown(seen) == (4, 2)
    assert sorted(seen.js("[...kg.shown.nodes].map((i) => kg.nodes[i].label)")) == ["Apple", "Microsoft", "Mistral AI", "Nokia"]
    seen.page.click("#statuses button >> nth=0")
    seen.page.click("#relations button >> nth=1")
    seen.page.click("#relations .more button")
    seen.page.click("#relations label:has-text('nomme')")
    assert shown(seen) == (2, 1)


def test_opening_what_a_filter_hides_brings_it_back(seen: Seen) -> None:
    seen.page.click("#classes label:has-text('Lieu')")
    seen.page.fill("#search", "roubaix")
    seen.page.press("#search", "Enter")
    assert seen.page.inner_text("#panel h2") == "Roubaix"
    assert seen.page.is_checked("#classes label:has-text('Lieu') input")


def test_the_list_says_the_same_as_the_picture(seen: Seen) -> None:
    seen.page.click("#as-table")
    rows = seen.page.locator("#table tbody tr")
    assert rows.count() == len({(c.subject, c.relation, c.object) for *_, said in BRIEFS for c in said})
    seen.page.click("#sort-amount")
    seen.page.click("#sort-amount")
    assert rows.first.locator("td.amount").inner_text().replace("\xa0", " ").replace("\u202f", " ") == "34 Md $"
    rows.first.locator("button").click()
    assert seen.page.inner_text("#panel h2") == "IBM rachète Red Hat"
    seen.page.click("#statuses label:has-text('Affirmé')")
    assert rows.count() == 6


def test_it_speaks_english_too(seen: Seen) -> None:
    seen.page.click("[data-lang=en]")
    assert seen.js("document.documentElement.lang") == "en"
    assert seen.page.inner_text("#summary").startswith("30 entities and 32 claims read in 9 briefs from 5 February 2024")
    assert "Company" in seen.page.inner_text("#legend") and "Entreprise" not in seen.page.inner_text("#legend")
    seen.js("kg.network.moveTo({scale: 1.6})")
    seen.page.wait_for_timeout(120)
    assert "acquires" in seen.js("kg.labels().claims.map((l) => l.text)")


def test_nothing_is_cut_off_on_a_small_screen(chromium: Browser, file: Path) -> None:
    for seen in visit(chromium, file, width=420):
        assert seen.js("document.documentElement.scrollWidth") <= 420


# --- what must not happen ---------------------------------------------------------------------------------------------


def test_nothing_of_a_hostile_brief_runs(seen: Seen) -> None:
    seen.page.fill("#search", "<img")
    assert HOSTILE in seen.page.inner_text("#found")
    seen.page.press("#search", "Enter")
    assert seen.page.inner_text("#panel h2") == HOSTILE
    assert "</script><script>alert(2)</script>" in seen.page.inner_text("#panel .aliases")
    seen.page.click("#panel .claim")
    text = seen.page.inner_text("#panel blockquote")
    assert text == "<img src=x onerror=alert(1)> achète {{7*7}} </script><script>alert(3)</script> et ${7*7}."
    seen.page.click("#as-table")
    assert HOSTILE in seen.page.inner_text("#table")
    assert seen.js("document.images.length") == 0
    assert seen.js("document.scripts.length") == len(html.MODULES) + 3
    assert "{{7*7}}" in seen.js("kg.nodes.map((n) => n.label)")


def test_only_web_addresses_become_links(seen: Seen) -> None:
    seen.page.fill("#search", "IBM")
    seen.page.press("#search", "Enter")
    assert [a.get_attribute("href") for a in seen.page.locator("#panel a").all()] == ["http://www.wikidata.org/entity/Q37156"]


def test_the_policy_stops_a_script_that_is_not_ours(chromium: Browser, file: Path, tmp_path: Path) -> None:
    """The policy itself is tried: the same page with one more script in it does not run that script."""
    strange = "<script>window.foreign = 1</script><img src=x onerror='window.foreign = 2'></body>"
    spoilt = tmp_path / "spoilt.html"
    spoilt.write_text(file.read_text(encoding="utf-8").replace("</body>", strange), encoding="utf-8")
    page = chromium.new_page()
    page.goto(spoilt.as_uri())
    page.wait_for_selector("html[data-ready]", state="attached")
    assert page.evaluate("window.foreign") is None
    page.close()


def test_the_policy_names_the_very_scripts_and_style_of_the_page(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert found is not None
    policy = markup.unescape(found[1])
    blocks = re.findall(r"<script>(.*?)</script>|<style>(.*?)</style>", text, re.S)
    assert len(blocks) == len(html.MODULES) + 2
    for block in blocks:
        digest = base64.b64encode(hashlib.sha256("".join(block).encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ") and "unsafe" not in policy and "http" not in policy
    ours = re.sub(r"<script.*?</script>", "", text, flags=re.S)
    assert not re.search(r"<(link|iframe|object|embed|img)\b|@import|url\(|\bsrc=", ours)


# --- the file ---------------------------------------------------------------------------------------------------------


def test_too_many_entities_are_cut_and_the_page_says_so(chromium: Browser, graph: rdflib.Graph, ontology: Ontology, tmp_path: Path) -> None:
    out = tmp_path / "few.html"
    html.write(scene(analyse.network(graph, ontology), ontology, limit=8), out)
    for seen in visit(chromium, out):
        assert seen.js("kg.nodes.length") == 8
        assert seen.page.inner_text("#cut").startswith("Cette page tient les 8 entités les plus reliées : 22 entités")
        assert seen.page.inner_text("#summary").startswith("30 entités")


def test_a_thousand_entities_open_at_once(chromium: Browser, ontology: Ontology, tmp_path: Path) -> None:
    out = tmp_path / "crowd.html"
    made = crowd(WHOLE)
    html.write(scene(made, ontology), out)
    for seen in visit(chromium, out):
        assert seen.js("kg.network.body.data.nodes.length") == WHOLE
        assert seen.js("performance.now()") < 15_000
        assert 20 < seen.js("kg.labels().nodes.length") < 400


def test_an_empty_graph_gives_a_page(chromium: Browser, ontology: Ontology, tmp_path: Path) -> None:
    out = tmp_path / "empty.html"
    html.write(scene(analyse.network(rdflib.Graph(), ontology), ontology), out)
    for seen in visit(chromium, out):
        assert seen.page.inner_text("#summary") == "0 entité et 0 affirmation lues dans 0 brève"


def test_the_same_bytes_in_every_process(file: Path, tmp_path: Path) -> None:
    code = (
        "import pathlib, sys, test_analyse as t; from kg import analyse; from kg.writers import html\n"
        "from kg.writers.scene import scene\n"
        "folder = pathlib.Path(sys.argv[1]); o = t.small_ontology(folder)\n"
        "html.write(scene(analyse.network(t.sample(o), o), o), folder / 'graph.html')\n"
    )
    here = Path(__file__).resolve().parent
    for seed in ("0", "1", "20"):
        folder = tmp_path / seed
        folder.mkdir()
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": f"{here.parent}{os.pathsep}{here}"}
        subprocess.run([sys.executable, "-c", code, str(folder)], env=env, check=True)
        assert (folder / "graph.html").read_bytes() == file.read_bytes()


def test_a_file_is_replaced_whole_or_not_at_all(
    graph: rdflib.Graph, ontology: Ontology, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "graph.html"
    out.write_text("before", encoding="utf-8")
    data = scene(analyse.network(graph, ontology), ontology)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(KgError, match=r"graph\.html: cannot be written: No space left on device"):
            html.write(data, out)
    assert out.read_text(encoding="utf-8") == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["graph.html"]
    with pytest.raises(KgError, match="cannot be written"):
        html.write(data, out / "below-a-file.html")


def test_a_class_the_ontology_does_not_know_is_drawn_plainly(graph: rdflib.Graph, ontology: Ontology) -> None:
    net = analyse.network(graph, ontology)
    assert "autre" not in {look["fr"] for look in _data(html.render(scene(net, ontology)))["classes"].values()}
    stray = rdflib.Graph()
    for triple in graph:
        stray.add(triple)
    lost = entity("Apple", ontology)
    stray.remove((lost, rdflib.RDF.type, None))
    stray.remove((lost, RDFS.label, None))
    stray.add((lost, RDFS.label, Literal("Pomme", lang="fr")))
    told = _data(html.render(scene(analyse.network(stray, ontology), ontology)))
    assert told["classes"][""]["fr"] == "autre"


def _data(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.S)
    assert found is not None
    return cast("dict[str, Any]", json.loads(found[1])["kg"])
