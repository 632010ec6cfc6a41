"""Markup as it comes, made safe to parse, and what text stands in it.

libxml2 takes time that grows with the square of the attributes of one tag, and other libraries with that of the number of
elements. So markup is written anew before anything parses it: short tags, the attributes that matter, no script, no
style, no comment; and there is a bound on its elements.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

MAX_ELEMENTS = 15_000
MAX_TAG = 8_192
"""Characters. A longer tag (a picture inside its address) is left out; what stands between it and its end tag is not."""

_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z:-]{0,40})\s{0,9}=\s{0,9}("[^"]*"|'[^']*'|[^\s"'>]+)""")
_KEPT = frozenset({
    "charset", "class", "content", "datetime", "href", "http-equiv", "id", "itemprop", "itemtype", "lang", "name", "property", "pubdate",
    "rel", "role", "style", "type", "xml:lang",
})  # fmt: skip
_OPENING = re.compile(r"<(?:!--|[!?]|/?[a-zA-Z])")
_INSIDE = re.compile(r"""(?:[^>"']+|"[^"]*"|'[^']*')*+""")
_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9:-]{0,40}")
_MUTE = frozenset({"canvas", "iframe", "math", "noscript", "object", "script", "style", "svg", "template"})
_END = {name: re.compile(rf"</{name}\b[^>]{{0,99}}>", re.IGNORECASE) for name in _MUTE}
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class TooMuch(Exception):
    """Markup of more elements than are read."""

    def __str__(self) -> str:
        return f"more than {MAX_ELEMENTS} elements"


def rewritten(markup: str) -> str:
    """The markup without what is never text, in time proportional to its length. :class:`TooMuch` beyond the bound.

    Metadata in JSON-LD is kept: it holds a page's date.
    """
    markup = _CONTROLS.sub("", markup)
    out: list[str] = []
    at = elements = 0
    unclosed: set[str] = set()
    while opening := _OPENING.search(markup, at):
        out.append(markup[at : opening.start()])
        start = opening.start()
        if opening[0] == "<!--":
            end = markup.find("-->", start + 4)
            at = end + 3 if end >= 0 else len(markup)
            continue
        if opening[0] in ("<!", "<?"):
            if markup.startswith("<![CDATA[", start):
                at = start + 9
                continue
            end = markup.find(">", start)
            at = end + 1 if end >= 0 else len(markup)
            continue
        inside = _INSIDE.match(markup, start + 1)
        assert inside is not None  # it matches nothing at all, too
        at = inside.end() + 1 if markup.startswith(">", inside.end()) else max(inside.end(), start + 2)
        tag = inside[0]
        found = _NAME.match(tag)
        name = found[0].lower() if found else ""
        if name in _MUTE and not tag.endswith("/") and name not in unclosed:
            closing = _END[name].search(markup, at)
            if closing is None:
                unclosed.add(name)  # not looked for again: that is what keeps this linear
            elif name == "script" and "ld+json" in tag[:200]:
                out.append(f'<script type="application/ld+json">{markup[at : closing.start()]}</script>')
                at = closing.end()
            else:
                out.append(" ")
                at = closing.end()
            continue
        if not name or name.lstrip("/") in _MUTE or len(tag) > MAX_TAG:
            continue
        elements += not name.startswith("/")
        if elements > MAX_ELEMENTS:
            raise TooMuch
        out.append(f"<{name}{''.join(_attributes(tag))}>")
    out.append(markup[at:])
    return "".join(out)


def _attributes(tag: str) -> list[str]:
    kept: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(tag):
        name = found[1].lower()
        if name in _KEPT:
            kept.setdefault(name, found[2].strip("\"'").replace('"', "&quot;").replace("<", "&lt;"))
    return [f' {name}="{value}"' for name, value in kept.items()]


def parse(markup: str) -> HtmlElement | None:
    """The tree of markup that has been :func:`rewritten`; ``None`` if there is nothing in it."""
    from lxml import etree
    from lxml.html import HTMLParser, document_fromstring

    try:
        # Bytes, since lxml refuses text that declares an encoding.
        return document_fromstring(markup.encode(), parser=HTMLParser(encoding="utf-8", no_network=True, huge_tree=False))
    except (etree.LxmlError, ValueError, AssertionError):
        return None


_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "dd", "details", "div", "dl", "dt", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre", "section", "table", "td", "th", "tr", "ul",
})  # fmt: skip
_UNREAD = frozenset({"button", "figcaption", "figure", "head", "select", "textarea"})


def text_of(markup: str) -> str:
    """The text of a fragment of HTML: a line a block, « - » before the points of a list."""
    if "<" not in markup and "&" not in markup:
        return _lines(markup)
    tree = parse(rewritten(markup) if "<" in markup else markup.replace("<", "&lt;"))
    if tree is None:
        return ""
    out: list[str] = []
    mute = 0
    from lxml import etree

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            mute += name in _UNREAD
            if not mute:
                out.append("\n- " if name == "li" else "\n" if name in _BLOCKS else "")
                out.append(_SPACES.sub(" ", element.text or "") if name else "")
        else:
            mute -= name in _UNREAD
            if not mute:
                out.append("\n" if name in _BLOCKS else "")
                out.append(_SPACES.sub(" ", element.tail or ""))
    return _lines("".join(out))


_SPACES = re.compile(r"[ \t\r\n\f]+")


def _lines(text: str) -> str:
    lines = (_SPACES.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line and line != "-")
