"""Queries: the named ones on a graph whose answers are known, refusals, errors, parameters, formats."""

from __future__ import annotations

import csv
import http.server
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from graphs import BASE, RUN, Writer, small_ontology, stored
from hypothesis import given
from hypothesis import strategies as st

from kg.decisions import Decision
from kg.errors import QueryError
from kg.graph import Store, open_store, resolution_triples
from kg.model import Status
from kg.namespaces import KG, PREFIXES
from kg.queries import NamedQuery, find_query, list_queries, parse_query
from kg.query import FORMATS, bind_parameters, bind_values, check, resolve, run, run_named, shorten
from kg.resolve import Candidate
from kg.writers.rdf import ntriples

HERE = Path(__file__).parent


@cache
def world() -> Store:
    """Seven briefs of our own: purchases, a holding's chain, rounds, posts, a consortium, products, rumours."""
    briefs = [
        Writer("w1", "Uno croque Duo pour 3 M€ en mai 2021. Duo détient déjà Tres, dit-on.", "2021-06-01", title="Uno croque Duo")
        .entity("Uno", "Company", "U.N.O. International")
        .entity("Duo", "Company")
        .entity("Tres", "Company")
        .claim("Uno", "acquires", "Duo", "croque", confidence=0.9, amount="3000000 EUR", date="2021-05", share="51 %")
        .claim("Tres", "subsidiaryOf", "Duo", "détient"),
        Writer(
            "w2",
            "Uno a avalé Duo. Le Fonds Fou mise 5 M€ sur Uno et sur Quad, qui lève 8 M€ en 2020. Le Fonds Fou est à Paris.",
            "2021-07-02",
        )
        .entity("Uno", "Company")
        .entity("Duo", "Company")
        .entity("Quad", "Company")
        .entity("Fonds Fou", "Investor")
        .entity("Paris", "Place")
        .claim("Uno", "acquires", "Duo", "avalé", confidence=0.8)
        .claim("Fonds Fou", "investsIn", "Uno", "mise", amount="5000000 EUR")
        .claim("Fonds Fou", "investsIn", "Quad", "mise")
        .claim("Fonds Fou", "investsIn", "Paris", "mise")
        .claim("Fonds Fou", "basedIn", "Paris", "est à")
        .claim("Quad", "raised", "8000000 EUR", "lève", said=("Quad", "8 M€"), date="2020"),
        Writer("w3", "Quad lève 2 M€. Uno lève 1,5 M€ auprès du Fonds Fou.", "2021-08")
        .entity("Quad", "Company")
        .entity("Uno", "Company")
        .entity("Fonds Fou", "Investor")
        .claim("Quad", "raised", "2000000 EUR", "lève", said=("Quad", "2 M€"))
        .claim("Uno", "raised", "1500000 EUR", "lève", said=("Uno", "1,5 M€")),
        Writer("w4", "Léa Roy, PDG d'Uno, a quitté Duo. Uno nomme Jo Bé directeur financier.", "2021-09-01")
        .entity("Léa Roy", "Person")
        .entity("Jo Bé", "Person")
        .entity("Uno", "Company")
        .entity("Duo", "Company")
        .claim("Léa Roy", "holdsPositionAt", "Uno", "PDG", role="PDG")
        .claim("Léa Roy", "departsFrom", "Duo", "quitté")
        .claim("Uno", "appoints", "Jo Bé", "nomme", role="directeur financier"),
        Writer("w5", "Quad rejoint le consortium emmené par Uno. Duo n'en sera pas.", None)
        .entity("Quad", "Company")
        .entity("Uno", "Company")
        .entity("Duo", "Company")
        .entity("consortium Uno", "Consortium", "le consortium")
        .claim("Uno", "leads", "consortium Uno", "emmené", said=("Uno", "consortium"))
        .claim("Quad", "memberOf", "consortium Uno", "rejoint", said=("Quad", "consortium"))
        .claim("Duo", "memberOf", "consortium Uno", "n'en", said=("Duo", "consortium"), status=Status.DENIED),
        Writer("w6", "Quad serait à vendre à Uno. Quad lance la Qbox, arrête la Kbox et rivalise avec Duo.", "2021-10-01")
        .entity("Quad", "Company")
        .entity("Uno", "Company")
        .entity("Duo", "Company")
        .entity("Qbox", "Product")
        .entity("Kbox", "Product")
        .claim("Uno", "acquires", "Quad", "serait", status=Status.RUMOURED, confidence=0.6)
        .claim("Quad", "launches", "Qbox", "lance")
        .claim("Quad", "discontinues", "Kbox", "arrête")
        .claim("Quad", "competesWith", "Duo", "rivalise"),
        Writer("w7", "Quad, fondée en 2012, est basée à Paris. Orange est une ville, Orange une firme.", "2021-11-01")
        .entity("Quad", "Company")
        .entity("Paris", "Place")
        .claim("Quad", "foundedIn", "2012", "fondée")
        .claim("Quad", "basedIn", "Paris", "basée"),
    ]
    more = Writer("w8", "Orange.", "2021-11-02").entity("Orange", "Company").entity("Orange ", "Place")
    return stored(*(w.done() for w in briefs), more.done())


