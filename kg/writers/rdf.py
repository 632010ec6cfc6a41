"""The graph as triples and quads in the syntaxes of RDF, always the same bytes: entities first, then what they rest on.

``ontology`` is not looked at: all writers are called alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Unpack

import pyoxigraph as ox

from kg import namespaces as ns
from kg.files import written
from kg.graph import Store
from kg.ontology import Ontology
from kg.writers import Selection, chosen, chosen_quads, xml_text


def turtle(store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int:
    """Writes Turtle; returns the number of triples."""
    return _write(chosen(store, **selection), ox.RdfFormat.TURTLE, out)


def ntriples(store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int:
    """Writes N-Triples, one line a triple; returns their number."""
    return _write(chosen(store, **selection), ox.RdfFormat.N_TRIPLES, out)


def trig(store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int:
    """Writes TriG: Turtle with the inferred layer, when it is asked for, in a named graph; returns the number of quads."""
    return _write(chosen_quads(store, **selection), ox.RdfFormat.TRIG, out)


def nquads(store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int:
    """Writes N-Quads, with the inferred layer as in TriG; returns their number."""
    return _write(chosen_quads(store, **selection), ox.RdfFormat.N_QUADS, out)


def _write(statements: Sequence[ox.Triple] | Sequence[ox.Quad], format: ox.RdfFormat, out: Path | IO[bytes]) -> int:
    named = format in {ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG}
    data = ox.serialize(statements, format=format, prefixes=dict(ns.PREFIXES) if named else None) or b""
    with written(out) as file:
        file.writelines(_sorted_prefixes(data) if named else [data])
    return len(statements)


def _sorted_prefixes(data: bytes) -> Iterator[bytes]:
    """The lines of Turtle or TriG with its prefixes in order: Oxigraph writes them in another order every time."""
    body = data.splitlines(keepends=True)
    at = next((n for n, line in enumerate(body) if not line.startswith(b"@prefix ")), len(body))
    yield from sorted(body[:at])
    yield from body[at:]


def rdfxml(store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int:
    """Writes RDF/XML; returns the number of triples. ``ontology`` is not looked at: all writers are called alike.

    Control characters, which XML cannot hold, become U+FFFD.
    """
    triples = [_in_xml(t) for t in chosen(store, **selection)]
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
