"""What the readers of all kinds of documents hand over: a brief before the checks all briefs share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date as calendar_date
from datetime import datetime

from kg.briefs.pages import split_page
from kg.briefs.rules import rules
from kg.model import Brief


@dataclass(frozen=True, slots=True)
class Found:
    """A brief, where it stands, the language its document says it is in, if any, and a reason to leave it out, if any.

    ``loose``: its document may well hold its key twice (a feed does, when an item is changed); the first one is read.
    """

    brief: Brief
    where: str
    lang: str | None = None
    reason: str | None = None
    loose: bool = False


def iso_date(value: str) -> str | None:
    """An ISO date as given; of a date with a time, the date. ``None`` when it is none, or of no year news is written in."""
    if not re.match(r"[1-8][0-9]{3}", value):
        return None
    if re.fullmatch(r"[0-9]{4}", value):
        return value
    try:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}", value):
            calendar_date.fromisoformat(f"{value}-01")
            return value
        if re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ]|\Z)", value):
            datetime.fromisoformat(value)
            return value[:10]
    except ValueError:
        return None
    return None


def language_of(value: str | None) -> str | None:
    """The language itself: ``fr`` of ``fr-FR``."""
    return re.split(r"[-_]", value.strip().casefold())[0] or None if value else None


def cut(found: Found) -> Iterator[Found]:
    """The items of a feed's entry or of a web page whose title says that it holds several (« [En bref] … »); else itself.

    The items are numbered, as those of a file of text are.
    """
    brief = found.brief
    tagged = rules().tag.fullmatch(brief.title.strip()) if brief.title else None
    if tagged is None or found.reason:
        yield found
        return
    title = tagged["title"].strip() or None
    items = split_page(brief.text)
    for number, item in enumerate(items, 1):
        key = f"{brief.key.removesuffix('#1')}#{number}"
        yield replace(found, brief=replace(brief, key=key, text=item.text, title=item.title or title))
    if not items:
        yield found
