"""Amounts of money, counts and percentages in French; what the words mean stands in ``amounts.toml``."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any

from kg.fr.numerals import DIGITS, Folded, alternatives, load, plain, read_number, spelled
from kg.model import Bound, QuantityKind

_WORD = re.compile(r"\w+")
_NEXT = re.compile(r" ?([^\W\d_]+(?:-[^\W\d_]+)*)(?!')")
_LAST = re.compile(r"([^\W_](?:[\w.&+'-]*\w)?'?)[ («\"]*$")
_STOP = re.compile(r"[.!?;\n](?:\s|$)")
_END = re.compile(r"\s*(?:[.,;:!?)»\"–]|$)")
# How far to the left a cue of a bound, a currency or a name may stand.
_NEAR = 40
# A sentence longer than that is none; and what counts as a magnitude of money.
_SENTENCE = 300
_LARGE = 1_000_000


@dataclass(frozen=True, slots=True)
class Found:
    """A quantity in the folded text."""

    start: int
    end: int
    kind: QuantityKind
    value: str
    bound: Bound | None = None


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure on its way: what it counts is not settled until its neighbours are known.

    ``kind`` ``None`` is a bare figure; ``scale`` the magnitude that multiplied it (1 without); ``counted`` whether a
    noun it counts follows; ``drop`` a figure that is read, since its neighbours lean on it, but not given.
    """

    start: int
    end: int
    value: Decimal
    kind: QuantityKind | None = None
    scale: int = 1
    unit: str = ""
    bound: Bound | None = None
    counted: bool = False
    digits: str = ""
    drop: bool = False


@dataclass(frozen=True, slots=True)
class _Grammar:
    starters: frozenset[str]
    collectives: Mapping[str, int]
    magnitudes: Mapping[str, int]
    head: re.Pattern[str]
    scale: re.Pattern[str]
    half: re.Pattern[str]
    currency: re.Pattern[str]
    currency_before: re.Pattern[str]
    percent: re.Pattern[str]
    unit_price: re.Pattern[str]
    counted: re.Pattern[str]
    fraction: re.Pattern[str]
    fraction_words: frozenset[str]
    fraction_of: re.Pattern[str]
    excluded: re.Pattern[str]
    units: frozenset[str]
    codes: Mapping[str, str]
    before: tuple[tuple[str, Bound], ...]
    after: re.Pattern[str]
    elliptic_before: re.Pattern[str]
    elliptic_after: re.Pattern[str]
    elliptic_follows: re.Pattern[str]


def _plural(words: Sequence[str]) -> str:
    return "|".join(f"{re.escape(w)}s?" for w in sorted(words, key=lambda w: (-len(w), w)))


