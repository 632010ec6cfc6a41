"""A store backed up and restored, examined, searched."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from graphs import BASE, RUN, Writer, lines, shape_briefs, small_ontology

from kg import upkeep
from kg.errors import ReadError, StoreError, UsageError
from kg.graph import CONFIDENCE, EXACT, TEXT, open_store

FIRST, SECOND = shape_briefs()


@pytest.fixture
def spec(tmp_path: Path) -> str:
    """A settled store of two briefs."""
    found = f"oxigraph:{tmp_path / 'store'}"
    with open_store(found, base=BASE) as store:
        for extraction in (FIRST, SECOND):
            store.add(extraction, small_ontology(), RUN)
        store.settle(small_ontology())
    return found


def quads(spec: str) -> list[str]:
    """All that a store holds, what it remembers of its readings too."""
    with open_store(spec, read_only=True, base=BASE) as store:
        return sorted(map(str, store.raw))


def test_a_restored_store_is_the_one_backed_up(spec: str, tmp_path: Path) -> None:
    with open_store(spec, read_only=True, base=BASE) as store:
        triples = upkeep.backup(store, tmp_path / "b.zip")
        assert triples == len(lines(store))
    other = f"oxigraph:{tmp_path / 'other'}"
    assert upkeep.restore(tmp_path / "b.zip", other) == triples
    assert quads(other) == quads(spec)
    with open_store(other, base=BASE) as store:
        assert store.add(FIRST, small_ontology(), RUN) == "skipped"
        store.remove("shape#1", small_ontology())
        store.settle(small_ontology())
    with pytest.raises(StoreError, match="there is a store already"):
        upkeep.restore(tmp_path / "b.zip", other)
    assert quads(other) != quads(spec)
    upkeep.restore(tmp_path / "b.zip", other, replace=True)
    assert quads(other) == quads(spec)


def test_a_damaged_backup_leaves_the_store_alone(spec: str, tmp_path: Path) -> None:
    before = quads(spec)
    with open_store(spec, read_only=True, base=BASE) as store:
        upkeep.backup(store, tmp_path / "b.zip")
    data = (tmp_path / "b.zip").read_bytes()
    for broken in (data[: len(data) // 2], data[:400] + b"\0" * 50 + data[450:], b"nothing"):
        (tmp_path / "b.zip").write_bytes(broken)
        with pytest.raises(ReadError):
            upkeep.restore(tmp_path / "b.zip", spec, replace=True)
        assert quads(spec) == before
    with pytest.raises(ReadError, match="cannot be read"):
        upkeep.restore(tmp_path / "none.zip", spec, replace=True)


@pytest.mark.parametrize(("predicate", "said"), [(CONFIDENCE, "held|evidence comes to"), (EXACT, "quotation"), (TEXT, "have not the text")])
def test_the_doctor_sees_what_is_wrong_and_says_what_to_do(spec: str, predicate: ox.NamedNode, said: str) -> None:
    import re

    assert not [f for f in upkeep.examine(spec, small_ontology(), BASE) if f.todo]
    with open_store(spec, base=BASE) as store:
        quad = min(store.raw.quads_for_pattern(None, predicate, None, ox.DefaultGraph()), key=str)
        store.raw.remove(quad)
        other = (
            ox.Literal("0.01", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#decimal"))
            if predicate == CONFIDENCE
            else ox.Literal("?")
        )
        store.raw.add(ox.Quad(quad.subject, predicate, other, ox.DefaultGraph()))
    assert [f for f in upkeep.examine(spec, small_ontology(), BASE) if f.todo and re.search(said, f.what)]


def test_the_doctor_tells_a_build_cut_short_and_who_holds_the_store(spec: str) -> None:
    with open_store(spec, base=BASE) as store:
        store.add(Writer("third", "Rien.").done(), small_ontology(), RUN)
        assert ["is in use by process" in f.what for f in upkeep.examine(spec, small_ontology(), BASE)] == [True]
    assert [f.todo for f in upkeep.examine(spec, small_ontology(), BASE) if "cut short" in f.what] == [
        "run it again: it goes on where it stopped"
    ]


def test_words_are_found_whatever_their_accents_and_the_index_follows_the_store(spec: str, tmp_path: Path) -> None:
    with open_store(spec, read_only=True, base=BASE) as store:
        hits = upkeep.search(store, "LEA")
        assert (hits[0].kind, hits[0].text, hits[0].about) == ("label", "Léa Roy", f"{BASE}person/lea-roy")
        assert any(h.kind == "sentence" and "Léa Roy, PDG" in h.text for h in hits)
        assert upkeep.search(store, 'croq" OR') == []
        assert [h.kind for h in upkeep.search(store, "zinc croq")] == ["sentence"]
        with pytest.raises(UsageError):
            upkeep.search(store, ' " ')
    made = (tmp_path / "store.search").stat().st_mtime_ns
    with open_store(spec, read_only=True, base=BASE) as store:
        assert upkeep.search(store, "lea") and (tmp_path / "store.search").stat().st_mtime_ns == made
    with open_store(spec, base=BASE) as store:
        store.remove("shape#1", small_ontology())
        assert upkeep.search(store, "lea") == []  # not settled yet: an index in memory
        store.settle(small_ontology())
    (tmp_path / "store.search").write_bytes(b"nonsense")
    with open_store(spec, read_only=True, base=BASE) as store:
        assert upkeep.search(store, "lea") == [] and upkeep.search(store, "aavo")