@cache
def contradictory() -> Store:
    """A world in which briefs contradict each other and people decide."""
    briefs = [
        Writer("l1", "Uno songerait à croquer Duo. Uno rivalise avec Tres.", "2021-01")
        .entity("Uno", "Company")
        .entity("Duo", "Company")
        .entity("Tres", "Company")
        .claim("Uno", "acquires", "Duo", "songerait", status=Status.RUMOURED, confidence=0.6)
        .claim("Uno", "competesWith", "Tres", "rivalise"),
        Writer("l2", "Uno croque Duo pour 3 M€. Tres rivalise avec Quad.", "2021-06")
        .entity("Uno", "Company")
        .entity("Duo", "Company")
        .entity("Tres", "Company")
        .entity("Quad", "Company")
        .claim("Uno", "acquires", "Duo", "croque", amount="3000000 EUR")
        .claim("Tres", "competesWith", "Quad", "rivalise"),
        Writer("l3", "Uno a croqué Duo pour 4 M€. Quad a croqué Tres.", "2021-07")
        .entity("Uno", "Company")
        .entity("Duo", "Company")
        .entity("Quad", "Company")
        .entity("Tres", "Company")
        .claim("Uno", "acquires", "Duo", "croqué", amount="4000000 EUR")
        .claim("Quad", "acquires", "Tres", "croqué"),
        Writer("l4", "Quad n'a pas croqué Tres. Léa Roy est PDG d'Uno.", "2021-08")
        .entity("Quad", "Company")
        .entity("Tres", "Company")
        .entity("Léa Roy", "Person")
        .entity("Uno", "Company")
        .claim("Quad", "acquires", "Tres", "croqué", status=Status.DENIED)
        .claim("Léa Roy", "holdsPositionAt", "Uno", "PDG", role="PDG"),
        Writer("l5", "Uno nomme Jo Bé PDG. Duo, de Lyon, fondée en 2012, accueille Fonds Fou.", "2021-09")
        .entity("Uno", "Company")
        .entity("Jo Bé", "Person")
        .entity("Duo", "Company")
        .entity("Lyon", "Place")
        .entity("Fonds Fou", "Investor")
        .claim("Uno", "appoints", "Jo Bé", "nomme", role="PDG")
        .claim("Duo", "basedIn", "Lyon", "de")
        .claim("Duo", "foundedIn", "2012", "fondée")
        .claim("Fonds Fou", "investsIn", "Duo", "accueille"),
        Writer("l6", "Duo, née en mai 2013, attaque Uno.", "2021-10")
        .entity("Uno", "Company")
        .entity("Duo", "Company")
        .claim("Duo", "foundedIn", "2013-05", "née", said=("Duo", "mai 2013"))
        .claim("Duo", "sues", "Uno", "attaque"),
    ]
    store = stored(*(w.done() for w in briefs))
    store.decisions = [
        Decision("2022-01-02T03:04:05Z", "lea", "assert", "org/uno", "acquires", "org/quad", "date=2021", "seen in the register")
    ]
    store.settle(small_ontology())
    store.raw.extend(ox.Quad(*t) for t in resolution_triples({}, [Candidate("org/duo", "org/tres", 0.6, ("alike",))], store.ids))
    return store


def world_of(name: str) -> Store:
    """The world in which a query is tried."""
    return contradictory() if name in {c[0] for c in CONTRADICTORY} else world()


def rows(name: str, columns: str, **values: str) -> list[tuple[str, ...]]:
    """Some columns of a named query's rows, in its order."""
    result = run_named(world_of(name).raw, name, values, base=BASE)
    return [tuple((row[c] or "").removeprefix(BASE) for c in columns.split()) for row in result.dicts()]


# --- the named queries --------------------------------------------------------------------------------------------------

