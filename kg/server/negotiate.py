"""What a client would like best of what there is (RFC 9110, Accept)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import pyoxigraph as ox

Offer = tuple[str, str]
"""A format of ours and the media type it goes by."""

ROWS: tuple[Offer, ...] = (
    ("json", "application/sparql-results+json"),
    ("json", "application/json"),
    ("xml", "application/sparql-results+xml"),
    ("xml", "application/xml"),
    ("xml", "text/xml"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
)
GRAPH: tuple[Offer, ...] = (
    ("turtle", "text/turtle"),
    ("ntriples", "application/n-triples"),
    ("rdfxml", "application/rdf+xml"),
    ("jsonld", "application/ld+json"),
    ("turtle", "application/x-turtle"),
    ("rdfxml", "application/xml"),
    ("jsonld", "application/json"),
    ("ntriples", "text/plain"),
)
SYNTAXES: Mapping[str, ox.RdfFormat] = MappingProxyType(
    {
        "turtle": ox.RdfFormat.TURTLE,
        "ntriples": ox.RdfFormat.N_TRIPLES,
        "rdfxml": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }
)
"""The formats of :data:`GRAPH` as Oxigraph knows them."""
HTML: Offer = ("html", "text/html")


def best(accept: str, offers: Sequence[Offer]) -> Offer | None:
    """The offer with the highest q; of several the one that was named most closely, then the first. None if all are refused."""
    ranges = list(_ranges(accept or "*/*"))
    ranked = []
    for place, offer in enumerate(offers):
        fitting = [(closeness, q) for pattern, q in ranges if (closeness := _closeness(pattern, offer[1])) is not None]
        if fitting:
            closeness, q = max(fitting)
            if q > 0:
                ranked.append((-q, -closeness, place))
    return offers[min(ranked)[2]] if ranked else None


def _ranges(accept: str) -> Sequence[tuple[str, float]]:
    found = []
    for part in accept.lower().split(","):
        name, *parameters = (p.strip() for p in part.split(";"))
        q = next((m[1] for p in parameters if (m := re.fullmatch(r"q\s*=\s*([01](?:\.\d*)?|\.\d+)", p))), "1")
        if name:
            found.append(("*/*" if name == "*" else name, min(1.0, float(q))))
    return found


def _closeness(pattern: str, type: str) -> int | None:
    if pattern == type:
        return 2
    if pattern == "*/*":
        return 0
    return 1 if pattern == f"{type.partition('/')[0]}/*" else None


def language(accept: str, known: Sequence[str]) -> str:
    """The language a browser would like best of those there are; the first if none."""
    ranked: list[tuple[float, int, str]] = []
    for name, q in _ranges(accept or known[0]):
        tag = name.partition("-")[0]
        if tag in known and q > 0:
            ranked.append((-q, len(ranked), tag))
    return min(ranked)[2] if ranked else known[0]
