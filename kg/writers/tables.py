"""The network as two CSV files, ``nodes.csv`` and ``edges.csv``, with the headers that Gephi takes as they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any, Unpack

from kg.errors import UsageError
from kg.files import written
from kg.graph import Store
from kg.ontology import Ontology, load
from kg.writers import Selection
from kg.writers.network import flat

FILES = ("nodes.csv", "edges.csv")
_NODE = ("label", "class", "aliases", "same_as")
_EDGE = ("relation", "status", "confidence", "symmetric", "briefs", "date", "amount", "currency", "share", "role", "bound", "quotation")


def write(store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int:
    """Writes the two files into the folder ``out``; returns the number of nodes and edges. ``inferred`` is not looked at.

    The columns are always the same for the same ontology. Numbers are written whole where they are whole.
    """
    if not isinstance(out, Path):
        raise UsageError("CSV is two files, nodes.csv and edges.csv", hint="give a folder with --out DIR")
    ontology = ontology or load()
    net = flat(store, ontology, **selection)
    attributes = [*_NODE, *ontology.attributes]
    nodes = ([iri, *(_cell(data.get(n)) for n in attributes)] for iri, data in net.nodes(data=True))
    edges = (
        [iri, subject, object_, "Directed", data["label"], *(_cell(data.get(n)) for n in _EDGE)]
        for subject, object_, iri, data in net.edges(keys=True, data=True)
    )
    tables = (
        _table(["Id", "Label", *attributes[1:]], nodes),
        _table(["Id", "Source", "Target", "Type", "Label", *_EDGE], edges),
    )
    for name, table in zip(FILES, tables, strict=True):
        with written(out / name) as file:
            file.write(table)
    return int(len(net) + net.number_of_edges())


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    buffer = io.StringIO(newline="")
    pen = csv.writer(buffer)
    pen.writerow(header)
    pen.writerows(rows)
    return buffer.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
