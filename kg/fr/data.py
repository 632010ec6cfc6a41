"""Reads the data files of the French language pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from kg.errors import OntologyError
from kg.ontology import read_toml

FOLDER = Path(__file__).resolve().parent


@cache
def table(name: str) -> dict[str, Any]:
    """One TOML file of this folder, whole."""
    return read_toml(FOLDER / name)


@dataclass(frozen=True, slots=True)
class Group:
    """A group of words of ``lexicon.toml`` and the classes an entity they stand for may have."""

    words: frozenset[str]
    types: tuple[str, ...]


@cache
def lexicon() -> Mapping[str, Group]:
    """The word groups that frames name with ``@``."""
    return {n: Group(frozenset(g["words"]), tuple(g.get("types", ()))) for n, g in table("lexicon.toml")["group"].items()}


def expand(triggers: tuple[str, ...], where: str) -> tuple[str, ...]:
    """Triggers with each ``@group`` replaced by its words; ``@demonym`` stays, it is no list of words."""
    words: list[str] = []
    for trigger in triggers:
        if not trigger.startswith("@") or trigger == "@demonym":
            words.append(trigger)
        elif trigger[1:] in lexicon():
            words.extend(sorted(lexicon()[trigger[1:]].words))
        else:
            raise OntologyError(f"unknown word group « {trigger} »", where=where, hint="groups stand in kg/fr/lexicon.toml")
    return tuple(words)