KNOWN: list[tuple[str, dict[str, str], str, list[tuple[str, ...]]]] = [
    (
        "acquisitions",
        {},
        "buyerName targetName status date amount currency share confidence sentence brief",
        [
            ("Uno", "Duo", "asserted", "2021-05", "3000000", "EUR", "51", "0.98", "Uno croque Duo pour 3 M€ en mai 2021.", "w1"),
            ("Uno", "Duo", "asserted", "2021-05", "3000000", "EUR", "51", "0.98", "Uno a avalé Duo.", "w2"),
            ("Uno", "Quad", "rumoured", "", "", "", "", "0.6", "Quad serait à vendre à Uno.", "w6"),
        ],
    ),
    ("acquisitions", {"buyer": "uno", "target": "Quad"}, "buyer target brief", [("org/uno", "org/quad", "w6")]),
    ("acquisitions", {"buyer": "Duo"}, "buyer", []),
    (
        "who-acquired",
        {"what": "Duo"},
        "buyerName status sentence brief",
        [("Uno", "asserted", "Uno croque Duo pour 3 M€ en mai 2021.", "w1"), ("Uno", "asserted", "Uno a avalé Duo.", "w2")],
    ),
    ("owners", {}, "ownerName ownedName", [("Duo", "Tres"), ("Uno", "Duo"), ("Uno", "Tres")]),
    ("owners", {"owned": "Tres"}, "ownerName", [("Duo",), ("Uno",)]),
    ("owners", {"owner": "Uno"}, "ownedName", [("Duo",), ("Tres",)]),
    (
        "funding-by-year",
        {},
        "year basis currency rounds total",
        [("2020", "said", "EUR", "1", "8000000"), ("2021", "published", "EUR", "2", "3500000")],
    ),
    ("common-investors", {}, "companyName otherName investorName", [("Quad", "Uno", "Fonds Fou"), ("Uno", "Quad", "Fonds Fou")]),
    ("common-investors", {"company": "Quad"}, "otherName investorName", [("Uno", "Fonds Fou")]),
    (
        "card",
        {"entity": "Quad"},
        "direction relation value unit status date",
        [
            ("←", "acquires", "Uno", "", "rumoured", ""),
            ("←", "investsIn", "Fonds Fou", "", "asserted", ""),
            ("→", "basedIn", "Paris", "", "asserted", ""),
            ("→", "discontinues", "Kbox", "", "asserted", ""),
            ("→", "foundedIn", "2012", "", "asserted", ""),
            ("→", "launches", "Qbox", "", "asserted", ""),
            ("→", "memberOf", "consortium Uno", "", "asserted", ""),
            ("→", "raised", "2000000", "EUR", "asserted", ""),
            ("→", "raised", "8000000", "EUR", "asserted", "2020"),
            ("←", "competesWith", "Duo", "", "asserted", ""),
        ],
    ),
    (
        "posts",
        {},
        "personName relation role organisationName status",
        [
            ("Jo Bé", "appoints", "directeur financier", "Uno", "asserted"),
            ("Léa Roy", "departsFrom", "", "Duo", "asserted"),
            ("Léa Roy", "holdsPositionAt", "PDG", "Uno", "asserted"),
        ],
    ),
    ("posts", {"person": "léa roy"}, "relation", [("departsFrom",), ("holdsPositionAt",)]),
    ("posts", {"organisation": "Uno"}, "personName", [("Jo Bé",), ("Léa Roy",)]),
    (
        "timeline",
        {"entity": "Duo"},
        "day basis date subjectName relation object status brief",
        [
            ("", "undated", "", "Duo", "memberOf", "consortium Uno", "denied", "w5"),
            ("2021-05-01", "said", "2021-05", "Uno", "acquires", "Duo", "asserted", "w1"),
            ("2021-05-01", "said", "2021-05", "Uno", "acquires", "Duo", "asserted", "w2"),
            ("2021-06-01", "published", "", "Tres", "subsidiaryOf", "Duo", "asserted", "w1"),
            ("2021-09-01", "published", "", "Léa Roy", "departsFrom", "Duo", "asserted", "w4"),
            ("2021-10-01", "published", "", "Duo", "competesWith", "Quad", "asserted", "w6"),
        ],
    ),
    ("events", {"status": "rumoured"}, "day subjectName relation object", [("2021-10-01", "Uno", "acquires", "Quad")]),
    (
        "members",
        {"leader": "Uno"},
        "memberName relation status sentence",
        [
            ("Uno", "leads", "asserted", "Quad rejoint le consortium emmené par Uno."),
            ("Duo", "memberOf", "denied", "Quad rejoint le consortium emmené par Uno. Duo n'en sera pas."),
            ("Quad", "memberOf", "asserted", "Quad rejoint le consortium emmené par Uno."),
        ],
    ),
    ("members", {"consortium": "consortium Uno"}, "consortium memberName", [("org/consortium-uno", m) for m in ("Uno", "Duo", "Quad")]),
    (
        "brief",
        {"key": "w3"},
        "subjectName relation object status confidence rule sentence",
        [
            ("Quad", "raised", "2000000 EUR", "asserted", "0.9", "raised/test", "Quad lève 2 M€."),
            ("Uno", "raised", "1500000 EUR", "asserted", "0.9", "raised/test", "Quad lève 2 M€. Uno lève 1,5 M€ auprès du Fonds Fou."),
        ],
    ),
    (
        "unconfirmed",
        {},
        "status subjectName relation object said brief",
        [
            (f"{KG}denied", "Duo", "memberOf", "consortium Uno", "denied", "w5"),
            (f"{KG}rumoured", "Uno", "acquires", "Quad", "rumoured", "w6"),
        ],
    ),
    ("unconfirmed", {"status": "Rumoured", "subject": "Uno"}, "object", [("Quad",)]),
    ("unconfirmed", {"status": "planned"}, "object", []),
    (
        "mentions",
        {"entity": "Paris"},
        "brief date title name class",
        [("w2", "2021-07-02", "", "Paris", "Place"), ("w7", "2021-11-01", "", "Paris", "Place")],
    ),
    ("products", {}, "makerName relation productName", [("Quad", "discontinues", "Kbox"), ("Quad", "launches", "Qbox")]),
    ("products", {"product": "Qbox"}, "makerName", [("Quad",)]),
    ("competitors", {}, "entityName competitorName", [("Duo", "Quad"), ("Quad", "Duo")]),
    ("competitors", {"entity": "Quad"}, "competitorName", [("Duo",)]),
    ("based-in", {"place": "Paris"}, "organisationName", [("Fonds Fou",), ("Quad",)]),
    ("entities", {"label": "Uno"}, "entity class label briefs", [("org/uno", "Company", "Uno", "6")]),
]


