"""Claims ↔ RDF: the golden shape, combining evidence, adding, replacing and removing briefs, and what is written."""

from __future__ import annotations

import io
import itertools
import os
import random
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from graphs import BASE, RUN, Writer, lines, shape_briefs, small_ontology, stored
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib.compare import isomorphic

from kg import link as linking
from kg.errors import KgError
from kg.graph import READINGS, Run, Said, Store, combine, confidence, current_run, date, money, number, open_store, period, share
from kg.link import Ids, NameRow, names_of
from kg.model import Brief, Claim, Evidence, Extraction, Span, Status
from kg.namespaces import KG, PREFIXES
from kg.writers import TextKept
from kg.writers.rdf import ntriples, turtle

HERE = Path(__file__).parent
FIRST, SECOND = shape_briefs()
IDS = Ids(BASE)


def _ask(store: Store, where: str) -> bool:
    return bool(store.query(f"PREFIX org_: <{BASE}org/> PREFIX place: <{BASE}place/> ASK {{ {where} }}").boolean)


def _held(store: Store, relation: str) -> list[tuple[str, str]]:
    rows = store.query(
        f"SELECT ?status ?confidence {{ ?c rdf:predicate kg:{relation} ; kg:status ?status ; kg:confidence ?confidence }} ORDER BY ?status"
    ).dicts()
    return [((r["status"] or "").removeprefix(KG), r["confidence"] or "") for r in rows]


# --- the shape --------------------------------------------------------------------------------------------------------


def test_the_shape_is_the_golden_one() -> None:
    golden = {q.triple for q in ox.parse(path=HERE / "shape.ttl", format=ox.RdfFormat.TURTLE)}
    graph = set(stored(FIRST, SECOND).triples())
    assert sorted(map(str, graph - golden)) == []
    assert sorted(map(str, golden - graph)) == []
    assert len(golden) > 250


def test_no_blank_node_and_nothing_outside_the_default_graph_but_what_was_read() -> None:
    store = stored(FIRST, SECOND)
    assert not any(isinstance(term, ox.BlankNode) for t in store.triples() for term in (t.subject, t.object))
    assert list(store.raw.named_graphs()) == [READINGS]
    assert len(list(store.raw.quads_for_pattern(None, None, None, READINGS))) == 5  # a reading and its profiles each; by what rules, too


def test_statistics_and_briefs() -> None:
    store = stored(FIRST, SECOND)
    stats = store.stats()
    assert (stats.briefs, stats.evidence, stats.triples) == (2, 6, len(list(store.triples())))
    assert stats.entities == {"Company": 3, "Person": 1, "Place": 1}
    assert stats.claims[("acquires", Status.ASSERTED)] == 1 and sum(stats.claims.values()) == 5
    first, second = store.briefs()
    assert (first.key, first.date, first.source) == ("shape#1", "2021-05-18", "https://exemple.fr/a?b=1")
    assert (second.key, second.date, second.title) == ("shape#2", "2021-06", "Acier Bleu croque Zinc")


def test_the_rdflib_view_answers_sparql_with_our_prefixes() -> None:
    rows = list(stored(FIRST, SECOND).graph.query("SELECT ?n { ?b kg:acquires ?t . ?t rdfs:label ?n }"))
    assert [str(r[0]) for r in rows] == ["Zinc SA"]  # type: ignore[index]


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lexical", "kind"),
    [
        ("500", "500", "integer"),
        ("007", "7", "integer"),
        ("5.0", "5", "integer"),
        ("1.50", "1.5", "decimal"),
        ("-3", "-3", "integer"),
        ("0.10", "0.1", "decimal"),
        ("120000000000000000", "120000000000000000", "integer"),
    ],
)
def test_numbers_are_canonical(text: str, lexical: str, kind: str) -> None:
    literal = number(text)
    assert literal is not None and (literal.value, literal.datatype.value.rpartition("#")[2]) == (lexical, kind)
    store = ox.Store()
    node = ox.NamedNode("urn:x")
    store.add(ox.Quad(node, node, literal))
    assert next(iter(store)).object == literal  # Oxigraph does not write it otherwise


