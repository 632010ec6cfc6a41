"""SPARQL 1.1 Protocol and Service Description: what a request asks, before anything is evaluated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pyoxigraph as ox
from starlette.requests import ClientDisconnect, Request

from kg import namespaces as ns
from kg.server.messages import Failure
from kg.server.negotiate import GRAPH, HTML, ROWS, SYNTAXES, best

MOST = 1 << 20
"""Bytes of a request's body; a query is text somebody wrote."""

_FIELDS = 200
_FORM, _QUERY, _UPDATE = "application/x-www-form-urlencoded", "application/sparql-query", "application/sparql-update"
_READ_ONLY = "this endpoint only reads"
_SD, _FORMATS = "http://www.w3.org/ns/sparql-service-description#", "http://www.w3.org/ns/formats/"


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and what goes with it; ``sparql`` is None where the service itself is asked about."""

    sparql: str | None
    default_graph: list[str] = field(default_factory=list)
    named_graphs: list[str] = field(default_factory=list)
    bindings: dict[str, str] = field(default_factory=dict)

    def job(self, accept: str) -> dict[str, Any]:
        """As a job for a worker. A parameter that begins with $ gives a variable its value, as « kg query » does."""
        return {
            "kind": "query",
            "query": self.sparql,
            "bindings": self.bindings,
            "default_graph": self.default_graph,
            "named_graphs": self.named_graphs,
            "rows": best(accept, ROWS),
            "graph": best(accept, GRAPH),
        }


async def read(request: Request) -> Asked:
    """The query of a request. :class:`~kg.server.messages.Failure` says what is wrong with it."""
    fields = _fields(request.url.query)
    if request.method != "POST":
        return _asked(fields)
    type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if type == _UPDATE:
        raise Failure(_READ_ONLY, status=403, hint="kg build and kg remove change the graph")
    if type not in (_FORM, _QUERY):
        raise Failure(f"a query comes as {_FORM} or {_QUERY}, not as {type or 'nothing'}", status=415)
    body = await _body(request)
    if type == _FORM:
        return _asked(fields + _fields(body), needed=True)
    return _asked([*fields, ("query", body)], needed=True)


async def _body(request: Request) -> str:
    data = bytearray()
    try:
        async for chunk in request.stream():
            data += chunk
            if len(data) > MOST:
                raise Failure(f"the request is larger than {MOST >> 20} MB", status=413)
    except ClientDisconnect as error:
        raise Failure("the client has gone", status=400) from error
    return _text(bytes(data))


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise Failure("the query is no UTF-8 text", status=400) from error


def _fields(text: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_FIELDS)
    except UnicodeDecodeError as error:
        raise Failure("the query is no UTF-8 text", status=400) from error
    except ValueError as error:
        raise Failure(f"more than {_FIELDS} parameters", status=400) from error


def _asked(fields: list[tuple[str, str]], *, needed: bool = False) -> Asked:
    def values(name: str) -> list[str]:
        return [v for n, v in fields if n == name]

    if values("update"):
        raise Failure(_READ_ONLY, status=403, hint="kg build and kg remove change the graph")
    queries = values("query")
    if len(queries) > 1:
        raise Failure("more than one query", status=400)
    if needed and not queries:
        raise Failure("no query", status=400, hint="give it as the field « query », or as a body of application/sparql-query")
    bindings = {n[1:]: v for n, v in fields if n.startswith("$") and v.strip()}
    return Asked(queries[0] if queries else None, values("default-graph-uri"), values("named-graph-uri"), bindings)


def service_description(endpoint: str, format: str) -> bytes:
    """What the endpoint says of itself, as RDF without blank nodes."""
    service, dataset, graph = (_iri(endpoint + part) for part in ("", "#dataset", "#graph"))
    formats = (
        "SPARQL_Results_JSON",
        "SPARQL_Results_XML",
        "SPARQL_Results_CSV",
        "SPARQL_Results_TSV",
        "Turtle",
        "N-Triples",
        "RDF_XML",
        "JSON-LD",
    )
    said = [
        (service, ns.RDF + "type", _iri(_SD + "Service")),
        (service, _SD + "endpoint", service),
        (service, _SD + "supportedLanguage", _iri(_SD + "SPARQL11Query")),
        (service, _SD + "defaultDataset", dataset),
        (dataset, ns.RDF + "type", _iri(_SD + "Dataset")),
        (dataset, _SD + "defaultGraph", graph),
        (graph, ns.RDF + "type", _iri(_SD + "Graph")),
        (service, _SD + "feature", _iri(_SD + "EmptyGraphs")),
        *((service, _SD + "resultFormat", _iri(_FORMATS + name)) for name in formats),
    ]
    triples = sorted((ox.Triple(s, _iri(p), o) for s, p, o in said), key=str)
    return ox.serialize(triples, format=SYNTAXES[format], prefixes={"sd": _SD, "formats": _FORMATS, "rdf": ns.RDF}) or b""


def _iri(text: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(text)
    except ValueError as error:
        raise Failure("the name this host is called by makes no IRI", status=400) from error


def wants_html(accept: str) -> bool:
    """Whether a browser asks rather than a program: HTML is liked better than any result."""
    return best(accept, (*ROWS, *GRAPH, HTML)) == HTML
