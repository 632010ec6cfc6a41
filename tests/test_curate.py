"""Decisions that last, contradictions, what was known when, comparing and quoting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from graphs import BASE, RUN, Writer, small_ontology
from hypothesis import given, settings
from hypothesis import strategies as st

from kg import curate, decisions
from kg.curate import Signature
from kg.decisions import Decision
from kg.errors import KgError, QueryError, UsageError
from kg.graph import Store, open_store
from kg.model import Extraction, Status
from kg.ontology import Ontology
from kg.validate import validate

BY = Signature("léa", "2026-01-02T03:04:05Z", "it is so")


def briefs() -> list[Extraction]:
    """Uno and Un-O are one, Duo is bought, Léa Roy heads Uno."""
    found = [
        Writer("c1", "Uno songerait à croquer Duo. Léa Roy est PDG d'Uno.", "2021-01-05", title="Un flirt", source="https://exemple.fr/1")
        .entity("Uno", "Company")
        .entity("Duo", "Company")
        .entity("Léa Roy", "Person")
        .claim("Uno", "acquires", "Duo", "songerait", status=Status.RUMOURED, confidence=0.6)
        .claim("Léa Roy", "holdsPositionAt", "Uno", "PDG", role="PDG"),
        Writer("c2", "Un-O croque Duo pour 3 M€. Un-O rivalise avec Uno.", "2021-06")
        .entity("Un-O", "Company")
        .entity("Duo", "Company")
        .entity("Uno", "Company")
        .claim("Un-O", "acquires", "Duo", "croque", amount="3000000 EUR")
        .claim("Un-O", "competesWith", "Uno", "rivalise"),
        Writer("c3", "Duo, fondée en 2012, quitte Lyon. Le groupement Tres–Un-O est mené par Un-O.", None)
        .entity("Duo", "Company")
        .entity("Lyon", "Place")
        .entity("Un-O", "Company")
        .entity("consortium Un-O", "Consortium", "groupement")
        .claim("Duo", "foundedIn", "2012", "fondée")
        .claim("Un-O", "leads", "consortium Un-O", "mené", said=("Un-O", "groupement")),
    ]
    return [w.done() for w in found]


def build(spec: str, *, fresh: bool = True) -> Store:
    """A store of the briefs, with the decisions that lie beside it."""
    store = open_store(spec, fresh=fresh, base=BASE)
    for brief in briefs():
        store.add(brief, small_ontology(), RUN)
    store.settle(small_ontology())
    return store


def everything(store: Store) -> list[str]:
    """All triples, and what the store remembers, but for the mark that tells which decisions have been applied."""
    return sorted(line for line in map(str, store.raw) if "ontology#settled" not in line)


def claims(store: Store) -> set[tuple[str, str, str]]:
    rows = store.query("SELECT ?s ?p ?o { ?c a kg:Claim ; rdf:subject ?s ; rdf:predicate ?p ; rdf:object ?o }").dicts()
    return {(store.ids.local(r["s"] or ""), (r["p"] or "").rpartition("#")[2], store.ids.local(r["o"] or "")) for r in rows}


def iri(store: Store, relation: str) -> str:
    (row,) = store.query(f"SELECT ?c {{ ?c rdf:predicate kg:{relation} }}").dicts()
    return row["c"] or ""


# --- decisions --------------------------------------------------------------------------------------------------------

Deed = Callable[[Store, Ontology], object]
DEEDS: dict[str, Deed] = {
    "merge": lambda s, o: curate.merge(s, "Uno", "org/un-o", BY, o),
    "merge the other way": lambda s, o: curate.merge(s, "Un-O", "Uno", BY, o),
    "rename": lambda s, o: curate.rename(s, "Duo", "Duo & Cie", BY, o),
    "reject": lambda s, o: curate.reject(s, iri(s, "holdsPositionAt"), BY, o),
    "reject a value": lambda s, o: curate.reject(s, iri(s, "foundedIn"), BY, o),
    "reject a symmetric one": lambda s, o: curate.reject(s, iri(s, "competesWith"), BY, o),
    "assert": lambda s, o: curate.hold(s, "Duo", "basedIn", "Lyon", {}, BY, o),
    "assert a value": lambda s, o: curate.hold(s, "Duo", "raised", "5000000 EUR", {}, BY, o),
    "assert a post": lambda s, o: curate.hold(s, "Léa Roy", "holdsPositionAt", "Duo", {"role": "Présidente"}, BY, o),
    "assert a symmetric one": lambda s, o: curate.hold(s, "Un-O", "partnersWith", "Duo", {}, BY, o),
    "split off": lambda s, o: curate.split(s, "Duo", None, BY, o, brief="c3", name="fr-lyon"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_decision_changes_the_graph_and_survives_a_build_from_nothing(deed: str, tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    with build(spec) as store:
        before = everything(store)
        DEEDS[deed](store, small_ontology())
        after = everything(store)
        assert after != before
    assert len(decisions.load(tmp_path / "store.decisions.tsv")) == 1
    with build(spec) as store:
        assert everything(store) == after
    (tmp_path / "store.decisions.tsv").unlink()
    with build(spec, fresh=False) as store:
        assert everything(store) == before


@pytest.mark.parametrize("deed", DEEDS)
def test_a_decided_graph_is_sound(deed: str) -> None:
    store = build("memory", fresh=False)
    DEEDS[deed](store, small_ontology())
    assert not [p for p in validate(store.graph, small_ontology()) if p.severity == "violation"]


@pytest.mark.parametrize("kept", ["Uno", "Un-O"])
def test_split_undoes_a_merge_exactly(kept: str) -> None:
    store, domain = build("memory", fresh=False), small_ontology()
    before = everything(store)
    curate.merge(store, kept, {"Uno": "Un-O", "Un-O": "Uno"}[kept], BY, domain)
    assert not any(p == "competesWith" for _, p, _ in claims(store))  # of a thing with itself
    gone = {"Uno": "org/un-o", "Un-O": "org/uno"}[kept]
    assert store.query(f"ASK {{ <{BASE}{gone}> a kg:Redirect ; dct:isReplacedBy ?kept . ?kept rdfs:label ?name }}").boolean
    assert {r["value"] for r in store.named("card", {"entity": gone}).dicts()} >= {"Duo", "Léa Roy"}
    curate.split(store, kept, gone, BY, domain)
    assert everything(store) == before


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(sorted(DEEDS)), max_size=4))
def test_decisions_depend_on_their_lines_alone(deeds: list[str]) -> None:
    """Whatever was decided one by one comes out the same when all lines are there from the start."""
    store, domain = build("memory", fresh=False), small_ontology()
    for deed in deeds:
        try:
            DEEDS[deed](store, domain)
        except (UsageError, QueryError, ValueError):
            continue  # what it is about is gone by an earlier one
    again = open_store("memory", base=BASE)
    again.decisions = decisions.parse(decisions.dump(store.decisions), "lines")
    for brief in reversed(briefs()):
        again.add(brief, domain, RUN)
    again.settle(domain)
    assert everything(again) == everything(store)


def test_an_asserted_claim_shows_who_when_and_why() -> None:
    store = build("memory", fresh=False)
    curate.hold(store, "Uno", "acquires", "Duo", {}, BY, small_ontology())
    (row,) = [r for r in store.named("acquisitions", {"buyer": "Uno"}).dicts() if (r["brief"] or "").startswith("decision/")]
    assert (row["status"], row["sentence"]) == ("asserted", "it is so")
    (told,) = store.named("decisions").dicts()
    assert (told["who"], told["when"], told["because"]) == ("léa", "2026-01-02", "it is so")
    assert store.query("ASK { ?uno rdfs:label 'Uno' ; kg:acquires ?duo }").boolean


def test_the_last_word_on_a_claim_counts() -> None:
    store, domain = build("memory", fresh=False), small_ontology()
    curate.reject(store, iri(store, "foundedIn"), BY, domain)
    assert not any(p == "foundedIn" for _, p, _ in claims(store))
    curate.hold(store, "Duo", "foundedIn", "2012", {}, BY, domain)
    assert len(list(curate.cite(store, iri(store, "foundedIn")))) == 2  # the brief's and the decision's


def test_a_rejected_claim_stays_out_after_a_merge() -> None:
    store, domain = build("memory", fresh=False), small_ontology()
    (claim,) = [r["c"] for r in store.query("SELECT ?c { ?c rdf:predicate kg:acquires ; kg:status kg:asserted }").dicts()]
    curate.reject(store, claim or "", BY, domain)
    curate.merge(store, "Uno", "Un-O", BY, domain)
    assert not any(p == "acquires" for _, p, _ in claims(store))


def test_a_name_given_is_shown_and_the_old_one_kept() -> None:
    store = build("memory", fresh=False)
    curate.rename(store, "Duo", "Duo  & Cie", BY, small_ontology())
    assert store.query('ASK { ?e rdfs:label "Duo & Cie" ; skos:altLabel "Duo" }').boolean


def test_claims_of_what_is_gone_sleep() -> None:
    store, domain = build("memory", fresh=False), small_ontology()
    curate.hold(store, "Duo", "basedIn", "Lyon", {}, BY, domain)
    store.remove("c3", domain)
    store.settle(domain)
    assert not any(p == "basedIn" for _, p, _ in claims(store))
    store.add(briefs()[2], domain, RUN)
    store.settle(domain)
    assert ("org/duo", "basedIn", "place/lyon") in claims(store)


def test_claims_of_another_ontology_sleep_and_broken_values_are_told() -> None:
    store, domain = build("memory", fresh=False), small_ontology()
    before = everything(store)
    store.decisions = [Decision(BY.when, "léa", "assert", "org/uno", "eats", "org/duo")]
    assert store.settle(domain) and everything(store) == before
    store.decisions = [Decision(BY.when, "léa", "assert", "org/uno", "foundedIn", '"2012')]
    with pytest.raises(KgError, match="neither an entity nor a value"):
        store.settle(domain)


def test_taking_in_lines_counts_each_once() -> None:
    store, other, domain = build("memory", fresh=False), build("memory", fresh=False), small_ontology()
    curate.merge(store, "Uno", "Un-O", BY, domain)
    lines = decisions.parse(decisions.dump(store.decisions), "lines")
    assert (curate.take(other, lines, domain), curate.take(other, lines, domain)) == (1, 0)
    assert everything(other) == everything(store)


MISTAKES: list[tuple[str, Deed]] = [
    ("one already", lambda s, o: curate.merge(s, "Uno", "Uno", BY, o)),
    ("one kind", lambda s, o: curate.merge(s, "Uno", "Léa Roy", BY, o)),
    ("no entity is called", lambda s, o: curate.merge(s, "Uno", "Nobody", BY, o)),
    ("split from what", lambda s, o: curate.split(s, "Uno", None, BY, o)),
    ("needs a name", lambda s, o: curate.split(s, "Uno", None, BY, o, brief="c1")),
    ("does not speak of it", lambda s, o: curate.split(s, "Uno", None, BY, o, brief="c9", name="x")),
    ("cannot be empty", lambda s, o: curate.rename(s, "Uno", " ", BY, o)),
    ("there is no claim", lambda s, o: curate.reject(s, "claim/00000000", BY, o)),
    ("is no claim", lambda s, o: curate.reject(s, "claim/zz", BY, o)),
    ("no relation or attribute", lambda s, o: curate.hold(s, "Uno", "eats", "Duo", {}, BY, o)),
    ("takes no", lambda s, o: curate.hold(s, "Uno", "acquires", "Duo", {"colour": "red"}, BY, o)),
    ("must be a Place", lambda s, o: curate.hold(s, "Uno", "basedIn", "Duo", {}, BY, o)),
    ("is no money", lambda s, o: curate.hold(s, "Uno", "raised", "much", {}, BY, o)),
    ("is no date", lambda s, o: curate.hold(s, "Uno", "foundedIn", "then", {}, BY, o)),
    ("and itself", lambda s, o: curate.hold(s, "Uno", "acquires", "Uno", {}, BY, o)),
]


@pytest.mark.parametrize(("words", "deed"), MISTAKES, ids=[w for w, _ in MISTAKES])
def test_mistakes_are_one_line_and_change_nothing(words: str, deed: Deed) -> None:
    store = build("memory", fresh=False)
    before = everything(store)
    with pytest.raises(KgError, match=words):
        deed(store, small_ontology())
    assert everything(store) == before and store.decisions == []


WORDS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(
    st.builds(
        Decision, st.just("2026-01-02T03:04:05Z"), WORDS, st.sampled_from(["merge", "rename"]), st.just("org/a"), WORDS, WORDS, WORDS, WORDS
    )
)
def test_lines_read_back_as_written(line: Decision) -> None:
    text = decisions.dump([line])
    assert decisions.dump(decisions.parse(text, "x")) == text


@pytest.mark.parametrize("line", ["a\tb", "2026-01-02\tme\teat\torg/a\t\t\t\t", "soon\tme\tmerge\torg/a\t\torg/b\t\t"])
def test_a_broken_line_is_told_with_its_number(line: str, tmp_path: Path) -> None:
    path = tmp_path / "store.decisions.tsv"
    path.write_text(f"{decisions.dump([])}{line}\n", encoding="utf-8")
    with pytest.raises(KgError, match=r"store\.decisions\.tsv:2"):
        build(f"oxigraph:{tmp_path / 'store'}")


# --- time, comparing, quoting -----------------------------------------------------------------------------------------


def test_what_was_known_on_a_day() -> None:
    store, domain = build("memory", fresh=False), small_ontology()
    curate.merge(store, "Uno", "Un-O", BY, domain)
    curate.hold(store, "Duo", "basedIn", "Lyon", {}, BY, domain)

    def known(day: str) -> list[tuple[str | None, ...]]:
        then = store.known_on(day, domain)
        return [(r["relation"], r["status"]) for r in then.named("card", {"entity": "Duo"}).dicts() if r["relation"] != "foundedIn"]

    assert known("2020") == []
    assert known("2021-05-31") == [("acquires", "rumoured")]
    assert known("2021-06-01") == [("acquires", "asserted")]
    assert sorted(known("2026-01-02")) == [("acquires", "asserted"), ("basedIn", "asserted")]
    last = store.known_on("2030", domain)
    assert sorted(map(str, last.triples())) == sorted(map(str, store.triples()))
    with pytest.raises(UsageError, match="no day"):
        store.known_on("2021-13", domain)


def test_what_changed_between_two_days() -> None:
    store, domain = build("memory", fresh=False), small_ontology()
    curate.merge(store, "Uno", "Un-O", BY, domain)
    changes = curate.diff(store.known_on("2021-01-31", domain), store)
    assert [(c.what, c.subject, c.relation, c.object, c.before, c.after) for c in changes] == [
        ("changed", "Uno", "acquires", "Duo", "rumoured", "asserted 3000000 EUR")
    ]
    back = curate.diff(store, store.known_on("2020", domain))
    assert {(c.what, c.relation) for c in back} == {("removed", "acquires"), ("removed", "holdsPositionAt")}
    assert curate.diff(store, store) == []


def test_a_citation_has_sentence_source_date_and_offsets() -> None:
    store = build("memory", fresh=False)
    (found,) = curate.cite(store, iri(store, "holdsPositionAt").rpartition("/")[2][:8])
    assert str(found).startswith(
        "« Uno songerait à croquer Duo. Léa Roy est PDG d'Uno. » (Un flirt, https://exemple.fr/1, 2021-01-05, c1, "
    )
    assert str(found).endswith(", characters 0–51; asserted)")
    assert briefs()[0].brief.text[found.start : found.end] == found.sentence


# --- which way round --------------------------------------------------------------------------------------------------


def test_of_a_symmetric_pair_whose_names_begin_alike_the_smaller_address_is_the_subject_everywhere() -> None:
    """« org/zorga » comes before « org/zorga-2 », though not when each stands in its pointed brackets."""
    store, ontology = open_store("memory", base=BASE), small_ontology()
    brief = Writer("z#1", "Zorga 2 rivalise avec Zorga.").entity("Zorga 2", "Company").entity("Zorga", "Company")
    store.add(brief.claim("Zorga 2", "competesWith", "Zorga", "rivalise").done(), ontology, RUN)
    store.settle(ontology)
    assert claims(store) == {("org/zorga", "competesWith", "org/zorga-2")}
    assert [p for p in validate(store.graph, ontology) if p.shape == "symmetric"] == []
    curate.reject(store, iri(store, "competesWith"), BY, ontology)
    assert claims(store) == set()
