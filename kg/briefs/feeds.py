"""Feeds: RSS 0.9 to 2.0, RDF and Atom, whole or broken; one brief an item.

A feed that declares entities of its own is refused, and nothing it names is ever fetched. Its markup is mended by
libxml2's recovering parser, whose time grows with the length of the feed, no faster.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from kg.briefs.decoding import decode_markup
from kg.briefs.found import Found, cut, iso_date, language_of
from kg.briefs.markup import TooMuch, text_of
from kg.errors import ReadError
from kg.model import Brief

if TYPE_CHECKING:
    from lxml.etree import _Element

MAX_BYTES = 20_000_000

ROOT = re.compile(r"<(?:[\w.-]{1,40}:)?(rss|feed|RDF)[\s>]")
_NAMESPACES = {
    "http://www.w3.org/2005/Atom": "",
    "http://purl.org/atom/ns#": "",
    "http://purl.org/rss/1.0/": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://backend.userland.com/rss2": "",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/dc/terms/": "dcterms:",
}
_TEXTS = ("content:encoded", "content", "description", "summary", "dc:description")
_DATES = ("pubDate", "published", "dc:date", "issued", "created", "dcterms:created", "updated", "modified", "dcterms:modified")
_XML = "{http://www.w3.org/XML/1998/namespace}"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_REFERENCE = r"(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{0,30});"
_ENTITY = re.compile(f"&({_REFERENCE})")
_STRAY = re.compile(f"&(?!{_REFERENCE})")
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}:\S+")
# What WordPress and others put below each item of a feed: it says nothing, and « est apparu » would be read as news.
_TRAILER = re.compile(
    r"(?:L[’']article .{1,300} est apparu en premier sur .{1,200}|Cet article .{1,300} est apparu en premier sur .{1,200}"
    r"|The post .{1,300} (?:appeared first on|first appeared on) .{1,200}|(?:Lire|Voir) (?:la suite|l[’']article)\b.{0,100}"
    r"|Continuer la lecture\b.{0,200})",
    re.IGNORECASE,
)
_CUT_OFF = re.compile(r"\s{0,9}(?:\[(?:…|\.\.\.)\]|\((?:…|\.\.\.)\))\s*\Z")


def read_feed(data: bytes, where: str, stem: str, *, encoding: str | None = None) -> Iterator[Found]:
    """The items of a feed, in its order. ``encoding``: what the server said; ``stem`` is put before keys that are
    unique only within the feed."""
    if len(data) > MAX_BYTES:
        raise ReadError(f"is a feed of more than {MAX_BYTES // 1_000_000} MB", where=where, hint="cut it into smaller ones")
    root = _tree(decode_markup(data, encoding), where)
    channel = next((c for c in root if _name(c) == "channel"), root)
    lang = root.get(f"{_XML}lang") or channel.get(f"{_XML}lang") or _first(_fields(channel), "language", "dc:language")
    for number, item in enumerate((e for e in root.iter() if _name(e) in ("item", "entry")), 1):
        yield from _item(item, f"{where}, item {number}", stem, lang)


def _tree(page: str, where: str) -> _Element:
    from lxml import etree

    found = ROOT.search(page)
    if found is None:
        raise ReadError("is no feed", where=where, hint="RSS, RDF and Atom are read")
    if "<!ENTITY" in page[: found.start()]:
        raise ReadError("declares entities of its own, which are not read", where=where, hint="a feed needs none: leave the DOCTYPE out")
    # Without what stands before it: a DOCTYPE, an encoding that is not true any more.
    page = _UNWRITABLE.sub("", page[found.start() :])
    page = _STRAY.sub("&amp;", _ENTITY.sub(_character, page))
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=True,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(page.encode(errors="replace"), parser)
    except etree.LxmlError as error:
        raise ReadError("is no feed that can be read", where=where) from error
    if root is None:
        raise ReadError("is no feed that can be read", where=where)
    return root


def _character(found: re.Match[str]) -> str:
    """The character of an entity HTML knows and XML does not, or of a number; libxml2 lets half characters through."""
    if found[1] in ("amp;", "lt;", "gt;", "quot;", "apos;"):
        return found[0]
    said = html.unescape(found[0])
    if said == found[0]:
        return f"&amp;{found[1]}"
    return _UNWRITABLE.sub("", said).replace("&", "&amp;").replace("<", "&lt;")


def _name(element: _Element) -> str:
    """The name of a feed's element, ``dc:`` or ``content:`` before it; another vocabulary's has ``?`` before it."""
    if not isinstance(element.tag, str):
        return "?"
    space, _, name = element.tag.rpartition("}")
    if not space:
        return name
    return f"{_NAMESPACES.get(space.removeprefix('{'), '?')}{name}"


def _fields(element: _Element) -> dict[str, list[_Element]]:
    found: dict[str, list[_Element]] = {}
    for child in element:
        found.setdefault(_name(child), []).append(child)
    return found


def _first(fields: dict[str, list[_Element]], *names: str) -> str | None:
    """The words of the first of those fields that has any."""
    for name in names:
        for element in fields.get(name, ()):
            if words := " ".join("".join(element.itertext()).split()):
                return words
    return None


def _item(item: _Element, where: str, stem: str, lang: str | None) -> Iterator[Found]:
    fields = _fields(item)
    link, guid = _link(fields), _first(fields, "guid", "id") or item.get(_RDF_ABOUT)
    address = next((a for a in (link, guid) if a and re.match(r"https?://", a)), None)
    said = item.get(f"{_XML}lang") or _first(fields, "dc:language", "language") or lang
    reason = None
    title = text = ""
    try:
        title = " ".join(text_of(_first(fields, "title") or "").split())
        text = next(filter(None, (_text(e) for name in _TEXTS for e in fields.get(name, ()))), "") or title
    except TooMuch as error:
        reason = f"too long: {error}"
    if guid and _IRI.fullmatch(guid):
        key = guid
    elif link:
        key = link
    else:  # unique within this feed only; where there is no guid either, by what it says
        key = f"{stem}#{guid or hashlib.sha256(f'{title} {text}'.encode(errors='replace')).hexdigest()[:12]}"
    brief = Brief(key, text, _date(_first(fields, *_DATES)), "fr", title or None, address)
    yield from cut(Found(brief, where, language_of(said), reason, loose=True))


def _link(fields: dict[str, list[_Element]]) -> str | None:
    """The address of an item: RSS has it as text, Atom in an attribute, alternates before others."""
    links = fields.get("link", [])
    for element in links:
        if element.get("href") and element.get("rel", "alternate") == "alternate":
            return str(element.get("href")).strip() or None
    return next((words for e in links if (words := (e.text or "").strip())), None)


def _text(element: _Element) -> str:
    from lxml import etree

    kind = element.get("type", "html")
    if element.get("src") or (_name(element) == "content" and kind.startswith(("image/", "video/", "audio/"))):
        return ""
    if len(element):  # Atom's XHTML, or HTML that nobody escaped
        markup = (element.text or "") + "".join(etree.tostring(child, encoding="unicode", method="html") for child in element)
        text = text_of(markup)
    elif kind == "text":
        text = "\n".join(filter(None, (" ".join(line.split()) for line in (element.text or "").splitlines())))
    else:
        text = text_of(element.text or "")
    lines = text.split("\n")
    while lines and _TRAILER.fullmatch(lines[-1]):
        lines.pop()
    return _CUT_OFF.sub("…", "\n".join(lines))


def _date(value: str | None) -> str | None:
    """The day of an RFC 822 or ISO date, in its own time zone; ``None`` when it is neither."""
    if not value or len(value) > 60:
        return None
    if re.search(r"[A-Za-z]\s+0[0-9]{3}\b", value):
        return None  # the year 1, which would be taken for 2001
    if re.match(r"[0-9]{4}", value):
        day = iso_date(value) or iso_date(value[:10])
    else:
        try:
            day = parsedate_to_datetime(value).date().isoformat()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return day if day and "1970-01-01" < day < "2100" else None  # some programs write their zero where they know no date