CONTRADICTORY: list[tuple[str, dict[str, str], str, list[tuple[str, ...]]]] = [
    (
        "conflicts-status",
        {"target": "Tres"},
        "subjectName relation object held said brief",
        [("Quad", "acquires", "Tres", "denied", "asserted", "l3"), ("Quad", "acquires", "Tres", "denied", "denied", "l4")],
    ),
    (
        "conflicts-amount",
        {},
        "subjectName relation object amount currency brief",
        [("Uno", "acquires", "Duo", "3000000", "EUR", "l2"), ("Uno", "acquires", "Duo", "4000000", "EUR", "l3")],
    ),
    (
        "conflicts-value",
        {"subject": "Duo"},
        "subjectName relation value brief",
        [("Duo", "foundedIn", "2012", "l5"), ("Duo", "foundedIn", "2013-05", "l6")],
    ),
    (
        "conflicts-post",
        {"organisation": "Uno"},
        "organisationName post year personName brief",
        [("Uno", "pdg", "2021", "Jo Bé", "l5"), ("Uno", "pdg", "2021", "Léa Roy", "l4")],
    ),
    ("duplicates", {}, "entityName otherName score reason", [("Duo", "Tres", "0.6", "alike"), ("Tres", "Duo", "0.6", "alike")]),
    ("duplicates", {"entity": "Tres"}, "otherName", [("Duo",)]),
    ("competitors-of-competitors", {"entity": "Uno"}, "throughName rivalName", [("Tres", "Quad")]),
    (
        "rumours-confirmed",
        {},
        "subjectName relation object first heard hint confirmed sentence",
        [
            ("Uno", "acquires", "Duo", "rumoured", "2021-01-01", "Uno songerait à croquer Duo.", "2021-06-01", "Uno croque Duo pour 3 M€."),
            (
                "Uno",
                "acquires",
                "Duo",
                "rumoured",
                "2021-01-01",
                "Uno songerait à croquer Duo.",
                "2021-07-01",
                "Uno a croqué Duo pour 4 M€.",
            ),
        ],
    ),
    (
        "single-source",
        {"subject": "Duo"},
        "relation object confidence brief",
        [
            ("basedIn", "Lyon", "0.9", "l5"),
            ("foundedIn", "2012", "0.9", "l5"),
            ("foundedIn", "2013-05", "0.9", "l6"),
            ("sues", "Uno", "0.9", "l6"),
        ],
    ),
    ("investors-of-place", {"place": "Lyon"}, "investorName organisationName", [("Fonds Fou", "Duo")]),
    ("lawsuits", {"target": "Uno"}, "byName relation status brief", [("Duo", "sues", "asserted", "l6")]),
    (
        "decisions",
        {},
        "subjectName relation object who when because",
        [("Uno", "acquires", "Quad", "lea", "2022-01-02", "seen in the register")],
    ),
]


ANSWERS = [*KNOWN, *CONTRADICTORY]


@pytest.mark.parametrize(("name", "values", "columns", "expected"), ANSWERS, ids=[f"{k[0]}-{'-'.join(k[1]) or 'all'}" for k in ANSWERS])
def test_named_queries_give_the_known_answer(name: str, values: dict[str, str], columns: str, expected: list[tuple[str, ...]]) -> None:
    found = rows(name, columns, **values)
    assert sorted(found) == sorted(expected)


@cache
def _in_rdflib(store: Store) -> rdflib.Graph:
    """The same graph in rdflib's own store, evaluated by rdflib's own engine."""
    out = io.BytesIO()
    ntriples(store, None, out)
    return rdflib.Graph().parse(out.getvalue(), format="nt")


