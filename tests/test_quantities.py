"""Quantities: every example of the two data files, and what must hold of any text."""

from __future__ import annotations

import re
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.examples import parse_marked
from kg.fr import numerals
from kg.fr.quantities import find

DATA = Path(numerals.__file__).parent
EXAMPLES: list[dict[str, Any]] = [
    e for name in ("amounts.toml", "dates.toml") for e in tomllib.loads((DATA / name).read_text("utf-8"))["example"]
]
DAY = "2021-05-20"
VALUES = {
    "money": re.compile(r"\d+(\.\d*[1-9])? [A-Z]{3}"),
    "percent": re.compile(r"\d+(\.\d*[1-9])? %"),
    "number": re.compile(r"\d+"),
    "date": re.compile(r"(19|20|21)\d\d(-\d\d(-\d\d)?)?"),
}
WORDS = [
    "un", "une", "deux", "vingt", "et", "cent", "mille", "millions", "milliard", "d'euros", "de dollars", "€", "M$", "%", "3", "1 200",
    "7,8",
    "2.800",
    "2014", "en", "le", "5", "mai", "jeudi", "prochain", "dernier", "trois", "mois", "ans", "plus tôt", "il y a", "la moitié", "du capital",
    "à", "-",
    "d'ici à", "jusqu'en", "l'été", "fin", "au", "premier", "trimestre", ",", ".", "(", ")", "la veille", "francs", "livres", "après",
    "que",
    "Windows",
]  # fmt: skip


def check(text: str, date: str | None) -> None:
    end = 0
    for q in find(text, date=date):
        assert end <= q.span.start < q.span.end <= len(text)
        assert VALUES[q.kind].fullmatch(q.value), q
        end = q.span.end


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: str(e["text"])[:60])
def test_example(example: dict[str, Any]) -> None:
    marked = parse_marked(example["text"])
    found = find(marked.text, date=example.get("date"))
    assert [(q.kind, q.value, q.span.of(marked.text)) for q in found] == [(r.name, r.value, r.span.of(marked.text)) for r in marked.roles]
    assert [q.span for q in found] == [r.span for r in marked.roles]
    if "bounds" in example:
        assert [q.bound or "" for q in found] == example["bounds"]


def test_examples_use_known_keys() -> None:
    assert {key for e in EXAMPLES for key in e} <= {"text", "date", "bounds"}
    kinds = {r.name for e in EXAMPLES for r in parse_marked(e["text"]).roles}
    assert kinds == set(VALUES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: str(e["text"])[:60])
@pytest.mark.parametrize("old, new", [("'", "’"), (" ", "\u00a0"), (" ", "\u202f"), ("-", "\u2011")])
def test_typography_changes_nothing(example: dict[str, Any], old: str, new: str) -> None:
    text = parse_marked(example["text"]).text
    assert find(text.replace(old, new), date=example.get("date")) == find(text, date=example.get("date"))


def test_decomposed_accents_keep_offsets() -> None:
    text = "Créée fin févr. 2014, cédée à l'été 2019 pour 3 M€ à la société".replace("é", "e\u0301")
    found = find(text)
    assert [(q.value, q.span.of(text)) for q in found] == [
        ("2014-02", "fin fe\u0301vr. 2014"),
        ("2019", "l'e\u0301te\u0301 2019"),
        ("3000000 EUR", "3 M€"),
    ]
    assert [q.span.of("İ" + text) for q in find("İ" + text)] != []
    assert [(q.value, q.span.start - 1) for q in find("İ" + text)] == [(q.value, q.span.start) for q in found]


def test_no_relative_date_without_the_day_of_the_brief() -> None:
    text = "Jeudi, hier, en juillet, le 5 mai, l'an dernier, il y a deux ans, cet été, à Noël, trois mois après son départ."
    assert [q for q in find(text) if q.kind == "date"] == []
    assert [q for q in find(text, date="2021") if q.kind == "date"] == []
    assert len([q for q in find(text, date=DAY) if q.kind == "date"]) == 9


@pytest.mark.parametrize("date", ["0001-01-01", "9999-12-31"])
def test_a_day_at_the_end_of_the_calendar_dates_nothing(date: str) -> None:
    assert not find("Vendredi dernier, demain, vendredi prochain, l'été prochain, la semaine dernière, l'an dernier.", date=date)


@pytest.mark.parametrize(
    "number", [*range(2, 101), 101, 121, 180, 199, 200, 271, 999, 1000, 1001, 1099, 2021, 80_000, 99_999, 300_080, 999_999]
)
def test_numerals_in_words(number: int) -> None:
    assert numerals.read_words(in_words(number)) == number
    assert re.fullmatch(numerals.spelled(), in_words(number))
    assert [q.value for q in find(f"On compte {in_words(number)} salariés.")] == [str(number)]


def in_words(n: int) -> str:
    """The number as French writes it, for the tests only."""
    words = "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf"
    small = words.split()
    tens = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante", 80: "quatre-vingt"}
    if n >= 1000:
        before = in_words(n // 1000)
        # « quatre-vingts », « deux cents » lose their s before « mille »; « trois » keeps it.
        before = before[:-1] if before.endswith(("vingts", "cents")) else before
        head = "mille" if n < 2000 else f"{before} mille"
        return head + (f" {in_words(n % 1000)}" if n % 1000 else "")
    if n >= 100:
        head = "cent" if n < 200 else f"{small[n // 100]} cent"
        return f"{head} {in_words(n % 100)}" if n % 100 else head + ("s" if n >= 200 else "")
    if n < 20:
        return small[n]
    base = n // 20 * 20 if n >= 60 else n // 10 * 10
    rest = n - base
    if not rest:
        return tens[base] + ("s" if base == 80 else "")
    return f"{tens[base]} et {small[rest]}" if rest in (1, 11) and base < 80 else f"{tens[base]}-{small[rest]}"


@given(st.text(max_size=200), st.sampled_from([None, DAY, "2020-02-29", "no date", "2021-05"]))
def test_any_text(text: str, date: str | None) -> None:
    check(text, date)


@settings(max_examples=300)
@given(
    st.lists(st.sampled_from(WORDS), max_size=30),
    st.sampled_from([" ", "\u00a0", ""]),
    st.sampled_from([None, DAY, "2024-02-29", "2000-01-01"]),
)
def test_any_words(words: list[str], space: str, date: str | None) -> None:
    check(space.join(words), date)


@pytest.mark.parametrize(
    "piece",
    [
        "1 000 ", "1.", "000", "7,8 Md€ ", "cent mille ", "quatre-vingt-", "un quart ", "une dizaine de ", "le 5 mai ", "en 2014 ",
        "d'ici à ",
        "jeudi ", "10 à ",
        "un milliard et demi ", "3 millions, 4, ", "trois ans après son ", "la veille ", "(", "l'été ", "a" * 50, "de plus de moins de ",
        "é", "e\u0301", "12 millions de livres ",
    ],
)  # fmt: skip
def test_time_grows_with_length(piece: str) -> None:
    def cost(size: int) -> float:
        text = piece * (size // len(piece) + 1)
        best = float("inf")
        for _ in range(3):
            start = time.process_time()
            find(text, date=DAY)
            best = min(best, time.process_time() - start)
        return best

    small, large = cost(4_000), cost(32_000)
    # Eight times as long; quadratic would be 64 times.
    assert large < max(24 * small, 0.05)
