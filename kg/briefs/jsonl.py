"""JSON Lines: one brief a line, ``id``, ``date``, ``lang``, ``title``, ``source`` and ``text``; other keys are not looked at."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from kg.briefs.decoding import decode
from kg.briefs.found import Found, iso_date, language_of
from kg.errors import ReadError
from kg.model import Brief


def read_json_lines(lines: Iterable[bytes], file: str, stem: str) -> Iterator[Found]:
    """The briefs of those lines; the error of a broken one names file and line."""
    number = 0
    for count, raw in enumerate(lines, 1):
        where = f"{file}:{count}"
        line = decode(raw, where)
        if not line.strip():
            continue
        number += 1
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise ReadError(f"no valid JSON: {error.msg} (column {error.colno})", where=where) from error
        except (ValueError, RecursionError) as error:  # a number of thousands of digits, a thousand brackets
            raise ReadError(f"no valid JSON: {error}", where=where) from error
        if not isinstance(record, dict):
            raise ReadError("not a JSON object", where=where, hint='a brief is {"id": "…", "text": "…"}')
        lang = language_of(_string(record, "lang", where))
        brief = Brief(
            _key(record, where) or f"{stem}#{number}",
            _text(record, where),
            _record_date(record, where),
            "fr",
            _string(record, "title", where),
            _string(record, "source", where),
        )
        yield Found(brief, where, lang)


def _string(record: dict[str, Any], key: str, where: str) -> str | None:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise ReadError(f"« {key} » must be a string", where=where)
    if value and re.search(r"[\ud800-\udfff]", value):
        raise ReadError(f"« {key} » holds half a character (a lone surrogate)", where=where)
    return value or None


def _key(record: dict[str, Any], where: str) -> str | None:
    value = record.get("id")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _string(record, "id", where)


def _text(record: dict[str, Any], where: str) -> str:
    if not isinstance(record.get("text"), str):
        raise ReadError("« text » is missing or is no string", where=where)
    return _string(record, "text", where) or ""


def _record_date(record: dict[str, Any], where: str) -> str | None:
    value = _string(record, "date", where)
    if value is None:
        return None
    if date := iso_date(value):
        return date
    raise ReadError(f"« date » is no ISO date: {value[:40]!r}", where=where, hint="write 2021-05-18, 2021-05 or 2021")
