"""Reading briefs: plain text, Markdown, « [En bref] » pages, JSON Lines, feeds, web pages, folders and standard input.

:func:`read` streams :class:`~kg.model.Brief` values. A brief's text is kept as the document has it, without its bullet
and the white space around it; line ends become ``\\n``. A JSON Lines text is kept to the character; of markup, the words
are kept. Nothing is made up: a brief has a date only when the document gives one. Nothing is fetched.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Literal

from kg.briefs.decoding import UTF8_BOM, declared_width, decode
from kg.briefs.feeds import ROOT, read_feed
from kg.briefs.found import Found, iso_date, language_of
from kg.briefs.html import read_html
from kg.briefs.jsonl import read_json_lines
from kg.briefs.language import foreign
from kg.briefs.pages import bare, continues, front_matter, split_page
from kg.errors import ReadError, UsageError
from kg.model import Brief

__all__ = ["EXTENSIONS", "STDIN", "Skip", "checked", "continues", "decode", "foreign", "kind_of", "read", "read_document", "split_page"]

_FEEDS = (".atom", ".rdf", ".rss", ".xml")
_PAGES = (".htm", ".html", ".xhtml")
_TEXTS = (".jsonl", ".md", ".txt")
EXTENSIONS = tuple(sorted((*_FEEDS, *_PAGES, *_TEXTS)))
"""What is read in a folder; a file named by itself is read whatever its name ends in."""

STDIN = "-"
MAX_PAGE = 50_000_000
"""Bytes of a page of text, and of a line of JSON Lines."""
MAX_BRIEF = 500_000
"""Characters: the parser's memory grows with a text, and no brief is a book."""


@dataclass(frozen=True, slots=True)
class Skip:
    """A brief that was left out: its key, where it stands (file, or file and line), and why."""

    key: str
    where: str
    reason: str


def read(
    paths: Sequence[str],
    *,
    source: str | None = None,
    stdin: BinaryIO | None = None,
    on_skip: Callable[[Skip], None] | None = None,
    on_path: Callable[[str], None] | None = None,
) -> Iterator[Brief]:
    """The briefs of files, folders and standard input (``-``), one after the other, in the order given; ``on_path`` hears
    which of them the next briefs come from.

    A brief's key is its JSON Lines ``id``, the guid or address of a feed's item, the address of a web page, else ``<file
    stem>#<n>`` (``stdin#<n>``); ``source`` is put before it with a slash, and is the brief's source where the document
    names none. Empty texts, texts in another language and briefs met a second time with the same text are left out and
    told to ``on_skip``; items of feeds met a second time with another text, too.
    """
    if not paths:
        raise UsageError("nothing to read", hint="give files, folders, or - for standard input")
    if list(paths).count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once")
    return checked(_read_paths(paths, stdin, on_path or (lambda _: None)), source=source, on_skip=on_skip)


def checked(found: Iterable[Found], *, source: str | None = None, on_skip: Callable[[Skip], None] | None = None) -> Iterator[Brief]:
    """The briefs of what was found, without those that are left out; see :func:`read`."""
    skip = on_skip or (lambda _: None)
    seen: dict[str, tuple[bytes, str]] = {}
    for each in found:
        brief = each.brief
        if source:
            brief = replace(brief, key=f"{source}/{brief.key}", source=brief.source or source)
        digest = hashlib.sha256(brief.text.encode()).digest()
        if brief.key in seen:
            earlier, where = seen[brief.key]
            if earlier != digest and not each.loose:
                raise ReadError(
                    f"the key « {brief.key} » is used twice for different texts, first in {where}",
                    where=each.where,
                    hint="give each brief an id of its own, or rename one of the files",
                )
            skip(Skip(brief.key, each.where, f"already read{'' if earlier == digest else ', with another text,'} in {where}"))
            continue
        seen[brief.key] = (digest, each.where)
        if reason := each.reason or _reason_to_skip(brief.text, each.lang):
            skip(Skip(brief.key, each.where, reason))
            continue
        yield brief


def _reason_to_skip(text: str, lang: str | None) -> str | None:
    if not bare(text):
        return "empty"
    if len(text) > MAX_BRIEF:
        return f"too long: {len(text)} characters, at most {MAX_BRIEF} are read"
    if lang is not None:
        return None if lang == "fr" else f"another language: its lang is « {lang} »"
    return foreign(text)


# --- files, folders, standard input -----------------------------------------------------------------------------------


def _read_paths(paths: Sequence[str], stdin: BinaryIO | None, on_path: Callable[[str], None]) -> Iterator[Found]:
    for path in paths:
        on_path(path)
        yield from _read_path(path, stdin)


