"""Reading briefs: plain text, Markdown, « [En bref] » pages, JSON Lines, folders and standard input.

:func:`read` streams :class:`~kg.model.Brief` values. A brief's text is kept as the document has it, without its bullet
and the white space around it; line ends become ``\\n``. A JSON Lines text is kept to the character. Nothing is made up:
a brief has a date only when the document gives one.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date as calendar_date
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from kg.errors import ReadError, UsageError
from kg.model import Brief
from kg.ontology import read_toml

EXTENSIONS = (".jsonl", ".md", ".txt")
"""What is read in a folder; a file named by itself is read whatever its name ends in."""

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Skip:
    """A brief that was left out: its key, where it stands (file, or file and line), and why."""

    key: str
    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Item:
    """One brief as cut out of a page."""

    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """A brief before the checks all briefs share. ``lang`` is what the document says, if anything."""

    brief: Brief
    where: str
    lang: str | None = None


def read(
    paths: Sequence[str],
    *,
    source: str | None = None,
    stdin: BinaryIO | None = None,
    on_skip: Callable[[Skip], None] | None = None,
) -> Iterator[Brief]:
    """The briefs of files, folders and standard input (``-``), one after the other, in the order given.

    A brief's key is its JSON Lines ``id``, else ``<file stem>#<n>`` (``stdin#<n>``); ``source`` is put before it with a
    slash, and is the brief's source where the document names none. Empty texts, texts in another language and briefs met
    a second time with the same text are left out and told to ``on_skip``.
    """
    if not paths:
        raise UsageError("nothing to read", hint="give files, folders, or - for standard input")
    if list(paths).count(STDIN) > 1:
        raise UsageError("standard input (-) can be read only once")
    skip = on_skip or (lambda _: None)
    seen: dict[str, tuple[bytes, str]] = {}
    for found in itertools.chain.from_iterable(_read_path(path, stdin) for path in paths):
        brief = found.brief
        if source:
            brief = replace(brief, key=f"{source}/{brief.key}", source=brief.source or source)
        digest = hashlib.sha256(brief.text.encode()).digest()
        if brief.key in seen:
            earlier, where = seen[brief.key]
            if earlier != digest:
                raise ReadError(
                    f"the key « {brief.key} » is used twice for different texts, first in {where}",
                    where=found.where,
                    hint="give each brief an id of its own, or rename one of the files",
                )
            skip(Skip(brief.key, found.where, f"already read in {where}"))
            continue
        seen[brief.key] = (digest, found.where)
        if reason := _reason_to_skip(brief.text, found.lang):
            skip(Skip(brief.key, found.where, reason))
            continue
        yield brief


def _reason_to_skip(text: str, lang: str | None) -> str | None:
    if not _strip(text):
        return "empty"
    if lang is not None:
        return None if lang == "fr" else f"another language: its lang is « {lang} »"
    return foreign(text)


# --- files, folders, standard input -----------------------------------------------------------------------------------


def _read_path(path: str, stdin: BinaryIO | None) -> Iterator[_Found]:
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
        raise ReadError("no such file or folder", where=str(error.filename or path)) from error
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


def _read_stream(stream: BinaryIO, where: str, stem: str, suffix: str) -> Iterator[_Found]:
    """JSON Lines when the name says so or, for a name that says nothing, when the first character is a brace."""
    head: list[bytes] = []
    for line in stream:
        head.append(line)
        if line.removeprefix(_UTF8_BOM).strip():
            break
    else:
        raise ReadError("is empty", where=where)
    braced = head[-1].removeprefix(_UTF8_BOM).lstrip().startswith(b"{")
    if suffix == ".jsonl" or (braced and suffix not in (".md", ".txt")):
        yield from _read_json_lines(itertools.chain(head, stream), where, stem)
        return
    if suffix == ".json":
        raise ReadError("is no JSON Lines file", where=where, hint="write one JSON object a line, in a file ending in .jsonl")
    page = decode(b"".join(head) + stream.read(), where)
    items = split_page(page, markdown=suffix == ".md")
    if not items:
        raise ReadError("holds no text", where=where)
    matter = _front_matter(page)[0] if suffix == ".md" else {}
    lang = _lang(matter.get("lang"))
    date = _date(matter.get("date", ""))
    for number, item in enumerate(items, 1):
        title = item.title or matter.get("title") or None
        yield _Found(Brief(f"{stem}#{number}", item.text, date, "fr", title, matter.get("source") or None), where, lang)


_UTF8_BOM = b"\xef\xbb\xbf"
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
        return data.removeprefix(_UTF8_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        whole = _MULTIBYTE.findall(data)
        stray = len(_HIGH.findall(data)) - sum(map(len, whole))
        if data.startswith(_UTF8_BOM) or len(whole) > stray:
            raise ReadError(f"is UTF-8 with a broken character on line {line}", where=where, hint="save it again as UTF-8") from error
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ReadError(f"is neither UTF-8 nor Windows-1252 text (line {line})", where=where, hint="save it as UTF-8") from error


# --- JSON Lines -------------------------------------------------------------------------------------------------------


def _read_json_lines(lines: Iterable[bytes], file: str, stem: str) -> Iterator[_Found]:
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
        lang = _lang(_string(record, "lang", where))
        brief = Brief(
            _key(record, where) or f"{stem}#{number}",
            _text(record, where),
            _record_date(record, where),
            "fr",
            _string(record, "title", where),
            _string(record, "source", where),
        )
        yield _Found(brief, where, lang)


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
    if date := _date(value):
        return date
    raise ReadError(f"« date » is no ISO date: {value[:40]!r}", where=where, hint="write 2021-05-18, 2021-05 or 2021")


def _date(value: str) -> str | None:
    """An ISO date as given; of a date with a time, the date. ``None`` when it is none."""
    if re.fullmatch(r"[0-9]{4}", value):
        return value if value != "0000" else None
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


def _lang(value: str | None) -> str | None:
    """The language itself: ``fr`` of ``fr-FR``."""
    return re.split(r"[-_]", value.strip().casefold())[0] or None if value else None


# --- the language of a text -------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+['’]?")


def foreign(text: str) -> str | None:
    """Why a text is surely in another language than French, or ``None``: only on strong evidence."""
    rules = _rules()
    letters = [c for c in text if c.isalpha()]
    if len(letters) < rules.letters:
        return None
    words = [w.casefold().replace("’", "'") for w in _WORD.findall(text)]
    french = sum(w in rules.french for w in words)
    other = sum(w in rules.other for w in words)
    if french > rules.share * len(words):
        return None
    if other <= rules.other_share * len(words) and sum(c < "\u0250" for c in letters) * 2 > len(letters):
        return None  # a list of names, or a telegram: nothing says that it is another language
    return f"another language: {french} French function words in {len(words)} words"


# --- pages ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rules:
    """``kg/fr/pages.toml``, read."""

    tag: re.Pattern[str]
    quotes: tuple[str, ...]
    words: frozenset[str]
    phrases: re.Pattern[str]
    exceptions: re.Pattern[str]
    ordinary: frozenset[str]
    shared: frozenset[str]
    letters: int
    share: float
    french: frozenset[str]
    other_share: float
    other: frozenset[str]


@cache
def _rules() -> _Rules:
    data = read_toml(Path(__file__).with_name("fr") / "pages.toml")
    follow, names, language = data["continuation"], data["names"], data["language"]

    def opening(phrases: Iterable[str]) -> re.Pattern[str]:
        return re.compile(rf"(?:{'|'.join(map(re.escape, sorted(phrases, reverse=True)))})(?!\w)")

    return _Rules(
        re.compile(rf"\[\s*(?P<tag>{'|'.join(map(re.escape, data['page']['tags']))})\s*\]\s*[:–—-]?\s*(?P<title>.*)", re.IGNORECASE),
        tuple(follow["quotes"]),
        frozenset(follow["words"]),
        opening(follow["phrases"]),
        opening(follow["except"]),
        frozenset(names["ordinary"]),
        frozenset(names["shared"]),
        language["letters"],
        language["share"],
        frozenset(language["words"]),
        language["other_share"],
        frozenset(itertools.chain.from_iterable(language["other"].values())),
    )


_AROUND = "\ufeff\u200b\u2060"
_RULE = re.compile(r"\s*([-*_=~–—])(?:\s*\1){2,}\s*")
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*)")
_BULLET = re.compile(r"(?P<indent>\s*)(?P<mark>[-–—*+](?=\s|$)|[►▶▸•●▪■◦‣➤➔]\ufe0f?)\s*(?P<text>.*)")


def _strip(text: str) -> str:
    """Without white space, no-break and invisible ones too, at either end."""
    before = None
    while text != before:
        before, text = text, text.strip().strip(_AROUND)
    return text


@dataclass(frozen=True, slots=True)
class _Section:
    """A run of lines between two headings or rules. ``whole``: its heading is one item's own."""

    title: str | None
    whole: bool
    lines: tuple[str, ...]