@pytest.mark.parametrize(("name", "values"), [k[:2] for k in ANSWERS], ids=[f"{k[0]}-{'-'.join(k[1]) or 'all'}" for k in ANSWERS])
def test_rdflib_gives_the_same_rows(name: str, values: dict[str, str]) -> None:
    query = find_query(name)
    bindings = bind_parameters(world_of(name).raw, query, values, base=BASE)
    ours = run(world_of(name).raw, query.sparql, bindings=bindings)
    given_ = {n: rdflib.URIRef(t.value) if isinstance(t, ox.NamedNode) else rdflib.Literal(t.value) for n, t in bindings.items()}
    theirs = _in_rdflib(world_of(name)).query(query.sparql, initNs=dict(PREFIXES), initBindings=given_)
    assert [str(v) for v in theirs.vars or ()] == list(ours.variables)
    table = [["" if t is None else str(t) for t in row] for row in theirs]  # type: ignore[union-attr]
    assert sorted(table) == sorted([["" if t is None else t.value for t in row] for row in ours.rows])


def test_every_query_is_tested_and_explained() -> None:
    queries = {q.name: q for q in list_queries()}
    assert {k[0] for k in ANSWERS} == set(queries) and len(queries) >= 25
    for query in queries.values():
        assert query.help.endswith(".") and len(query.help) > 20, query.name
        for value in (p.split("=", 1)[0] for p in [query.example] if p):
            assert value in {p.name for p in query.parameters}
        # A parameter is a variable the query selects: that is what is bound.
        values = {p.name: "Uno" if p.type == "entity" else "planned" for p in query.parameters}
        assert {p.name for p in query.parameters} <= set(run_named(world().raw, query.name, values, base=BASE).variables)


def test_what_did_ibm_acquire_and_who_joined() -> None:
    """The two questions of the issue, as a user asks them."""
    assert {(t, s) for t, s in rows("acquisitions", "targetName sentence", buyer="U.N.O. International")} == {
        ("Duo", "Uno croque Duo pour 3 M€ en mai 2021."),
        ("Duo", "Uno a avalé Duo."),
        ("Quad", "Quad serait à vendre à Uno."),
    }
    joined = [m for m, r, s in rows("members", "memberName relation status", leader="Uno") if (r, s) == ("memberOf", "asserted")]
    assert joined == ["Quad"]


# --- parameters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["Uno", "uno", " UNO ", "U.N.O. International", "u.n.o. international", f"{BASE}org/uno", f"<{BASE}org/uno>", "org/uno"]
)
def test_an_entity_is_found_by_iri_label_or_other_name(text: str) -> None:
    assert resolve(world().raw, text, base=BASE).value == f"{BASE}org/uno"


def test_entities_that_are_not_found_or_several() -> None:
    with pytest.raises(QueryError, match=r"no entity is called « Léa Roi » \(near it: Léa Roy\)"):
        resolve(world().raw, "Léa Roi", base=BASE)
    with pytest.raises(QueryError, match=r"« Orange » names 2 entities: org/orange \(Orange\), place/orange \(Orange\)"):
        resolve(world().raw, "Orange", base=BASE)
    assert resolve(world().raw, "place/orange", base=BASE).value == f"{BASE}place/orange"
    for nobody in ("", "  ", "???", "https://nowhere.example/x", "org/nobody"):
        with pytest.raises(QueryError, match="no entity is called"):
            resolve(world().raw, nobody, base=BASE)
    with pytest.raises(QueryError, match="is no IRI"):
        resolve(world().raw, "<not an iri>", base=BASE)


def test_wrong_parameters() -> None:
    with pytest.raises(QueryError, match=r"no parameter « byer » \(it has buyer, target\)"):
        run_named(world().raw, "acquisitions", {"byer": "Uno"})
    with pytest.raises(QueryError, match="needs what=…"):
        run_named(world().raw, "who-acquired", {})
    with pytest.raises(QueryError, match="needs key=…"):
        run_named(world().raw, "brief", {"key": " "})
    with pytest.raises(QueryError, match="« perhaps » is no status"):
        run_named(world().raw, "events", {"status": "perhaps"})
    with pytest.raises(QueryError, match=r"no query is called « aquisition » \(near it: acquisitions"):
        find_query("aquisition")
    with pytest.raises(QueryError, match="« kg queries » lists them"):
        find_query("zzzzzzzzzzzz")
    with pytest.raises(QueryError, match=r"x\.rq: « param a: number — b » declares no parameter"):
        parse_query("x", "# Help.\n# param a: number — b\nASK {}")


INJECTIONS = ['w1" . } #', "w1' UNION { ?s ?p ?o }", "> ?x <", '"""', "\\u0022", "?key", "w1\n}", '" } ; DROP ALL #', "{{key}}", "$key"]


@pytest.mark.parametrize("value", INJECTIONS)
def test_values_are_terms_and_never_syntax(value: str) -> None:
    before = len(world().raw)
    assert run_named(world().raw, "brief", {"key": value}, base=BASE).rows == []
    writer = Writer(value, "Uno avale Duo.").entity("Uno", "Company").entity("Duo", "Company").claim("Uno", "acquires", "Duo", "avale")
    mine = stored(writer.done())
    assert [r["object"] for r in run_named(mine.raw, "brief", {"key": value}, base=BASE).dicts()] == ["Duo"]
    assert len(world().raw) == before


