"""Coverage-guided fuzzing, run by hand (``make fuzz``): no crash, no hang, and every span within its text.

``python tests/fuzz/fuzz.py TARGET [libFuzzer's options] [CORPUS]``. An input that breaks something is written to
``crash-…`` where it was run; give that file in place of the corpus to see it again.
"""

from __future__ import annotations

import io
import sys
import time
import tomllib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["kg.briefs", "kg.fr", "kg.extract"]):
    from kg import ontology
    from kg.briefs import foreign, read, read_document
    from kg.briefs.found import Found
    from kg.errors import KgError
    from kg.examples import parse_marked
    from kg.extract import Reader
    from kg.fr.quantities import find
    from kg.fr.words import plain, split
    from kg.model import Brief

ROOT = Path(__file__).parents[2]
SUFFIXES = ("", ".txt", ".md", ".jsonl", ".xml", ".html")
DAYS = (None, "2021-05-20", "2024-02-29", "2000-01-01", "1970-01-02", "2099-12-31")
SECONDS = 2.0
"""Allowed for one input, and as much again for each ten thousand bytes: instrumented code is several times slower."""


class Slow(Exception):
    """An input took too long."""


MARKUP = (
    *"<>&;\"'=/!?-[]:#x \n", "<p>", "</p>", "<item>", "</item>", "<description>", "<title>", "</title>", "<guid>", "<link href='http://a.example/'/>",
    "<![CDATA[", "]]>", "<!--", "-->", "<script>", "</script>", "<rss>", "<feed>", "<entry>", "<content type='xhtml'>", "<content:encoded>",
    "<html lang='fr'>", "<head>", "<body>", "<article>", "<meta property='og:title' content='x'>", "<time datetime='2021-05-18'>",
    "<ul><li>",
    "&amp;", "&lt;", "&eacute;", "&#xD800;", "&#0;", "&#65536;", "é", "\ud7ff", "\ufffe", "😀", "<!DOCTYPE", "<!ENTITY",
    "<?xml version='1.0'?>",
    "<pubDate>Tue, 18 May 2021 09:30:00 +0200</pubDate>", "<dc:date>2021</dc:date>", "[En bref] ", "- ", "► ", "# ", "---\n", "**", "`",
    "](",
    "Orange vend une usine à Free.", "Il part.", "« Non »", "trois sites :", '{"id": "a", "text": "', '"}',
)  # fmt: skip


def briefs(data: bytes) -> None:
    """Every reader, by what the first byte says the name ends in; the rest is the document, or says what it is made of."""
    kind, page = data[0] if data else 0, data[1:]
    suffix = SUFFIXES[kind % len(SUFFIXES)]
    if kind & 128:
        page = ("<rss><channel><item>" * (kind >> 6 & 1) + "".join(MARKUP[b % len(MARKUP)] for b in page)).encode()
    found: list[Found] = []
    with suppress(KgError):
        if suffix in ("", ".jsonl"):
            for brief in read(["-"], stdin=io.BytesIO(page)):
                assert brief.text.strip() and brief.key
        else:
            found = list(read_document(page, "fuzz", "fuzz", suffix, address="https://example.org/fuzz"))
    for each in found:
        assert each.brief.key
        each.brief.text.encode()
        (each.brief.title or "").encode()
        foreign(each.brief.text)


@cache
def vocabulary() -> list[str]:
    """Words of the examples of the language pack and of the ontology, and characters that mean something."""
    words: dict[str, None] = dict.fromkeys("0123456789.,;:-–'’«»()%€$/&+²\n\u00a0\u202fé" + "\u0301\u200bＡ😀ſ")
    files = [*(ROOT / "kg" / "fr").glob("*.toml"), *(ROOT / "ontology" / "relations").glob("*.toml")]
    for file in sorted(files):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        for example in (*data.get("example", ()), *data.get("fr", {}).get("example", ())):
            with suppress(KgError):
                words.update(dict.fromkeys(parse_marked(example["text"]).text.split()))
    return list(words)


def text_of(data: bytes) -> tuple[str, str | None]:
    """A text of those words, and a day: two bytes a word, the lowest bit says whether a space stands before it."""
    words, out = vocabulary(), []
    for at in range(1, min(len(data), 241) - 1, 2):
        number = data[at] << 8 | data[at + 1]
        out.append(" " * (number & 1) + words[(number >> 1) % len(words)])
    return "".join(out), DAYS[data[0] % len(DAYS)] if data else None


def quantities(data: bytes) -> None:
    """Amounts and dates."""
    text, day = text_of(data)
    end = 0
    for q in find(text, date=day):
        assert end <= q.span.start < q.span.end <= len(text), q
        end = q.span.end


@cache
def reader() -> Reader:
    """The whole reader; its model is loaded once."""
    return Reader(ontology.load())


def names(data: bytes) -> None:
    """Words and names."""
    text, _ = text_of(data)
    assert len(plain(text)) == len(text)
    assert all(w.span.of(plain(text)) == w.text for w in split(plain(text)))
    if not text.strip():
        return
    language = reader().language
    mentions, entities = language.finder.find(next(language.parser.recognise([text])), find(text))
    for mention in mentions:
        assert 0 <= mention.span.start < mention.span.end <= len(text), mention
        assert 0 <= mention.entity < len(entities), mention


def cues(data: bytes) -> None:
    """The whole reading: parse, frames, status."""
    text, day = text_of(data)
    if not text.strip():
        return
    (said,) = reader().read([Brief("fuzz", text, day)])
    for _, evidence in said.claims:
        assert 0 <= evidence.span.start < evidence.span.end <= len(text), evidence
        assert 0.0 <= evidence.confidence <= 1.0, evidence


TARGETS: dict[str, Callable[[bytes], None]] = {f.__name__: f for f in (briefs, quantities, names, cues)}


def main() -> None:
    """Runs the target the command line names."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        sys.exit(f"usage: fuzz.py {'|'.join(TARGETS)} [libFuzzer's options] [CORPUS]")
    target = TARGETS[sys.argv.pop(1)]
    vocabulary()
    target(b"\x05<html><p>Il part.")  # loads the model or the libraries, whose seconds are no input's

    def one(data: bytes) -> None:
        began = time.process_time()
        target(data)
        if (took := time.process_time() - began) > SECONDS * (1 + len(data) / 10_000):
            raise Slow(f"{took:.1f} s for {len(data)} bytes")

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
