"""Names → IRIs: slugs, gazetteers, consortia."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from graphs import BASE, Writer, small_ontology
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import OntologyError
from kg.link import LONGEST_SLUG, Ids, NameRow, Names, fold_role, link, names_of, read_names, slug
from kg.model import Entity, Extraction, Status

IDS = Ids(BASE)
NO_NAMES = Names()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IBM", "ibm"),
        ("Éts  Léon & Cie", "ets-leon-et-cie"),
        ("L'Oréal", "l-oreal"),
        ("L’Oréal", "l-oreal"),
        ("Société Générale", "societe-generale"),
        ("Œuvre Ægir Østfold Łódź", "oeuvre-aegir-ostfold-lodz"),
        ("AT&T", "at-et-t"),
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C#", "c-diese"),
        ("Canal+", "canal-plus"),
        ("Iris²", "iris-carre"),
        ("C3.ai", "c3-point-ai"),
        ("monday.com", "monday-point-com"),
        ("Société X.", "societe-x"),
        ("S.N.C.F.", "sncf"),
        ("Sncf", "sncf"),
        ("M@gic", "m-arobase-gic"),
        ("GPT-4.5", "gpt-4-point-5"),
        ("Galaxy™ S®", "galaxy-s"),
        ("ＡＢＣ", "abc"),
        ("Goo\u200bgle", "google"),
        ("\u202eIBM\u202c", "ibm"),
        ("🍎 Pomme", "pomme"),
        ("Straße", "strasse"),
    ],
)
def test_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


@pytest.mark.parametrize("name", ["Яндекс", "小米", "小米 Xiaomi", "شركة", "٣٤", "!!!", "🦄", "", "Ω"])
def test_slug_of_a_name_not_in_latin_script_is_a_hash(name: str) -> None:
    assert re.fullmatch("x-[0-9a-f]{12}", slug(name))


def test_slugs_tell_names_in_other_scripts_apart() -> None:
    assert len({slug(n) for n in ("Яндекс", "小米", "大米", "小米 1", "шахты")}) == 5
    assert slug("ЯНДЕКС") == slug("Яндекс")


def test_overlong_names_are_bounded_and_stay_apart() -> None:
    one, two = slug("a" * 5000), slug("a" * 4999 + "b")
    assert len(one) <= LONGEST_SLUG and len(two) <= LONGEST_SLUG and one != two


@given(st.text(max_size=300))
def test_any_name_gives_a_valid_segment(name: str) -> None:
    assert re.fullmatch(rf"[a-z0-9](?:[a-z0-9-]{{0,{LONGEST_SLUG - 2}}}[a-z0-9])?", slug(name))
    assert slug(name) == slug(f"  {name}\n") == slug(slug_source(name))


def slug_source(name: str) -> str:
    """The name as a careless writer might give it: a no-break space for a space."""
    return name.replace(" ", "\u00a0")


def test_roles_are_folded() -> None:
    assert fold_role("Directeur  Général") == fold_role("directeur général") == "directeur-general"
    assert fold_role(None) == fold_role("  ") == ""


def test_hashes_do_not_depend_on_the_base() -> None:
    here, there = Ids("https://a.example/"), Ids("urn:b:")
    assert here.local(here.claim("https://a.example/org/x", "acquires", "https://a.example/org/y")) == there.local(
        there.claim("urn:b:org/x", "acquires", "urn:b:org/y")
    )


# --- gazetteers -------------------------------------------------------------------------------------------------------


def _rows() -> Names:
    rows = [
        NameRow("Amazon Web Services", "Company", ("AWS",), ("Q456",), "test"),
        NameRow("Amazon", "Company", (), ("Q3884",), "test"),
        NameRow("Orange", "Company", (), (), "test"),
        NameRow("Orange", "Place", (), ("geonames:2989204",), "test"),
        NameRow("États-Unis", "Place", ("USA",), (), "test"),
        NameRow("Un Tel Fonds", "Investor", ("UT",), (), "test"),
        NameRow("Université Typique", "Organization", ("UT",), (), "test"),
        NameRow("Nulle part", "Planet", (), (), "test"),
    ]
    return names_of(rows, small_ontology())


def _iri(entity: Entity, names: Names) -> str:
    extraction = Writer("k", "…").done()
    return link(Extraction(extraction.brief, (entity,)), small_ontology(), names, IDS)[entity.name].removeprefix(BASE)


def test_the_gazetteer_names_an_entity_by_any_of_its_forms() -> None:
    names = _rows()
    assert _iri(Entity("AWS", "Company"), names) == _iri(Entity("Amazon web services", "Product"), NO_NAMES).replace("product", "org")
    assert _iri(Entity("AWS", "Company"), names) == "org/amazon-web-services"
    assert _iri(Entity("Amazon", "Company"), names) == "org/amazon"
    assert _iri(Entity("usa", "Place"), names) == "place/etats-unis"


def test_kinds_never_merge() -> None:
    names = _rows()
    assert _iri(Entity("Orange", "Company"), names) == "org/orange"
    assert _iri(Entity("Orange", "Place"), names) == "place/orange"
    assert _iri(Entity("AWS", "Product"), names) == "product/aws"


def test_an_alias_of_two_rows_counts_only_with_the_class() -> None:
    names = _rows()
    assert _iri(Entity("UT", "Investor"), names) == "org/un-tel-fonds"
    assert _iri(Entity("UT", "Organization"), names) == "org/universite-typique"
    assert _iri(Entity("UT", "Company"), names) == "org/ut"


def test_identifiers_become_iris() -> None:
    row = NameRow("X", "Company", (), ("Q1", "wd:Q2", "geonames:3", "https://x.example/4", "n'importe quoi"))
    assert row.same_as() == (
        "http://www.wikidata.org/entity/Q1",
        "http://www.wikidata.org/entity/Q2",
        "https://sws.geonames.org/3/",
        "https://x.example/4",
    )


def test_reading_a_file_of_names(tmp_path: Path) -> None:
    file = tmp_path / "firms.tsv"
    file.write_text(
        "\ufeff# SPDX-License-Identifier: CC0-1.0\n"
        "name\ttype\taliases\tid\tsource\n\nIBM\tCompany\tBig Blue| I.B.M. |\tQ37156\thand\nOVH\tCompany\n",
        encoding="utf-8",
    )
    assert list(read_names(file)) == [NameRow("IBM", "Company", ("Big Blue", "I.B.M."), ("Q37156",), "hand"), NameRow("OVH", "Company")]
    file.write_text("IBM\tCompany\nOVH\n", encoding="utf-8")
    with pytest.raises(OntologyError, match=r"firms\.tsv:2: a row needs a name and a type"):
        list(read_names(file))


# --- consortia --------------------------------------------------------------------------------------------------------

TEXT = "Le consortium emmené par Uno et Duo accueille Tres, dit-on à la ronde."


def _consortium(name: str, *claims: tuple[str, str], status: Status = Status.ASSERTED, text: str = TEXT) -> str | None:
    writer = Writer("k", text)
    for member in ("Uno", "Duo", "Tres"):
        writer.entity(member, "Company")
    writer.entity(name, "Consortium")
    for member, relation in claims:
        writer.claim(member, relation, name, "accueille", said=(member, "consortium"), status=status)
    iri = link(writer.done(), small_ontology(), NO_NAMES, IDS).get(name)
    return iri.removeprefix(BASE) if iri else None


def test_a_described_consortium_is_named_by_its_sorted_leaders() -> None:
    led = "org/consortium-duo-uno"
    assert _consortium("consortium Uno, Duo", ("Uno", "leads"), ("Duo", "leads"), ("Tres", "memberOf")) == led
    assert _consortium("consortium", ("Duo", "leads"), ("Uno", "leads")) == led
    assert _consortium("consortium Uno, Duo") == led


def test_else_by_its_members() -> None:
    assert _consortium("consortium", ("Tres", "memberOf"), ("Uno", "memberOf")) == "org/consortium-tres-uno"


def test_a_consortium_of_nobody_is_no_entity() -> None:
    assert _consortium("consortium") is None
    assert _consortium("consortium", ("Uno", "leads"), status=Status.DENIED) is None


def test_a_named_consortium_keeps_its_name() -> None:
    assert _consortium("Gaïa-X", ("Uno", "leads")) == "org/gaia-x"
    assert _consortium("Consortium Gaïa-X", ("Uno", "leads")) == "org/consortium-gaia-x"