@given(st.text(max_size=40))
def test_no_value_breaks_a_query(value: str) -> None:
    query = parse_query("x", "# Help.\n# param key: text — a key\nSELECT ?key ?b { ?b kg:key ?key }")
    try:
        bound = bind_parameters(world().raw, query, {"key": value})
    except QueryError as error:
        assert not value.strip() or any("\ud800" <= c <= "\udfff" for c in value), error
    else:
        found = run(world().raw, query.sparql, bindings=bound).dicts()
        assert [r["key"] for r in found] == ([value] if value in {b.key for b in world().briefs()} else [])


def test_values_for_a_query_typed_by_hand() -> None:
    bound = bind_values(
        world().raw, {"a": "Uno", "b": "kg:asserted", "c": '"Uno"', "d": "12", "e": "1.5", "f": f"<{BASE}x>", "g": "pas connu"}, base=BASE
    )
    assert {n: str(t) for n, t in bound.items()} == {
        "a": f"<{BASE}org/uno>",
        "b": f"<{KG}asserted>",
        "c": '"Uno"',
        "d": '"12"^^<http://www.w3.org/2001/XMLSchema#integer>',
        "e": '"1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>',
        "f": f"<{BASE}x>",
        "g": '"pas connu"',
    }
    sparql = "SELECT ?a ?n { ?a kg:acquires ?t . ?t rdfs:label ?n }"
    assert run(world().raw, sparql, bindings={"a": bound["a"]}).dicts() == [{"a": f"{BASE}org/uno", "n": "Duo"}]
    with pytest.raises(QueryError, match=r"\?a is given a value but the query does not select it"):
        run(world().raw, "SELECT ?n { ?a rdfs:label ?n }", bindings={"a": bound["a"]})


# --- refusals -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """A server on the loopback that notes every request."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            seen.append(self.path)
            self.send_response(404)
            self.end_headers()

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/", seen
    server.shutdown()
    thread.join()


