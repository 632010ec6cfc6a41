"""What amounts and dates share: the folded text they are read in, and French numerals in digits and in words."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from kg.model import Span

# One character for one: apostrophes, hyphens, and every space that is not a line break.
_PLAIN = str.maketrans(
    dict.fromkeys("’‘ʼ", "'") | dict.fromkeys("\u2010\u2011", "-") | dict.fromkeys("\u00a0\u202f\u2007\u2008\u2009\t", " ")
)


@cache
def load(name: str) -> Mapping[str, Any]:
    """One of the data files that stand beside this module."""
    with Path(__file__).with_name(name).open("rb") as file:
        return tomllib.load(file)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in lower case, with plain apostrophes, hyphens and spaces, and where its characters stood.

    ``starts`` is set only when folding changed the length (decomposed accents, « İ »): ``starts[i]`` is then the
    offset in ``text`` of the folded character ``i``.
    """

    text: str
    low: str
    starts: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> Span:
        """Offsets in the folded text as offsets in the text as given."""
        if self.starts is None:
            return Span(start, end)
        return Span(self.starts[start], self.starts[end])

    def upper(self, at: int) -> bool:
        """Whether the folded character at that offset was a capital."""
        i = at if self.starts is None else self.starts[at]
        return i < len(self.text) and self.text[i].isupper()


def fold(text: str) -> Folded:
    """Folds a text for reading. Nearly always one character to one; else offsets are kept aside."""
    low = text.lower()
    if len(low) == len(text) and unicodedata.is_normalized("NFC", text):
        return Folded(text, low.translate(_PLAIN))
    chars: list[str] = []
    starts: list[int] = []
    i = 0
    while i < len(text):
        j = i + 1
        while j < len(text) and unicodedata.combining(text[j]):
            j += 1
        # A base with its accents becomes one character; what has no composed form keeps its base only.
        chars.append(unicodedata.normalize("NFC", text[i:j])[:1].lower()[:1])
        starts.append(i)
        i = j
    return Folded(text, "".join(chars).translate(_PLAIN), (*starts, len(text)))


def alternatives(words: Iterable[str]) -> str:
    """Words as alternatives of a regular expression, longer ones first."""
    return "|".join(re.escape(w) for w in sorted(set(words), key=lambda w: (-len(w), w)))


# Groups of three parted by a space, a point or (in Switzerland) an apostrophe; at most five groups, so that a long
# run of digits costs no more than its length.
GROUPED = r"\d{1,3}(?:[ .']\d{3}(?!\d)){1,5}(?:,\d{1,6})?"
DIGITS = rf"(?:{GROUPED}|\d{{1,15}}+(?:[.,]\d{{1,6}}+)?+)"


@cache
def spelled() -> str:
    """The regular expression of a numeral in words, from « deux » to « neuf cent mille trois »."""
    data = load("amounts.toml")["numerals"]
    unit, teen, ten = alternatives(data["units"]), alternatives(data["teens"]), alternatives(data["tens"])
    below = (
        rf"(?:quatre[- ]vingts?(?:[- ](?:{teen}|{unit}))?|(?:{ten})[- ](?:et[- ])?(?:{teen}|{unit})(?!\w)|(?:{teen}|{ten}|{unit})(?!\w))"
    )
    hundreds = rf"(?:(?:(?:{unit})[- ])?(?:{alternatives(data['hundred'])})(?!\w)(?:[- ]{below})?|{below})"
    thousand = alternatives(data["thousand"])
    return rf"(?:(?:{hundreds}[- ])?(?:{thousand})(?!\w)(?:[- ]{hundreds})?|{hundreds})"


@cache
def _values() -> dict[str, int]:
    data = load("amounts.toml")["numerals"]
    return {**data["units"], **data["teens"], **data["tens"], "vingts": 20}


def read_words(words: str) -> int:
    """The value of a numeral in words, as :func:`spelled` finds it."""
    data = load("amounts.toml")["numerals"]
    # Both the long words with a hyphen (dix-sept) and the hyphens between words are in there: split the second kind only.
    total = current = 0
    for word in re.findall(r"\w+", words):
        if word in data["hundred"]:
            current = max(current, 1) * 100
        elif word in data["thousand"]:
            total, current = total + max(current, 1) * 1000, 0
        elif word in ("vingt", "vingts") and current % 100 == 4:
            current += 76
        elif word != "et":
            current += _values()[word]
    return total + current


def read_digits(digits: str, *, magnitude: bool = False) -> Decimal:
    """The value of a numeral in digits. A lone « 2.800 » or « 2,800 » counts thousands, unless a magnitude or a per
    cent sign follows it (« 2.425 milliards », « 2,425 milliards »)."""
    plain = digits.replace(" ", "").replace("'", "")
    if "," in plain:
        whole, _, part = plain.rpartition(",")
        thousands = len(part) == 3 and not magnitude and "." not in plain and " " not in digits and whole.lstrip("0") and len(whole) <= 3
        return Decimal(whole + part) if thousands else Decimal(f"{whole.replace('.', '')}.{part}")
    if "." in plain:
        groups = plain.split(".")
        if all(len(g) == 3 for g in groups[1:]) and 1 <= len(groups[0]) <= 3 and not (magnitude and len(groups) == 2):
            return Decimal("".join(groups))
        return Decimal(f"{''.join(groups[:-1])}.{groups[-1]}")
    return Decimal(plain)


def read_number(words: str, *, magnitude: bool = False) -> Decimal:
    """The value of a numeral in digits or in words."""
    return read_digits(words, magnitude=magnitude) if words[0].isdigit() else Decimal(read_words(words))


def plain(value: Decimal) -> str:
    """A value without exponent or empty decimals: ``276000000``, ``24.5``."""
    if value == value.to_integral_value():
        return str(int(value))
    return format(value.normalize(), "f")
