"""The graph as N-Quads: N-Triples, with the inferred layer, when it is asked for, in a named graph of its own."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg.graph import Store
from kg.ontology import Ontology
from kg.writers import Inferred, TextKept, chosen_quads, written


def write(
    store: Store,
    ontology: Ontology | None,
    out: Path | IO[bytes],
    *,
    facts_only: bool = False,
    text: TextKept = "quotes",
    inferred: Inferred = "no",
) -> int:
    """Writes N-Quads; returns the number of quads. ``ontology`` is not looked at: all writers are called alike."""
    quads = chosen_quads(store, facts_only=facts_only, text=text, inferred=inferred)
    with written(out) as file:
        file.write(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"")
    return len(quads)
