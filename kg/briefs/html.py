"""Web pages: the article without what stands around it, its title and the date the page itself gives.

trafilatura finds the article. It is given markup that has been written anew (:mod:`kg.briefs.markup`), and fetches nothing.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kg.briefs.decoding import decode_markup
from kg.briefs.found import Found, cut, iso_date, language_of
from kg.briefs.markup import TooMuch, parse, rewritten
from kg.errors import ReadError
from kg.model import Brief

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_BYTES = 10_000_000
MAX_CHARACTERS = 1_000_000
"""Of a page without scripts and styles."""


def read_html(data: bytes, where: str, stem: str, *, address: str | None = None, encoding: str | None = None) -> Iterator[Found]:
    """The article of a page: one brief, or several if its title says « [En bref] ». Its key is its address: the one the
    page gives itself, else ``address``, else ``<stem>#1``."""
    if len(data) > MAX_BYTES:
        raise ReadError(f"is a page of more than {MAX_BYTES // 1_000_000} MB", where=where, hint="save the article alone")
    try:
        markup = rewritten(decode_markup(data, encoding))
    except TooMuch as error:
        raise ReadError(f"is a page of {error}", where=where, hint="save the article alone") from error
    if len(markup) > MAX_CHARACTERS:
        raise ReadError(f"is a page of more than {MAX_CHARACTERS} characters", where=where, hint="save the article alone")
    tree = parse(markup)
    if tree is None:
        return
    lang = language_of(tree.get("lang") or tree.get("xml:lang"))
    own = _address(tree) or address
    text, title, date = _article(tree)
    yield from cut(Found(Brief(own or f"{stem}#1", text, date, "fr", title, own), where, lang, loose=own is not None))


def _address(tree: HtmlElement) -> str | None:
    """The address a page says is its own."""
    said = [*tree.xpath("//link[@rel='canonical']/@href"), *tree.xpath("//meta[@property='og:url']/@content")]
    return next((str(a).strip() for a in said if re.fullmatch(r"\s*https?://\S{1,2000}\s*", str(a))), None)


def _article(tree: HtmlElement) -> tuple[str, str | None, str | None]:
    from trafilatura import bare_extraction

    for name in ("trafilatura", "htmldate", "courlan"):
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what cannot be read is told by us
    found = bare_extraction(
        tree,
        with_metadata=True,
        include_comments=False,
        include_tables=False,
        fast=True,
        # Dates the page declares, not ones guessed from its text.
        date_extraction_params={"extensive_search": False, "original_date": True, "outputformat": "%Y-%m-%d"},
    )
    if found is None:
        return "", None, None
    fields = found if isinstance(found, dict) else found.as_dict()
    lines = [bare for line in str(fields.get("text") or "").split("\n") if (bare := line.strip())]
    title = " ".join(str(fields.get("title") or "").split())
    if len(lines) > 1 and lines[0] == title:
        del lines[0]
    return "\n".join(lines), title or None, iso_date(str(fields.get("date") or ""))
