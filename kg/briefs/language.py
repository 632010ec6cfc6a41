"""The language of a text, as far as it matters here: whether it is surely not French."""

from __future__ import annotations

import re

from kg.briefs.rules import rules

_WORD = re.compile(r"[^\W\d_]+['’]?")


def foreign(text: str) -> str | None:
    """Why a text is surely in another language than French, or ``None``: only on strong evidence."""
    known = rules()
    letters = [c for c in text if c.isalpha()]
    if len(letters) < known.letters:
        return None
    words = [w.casefold().replace("’", "'") for w in _WORD.findall(text)]
    french = sum(w in known.french for w in words)
    other = sum(w in known.other for w in words)
    if french > known.share * len(words):
        return None
    if other <= known.other_share * len(words) and sum(c < "\u0250" for c in letters) * 2 > len(letters):
        return None  # a list of names, or a telegram: nothing says that it is another language
    return f"another language: {french} French function words in {len(words)} words"
