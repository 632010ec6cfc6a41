"""Learns the weights of the typing clues from annotated briefs: ``python -m kg.fr.train_typing GOLD.jsonl...``.

The examples are the names of the briefs, masked: a clue tells shape and surroundings, never the name. The learned
weights start from the hand-written ones of ``mentions.toml`` and are pulled back to them (ridge), so that a clue seen
seldom keeps the weight it was given by hand. The weights shipped come from 357 annotated briefs and the 80 of
``tests/gold/fresh.jsonl``, in this order. Every brief is seen twice, with all gazetteers and with those of places
only, since most names of a new brief are in no list. With ``--folds N`` nothing is written: it prints the share of
names typed right on held-out briefs, with the hand-written and with the learned weights.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kg.fr.candidates import find_candidates
from kg.fr.gazetteers import load_gazetteer
from kg.fr.mentions import MentionFinder, clues_of, gather
from kg.fr.parsing import MODEL
from kg.fr.typing import CLASSES, MODEL_FILE, NOTHING, Weights, decide, hand_weights
from kg.fr.words import fold, plain
from kg.ontology import load

RIDGE, RARE, STEPS, RATE = 5.0, 3, 250, 0.05


@dataclass(frozen=True, slots=True)
class Case:
    """A name of a brief: its clues and its class."""

    brief: int
    clues: tuple[str, ...]
    label: int


def cases(gold: Sequence[Mapping[str, Any]], docs: Sequence[Any], finder: MentionFinder) -> list[Case]:
    """The names found in the briefs; one that only overlaps an annotated name teaches nothing and is left out."""
    out: list[Case] = []
    for n, (brief, doc) in enumerate(zip(gold, docs, strict=True)):
        scene = finder.scene(doc, ())
        candidates = find_candidates(scene)
        labels = {fold(plain(form)): e["type"] for e in brief["entities"] for form in (e["name"], *e.get("aliases", ()))}
        parts = {word for form in labels for word in form.split()}
        for named in gather(scene, candidates):
            form = fold(named.forms[0])
            if form not in labels and not parts.isdisjoint(form.split()):
                continue
            out.append(Case(n, tuple(clues_of(scene, candidates, named)), CLASSES.index(labels.get(form, NOTHING))))
    return out


def train(examples: Sequence[Case]) -> Weights:
    """Multinomial logistic regression by full-batch Adam, deterministic."""
    count = Counter(clue for e in examples for clue in set(e.clues))
    hand = hand_weights()
    clues = sorted({c for c, n in count.items() if n >= RARE} | set(hand.index))
    index = {c: i for i, c in enumerate(clues)}
    start: NDArray[np.float64] = np.zeros((len(clues) + 1, len(CLASSES)))
    for clue, i in hand.index.items():
        start[index[clue]] = hand.table[i]
    start[-1] = hand.table[-1]
    pairs = [(r, c) for r, e in enumerate(examples) for c in sorted({index[x] for x in e.clues if x in index} | {len(clues)})]
    rows, columns = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    row_starts = np.flatnonzero(np.diff(rows, prepend=-1))
    by_column = np.argsort(columns, kind="stable")
    column_values, column_starts = np.unique(columns[by_column], return_index=True)
    truth = np.eye(len(CLASSES))[[e.label for e in examples]]
    delta, mean, square = np.zeros_like(start), np.zeros_like(start), np.zeros_like(start)
    for step in range(1, STEPS + 1):
        score = np.add.reduceat((start + delta)[columns], row_starts)
        score = np.exp(score - score.max(1, keepdims=True))
        error = score / score.sum(1, keepdims=True) - truth
        gradient = RIDGE * delta
        gradient[column_values] += np.add.reduceat(error[rows[by_column]], column_starts)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.99 * square + 0.01 * gradient * gradient
        delta -= RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-6)
    return Weights(index, start + delta)


def held_out(sets: Sequence[Sequence[Case]], folds: int) -> list[tuple[float, float]]:
    """For each set of examples the share typed right by hand and by learned weights, on briefs not learned from."""
    right = [[0, 0] for _ in sets]
    for fold_ in range(folds):
        learned = train([e for examples in sets for e in examples if e.brief % folds != fold_])
        for tally, examples in zip(right, sets, strict=True):
            for e in examples:
                if e.brief % folds == fold_:
                    tally[0] += decide(e.clues, hand_weights())[0] == CLASSES[e.label]
                    tally[1] += decide(e.clues, learned)[0] == CLASSES[e.label]
    return [(a / len(s), b / len(s)) for (a, b), s in zip(right, sets, strict=True)]


def main() -> None:
    """The command."""
    import spacy

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="+", help="annotated briefs, JSON Lines")
    parser.add_argument("--folds", type=int, default=0)
    arguments = parser.parse_args()
    gold = [json.loads(line) for path in arguments.gold for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    nlp = spacy.load(MODEL, exclude=["tok2vec", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer"])
    docs = list(nlp.pipe(plain(b["text"]) for b in gold))
    ontology = load()
    sets = [
        cases(gold, docs, MentionFinder(nlp, ontology, gazetteer=load_gazetteer(ontology, only=only)))
        for only in (None, frozenset({"places", "cities"}))
    ]
    if arguments.folds:
        for name, (by_hand, learned) in zip(("all gazetteers", "places only"), held_out(sets, arguments.folds), strict=True):
            print(f"{name:15} by hand {by_hand:.3f}, learned {learned:.3f}")
        return
    weights = train([e for examples in sets for e in examples])
    rows = {c: [round(float(x), 2) for x in weights.table[i]] for c, i in weights.index.items() if abs(weights.table[i]).max() >= 0.05}
    body = ",\n".join(f"  {json.dumps(c, ensure_ascii=False)}: {json.dumps(v)}" for c, v in sorted(rows.items()))
    base = json.dumps([round(float(x), 2) for x in weights.table[-1]])
    MODEL_FILE.write_text(f'{{\n"classes": {json.dumps(CLASSES)},\n"base": {base},\n"clues": {{\n{body}\n}}\n}}\n', encoding="utf-8")
    print(f"{MODEL_FILE}: {len(rows)} clues")


if __name__ == "__main__":
    main()