@cache
def _grammar() -> _Grammar:
    data = load("amounts.toml")
    numerals, magnitudes, money = data["numerals"], data["magnitudes"], data["currencies"]
    collectives: Mapping[str, int] = data["collectives"]
    words: Mapping[str, int] = magnitudes["words"]
    currencies: dict[str, str] = {}
    for name, code in money["names"].items():
        currencies[name] = currencies[f"{name}s"] = code
        currencies[f"{name}x"] = code
    for name, code in money["qualified"].items():
        currencies[name] = code
        currencies[re.sub(r"s(?= |$)", "", name)] = code
    signs = dict(money["signs"]) | {c.lower(): ("CNY" if c == "RMB" else c) for c in money["codes"]}
    named = alternatives(currencies)
    signed = "|".join(re.escape(s) + (r"(?!\w)" if s[-1].isalpha() else "") for s in sorted(signs, key=lambda s: (-len(s), s)))
    abbreviated, alone = alternatives(magnitudes["abbreviations"]), alternatives(magnitudes["alone"])
    fractions = data["fractions"]
    bounds = data["bounds"]
    between = alternatives(magnitudes["between"])
    starters = {w for key in ("units", "teens", "tens", "hundred", "thousand") for n in numerals[key] for w in (n, n.split("-")[0])}
    starters |= {f"{w}{s}" for w in (*collectives, *words) for s in ("", "s")} | {"demi"}
    of = alternatives(fractions["of"])
    after: dict[str, Bound] = {w: b for b in ("atLeast", "atMost", "about") for w in bounds["after"][b]}
    before: dict[str, Bound] = {w: b for b in ("atLeast", "atMost", "about") for w in bounds[b]}
    return _Grammar(
        starters=frozenset(starters),
        collectives={f"{w}{s}": v for w, v in collectives.items() for s in ("", "s")},
        magnitudes={f"{w}{s}": v for w, v in words.items() for s in ("", "s")} | magnitudes["abbreviations"],
        head=re.compile(
            rf"(?:(?P<digits>{DIGITS})|"
            rf"(?:(?P<count>{spelled()}) (?:(?:{between}) )?)?(?P<collective>{_plural(list(collectives))})(?!\w)|"
            rf"(?P<article>{alternatives(numerals['articles'])}) (?:(?:{between}) )?(?P<magnitude>{_plural(list(words))})(?!\w)|"
            rf"(?P<words>{spelled()}))"
        ),
        scale=re.compile(
            rf"(?: ?(?P<word>{_plural(list(words))})(?!\w)| ?(?P<alone>{alone})(?!\w)|"
            rf" ?(?P<short>{abbreviated})(?= ?(?:(?:d'|de )?(?:{named})(?!\w)|{signed})))"
        ),
        half=re.compile(rf" (?:{alternatives(magnitudes['halves'])})(?!\w)"),
        currency=re.compile(rf" ?(?:(?:d'|de )?(?P<name>{named})(?!\w)|(?P<sign>{signed}))"),
        currency_before=re.compile(rf"(?<!\w)(?P<sign>{signed}) ?$"),
        percent=re.compile(rf"\s?(?:{alternatives(data['percent']['signs'])})(?!\w)"),
        unit_price=re.compile(rf",? ?(?:{'|'.join(data['money']['unit_price'])})"),
        counted=re.compile(rf" (?:d'|de |des )(?!(?:{alternatives(magnitudes['not_counted'])})(?!\w))\w"),
        fraction=re.compile(
            rf"(?<![\w-])(?P<q>(?:(?P<article>{alternatives(fractions['articles'])}) )?"
            rf"(?P<word>{alternatives((*fractions['exact'], *fractions['about']))}))(?![\w-])"
            rf"|(?<!\w)(?P<phrase>{alternatives(fractions['phrases'])})(?!\w)"
        ),
        fraction_words=frozenset(w for k in ("exact", "about", "phrases") for n in fractions[k] for w in _WORD.findall(n) if len(w) > 4),
        fraction_of=re.compile(rf" (?:(?P<held>(?:de la |de l'|du |des |de |d')(?:{of})(?!\w))|(?P<single>de |d')|(?P<other>du |des ))"),
        excluded=re.compile(rf"(?:{'|'.join(data['exclude']['patterns'])})"),
        units=frozenset(data["exclude"]["units"]),
        codes=currencies | signs,
        before=tuple(sorted(before.items(), key=lambda item: -len(item[0]))),
        after=re.compile(rf",? (?P<word>{alternatives(after)})(?!\w)"),
        elliptic_before=re.compile(rf"(?<!\w)(?:{alternatives(data['money']['elliptic_before'])}) ?$"),
        elliptic_follows=re.compile(
            rf" (?:(?:{alternatives(data['money']['elliptic_follows'])})|(?:de |d')(?:{alternatives(magnitudes['not_counted'])}))(?!\w)"
        ),
        elliptic_after=re.compile(rf" (?:{alternatives(data['money']['elliptic_after'])})(?!\w)"),
    )


def find_amounts(folded: Folded, *, year: int | None = None, taken: Sequence[tuple[int, int]] = ()) -> list[Found]:
    """Money, percentages and numbers of a folded text outside the stretches ``taken`` (sorted; by dates).

    ``year`` is the brief's, for names of currencies that changed hands (the francs).
    """
    figures, fractions = _figures(folded, taken)
    if not figures and not fractions:
        return []
    figures = _share_units(folded.low, figures)
    figures = _ellipses(folded, figures)
    nations = _Nations(folded.low, year)
    out = [f for figure in figures if (f := _settle(folded, figure, nations)) is not None]
    kept: list[Found] = []
    for found in sorted([*out, *fractions], key=lambda f: (f.start, -f.end)):
        if not kept or found.start >= kept[-1].end:
            kept.append(found)
    return kept


