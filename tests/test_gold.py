"""The annotated briefs we ship: well formed by the ontology, their names in the text, no brief in two sets."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from kg import ontology
from kg.evaluate import fold

ONTOLOGY = ontology.load()
SETS = {
    p.stem: [json.loads(line) for line in p.read_text(encoding="utf-8").splitlines()]
    for p in sorted(Path(__file__).parent.glob("gold/*.jsonl"))
}


def test_all_sets_are_there() -> None:
    assert {"fresh", "held-out", "seeds", "written"} <= SETS.keys()
    assert len(SETS["written"]) > 2000 and len(SETS["held-out"]) > 300


def test_no_brief_stands_in_two_sets() -> None:
    texts = Counter(" ".join(b["text"].split()) for briefs in SETS.values() for b in briefs)
    assert [t for t, n in texts.items() if n > 1] == []


@pytest.mark.parametrize("name", SETS)
def test_claims_speak_of_entities_of_the_brief(name: str) -> None:
    faults = [f for b in SETS[name] for f in faults_of(b)]
    assert faults == []


def faults_of(brief: dict[str, Any]) -> list[str]:
    names = {e["name"]: e["type"] for e in brief["entities"]}
    text = fold(brief["text"])
    found = [f"{brief['id']}: class {t}" for t in names.values() if t not in ONTOLOGY.classes]
    for e in brief["entities"]:
        forms = [e["name"], *e.get("aliases", [])]
        if e["type"] != "Consortium" and not any(fold(f) in text for f in forms):
            found.append(f"{brief['id']}: « {e['name']} » is not in the text")
    found += [f"{brief['id']}: {r}" for r in brief["relations"] if r["p"] not in ONTOLOGY.relations or not {r["s"], r["o"]} <= names.keys()]
    found += [f"{brief['id']}: {a}" for a in brief["attributes"] if a["p"] not in ONTOLOGY.attributes or a["s"] not in names]
    return found