def _read_path(path: str, stdin: BinaryIO | None) -> Iterator[Found]:
    if path == STDIN:
        yield from _read_stream(stdin if stdin is not None else sys.stdin.buffer, "stdin", "stdin", "")
        return
    if "\0" in path:
        raise UsageError("no valid path", where=repr(path))
    try:
        files = _files(Path(path)) if Path(path).is_dir() else [Path(path)]
        for file in files:
            with file.open("rb") as stream:
                yield from _read_stream(stream, str(file), file.stem, file.suffix.lower())
    except FileNotFoundError as error:
        hint = "« kg watch » reads addresses" if re.match(r"https?:/", path) else ""
        raise ReadError("no such file or folder", where=str(error.filename or path), hint=hint) from error
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}", where=str(error.filename or path)) from error


def _files(folder: Path) -> list[Path]:
    """The files of a folder and of the folders in it, hidden ones left out, in the order of their paths."""

    def refuse(error: OSError) -> None:
        raise error

    found: list[Path] = []
    for where, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        found += [Path(where, n) for n in names if not n.startswith(".") and Path(n).suffix.lower() in EXTENSIONS]
    if not found:
        raise ReadError("no file of briefs in this folder", where=str(folder), hint=f"looked for {', '.join(EXTENSIONS)}")
    return sorted(found)


def _read_stream(stream: BinaryIO, where: str, stem: str, suffix: str) -> Iterator[Found]:
    """A document of the kind its name says or, where that says nothing, its first characters."""
    head: list[bytes] = []
    for line in _lines(stream, where):
        head.append(line)
        if line.removeprefix(UTF8_BOM).strip():
            break
    else:
        raise ReadError("is empty", where=where)
    braced = head[-1].removeprefix(UTF8_BOM).lstrip().startswith(b"{")
    if suffix == ".jsonl" or (braced and suffix not in (".md", ".txt")):
        yield from read_json_lines(itertools.chain(head, _lines(stream, where)), where, stem)
        return
    if suffix == ".json":
        raise ReadError("is no JSON Lines file", where=where, hint="write one JSON object a line, in a file ending in .jsonl")
    data = b"".join(head)
    data += stream.read(MAX_PAGE + 1 - len(data)) if len(data) <= MAX_PAGE else b""
    if len(data) > MAX_PAGE:
        raise ReadError(f"is larger than {MAX_PAGE // 1_000_000} MB", where=where, hint="cut it into several files, or write JSON Lines")
    yield from read_document(data, where, stem, suffix)


def _lines(stream: BinaryIO, where: str) -> Iterator[bytes]:
    """The lines of a stream, none so long that it fills the memory."""
    while line := stream.readline(MAX_PAGE + 1):
        if len(line) > MAX_PAGE:
            raise ReadError(f"has a line of more than {MAX_PAGE // 1_000_000} MB", where=where, hint="write one JSON object a line")
        yield line


def read_document(
    data: bytes, where: str, stem: str, suffix: str = "", *, address: str | None = None, encoding: str | None = None
) -> Iterator[Found]:
    """The briefs of one feed, web page or page of text held in memory, fetched from ``address`` if it was fetched."""
    kind = kind_of(data, suffix)
    if kind == "feed":
        yield from read_feed(data, where, stem, encoding=encoding)
    elif kind == "html":
        yield from read_html(data, where, stem, address=address, encoding=encoding)
    else:
        yield from _read_text(data, where, stem, suffix)


def kind_of(data: bytes, suffix: str = "") -> Literal["feed", "html", "text"]:
    """What a document is: what its name says or, where that says nothing, its beginning."""
    if suffix in (".md", ".txt"):
        return "text"
    if suffix in _FEEDS:
        return "feed"
    opening = data[:4096].decode(declared_width(data) or "latin-1", errors="replace").lstrip("\ufeffï»¿ \t\r\n")
    if not opening.startswith("<"):
        return "html" if suffix in _PAGES else "text"
    first = re.search(r"<(?!!--)[\w.:-]{1,80}|<!doctype\s{1,9}html", opening, re.IGNORECASE)
    if first and ROOT.match(f"{first[0]} "):
        return "feed"
    if suffix in _PAGES or (first and first[0].lower() in ("<html", "<!doctype html", "<head", "<body")):
        return "html"
    return "feed" if opening.startswith("<?xml") else "text"


def _read_text(data: bytes, where: str, stem: str, suffix: str) -> Iterator[Found]:
    page = decode(data, where)
    items = split_page(page, markdown=suffix == ".md")
    if not items:
        raise ReadError("holds no text", where=where)
    matter = front_matter(page)[0] if suffix == ".md" else {}
    lang = language_of(matter.get("lang"))
    date = iso_date(matter.get("date", ""))
    for number, item in enumerate(items, 1):
        title = item.title or matter.get("title") or None
        yield Found(Brief(f"{stem}#{number}", item.text, date, "fr", title, matter.get("source") or None), where, lang)