def split_page(page: str, *, markdown: bool = False) -> list[Item]:
    """Cuts a page into its items.

    With bullets, each opens an item and all that follows belongs to it. Without, a paragraph opens an item unless it
    continues the one above (:func:`continues`). A first line in « [En bref] » and a heading of the page are its title,
    in no item; where there are several, each is the title of the one item below it.
    """
    page = page.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if markdown:
        page = _plain(_front_matter(page)[1])
    items: list[Item] = []
    for section in _sections(page.split("\n")):
        lines = _without_enumerations(section.lines)
        if any(_BULLET.fullmatch(line) for line in lines):
            items += _bulleted(lines, section)
        elif section.whole:
            items += _item(section.lines, section.title)
        else:
            items += _paragraphs(section.lines, section.title)
    title = _strip(page)
    if not items and any(map(str.isalnum, title)):  # a page of nothing but its title: somebody wants it read
        tagged = _rules().tag.fullmatch(title.split("\n")[0])
        return _item([tagged["title"] if tagged else title.lstrip("# ")], None)
    return items


def _front_matter(page: str) -> tuple[dict[str, str], str]:
    """The ``key: value`` lines between two ``---`` that open a Markdown file, and the page without them."""
    m = re.match(r"\ufeff?---[ \t]*\r?\n(?P<matter>(?:[^\n]*\n)*?)---[ \t]*(?:\r?\n|\Z)", page)
    if not m:
        return {}, page
    lines = m["matter"].splitlines()
    if not all(re.match(r"\s|#|-|\w[\w-]*\s*:|$", line) for line in lines):
        return {}, page
    pairs = (re.fullmatch(r"(\w+)\s*:\s*(.*?)\s*", line) for line in lines)
    return {p[1].casefold(): p[2].strip("\"'") for p in pairs if p}, page[m.end() :]


