"""The graph as Turtle, readable and always the same bytes: entities first, then what they rest on."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg import namespaces as ns
from kg.graph import Store
from kg.ontology import Ontology
from kg.writers import TextKept, chosen, written


def write(store: Store, ontology: Ontology | None, out: Path | IO[bytes], *, facts_only: bool = False, text: TextKept = "full") -> int:
    """Writes Turtle; returns the number of triples. ``ontology`` is not looked at: all writers are called alike."""
    triples = chosen(store, facts_only=facts_only, text=text)
    data = ox.serialize(triples, format=ox.RdfFormat.TURTLE, prefixes=dict(ns.PREFIXES)) or b""
    # Oxigraph writes the prefixes in another order every time.
    head, body = [], data.splitlines(keepends=True)
    while body and body[0].startswith(b"@prefix "):
        head.append(body.pop(0))
    with written(out) as file:
        file.writelines(sorted(head))
        file.writelines(body)
    return len(triples)
