"""Extractions kept as files: what « kg extract » wrote on one machine or many, for « kg build » to merge by key.

A shard is a JSON Lines file of :mod:`kg.records`, each line with the ``run`` that read it (the program's version and the
hash of its rules). It has its name only when it is whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kg.errors import ReadError
from kg.files import written
from kg.graph import Run
from kg.model import Extraction
from kg.ontology import Ontology
from kg.records import from_record, to_record


def line(extraction: Extraction, ontology: Ontology, run: Run) -> str:
    """An extraction as a line of a shard, without its end."""
    record = to_record(extraction, ontology) | {"run": {"version": run.version, "rules": run.rules}}
    return json.dumps(record, ensure_ascii=False)


def write(path: Path, extractions: Iterable[Extraction], ontology: Ontology, run: Run) -> int:
    """Writes a shard, whole or not at all; returns how many briefs it holds."""
    count = 0
    with written(path, hint="choose another folder with --shards") as file:
        for extraction in extractions:
            file.write(f"{line(extraction, ontology, run)}\n".encode())
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


def files(paths: Sequence[str]) -> dict[Path, str] | None:
    """The shards among PATHS (files, or folders of them) in the order given, each with the path it was found by; ``None`` if
    those are plain documents.

    :class:`~kg.errors.ReadError` if they are some of each.
    """
    found: dict[Path, str] = {}
    others: list[str] = []
    for path in paths:
        folder = path != "-" and Path(path).is_dir()
        inside = sorted(p for p in Path(path).iterdir() if not p.name.startswith(".")) if folder else [Path(path)]
        if inside and all(map(_is_shard, inside)):
            found |= dict.fromkeys(inside, path)
        else:
            others.append(path)
    if found and others:
        raise ReadError("is no file of extractions, as the others are", where=others[0], hint="build from each kind by itself")
    return found or None


def _is_shard(path: Path) -> bool:
    if path.suffix != ".jsonl" or not path.is_file():
        return False
    try:
        with path.open(encoding="utf-8") as file:
            record = json.loads(file.readline() or "null")
    except (OSError, ValueError):
        return False  # reading it as a document says what is wrong with it
    return isinstance(record, dict) and isinstance(record.get("run"), dict) and "entities" in record


def read(paths: Iterable[Path]) -> Iterator[tuple[Extraction, Run]]:
    """What the shards hold, and by what run it was read."""
    for path in paths:
        number = 0
        try:
            with path.open(encoding="utf-8") as file:
                for text in file:
                    number += 1
                    if text.strip():
                        yield _read(json.loads(text))
        except OSError as error:
            raise ReadError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
        except (KeyError, TypeError, ValueError, IndexError) as error:
            said = f"lacks {error}" if isinstance(error, KeyError) else str(error)
            raise ReadError(
                f"is no extraction with evidence: {said}", where=f"{path}:{number}", hint="write it anew with kg extract"
            ) from error


def _read(record: dict[str, Any]) -> tuple[Extraction, Run]:
    return from_record(record), Run(str(record["run"]["version"]), str(record["run"]["rules"]))