def _plain(page: str) -> str:
    """Markdown's inline marks taken off: images, links, code, strong, emphasis."""
    page = re.sub(r"!\[[^\[\]\n]{0,500}\]\([^()\n]{0,2000}\)", "", page)
    page = re.sub(r"\[([^\[\]\n]{1,500})\]\([^()\n]{0,2000}\)", r"\1", page)
    page = re.sub(r"`([^`\n]{1,500})`", r"\1", page)
    page = re.sub(r"(\*\*|__)(?=\S)([^\n]{1,500}?)(?<=\S)\1", r"\2", page)
    return re.sub(r"(?<![\w*])(\*|_)(?=[^\s*_])([^\n*_]{1,500}?)(?<=\S)\1(?![\w*])", r"\2", page)


def _sections(lines: Sequence[str]) -> Iterator[_Section]:
    """Parts a page at its headings, « [En bref] » lines and rules."""
    levels = [len(m[1]) for line in lines if (m := _HEADING.fullmatch(line))]
    tagged = sum(_rules().tag.fullmatch(_strip(line)) is not None for line in lines)
    title: str | None = None
    page_title: str | None = None
    whole, body, begun = False, list[str](), False

    def flush() -> Iterator[_Section]:
        if any(map(_strip, body)):
            yield _Section(title, whole, tuple(body))
        body.clear()

    for line in lines:
        heading, tag = _HEADING.fullmatch(line), _rules().tag.fullmatch(_strip(line))
        if heading:
            yield from flush()
            level = len(heading[1])
            of_page = not begun and levels.count(level) == 1
            title, whole = _strip(heading[2].rstrip("# ")) or None, not of_page
            page_title = title if of_page else page_title
        elif tag:
            yield from flush()
            title, whole = _strip(tag["title"]) or tag["tag"], tagged > 1
            page_title = None if whole else title
        elif _RULE.fullmatch(line):
            yield from flush()
            title, whole = page_title, False
        else:
            body.append(line)
        begun = begun or bool(_strip(line))
    yield from flush()


def _item(lines: Iterable[str], title: str | None) -> list[Item]:
    """The item those lines make, if they hold any text; a run of blank lines becomes one."""
    text = _strip(re.sub(r"\n[^\S\n]*\n\s*\n", "\n\n", "\n".join(lines)))
    return [Item(text, title)] if text else []