SPELLINGS = [
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { service <URL> { ?s ?p ?o } }",
    "SELECT * { SeRvIcE SILENT <URL> { ?s ?p ?o } }",
    "SELECT*{SERVICE<URL>{?s?p?o}}",
    "SELECT * { SERVICE\n\t<URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE # <x>\n <URL> { ?s ?p ?o } }",
    "SELECT * { # harmless\nSERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { S\\U00000045RVICE <URL> { ?s ?p ?o } }",
    "PREFIX ex: <URL> SELECT * { SERVICE ex:a { ?s ?p ?o } }",
    "PREFIX ex: <URL> SELECT*{SERVICEex:a{?s ?p ?o}}",
    "PREFIX : <URL> SELECT*{SERVICE:a{?s ?p ?o}}",
    "SELECT * { VALUES ?u { <URL> } SERVICE ?u { ?s ?p ?o } }",
    "SELECT * { SERVICESILENT<URL>{?s ?p ?o} }",
    "SELECT * { ?s ?p 1SERVICE<URL>{?a ?b ?c} }",
    "SELECT * { ?s ?p trueSERVICE<URL>{?a ?b ?c} }",
    "SELECT * { ?s ?p 'a'SERVICE<URL>{?a ?b ?c} }",
    'SELECT * { ?s ?p """it\'s""" . SERVICE <URL> { ?a ?b ?c } }',
    "SELECT * { ?s ?p kg:a\\#b . SERVICE <URL> { ?a ?b ?c } }",
    "SELECT * { ?s ?p kg:a\\'b . SERVICE <URL> { ?a ?b kg:c\\'d } }",
    "SELECT * { ?s ?p kg:.SERVICE<URL>{ ?a ?b ?c } }",
    "SELECT * { ?s ?p ?o FILTER(?s<?o)SERVICE<URL>{ ?a ?b ?c } }",
    "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <URL> { ?a ?b ?c } } }",
    "SELECT * { ?s <urn:'> ?o . SERVICE <URL> { ?a <urn:'> ?c } }",
    # Found by fuzzing: where Oxigraph reads « < », a string or the end of a name otherwise than a lexer would.
    "PREFIX ex: <URL> SELECT * { FILTER(?s<'>')SERVICE<URL>{ ?a ?b 'x' } }",
    "PREFIX ex: <URL> SELECT * { FILTER(?s<ex:a&&'>'='>')SERVICE<URL>{ ?a ?b 'x' } }",
    "PREFIX ex: <URL> SELECT * { FILTER(?s<ex:a#b>'''\n)SERVICE<URL>{ ?a ?b ?c } #'''\n }",
    "SELECT * { VALUES ?v {'''a'} SERVICE <URL> { ?a ?b ?c } #\\q'''\n }",
    "PREFIX ex: <URL> SELECT * { ?s ?p ex:a.b.SERVICE<URL>{ ?a ?b ?c } }",
    "SELECT * { { SELECT * { SERVICE <URL> { ?a ?b ?c } } } }",
    "ASK { SERVICE <URL> { ?s ?p ?o } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { SERVICE <URL> { ?s ?p ?o } }",
    "DESCRIBE ?s { SERVICE <URL> { ?s ?p ?o } }",
    "LOAD <URL>",
    "load silent <URL>",
    "LoAd <URL> INTO GRAPH <urn:g>",
    "# x\nLOAD\n<URL>",
    "PREFIX ex: <URL> LOAD ex:a",
    "BASE <URL> LOAD <a>",
    "\\u004cOAD <URL>",
    "INSERT DATA { <urn:a> <urn:b> 1 } ; LOAD <URL>",
    "SELECT * { ?s ?p ?o } ; LOAD <URL>",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_service_and_load_are_refused_before_anything_is_evaluated(spelling: str, listener: tuple[str, list[str]]) -> None:
    url, seen = listener
    with pytest.raises(QueryError, match="is refused"):
        run(world().raw, spelling.replace("URL", url))
    assert seen == []


@pytest.mark.parametrize(
    "update",
    [
        "INSERT DATA { <urn:a> <urn:b> 1 }",
        "delete where { ?s ?p ?o }",
        "PREFIX x: <urn:x> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "DROP DEFAULT",
        "CREATE GRAPH <urn:g>",
        "COPY DEFAULT TO <urn:g>",
        "MOVE DEFAULT TO <urn:g>",
        "ADD DEFAULT TO <urn:g>",
        "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "INSERT{?s ?p 1}WHERE{?s ?p ?o}",
    ],
)
def test_updates_are_refused(update: str) -> None:
    before = len(world().raw)
    with pytest.raises(QueryError, match="is refused: a query reads only"):
        run(world().raw, update)
    assert len(world().raw) == before


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?service ?load 'SERVICE <http://x/> LOAD' }",
        'SELECT * { ?s ?p """SERVICE "quoted" LOAD""" }',
        "SELECT * { ?s ?p '''it's SERVICE''' }",
        "SELECT * { ?s ?p 'it\\'s SERVICE' }",
        "# SERVICE, LOAD\nSELECT * { ?s ?p ?o } # SERVICE",
        "SELECT * { ?s a schema:Service ; schema:serviceType ?o }",
        "SELECT * { <http://x/SERVICE> <urn:load> ?o }",
        "SELECT * { _:service a ?o . ?s ?p 'x'@service }",
        "PREFIX load: <urn:load:> SELECT * { ?s load:load ?o }",
        "SELECT * { ?s ?p ?o FILTER(?s < ?o && ?o > ?s) }",
        "SELECT * { ?s <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> 'it is SERVICE', <http://x.example/SERVICE#load> }",
        "SELECT * { ?s <urn:a#b> ?o . ?s <urn:it's> ?o . ?o <urn:service> 'it' }",
        "SELECT (1 AS ?insert) (2 AS ?delete) {}",
        "BASE <urn:x> PREFIX a: <urn:a> PREFIX : <urn:b> ASK { ?s a:b ?o ; :c ?d }",
    ],
)
def test_the_words_are_allowed_where_they_are_no_keywords(query: str) -> None:
    check(query)
    run(world().raw, query)


@given(st.text(alphabet="SERVICEserviceload <>{}'\"#\\\n:?._@-123ux", max_size=80))
def test_looking_at_any_text_ends(text: str) -> None:
    try:
        check(text)
    except QueryError as error:
        assert "is refused" in str(error)


def test_a_refusal_says_where() -> None:
    with pytest.raises(QueryError, match="line 2, column 3: SERVICE is refused"):
        check("SELECT * {\n  SERVICE <urn:x> {} }")


# --- errors -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("SELECT * {", "line 1, column 11"),
        ("SELECT *\n{ ?s ?p }", "line 2, column 10"),
        ("SELEC * { ?s ?p ?o }", "line 1, column"),
        ("", "line 1, column 1"),
        ("SELECT ?x WHERE { ?x a kg:Claim } LIMIT ten", "line 1, column"),
    ],
)
def test_malformed_queries_say_where(query: str, where: str) -> None:
    with pytest.raises(QueryError, match=f"{where}.*malformed SPARQL") as error:
        run(world().raw, query)
    assert "\n" not in str(error.value) and len(str(error.value)) < 200


def test_unknown_prefixes_are_told() -> None:
    with pytest.raises(QueryError, match=r"line 2, column \d+: unknown prefix « fooo: » \(declared are dct, "):
        run(world().raw, "SELECT *\n{ ?s fooo:bar ?o }")


