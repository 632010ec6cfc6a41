"""Every example of the cues of status, read by the whole pipeline."""

from __future__ import annotations

from typing import Any

import pytest

from kg import ontology
from kg.examples import parse_marked
from kg.extract import Reader
from kg.fr.cues import cues
from kg.fr.data import table
from kg.model import Brief

CASES: list[dict[str, Any]] = table("cues.toml")["example"]


@pytest.fixture(scope="module")
def said() -> list[set[tuple[str, str, str, str]]]:
    """What is read of each example: relation, subject, object, status."""
    briefs = [Brief(f"cue#{n}", parse_marked(case["text"]).text, case.get("date")) for n, case in enumerate(CASES)]
    return [
        {(c.relation, c.subject, c.object, str(e.status)) for c, e in extraction.claims}
        for extraction in Reader(ontology.load(), rules_only=True).read(briefs)
    ]


def test_examples_are_there() -> None:
    assert len(CASES) >= 60
    known = {cue["id"] for cue in table("cues.toml")["cue"]}
    assert {case["cue"] for case in CASES} <= known
    assert cues().governing


@pytest.mark.parametrize("number", range(len(CASES)), ids=[f"{case['cue']}-{n}" for n, case in enumerate(CASES)])
def test_example(number: int, said: list[set[tuple[str, str, str, str]]]) -> None:
    """Exactly the marked claim of that relation, with its status; a known miss must still be missed."""
    case = CASES[number]
    marked, relation = parse_marked(case["text"]), case.get("relation", "acquires")
    expected = {
        (relation, subject, obj, case.get("status", "asserted"))
        for subject in marked.values("subject")
        for obj in marked.values("object")
        if case.get("expect") != "nothing"
    }
    got = {claim for claim in said[number] if claim[0] == relation}
    if case.get("known_miss"):
        assert got != expected, "this known miss is read now: take its known_miss away"
    else:
        assert got == expected, case["text"]
