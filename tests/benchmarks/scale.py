#!/usr/bin/env python3
"""What a store of many briefs costs, against references in the same run: `make bench`.

    python tests/benchmarks/scale.py [--briefs N] [--read N]

``--read`` synthetic briefs are read and set against plain spaCy; ``--briefs`` are stored as annotated extractions, first and
again with 1 % of them changed, asked by name and set against rdflib's memory store and pyoxigraph itself. CPU seconds of one
process, so that what else the machine does hardly counts.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

from synthetic import RUN, briefs, extractions

from kg import console, pipeline, shards, upkeep
from kg.graph import Store, open_store
from kg.ontology import Ontology, load

ASKED: dict[str, dict[str, str]] = {
    n: {} for n in ("acquisitions", "competitors", "conflicts-status", "entities", "events", "single-source")
}


def cpu(call: Callable[[], object]) -> float:
    """CPU seconds of a call."""
    start = time.process_time()
    call()
    return time.process_time() - start


def reading(domain: Ontology, count: int) -> list[list[str]]:
    """Briefs and tokens a second: plain spaCy, and all of our reading."""
    made = list(briefs(domain, count))
    reader = pipeline.reader(domain)
    nlp = reader.language.parser.nlp
    list(reader.read(made[:32]))
    tokens = sum(len(nlp.make_doc(b.text)) for b in made)
    plain = cpu(lambda: [None for _ in nlp.pipe((b.text for b in made), batch_size=32)])
    ours = cpu(lambda: [None for _ in reader.read(made)])
    rows = (("plain spaCy", plain), ("kg, from text to claims", ours))
    return [[name, f"{count / s:.0f}", f"{tokens / s:.0f}", f"{s / plain:.2f}"] for name, s in rows]


def storing(domain: Ontology, count: int, folder: Path) -> list[list[str]]:
    """A first build of extractions, one with 1 % changed, one with nothing changed; the references load its triples."""
    import pyoxigraph as ox
    import rdflib

    made, spec, source = list(extractions(domain, count)), f"oxigraph:{folder}/store", folder / "made.jsonl"
    rows: list[list[str]] = []
    first = 0.0

    def row(name: str, seconds: float, triples: int) -> None:
        rows.append([name, f"{seconds:.1f}", f"{count / seconds:.0f}", f"{triples / seconds:.0f}", f"{100 * seconds / first:.1f} %"])

    for name, changed in (("first build", 0), ("1 % changed", 100), ("nothing changed", 100)):
        texts = (
            replace(e, brief=replace(e.brief, text=f"{e.brief.text} .")) if changed and n % changed == 0 else e for n, e in enumerate(made)
        )
        shards.write(source, texts, domain, RUN)
        start = time.process_time()
        with pipeline.build([source], store=spec, domain=domain) as built:
            seconds, triples = time.process_time() - start, built.stats.triples
        first = first or seconds
        row(name, seconds, triples)
    with open_store(spec, read_only=True) as store:
        pipeline.export(store, folder / "all.nt", "ntriples", text="full")
    row(
        "pyoxigraph, bulk load of the same",
        cpu(lambda: ox.Store(str(folder / "o")).bulk_load(path=str(folder / "all.nt"), format=ox.RdfFormat.N_TRIPLES)),
        triples,
    )
    row("rdflib in memory, the same", cpu(lambda: rdflib.Graph().parse(folder / "all.nt", format="nt")), triples)
    size = sum(p.stat().st_size for p in (folder / "store").iterdir())
    rows.append([f"{triples} triples, {size / 1e6:.0f} MB on disk", "", "", "", ""])
    return rows


def asking(store: Store) -> list[list[str]]:
    """Milliseconds of named queries and of a search, medians of five."""

    def median(call: Callable[[], object]) -> str:
        return f"{1000 * statistics.median(cpu(call) for _ in range(5)):.1f}"

    rows = [[name, median(partial(store.named, name, values))] for name, values in ASKED.items()]
    upkeep.search(store, "rachat")
    return [*rows, ["kg search", median(partial(upkeep.search, store, "rachat"))]]


def main() -> None:
    """Prints three tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--briefs", type=int, default=20_000, metavar="N", help="how many are stored (default 20,000)")
    parser.add_argument("--read", type=int, default=2_000, metavar="N", help="how many are read (default 2,000)")
    given, domain = parser.parse_args(), load()
    if given.read:
        console.table(["reading", "briefs/s", "tokens/s", "ratio"], reading(domain, given.read), right=[1, 2, 3])
        print()
    with tempfile.TemporaryDirectory() as folder:
        rows = storing(domain, given.briefs, Path(folder))
        console.table(["storing", "CPU s", "briefs/s", "triples/s", "of the first"], rows, right=[1, 2, 3, 4])
        print()
        with open_store(f"oxigraph:{folder}/store", read_only=True) as store:
            console.table(["asking, median of 5", "ms"], asking(store), right=[1])
    print(f"\nmost memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
