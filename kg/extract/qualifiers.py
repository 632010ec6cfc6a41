"""Amounts, dates, shares and roles: the nearest quantity of a clause, the title a verb or a noun gives."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from kg.extract.syntax import Filler, Syntax
from kg.fr.data import lexicon
from kg.model import Quantity

KIND_OF: Mapping[str, str] = MappingProxyType({"amount": "money", "date": "date", "share": "percent"})
"""The kind of quantity each qualifier is."""
QUALIFIES: Mapping[str, str] = MappingProxyType({**{kind: name for name, kind in KIND_OF.items()}, "role": "role"})
"""The qualifier a quantity of each kind, or a title, can be."""
KIND_OF_VALUE: Mapping[str, str] = MappingProxyType({"money": "money", "integer": "number", "date": "date"})
"""The kind of quantity each type of attribute's value is."""


def quantity_at(syntax: Syntax, i: int, kind: str) -> Quantity | None:
    """The quantity of ``kind`` a word belongs to or governs."""
    for t in (i, *syntax.children[i], *(g for c in syntax.children[i] for g in syntax.children[c])):
        quantity = syntax.quantity(t)
        if quantity is not None and quantity.kind == kind:
            return quantity
    return None


def nearest(syntax: Syntax, trigger: int, kind: str, used: set[int]) -> Quantity | None:
    """The quantity of ``kind`` nearest to a trigger in its own clause."""
    token = nearest_token(syntax, trigger, kind, used)
    return None if token is None else syntax.quantity(token)


def nearest_token(syntax: Syntax, trigger: int, kind: str, used: set[int]) -> int | None:
    """The first word of the quantity of ``kind`` nearest to a trigger in its own clause."""
    first, last = syntax.sentence_of(trigger)
    verb = syntax.clause_verb(trigger)
    best: tuple[int, int] | None = None
    seen: set[int] = set()
    for t in range(first, last):
        q = syntax.tokens[t].quantity
        if q is None or q in seen or syntax.analysis.quantities[q].kind != kind:
            continue
        seen.add(q)
        own = syntax.clause_verb(t)
        distance = abs(t - trigger)
        if own != verb and own != trigger:
            if not (
                own is not None and verb is not None and syntax.tokens[own].head == verb and syntax.form(own) in {"infinitive", "gerund"}
            ):
                continue
            distance += 10
        if any(c in ";:" for c in syntax.letters[min(t, trigger) : max(t, trigger)]):
            continue
        if best is None or distance < best[0]:
            best = (distance, t)
    return best[1] if best else None


def post(syntax: Syntax, verb: int) -> tuple[Filler, ...]:
    """The title a verb gives: « nommé PDG », « comme directeur », « au poste de DG »."""
    first, last = syntax.sentence_of(verb)
    titles = lexicon()["post"].words
    founders = lexicon()["founder"].words
    for t in range(verb + 1, min(last, verb + 15)):
        if syntax.letters[t] in ";:.V" or (syntax.letters[t] == "I" and syntax.tokens[t].lemma not in {"devenir"}):
            break
        token = syntax.tokens[t]
        if token.lemma in titles or token.text in titles or token.lemma in founders or _phrase(syntax, t) in titles:
            return (Filler(t, "post"),)
    return ()


def _phrase(syntax: Syntax, t: int) -> str:
    return " ".join(x.text for x in syntax.tokens[t : t + 2])


def role_text(syntax: Syntax, i: int) -> str | None:
    """A title as written, without what organisation it is of: « directeur général », « président du conseil
    d'administration »."""
    last = syntax.sentence_of(i)[1]
    end, t = i + 1, i + 1
    while t < last:
        letter = syntax.letters[t]
        if letter in "A" or (letter == "K" and t == end):
            t += 1
            end = t
            continue
        if letter in "dP" and syntax.tokens[t].text not in {"depuis", "pour", "chez", "jusqu'", "selon", "après", "avant", "dans", "à"}:
            k = t + 1
            while k < last and syntax.letters[k] in "DAQ":
                k += 1
            if (
                k < last
                and syntax.letters[k] == "N"
                and not syntax.tokens[k].mentions
                and syntax.tokens[k].lemma not in lexicon()["company"].words
            ):
                t = k + 1
                end = t
                continue
        break
    tokens = syntax.tokens[i:end]
    text = syntax.analysis.brief.text[tokens[0].span.start : tokens[-1].span.end]
    return text or None
