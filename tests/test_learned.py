"""The second reader: what it sees, how it judges, and that nothing depends on a name."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import ontology
from kg.extract import Reader
from kg.extract.features import PLACES, QUANTITIES, VALUES, WORDS, Features, features
from kg.extract.learned import FOLDER, HIGHEST, LOWEST, Network, SecondReader
from kg.extract.syntax import Syntax
from kg.extract.tensors import LONGEST, SLOTS, arrays, meetings
from kg.extract.wordpieces import START, UNKNOWN, WordPieces
from kg.model import Analysis, Brief, Extraction, Match

ONTOLOGY = ontology.load()
READER = Reader(ONTOLOGY)
NETWORK = Network()
TEXT = (
    "L'éditeur lyonnais {a} s'offre {b}, une jeune pousse belge fondée en 2014 par {p}, pour 12 millions d'euros. "
    "Son patron, {q}, y voit le moyen de tenir tête à {c}."
)


def analysed(*texts: str) -> list[Analysis]:
    return list(READER.language.analyse([Brief(f"b#{n}", text) for n, text in enumerate(texts)]))


def seen(analysis: Analysis) -> Features:
    syntax = Syntax(analysis)
    return features(syntax, list(READER.engine.read(syntax)))


def inputs(analysis: Analysis) -> dict[str, list[Any]]:
    found = arrays(seen(analysis), NETWORK.codes, NETWORK._described[1])
    assert found is not None
    return {name: column.tolist() for name, column in found.items()}


# --- what it sees -----------------------------------------------------------------------------------------------------


def test_names_and_figures_are_masked() -> None:
    one, two = analysed(
        TEXT.format(a="Cegid", b="Talentsoft", c="Workday", p="Jean Dupont", q="Anne Martin"),
        TEXT.format(a="Sage", b="Lumapps", c="Oracle", p="Paul Durand", q="Lucie Bernard").replace("12 m", "70 m").replace("2014", "1999"),
    )
    assert [e.type for e in one.entities] == [e.type for e in two.entities]
    first, second = ({k: v for k, v in inputs(a).items() if k not in {"head", "dep", "pos"}} for a in (one, two))
    assert first == second  # the parse may differ by a figure, what is shown may not
    shown = {w.text for w in seen(one).words}
    assert not shown & {"cegid", "talentsoft", "workday", "dupont", "martin", "lyonnais", "belge", "2014", "12"}
    assert {"<Company>", "<Person>", "<Place:adjective>", "<money>", "<date>"} <= shown


def test_words_that_set_off_a_frame_hint_at_it() -> None:
    (one,) = analysed("Google a racheté Fitbit, mais Apple ne dit rien.")
    hinted = {w.text: w.hints for w in seen(one).words if w.hints}
    assert "acquires" in hinted["racheté"] and "rien" not in hinted


def test_two_words_meet_where_the_sentence_joins_them() -> None:
    heads = [6, 2, 0, 4, 2, 6, 6, 6]  # « X , filiale de Y , rachète Z »
    found = meetings(heads, [0, 4, 7])
    assert found[1, 2].tolist() == [6, 0, 7]  # Y and Z meet at « rachète », by X and by Z
    assert found[0, 1].tolist() == [0, 0, 2]  # Y hangs on X


@given(st.lists(st.floats(0, 1, exclude_max=True), min_size=2, max_size=30), st.data())
def test_words_meet_above_both(draws: list[float], data: st.DataObject) -> None:
    heads = [int(x * (i + 1)) for i, x in enumerate(draws)]  # a forest: heads come before, roots are their own
    places = data.draw(st.lists(st.integers(0, len(heads) - 1), min_size=2, max_size=6))

    def above(word: int) -> list[int]:
        return [word] if heads[word] == word else [word, *above(heads[word])]

    found = meetings(heads, places)
    for m, one in enumerate(places):
        for n, other in enumerate(places):
            word, below, last = found[m, n].tolist()
            if shared := [w for w in above(one) if w in above(other)]:
                assert word == shared[0]
                assert below in above(one) and (below == word or heads[below] == word)
                assert last in above(other) and (last == word or heads[last] == word)
            else:
                assert (word, below) == (above(other)[-1], above(one)[-1])


def test_the_shipped_pieces_hold_no_annotated_name() -> None:
    """Pieces come from the words of a general lexicon and the plain words of the briefs, whose names are masked."""
    pieces = {p for p in json.loads((FOLDER / "reader.json").read_text(encoding="utf-8"))["pieces"] if p.startswith(START)}
    gold = Path(__file__).parent / "gold"
    names = set[str]()
    for file in sorted(gold.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            for entity in json.loads(line)["entities"]:
                if entity["type"] != "Place" and re.fullmatch(r"[A-ZÀ-Þ][a-zà-ÿ]+[A-ZÀ-Þ]\w+", entity["name"]):
                    names.add(entity["name"])
    assert len(names) > 20
    assert not {START + n for n in names} & pieces


def test_a_brief_longer_than_the_network_reads_is_read_as_far_as_it_goes() -> None:
    (long,) = analysed(
        "Cegid s'offre Talentsoft. "
        + "Le marché reste calme, dit-on, et les clients attendent la suite des événements. " * 60
        + "Sage rachète Yooz."
    )
    found = inputs(long)
    assert len(found["ids"]) == LONGEST + 1
    assert max(found["own"]) <= LONGEST
    assert NETWORK(seen(long)) is not None


def test_a_crowded_text_is_seen_as_far_as_memory_allows() -> None:
    crowd = "Cegid rachète Talentsoft pour 12 millions d'euros, Sage paie 3 % de Yooz, et Orange cède 7 magasins à Bouygues. " * 40
    (long,) = analysed(crowd)
    found = seen(long)
    assert len(long.tokens) > WORDS and len(long.mentions) > PLACES
    assert len(found.words) <= WORDS and len(found.places) <= PLACES and len(found.values) <= VALUES
    assert max(len(found.places) - PLACES, len(found.values) - VALUES) == 0  # no less than may be
    assert all(0 <= w.head < len(found.words) for w in found.words)
    assert all(token < len(found.words) for token in [p.token for p in found.places] + [v.token for v in found.values])
    assert NETWORK(found) is not None


@pytest.mark.parametrize("text", ["", "Rien ne bouge.", "Cegid recrute.", "12 millions d'euros en 2014."])
def test_with_fewer_than_two_entities_there_is_nothing_to_score(text: str) -> None:
    assert all(NETWORK(seen(a)) is None for a in analysed(text))


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(SLOTS)))
def test_slots_mean_nothing_but_who_is_who(order: Sequence[int]) -> None:
    (one,) = analysed(TEXT.format(a="Cegid", b="Talentsoft", c="Workday", p="Jean Dupont", q="Anne Martin"))
    found = seen(one)
    plain, shuffled = (arrays(found, NETWORK.codes, NETWORK._described[1], o) for o in (None, order))
    assert plain is not None and shuffled is not None
    assert {k: v.tolist() for k, v in plain.items() if k != "slots"} == {k: v.tolist() for k, v in shuffled.items() if k != "slots"}
    assert [order[s] if s < SLOTS else s for s in plain["slots"]] == shuffled["slots"].tolist()


# --- word pieces ------------------------------------------------------------------------------------------------------


@given(st.text(st.characters(codec="utf-8", categories=["L"]).filter(lambda c: c != "è"), min_size=1, max_size=40))
def test_pieces_put_together_are_the_word(word: str) -> None:
    pieces = [START, UNKNOWN, *"abcdefghijklmnopqrstuvwxyzé", START + "ra", "chète", START + "rachète"]
    cut = WordPieces(pieces, [-float(i % 7) - 1 for i in range(len(pieces))])
    found = [pieces[i] for i in cut(word)]
    rebuilt = "".join("?" if p == UNKNOWN else p for p in found)
    known = {p for p in pieces if len(p) == 1}  # « è » stands only inside a longer piece
    assert rebuilt == START + "".join(c if c in known else "?" for c in word)


def test_the_likeliest_cut_is_taken() -> None:
    pieces = [UNKNOWN, START, "r", "a", START + "ra", "chat", START + "rachat", "<Company>"]
    cut = WordPieces(pieces, [0, -1, -2, -2, -2, -2, -3, 0])
    assert cut("rachat") == (6,)
    assert cut("<Company>") == (7,)
    assert WordPieces(pieces, [0, -1, -2, -2, -2, -2, -9, 0])("rachat") == (4, 5)


# --- judging ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def extraction() -> Extraction:
    (one,) = analysed(TEXT.format(a="Cegid", b="Talentsoft", c="Workday", p="Jean Dupont", q="Anne Martin"))
    return READER.extract(one)


def test_rules_and_network_are_weighed_together(extraction: Extraction) -> None:
    said = {(c.subject, c.relation, c.object): e for c, e in extraction.claims}
    assert ("Cegid", "acquires", "Talentsoft") in said
    assert ("Jean Dupont", "founded", "Talentsoft") in said
    assert all(READER.floor <= e.confidence <= HIGHEST for e in said.values())


def test_what_only_the_network_reads_shows_its_words() -> None:
    briefs = [json.loads(line) for line in (Path(__file__).parent / "gold" / "fresh.jsonl").read_text(encoding="utf-8").splitlines()][:40]
    own = 0
    for one in READER.read(Brief(b["id"], b["text"], b["date"]) for b in briefs):
        for claim, evidence in one.claims:
            if evidence.rule == f"{claim.relation}/learned/network":
                own += 1
                assert evidence.span.covers(evidence.trigger) and evidence.span.covers(evidence.subject)
                assert evidence.span.covers(evidence.object) and evidence.trigger.of(one.brief.text).strip()
                if claim.relation in ONTOLOGY.relations:
                    types = {e.name: e.type for e in one.entities}
                    term = ONTOLOGY.relations[claim.relation]
                    assert ONTOLOGY.is_a(types[claim.subject], term.domain) and ONTOLOGY.is_a(types[claim.object], term.range)
    assert own > 10


def test_reading_twice_and_in_other_company_gives_the_same(extraction: Extraction) -> None:
    text = extraction.brief.text
    (again, _), (_, later) = (
        list(READER.read([Brief(f"b#{n}", t) for n, t in enumerate(texts)]))
        for texts in ((text, "Sage rachète Yooz."), ("Ikea ouvre.", text))
    )
    assert [(c, e.confidence, e.rule) for c, e in again.claims] == [(c, e.confidence, e.rule) for c, e in later.claims]
    assert [(c, e.confidence) for c, e in extraction.claims] == [(c, e.confidence) for c, e in again.claims]


def test_the_rules_alone_do_not_ask_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Network, "__call__", lambda *_: pytest.fail("the network was asked"))
    alone = Reader(ONTOLOGY, rules_only=True)
    (one,) = alone.read([Brief("b", "Google a racheté Fitbit pour 2,1 milliards de dollars.")])
    assert {(c.subject, c.relation, c.object) for c, _ in one.claims} == {("Google", "acquires", "Fitbit")}


def test_a_relation_the_network_does_not_know_is_left_to_the_rules() -> None:
    second = SecondReader(ONTOLOGY)
    (one,) = analysed("Google a racheté Fitbit.")
    found = READER.engine.read(Syntax(one))
    (match,) = {m.claim: m for m in found if isinstance(m, Match)}.values()
    foreign = Match(type(match.claim)("Google", "licenses", "Fitbit"), match.evidence)
    assert foreign in second(Syntax(one), [foreign])


def test_confidence_stays_within_bounds() -> None:
    second = SecondReader(ONTOLOGY)
    assert second.judge({"bias": 1.0, "network": -1e6}) == LOWEST
    assert second.judge({"bias": 1.0, "network": 1e6}) == HIGHEST


def test_the_network_gives_numbers_whatever_the_brief() -> None:
    for one in analysed(
        "Google Google Google Fitbit", "« Meta » ; Orange ? Free ! Box : Box", "IBM, Waeg\n\n\nIBM (Waeg) — 2014 2014 30 % 5 €"
    ):
        scores = NETWORK(seen(one))
        assert scores is None or all(np.isfinite(s).all() for s in scores)


def test_every_kind_of_quantity_has_its_mark() -> None:
    pieces = json.loads((FOLDER / "reader.json").read_text(encoding="utf-8"))["pieces"]
    assert {f"<{kind}>" for kind in QUANTITIES} <= set(pieces)
    assert {f"<{name}>" for name in ONTOLOGY.classes} <= set(pieces)