def _ended(line: str) -> bool:
    """Whether a line ends as a sentence does: a full stop or the like, brackets and quotation marks after it or not."""
    return re.search(r"(?:[.!?…][\s»”\")\]]*|[»”\"]\s*)\Z", line[-80:]) is not None


def _class_of(mark: str) -> str:
    """Dashes, stars and plus signs are one bullet; a symbol is its own."""
    return "-" if mark[0] in "-–—*+" else mark[0]


def _without_enumerations(lines: Sequence[str]) -> list[str]:
    """The lines, with the bullets of an enumeration inside a text (« trois sites : ») indented away from being items.

    An enumeration follows a line of text that ends in a colon, and most of its points are no sentences. A first line that
    ends so announces the page's items.
    """
    out = list(lines)
    at = 0
    while at < len(out):
        if not _BULLET.fullmatch(out[at]):
            at += 1
            continue
        end = at
        while end < len(out) and (_BULLET.fullmatch(out[end]) or not out[end].strip()):
            end += 1
        texts = [line for line in out[:at] if line.strip()]
        points = [line for line in out[at:end] if line.strip()]
        announced = texts and texts[-1].rstrip().endswith(":") and (len(texts) > 1 or _BULLET.fullmatch(texts[-1]))
        if announced and sum(map(_ended, points)) * 2 <= len(points):
            out[at:end] = [f"\u200b{line}" for line in out[at:end]]
        at = end
    return out


def _bulleted(lines: Sequence[str], section: _Section) -> Iterator[Item]:
    """Items opened by bullets of the first one's kind and indent; deeper and other ones belong to the item."""
    first = next(i for i, line in enumerate(lines) if _BULLET.fullmatch(line))
    opening = _BULLET.fullmatch(lines[first])
    assert opening is not None
    title, before = section.title, [line.removeprefix("\u200b") for line in lines[:first]]
    heads = [_strip(line) for line in before if _strip(line)]
    if len(heads) == 1 and (not _ended(heads[0]) or heads[0].endswith(":")):
        title = title or heads[0].rstrip(" :\u00a0\u202f")
    else:
        yield from _paragraphs(before, title)
    depth, kind = len(opening["indent"].expandtabs(4)), _class_of(opening["mark"])
    body: list[str] = []
    for line in lines[first:]:
        m = _BULLET.fullmatch(line)
        if m and _class_of(m["mark"]) == kind and len(m["indent"].expandtabs(4)) < depth + 2:
            yield from _item(body, title)
            body = [m["text"]]
        else:
            body.append(line.lstrip().removeprefix("\u200b") if not m else m["text"])
    yield from _item(body, title)


def _paragraphs(lines: Sequence[str], title: str | None) -> Iterator[Item]:
    """Items of a run of lines without bullets."""
    paragraphs = _cut(lines)
    if title is None and len(paragraphs) > 1 and _is_title(paragraphs):
        title = _strip("\n".join(paragraphs.pop(0)))
    ordinary = _lower_words("\n".join(lines))
    body: list[str] = []
    names = _Names()
    for paragraph in paragraphs:
        text = "\n".join(paragraph)
        if body and not _continues(text, names, ordinary):
            yield from _item(body, title)
            body, names = [], _Names()
        body += paragraph
        names.add(_names(text, ordinary))
    yield from _item(body, title)


def _cut(lines: Sequence[str]) -> list[list[str]]:
    """Lines → paragraphs, each with the blank lines after it.

    Where text is wrapped by hand (most lines that have a line right under them break off inside a sentence) only a blank
    line ends a paragraph; elsewhere every line is one, but for one that ends in the middle of a sentence before a lower case.
    """
    pairs = [(a, b) for a, b in itertools.pairwise(lines) if _strip(a) and _strip(b)]
    broken = [a for a, b in pairs if not _ended(a) and not _enumerates(a, b)]
    wrapped = len(broken) * 2 > len(pairs)
    out: list[list[str]] = []
    for i, line in enumerate(lines):
        above = lines[i - 1] if i else ""
        if not _strip(line):
            if out:
                out[-1].append(line)
        elif out and _strip(above) and (wrapped or _enumerates(above, line) or (not _ended(above) and _strip(line)[0].islower())):
            out[-1].append(line)
        else:
            out.append([line])
    return out


