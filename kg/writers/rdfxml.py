"""The graph as RDF/XML, for tools that read nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pyoxigraph as ox

from kg import namespaces as ns
from kg.graph import Store
from kg.ontology import Ontology
from kg.writers import Inferred, TextKept, chosen, written, xml_text


def write(
    store: Store,
    ontology: Ontology | None,
    out: Path | IO[bytes],
    *,
    facts_only: bool = False,
    text: TextKept = "quotes",
    inferred: Inferred = "no",
) -> int:
    """Writes RDF/XML; returns the number of triples. ``ontology`` is not looked at: all writers are called alike.

    Control characters, which XML cannot hold, become U+FFFD.
    """
    triples = [_in_xml(t) for t in chosen(store, facts_only=facts_only, text=text, inferred=inferred)]
    data = ox.serialize(triples, format=ox.RdfFormat.RDF_XML, prefixes=dict(ns.PREFIXES)) or b""
    # Oxigraph writes the prefixes in another order every time, and carriage returns as they are, which XML reads as line feeds.
    head, root, body = data.partition(b"<rdf:RDF ")
    names, end, body = body.partition(b">")
    with written(out) as file:
        file.write(head + root + b" ".join(sorted(names.split(b" "))) + end + body.replace(b"\r", b"&#13;"))
    return len(triples)


def _in_xml(triple: ox.Triple) -> ox.Triple:
    term = triple.object
    if not isinstance(term, ox.Literal) or (text := xml_text(term.value)) == term.value:
        return triple
    literal = ox.Literal(text, language=term.language) if term.language else ox.Literal(text, datatype=term.datatype)
    return ox.Triple(triple.subject, triple.predicate, literal)
