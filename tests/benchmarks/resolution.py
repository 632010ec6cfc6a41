"""What deciding who is who costs: its share of a build, and how it grows.

Run by hand: ``python tests/benchmarks/resolution.py [BRIEFS]``. The first table reads BRIEFS (a file of briefs; by default our
own eighty) into a fresh store on disk and sets linking and resolution against the whole build; the second resolves
made-up briefs, up to 20,000 of them, in memory: firms, people and products of a Zipf-like frequency, under variants of
their names, some of them homonyms. « per n log n » is what stays level if the work grows no faster than that.
"""

from __future__ import annotations

import gc
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from kg import graph, ontology, pipeline, readings
from kg.graph import Run, open_store
from kg.link import load_names
from kg.model import Brief, Claim, Entity, Evidence, Extraction, Span
from kg.ontology import Ontology
from kg.resolve import load_rules, profiles, resolve

SIZES = (1_250, 2_500, 5_000, 10_000, 20_000)
RUN = Run("benchmark", "benchmark")
ROOT = Path(__file__).resolve().parents[2]


def made_up(count: int, seed: int = 7) -> Iterator[Extraction]:
    """Briefs about firms, their heads and products; the more there are, the more names there are."""
    dice = random.Random(seed)
    syllables = [
        "ba",
        "cor",
        "del",
        "fa",
        "gri",
        "lo",
        "mar",
        "nex",
        "or",
        "pi",
        "qua",
        "ri",
        "sol",
        "ta",
        "ul",
        "ven",
        "vo",
        "xa",
        "zen",
        "zu",
    ]
    names = sorted({"".join(dice.choices(syllables, k=dice.choice((2, 3, 3, 4)))).capitalize() for _ in range(count)})
    dice.shuffle(names)
    people = [f"{a} {b}" for a in ("Ana", "Luc", "Mia", "Noé", "Eva", "Tom") for b in names[: len(names) // 6]]
    countries = ["France", "Belgique", "Allemagne", "Suède", "Canada", "Japon"]

    def pick(items: list[str]) -> str:
        return items[min(int(dice.paretovariate(0.9)) - 1, len(items) - 1)]

    for number in range(count):
        buyer, target, head, place = pick(names), dice.choice(names), pick(people), dice.choice(countries)
        shown = dice.choice(("{}", "{}", "{}", "{} SA", "groupe {}", "{} Technologies", "{}.com")).format(buyer)
        spoken = dice.choice((head, head, head.split()[-1]))
        text = f"{shown}, que dirige {spoken}, rachète la firme {target}, basée en {place}, ex-{target}o."
        whole = Span(0, len(text))
        claims = [
            Claim(shown, "acquires", target),
            Claim(spoken, "holdsPositionAt", shown, "pdg"),
            Claim(target, "basedIn", place),
            Claim(target, "formerName", f"{target}o"),
        ]
        yield Extraction(
            Brief(f"made#{number}", text, f"20{10 + number % 15}"),
            tuple({n: Entity(n, t) for n, t in ((shown, "Company"), (target, "Company"), (spoken, "Person"), (place, "Place"))}.values()),
            (),
            tuple(
                (c, Evidence(f"made#{number}", whole, whole, whole, whole, f"{c.relation}/made", confidence=0.9))
                for c in claims
                if c.subject != c.object
            ),
        )


def growth(domain: Ontology, sizes: tuple[int, ...] = SIZES) -> list[tuple[int, int, float, float, float]]:
    """For each size: briefs, names, CPU seconds for profiles, for resolution, the latter per n log n (in nanoseconds)."""
    names, rules = load_names(domain), load_rules(domain)
    rows = []
    for size in sizes:
        briefs = list(made_up(size))
        best = (math.inf, math.inf)
        for _ in range(2):  # this machine has other work to do
            gc.collect()
            start = time.process_time()
            found = [p for b in briefs for p in profiles(b, domain, names, rules)]
            middle = time.process_time()
            resolution = resolve(found, names, rules)
            best = (min(best[0], middle - start), min(best[1], time.process_time() - middle))
        entities = len({iri for placed in resolution.placed.values() for iri in placed.values()})
        rows.append((size, entities, *best, best[1] / (size * math.log2(size)) * 1e9))
    return rows


def settling(domain: Ontology, size: int) -> tuple[float, float]:
    """Seconds for storing made-up briefs in memory, and for settling them, changed briefs written anew."""
    with open_store("memory") as store:
        start = time.process_time()
        for brief in made_up(size):
            store.add(brief, domain, RUN)
        middle = time.process_time()
        store.settle(domain)
        return middle - start, time.process_time() - middle


def share(domain: Ontology, briefs: Path) -> tuple[float, float]:
    """Seconds for a first build (without the page), and those of it that linking and resolution take."""
    spent = 0.0

    def timed(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **named: Any) -> Any:
            nonlocal spent
            start = time.perf_counter()
            try:
                return function(*args, **named)
            finally:
                spent += time.perf_counter() - start

        return call

    places: list[tuple[Any, str]] = [(graph, "link"), (graph, "profiles"), (readings, "dumps"), (graph.Store, "settle")]
    kept = [(place, name, getattr(place, name)) for place, name in places]
    for place, name, function in kept:
        setattr(place, name, timed(function))
    try:
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            pipeline.build([briefs], store=f"oxigraph:{folder}/store", domain=domain).close()
            return time.perf_counter() - start, spent
    finally:
        for place, name, function in kept:
            setattr(place, name, function)


def main() -> None:
    """Prints the tables."""
    domain = ontology.load()
    briefs = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests" / "gold" / "fresh.jsonl"
    whole, spent = share(domain, briefs)
    print(f"build of {briefs.name}: {whole:.1f} s, linking and resolution {spent:.2f} s = {100 * spent / (whole - spent):.1f} % more\n")
    print("  briefs  entities  profiles s  resolve s  per n log n (ns)")
    for size, entities, read, seconds, unit in growth(domain):
        print(f"{size:8}  {entities:8}  {read:10.2f}  {seconds:9.2f}  {unit:16.0f}")
    print("\n  briefs  storing s  settling s   (in a store; most of these briefs are written anew)")
    for size in SIZES[:3]:
        stored, settled = settling(domain, size)
        print(f"{size:8}  {stored:9.1f}  {settled:10.1f}")


if __name__ == "__main__":
    main()