def _figures(folded: Folded, taken: Sequence[tuple[int, int]]) -> tuple[list[_Figure], list[Found]]:
    """Every figure with what stands right next to it, and the fractions (« la moitié »)."""
    g, low = _grammar(), folded.low
    one = frozenset(load("amounts.toml")["magnitudes"]["one"])
    starts = [t[0] for t in taken]
    figures: list[_Figure] = []
    at, halved = 0, False
    for word in _WORD.finditer(low):
        w = word.group()
        start = word.start()
        if w in g.fraction_words:
            halved = True
        if start < at or not (w[0].isdecimal() or w in g.starters):
            continue
        i = bisect_right(starts, start) - 1
        if i >= 0 and start < taken[i][1]:
            continue
        head = g.head.match(low, start)
        alone = head is None or (head["collective"] and not head["count"])
        figure = _one(low, word, one, g) if head is None or alone else _read(folded, head, g)
        if figure is not None:
            at = figure.end
            figures.append(figure)
        elif head is not None and head["digits"]:
            at = head.end()
            # The rest of « 10.4.11 » is no figure either.
            while at < len(low) and (low[at].isdecimal() or (low[at] in ".,:/" and at + 1 < len(low) and low[at + 1].isdecimal())):
                at += 1
    return figures, _fractions(folded, g) if halved else []


def _one(low: str, word: re.Match[str], one: frozenset[str], g: _Grammar) -> _Figure | None:
    """« le milliard », « du millier »: one, said by the article."""
    scale = g.magnitudes.get(word.group(), 1)
    value = g.collectives.get(word.group(), scale)
    last = _LAST.search(low, max(0, word.start() - 12), word.start())
    if value == 1 or word.group().endswith("s") or last is None or last[1] not in one:
        return None
    return _tail(low, _Figure(word.start(), word.end(), Decimal(value), scale=scale, bound="about" if scale == 1 else None), g)


def _read(folded: Folded, head: re.Match[str], g: _Grammar) -> _Figure | None:
    low, start, end = folded.low, head.start(), head.end()
    numerals = load("amounts.toml")["numerals"]
    if head["digits"]:
        after = low[end : end + 2]
        if start and _is_inside(low, start):
            return None
        if after[:1] in ("/", "_") or (after[:1] in (".", ":", ",") and after[1:].isdecimal()):
            return None
        scaled = g.scale.match(low, end)
        percent = g.percent.match(low, end)
        figure = _Figure(start, end, read_number(head["digits"], magnitude=bool(scaled or percent)), digits=head["digits"])
        figure = _tail(low, figure, g)
        if figure.end == end and (after[:1].isalnum() or after[:1] in ("°", "²", "³", '"', "″")):
            return None
        return figure
    if head["collective"]:
        unit = g.collectives[head["collective"]]
        plural, count = head["collective"].endswith("s"), head["count"]
        if count is None or (plural and count in numerals["articles"]):
            return None
        return _tail(low, _Figure(start, end, Decimal(read_number(count) * unit), bound="about", digits=""), g)
    if head["magnitude"]:
        unit = g.magnitudes[head["magnitude"]]
        return _tail(low, _Figure(start, end, Decimal(unit), scale=unit), g)
    if folded.upper(start) and not _opens(low, start):
        # « Le Sept », « Les Quinze »: a name.
        return None
    figure = _tail(low, _Figure(start, end, read_number(head["words"])), g)
    if figure.kind is None and figure.scale == 1:
        if head["words"] in numerals["articles"]:
            return None
        if head["words"] in numerals["homographs"] and not noun_follows(low, figure.end):
            return None
    return figure


def _is_inside(low: str, start: int) -> bool:
    """Whether digits go on a name or a version (« GPT-4 », « /82 », « 10.4 »), not a range (« 10-15 ») or an elision."""
    mark, before = low[start - 1], low[start - 2 : start - 1]
    if mark in "/#":
        return True
    if mark == "-":
        return before.isalpha()
    return mark in ".:,'" and before.isalnum() and not (mark == "'" and before in "dl")


