"""Names and nationality adjectives of a brief, grouped into entities with one class each."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np
from numpy.typing import NDArray

from kg.fr.aliases import Named, bracketed, is_acronym, is_model, short_form
from kg.fr.candidates import Candidate, Scene, find_candidates, namey
from kg.fr.forms import load_forms
from kg.fr.gazetteers import Gazetteer, load_gazetteer
from kg.fr.typing import CLASSES, NOTHING, conjunctions, context_clues, loudest, name_clues, total, weights
from kg.fr.words import fold, plain, split
from kg.model import Entity, Mention, Quantity, Span
from kg.ontology import Ontology

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc


class MentionFinder:
    """Finds what a brief names. ``nlp`` lends its word tables; the caller runs its tokenizer and ``ner``."""

    def __init__(self, nlp: Language, ontology: Ontology, *, gazetteer: Gazetteer | None = None) -> None:
        self.forms = load_forms(nlp)
        self.gazetteer = gazetteer if gazetteer is not None else load_gazetteer(ontology)

    def scene(self, doc: Doc, quantities: Sequence[Quantity]) -> Scene:
        """The brief cut into words, with what NER said of each."""
        text = plain(doc.text)
        words = split(text)
        ner: dict[int, str] = {}
        ents = [(e.start_char, e.end_char, e.label_) for e in doc.ents]
        k = 0
        for word in words:
            while k < len(ents) and ents[k][1] <= word.span.start:
                k += 1
            if k < len(ents) and ents[k][0] <= word.span.start and word.is_word and word.span.end <= ents[k][1] + 2:
                ner[word.i] = ents[k][2]
        starts = [q.span.start for q in quantities]
        before = {w.i: bisect_right(starts, w.span.start) - 1 for w in words}
        blocked = {w.i for w in words if before[w.i] >= 0 and quantities[before[w.i]].span.covers(w.span)}
        inside = Counter(w.text for w in words if not w.starts and namey(w))
        return Scene(text, words, self.forms, self.gazetteer, ner, frozenset(blocked), inside)

    def find(self, doc: Doc, quantities: Sequence[Quantity]) -> tuple[tuple[Mention, ...], tuple[Entity, ...]]:
        """Non-overlapping mentions in text order, and the entities they name."""
        scene = self.scene(doc, quantities)
        candidates = find_candidates(scene)
        named = gather(scene, candidates)
        settle(scene, candidates, named)
        return finish(scene, candidates, join(scene, candidates, named))


def gather(scene: Scene, candidates: Sequence[Candidate]) -> list[Named]:
    """Candidates by name: the same form, or forms of the same known name, are one."""
    out: list[Named] = []
    by_form: dict[str, Named] = {}
    by_row: dict[int, Named] = {}
    for n, cand in enumerate(candidates):
        if cand.places:
            continue
        form = scene.span(cand.first, cand.last).of(scene.text)
        key = fold(form)
        found = by_form.get(key)
        if found is None and cand.rows:
            found = next((by_row[r] for r in cand.rows if r in by_row), None)
        if found is None:
            found = Named([], [], frozenset(cand.rows))
            out.append(found)
        found.forms.append(form)
        found.members.append(n)
        by_form.setdefault(key, found)
        if len(cand.rows) == 1:
            by_row.setdefault(cand.rows[0], found)
    return out


def clues_of(scene: Scene, candidates: Sequence[Candidate], named: Named) -> list[str]:
    """All clues of a name, each once."""
    clues: dict[str, None] = {}
    for n in named.members:
        for clue in name_clues(scene, candidates[n]) + context_clues(scene, candidates[n]):
            clues[clue] = None
    found = list(clues)
    return found + conjunctions(found)


def settle(scene: Scene, candidates: Sequence[Candidate], named: Sequence[Named]) -> None:
    """Gives every name its class."""
    by = weights()
    clues = [clues_of(scene, candidates, item) for item in named]
    scores = [total(c, by) for c in clues]
    owner = {n: k for k, item in enumerate(named) for n in item.members}
    shared = list(scores)
    for a, b in coordinated(scene, candidates):
        if a in owner and b in owner and owner[a] != owner[b]:
            shared[owner[a]] = shared[owner[a]] + COORDINATION * centred(scores[owner[b]])
            shared[owner[b]] = shared[owner[b]] + COORDINATION * centred(scores[owner[a]])
    rows = scene.gazetteer.rows
    bodies = Counter(r for item in named for r in item.rows if rows[r].type == "PublicBody")
    for item, found, score in zip(named, clues, shared, strict=True):
        hows = {candidates[n].how for n in item.members}
        nickname = "subject" in found and "only=Place" not in found and any(bodies[r] > 1 for r in item.rows)
        if "capital" in hows or nickname and any(rows[r].type == "Place" for r in item.rows):  # its government, in this brief
            item.rows = frozenset(r for r in item.rows if rows[r].type == "PublicBody")
            item.type, item.why = "PublicBody", "a capital that acts"
            continue
        only_places = bool(item.rows) and all(rows[r].type == "Place" for r in item.rows)
        written_twice = len({fold(form) for form in item.forms}) > 1  # « Le Havre », « au Havre »
        if "former name" in hows or only_places and written_twice:  # never nothing: it takes the class of the name it explains
            score = score + np.where(np.arange(len(CLASSES)) == CLASSES.index(NOTHING), -50.0, 0.0)
        best = int(score.argmax())
        item.type, item.why = CLASSES[best], loudest(found, best, by)


COORDINATION = 0.4  # how much a name's class follows that of its neighbours in a list


def centred(score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores as leanings: their mean taken off, « Nothing » left alone, bounded so that one sure name does not rule a list."""
    out = np.clip(score - score.mean(), -4.0, 4.0)
    out[CLASSES.index(NOTHING)] = 0.0
    return cast("NDArray[np.float64]", out)