def test_other_errors_are_one_line() -> None:
    for query in ("SELECT ?x { ?s ?p ?o } GROUP BY ?s", "SELECT (?s AS ?s) { ?s ?p ?o }"):
        with pytest.raises(QueryError) as error:
            run(world().raw, query)
        assert "\n" not in str(error.value)


# --- results ------------------------------------------------------------------------------------------------------------

ALL = "SELECT ?n ?d { ?c rdf:predicate kg:acquires ; rdf:object ?t . ?t rdfs:label ?n OPTIONAL { ?c kg:date ?d } } ORDER BY ?n"


def test_forms_and_rows() -> None:
    result = run(world().raw, ALL)
    assert (result.form, result.variables) == ("rows", ("n", "d"))
    assert [tuple(t and t.value for t in row) for row in result.rows] == [("Duo", "2021-05"), ("Quad", None)]
    assert result.rows is result.rows
    yes, no = run(world().raw, "ASK { ?s kg:acquires ?o }"), run(world().raw, "ASK { ?s kg:absorbs ?o }")
    assert (yes.form, yes.boolean, yes.text(), no.boolean, no.text()) == ("boolean", True, "true\n", False, "false\n")
    built = run(world().raw, "CONSTRUCT { ?s kg:owns ?o } WHERE { ?s kg:acquires ?o }")
    assert (built.form, [str(t.object) for t in built.triples]) == ("triples", [f"<{BASE}org/duo>"])
    described = run(world().raw, f"DESCRIBE <{BASE}org/duo>")
    assert described.form == "triples" and len(described.triples) > 2


def test_formats() -> None:
    result = run(world().raw, ALL)
    assert list(csv.reader(io.StringIO(result.text("csv")))) == [["n", "d"], ["Duo", "2021-05"], ["Quad", ""]]
    assert result.text("tsv").splitlines()[:2] == ["?n\t?d", '"Duo"\t"2021-05"^^<http://www.w3.org/2001/XMLSchema#gYearMonth>']
    assert json.loads(result.text("json"))["results"]["bindings"][1] == {"n": {"type": "literal", "value": "Quad"}}
    assert result.text("table").splitlines() == ["n     d", "----  -------", "Duo   2021-05", "Quad"]
    assert "Duo" in result.text("table", width=80)
    assert len(result.rows) == 2  # looked at after it was written out
    assert json.loads(run(world().raw, "ASK {}").text("json")) == {"head": {}, "boolean": True}
    built = run(world().raw, "CONSTRUCT { ?s kg:owns ?o } WHERE { ?s kg:acquires ?o }")
    assert built.text("ttl") == built.text("table")
    assert len(rdflib.Graph().parse(data=built.text("ttl"), format="turtle")) == 1
    for format_ in FORMATS:
        with pytest.raises(QueryError, match="--format"):
            (result if format_ == "ttl" else built).text("csv" if format_ == "table" else format_)


def test_tables_are_harmless_and_aligned() -> None:
    text = "\x1b[31mrouge\x07 [bold]gras[/] 小米\nligne"
    store = stored(Writer("k", text, title=text).entity("Uno", "Company").done())
    for width in (None, 100):
        table = run(store.raw, "SELECT ?t ?b { ?b dct:title ?t }", base=BASE).text("table", width=width)
        assert "\x1b[31mrouge" not in table and "\x07" not in table and "[bold]gras[/]" in table
        assert "brief/" in table and BASE not in table
    head, rule, row = run(store.raw, "SELECT ?t ?c { ?b dct:title ?t ; a ?c }").text().splitlines()
    assert head.index("c") == rule.rindex(" ") + 1 and row.endswith("kg:Brief")
    assert shorten("https://elsewhere.example/x", BASE) == "https://elsewhere.example/x"


def test_a_query_leaves_rdflib_and_spacy_alone(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    with open_store(spec, base=BASE) as store:
        store.add(Writer("k", "Uno avale Duo.").entity("Uno", "Company").done(), small_ontology(), RUN)
    code = (
        "import sys; from kg.graph import open_store\n"
        "with open_store(sys.argv[1], read_only=True) as s: print(s.named('mentions', {'entity': 'Uno'}).text())\n"
        "print(sorted({m.partition('.')[0] for m in sys.modules} & {'rdflib', 'spacy', 'networkx', 'rich', 'click'}))"
    )
    env = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    said = subprocess.run([sys.executable, "-c", code, spec], env=env, capture_output=True, text=True, check=True, timeout=60).stdout
    assert "org/uno" in said and said.splitlines()[-1] == "[]"


def test_named_queries_are_files_with_a_head() -> None:
    query = parse_query("x", "# One.\n# Two.\n# param a: entity — who\n# param b: text, optional — what\n# example: a=Uno\nASK {}\n# end")
    assert isinstance(query, NamedQuery)
    assert (query.help, query.example, [(p.name, p.type, p.optional, p.help) for p in query.parameters]) == (
        "One. Two.",
        "a=Uno",
        [("a", "entity", False, "who"), ("b", "text", True, "what")],
    )
