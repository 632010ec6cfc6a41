"""The IRIs this project writes and the prefixes its queries may use: plain strings, so that nobody pays for an RDF library."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

ONTOLOGY_IRI: Final = "https://w3id.org/techkg/ontology"
KG: Final = f"{ONTOLOGY_IRI}#"
SHAPES: Final = "https://w3id.org/techkg/shapes#"
DEFAULT_BASE: Final = "https://w3id.org/techkg/id/"

DCT: Final = "http://purl.org/dc/terms/"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
OA: Final = "http://www.w3.org/ns/oa#"
ORG: Final = "http://www.w3.org/ns/org#"
OWL: Final = "http://www.w3.org/2002/07/owl#"
PROV: Final = "http://www.w3.org/ns/prov#"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
SCHEMA: Final = "https://schema.org/"
SH: Final = "http://www.w3.org/ns/shacl#"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
VANN: Final = "http://purl.org/vocab/vann/"
WD: Final = "http://www.wikidata.org/entity/"
WDT: Final = "http://www.wikidata.org/prop/direct/"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

KINDS: Final = ("org", "person", "product", "place", "law")
"""What the addresses of entities begin with, after the base."""

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "dct": DCT,
        "foaf": FOAF,
        "kg": KG,
        "oa": OA,
        "org": ORG,
        "owl": OWL,
        "prov": PROV,
        "rdf": RDF,
        "rdfs": RDFS,
        "schema": SCHEMA,
        "sh": SH,
        "skos": SKOS,
        "vann": VANN,
        "wd": WD,
        "wdt": WDT,
        "xsd": XSD,
    }
)
"""Prefix → namespace, as prefix.cc has them (``schema:`` is the https one); ``kg:`` is ours."""


def base(given: str | None = None) -> str:
    """The base of the identifiers of entities, claims, evidence…: ``given``, else ``KG_BASE``, else :data:`DEFAULT_BASE`."""
    chosen = given or os.environ.get("KG_BASE") or DEFAULT_BASE
    return chosen if chosen.endswith(("/", "#")) else f"{chosen}/"
