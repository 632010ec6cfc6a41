"""A brief cut into words for the search of names: finer and more forgiving than a tokeniser made for prose.

Offsets are those of the text. « l'iPhone » is two words, « AT&T », « monday.com », « Jean-Louis » and « Iris² » one.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from kg.model import Span

_APOSTROPHES = str.maketrans("’ʼ‘´`", "'''''")
_WORD = re.compile(
    r"""
    (?P<elision>\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu|presqu)'(?=[\w«"“]))
  | (?P<prefix>\bco-(?=\ [^\W\d_])                              # « co- fondateur »
     | \b(?:ex|anti|pro|pré|post|non|franco|américano|germano|anglo|sino|italo|hispano|belgo|luso|nippo|russo|helvético|canado
        |austro|israélo|euro|suédo|néerlando|britannico|coréano)-(?=[^\W\d_]))
  | (?P<word>(?:[^\W\d_]\.){2,}(?!\w)                          # S.A., U.S.
     | [\w-]+(?:\.(?-i:com|fr|net|org|io|ai|js|tv|eu|co|be|ch|de|ca|sncf|app|dev|me|info|biz|gouv
        |online|tech|cloud|shop|store|it|es|uk|nl|pl|se|fi|dk|pt|lu|us|in|jp|cn|ru|br|gg|ly|xyz|paris|bzh|alsace|brussels|edu|bank
        |news|market|agency|studio|games|immo|social|health|care|space|site|world|events|team|group)\b)+   # monday.com, Node.js
     | \d+(?:\.\d+)+\w*                                        # 802.11b, 2.0
     | \w+(?:['&@/_-]\w+)*[+$²]*
    )
  | (?P<sign>\S)
    """,
    re.VERBOSE | re.IGNORECASE,
)
_INVERSION = re.compile(r"-(?:t-)?(?:ils?|elles?|on|ci|là|je|nous|vous|ce|moi|lui|leur|en|y)$")
_NO_STOP = frozenset({"m", "mm", "mr", "dr", "st", "bros", "inc", "corp", "ltd", "co", "jr", "sr", "vs", "no", "env", "p"})
_END = frozenset(".!?…")
_OPENING = frozenset("«\"“”»()[]–—-•*'")


class Word(NamedTuple):
    """One word or sign: its characters, its lower-case form, and where it stands.

    ``starts``: first word of a sentence, a headline, a quotation or a paragraph. ``glued``: nothing but one space (or
    nothing at all) parts it from the word before.
    """

    i: int
    span: Span
    text: str
    low: str
    is_word: bool
    starts: bool
    glued: bool
    spaced: bool

    @property
    def cap(self) -> bool:
        """Whether it begins with a capital."""
        return self.text[0].isupper()


def plain(text: str) -> str:
    """The text with typographic apostrophes made plain; every offset stays."""
    return text.translate(_APOSTROPHES)


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Case and accents folded away, for comparing two ways of writing a name."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def split(text: str) -> list[Word]:
    """The words and signs of a text (apostrophes already plain)."""
    out: list[Word] = []
    starts, end = True, 0
    for found in _WORD.finditer(text):
        start, stop = found.span()
        token = found.group()
        is_word = found.lastgroup != "sign"
        if found.lastgroup == "word" and "-" in token and (inversion := _INVERSION.search(token)):
            token = token[: inversion.start()]
            stop = start + len(token)
            if not token:
                continue
        gap = text[end:start]
        if "\n" in gap:
            starts = True
        if found.lastgroup == "word" and "/" in token and not token.startswith("/") and token[0].isupper():
            # « OVHcloud/Scaleway »: two names
            at = start
            for part in token.split("/"):
                if part:
                    low = part.lower()
                    out.append(Word(len(out), Span(at, at + len(part)), part, low, True, starts and at == start, at == start, bool(gap)))
                at += len(part) + 1
            starts, end = False, stop
            continue
        out.append(
            Word(
                len(out),
                Span(start, stop),
                token,
                token.lower(),
                is_word,
                starts and is_word,
                gap in ("", " ", "\u00a0", "\u202f"),
                bool(gap),
            )
        )
        if is_word:
            starts = found.lastgroup in ("elision",) and starts
        elif token in _END:
            before = out[-2] if len(out) > 1 else None
            initial = (
                before is not None
                and token == "."
                and not gap
                and (before.low in _NO_STOP or (len(before.text) == 1 and before.text.isupper()))
            )
            starts = not initial
        elif token in ':«“"':
            starts = True
        elif token in "–—" and gap and all(w.text.isupper() for w in out[:-1] if w.is_word) and len(out) < 8:
            starts = True  # « VANNES – Deux clubs »
        elif token not in _OPENING:
            starts = False
        end = stop
    return out
