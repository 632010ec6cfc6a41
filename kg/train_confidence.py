"""Learns the weights of :mod:`kg.extract.confidence` from gold briefs.

``python -m kg.train_confidence GOLD.jsonl…`` prints a reliability table by cross-validation over briefs, then
writes ``confidence.json``. Deterministic: the same gold and rules give the same bytes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kg import ontology
from kg.evaluate import briefs, fold, fold_value, load
from kg.extract import Reader
from kg.extract.confidence import WEIGHTS
from kg.extract.frames import suppress
from kg.model import Match
from kg.ontology import Ontology

FOLDS = 5
PENALTY = 8.0
RARE = 3  # clues seen less often are left out

Row = tuple[str, tuple[str, ...], bool]


def rows(paths: Sequence[Path], known: Ontology) -> list[Row]:
    """Every match of the gold briefs that another does not make redundant: its brief, its clues, whether gold has it."""
    out: list[Row] = []
    reader = Reader(known)
    for path in paths:
        gold = load(path)
        for analysis in reader.language.analyse(briefs(gold)):
            record = gold[analysis.brief.key]
            names = {fold(n): fold(e["name"]) for e in record["entities"] for n in (e["name"], *e.get("aliases", ()))}
            said = {(r["p"], fold(r["s"]), fold(r["o"])) for r in record["relations"]}
            said |= {(p, o, s) for p, s, o in said if known.relations[p].symmetric}
            said |= {(a["p"], fold(a["s"]), fold_value(a["v"])) for a in record["attributes"]}
            matches = [m for m in reader.engine.read(analysis) if isinstance(m, Match)]
            kept = {claim for claim, _ in suppress(known, [(m.claim, m.evidence) for m in matches])}
            for found in matches:
                if found.claim in kept:
                    claim = found.claim
                    subject = names.get(fold(claim.subject), fold(claim.subject))
                    value = (
                        fold_value(claim.object)
                        if claim.relation in known.attributes
                        else names.get(fold(claim.object), fold(claim.object))
                    )
                    out.append((f"{path.name}/{analysis.brief.key}", found.clues, (claim.relation, subject, value) in said))
    return out


def fit(data: Sequence[Row]) -> dict[str, float]:
    """Ridge-penalised logistic regression by Newton's method (the bias is not penalised)."""
    counts: dict[str, int] = {}
    for _, clues, _ in data:
        for clue in clues:
            counts[clue] = counts.get(clue, 0) + 1
    names = sorted(c for c, n in counts.items() if n >= RARE)
    index = {c: i for i, c in enumerate(names)}
    x: npt.NDArray[np.float64] = np.zeros((len(data), len(names)))
    for row, (_, clues, _) in enumerate(data):
        x[row, [index[c] for c in clues if c in index]] = 1.0
    y = np.array([float(right) for _, _, right in data])
    penalty = np.full(len(names), PENALTY)
    penalty[index["bias"]] = 1e-6
    w = np.zeros(len(names))
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ w))
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty), x.T @ (p - y) + penalty * w)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return {name: round(float(value), 3) for name, value in zip(names, w, strict=True) if abs(value) >= 0.0005}


def predict(weights: dict[str, float], clues: Sequence[str]) -> float:
    """The probability that a match is right."""
    return float(1 / (1 + np.exp(-sum(weights.get(c, 0.0) for c in clues))))


def main(arguments: Sequence[str]) -> None:
    """Trains on the gold files named."""
    data = rows([Path(a) for a in arguments], ontology.load())
    keys = sorted({key for key, _, _ in data})
    part = {key: i % FOLDS for i, key in enumerate(keys)}
    held_out: list[tuple[float, bool]] = []
    for n in range(FOLDS):
        weights = fit([r for r in data if part[r[0]] != n])
        held_out += [(predict(weights, clues), right) for key, clues, right in data if part[key] == n]
    print(f"{len(data)} matches, {sum(r for _, _, r in data) / len(data):.3f} right; by cross-validation:")
    for low in (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        high = {0.0: 0.3}.get(low, low + 0.1)
        inside = [(p, r) for p, r in held_out if low <= p < high or (high > 0.99 and p >= high)]
        if inside:
            mean = sum(p for p, _ in inside) / len(inside)
            print(f"  {low:.1f}–{high:.1f}  {len(inside):5}  said {mean:.2f}  right {sum(r for _, r in inside) / len(inside):.2f}")
    WEIGHTS.write_text(json.dumps(fit(data), ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
