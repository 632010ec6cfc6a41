"""Keeping a store: :func:`backup` and :func:`restore` it, :func:`examine` it, :func:`search` its words.

A backup is a zip file that needs no Oxigraph to be read: ``graph.nq`` (N-Quads, what a store remembers of its readings
included), ``decisions.tsv`` and ``about.json``.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pyoxigraph as ox

import kg
from kg import decisions as deciding
from kg.errors import ReadError, StoreError, UsageError
from kg.files import STORE_HINT, written
from kg.graph import CLAIM, TYPE, Store, text_hash
from kg.ontology import Ontology
from kg.store import OpenStore, beside, is_store, kept_folder, store_folder, told

_GRAPH, _DECISIONS, _ABOUT = "graph.nq", "decisions.tsv", "about.json"


# --- backup and restore -------------------------------------------------------------------------------------------------


def backup(store: Store, out: Path) -> int:
    """Writes all of a store into one file, whole or not at all; returns the number of its triples."""
    count = store.triple_count()
    with written(out) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        about = {"program": "kg", "version": kg.__version__, "triples": count, "quads": len(store.raw), "base": store.ids.base}
        archive.writestr(_ABOUT, json.dumps(about))
        archive.writestr(_DECISIONS, deciding.dump(store.decisions))
        with archive.open(_GRAPH, "w", force_zip64=True) as member, told(None):
            store.raw.dump(member, format=ox.RdfFormat.N_QUADS)
    return count


def restore(file: Path, spec: str, *, replace: bool = False) -> int:
    """Makes a store of a backup; returns the number of its triples. What is there is replaced only if ``replace`` says so,
    and only when the new store is whole."""
    folder = store_folder(spec)
    if folder is None:
        raise UsageError("a store in memory would be gone at once", hint="give --store oxigraph:FOLDER")
    if is_store(folder) and not replace:
        raise StoreError("there is a store already", where=str(folder), hint="--replace puts the backup in its place")
    try:
        with zipfile.ZipFile(file) as archive:
            about = json.loads(archive.read(_ABOUT))
            said = archive.read(_DECISIONS).decode("utf-8")
            with OpenStore(spec, fresh=True) as opened, archive.open(_GRAPH) as graph:
                with told(folder):
                    opened.inner.bulk_load(graph, format=ox.RdfFormat.N_QUADS)
                if len(opened.inner) != about["quads"]:
                    raise ReadError(f"holds {len(opened.inner)} triples instead of {about['quads']}", where=str(file))
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}", where=str(file)) from error
    except (zipfile.BadZipFile, KeyError, ValueError, TypeError, SyntaxError, EOFError, zlib.error) as error:
        raise ReadError("is no backup of a store, or is damaged", where=str(file), hint="« kg backup » writes one") from error
    decisions = deciding.beside(folder)
    if said.strip() or decisions.exists():
        with written(decisions, hint=STORE_HINT) as stream:
            stream.write(said.encode())
    return int(about["triples"])


# --- what is wrong ------------------------------------------------------------------------------------------------------


_DAMAGE = frozenset(("dates", "held", "plain-triple", "quotation", "symmetric"))
"""The checks that fail only if the store is not what kg wrote; the others may tell of what was misread."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, and what to do about it (empty: nothing)."""

    what: str
    todo: str = ""