def _tail(low: str, figure: _Figure, g: _Grammar) -> _Figure:
    """Adds what follows a figure: magnitudes, « et demi », currency, per cent."""
    end, value, scale = figure.end, figure.value, figure.scale
    for _ in range(3):
        # « une trentaine de millions »: only a collective or a magnitude is followed by « de ».
        at = end + 3 if low.startswith(" de ", end) and (figure.bound == "about" or scale > 1) else end
        found = g.scale.match(low, at)
        if found is None:
            break
        factor = g.magnitudes[found["word"] or found["alone"] or found["short"]]
        value, scale, end = value * factor, scale * factor, found.end()
    half = g.half.match(low, end)
    if half is not None and (scale > 1 or figure.bound == "about"):
        last = Decimal(scale) if scale > 1 else value
        value, end = value + last / 2, half.end()
    figure = replace(figure, end=end, value=value, scale=scale)
    percent = g.percent.match(low, end)
    if percent is not None:
        return replace(figure, end=percent.end(), kind="percent")
    before = g.currency_before.search(low, max(0, figure.start - 5), figure.start)
    if before is not None:
        figure = replace(figure, start=before.start(), kind="money", unit=before["sign"])
    else:
        currency = g.currency.match(low, end)
        if currency is not None:
            figure = replace(figure, end=currency.end(), kind="money", unit=currency["name"] or currency["sign"])
    if figure.kind == "money":
        return replace(figure, drop=g.unit_price.match(low, figure.end) is not None)
    return replace(figure, counted=g.counted.match(low, end) is not None)


def _opens(low: str, start: int) -> bool:
    """Whether nothing of the sentence goes before."""
    left = low[max(0, start - 4) : start].rstrip(" («\"'–-\n")
    return not left or left[-1] in ".!?:…»;" or "\n" in low[max(0, start - 3) : start]


def noun_follows(low: str, end: int) -> bool:
    """Whether what follows looks like a plural noun."""
    word = _NEXT.match(low, end)
    return word is not None and word[1][-1] in "sx" and len(word[1]) > 3 and word[1] not in load("amounts.toml")["numerals"]["not_nouns"]


def _fractions(folded: Folded, g: _Grammar) -> list[Found]:
    low, data = folded.low, load("amounts.toml")["fractions"]
    third = data["third_party"]
    out: list[Found] = []
    for m in g.fraction.finditer(low):
        if m["phrase"]:
            out.append(Found(m.start(), m.end(), "percent", f"{data['phrases'][m['phrase']]} %"))
            continue
        last = _LAST.search(low, max(0, m.start() - 20), m.start())
        before = last[1] if last is not None else ""
        if not m["article"] and before not in data["bare_after"] and " " not in m["word"] and "-" not in m["word"]:
            continue
        follows = g.fraction_of.match(low, m.end())
        if follows is not None and not follows["held"] and not (follows["single"] and folded.upper(follows.end())):
            continue
        if m["word"] == third["word"] and (follows is None or not follows["held"]) and before in third["after"]:
            continue
        exact = m["word"] in data["exact"]
        value = data["exact" if exact else "about"][m["word"]]
        out.append(
            Found(m.start("q"), m.end(), "percent", f"{value} %", _bound(low, m.start(), m.end(), g) or (None if exact else "about"))
        )
    return out


def _bound(low: str, start: int, end: int, g: _Grammar) -> Bound | None:
    left = low[max(0, start - _NEAR) : start].rstrip()
    for phrase, bound in g.before:
        if left.endswith(phrase) and not left[: -len(phrase)][-1:].isalnum():
            return bound
    after = g.after.match(low, end)
    if after is None:
        return None
    bounds: Mapping[Bound, Sequence[str]] = load("amounts.toml")["bounds"]["after"]
    return next(b for b, words in bounds.items() if after["word"] in words)


