"""The graph as JSON-LD in the words of our context (``ontology/context.jsonld``), which stands in the file: one node a line."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Unpack

import pyoxigraph as ox

from kg import namespaces as ns
from kg import vocabulary
from kg.files import written
from kg.graph import Store
from kg.ontology import Ontology, load
from kg.writers import Selection, chosen_quads


def write(store: Store, ontology: Ontology | None, out: Path | IO[bytes], **selection: Unpack[Selection]) -> int:
    """Writes JSON-LD; returns the number of quads. The words are those of ``ontology``, by default the shipped one."""
    quads = chosen_quads(store, **selection)
    context = json.loads(vocabulary.context(ontology or load()))["@context"]
    words = _Words.of(context)
    default = [words.node(s, g) for s, g in _by_subject(q for q in quads if q.graph_name == ox.DefaultGraph())]
    layer = [words.node(s, g) for s, g in _by_subject(q for q in quads if q.graph_name != ox.DefaultGraph())]
    lines = [_line(n) for n in default]
    if layer:
        lines.append(f'{{"id": {_line(store.ids.inferred())}, "@graph": [\n' + ",\n".join(map(_line, layer)) + "\n]}")
    with written(out) as file:
        file.write(f'{{"@context": {_line(context)},\n"@graph": [\n'.encode())
        file.write(",\n".join(lines).encode())
        file.write(b"\n]}\n")
    return len(quads)


def _line(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _by_subject(quads: Iterable[ox.Quad]) -> Iterable[tuple[str, list[ox.Quad]]]:
    for subject, group in itertools.groupby(quads, key=lambda q: q.subject):
        yield str(subject)[1:-1], list(group)


@dataclass(frozen=True, slots=True)
class _Words:
    """A context turned round: what is the word for a property, for a thing."""

    properties: Mapping[str, tuple[str, str, str]]
    """IRI → its word, and the type and language its values have unless they say otherwise."""
    things: Mapping[str, str]
    """IRI → its word, where the context has one."""

    @classmethod
    def of(cls, context: Mapping[str, Any]) -> _Words:
        def whole(name: str) -> str:
            prefix, colon, local = name.partition(":")
            return ns.PREFIXES[prefix] + local if colon and prefix in ns.PREFIXES else name

        properties: dict[str, tuple[str, str, str]] = {}
        things: dict[str, str] = {}
        for word, said in sorted(context.items()):
            if word.startswith("@") or word in ns.PREFIXES:
                continue
            iri = whole(said if isinstance(said, str) else said["@id"])
            if not iri.startswith("@"):
                type_, language = ("", "") if isinstance(said, str) else (said.get("@type", ""), said.get("@language", ""))
                properties.setdefault(iri, (word, whole(type_), language))
                things.setdefault(iri, word)
        return cls(properties, things)

    def node(self, subject: str, quads: Iterable[ox.Quad]) -> dict[str, object]:
        """All that is said of one node."""
        found: dict[str, list[object]] = {}
        for quad in quads:
            iri = quad.predicate.value
            if iri == ns.RDF + "type":
                found.setdefault("type", []).append(self.thing(quad.object.value))  # type: ignore[union-attr]
            else:
                word, type_, language = self.properties.get(iri, (iri, "", ""))
                found.setdefault(word, []).append(self.value(quad.object, type_, language))
        return {"id": subject, **{word: values[0] if len(values) == 1 else values for word, values in found.items()}}

    def thing(self, iri: str) -> str:
        """A class or a named value: by its word, else whole."""
        return self.things.get(iri, iri)

    def value(self, term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple, type_: str, language: str) -> object:
        """A value of a property whose values have that type and language by default."""
        if isinstance(term, ox.NamedNode):
            if type_ == "@vocab":
                return self.thing(term.value)
            return term.value if type_ == "@id" else {"id": term.value}
        if not isinstance(term, ox.Literal):
            raise TypeError(f"{term} is no term of this graph")
        if term.language:
            return term.value if term.language == language else {"@value": term.value, "@language": term.language}
        datatype = term.datatype.value
        if datatype == ns.XSD + "string":
            return {"@value": term.value} if type_ or language else term.value
        if datatype == type_:
            return term.value
        local = datatype.removeprefix(ns.XSD)
        return {"@value": term.value, "@type": f"xsd:{local}" if local != datatype else datatype}
