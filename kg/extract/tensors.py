"""Features as arrays: what goes into the network of the learned reader, in training and in reading.

The lists that give names their numbers (classes, relations, parts of speech…) are the :class:`Codes` shipped with the
weights: a relation added to the ontology later is simply unknown to the network.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.extract.features import QUANTITIES, Features
from kg.extract.wordpieces import WordPieces

SLOTS = 32
"""Entities are told apart by numbered slots; the network has seen slots shuffled, so that a number means nothing."""
LONGEST = 510
"""Word pieces that are read."""
VALUE_KINDS = (*QUANTITIES, "role")
BUCKETS = 16
DEEPEST = 40
"""Steps up a tree that are taken."""

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Codes:
    """Which number each name has."""

    relations: tuple[str, ...]
    attributes: tuple[str, ...]
    types: tuple[str, ...]
    pos: tuple[str, ...]
    dep: tuple[str, ...]

    @cached_property
    def _numbers(self) -> Mapping[str, Mapping[str, int]]:
        return {field: {name: i for i, name in enumerate(names)} for field, names in vars(self).items()}

    def of(self, field: str, name: str) -> int:
        """The number of a name; one past the last for an unknown one."""
        numbers = self._numbers[field]
        return numbers.get(name, len(numbers))


def arrays(found: Features, codes: Codes, pieces: WordPieces, slots: Sequence[int] | None = None) -> Arrays | None:
    """The network's inputs for one brief; ``None`` when fewer than two entities are mentioned.

    T pieces: ``ids``, ``kinds``, ``slots``. N words: ``own`` (a word's first piece), ``head``, ``sentence``, ``pos``, ``dep``,
    ``hint`` (N × relations and attributes: whose frames it set off).
    M places: ``place``, ``place_kind``, ``who`` (M × E, one-hot), ``meet`` (M × M × 3, see
    :func:`meetings`). V values: ``value``, ``value_kind``. E entities: ``type``.
    E, M and V are at least 2 (a dummy value stands first for itself: its index is ``value_kind`` = len(VALUE_KINDS)).
    """
    if len({p.entity for p in found.places}) < 2:
        return None
    order = range(SLOTS) if slots is None else slots
    ids, kinds, slot, own = [pieces.index["<s>"]], [0], [SLOTS], []
    for word in found.words:
        own.append(min(len(ids) if word.text else len(ids) - 1, LONGEST))
        if word.text:
            cut = pieces(word.text)
            ids.extend(cut)
            kinds.extend([word.kind] * len(cut))
            slot.extend([SLOTS if word.entity < 0 else order[word.entity % SLOTS]] * len(cut))
    ids, kinds, slot = [*ids[:LONGEST], pieces.index["</s>"]], [*kinds[:LONGEST], 0], [*slot[:LONGEST], SLOTS]
    who = np.zeros((len(found.places), len(found.types)), np.float32)
    for m, place in enumerate(found.places):
        who[m, place.entity] = 1.0
    values = [(v.token, VALUE_KINDS.index(v.kind)) for v in found.values]
    values += [(0, len(VALUE_KINDS))] * (2 - len(values))
    whole: Mapping[str, Sequence[int]] = {
        "ids": ids,
        "kinds": kinds,
        "slots": slot,
        "own": [min(o, len(ids) - 1) for o in own],
        "head": [w.head for w in found.words],
        "sentence": [w.sentence for w in found.words],
        "pos": [codes.of("pos", w.pos) for w in found.words],
        "dep": [codes.of("dep", w.dep) for w in found.words],
        "place": [p.token for p in found.places],
        "place_kind": [p.kind for p in found.places],
        "value": [v[0] for v in values],
        "value_kind": [v[1] for v in values],
        "type": [codes.of("types", t) for t in found.types],
    }
    columns = {name: np.array(column, np.int64) for name, column in whole.items()}
    terms = {name: n for n, name in enumerate((*codes.relations, *codes.attributes))}
    hint = np.zeros((len(found.words), len(terms)), np.float32)
    for i, word in enumerate(found.words):
        for name in word.hints:
            if name in terms:
                hint[i, terms[name]] = 1.0
    return {**columns, "who": who, "meet": meetings(whole["head"], whole["place"]), "hint": hint}


def meetings(heads: Sequence[int], places: Sequence[int]) -> npt.NDArray[np.int64]:
    """Where the ways up the tree from two words meet, and the last word on the way of each, M × M × 3. Words of two sentences
    meet nowhere: the root of the second, and both roots. « X, filiale de Y, rachète Z »: Y and Z meet at « rachète », by X and by Z."""
    ways: list[list[int]] = []
    for word in places:
        way = [word]
        while heads[way[-1]] != way[-1] and len(way) < DEEPEST:
            way.append(heads[way[-1]])
        ways.append(way)
    out = np.zeros((len(places), len(places), 3), np.int64)
    for m, way in enumerate(ways):
        below = {word: way[max(0, n - 1)] for n, word in enumerate(way)}
        for n, other in enumerate(ways):
            last = other[0]
            for word in other:
                if word in below:
                    out[m, n] = word, below[word], last
                    break
                last = word
            else:
                out[m, n] = other[-1], way[-1], other[-1]
    return out