def _share_units(low: str, figures: list[_Figure]) -> list[_Figure]:
    """Bounds of each figure, and for the first of two what only the second says (« de 10 à 15 millions d'euros »)."""
    g, ranges = _grammar(), load("amounts.toml")["ranges"]
    out = [replace(f, bound=_bound(low, f.start, f.end, g) or f.bound) for f in figures]
    for i in range(len(out) - 2, -1, -1):
        first, second = out[i], out[i + 1]
        gap = low[first.end : second.start]
        if gap not in ranges["between"]:
            continue
        borrowed = first.kind is None
        if borrowed and second.kind is None and _measures(low, second.end):
            # « 3 à 5 ans »: both are durations.
            out[i] = replace(first, drop=True)
            continue
        if borrowed and second.kind is not None:
            factor = second.scale if first.scale == 1 and first.value < 1000 and second.scale > 1 else 1
            first = replace(
                first, kind=second.kind, unit=second.unit, value=first.value * factor, scale=first.scale * factor, drop=second.drop
            )
        elif borrowed and second.kind is None and first.scale == 1:
            head = re.match(r"(\d{1,3})[ .]000$", second.digits)
            if second.scale > 1:
                first = replace(first, value=first.value * second.scale, scale=second.scale, counted=second.counted)
            elif head is not None and first.value < int(head[1]):
                first = replace(first, value=first.value * 1000)
        left = low[max(0, first.start - 8) : first.start].rstrip()
        framed = any(left.endswith(w) for w in ranges["bounds_after"])
        # « passé de 30 % à 40 % » says two figures, « de 30 à 40 % » one.
        range_ = framed or (gap not in ranges["no_bounds"] and (borrowed or not left.endswith(("de", "d'", "du"))))
        if range_ and first.value < second.value:
            first = replace(first, bound="atLeast")
            out[i + 1] = replace(second, bound="atMost")
        out[i] = first
    return out


def _ellipses(folded: Folded, figures: list[_Figure]) -> list[_Figure]:
    """Figures that leave out the currency, or the magnitude too, of an amount before them."""
    g, low = _grammar(), folded.low
    first = next((f for f in figures if f.kind == "money"), None)
    money: _Figure | None = None  # the last amount,
    model: _Figure | None = None  # the last figure with a magnitude,
    before: _Figure | None = None  # the last figure
    out: list[_Figure] = []
    for f in figures:
        if f.kind is None and f.scale >= _LARGE and not f.counted:
            # « 15 millions d'utilisateurs, contre 10 millions » leans on the count before it.
            count = model is not None and model.kind is None and _same_sentence(low, model, f)
            source = money or first
            if source is not None and not (count and g.elliptic_before.search(low, max(0, f.start - _NEAR), f.start)):
                f = replace(f, kind="money", unit=source.unit)
        elif model is not None and model.kind == "money" and _is_elliptic(folded, f, model, direct=model is before):
            f = replace(f, kind="money", unit=model.unit, value=f.value * model.scale, scale=model.scale)
        if f.kind == "money":
            money = f
        if f.scale >= _LARGE:
            model = f
        before = f
        out.append(f)
    return out


def _same_sentence(low: str, first: _Figure, second: _Figure) -> bool:
    return second.start - first.end <= _SENTENCE and not _STOP.search(low, first.end, second.start)


def _is_elliptic(folded: Folded, figure: _Figure, model: _Figure, *, direct: bool) -> bool:
    """Whether a bare figure takes its magnitude and its currency from an amount before it (``direct``: right before)."""
    g, low = _grammar(), folded.low
    if figure.kind is not None or not figure.digits or figure.scale > 1 or figure.value >= 1000 or figure.start - model.end > _SENTENCE:
        return False
    last = _END.match(low, figure.end) is not None
    cue = g.elliptic_before.search(low, max(0, figure.start - _NEAR), figure.start)
    decimal = "," in figure.digits
    if not _same_sentence(low, model, figure):
        said = direct and last and decimal
    elif cue is not None and cue.group().startswith("tour"):
        said = last
    else:
        said = (
            g.elliptic_after.match(low, figure.end) is not None
            or (cue is not None and decimal and not noun_follows(low, figure.end))
            or (direct and (last or g.elliptic_follows.match(low, figure.end) is not None))
        )
    return said and _counts(folded, figure)


