"""What a name names: clues of its form and surroundings, weighed into one class for each name of a brief.

A clue is a short string (``left=company`` for « l'éditeur X », ``shape=acronym``); none holds a proper noun. Weights
stand in ``mentions.toml`` and ``typing.json``; :func:`decide` adds them up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kg.fr.candidates import Candidate, Scene, lists
from kg.fr.data import lexicon, table
from kg.fr.gazetteers import read_common_forenames, read_forenames
from kg.fr.words import fold

TYPES = ("Company", "Consortium", "Investor", "Law", "Organization", "Person", "Place", "Product", "PublicBody")
NOTHING = "Nothing"
CLASSES = (*TYPES, NOTHING)
MODEL_FILE = Path(__file__).resolve().parent / "typing.json"

_GROUPS = ("company", "investor", "product", "post", "founder", "person", "organization", "consortium", "body", "law", "place", "staff")
_DE = frozenset({"de", "du", "des", "d'"})
_DETERMINERS = frozenset(
    {
        "le",
        "la",
        "l'",
        "les",
        "un",
        "une",
        "ce",
        "cet",
        "cette",
        "ces",
        "au",
        "aux",
        "du",
        "des",
        "son",
        "sa",
        "ses",
        "leur",
        "leurs",
        "notre",
        "nos",
    }
)
_POSSESSIVES = frozenset({"son", "sa", "ses", "leur", "leurs", "notre", "nos"})
_CLITICS = frozenset({"ne", "n'", "se", "s'", "y", "en", "lui", "leur", "l'", "la", "le", "les"})


@cache
def groups() -> Mapping[str, frozenset[str]]:
    """Noun → the word groups it stands in."""
    out: dict[str, set[str]] = {}
    for name in _GROUPS:
        group = lexicon().get(name)
        for word in group.words if group else ():
            out.setdefault(word, set()).add(name)
    for name, nouns in table("mentions.toml")["nouns"].items():
        for word in nouns:
            out.setdefault(word, set()).add(name)
    return {k: frozenset(v) for k, v in out.items()}


def groups_of(words: Sequence[str]) -> frozenset[str]:
    """The groups of the longest noun that the words begin with, singular or plural."""
    table_ = groups()
    for size in (4, 3, 2, 1):
        if size > len(words):
            continue
        phrase = " ".join(words[:size]).replace("' ", "'")
        if phrase in table_:
            return table_[phrase]
        if size == 1:
            for stem in (
                phrase.removeprefix("ex-"),
                phrase.removeprefix("co-"),
                phrase.rstrip("s"),
                phrase.rstrip("x"),
                phrase[:-3] + "al" if phrase.endswith("aux") else phrase,
            ):
                if stem in table_:
                    return table_[stem]
    return frozenset()


def word_clue(scene: Scene, i: int) -> str:
    """What may be told of a neighbouring word: itself when it is an ordinary lower-case word, else its kind."""
    if not 0 <= i < len(scene.words):
        return "<edge>"
    word = scene.words[i]
    if not word.is_word:
        return word.text
    if word.text[0].isdigit():
        return "<number>"
    if word.low in scene.gazetteer.adjectives:
        return "<demonym>"
    if word.text[0].isupper() and not (word.starts and scene.forms.known(word.low)):
        return "<name>"
    if scene.forms.known(word.low) or word.low.endswith("'"):
        return word.low
    return "<unknown>"


def left_noun(scene: Scene, first: int) -> tuple[str, frozenset[str], str, bool]:
    """The noun that governs a name on its left: relation (``left`` « la start-up X », ``of`` « la plateforme de X »),
    its groups, the determiner before it, and whether an adjective of place stands between."""
    words = scene.words
    j = first - 1
    if j >= 0 and words[j].text in '«“"':
        j -= 1
    relation, demonym = "left", False
    if j >= 0 and words[j].low in _DE | {"chez", "par", "avec", "à"}:
        if words[j].low not in _DE:
            return "", frozenset(), "", False
        relation = "of"
        j -= 1
    run: list[int] = []
    while j >= 0 and len(run) < 9:
        word = words[j]
        if (
            not word.is_word
            or word.low in _DETERMINERS
            and not (
                word.low in ("du", "des", "l'", "la", "les", "le")
                and j > 0
                and (words[j - 1].low in ("de", "à") or word.low in ("du", "des") and _nounish(scene, j - 1))
            )
        ):
            break
        low = word.low
        if low in scene.gazetteer.adjectives:
            demonym = True
        elif not (
            low in _DE
            or low in ("co-", "ex-", "l'", "la", "les", "le", "en", "à", "et", "numéro", "un", "deux")
            or scene.forms.noun(low)
            or scene.forms.adjective(low)
            or groups_of((low,))
            or word.cap
            and scene.forms.known(low)
        ):
            break
        run.append(j)
        j -= 1
    determiner = words[j].low if j >= 0 and words[j].low in _DETERMINERS else ""
    run.reverse()
    lows = [words[k].low for k in run]
    if relation == "of":
        for k in range(len(lows) - 1, -1, -1):  # the noun nearest to « de »
            if found := groups_of(lows[k:]):
                return relation, found, determiner, demonym
        return relation, frozenset(), determiner, demonym
    for k in range(len(lows)):
        if found := groups_of(lows[k:]):
            return relation, found, determiner, demonym
    return relation, frozenset(), determiner, demonym


def _nounish(scene: Scene, i: int) -> bool:
    return i >= 0 and scene.words[i].is_word and (scene.forms.noun(scene.low(i)) or bool(groups_of((scene.low(i),))))


def apposition(scene: Scene, last: int) -> tuple[frozenset[str], str]:
    """The noun that explains a name on its right: « X, éditeur de », « X, la plateforme », « X (filiale de »."""
    words = scene.words
    if last >= len(words) or words[last].text not in ",(–—:":
        return frozenset(), ""
    j, determiner = last + 1, ""
    if j < len(words) and words[j].low in _DETERMINERS | {"l'un", "ex-", "ancien", "ancienne", "nouveau", "nouvelle", "autre", "alias"}:
        determiner = words[j].low
        j += 1
    skipped = 0
    while j < len(words) and skipped < 3:
        found = groups_of([scene.low(j + k) for k in range(4) if j + k < len(words)])
        if found:
            return found, determiner
        if not (
            words[j].is_word
            and (scene.forms.adjective(words[j].low) or words[j].low in _DETERMINERS or words[j].low in ("ex-", "co-", "jeune", "ancien"))
        ):
            break
        j += 1
        skipped += 1
    return frozenset(), determiner


def name_clues(scene: Scene, cand: Candidate) -> list[str]:
    """Clues of the name itself: its shape, endings of a fixed list, what the gazetteers say."""
    words = scene.words[cand.first : cand.last]
    data = table("mentions.toml")["shape"]
    out = [f"words={min(len(words), 4)}", f"how={cand.how}"]
    text = scene.span(cand.first, cand.last).of(scene.text)
    last, first = words[-1], words[0]
    if cand.type:
        out.append(f"pattern={cand.type}")
    for row in cand.rows:
        out.append(f"known={scene.gazetteer.rows[row].type}")
    if len(cand.rows) == 1 or len({scene.gazetteer.rows[r].type for r in cand.rows}) == 1 and cand.rows:
        out.append(f"only={scene.gazetteer.rows[cand.rows[0]].type}")
    if any(c.isdigit() for c in text):
        out.append("shape=digits")
        if last.text[0].isdigit() and len(words) > 1:
            out.append("shape=version")
        elif len(words) == 1:
            out.append("shape=model" if first.text[0].isupper() else "shape=figure")
    if len(words) == 1:
        if text.isupper() and len(text) > 1 and not any(c.isdigit() for c in text):
            out.append("shape=acronym")
            out.append(f"shape=acronym{min(len(text), 6)}")
        elif text[0].islower() and any(c.isupper() for c in text):
            out.append("shape=camel-low")
        elif any(c.isupper() for c in text[1:]) and "-" not in text:
            out.append("shape=camel")
        elif text[0].isupper():
            out.append("shape=capital")
        if "." in text:
            out.append("shape=domain")
        if scene.forms.known(first.low):
            out.append("shape=ordinary")
    forenames = read_forenames()
    if fold(first.text) in forenames and not first.text.isupper():
        out.append("forename" if len(words) > 1 else "forename alone")
        if fold(first.text) in read_common_forenames():
            out.append("common forename" if len(words) > 1 else "common forename alone")
        if (
            len(words) in (2, 3, 4)
            and all(w.cap or w.low in lists().particles or w.text == "." for w in words)
            and not any(c.isdigit() for c in text)
        ):
            out.append("person shape")
            if cand.how == "known" or cand.rows:
                out.append("person shape known")
    elif len(words) in (2, 3) and all(w.cap and w.text.isalpha() and not w.text.isupper() for w in words):
        out.append("two capitals")
    if len(words) > 1:
        head = scene.gazetteer.by_form.get(fold(first.text), ())
        for type_ in sorted({scene.gazetteer.rows[r].type for r in head}):
            out.append(f"begins with known={type_}")
        tail = scene.gazetteer.by_form.get(fold(last.text), ())
        for type_ in sorted({scene.gazetteer.rows[r].type for r in tail}):
            out.append(f"ends with known={type_}")
        if scene.alone.get(first.text):
            out.append("begins with a name of the brief")
        if last.text in scene.titled:
            out.append("tail is titled")
    elif scene.heads.get(first.text):
        out.append("begins a longer name")
    if cand.first == 0:
        out.append("opens the brief")
        if (
            text.isupper()
            and scene.low(cand.last) in ("–", "—", "(", ",")
            and any(scene.low(k) in ("–", "—") for k in range(cand.last, cand.last + 7))
        ):
            out.append("dateline")  # « ROUEN, 12 mai – »
    if len(words) > 1 and last.low in _LOCAL and scene.gazetteer.by_form.get(fold(" ".join(w.text for w in words[:-1]))):
        out.append("pattern=PublicBody")  # « Dijon Métropole »
    if any(w.low in lists().particles and w.low not in ("the",) for w in words[1:]):
        out.append("particle")
    for kind, endings in data["words"].items():
        if (
            len(words) > 1
            and any(w.low in endings for w in words[1:])
            or len(words) > 1
            and first.low in endings
            and kind in ("Place", "PublicBody")
        ):
            out.append(f"word={kind}")
    for kind, endings in data["first"].items():
        if len(words) > 1 and first.low in endings:
            out.append(f"first={kind}")
    low = last.low
    for kind, endings in data["endings"].items():
        if len(low) > 4 and low.endswith(tuple(endings)):
            out.append(f"ending={kind}")
    return out


_LOCAL = frozenset({"métropole", "agglomération", "agglo"})


def context_clues(scene: Scene, cand: Candidate) -> list[str]:
    """Clues of one place where the name stands."""
    out: list[str] = []
    words, first, last = scene.words, cand.first, cand.last
    labels = {scene.ner[k] for k in range(first, last) if k in scene.ner}
    out += [f"ner={label}" for label in sorted(labels)] or ["ner=none"]
    before, after = word_clue(scene, first - 1), word_clue(scene, last)
    out += [f"l1={before}", f"r1={after}"]
    out += neighbourhood(scene, first, last)
    l1, r1 = scene.low(first - 1), scene.low(last)
    if words[first].starts:
        out.append("start")
    relation, found, determiner, demonym = left_noun(scene, first)
    found_left = found
    for group in sorted(found):
        out.append(f"{relation}={group}")
    if len(found) == 1:
        out.append(f"{relation} only={next(iter(found))}")
    if relation == "left":
        if found and determiner in _POSSESSIVES:
            out.append("left=possessive noun")
        if demonym and before == "<demonym>" and not found:
            out.append("demonym alone")
        elif demonym and found:
            out.append("demonym and noun")
        if determiner and first > 0 and l1 == determiner:
            out.append(f"determiner={determiner}")
        elif not found and l1 not in _DETERMINERS:
            out.append("bare")
    if l1 in _POSSESSIVES:
        out.append("possessive")
    explained, kind = apposition(scene, last)
    for group in sorted(explained):
        out.append(f"right={group}")
    if len(explained) == 1:
        out.append(f"right only={next(iter(explained))}")
    if explained and kind in _POSSESSIVES:
        out.append("right=possessive")
    if l1 in _GLOSS and first > 1:  # « un acteur du conseil, X », « son cloud européen (X) »
        relation, found, determiner, _ = left_noun(scene, first - 1)
        if relation == "left" and (determiner or l1 == "("):
            out += [f"{_GLOSS[l1]}={group}" for group in sorted(found)]
            if l1 == "," and found and determiner in ("un", "une", "autre") and r1 in (".", ",", ""):
                out += [f"gloss={group}" for group in sorted(found)]
    if l1 in (",", ":") and r1 in (".", ""):
        out += [f"gloss={group}" for group in sorted(announced(scene, first - 1))]
    out += surroundings(scene, first, relation_of=found_left)
    if l1 in lists().titles or l1 == "." and scene.low(first - 2) in lists().titles:
        out.append("title")
    if first >= 2 and words[first - 1].text == "," or l1 == "et":
        # a list: the class of the neighbour helps
        out.append("in list")
    if r1 in _DE and last + 1 < len(words):
        nxt = word_clue(scene, last + 1)
        out.append("owned" if nxt == "<name>" else "followed by de")
    if scene.forms.finite(r1) and not scene.forms.adjective(r1) or r1 in _CLITICS and r1 in ("ne", "n'", "se", "s'"):
        out.append("subject")
    for kind, verbs in table("mentions.toml")["verbs"].items():
        if (
            r1 in verbs
            or r1 in ("a", "n'", "ne", "se", "s'", "ont", "est", "sont", "vient", "va", "veut")
            and any(scene.low(last + k) in verbs for k in (1, 2, 3))
        ):
            out.append(f"verb={kind}")
        if l1 in verbs:
            out.append(f"said before={kind}")
        if l1 in _DETERMINERS and scene.low(first - 2) in verbs:
            out.append(f"verb before={kind}")
    if r1 == ",":
        w1, w2 = word_clue(scene, last + 1), word_clue(scene, last + 2)
        if w1[0] != "<" and w2[0] != "<" and w1[-1:].isalpha() and w2[-1:].isalpha():
            out.append(f"aside={w1} {w2}")
    if r1 in (",", "("):
        k = last + 1
        while scene.low(k) in ("dans", "en", "au", "aux", "le", "la", "l'", "les", "près", "de", "d'"):
            k += 1
        if (
            k < len(words)
            and words[k].cap
            and any(scene.gazetteer.rows[r].type == "Place" for r in scene.gazetteer.by_form.get(fold(words[k].text), ()))
        ):
            out.append("explained by a place")
    if l1 == "(" or words[first - 1].text == "(" if first else False:
        out.append("in brackets")
    if first and words[first - 1].text in '«“"':
        out.append("quoted")
    return out


_GLOSS = {"(": "gloss", ",": "appos", ":": "colon", "–": "appos", "—": "appos"}


def announced(scene: Scene, i: int) -> frozenset[str]:
    """The groups of what a sentence has announced and names at its end: « s'offre un autre acteur du conseil, aux États-Unis, X. »"""
    words = scene.words
    j = i - 1
    while j > 0 and i - j < 22 and words[j].text not in ".!?;:«»":
        if words[j].low in ("un", "une"):
            k = j + 1
            while k < i and scene.low(k) in ("autre", "nouvel", "nouveau", "nouvelle", "petit", "petite", "second", "seconde", "jeune"):
                k += 1
            if found := groups_of([scene.low(k + n) for n in range(4)]):
                return found
        j -= 1
    return frozenset()


def surroundings(scene: Scene, first: int, *, relation_of: frozenset[str]) -> list[str]:
    """Clues of the sentence as a whole: who puts money in a round, who claims an attack."""
    said, brought = table("mentions.toml")["scenes"], False
    words = scene.words
    j = first - 1
    lows: set[str] = set()
    while j >= 0 and first - j < 40 and words[j].text not in (".", "!", "?"):
        low = words[j].low
        if first - j < 25 and low in said["backers"]:
            brought = True
        lows.add(low)
        j -= 1
    out: list[str] = []
    if brought and not lows.isdisjoint(said["round"]):
        out.append("backer")
    elif brought:
        out.append("brought in")
    if relation_of & {"company", "organization", "gang"} and not lows.isdisjoint(said["attack"]):
        out.append("gang")
    return out


def conjunctions(clues: list[str]) -> list[str]:
    """Pairs of clues that mean more together than apart."""
    have = set(clues)
    out: list[str] = []
    labels = [c for c in clues if c.startswith("ner=")]
    for base in (
        "two capitals",
        "person shape",
        "common forename",
        "shape=acronym",
        "shape=camel",
        "only=Place",
        "known=Company",
        "known=Product",
        "shape=ordinary",
        "how=bare subject",
        "how=ner start",
        "demonym alone",
        "backer",
        "known=Investor",
    ):
        if base in have:
            out.extend(f"{base} & {label}" for label in labels)
            out.extend(
                f"{base} & {c}"
                for c in (
                    "subject",
                    "verb=body",
                    "verb=person",
                    "bare",
                    "l1=à",
                    "l1=en",
                    "l1=de",
                    "determiner=le",
                    "determiner=la",
                    "determiner=l'",
                    "possessive",
                    "in list",
                )
                if c in have
            )
    return out


def neighbourhood(scene: Scene, first: int, last: int) -> list[str]:
    """Lemmas of ordinary words around a name, in its sentence: those of the nearest verb and noun, and a bag."""
    out: list[str] = []
    words, forms = scene.words, scene.forms
    j = first - 1
    while j >= 0 and first - j <= 3 and words[j].is_word and (words[j].low in _DETERMINERS or words[j].low in _DE):
        j -= 1
    if j >= 0 and words[j].is_word and words[j].text.islower() and forms.known(words[j].low):
        out.append(f"before={forms.lemmas(words[j].low)}")
    preposition = scene.low(first - 1)
    if (
        preposition in ("à", "en", "de", "d'", "par", "avec", "chez", "sur", "auprès")
        and first > 1
        and words[first - 2].text.islower()
        and forms.known(scene.low(first - 2))
    ):
        out.append(f"{preposition} after={forms.lemmas(scene.low(first - 2))}")
    j = last
    while j < len(words) and j - last <= 3 and words[j].is_word and words[j].low in _AUXILIARIES:
        j += 1
    if j < len(words) and words[j].is_word and words[j].text.islower() and forms.known(words[j].low):
        out.append(f"after={forms.lemmas(words[j].low)}")
    for side, steps in (("<", range(first - 1, max(first - 9, -1), -1)), (">", range(last, min(last + 7, len(words))))):
        for k in steps:
            word = words[k]
            if not word.is_word:
                if word.text in ".!?;":
                    break
                continue
            if len(word.text) > 2 and word.text.islower() and not forms.closed(word.low) and forms.known(word.low):
                out.append(f"{side}{forms.lemmas(word.low)}")
            if word.starts and side == "<":
                break
    return out


_AUXILIARIES = frozenset(
    "a ont est sont va vont vient viennent ne n' se s' n'a avait aura sera en y l' le la les lui qui que d' de à avoir être pas".split()
)


@dataclass(frozen=True)
class Weights:
    """Clue → row of ``table``, a weight for each of :data:`CLASSES`; its last row is added always."""

    index: Mapping[str, int]
    table: NDArray[np.float64]


@cache
def hand_weights() -> Weights:
    """The weights of ``mentions.toml``, and a Company when nothing speaks."""
    by_clue: Mapping[str, Mapping[str, float]] = table("mentions.toml")["weights"]
    values = np.zeros((len(by_clue) + 1, len(CLASSES)))
    for i, by_type in enumerate(by_clue.values()):
        for type_, weight in by_type.items():
            values[i, CLASSES.index(type_)] = weight
    values[-1, CLASSES.index("Company")] = 1.0
    return Weights({c: i for i, c in enumerate(by_clue)}, values)


@cache
def weights() -> Weights:
    """The learned weights of ``typing.json`` (see :mod:`kg.fr.train_typing`), the hand-written ones without it."""
    if not MODEL_FILE.is_file():
        return hand_weights()
    model = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    rows = model["clues"]
    order = [model["classes"].index(c) for c in CLASSES]
    return Weights({c: i for i, c in enumerate(rows)}, np.array([*rows.values(), model["base"]])[:, order])


def total(clues: Sequence[str], by: Weights) -> NDArray[np.float64]:
    """The sum of the weights of clues, by class."""
    rows = [by.index[c] for c in clues if c in by.index]
    rows.append(len(by.table) - 1)
    return cast("NDArray[np.float64]", by.table[rows].sum(0))


def decide(clues: Sequence[str], by: Weights) -> tuple[str, str]:
    """The class with the greatest sum of weights, and the clue that spoke loudest for it."""
    score = total(clues, by)
    best = int(score.argmax())
    return CLASSES[best], loudest(clues, best, by)


def loudest(clues: Sequence[str], best: int, by: Weights) -> str:
    """The clue that sets class ``best`` most above the others."""
    known = [c for c in clues if c in by.index]
    if not known:
        return "default"
    rows = by.table[[by.index[c] for c in known]]
    lead = rows[:, best] - rows.mean(1)
    top = int(lead.argmax())
    return known[top] if lead[top] > 0 else "default"
