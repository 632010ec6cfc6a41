"""Many clients at once: is every question answered, and rightly?

    python tests/benchmarks/serve.py                    builds the seeds, serves them, asks for 20 s with 100 clients
    python tests/benchmarks/serve.py --store oxigraph:DIR --seconds 60 --clients 30

Clients and server share the machine's cores. Exit code 1 if an answer was lost or wrong.
"""

from __future__ import annotations

import argparse
import http.client
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from serving import Served, serving  # noqa: E402

JSON = "application/sparql-results+json"


def _sparql(query: str, accept: str) -> tuple[str, str]:
    return f"/sparql?query={quote(query)}", accept


QUESTIONS = (
    _sparql("SELECT ?who ?what { ?who kg:acquires ?what } ORDER BY ?who ?what", JSON),
    _sparql("SELECT (COUNT(*) AS ?n) { ?claim a kg:Claim }", "text/csv"),
    _sparql("SELECT ?claim ?label { ?claim a kg:Claim ; rdf:subject ?s . ?s rdfs:label ?label } ORDER BY ?claim", JSON),
    _sparql("CONSTRUCT { ?a kg:basedIn ?b } WHERE { ?a kg:basedIn ?b }", "application/n-triples"),
    _sparql("ASK { ?a kg:acquires ?b }", JSON),
    ("/queries.json", "application/json"),
)


@dataclass
class Tally:
    """What the clients saw."""

    seconds: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def load(served: Served, *, clients: int, seconds: float) -> Tally:
    """Lets ``clients`` ask one after the other, each on a connection it keeps, and compares every answer with the first."""
    right = {q: served.ask(q[0], accept=q[1]).body for q in QUESTIONS}
    tally, guard, start = Tally(), threading.Lock(), threading.Barrier(clients)
    parts = urlsplit(served.url)
    until = time.monotonic() + seconds

    def client(number: int) -> None:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port or 0, timeout=90)
        start.wait()
        mine = Tally()
        while time.monotonic() < until:
            question = QUESTIONS[(number + len(mine.seconds)) % len(QUESTIONS)]
            began = time.perf_counter()
            try:
                connection.request("GET", question[0], headers={"Accept": question[1]})
                answer = connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException) as error:
                mine.lost.append(f"{type(error).__name__}: {error}")
                connection.close()
                continue
            mine.seconds.append(time.perf_counter() - began)
            if answer.status != 200 or body != right[question]:
                mine.wrong.append(f"{answer.status} {question[0]} {body[:80]!r}")
        connection.close()
        with guard:
            tally.seconds += mine.seconds
            tally.lost += mine.lost
            tally.wrong += mine.wrong

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", help="a store that is there; otherwise the seeds are built")
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=20.0)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        store = chosen.store
        if store is None:
            from kg import pipeline

            store = f"oxigraph:{folder}/store"
            pipeline.build([ROOT / "seeds"], store=store).close()
        with serving(store) as served:
            tally = load(served, clients=chosen.clients, seconds=chosen.seconds)
    ordered = sorted(tally.seconds)
    if not ordered:
        print("no answer at all", *tally.lost[:3], sep="\n", file=sys.stderr)
        return 1
    at = {p: 1000 * ordered[min(len(ordered) - 1, len(ordered) * p // 100)] for p in (50, 95, 99)}
    print(f"{chosen.clients} clients, {chosen.seconds:g} s: {len(ordered)} answers, {len(ordered) / chosen.seconds:.0f} a second,")
    print(f"median {at[50]:.0f} ms, 95 % {at[95]:.0f} ms, 99 % {at[99]:.0f} ms; {len(tally.lost)} lost, {len(tally.wrong)} wrong")
    for line in (tally.lost + tally.wrong)[:5]:
        print(line, file=sys.stderr)
    return 1 if tally.lost or tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
