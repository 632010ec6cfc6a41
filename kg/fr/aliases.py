"""Which names of a brief name the same thing: spellings, acronyms with expansion, surnames, former names, short forms."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.fr.candidates import Scene
from kg.fr.data import table
from kg.fr.words import fold

_SMALL = frozenset({"de", "du", "des", "d'", "la", "le", "les", "l'", "et", "of", "and", "the", "for", "à", "aux", "pour", "en", "sur"})


@dataclass
class Named:
    """A name being gathered: its mentions (indexes of candidates), forms in text order, rows it may be."""

    forms: list[str]
    members: list[int]
    rows: frozenset[int]
    type: str = ""
    why: str = ""


def initials(text: str) -> tuple[str, str]:
    """The initials of an expansion, with and without its small words."""
    words = re.findall(r"[\w]+'?", text)
    every = "".join(fold(w)[0] for w in words if w)
    great = "".join(fold(w)[0] for w in words if w.lower() not in _SMALL and not w.endswith("'"))
    return every, great


def is_acronym(short: str, long: str) -> bool:
    """Whether ``short`` is made of the initials of ``long`` (« CHSF », « Snac »): each letter begins a word, in order."""
    letters = fold(re.sub(r"\W", "", short))
    if not 2 <= len(letters) <= 8 or len(long.split()) < 2:
        return False
    if letters in initials(long):
        return True
    words = [fold(w) for w in re.findall(r"\w+", long)]
    return short.isupper() and len(letters) > 2 and _spells(letters, words, True)


def is_model(short: str, long: str) -> bool:
    """Whether ``short`` is a product's initials and its figure: « PS5 » for « PlayStation 5 »."""
    name, _, figure = long.rpartition(" ")
    capitals = "".join(c for c in name if c.isupper())
    return figure.isdigit() and len(capitals) > 1 and short == capitals + figure


def _spells(letters: str, words: Sequence[str], first: bool) -> bool:
    """Whether letters can be read off the beginnings of the words in order, every great word used at most once."""
    if not letters:
        return True
    if not words:
        return False
    head, rest = words[0], words[1:]
    if head[:1] == letters[0]:
        for size in (1, 2, 3):
            if head[:size] == letters[:size] and _spells(letters[size:], rest, False):
                return True
    return not first and (head in _SMALL or len(letters) >= 3) and _spells(letters, rest, False) if head else False


def bracketed(scene: Scene, first: tuple[int, int], second: tuple[int, int]) -> str:
    """How two neighbouring names are joined: ``brackets`` « X (Y) », ``former`` « X (ex-Y) », « X, anciennement Y », or nothing."""
    between = [w.low for w in scene.words[first[1] : second[0]]]
    after = scene.low(second[1])
    cues = table("mentions.toml")["aliases"]
    joined = " ".join(between)
    if between[:1] == ["("] and after == ")":
        inner = " ".join(between[1:])
        if not inner:
            return "brackets"
        if inner in cues["former"]:
            return "former"
        if inner in cues["same"]:
            return "same"
    if between[:1] == [","] and " ".join(between[1:]) in cues["former"]:
        return "former"
    if between[:1] == [","] and " ".join(between[1:]) in cues["same"]:
        return "same"
    if joined in cues["plain"]:
        return "former"
    return ""


def short_form(short: str, long: str, short_type: str, long_type: str, known_short: bool) -> str:
    """Why ``short`` may be a shorter way of writing ``long``, or nothing."""
    a, b = fold(short).split(), fold(long).split()
    if len(a) >= len(b):
        return ""
    generic = frozenset(table("mentions.toml")["aliases"]["generic"])
    if long_type == "Person" and a == b[-len(a) :]:
        return "surname"
    if b[: len(a)] == a:
        rest = b[len(a) :]
        if all(w in generic for w in rest):
            return "without generic words"
        return ""
    if b[-len(a) :] == a and all(w in generic for w in b[: -len(a)]):
        return "without generic words"
    if long_type == "Product" and b[-len(a) :] == a and not known_short and short_type in ("Product", "Company") and len(a[0]) > 2:
        return "end of a product's name"
    return ""