def _enumerates(above: str, line: str) -> bool:
    """Whether a line is a point of an enumeration announced above (``:``) or the next one."""
    bullet = _BULLET.fullmatch(line)
    return bullet is not None and (above.rstrip().endswith(":") or _BULLET.fullmatch(above) is not None)


def _is_title(paragraphs: Sequence[Sequence[str]]) -> bool:
    """Whether the first paragraph is a title: one short line that is no sentence, before sentences about something else."""
    head = [line for line in paragraphs[0] if _strip(line)]
    after = _strip("\n".join(paragraphs[1]))
    if len(head) != 1 or _ended(head[0]) or len(head[0]) > 150 or not _ended(after):
        return False
    return not continues(after, head[0])


# --- does a paragraph continue the item above? ------------------------------------------------------------------------

_ELISION = r"(?:\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’])"
_NAME_WORD = r"(?:[^\W\d_]|\d+(?=[^\W\d_]))[\w+&@#²-]*(?:\.\w+)*"
_TOKEN = re.compile(rf"(?P<elided>{_ELISION})?(?P<word>{_NAME_WORD})(?:['’]s\b)?", re.IGNORECASE)
_FIRST_SENTENCE = re.compile(r".*?(?<!\b[A-Z])[.!?…](?=\s+[«\"“]?\s*[A-ZÀ-ÖØ-Þ])", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of an item so far, whole, and the words of those of several words."""

    whole: set[tuple[str, ...]] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)

    def add(self, names: Iterable[tuple[str, ...]]) -> None:
        """Takes in the names of one more paragraph."""
        for name in names:
            self.whole.add(name)
            if len(name) > 1:
                self.parts.update(w for w in name if len(w) > 2)

    def repeats(self, name: tuple[str, ...]) -> bool:
        """Whether a name is one of these, or a word of one (« Jelensperger », « Butler »), or holds one as a word."""
        if len(name) == 1:
            return name in self.whole or name[0] in self.parts
        return name in self.whole or any((w,) in self.whole for w in name if len(w) > 2)


def continues(paragraph: str, item: str) -> bool:
    """Whether a paragraph belongs to the item above it.

    It does when it opens with a quotation mark, a demonstrative, a third-person pronoun or a phrase such as « En cause »
    (``kg/fr/pages.toml``), with a lower-case letter, or when its first sentence repeats a name of the item.
    """
    ordinary, names = _lower_words(f"{item}\n{paragraph}"), _Names()
    names.add(_names(item, ordinary))
    return _continues(paragraph, names, ordinary)


def _continues(paragraph: str, names: _Names, ordinary: frozenset[str]) -> bool:
    """:func:`continues`, given the item's names and the words the page also writes in lower case: those are no names."""
    rules = _rules()
    text = _strip(paragraph)
    if text.startswith(rules.quotes) or text[:1].islower() or _BULLET.fullmatch(text.split("\n")[0]):
        return True
    opening = re.sub(r"\s+", " ", text[:80].casefold().replace("’", "'"))
    if not rules.exceptions.match(opening):
        word = re.match(r"c'|[^\W\d_]+(?:-[^\W\d_]+)*", opening)
        if (word and word[0] in rules.words) or rules.phrases.match(opening):
            return True
    first = _FIRST_SENTENCE.match(text)
    return any(map(names.repeats, _names(first[0] if first else text, ordinary)))


def _lower_words(text: str) -> frozenset[str]:
    """The words a page writes with a small letter."""
    return frozenset(m["word"] for m in _TOKEN.finditer(text) if m["word"].islower())


def _names(text: str, ordinary: frozenset[str]) -> set[tuple[str, ...]]:
    """Runs of capitalised words, folded to lower case; ordinary words at their start and shared names are left out."""
    rules = _rules()
    runs: list[list[str]] = []
    end = -2
    for m in _TOKEN.finditer(text):
        word = m["word"]
        if not any(map(str.isupper, word)):
            continue
        if m.start() == end + 1 and text[end] in " \u00a0\u202f-" and not m["elided"] and runs:
            runs[-1].append(word)
        else:
            runs.append([word])
        end = m.end()
    names: set[tuple[str, ...]] = set()
    for run in runs:
        folded = [w.casefold() for w in run]
        while folded and (folded[0] in rules.ordinary or (run[len(run) - len(folded)].istitle() and folded[0] in ordinary)):
            folded.pop(0)
        if folded and " ".join(folded) not in rules.shared and not (len(folded) == 1 and len(folded[0]) == 1):
            names.add(tuple(folded))
    return names
