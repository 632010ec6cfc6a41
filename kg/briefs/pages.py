"""Pages of briefs, plain or Markdown, cut into their items."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kg.briefs.rules import rules


@dataclass(frozen=True, slots=True)
class Item:
    """One brief as cut out of a page."""

    text: str
    title: str | None = None


_BLANK = "".join(c for c in map(chr, range(0x3001)) if c.isspace()) + "\ufeff\u200b\u2060"
_RULE = re.compile(r"\s*([-*_=~–—])(?:\s*\1){2,}\s*")
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*)")
_BULLET = re.compile(r"(?P<indent>\s*)(?P<mark>[-–—*+](?=\s|$)|[►▶▸•●▪■◦‣➤➔]\ufe0f?)\s*(?P<text>.*)")


def bare(text: str) -> str:
    """Without white space, no-break and invisible ones too, at either end."""
    return text.strip(_BLANK)


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
        page = _plain(front_matter(page)[1])
    items: list[Item] = []
    for section in _sections(page.split("\n")):
        lines = _without_enumerations(section.lines)
        if any(_BULLET.fullmatch(line) for line in lines):
            items += _bulleted(lines, section)
        elif section.whole:
            items += _item(section.lines, section.title)
        else:
            items += _paragraphs(section.lines, section.title)
    title = bare(page)
    if not items and any(map(str.isalnum, title)):  # a page of nothing but its title: somebody wants it read
        tagged = rules().tag.fullmatch(title.split("\n")[0])
        return _item([tagged["title"] if tagged else title.lstrip("# ")], None)
    return items


def front_matter(page: str) -> tuple[dict[str, str], str]:
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
    levels = Counter(len(m[1]) for line in lines if (m := _HEADING.fullmatch(line)))
    tagged = sum(rules().tag.fullmatch(bare(line)) is not None for line in lines)
    title: str | None = None
    page_title: str | None = None
    whole, body, begun = False, list[str](), False

    def flush() -> Iterator[_Section]:
        if any(map(bare, body)):
            yield _Section(title, whole, tuple(body))
        body.clear()

    for line in lines:
        heading, tag = _HEADING.fullmatch(line), rules().tag.fullmatch(bare(line))
        if heading:
            yield from flush()
            level = len(heading[1])
            of_page = not begun and levels[level] == 1
            title, whole = bare(heading[2].rstrip("# ")) or None, not of_page
            page_title = title if of_page else page_title
        elif tag:
            yield from flush()
            title, whole = bare(tag["title"]) or tag["tag"], tagged > 1
            page_title = None if whole else title
        elif _RULE.fullmatch(line):
            yield from flush()
            title, whole = page_title, False
        else:
            body.append(line)
        begun = begun or bool(bare(line))
    yield from flush()


def _item(lines: Iterable[str], title: str | None) -> list[Item]:
    """The item those lines make, if they hold any text; a run of blank lines becomes one."""
    text = bare(re.sub(r"\n[^\S\n]*\n\s*\n", "\n\n", "\n".join(lines)))
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
    at, texts, last = 0, 0, ""
    while at < len(out):
        if not _BULLET.fullmatch(out[at]):
            if out[at].strip():
                texts, last = texts + 1, out[at]
            at += 1
            continue
        end = at
        while end < len(out) and (_BULLET.fullmatch(out[end]) or not out[end].strip()):
            end += 1
        points = [line for line in out[at:end] if line.strip()]
        announced = last.rstrip().endswith(":") and (texts > 1 or _BULLET.fullmatch(last))
        if announced and sum(map(_ended, points)) * 2 <= len(points):
            out[at:end] = [f"\u200b{line}" for line in out[at:end]]
        texts, last, at = texts + len(points), points[-1], end
    return out


def _bulleted(lines: Sequence[str], section: _Section) -> Iterator[Item]:
    """Items opened by bullets of the first one's kind and indent; deeper and other ones belong to the item."""
    first = next(i for i, line in enumerate(lines) if _BULLET.fullmatch(line))
    opening = _BULLET.fullmatch(lines[first])
    assert opening is not None
    title, before = section.title, [line.removeprefix("\u200b") for line in lines[:first]]
    heads = [bare(line) for line in before if bare(line)]
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
        title = bare("\n".join(paragraphs.pop(0)))
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
    pairs = [(a, b) for a, b in itertools.pairwise(lines) if bare(a) and bare(b)]
    broken = [a for a, b in pairs if not _ended(a) and not _enumerates(a, b)]
    wrapped = len(broken) * 2 > len(pairs)
    out: list[list[str]] = []
    for i, line in enumerate(lines):
        above = lines[i - 1] if i else ""
        if not bare(line):
            if out:
                out[-1].append(line)
        elif out and bare(above) and (wrapped or _enumerates(above, line) or (not _ended(above) and bare(line)[0].islower())):
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
    head = [line for line in paragraphs[0] if bare(line)]
    after = bare("\n".join(paragraphs[1]))
    if len(head) != 1 or _ended(head[0]) or len(head[0]) > 150 or not _ended(after):
        return False
    return not continues(after, head[0])


# --- does a paragraph continue the item above? ------------------------------------------------------------------------

_ELISION = r"(?:\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’])"
_NAME_WORD = r"(?:[^\W\d_]|(?<!\d)\d+(?=[^\W\d_]))[\w+&@#²-]*(?:\.\w+)*"
_TOKEN = re.compile(rf"(?P<elided>{_ELISION})?(?P<word>{_NAME_WORD})(?:['’]s\b)?", re.IGNORECASE)
_FIRST_SENTENCE = re.compile(r".*?(?<!\b[A-Z])[.!?…](?=\s+(?:[«\"“]\s*)?[A-ZÀ-ÖØ-Þ])", re.DOTALL)


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
    known = rules()
    text = bare(paragraph)
    if text.startswith(known.quotes) or text[:1].islower() or _BULLET.fullmatch(text.split("\n")[0]):
        return True
    opening = re.sub(r"\s+", " ", text[:80].casefold().replace("’", "'"))
    if not known.exceptions.match(opening):
        word = re.match(r"c'|[^\W\d_]+(?:-[^\W\d_]+)*", opening)
        if (word and word[0] in known.words) or known.phrases.match(opening):
            return True
    first = _FIRST_SENTENCE.match(text)
    return any(map(names.repeats, _names(first[0] if first else text, ordinary)))


def _lower_words(text: str) -> frozenset[str]:
    """The words a page writes with a small letter."""
    return frozenset(m["word"] for m in _TOKEN.finditer(text) if m["word"].islower())


def _names(text: str, ordinary: frozenset[str]) -> set[tuple[str, ...]]:
    """Runs of capitalised words, folded to lower case; ordinary words at their start and shared names are left out."""
    known = rules()
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
        first = 0
        while first < len(run) and (folded[first] in known.ordinary or (run[first].istitle() and folded[first] in ordinary)):
            first += 1
        folded = folded[first:]
        if folded and " ".join(folded) not in known.shared and not (len(folded) == 1 and len(folded[0]) == 1):
            names.add(tuple(folded))
    return names
