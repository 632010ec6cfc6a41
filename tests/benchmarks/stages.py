#!/usr/bin/env python3
"""Seconds by stage of a build, and the speed of reading against plain spaCy: `make bench`.

    python tests/benchmarks/stages.py [--texts FILE] [--briefs N] [--rounds N]

Texts are the seeds, repeated with their names changed so that no brief is twice the same, or those of FILE (JSON Lines with
« text », or a page of briefs). Reading is compared with `nlp.pipe` of the plain model on the same texts, in the same process,
after both have been warmed up; of several rounds, taken in turns, the quickest counts, so that another program's work on this
machine does not.
"""

from __future__ import annotations

import argparse
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from kg import console, pipeline
from kg.briefs import read
from kg.fr.parsing import load_model
from kg.model import Brief

ROOT = Path(__file__).parent.parent.parent
COMMANDS = {"kg --help": ["--help"], "kg query": ["query", "SELECT ?who ?what { ?who kg:acquires ?what }"]}


class Stopwatch(pipeline.Watch):
    """Adds up the seconds of each stage."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._name, self._began = "", time.perf_counter()

    def stage(self, name: str, total: int | None = None) -> None:
        now = time.perf_counter()
        self.seconds[self._name] += now - self._began  # type: ignore[assignment]
        self._name, self._began = name, now


def texts(file: str | None, count: int) -> list[Brief]:
    """So many briefs: the file's or the seeds', over and over, each round marked so that none is the same twice."""
    found = [b for b in read([file or str(ROOT / "seeds")]) if len(b.text) < 20_000]

    def repeated() -> Iterator[Brief]:
        for round_ in itertools.count():
            for brief in found:
                text = brief.text if round_ == 0 else f"{brief.text} (Édition {round_}.)"
                yield Brief(f"{brief.key}/{round_}", text, brief.date)

    return list(itertools.islice(repeated(), count))


def seconds(action: Callable[[], object]) -> float:
    """How long an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def drain(stream: Iterable[object]) -> None:
    """Takes all there is."""
    for _ in stream:
        pass


def reading(briefs: list[Brief], rounds: int) -> list[list[str]]:
    """Extraction against the plain model: seconds, briefs a second, ratio."""
    domain = pipeline.load_ontology()
    plain, reader = load_model(), pipeline.reader(domain)
    words = [b.text for b in briefs]
    drain(plain.pipe(words[:20], batch_size=32))
    drain(reader.read(briefs[:20]))
    spacy, ours, analysis = [], [], []
    for _ in range(rounds):
        spacy.append(seconds(lambda: drain(plain.pipe(words, batch_size=32))))
        analysis.append(seconds(lambda: drain(reader.language.analyse(briefs))))
        ours.append(seconds(lambda: drain(reader.read(briefs))))
    best = min(spacy)
    rows = [
        ("nlp.pipe, plain fr_core_news_md", best),
        ("our analysis (names, parsing, coreference)", min(analysis)),
        ("our extraction, whole", min(ours)),
    ]
    return [[name, f"{s:.2f}", f"{len(briefs) / s:.0f}", f"{s / best:.2f}"] for name, s in rows]


def building(briefs: list[Brief]) -> list[list[str]]:
    """The stages of a build into an empty store on disk, the model loaded already."""
    import json

    with tempfile.TemporaryDirectory() as folder:
        page, watch = Path(folder, "texts.jsonl"), Stopwatch()
        page.write_text("\n".join(json.dumps({"id": b.key, "text": b.text, "date": b.date}) for b in briefs), encoding="utf-8")
        with pipeline.build([page], store=f"oxigraph:{folder}/store", out=Path(folder, "export"), watch=watch) as built:
            watch.stage("")
        again = Stopwatch()
        with pipeline.build([page], store=f"oxigraph:{folder}/store", watch=again):
            again.stage("")
        size = built.stats.triples
    rows = [[name, f"{watch.seconds[name]:.2f}", f"{again.seconds[name]:.2f}"] for name in watch.seconds if name]
    return [*rows, ["all", f"{watch.seconds.total():.2f}", f"{again.seconds.total():.2f}"], [f"({size} triples)", "", ""]]


def commands() -> list[list[str]]:
    """Medians of five runs of whole commands, on the store of the seeds."""
    with tempfile.TemporaryDirectory() as folder:
        spec = f"oxigraph:{folder}/store"
        pipeline.build([ROOT / "seeds"], store=spec).close()
        environment, rows = {**os.environ, "KG_STORE": spec}, []
        for name, arguments in COMMANDS.items():
            line = [sys.executable, "-c", "from kg.cli import main; main()", *arguments]

            def run(line: list[str] = line) -> None:
                subprocess.run(line, env=environment, check=True, capture_output=True)

            run()
            rows.append([name, f"{statistics.median(seconds(run) for _ in range(5)):.2f}"])
    return rows


def main() -> None:
    """Prints three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", metavar="FILE", help="read these briefs instead of the seeds")
    parser.add_argument("--briefs", type=int, default=200, metavar="N", help="how many briefs (default 200)")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="how many rounds of each (default 3)")
    given = parser.parse_args()
    briefs = texts(given.texts, given.briefs)
    characters = sum(len(b.text) for b in briefs)
    print(f"{len(briefs)} briefs, {characters} characters, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    console.table(["reading, one process, warm", "seconds", "briefs/s", "ratio"], reading(briefs, given.rounds), right=[1, 2, 3])
    print()
    console.table(["stage of a build", "first", "again"], building(briefs), right=[1, 2])
    print()
    console.table(["command, median of 5", "seconds"], commands(), right=[1])


if __name__ == "__main__":
    main()