@pytest.mark.parametrize("text", ["", "1e5", "NaN", "douze", "1,5", "1.", "--1", "9" * 40])
def test_what_is_no_number(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("iso", "days", "kind"),
    [
        ("2014", ("2014-01-01", "2014-12-31"), "gYear"),
        ("2021-02", ("2021-02-01", "2021-02-28"), "gYearMonth"),
        ("2024-02", ("2024-02-01", "2024-02-29"), "gYearMonth"),
        ("2021-05-18", ("2021-05-18", "2021-05-18"), "date"),
        ("2021-13", None, "string"),
        ("2021-02-30", None, "string"),
        ("2021-00", None, "string"),
        ("0000", None, "string"),
        ("fin 2021", None, "string"),
    ],
)
def test_dates_keep_their_precision(iso: str, days: tuple[str, str] | None, kind: str) -> None:
    assert period(iso) == days
    assert (date(iso).value, date(iso).datatype.value.rpartition("#")[2]) == (iso, kind)


def test_money_share_and_confidence() -> None:
    assert money("276000000 EUR", IDS) == ox.NamedNode(f"{BASE}money/EUR/276000000")
    assert money("1.50 USD", IDS) == ox.NamedNode(f"{BASE}money/USD/1.5")
    assert money("beaucoup", IDS) == ox.Literal("beaucoup")
    assert (share("49 %").value, share("49,5 %").value, share("33.3").value) == ("49", "49.5", "33.3")
    assert [str(confidence(c)) for c in (0.0, 0.125, 0.975, 1.0)] == ["0.01", "0.13", "0.98", "0.99"]


# --- combining --------------------------------------------------------------------------------------------------------

A, P, R, D = Status.ASSERTED, Status.PLANNED, Status.RUMOURED, Status.DENIED


def _said(status: Status, sure: str = "0.5", text: str = "t", day: str = "", **more: ox.Literal) -> Said:
    return Said(status, Decimal(sure), text, day, **more)


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([_said(P), _said(A)], A),
        ([_said(A, day="2021-01-01"), _said(D, day="2021-02-01")], D),
        ([_said(A, day="2021-03-01"), _said(D, day="2021-02-01")], A),
        ([_said(A, day="2021-02-01"), _said(D, day="2021-02-01")], A),
        ([_said(A), _said(D, day="1999-01-01")], D),
        ([_said(A), _said(D)], A),
        ([_said(D), _said(P, day="2021-01-01")], D),
        ([_said(P), _said(R)], P),
        ([_said(P, day="2021-01-01"), _said(R, day="2021-02-01")], R),
        ([_said(R)], R),
    ],
)
def test_the_status_of_a_claim(pieces: list[Said], expected: Status) -> None:
    assert {combine(p).status for p in itertools.permutations(pieces)} == {expected}


def test_confidence_is_that_of_the_status_over_texts() -> None:
    assert combine([_said(A, "0.8")]).confidence == Decimal("0.8")
    assert combine([_said(A, "0.8", "one"), _said(A, "0.5", "one")]).confidence == Decimal("0.8")
    assert combine([_said(A, "0.8", "one"), _said(A, "0.5", "two")]).confidence == Decimal("0.9")
    assert combine([_said(A, "0.8", "one"), _said(D, "0.9", "two"), _said(P, "0.9", "three")]).confidence == Decimal("0.8")
    assert combine([_said(A, "0.9", str(n)) for n in range(9)]).confidence == Decimal("0.99")


def test_qualifiers_are_those_of_the_latest_who_holds_it_so_and_dates_the_most_precise() -> None:
    lit = ox.Literal
    year, month = date("2021"), date("2021-05")
    held = combine(
        [
            _said(A, day="2021-01-01", amount=lit("1"), bound=lit("≥"), date=month, role=lit("DG")),
            _said(A, "0.4", day="2021-02-01", amount=lit("2"), date=year),
            _said(A, "0.6", day="2021-02-01", amount=lit("3")),
            _said(P, "0.9", day="2022-01-01", amount=lit("4"), share=lit("5")),
        ]
    )
    assert (held.amount, held.bound, held.date, held.role, held.share) == (lit("3"), None, month, lit("DG"), None)


