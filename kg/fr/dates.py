"""Dates in French: the rules and words of ``dates.toml``, read against the date of the brief."""

from __future__ import annotations

import calendar
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import timedelta
from functools import cache
from typing import Any, Literal

from kg.fr.amounts import Found, noun_follows
from kg.fr.numerals import Folded, alternatives, load, read_number, spelled
from kg.model import Bound

_WORD = re.compile(r"\w+(?:\.|(?:-\w+)*)")
_CLAUSE = re.compile(r"[.;:!?()«»\n–]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_NEAR = 40
_FAR = 90

Precision = Literal["day", "month", "year"]


@dataclass(frozen=True, slots=True)
class _When:
    """A resolved date: any day of it, and how precise it is."""

    day: Date
    precision: Precision

    def iso(self) -> str:
        return self.day.isoformat()[: {"day": 10, "month": 7, "year": 4}[self.precision]]


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    pattern: re.Pattern[str]
    keys: frozenset[str]
    also: frozenset[str] | None
    means: str
    by: int = 0
    unit: str = ""
    anchor: str = ""


@dataclass(slots=True)
class _Reading:
    """What the readings of one brief share: its text and date, and the dates read so far."""

    low: str
    today: Date | None
    explicit: _When | None = None
    explicit_end: int = -1
    last: _When | None = None
    last_end: int = -1
    clauses: list[int] = field(default_factory=list)

    def clause(self, start: int) -> int:
        """Where the clause of an offset begins."""
        i = bisect_right(self.clauses, start) - 1
        return self.clauses[i] if i >= 0 else 0

    def clause_end(self, start: int) -> int:
        """Where the clause of an offset ends."""
        i = bisect_right(self.clauses, start)
        return self.clauses[i] if i < len(self.clauses) else len(self.low)


@cache
def _words() -> Mapping[str, Any]:
    return load("dates.toml")


@cache
def _rules() -> tuple[_Rule, ...]:
    data = _words()
    tables = {
        "weekday": alternatives(data["weekdays"]),
        "season": alternatives(data["seasons"]),
        "feast": alternatives(data["feasts"]),
        "ordinal": alternatives(data["ordinals"]),
        "unit": alternatives(data["units"]),
        "mn": alternatives(data["months"]),
        "m": rf"(?P<m>{alternatives(data['months'])})(?!\w)",
        "day": r"(?:3[01]|[12]\d|0?[1-9]|1er|premier)(?!\w)",
        "d": r"(?P<d>3[01]|[12]\d|0?[1-9]|1er|premier)(?!\w)",
        "year": r"(?:19|20)\d\d(?!\w)",
        "y": r"(?P<y>(?:19|20)\d\d)(?!\w)",
        "n": rf"(?P<n>\d{{1,3}}|{spelled()})",
        **{key: alternatives(data["words"][key]) for key in ("part", "year_cue", "month_cue", "habit", "roughly")},
    }
    for key in ("part", "weekday", "mn", "roughly"):
        tables[key] = f"(?:{tables[key]})"
    keys: dict[str, frozenset[str]] = {
        "months": frozenset(m.rstrip(".") for m in data["months"]),
        "weekdays": frozenset(data["weekdays"]) | {f"{w}s" for w in data["weekdays"]},
        "seasons": frozenset(data["seasons"]),
        "feasts": frozenset(w for f in data["feasts"] for w in f.split()[-1:]),
        "units": frozenset(data["units"]) | {"bougies"},
        "digits": frozenset({"#"}),
    }

    def compiled(raw: str) -> re.Pattern[str]:
        body = re.sub(r"\{([a-z_]+)\}", lambda m: tables[m[1]], raw)
        return re.compile(rf"(?<!\w)(?:{body})(?!\w)")

    def words(named: str | list[str]) -> frozenset[str]:
        return keys[named] if isinstance(named, str) else frozenset(named)

    return tuple(
        _Rule(
            id=rule["id"],
            pattern=compiled(rule["pattern"]),
            keys=words(rule["keys"]),
            also=words(rule["also"]) if "also" in rule else None,
            means=rule["means"],
            by=rule.get("by", 0),
            unit=rule.get("unit", ""),
            anchor=str(rule.get("anchor", "")),
        )
        for rule in data["rule"]
    )


@dataclass(frozen=True, slots=True)
class _Cues:
    """What tells the future from the past around a date."""

    verb: re.Pattern[str]
    word: re.Pattern[str]
    close: re.Pattern[str]
    past: re.Pattern[str]
    not_verbs: frozenset[str]


@cache
def _cues() -> _Cues:
    data = _words()["future"]

    def any_of(words: Sequence[str]) -> re.Pattern[str]:
        return re.compile(rf"(?<![\w'])(?:{alternatives(words)})(?!\w)")

    return _Cues(
        verb=re.compile(rf"(?<!\w)\w+(?:{'|'.join(rf'(?<={e})' for e in data['endings'])})(?!\w)"),
        word=any_of(data["words"]),
        close=any_of([*data["words"], *data["close"]]),
        past=re.compile(rf"(?<!\w)(?:{alternatives(data['past'])})(?!\w)"),
        not_verbs=frozenset(data["not_future"]),
    )


def find_dates(folded: Folded, *, date: str | None = None) -> tuple[list[Found], list[tuple[int, int]]]:
    """The dates of a folded text, and all stretches that dates or turns like them take up (sorted, disjoint)."""
    low = folded.low
    seen = {w.group().rstrip(".") for w in _WORD.finditer(low)}
    seen |= {p for w in seen if "-" in w for p in w.split("-")}
    if _YEAR.search(low):
        seen.add("#")
    matches: list[tuple[int, int, int, re.Match[str], _Rule]] = []
    for order, rule in enumerate(_rules()):
        if rule.keys.isdisjoint(seen) or (rule.also is not None and rule.also.isdisjoint(seen)):
            continue
        group = "q" if "q" in rule.pattern.groupindex else 0
        at = 0
        while (m := rule.pattern.search(low, at)) is not None:
            matches.append((m.start(group), -m.end(group), order, m, rule))
            # A date may be the cue of the next one (« en 2017, 2018 et 2019 »).
            at = m.start(group) if m.start(group) > m.start() else m.end()
    if not matches:
        return [], []
    matches.sort(key=lambda item: item[:3])
    reading = _Reading(low, _day(date), clauses=[m.end() for m in _CLAUSE.finditer(low)])
    found: list[Found] = []
    taken: list[tuple[int, int]] = []
    free = 0
    for start, minus_end, _, m, rule in matches:
        end = -minus_end
        if start < free or (rule.means == "calendar" and (_is_name(folded, m) or _is_count(low, m))):
            continue
        free = end
        taken.append((start, end))
        if _cue(low, start, "until"):
            continue
        when = _READINGS[rule.means](rule, m, reading)
        if when is None:
            continue
        if "y" in rule.pattern.groupindex and m["y"]:
            reading.explicit, reading.explicit_end = when, end
        if reading.today is None or when.day <= reading.today:
            # « la veille », « le lendemain » tell what happened: they lean on no date to come.
            reading.last, reading.last_end = when, end
        found.append(Found(start, end, "date", when.iso(), _bound(low, start, m, rule)))
    return found, taken


def _day(date: str | None) -> Date | None:
    """The brief's day; ``None`` unless it is known to the day, in a year news is written in: not at the ends of the calendar,
    which « demain » and « l'an dernier » would leave."""
    try:
        day = Date.fromisoformat(date[:10]) if date else None
    except ValueError:
        return None
    return day if day is not None and 1000 <= day.year < 9000 else None


def _is_name(folded: Folded, m: re.Match[str]) -> bool:
    """Whether a month that stands alone has the capital of a name: « Mars », « Mai »."""
    groups = m.groupdict()
    if not groups.get("m") or groups.get("d") or groups.get("y"):
        return False
    at = m.start("m")
    return folded.upper(at) and not folded.upper(at + 1) and bool(folded.low[max(0, at - 2) : at].strip(" .!?:«"))


def _is_count(low: str, m: re.Match[str]) -> bool:
    """Whether what looks like a year counts something: « plus de 2000 salariés »."""
    groups = m.groupdict()
    if not groups.get("q") or groups.get("m") or not groups.get("y"):
        return False
    cue = low[m.start() : m.start("q")].strip()
    return any(cue.endswith(w) for w in _words()["words"]["count_cue"]) and noun_follows(low, m.end("y"))


def _cue(low: str, start: int, key: str) -> bool:
    """Whether one of those words stands right before."""
    left = low[max(0, start - _NEAR) : start].rstrip(" ")
    return any(left.endswith(w) and not left[: -len(w)][-1:].isalnum() for w in _words()["words"][key])


def _bound(low: str, start: int, m: re.Match[str], rule: _Rule) -> Bound | None:
    if rule.means == "ahead" and m.group().startswith("d'ici"):
        return "atMost"
    if _cue(low, start, "at_most"):
        return "atMost" if not _cue(low, start, "at_least") else "atLeast"
    if _cue(low, start, "at_least"):
        return "atLeast"
    return "about" if _cue(low, start, "about") else None


def _is_future(reading: _Reading, start: int, end: int, *, close: bool = False) -> bool:
    """Whether the words around speak of what is to come: those of the clause before, or after when none goes before.

    ``close`` asks for them right before (a weekday after « a annoncé … qu'il » is past all the same).
    """
    cues, low = _cues(), reading.low
    left = low[max(reading.clause(start), start - (_NEAR if close else _FAR)) : start]
    near = " ".join(left.split()[-3:])
    if close:
        left = near = " ".join(left[left.rfind(",") + 1 :].split()[-4:])
    else:
        left = left.rstrip()
        if cues.close.search(near) and not cues.past.search(near):
            return True
    ends = [m.end() for m in cues.word.finditer(left)]
    ends += [m.end() for m in cues.verb.finditer(left) if m.group() not in cues.not_verbs]
    if ends:
        return not cues.past.search(left, max(ends))
    if close or len(left.split()) > 3:
        return False
    right = low[end : min(reading.clause_end(end), end + _FAR)]
    return not cues.past.search(near) and any(m.group() not in cues.not_verbs for m in cues.verb.finditer(right))


def _start(m: re.Match[str]) -> int:
    """Where the date itself begins, after its cue."""
    return m.start("q") if "q" in m.re.groupindex else m.start()


def _safe(year: int, month: int, day: int) -> Date | None:
    try:
        return Date(year, month, day)
    except ValueError:
        return None


def _moved(day: Date, by: int, unit: str) -> Date | None:
    """A day moved by so many units."""
    try:
        if unit in ("day", "week"):
            return day + timedelta(days=by * (7 if unit == "week" else 1))
        months = day.year * 12 + day.month - 1 + by * {"month": 1, "quarter": 3, "year": 12}[unit]
        year, month = months // 12, months % 12 + 1
        return Date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
    except (ValueError, OverflowError):
        return None


def _precision(unit: str) -> Precision:
    return "day" if unit == "day" else "year" if unit == "year" else "month"


def _when(day: Date | None, precision: Precision) -> _When | None:
    return _When(day, precision) if day is not None and 1900 <= day.year <= 2100 else None


def _calendar(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    groups = m.groupdict()
    today = reading.today
    year = int(groups["y"]) if groups.get("y") else None
    name = groups.get("m")
    if not name:
        return _when(Date(year, 1, 1), "year") if year else None
    month = int(name) if name.isdecimal() else int(_words()["months"][name])
    if not 1 <= month <= 12:
        return None
    number = groups.get("d")
    day = (1 if number in ("1er", "premier") else int(number)) if number else None
    if year is None:
        if today is None:
            return None
        year = _year_of(month, day, groups, reading, m)
    return _when(_safe(year, month, day or 1), "day" if day else "month")


def _year_of(month: int, day: int | None, groups: Mapping[str, str | None], reading: _Reading, m: re.Match[str]) -> int:
    """The year a month or a day without one means."""
    today = reading.today
    assert today is not None
    relative = groups.get("rel")
    if groups.get("lastyear"):
        return today.year - 1
    ahead = (month, day or 0) > (today.month, today.day if day else 0)
    if relative == "prochain":
        return today.year if ahead else today.year + 1
    if relative == "dernier":
        return today.year - 1 if ahead or (not day and month == today.month) else today.year
    future = _is_future(reading, _start(m), m.end())
    if day:
        # The nearest, but a cue of the future tips what is nearly half a year away.
        options = [d for y in (today.year - 1, today.year, today.year + 1) if (d := _safe(y, month, min(day, 28)))]
        nearest = min(options, key=lambda d: abs((d - today).days))
        if future and nearest < today and (today - nearest).days > 60:
            return nearest.year + 1
        return nearest.year
    if month == today.month:
        return today.year
    if future:
        # « dès février dernier » does not come here; a month just gone keeps its year (« devait ouvrir en mai »).
        gone = (today.month - month) % 12
        return today.year if ahead or gone <= 2 and not ahead else today.year + 1
    if (
        ahead
        and month - today.month <= 2
        and not _cues().past.search(reading.low, max(reading.clause(_start(m)), _start(m) - _FAR), _start(m))
    ):
        # A month about to come, and nothing that says it is past: « l'exercice se clôt en juin ».
        return today.year
    return today.year - 1 if ahead else today.year


def _day_number(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    """« vendredi 17 »: the nearest past day of that name and number."""
    if reading.today is None:
        return None
    number = 1 if m["d"] in ("1er", "premier") else int(m["d"])
    weekday = next(n for w, n in _words()["weekdays"].items() if m.group().startswith(w))
    for away in range(63):
        for day in (reading.today - timedelta(days=away), reading.today + timedelta(days=away)):
            if day.day == number and day.weekday() == weekday:
                return _when(day, "day")
    return None


def _weekday(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    today = reading.today
    if today is None:
        return None
    back = (today.weekday() - int(_words()["weekdays"][m["weekday"]])) % 7
    if m["rel"] == "prochain" or (m["rel"] is None and _is_future(reading, _start(m), m.end(), close=True) and back):
        return _when(today + timedelta(days=7 - back), "day")
    if m["rel"] == "dernier" and back == 0:
        back = 7
    return _when(today - timedelta(days=back), "day")


def _season(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    groups = m.groupdict()
    if groups.get("y"):
        return _when(Date(int(m["y"]), 1, 1), "year")
    today = reading.today
    if today is None:
        return None
    first, last = _words()["seasons"][m["season"]]
    if groups.get("lastyear"):
        return _when(Date(today.year - 1, 1, 1), "year")
    wraps = first == 1
    relative = groups.get("rel")
    if relative in ("dernier", "passé"):
        # Last winter runs over two years: which of them stays open.
        return None if wraps else _when(Date(today.year if today.month >= last else today.year - 1, 1, 1), "year")
    if relative == "prochain":
        return None if wraps else _when(Date(today.year if today.month < first else today.year + 1, 1, 1), "year")
    if re.match(r"cet? ", m.group()):
        return None if wraps else _when(Date(today.year, 1, 1), "year")
    future = _is_future(reading, _start(m), m.end())
    if future:
        return _when(Date(today.year + (today.month > last), 1, 1), "year")
    return _when(Date(today.year - (today.month < first), 1, 1), "year")


def _quarter(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    groups = m.groupdict()
    if groups.get("y"):
        return _when(Date(int(m["y"]), 1, 1), "year")
    today = reading.today
    if today is None:
        return None
    if groups.get("lastyear"):
        return _when(Date(today.year - 1, 1, 1), "year")
    number = int(_words()["ordinals"][m["o"]])
    length = 3 if m["period"] == "trimestre" else 6
    if m["o"] == "dernier":
        number = 12 // length
    first, last = length * (number - 1) + 1, length * number
    if last > 12:
        return None
    if _is_future(reading, _start(m), m.end()):
        return _when(Date(today.year + (today.month > last), 1, 1), "year")
    # Without a cue the nearest one: in January, « au quatrième trimestre » is over.
    middle = (first + last) / 2
    year = min((today.year - 1, today.year, today.year + 1), key=lambda y: abs((y - today.year) * 12 + middle - today.month))
    return _when(Date(year, 1, 1), "year")


def _feast(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    month = int(_words()["feasts"][m["feast"]])
    if m["y"]:
        return _when(Date(int(m["y"]), month, 1), "month")
    if reading.today is None:
        return None
    today = reading.today
    relative = m["rel"] or ""
    if relative.startswith("dern"):
        year = today.year - (month >= today.month)
    elif relative or not m.group().startswith("depuis") and month >= today.month:
        year = today.year + (month < today.month)
    else:
        year = today.year - (month > today.month)
    return _when(Date(year, month, 1), "month")


def _shift(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    if reading.today is None:
        return None
    if rule.unit == "week":
        # A week is given by its month, when it lies within one.
        monday = reading.today - timedelta(days=reading.today.weekday()) + timedelta(weeks=rule.by)
        return _when(monday, "month") if monday.month == (monday + timedelta(days=4)).month else None
    return _when(_moved(reading.today, rule.by, rule.unit), _precision(rule.unit))


def _tomorrow(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    if reading.today is None:
        return None
    return _when(reading.today + timedelta(days=2 if m.group().startswith("après") else 1), "day")


def _anchor(rule: _Rule, start: int, reading: _Reading) -> Date | None:
    """What a duration is counted from: an explicit date just before it, else the day of the brief."""
    near = reading.explicit is not None and start - reading.explicit_end <= (_FAR * 2 if rule.anchor == "only" else _NEAR)
    if rule.anchor == "only":
        return reading.explicit.day if near and reading.explicit is not None else None
    if rule.anchor == "clause" and near and reading.explicit is not None and reading.clause(start) <= reading.explicit_end:
        return reading.explicit.day
    return reading.today


def _count(rule: _Rule, m: re.Match[str], reading: _Reading, sign: int) -> _When | None:
    origin = _anchor(rule, m.start(), reading)
    if origin is None:
        return None
    groups = m.groupdict()
    unit = rule.unit or str(_words()["units"][groups["unit"]])
    by = int(read_number(m["n"]))
    precision = _precision(unit)
    if rule.means == "ahead" and not rule.anchor and unit == "year" and by == 1:
        precision = "month"
    if groups.get("exact"):
        precision = "day" if "jour pour" in m["exact"] else "month"
    if groups.get("half"):
        if unit not in ("year", "month"):
            return None
        return (
            _when(_moved(origin, sign * (by * 12 + 6), "month"), "year")
            if unit == "year"
            else _when(_moved(origin, sign * by, "month"), "month")
        )
    return _when(_moved(origin, sign * by, unit), precision)


def _ago(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    return _count(rule, m, reading, -1)


def _ahead(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    return _count(rule, m, reading, 1)


def _near(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    """« la veille », « l'année suivante »: counted from the date before, when it is as precise as the unit."""
    order = ("year", "month", "day")
    last = reading.last
    if last is not None and order.index(last.precision) >= order.index(rule.unit) and m.start() - reading.last_end <= 4 * _FAR:
        return _when(_moved(last.day, rule.by, rule.unit), _precision(rule.unit))
    if rule.anchor == "only" or reading.today is None:
        return None
    return _when(_moved(reading.today, rule.by, rule.unit), _precision(rule.unit))


def _nothing(rule: _Rule, m: re.Match[str], reading: _Reading) -> _When | None:
    return None


_READINGS: Mapping[str, Callable[[_Rule, re.Match[str], _Reading], _When | None]] = {
    "calendar": _calendar,
    "day number": _day_number,
    "weekday": _weekday,
    "season": _season,
    "quarter": _quarter,
    "feast": _feast,
    "shift": _shift,
    "tomorrow": _tomorrow,
    "ago": _ago,
    "ahead": _ahead,
    "near": _near,
    "nothing": _nothing,
}
