"""Learns the judge of :mod:`kg.extract.learned` from gold briefs that neither the network nor the rules were made from.

``python -m kg.train_judge GOLD.jsonl…`` prints a reliability table by cross-validation over briefs and what each threshold
gives, then writes ``judge.json``. Deterministic: the same gold, rules and network give the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from kg import ontology
from kg.evaluate import Answers, briefs, load
from kg.extract import Reader
from kg.extract.learned import JUDGE, SecondReader
from kg.extract.syntax import Syntax
from kg.fitting import Row, fit, held_out, reliability
from kg.model import Claim
from kg.ontology import Ontology

PENALTY = 3.0


def rows(paths: Sequence[Path], known: Ontology) -> Iterator[Row]:
    """Every candidate of the gold briefs: its brief, its clues, whether gold has it."""
    reader, second = Reader(known), SecondReader(known)
    for path in paths:
        gold = load(path)
        for analysis in reader.language.analyse(briefs(gold)):
            answers, syntax = Answers(gold[analysis.brief.key], known), Syntax(analysis)
            found = list(reader.engine.read(syntax))
            sight = second.sight(syntax, found)
            for candidate in second.candidates(sight, found):
                subject, target, relation = candidate.key
                said = sight.seen.values[target].value if relation in known.attributes else analysis.entities[target].name
                claim = Claim(analysis.entities[subject].name, relation, said)
                yield f"{path.name}/{analysis.brief.key}", candidate.clues, answers.has(claim)


def main(arguments: Sequence[str]) -> None:
    """Trains on the gold files named."""
    paths, known = [Path(a) for a in arguments], ontology.load()
    data = list(rows(paths, known))
    said = held_out(data, PENALTY)
    print(reliability(said))
    total = sum(len(r["relations"]) + len(r["attributes"]) for p in paths for r in load(p).values())
    for low in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        right = [r for p, r in said if p >= low]
        good, said_so = sum(right), len(right)
        print(f"  from {low}: P {good / max(1, said_so):.3f} R {good / total:.3f} F1 {2 * good / (said_so + total):.3f}")
    JUDGE.write_text(json.dumps(fit(data, PENALTY), ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
