"""``kg/fr/pages.toml``, read: the words French pages of briefs are cut up by, and those that tell a language."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kg.ontology import read_toml


@dataclass(frozen=True, slots=True)
class Rules:
    """The file, its words folded and its patterns compiled."""

    tag: re.Pattern[str]
    quotes: tuple[str, ...]
    words: frozenset[str]
    phrases: re.Pattern[str]
    exceptions: re.Pattern[str]
    ordinary: frozenset[str]
    shared: frozenset[str]
    letters: int
    share: float
    french: frozenset[str]
    other_share: float
    other: frozenset[str]


@cache
def rules() -> Rules:
    data = read_toml(Path(__file__).parent.with_name("fr") / "pages.toml")
    follow, names, language = data["continuation"], data["names"], data["language"]

    def opening(phrases: Iterable[str]) -> re.Pattern[str]:
        return re.compile(rf"(?:{'|'.join(map(re.escape, sorted(phrases, reverse=True)))})(?!\w)")

    return Rules(
        re.compile(rf"\[\s*(?P<tag>{'|'.join(map(re.escape, data['page']['tags']))})\s*\]\s*[:–—-]?\s*(?P<title>.*)", re.IGNORECASE),
        tuple(follow["quotes"]),
        frozenset(follow["words"]),
        opening(follow["phrases"]),
        opening(follow["except"]),
        frozenset(names["ordinary"]),
        frozenset(names["shared"]),
        language["letters"],
        language["share"],
        frozenset(language["words"]),
        language["other_share"],
        frozenset(itertools.chain.from_iterable(language["other"].values())),
    )
