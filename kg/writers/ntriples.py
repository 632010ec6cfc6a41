"""The graph as N-Triples: one line a triple, always the same bytes, for any store."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.graph import Store
from kg.ontology import Ontology
from kg.writers import Inferred, TextKept, chosen, written


def write(
    store: Store,
    ontology: Ontology | None,
    out: Path | IO[bytes],
    *,
    facts_only: bool = False,
    text: TextKept = "quotes",
    inferred: Inferred = "no",
) -> int:
    """Writes N-Triples; returns the number of triples. ``ontology`` is not looked at: all writers are called alike."""
    triples = chosen(store, facts_only=facts_only, text=text, inferred=inferred)
    with written(out) as file:
        file.write(ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"")
    return len(triples)
