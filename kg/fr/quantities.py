"""The quantities of a French text: amounts, numbers, percentages, dates.

Two files say how French writes them, ``amounts.toml`` and ``dates.toml``; their examples are the tests. Dates are read
first, so that no year or day of theirs is taken for a count.
"""

from __future__ import annotations

from kg.fr.amounts import find_amounts
from kg.fr.dates import find_dates
from kg.fr.numerals import fold
from kg.model import Quantity


def find(text: str, *, date: str | None = None) -> tuple[Quantity, ...]:
    """The quantities of a text, in text order, without overlap.

    ``date`` is the ISO date of the brief: relative dates (« jeudi », « l'an dernier », « le 5 mai ») are read against
    it, and not given without. Spans cover the figure with its unit, or the date without its preposition; bounds stay
    outside (« plus d'*un milliard d'euros* »).
    """
    folded = fold(text)
    dates, taken = find_dates(folded, date=date)
    year = int(date[:4]) if date and date[:4].isdecimal() else None
    found = sorted([*dates, *find_amounts(folded, year=year, taken=taken)], key=lambda f: f.start)
    return tuple(Quantity(folded.span(f.start, f.end), f.kind, f.value, f.bound) for f in found)
