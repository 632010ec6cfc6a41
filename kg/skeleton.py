"""The skeleton of a relation: what `kg relation new` writes."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from kg import ontology
from kg.errors import KgError, UsageError

_SKELETON = """label   = {{ fr = "{name}", en = "{words}" }}
comment = {{ fr = "Le sujet {name} l'objet.", en = "The subject {words} the object." }}
domain  = [{domain}]
range   = [{range}]
qualifiers = ["date"]
because = "« {{trigger}} » : {{subject}} → {{object}}."

# A frame is a way French has of saying it: triggers of one kind (verbs, nouns, adjectives, locutions, patterns) and the
# slot where each role stands. Passives, relatives, pronouns, negation and hedging are understood without saying so.
# Every frame needs an example, and the file at least one sentence its frames must not read. For instance:
#
# [[fr.frame]]
# id    = "verb"
# verbs = ["concéder"]
# roles = {{ subject = "subj", object = "iobj" }}
#
# [[fr.example]]
# text = "[subject:Northwind] concède une licence à [object:Contoso]."
#
# [[fr.example]]
# text   = "Northwind concède que le marché ralentit."
# expect = "nothing"
"""


def create(name: str, domain: Sequence[str], range_: Sequence[str], folder: Path | None = None) -> Path:
    """Writes ``relations/NAME.toml`` into ``folder`` (default: KG_ONTOLOGY, else ``./ontology``); never over a file that is there."""
    if not re.fullmatch(r"[a-z][A-Za-z0-9]*", name):
        raise UsageError(f"« {name} » is no name of a relation", hint="letters and digits, a small letter first: subsidiaryOf")
    if folder is None:
        folder = Path(os.environ.get("KG_ONTOLOGY") or "ontology")
        if not folder.is_dir():
            raise UsageError(f"there is no folder « {folder} » here", hint="say where the file goes with --ontology DIR")
    known = ontology.load()
    for kind in (*domain, *range_):
        if kind not in known.classes:
            raise UsageError(f"« {kind} » is no class", hint=f"one of {', '.join(known.classes)}")
    path = folder / "relations" / f"{name}.toml"
    if name in known.relations or name in known.attributes or path.exists():
        raise KgError(f"there is a « {name} » already", where=known.term(name).file if not path.exists() else str(path))
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    text = _SKELETON.format(name=name, words=words, domain=_quoted(domain), range=_quoted(range_))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise KgError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
    return path


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f'"{n}"' for n in names)