def examine(spec: str, ontology: Ontology, base: str | None = None) -> Iterator[Finding]:
    """Looks a store through: can it be opened, has the last build ended, do quotations quote, do claims follow from their
    evidence. Neither changes anything nor takes the graph into memory."""
    from kg.graph import open_store
    from kg.validate import validate_near

    folder = kept_folder(spec)
    for suffix in (".new", ".old"):
        if (left := beside(folder, suffix)).exists():
            yield Finding(
                f"{left} is left of a build that was cut short", "the next command that writes clears it up: run « kg build » again"
            )
    try:
        store = open_store(spec, read_only=True, base=base)
    except StoreError as error:
        yield Finding(f"{error.where}: {error.what}", error.hint or "« kg restore FILE » brings a backup back")
        return
    with store:
        yield Finding("it can be read, and nobody is writing to it")
        if store.revision() is None:
            yield Finding("the last build was cut short before it ended", "run it again: it goes on where it stopped")
        else:
            yield Finding("the last build ended")
        wrong = [key for key, text, hashed in store.texts() if text_hash(text) != hashed and "\ufffd" not in text]
        if wrong:
            yield Finding(
                f"{len(wrong)} briefs have not the text they were read from, first {wrong[0]}", f"« kg remove {wrong[0]} », then build"
            )
        unread = store.unread()
        if unread:
            yield Finding(f"nothing is known of how {len(unread)} briefs were read, first {unread[0]}", "build them again")
        briefs = store.brief_count()
        if not wrong and not unread:
            yield Finding(f"{briefs} briefs have their texts and what was read in them")
        claims = [cast(ox.NamedNode, t.subject).value for t in store.raw.quads_for_pattern(None, TYPE, CLAIM, ox.DefaultGraph())]
        problems = [p for p in validate_near(store, ontology, claims, shacl=False) if p.shape in _DAMAGE]
        for problem in problems[:20]:
            yield Finding(f"{problem.focus}: {problem.message} [{problem.shape}]", "build again with --fresh, or « kg restore FILE »")
        if len(problems) > 20:
            yield Finding(f"and {len(problems) - 20} more of the kind", "« kg validate » lists them all")
        if not problems:
            yield Finding(f"{len(claims)} claims follow from their evidence, and it quotes its texts")


# --- words --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Hit:
    """A name or a sentence that holds the words: ``about`` is its entity's or its brief's IRI."""

    kind: str
    text: str
    about: str


def search(store: Store, words: str, *, limit: int = 20) -> list[Hit]:
    """The names (labels first) and the sentences of evidence that hold all these words, whatever their case and accents, the
    last one perhaps only begun; best first.

    The index is a SQLite file beside the store, made anew when the store has changed; where none can be written, it is made
    in memory.
    """
    wanted = " ".join(f'"{w}"' for w in words.replace('"', " ").split())
    if not wanted:
        raise UsageError("no words to look for", hint="kg search rachat cloud")
    with contextlib.closing(_index(store)) as database:
        rows = database.execute(
            "SELECT kind, text, about FROM words WHERE words MATCH ? ORDER BY kind != 'label', kind != 'name', rank, text, about LIMIT ?",
            (f"text : ({wanted}*)", limit),
        )
        return [Hit(*row) for row in rows]


def _index(store: Store) -> sqlite3.Connection:
    folder, revision = store.folder, store.revision()
    path = beside(folder, ".search") if folder is not None else None
    if path is not None and revision is not None and path.is_file():
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        try:
            if database.execute("SELECT revision FROM about").fetchone() == (revision,):
                return database
        except sqlite3.DatabaseError:
            pass  # an index is never mended, only made anew
        database.close()
    if path is not None and revision is not None:
        temporary = None
        try:
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            os.close(handle)
            with contextlib.closing(sqlite3.connect(temporary)) as made:
                _write_index(store, made, revision)
            os.replace(temporary, path)
            return sqlite3.connect(path)
        except (OSError, sqlite3.OperationalError):
            if temporary is not None:
                Path(temporary).unlink(missing_ok=True)
    database = sqlite3.connect(":memory:")
    _write_index(store, database, revision)
    return database


def _write_index(store: Store, database: sqlite3.Connection, revision: str | None) -> None:
    def rows() -> Iterator[tuple[str, str, str]]:
        for iri, name, is_label in store.entity_names():
            yield "label" if is_label else "name", name, iri
        for sentence, brief in store.sentences():
            yield "sentence", sentence, brief

    with database:
        database.execute("PRAGMA journal_mode = OFF")
        database.execute(
            "CREATE VIRTUAL TABLE words USING fts5(kind UNINDEXED, text, about UNINDEXED, tokenize = 'unicode61 remove_diacritics 2')"
        )
        database.executemany("INSERT INTO words VALUES (?, ?, ?)", sorted(set(rows())))
        database.execute("CREATE TABLE about AS SELECT ? AS revision", (revision,))
