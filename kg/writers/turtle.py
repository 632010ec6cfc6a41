"""The graph as Turtle, readable and always the same bytes: entities first, then what they rest on."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg import namespaces as ns
from kg.graph import Store
from kg.ontology import Ontology
from kg.writers import Inferred, TextKept, chosen, sorted_prefixes, written


def write(
    store: Store,
    ontology: Ontology | None,
    out: Path | IO[bytes],
    *,
    facts_only: bool = False,
    text: TextKept = "quotes",
    inferred: Inferred = "no",
) -> int:
    """Writes Turtle; returns the number of triples. ``ontology`` is not looked at: all writers are called alike."""
    triples = chosen(store, facts_only=facts_only, text=text, inferred=inferred)
    data = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=dict(ns.PREFIXES)) or b""
    with written(out) as file:
        file.writelines(sorted_prefixes(data))
    return len(triples)
