"""Who is who: names of one entity, homonyms, what is only proposed; decided alike in any order, and undone exactly."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import ontology
from kg.graph import Run, Store, open_store
from kg.link import load_names
from kg.model import Brief, Claim, Entity, Evidence, Extraction, Span, Status
from kg.ontology import Ontology
from kg.resolve import Candidate, Resolution, Verdicts, load_rules, profiles, resolve

HERE = Path(__file__).parent
RUN = Run("1", "rules")
TABLES: dict[str, list[dict[str, Any]]] = tomllib.loads((HERE / "identity.toml").read_text(encoding="utf-8"))
CASES = [(case, "one" if kind == "alias" else "apart") for kind in ("alias", "homonym") for case in TABLES[kind]]


@cache
def shipped() -> Ontology:
    return ontology.load()


def brief(key: str, said: list[str], date: str | None = None) -> Extraction:
    """A brief of ``identity.toml``."""
    text, *rest = said
    entities, claims = [], []
    whole = Span(0, len(text))
    for line in rest:
        if " = " in line:
            name, _, more = line.partition(" = ")
            type_, *forms = more.split(" / ")
            entities.append(Entity(name, type_, tuple(forms)))
        else:
            subject, relation, object_, *status = line.split(" > ")
            held = Status(status[0]) if status else Status.ASSERTED
            claims.append((Claim(subject, relation, object_), Evidence(key, whole, whole, whole, whole, f"{relation}/test", held, 0.9)))
    return Extraction(Brief(key, text, date), tuple(entities), (), tuple(claims))


def resolved(*briefs: Extraction) -> Resolution:
    names, rules = load_names(shipped()), load_rules(shipped())
    return resolve((p for b in briefs for p in profiles(b, shipped(), names, rules)), names, rules)


def test_there_are_thirty_of_each() -> None:
    assert len(TABLES["alias"]) >= 30 and len(TABLES["homonym"]) >= 30
    assert len({case["why"] for case, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("case", "wanted"), CASES, ids=[case["why"] for case, _ in CASES])
def test_who_is_who(case: dict[str, Any], wanted: str) -> None:
    one, two = brief("1", case["one"]), brief("2", case["two"])
    found = resolved(one, two)
    here, there = found.placed["1"][one.entities[0].name], found.placed["2"][two.entities[0].name]
    pair = tuple(sorted((here, there)))
    proposed = [c for c in found.candidates if (c.one, c.other) == pair]
    assert ("one" if here == there else "maybe" if proposed else "apart") == case.get("expect", wanted), (here, there, found.candidates)
    assert case.get("iri", there) == there
    assert all(c.reasons and 0.5 <= c.score <= 1 for c in found.candidates)
    back = resolved(two, one)
    assert back == found


def corpus() -> list[Extraction]:
    """All briefs of ``identity.toml`` as one corpus."""
    return [brief(f"{n}/{half}", case[half], f"20{n % 20 + 10}") for n, (case, _) in enumerate(CASES) for half in ("one", "two")]


def filled(briefs: list[Extraction], store: Store | None = None) -> Store:
    store = store or open_store("memory")
    for item in briefs:
        store.add(item, shipped(), RUN)
    store.settle(shipped())
    return store


def everything(store: Store) -> list[str]:
    """All that the store holds, what nobody looks at included."""
    return sorted(map(str, store.raw))


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_any_order_gives_the_same_graph_and_a_brief_that_goes_leaves_nothing(data: st.DataObject) -> None:
    briefs = data.draw(st.permutations(corpus()))
    gone = data.draw(st.integers(0, len(briefs)))
    cut = data.draw(st.integers(0, len(briefs)))
    store = filled(briefs[:cut])
    filled(briefs[cut:], store)
    for item in briefs[:gone]:
        store.remove(item.brief.key, shipped())
    store.settle(shipped())
    kept = sorted(briefs[gone:], key=lambda b: b.brief.key)
    assert everything(store) == everything(filled(kept))


def test_settling_twice_changes_nothing() -> None:
    store = filled(corpus())
    before = everything(store)
    assert not store.settle(shipped())
    assert everything(store) == before


def test_a_merged_name_leaves_a_redirect() -> None:
    one, two = (
        brief(str(n), said)
        for n, said in enumerate(
            (["Novalune, ex-Grisard.", "Novalune = Company", "Novalune > formerName > Grisard"], ["Grisard.", "Grisard = Company"])
        )
    )
    store = filled([one, two])
    rows = store.query("SELECT ?gone ?kept { ?gone a kg:Redirect ; dct:isReplacedBy ?kept }").dicts()
    assert [(store.ids.local(r["gone"] or ""), store.ids.local(r["kept"] or "")) for r in rows] == [("org/grisard", "org/novalune")]
    assert store.query('ASK { ?e rdfs:label "Novalune" ; skos:altLabel "Grisard" }').boolean


def test_the_first_bearer_of_a_name_keeps_it() -> None:
    """Whatever comes later: an IRI does not change its meaning because another becomes more frequent."""

    def firm(key: str, place: str, date: str) -> Extraction:
        return brief(key, [f"Cerisio, {place}.", "Cerisio = Company", f"{place} = Place", f"Cerisio > basedIn > {place}"], date)

    briefs = [firm("1", "Canada", "2019-05"), *(firm(str(n), "Belgique", f"2021-0{n}") for n in range(2, 6))]
    found = resolved(*briefs).placed
    assert [found[str(n)]["Cerisio"] for n in range(1, 6)] == ["org/cerisio", *["org/cerisio~be"] * 4]
    here = brief("0", ["Paris.", "Paris = Place"], "2022")
    there = [brief(str(n), ["Paris (Texas).", "Paris = Place"], "2001") for n in range(1, 4)]
    assert [p["Paris"] for p in resolved(here, *there).placed.values()] == ["place/paris", *["place/paris~us"] * 3]


def test_other_rules_name_anew_what_was_stored_by_the_old_ones(tmp_path: Path) -> None:
    (tmp_path / "resolution.toml").write_text('[names]\nlegal_forms = ["Zut"]\n', encoding="utf-8")
    other = ontology.load(ontology.default_folders((tmp_path,)))
    briefs = [brief("1", ["Tavelin SAS.", "Tavelin SAS = Company"]), brief("2", ["Corvex Zut.", "Corvex Zut = Company"])]
    store = filled(briefs)
    store.settle(other)
    assert [r["entity"] for r in store.named("entities").dicts()] == [store.ids.base + f"org/{n}" for n in ("corvex", "tavelin-sas")]
    store.settle(shipped())
    assert everything(store) == everything(filled(briefs))


def test_what_people_keep_apart_is_neither_joined_nor_proposed() -> None:
    one = brief("1", ["Novalune, ex-Grisard.", "Novalune = Company", "Novalune > formerName > Grisard"])
    two = brief("2", ["Grisard. Pradelles.", "Grisard = Company", "Pradelles = Company"])
    three = brief("3", ["Pradelles Software.", "Pradelles Software = Company"])
    names, rules = load_names(shipped()), load_rules(shipped())
    found = [p for b in (one, two, three) for p in profiles(b, shipped(), names, rules)]
    apart = frozenset({("org/novalune", "org/grisard"), ("org/pradelles", "org/pradelles-software")})
    answer = resolve(found, names, rules, Verdicts(apart=apart))
    assert not answer.redirects and not answer.candidates
    assert answer.placed["2"]["Grisard"] == "org/grisard"


def test_candidates_are_in_the_graph_with_score_and_reasons() -> None:
    store = filled([brief("1", ["Pradelles Software.", "Pradelles Software = Company"]), brief("2", ["Pradelles.", "Pradelles = Company"])])
    assert store.query("ASK { ?a kg:maybeSameAs ?b . ?c kg:between ?a, ?b ; kg:score ?s ; kg:reason ?r . FILTER(?a != ?b) }").boolean
    assert [(r["entityName"], r["otherName"], r["score"]) for r in store.named("duplicates").dicts()] == [
        ("Pradelles", "Pradelles Software", "0.6"),
        ("Pradelles Software", "Pradelles", "0.6"),
    ]


def test_without_rules_every_name_is_its_own() -> None:
    from graphs import shape_briefs, small_ontology, stored

    store = stored(*shape_briefs())
    before = sorted(map(str, store.triples()))
    store.settle(small_ontology())
    assert sorted(map(str, store.triples())) == before


def test_candidates_are_sorted_and_once() -> None:
    found = resolved(*corpus())
    assert list(found.candidates) == sorted(set(found.candidates), key=lambda c: (c.one, c.other))
    assert all(isinstance(c, Candidate) and c.one < c.other for c in found.candidates)