_LITERALS = st.none() | st.sampled_from([ox.Literal(v) for v in "abc"])
_DATES = st.none() | st.sampled_from([date(v) for v in ("2014", "2014-02", "2015", "2014-02-03")])
_SAID = st.builds(
    Said,
    status=st.sampled_from(Status),
    confidence=st.integers(1, 99).map(lambda n: Decimal(n) / 100),
    text=st.sampled_from(["one", "two", "three"]),
    day=st.sampled_from(["", "2021-01-01", "2021-02-01"]),
    amount=_LITERALS,
    date=_DATES,
    role=_LITERALS,
    share=_LITERALS,
    bound=_LITERALS,
)


@given(st.lists(_SAID, min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_combining_is_a_function_of_the_set(pieces: list[Said], chance: random.Random) -> None:
    """Commutative, associative and idempotent: order, grouping and repetition of what was said change nothing."""
    held = combine(pieces)
    shuffled = pieces + chance.choices(pieces, k=len(pieces))
    chance.shuffle(shuffled)
    assert combine(shuffled) == held
    cut = chance.randrange(len(pieces))
    assert combine(set(pieces[:cut]) | set(pieces[cut:])) == combine(iter(reversed(pieces))) == held


@given(st.lists(_SAID, min_size=1, max_size=6), _SAID)
def test_more_evidence_of_its_status_never_lowers_confidence(pieces: list[Said], more: Said) -> None:
    before, after = combine(pieces), combine([*pieces, more])
    if more.status is before.status is after.status:
        assert after.confidence >= before.confidence


# --- briefs come and go -----------------------------------------------------------------------------------------------

NAMES = ["Uno", "Duo", "Tres", "Quad"]


@st.composite
def _extractions(draw: st.DrawFn, key: str) -> Extraction:
    """A brief about some of four firms: mentions, claims of every kind, any status; few texts, so that some are equal."""
    text = draw(st.sampled_from(["Uno, Duo, Tres, Quad : rien.", "Quad, Tres, Duo, Uno : tout.", "Uno Duo Tres Quad DUO, à 5 €."]))
    writer = Writer(key, text, draw(st.sampled_from([None, "2021", "2021-05-18", "2020-01"])))
    for name in NAMES:
        aliases = draw(st.sampled_from([(), (), ("DUO",)])) if name == "Duo" else ()
        writer.entity(name, draw(st.sampled_from(["Company", "Investor", "Organization"])), *aliases)
    for _ in range(draw(st.integers(0, 6))):
        subject, object_ = draw(st.permutations(NAMES))[:2]
        relation = draw(st.sampled_from(["acquires", "partnersWith", "holdsPositionAt", "raised", "employees"]))
        value = {"raised": draw(st.sampled_from(["5 EUR", "7.5 USD"])), "employees": "500"}.get(relation)
        writer.claim(
            subject,
            relation,
            value or object_,
            ":" if ":" in text else "€",
            said=(subject, object_),
            status=draw(st.sampled_from(Status)),
            confidence=draw(st.sampled_from([0.3, 0.5, 0.9])),
            amount=draw(st.sampled_from([None, "5 EUR", "6 EUR"])),
            role=draw(st.sampled_from([None, "PDG", "pdg", "DG"])),
            date=draw(st.sampled_from([None, "2014", "2014-03"])),
        )
    return writer.done()


_CORPUS = st.tuples(*(_extractions(f"b{n}") for n in range(3)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_CORPUS, st.permutations(range(3)), st.integers(0, 2), _extractions("b0"))
def test_order_repetition_replacement_and_removal_leave_no_trace(
    corpus: tuple[Extraction, ...], order: list[int], gone: int, other: Extraction
) -> None:
    ontology = small_ontology()
    expected = lines(stored(*corpus))
    again = stored(*(corpus[i] for i in order))
    assert lines(again) == expected
    # the same once more changes nothing
    assert {again.add(e, ontology, RUN) for e in corpus} == {"skipped"}
    assert lines(again) == expected
    # another brief in its place, and back
    if other.brief != corpus[0].brief:
        assert again.add(other, ontology, RUN) == "replaced"
        assert lines(again) == lines(stored(other, *corpus[1:]))
        assert again.add(corpus[0], ontology, RUN) == "replaced"
        assert lines(again) == expected
    # out it goes, as if it had never been there
    assert again.remove(corpus[gone].brief.key, ontology)
    assert lines(again) == lines(stored(*(e for i, e in enumerate(corpus) if i != gone)))
    for extraction in corpus:
        again.remove(extraction.brief.key, ontology)
    assert lines(again) == []


def test_a_store_opened_anew_combines_as_one_that_stayed_open(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    for extraction in (FIRST, SECOND):
        with open_store(spec, base=BASE) as store:
            store.add(extraction, small_ontology(), RUN)
    with open_store(spec, base=BASE) as store:
        assert lines(store) == lines(stored(FIRST, SECOND))
        assert store.remove("shape#2", small_ontology())
        assert lines(store) == lines(stored(FIRST))
        assert not store.remove("shape#2", small_ontology())
        assert not store.remove("no such key")


def test_a_brief_is_read_again_when_its_text_its_date_or_the_rules_change() -> None:
    store = stored(FIRST)
    brief = FIRST.brief
    assert store.state(brief, RUN) == "same"
    assert store.state(Brief("other", brief.text), RUN) == "new"
    for changed in (Brief(brief.key, brief.text + " ", brief.date, source=brief.source), Brief(brief.key, brief.text, source=brief.source)):
        assert store.state(changed, RUN) == "changed"
    assert store.state(brief, Run("1.0", "rules-2")) == "changed"
    assert store.add(FIRST, small_ontology(), Run("1.0", "rules-2")) == "replaced"
    assert lines(store) == lines(stored(FIRST, run=Run("1.0", "rules-2")))


def test_the_same_text_under_two_keys_counts_once() -> None:
    def brief(key: str, text: str) -> Extraction:
        writer = Writer(key, text).entity("Uno", "Company").entity("Duo", "Company")
        return writer.claim("Uno", "acquires", "Duo", "avale", confidence=0.8).done()

    once, twice, other = brief("a", "Uno avale Duo."), brief("b", "Uno avale Duo."), brief("c", "Uno avale donc Duo.")
    assert _held(stored(once, twice), "acquires") == [("asserted", "0.8")]
    assert _held(stored(once, twice, other), "acquires") == [("asserted", "0.96")]


def test_plain_triples_stand_exactly_for_asserted_claims() -> None:
    def brief(key: str, status: Status, day: str, role: str | None = None) -> Extraction:
        writer = Writer(key, f"Uno, Duo, Tres {key}", day).entity("Uno", "Company").entity("Duo", "Company").entity("Tres", "Person")
        writer.claim("Uno", "competesWith", "Duo", ",", status=status)
        return writer.claim("Tres", "holdsPositionAt", "Uno", ",", status=status, role=role).done()

    store = stored(brief("k1", P, "2021-01-01", "PDG"))
    assert not _ask(store, "?a kg:competesWith ?b") and not _ask(store, "?a kg:holdsPositionAt ?b")
    store.add(brief("k2", A, "2021-02-01", "pdg"), small_ontology(), RUN)
    assert _ask(store, "org_:duo kg:competesWith org_:uno . org_:uno kg:competesWith org_:duo . ?a kg:holdsPositionAt ?b")
    assert len(_held(store, "holdsPositionAt")) == 1
    # Another post at the same place is another claim; the plain triple stands while one of them is asserted.
    store.add(brief("k3", A, "2021-02-01", "DG"), small_ontology(), RUN)
    assert len(_held(store, "holdsPositionAt")) == 2
    store.add(brief("k4", D, "2021-03-01", "PDG"), small_ontology(), RUN)
    assert _held(store, "competesWith") == [("denied", "0.9")]
    assert not _ask(store, "?a kg:competesWith ?b") and _ask(store, "?a kg:holdsPositionAt ?b")
    assert store.remove("k3", small_ontology())
    assert not _ask(store, "?a kg:holdsPositionAt ?b")
    assert store.remove("k4", small_ontology())
    assert _ask(store, "?a kg:competesWith ?b") and _ask(store, "?a kg:holdsPositionAt ?b")


def test_labels_and_classes_are_what_most_briefs_say() -> None:
    def brief(key: str, name: str, class_: str, *aliases: str) -> Extraction:
        return Writer(key, f"{name} {key}").entity(name, class_, *aliases).done()

    first = brief("a", "Société Uno", "Company", "Uno")
    store = stored(first, brief("b", "société UNO", "Investor"), brief("c", "Societe Uno", "Investor"))
    assert _ask(store, 'org_:societe-uno rdfs:label "Societe Uno" ; a kg:Investor ; skos:altLabel "Société Uno", "Uno"')
    store.add(brief("d", "Société Uno", "Company"), small_ontology(), RUN)
    assert _ask(store, 'org_:societe-uno rdfs:label "Société Uno" ; skos:altLabel "Societe Uno" ; a kg:Investor')
    store.add(brief("e", "Société Uno", "Company"), small_ontology(), RUN)
    assert _ask(store, "org_:societe-uno a kg:Company")
    assert not _ask(store, 'org_:societe-uno skos:altLabel "société UNO"') or _ask(store, 'org_:societe-uno rdfs:label "Société Uno"')
    assert len(store.query("SELECT ?l { ?e rdfs:label ?l }").rows) == len(store.query("SELECT ?t { ?e rdfs:label ?l ; a ?t }").rows) == 1


def test_the_gazetteer_gives_label_class_and_identifiers(monkeypatch: pytest.MonkeyPatch) -> None:
    names = names_of([NameRow("Grand Fonds", "Investor", ("GF", "Le Grand"), ("Q1",), "test")], small_ontology())
    monkeypatch.setattr(linking, "load_names", lambda _: names)
    monkeypatch.setattr("kg.graph.load_names", lambda _: names)
    store = stored(Writer("a", "GF").entity("GF", "Company").done())
    assert _ask(store, 'org_:grand-fonds a kg:Investor ; rdfs:label "Grand Fonds" ; skos:altLabel "GF", "Le Grand" ; owl:sameAs wd:Q1')
    assert not _ask(store, "?x a kg:Company")
    assert store.remove("a", small_ontology()) and lines(store) == []


def test_an_adjective_is_a_mention_and_no_name() -> None:
    text = "L'américain Uno, né aux États-Unis."
    writer = Writer("a", text).entity("Uno", "Company").entity("États-Unis", "Place", "américain", adjective="américain")
    store = stored(writer.done())
    assert not _ask(store, "place:etats-unis skos:altLabel ?x")
    assert _ask(store, 'place:etats-unis rdfs:label "États-Unis" . ?m kg:entity place:etats-unis ; oa:hasSelector/oa:exact "américain"')


def test_two_names_that_come_to_one_entity_make_no_claim_with_itself() -> None:
    writer = Writer("a", "Uno SA avale UNO SA !").entity("Uno SA", "Company").entity("UNO SA", "Company")
    store = stored(writer.claim("Uno SA", "acquires", "UNO SA", "avale").done())
    assert not _ask(store, "?c a kg:Claim") and _ask(store, 'org_:uno-sa rdfs:label "UNO SA"')


def test_claims_about_no_entity() -> None:
    group = Writer("a", "Le consortium rejoint Uno.").entity("Uno", "Company").entity("consortium", "Consortium")
    store = stored(group.claim("consortium", "partnersWith", "Uno", "rejoint").done())
    assert not _ask(store, "?c a kg:Claim") and store.stats().entities == {"Company": 1}
    writer = Writer("a", "Uno avale Duo.").entity("Uno", "Company")
    with pytest.raises(ValueError, match="a claim acquires about « Duo », which is no entity of the brief"):
        open_store("memory").add(writer.claim("Uno", "acquires", "Duo", "avale").done(), small_ontology(), RUN)


def test_shared_nodes_go_with_the_last_who_points_at_them() -> None:
    def brief(key: str) -> Extraction:
        writer = Writer(key, f"Uno lève {key}").entity("Uno", "Company")
        return writer.claim("Uno", "raised", "5 EUR", "lève", said=("Uno", key)).done()

    store = stored(brief("a"), brief("b"))
    store.remove("a", small_ontology())
    assert _ask(store, "?m a schema:MonetaryAmount") and _ask(store, "?r a kg:Run")
    store.remove("b", small_ontology())
    assert lines(store) == []


def test_touched_claims_are_told() -> None:
    store = stored(FIRST)
    assert len(store.touched_claims) == 2
    store.touched_claims.clear()
    store.add(SECOND, small_ontology(), RUN)
    assert len(store.touched_claims) == 4


HOSTILE = [
    "Guillemets \" et « ' » \\ antislash",
    '"""',
    "\\",
    "<script>alert(1)</script>",
    "x> . <urn:a> <urn:b> <urn:c",
    '" } ; DELETE WHERE { ?s ?p ?o } #',
    "tab\tet\nligne\r\n",
    "nul \x00 \x07 \x7f",
    "🦄 émoji \u200f droite à gauche \u202e",
    "a" * 5000,
    "seul \ud800 substitut",
    "{{7*7}} ${x} %s",
    "\u2028\u2029\ufeff",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_names(name: str) -> None:
    _round_trip(name)


@settings(max_examples=60, deadline=None)
@given(st.text(min_size=1, max_size=60))
def test_any_name_text_and_key_give_valid_rdf(name: str) -> None:
    _round_trip(name)


def _round_trip(name: str) -> None:
    """A brief full of ``name`` goes in, is written, read by rdflib and Oxigraph alike, and goes without a trace."""
    writer = Writer(f"k{name}", f"{name} avale Duo.", title=name, source=name).entity(name, "Company", f"{name}!").entity("Duo", "Company")
    writer.claim(name, "acquires", "Duo", "avale", role=name, amount=name, date=name, share=name)
    writer.claim("Duo", "formerName", name, "avale", said=("Duo", "Duo"))
    other = stored(FIRST)
    before = lines(other)
    assert other.add(writer.done(), small_ontology(), RUN) == "added"
    everything = set(other.triples())
    for format_, write in ((ox.RdfFormat.TURTLE, turtle), (ox.RdfFormat.N_TRIPLES, ntriples)):
        out = io.BytesIO()
        write(other, None, out, text="full")
        assert {q.triple for q in ox.parse(out.getvalue(), format=format_)} == everything
        assert len(rdflib.Graph().parse(out.getvalue(), format="turtle")) == len(everything)
    assert other.remove(f"k{name}", small_ontology()) and lines(other) == before


def test_language_tags_and_sources_that_are_none() -> None:
    def brief(lang: str, source: str) -> Extraction:
        return Extraction(Brief("k", "Texte.", None, lang, None, source))

    assert _ask(
        stored(brief("fr-FR", "https://a.example/é")),
        '?b schema:text "Texte."@fr-fr ; dct:language "fr-fr" ; dct:source <https://a.example/é>',
    )
    assert _ask(
        stored(brief("??", "https://a.example/a b")),
        '?b schema:text "Texte." ; dct:source "https://a.example/a b" MINUS { ?b dct:language ?l }',
    )


def test_evidence_read_twice_is_one_and_the_surer() -> None:
    spans = (Span(0, 3), Span(4, 9), Span(0, 3), Span(10, 13))
    pieces = [(Claim("Uno", "acquires", "Duo"), Evidence("k", *spans, "r", confidence=c)) for c in (0.5, 0.9, 0.7)]
    base = Writer("k", "Uno avale Duo.").entity("Uno", "Company").entity("Duo", "Company").done()
    store = stored(Extraction(base.brief, base.entities, base.mentions, tuple(pieces)))
    assert _held(store, "acquires") == [("asserted", "0.9")]
    assert store.stats().evidence == 1


def test_a_run_is_version_and_rules_without_time() -> None:
    assert current_run(small_ontology()) == current_run(small_ontology())
    assert len(current_run(small_ontology()).rules) == 64


# --- writing ----------------------------------------------------------------------------------------------------------


def _written(store: Store, *, facts_only: bool = False, text: TextKept = "full") -> bytes:
    out = io.BytesIO()
    turtle(store, None, out, facts_only=facts_only, text=text)
    return out.getvalue()


def test_turtle_is_readable_and_whole() -> None:
    store = stored(FIRST, SECOND)
    data = _written(store)
    body = data.decode().split("\n", len(PREFIXES))
    assert body[: len(PREFIXES)] == sorted(body[: len(PREFIXES)]) and all(line.startswith("@prefix ") for line in body[:-1])
    assert body[-1].startswith(f'<{BASE}org/aavo> a kg:Company ;\n\trdfs:label "Aavo"')
    assert isomorphic(rdflib.Graph().parse(data), rdflib.Graph().parse(HERE / "shape.ttl"))


def test_facts_only() -> None:
    graph = rdflib.Graph().parse(_written(stored(FIRST, SECOND), facts_only=True))
    allowed = {str(s) for s in graph.subjects()}
    assert allowed == {f"{BASE}{e}" for e in ("org/acier-bleu", "org/zinc-sa", "org/aavo", "person/lea-roy", "place/france")}
    raised = (
        Writer("r", "Uno lève 5 €, sans plus.").entity("Uno", "Company").claim("Uno", "raised", "5 EUR", "lève", said=("Uno", "5 €")).done()
    )
    graph = rdflib.Graph().parse(_written(stored(FIRST, SECOND, raised), facts_only=True))
    assert {str(s) for s in graph.subjects()} == {*allowed, f"{BASE}org/uno", f"{BASE}money/EUR/5"}


def test_how_much_text_goes_out() -> None:
    store = stored(FIRST, SECOND)
    full, quotes, none = (_written(store, text=t).decode() for t in ("full", "quotes", "none"))
    whole, quotation = f'"{SECOND.brief.text}"', '"Acier Bleu veut racheter Zinc SA."'
    assert whole in full and quotation in full
    assert whole not in quotes and quotation in quotes and "schema:text" not in quotes
    assert whole not in none and quotation not in none and "oa:exact" not in none and "oa:start" in none


_WRITE = """
import sys
from pathlib import Path
from graphs import shape_briefs, stored
from kg.writers.rdf import ntriples, turtle
first, second = shape_briefs()
store = stored(*((first, second) if sys.argv[2] == "0" else (second, first)))
turtle(store, None, Path(sys.argv[1] + ".ttl"))
ntriples(store, None, Path(sys.argv[1] + ".nt"))
"""


def test_bytes_are_the_same_under_any_hash_seed(tmp_path: Path) -> None:
    found = set()
    for seed in ("0", "1", "42"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join((str(HERE.parent), str(HERE)))}
        subprocess.run([sys.executable, "-c", _WRITE, str(tmp_path / seed), seed], env=env, check=True, timeout=120)
        found.add(((tmp_path / f"{seed}.ttl").read_bytes(), (tmp_path / f"{seed}.nt").read_bytes()))
    assert len(found) == 1
    ((ttl, nt),) = found
    assert isomorphic(rdflib.Graph().parse(ttl, format="turtle"), rdflib.Graph().parse(nt, format="nt"))


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "new" / "graph.ttl"
    assert turtle(stored(FIRST), None, out) == len(rdflib.Graph().parse(out))
    before = out.read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(KgError, match=r"graph\.ttl: cannot be written: No space left on device"):
        turtle(stored(FIRST, SECOND), None, out)
    assert out.read_bytes() == before
    assert [p.name for p in out.parent.iterdir()] == ["graph.ttl"]
    (tmp_path / "file").write_text("")
    with pytest.raises(KgError, match="cannot be written"):
        turtle(stored(FIRST), None, tmp_path / "file" / "graph.ttl")