_LISTS = frozenset({"et", "ou", "&", ",", ", et", "comme", "et de", "et d'", "et à", "ou à"})


def coordinated(scene: Scene, candidates: Sequence[Candidate]) -> Iterator[tuple[int, int]]:
    """Pairs of neighbouring names joined by « et », « ou » or a comma only (« X, Y et Z »)."""
    for n, (a, b) in enumerate(pairwise(candidates)):
        between = [w.low for w in scene.words[a.last : b.first]]
        if " ".join(between) in _LISTS and not a.places and not b.places:
            yield n, n + 1


def join(scene: Scene, candidates: Sequence[Candidate], named: Sequence[Named]) -> list[Named]:
    """Names that are forms of one another become one."""
    items = [n for n in named if n.type != NOTHING]
    owner = {m: item for item in items for m in item.members}
    order = sorted(owner)
    merged: dict[int, Named] = {}

    def top(item: Named) -> Named:
        while id(item) in merged:
            item = merged[id(item)]
        return item

    def merge(keep: Named, gone: Named, why: str) -> None:
        keep, gone = top(keep), top(gone)
        if keep is gone:
            return
        keep.forms.extend(gone.forms)
        keep.members.extend(gone.members)
        keep.rows = keep.rows | gone.rows
        keep.why = f"{keep.why}; {why}"
        merged[id(gone)] = keep

    for a, b in pairwise(order):
        left, right = candidates[a], candidates[b]
        if right.first - left.last > 6:
            continue
        how = bracketed(scene, (left.first, left.last), (right.first, right.last))
        x, y = owner[a].forms[0], owner[b].forms[0]
        if how in ("former", "same") and "Person" in (owner[a].type, owner[b].type) and owner[a].type != owner[b].type:
            continue
        if how in ("former", "same"):
            merge(owner[a], owner[b], how)
        elif how == "brackets":
            if is_acronym(y, x):
                merge(owner[a], owner[b], "acronym")
            elif is_acronym(x, y):
                owner[b].type = owner[b].type if owner[b].type != "Company" else owner[a].type
                merge(owner[b], owner[a], "acronym")
    by_row: dict[tuple[int, str], Named] = {}
    for item in items:
        for row in item.rows:
            if scene.gazetteer.rows[row].type == item.type:
                merge(by_row.setdefault((row, item.type), item), item, "same known name")
    for item in items:
        for other in items:
            if item.type == other.type == "Product" and is_model(item.forms[0], other.forms[0]):
                merge(other, item, "model")
    for item in items:
        if top(item) is not item:
            continue
        matches = []
        for other in items:
            if other is item or top(other) is item:
                continue
            if item.rows and item.type != "Person" and item.rows != other.rows:
                continue  # a known name of its own is no short form of another
            why = short_form(item.forms[0], other.forms[0], item.type, other.type, bool(item.rows))
            if why:
                matches.append((other, why))
        if len({id(top(o)) for o, _ in matches}) == 1:
            merge(matches[0][0], item, matches[0][1])
    return [item for item in items if top(item) is item]


def finish(scene: Scene, candidates: Sequence[Candidate], named: Sequence[Named]) -> tuple[tuple[Mention, ...], tuple[Entity, ...]]:
    """Entities in order of first mention, and their mentions in text order."""
    order: list[tuple[int, str, str, str]] = []
    for item in named:
        name = canonical(scene, item)
        order.extend((n, name, item.type, f"{candidates[n].how}: {item.why}") for n in item.members)
    for n, cand in enumerate(candidates):
        order.extend((n, place, "Place", "adjective of place") for place in cand.places[:1])
    entities: dict[str, int] = {}
    names: list[str] = []
    types: list[str] = []
    forms: list[list[str]] = []
    mentions: list[Mention] = []
    for n, name, type_, why in sorted(order):
        cand = candidates[n]
        index = entities.setdefault(fold(name), len(names))
        if index == len(names):
            names.append(name)
            types.append(type_)
            forms.append([])
        elif cand.places:
            types[index] = "Place"
        span = scene.span(cand.first, cand.last)
        if cand.places and span.of(scene.text).endswith("-"):
            span = Span(span.start, span.end - 1)
        form = span.of(scene.text)
        if form != names[index] and form not in forms[index]:
            forms[index].append(form)
        mentions.append(Mention(span, "adjective" if cand.places else "name", index, why))
    return tuple(mentions), tuple(Entity(n, t, tuple(f)) for n, t, f in zip(names, types, forms, strict=True))


def canonical(scene: Scene, item: Named) -> str:
    """The name of an entity: a place's usual French name, else its fullest form in the brief."""
    if item.type == "Place":
        for row in item.rows:
            known = scene.gazetteer.rows[row]
            if known.type == "Place":
                return known.name
    forms = [f for f in item.forms if not f.isupper() or len(f) < 4] or item.forms
    first = item.forms[0]
    best = max(forms, key=len)
    if item.type == "Person" or fold(first) in fold(best) or is_acronym(first, best):
        return best
    return first