class _Nations:
    """Which country's francs, dollars, livres a brief means."""

    def __init__(self, low: str, year: int | None) -> None:
        self._low = low
        self._year = year
        self._known: dict[tuple[str, bool, bool], str | None] = {}

    def code(self, unit: str, *, magnitude: bool) -> str | None:
        g = _grammar()
        code = g.codes[unit]
        sign = not unit.startswith(code[:-1])
        # A currency named in full somewhere settles its name everywhere (« dollars canadiens »).
        shared = load("amounts.toml")["currencies"]["shared"]
        name = "dollars" if unit == "$" else code
        if not any(entry["name"] == name for entry in shared):
            return code
        key = (name, sign, magnitude)
        if key not in self._known:
            self._known[key] = self._shared(name, sign, magnitude, shared)
        return self._known[key]

    def _shared(self, name: str, sign: bool, magnitude: bool, entries: Sequence[Mapping[str, Any]]) -> str | None:
        qualified: Mapping[str, str] = load("amounts.toml")["currencies"]["qualified"]
        said = {c for q, c in qualified.items() if q.startswith(f"{name} ") and q in self._low}
        if len(said) == 1:
            return said.pop()
        for entry in entries:
            if entry["name"] != name or (entry.get("sign_only") and not sign) or (entry.get("magnitude_only") and not magnitude):
                continue
            if "until" in entry and (self._year is None or self._year > entry["until"]):
                continue
            if any(cue in self._low for cue in entry.get("unless", ())):
                continue
            cues = entry.get("cues")
            if cues is None or any(re.search(rf"(?<!\w){re.escape(c)}", self._low) for c in cues if c in self._low):
                return str(entry["code"])
        return None


def _settle(folded: Folded, figure: _Figure, nations: _Nations) -> Found | None:
    """What a figure is, now that its neighbours are known; ``None`` for one that is nothing to us."""
    if figure.drop:
        return None
    if figure.kind == "percent":
        return Found(figure.start, figure.end, "percent", f"{plain(figure.value)} %", figure.bound)
    if figure.kind == "money":
        code = nations.code(figure.unit, magnitude=figure.scale > 1)
        if code is not None:
            return Found(figure.start, figure.end, "money", f"{plain(figure.value)} {code}", figure.bound)
        # Not a currency after all (« 8 millions de livres »): a count, without the noun.
        name = re.search(r" ?(?:d'|de )?[^\d ]+$", folded.low[figure.start : figure.end])
        end = figure.start + name.start() if name else figure.end
        return Found(figure.start, end, "number", plain(figure.value), figure.bound)
    if figure.value != figure.value.to_integral_value() or not _counts(folded, figure):
        return None
    return Found(figure.start, figure.end, "number", plain(figure.value), figure.bound)


def _measures(low: str, end: int) -> bool:
    """Whether a unit of time or measure follows."""
    word = _NEXT.match(low, end)
    return word is not None and word[1] in _grammar().units


def _counts(folded: Folded, figure: _Figure) -> bool:
    """Whether a figure without unit counts something: no duration, rank, measure, year or part of a name."""
    g, low, data = _grammar(), folded.low, load("amounts.toml")["exclude"]
    if _measures(low, figure.end):
        return False
    if figure.scale > 1:
        return True
    for m in g.excluded.finditer(low, max(0, figure.start - 30), min(len(low), figure.end + 30)):
        if m.start() < figure.end and figure.start < m.end():
            return False
    if not figure.digits:
        return True
    if figure.value == 0 or len(figure.digits) > 1 and figure.digits[0] == "0":
        return False
    bare = figure.digits.isdecimal()
    if bare and 1900 <= figure.value <= 2100 and len(figure.digits) == 4 and not noun_follows(low, figure.end):
        return False
    if low[max(0, figure.start - 2) : figure.start].rstrip()[-1:] in ("°", "º"):
        return False
    last = _LAST.search(low, max(0, figure.start - _NEAR), figure.start)
    if last is None or low[last.end(1) : figure.start].strip():
        return True
    if last[1][last[1].find("'", 0, -1) + 1 :] in data["before"]:
        return False
    named = any(folded.upper(i) for i in range(last.start(1), last.end(1)))
    return not (bare and named and not (last[1].rstrip("'") in data["openers"] and _opens(low, last.start(1))))
