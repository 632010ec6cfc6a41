"""Bytes as text: encodings told by a mark, declared, or guessed."""

from __future__ import annotations

import codecs
import re

from kg.errors import ReadError

_WIDE = (
    (b"\xff\xfe\0\0", "utf-32-le"),
    (b"\0\0\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{1,40})|<meta[^>]{0,200}?\bcharset\s*=\s*["']?\s*([\w.:-]{1,40})""",
    re.IGNORECASE,
)

UTF8_BOM = b"\xef\xbb\xbf"
_BINARY = re.compile(rb"\x00|\A(?:%PDF-|\x89PNG|PK\x03\x04|\x1f\x8b|GIF8|\xff\xd8\xff)")
_CONTROLS = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MULTIBYTE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH = re.compile(rb"[\x80-\xff]")


def decode(data: bytes, where: str) -> str:
    """Bytes as text: UTF-8 with or without its mark, else Windows-1252, which Latin-1 prose is a part of.

    Bytes that are mostly UTF-8 with something broken in it are refused, not misread as Windows-1252.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReadError("is UTF-16 text", where=where, hint="save it as UTF-8")
    if _BINARY.search(data) or len(_CONTROLS.findall(data)) * 100 > len(data):
        raise ReadError("is a binary file", where=where, hint="briefs are read from text, Markdown and JSON Lines")
    try:
        return data.removeprefix(UTF8_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        whole = _MULTIBYTE.findall(data)
        stray = len(_HIGH.findall(data)) - sum(map(len, whole))
        if data.startswith(UTF8_BOM) or len(whole) > stray:
            raise ReadError(f"is UTF-8 with a broken character on line {line}", where=where, hint="save it again as UTF-8") from error
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadError(f"is neither UTF-8 nor Windows-1252 text (line {line})", where=where, hint="save it as UTF-8") from error


def declared_width(data: bytes) -> str | None:
    """UTF-16 or UTF-32, told by a mark or by the first « < »; ``None`` for the encodings ASCII is a part of."""
    return next((codec for mark, codec in _WIDE if data.startswith(mark)), None)


def decode_markup(data: bytes, told: str | None = None) -> str:
    """XML or HTML as text: by its mark; as UTF-8 wherever it is valid UTF-8, whatever is declared; else by the encoding
    told by who sent it, or declared in it; else as Windows-1252, a stray byte replaced.

    Declarations are often wrong (a page of Latin-1 that says UTF-8, and the other way round), and text in one of the
    old encodings is next to never valid UTF-8 by chance.
    """
    if wide := declared_width(data):
        return data.decode(wide, errors="replace").removeprefix("\ufeff")
    data = data.removeprefix(UTF8_BOM)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.search(data, 0, 4096)
    names = [told, (declared[1] or declared[2]).decode("ascii", errors="replace") if declared else None]
    for name in names:
        codec = _text_codec(name) if name else None
        if codec is None or codec == "utf-8":
            continue
        try:
            return data.decode(codec)
        except (UnicodeError, ValueError):
            continue
    said_utf8 = any(name and _text_codec(name) == "utf-8" for name in names)
    whole = sum(map(len, _MULTIBYTE.findall(data)))
    if said_utf8 and whole * 2 > len(_HIGH.findall(data)):
        return data.decode("utf-8", errors="replace")  # one broken character in a page that is what it says
    return data.decode("cp1252", errors="replace")


def _text_codec(name: str) -> str | None:
    """Python's name of an encoding of text. Latin-1 on the web is Windows-1252."""
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not getattr(found, "_is_text_encoding", True) or found.name in ("idna", "punycode", "utf-7", "unicode_escape", "raw_unicode_escape"):
        return None
    if found.name.startswith(("utf-16", "utf-32")):  # it could not have been read so far, were that true
        return None
    return "cp1252" if found.name in ("iso8859-1", "ascii") else found.name
