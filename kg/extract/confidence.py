"""How likely a match is right: a logistic model over how it was read, learned from gold briefs.

Its clues speak of frames, constructions, anaphors and classes, never of a name or a word of a brief; the weights
(``confidence.json``) are written by ``python -m kg.train_confidence``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

WEIGHTS = Path(__file__).with_name("confidence.json")
LOWEST, HIGHEST = 0.05, 0.97
FLOOR = 0.3
"""What is less sure than this is not said: below it, more was wrong than right on held-out briefs."""


def clues(
    *,
    relation: str,
    frame: str,
    prior: float,
    construction: str,
    status: str,
    subject: tuple[str, str],
    target: tuple[str, str],
    distance: int,
    shared: int,
) -> tuple[str, ...]:
    """What speaks for or against a match.

    ``subject`` and ``target`` are the class (or ``value``) and the rule that found or linked each; ``distance`` the
    number of sentences the evidence needs; ``shared`` how many claims the match gives.
    """
    way = re.split(r"[>?]", construction)[0]
    kinds = [_kind(rule) for _, rule in (subject, target)]
    return (
        "bias",
        f"prior:{round(prior * 10)}",
        f"relation:{relation}",
        f"frame:{relation}/{frame}",
        f"way:{way}",
        f"way:{relation}:{way}",
        f"subject:{kinds[0]}",
        f"target:{kinds[1]}",
        f"relation-subject:{relation}:{kinds[0]}",
        f"classes:{subject[0]}-{target[0]}",
        f"status:{status}",
        f"sentences:{min(distance, 3)}",
        f"claims:{min(shared, 4)}",
        *(["second-choice"] if "?" in construction else []),
        *(["seen-through"] if ">" in construction else []),
    )


def _kind(rule: str) -> str:
    """The family of a mention's rule: what links an anaphor, how sure a name is."""
    head, _, rest = rule.partition(":")
    if head in {"run", "run with article"}:
        return "name-by-" + rest.strip().partition("=")[0].partition(" ")[0]
    return f"{head}:{rest}" if head in {"possessive", "relative", "pronoun"} else head


@cache
def weights() -> Mapping[str, float]:
    """The learned weights; empty before any training."""
    if not WEIGHTS.is_file():
        return {}
    learned: dict[str, float] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return learned


def probability(found: Iterable[str], prior: float) -> float:
    """How likely a match with these clues is right, two decimals; the frame's own confidence without weights."""
    learned = weights()
    if not learned:
        return prior
    score = sum(learned.get(clue, 0.0) for clue in found)
    return round(min(HIGHEST, max(LOWEST, 1 / (1 + math.exp(-score)))), 2)
