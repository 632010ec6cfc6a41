"""Learns the weights of :mod:`kg.extract.confidence` from gold briefs.

``python -m kg.train_confidence GOLD.jsonl…`` prints a reliability table by cross-validation over briefs, then
writes ``confidence.json``. Deterministic: the same gold and rules give the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from kg import ontology
from kg.evaluate import Answers, briefs, load
from kg.extract import Reader
from kg.extract.confidence import WEIGHTS
from kg.extract.frames import suppress
from kg.extract.syntax import Syntax
from kg.fitting import Row, fit, held_out, reliability
from kg.model import Match
from kg.ontology import Ontology

PENALTY = 8.0


def rows(paths: Sequence[Path], known: Ontology) -> list[Row]:
    """Every match of the gold briefs that another does not make redundant: its brief, its clues, whether gold has it."""
    out: list[Row] = []
    reader = Reader(known)
    for path in paths:
        gold = load(path)
        for analysis in reader.language.analyse(briefs(gold)):
            answers = Answers(gold[analysis.brief.key], known)
            matches = [m for m in reader.engine.read(Syntax(analysis)) if isinstance(m, Match)]
            kept = {claim for claim, _ in suppress(known, [(m.claim, m.evidence) for m in matches])}
            brief = f"{path.name}/{analysis.brief.key}"
            out += [(brief, dict.fromkeys(m.clues, 1.0), answers.has(m.claim)) for m in matches if m.claim in kept]
    return out


def main(arguments: Sequence[str]) -> None:
    """Trains on the gold files named."""
    data = rows([Path(a) for a in arguments], ontology.load())
    print(reliability(held_out(data, PENALTY)))
    WEIGHTS.write_text(json.dumps(fit(data, PENALTY), ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
