"""Logistic models over named clues: fitting, and how far what they say can be believed. For the trainers only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

FOLDS = 5
RARE = 3  # clues seen less often are left out

Row = tuple[str, Mapping[str, float], bool]
"""The brief, the clues, whether gold has it."""


def fit(data: Sequence[Row], penalty: float) -> dict[str, float]:
    """Ridge-penalised logistic regression by Newton's method (the clue ``bias`` is not penalised)."""
    counts: dict[str, int] = {}
    for _, clues, _ in data:
        for clue in clues:
            counts[clue] = counts.get(clue, 0) + 1
    names = sorted(c for c, n in counts.items() if n >= RARE)
    index = {c: i for i, c in enumerate(names)}
    x: npt.NDArray[np.float64] = np.zeros((len(data), len(names)))
    for row, (_, clues, _) in enumerate(data):
        for clue, value in clues.items():
            if clue in index:
                x[row, index[clue]] = value
    y = np.array([float(right) for _, _, right in data])
    penalties = np.full(len(names), penalty)
    penalties[index["bias"]] = 1e-6
    w = np.zeros(len(names))
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ w))
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.diag(penalties), x.T @ (p - y) + penalties * w)
        w -= step
        if np.abs(step).max() < 1e-8:
            break
    return {name: round(float(value), 3) for name, value in zip(names, w, strict=True) if abs(value) >= 0.0005}


def predict(weights: Mapping[str, float], clues: Mapping[str, float]) -> float:
    """The probability that what these clues speak of is right."""
    return float(1 / (1 + np.exp(-sum(weights.get(c, 0.0) * value for c, value in clues.items()))))


def held_out(data: Sequence[Row], penalty: float) -> list[tuple[float, bool]]:
    """What a model fitted on the other briefs says of each row, and whether it is right, by cross-validation over briefs."""
    part = {key: i % FOLDS for i, key in enumerate(sorted({key for key, _, _ in data}))}
    out: list[tuple[float, bool]] = []
    for n in range(FOLDS):
        weights = fit([r for r in data if part[r[0]] != n], penalty)
        out += [(predict(weights, clues), right) for key, clues, right in data if part[key] == n]
    return out


def reliability(said: Sequence[tuple[float, bool]]) -> str:
    """A table: how sure it was, how often it was right."""
    lines = [f"{len(said)} candidates, {sum(r for _, r in said) / max(1, len(said)):.3f} right; by cross-validation:"]
    for low in (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        high = {0.0: 0.3, 0.9: 1.01}.get(low, low + 0.1)
        inside = [(p, r) for p, r in said if low <= p < high]
        if inside:
            mean = sum(p for p, _ in inside) / len(inside)
            lines.append(
                f"  {low:.1f}–{min(high, 1):.1f}  {len(inside):5}  said {mean:.2f}  right {sum(r for _, r in inside) / len(inside):.2f}"
            )
    return "\n".join(lines)
