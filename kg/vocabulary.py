"""The ontology as published: ``kg.ttl``, ``alignments.ttl``, ``shapes.ttl``, ``context.jsonld`` and the catalogue ``README.md``.

Pure functions from :class:`~kg.ontology.Ontology` to text; sorted, without blank nodes (the cells of SHACL's lists have
IRIs too), so that the same ontology gives the same bytes everywhere. :func:`stale` compares with what a folder holds,
:func:`write` brings it up to date. The ontology's version is the day it last changed: only :func:`write` looks at the
calendar, and only when something else has changed.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from kg.errors import OntologyError
from kg.model import Status
from kg.namespaces import DCT, KG, OA, ONTOLOGY_IRI, OWL, PREFIXES, PROV, RDF, RDFS, SCHEMA, SH, SHAPES, SKOS, VANN, XSD
from kg.ontology import Attribute, EntityClass, Example, Frame, Ontology, Relation, Term, Text, overlaid, read_toml

FILES = ("README.md", "alignments.ttl", "context.jsonld", "kg.ttl", "shapes.ttl")
_GENERATED = "Generated from the TOML files of this folder by `kg ontology build`. Do not edit."


def generate(ontology: Ontology, version: str | None = None) -> dict[str, str]:
    """The generated files, by name; ``version`` is the day of this version (ISO).

    A term named like one of the graph's own words is an :class:`OntologyError`.
    """
    _check_names(ontology)
    return {
        "README.md": catalogue(ontology),
        "alignments.ttl": alignments(ontology),
        "context.jsonld": context(ontology),
        "kg.ttl": vocabulary(ontology, version),
        "shapes.ttl": shapes(ontology),
    }


def _check_names(ontology: Ontology) -> None:
    reserved = {c.name for c in SHAPE_CLASSES} | {i.name for i in INDIVIDUALS} | {p.name for p in SHAPE_PROPERTIES} | CONTEXT_NAMES.keys()
    taken: dict[str, str] = {}
    for name, where in [
        *((n, f"classes.toml [{n}]") for n in ontology.classes),
        *((t.name, t.file) for t in ontology.terms),
        *((r.inverse, f"{r.file} inverse") for r in ontology.relations.values() if r.inverse),
    ]:
        if name in reserved:
            raise OntologyError(f"« {name} » is a word of the graph's own shape", where=where, hint="choose another name")
        if name in taken:
            raise OntologyError(f"« {name} » is already the name of something else ({taken[name]})", where=where)
        taken[name] = where


def stale(ontology: Ontology, folder: Path) -> list[str]:
    """The generated files that a folder lacks or has in another state."""
    return [name for name, content in generate(ontology, _version(folder)).items() if _content(folder / name) != content.encode()]


def write(ontology: Ontology, folder: Path, *, today: str | None = None) -> list[str]:
    """Brings the generated files of a folder up to date, each at once or not at all; the names of those that changed.

    If anything but the catalogue changes, the version becomes ``today`` (default: the day it is, or SOURCE_DATE_EPOCH's).
    """
    before, version = stale(ontology, folder), _version(folder)
    if version is None or set(before) - {"README.md"}:
        version = today or _today()
    changed = []
    for name, content in generate(ontology, version).items():
        path = folder / name
        if _content(path) == content.encode():
            continue
        try:
            _replace(path, content.encode())
        except OSError as error:
            raise OntologyError(f"cannot be written: {error.strerror or error}", where=str(path)) from error
        changed.append(name)
    return changed


def _version(folder: Path) -> str | None:
    """The version of the files in a folder, if they have one."""
    found = re.search(rf"owl:versionIRI <{re.escape(ONTOLOGY_IRI)}/(\d{{4}}-\d\d-\d\d)>".encode(), _content(folder / "kg.ttl") or b"")
    return found[1].decode() if found else None


def _today() -> str:
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return (datetime.fromtimestamp(int(epoch), UTC) if epoch.isdecimal() else datetime.now(UTC)).date().isoformat()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _replace(path: Path, data: bytes) -> None:
    """Writes beside the file, then renames: nobody ever sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
        Path(name).chmod(0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# --- Turtle, sorted and without blank nodes ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Literal:
    text: str
    tag: str = ""
    """``@fr``, or the IRI of a datatype; empty for a plain string."""


_Node: TypeAlias = "str | _Literal"
"""An IRI, or a literal."""


def _both(text: Text) -> tuple[_Literal, _Literal]:
    return _Literal(text.en, "@en"), _Literal(text.fr, "@fr")


def _integer(number: int) -> _Literal:
    return _Literal(str(number), f"{XSD}integer")


_FIRST = [f"{RDF}type", f"{RDFS}label", f"{RDFS}comment", f"{SH}targetClass", f"{SH}targetSubjectsOf", f"{SH}targetObjectsOf", f"{SH}path"]
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


@dataclass(slots=True)
class _Triples:
    """A set of triples that is written the same whatever order they came in."""

    by_subject: dict[str, dict[str, set[_Node]]] = field(default_factory=dict)

    def add(self, subject: str, predicate: str, *objects: _Node) -> None:
        """One triple an object."""
        if objects:
            self.by_subject.setdefault(subject, {}).setdefault(predicate, set()).update(objects)

    def listed(self, cells: str, items: Sequence[_Node]) -> str:
        """An RDF list whose cells are ``<cells>-1``, ``-2``…; the IRI of its head."""
        for number, item in enumerate(items, 1):
            self.add(f"{cells}-{number}", f"{RDF}first", item)
            self.add(f"{cells}-{number}", f"{RDF}rest", f"{cells}-{number + 1}" if number < len(items) else f"{RDF}nil")
        return f"{cells}-1" if items else f"{RDF}nil"

    def turtle(self) -> str:
        """Turtle, with the prefixes that are used."""
        used: set[str] = set()

        def iri(value: str) -> str:
            for prefix, namespace in {**PREFIXES, "kgs": SHAPES}.items():
                local = value.removeprefix(namespace)
                if (
                    local != value
                    and local.replace("-", "").replace("_", "").isalnum()
                    and local.isascii()
                    and local[0] not in "-0123456789"
                ):
                    used.add(prefix)
                    return f"{prefix}:{local}"
            return f"<{value}>"

        def node(value: _Node) -> str:
            if isinstance(value, str):
                return iri(value)
            if value.tag == f"{XSD}integer":
                return value.text
            quoted = '"' + "".join(_ESCAPES.get(c, c) for c in value.text) + '"'
            return quoted + (value.tag if value.tag.startswith("@") else f"^^{iri(value.tag)}" if value.tag else "")

        blocks = []
        for subject in sorted(self.by_subject):
            lines = []
            for predicate in sorted(self.by_subject[subject], key=lambda p: (_FIRST.index(p) if p in _FIRST else len(_FIRST), p)):
                objects = ", ".join(sorted(map(node, self.by_subject[subject][predicate])))
                lines.append(f"    {'a' if predicate == f'{RDF}type' else iri(predicate)} {objects}")
            lines[0] = f"{iri(subject)} {lines[0].lstrip()}"
            blocks.append(" ;\n".join(lines) + " .\n")
        prefixes = "".join(f"@prefix {p}: <{n}> .\n" for p, n in sorted({**PREFIXES, "kgs": SHAPES}.items()) if p in used)
        return f"# {_GENERATED}\n{prefixes}\n" + "\n".join(blocks)


# --- the words of the graph's own shape -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ShapeClass:
    """A class of nodes that carry what is known rather than what is spoken of."""

    name: str
    label: Text
    comment: Text
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShapeProperty:
    """A property of those nodes. ``ranges`` are the classes or datatypes its values may have."""

    name: str
    label: Text
    comment: Text
    domains: tuple[str, ...]
    ranges: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Individual:
    """A named value of a closed list: a status, a bound."""

    name: str
    type: str
    label: Text
    comment: Text


_DATES = (f"{XSD}date", f"{XSD}gYear", f"{XSD}gYearMonth")
_NUMBERS = (f"{XSD}decimal", f"{XSD}integer")
_MONEY = f"{SCHEMA}MonetaryAmount"
_SPAN = f"{OA}TextPositionSelector"
_STRING = f"{XSD}string"
_DATED = "Brief Claim Decision Evidence"

SHAPE_CLASSES = (
    ShapeClass(
        "Brief",
        Text("brève", "brief"),
        Text("Une courte nouvelle, telle qu'elle a été lue.", "A short news item, as it was read."),
        (f"{PROV}Entity", f"{SCHEMA}CreativeWork"),
    ),
    ShapeClass(
        "Candidate",
        Text("doublon possible", "candidate"),
        Text("Deux entités qui n'en font peut-être qu'une.", "Two entities that may be one."),
    ),
    ShapeClass(
        "Claim",
        Text("assertion", "claim"),
        Text(
            "Ce qui est dit : un sujet, une relation, un objet. Le triplet lui-même n'est dans le graphe que si le statut est « affirmé ».",
            "What is said to hold: a subject, a relation, an object. The triple itself is in the graph only when the status is asserted.",
        ),
        (f"{RDF}Statement",),
    ),
    ShapeClass(
        "Decision",
        Text("décision", "decision"),
        Text("Une assertion tenue par quelqu'un : qui, quand, pourquoi.", "A claim that somebody holds: who, when, why."),
        (f"{PROV}Entity",),
    ),
    ShapeClass(
        "Evidence",
        Text("preuve", "evidence"),
        Text("Un endroit d'une brève qui dit une assertion, ou la dément.", "One place in one brief that says a claim, or denies it."),
        (f"{OA}SpecificResource", f"{PROV}Entity"),
    ),
    ShapeClass(
        "Mention",
        Text("mention", "mention"),
        Text(
            "Ce qu'une brève dit d'une entité : les formes de son nom, sa classe, où.",
            "What a brief says of an entity: the forms of its name, its class, where.",
        ),
        (f"{OA}SpecificResource",),
    ),
    ShapeClass(
        "Redirect",
        Text("renvoi", "redirect"),
        Text("Un identifiant remplacé par un autre.", "An identifier that another one has replaced."),
    ),
    ShapeClass(
        "Run",
        Text("lecture", "run"),
        Text(
            "Une version du programme et de ses règles, qui a lu des preuves.",
            "A version of the program and its rules, which read evidence.",
        ),
        (f"{PROV}Activity",),
    ),
    ShapeClass("Status", Text("statut", "status"), Text("Comment une chose est dite.", "How a thing is said to hold.")),
    ShapeClass(
        "Bound",
        Text("borne", "bound"),
        Text("En quoi un chiffre n'est pas exact.", "In what way a figure is not exact."),
    ),
)

INDIVIDUALS = (
    Individual("asserted", "Status", Text("affirmé", "asserted"), Text("Fait, ou annoncé comme décidé.", "Done, or announced as decided.")),
    Individual(
        "planned",
        "Status",
        Text("prévu", "planned"),
        Text("Voulu, négocié, offert, soumis à un accord.", "Intended, in talks, offered, subject to approval."),
    ),
    Individual(
        "rumoured",
        "Status",
        Text("rumeur", "rumoured"),
        Text("Rapporté sous réserve, de source anonyme.", "Reported with reserve, by unnamed sources."),
    ),
    Individual("denied", "Status", Text("démenti", "denied"), Text("Nié, refusé, abandonné.", "Denied, refused, given up.")),
    Individual(
        "atLeast", "Bound", Text("au moins", "at least"), Text("Le chiffre est un minimum : « plus de ».", "The figure is a minimum.")
    ),
    Individual(
        "atMost", "Bound", Text("au plus", "at most"), Text("Le chiffre est un maximum : « moins de ».", "The figure is a maximum.")
    ),
    Individual(
        "about", "Bound", Text("environ", "about"), Text("Le chiffre est approché : « une trentaine ».", "The figure is approximate.")
    ),
)


def _property(name: str, fr: str, en: str, comment_fr: str, comment_en: str, domains: str, *ranges: str) -> ShapeProperty:
    return ShapeProperty(name, Text(fr, en), Text(comment_fr, comment_en), tuple(domains.split()), ranges)


SHAPE_PROPERTIES = (
    _property("key", "clef", "key", "Le nom unique d'une brève.", "The unique name of a brief.", "Brief Decision", _STRING),
    _property(
        "textHash",
        "empreinte du texte",
        "text hash",
        "L'empreinte du texte d'une brève.",
        "The hash of a brief's text.",
        "Brief Decision",
        _STRING,
    ),
    _property(
        "readBy",
        "lue par",
        "read by",
        "La lecture d'où vient ce qui est dit d'une brève.",
        "The run that read a brief.",
        "Brief",
        f"{KG}Run",
    ),
    _property("version", "version", "version", "La version du programme.", "The version of the program.", "Run", _STRING),
    _property(
        "rules",
        "règles",
        "rules",
        "L'empreinte des règles et du code qui les lit.",
        "The hash of the rules and the code that reads them.",
        "Run",
        _STRING,
    ),
    _property(
        "status", "statut", "status", "Comment l'assertion est dite.", "How the claim is said to hold.", "Claim Evidence", f"{KG}Status"
    ),
    _property(
        "confidence",
        "confiance",
        "confidence",
        "De 0 à 1 : avec quelle sûreté cela a été lu.",
        "From 0 to 1: how surely it was read.",
        "Claim Evidence",
        *_NUMBERS,
    ),
    _property(
        "rule",
        "règle",
        "rule",
        "La règle qui a lu la preuve : relation/cadre/construction.",
        "The rule that read the evidence: relation/frame/construction.",
        "Evidence",
        _STRING,
    ),
    _property(
        "trigger", "déclencheur", "trigger", "Les mots qui disent la relation.", "The words that say the relation.", "Evidence", _SPAN
    ),
    _property(
        "subject", "mots du sujet", "subject words", "Les mots qui disent le sujet.", "The words that say the subject.", "Evidence", _SPAN
    ),
    _property(
        "object", "mots de l'objet", "object words", "Les mots qui disent l'objet.", "The words that say the object.", "Evidence", _SPAN
    ),
    _property(
        "date", "date", "date", "Quand, avec la précision du texte.", "When, as precisely as the text says.", "Claim Evidence", *_DATES
    ),
    _property("from", "depuis", "from", "Le premier jour de la date.", "The first day of the date.", _DATED, f"{XSD}date"),
    _property("to", "jusqu'à", "to", "Le dernier jour de la date.", "The last day of the date.", _DATED, f"{XSD}date"),
    _property("amount", "montant", "amount", "Combien d'argent.", "How much money.", "Claim Evidence", _MONEY),
    _property("share", "part", "share", "Quelle part, en pour cent.", "Which share, in per cent.", "Claim Evidence", *_NUMBERS),
    _property("role", "fonction", "role", "À quel poste, comme écrit.", "In which post, as written.", "Claim Evidence", _STRING),
    _property(
        "bound",
        "borne",
        "bound",
        "Si le chiffre est une borne, ou approché.",
        "Whether the figure is a bound, or approximate.",
        "Claim Evidence",
        f"{KG}Bound",
    ),
    _property(
        "maybeSameAs",
        "peut-être la même que",
        "maybe same as",
        "Une entité qui est peut-être la même, sans qu'on en soit sûr.",
        "An entity that may be the same, without certainty.",
        "",
    ),
    _property("between", "entre", "between", "L'une des deux entités qui n'en font peut-être qu'une.", "One of the two.", "Candidate"),
    _property(
        "score", "score", "score", "De 0 à 1 : à quel point c'est vraisemblable.", "From 0 to 1: how likely.", "Candidate", f"{XSD}decimal"
    ),
    _property("reason", "raison", "reason", "Ce qui parle pour.", "What speaks for it.", "Candidate", _STRING),
    _property("entity", "entité", "entity", "L'entité dont parle la mention.", "The entity that the mention is of.", "Mention"),
    _property(
        "name",
        "nom",
        "name",
        "La forme la plus complète du nom dans la brève.",
        "The fullest form of the name in the brief.",
        "Mention",
        _STRING,
    ),
    _property(
        "alias", "autre nom", "alias", "Une autre forme du nom dans la brève.", "Another form of the name in the brief.", "Mention", _STRING
    ),
    _property(
        "class",
        "classe",
        "class",
        "La classe que la brève donne à l'entité.",
        "The class that the brief gives the entity.",
        "Mention",
        f"{OWL}Class",
    ),
)


# --- kg.ttl and alignments.ttl ----------------------------------------------------------------------------------------


def vocabulary(ontology: Ontology, version: str | None = None) -> str:
    """``kg.ttl``: classes and properties in OWL and RDFS.

    Classes whose instances never share an IRI (``kind`` says under what they get theirs), and the graph's own classes, are
    disjoint. ``rdfs:domain`` and ``rdfs:range`` stand only where one class holds all that is listed; every listed class is a
    ``schema:domainIncludes`` or ``rangeIncludes``, and the exact list is in ``shapes.ttl``.
    """
    out = _Triples()
    out.add(ONTOLOGY_IRI, f"{RDF}type", f"{OWL}Ontology")
    out.add(ONTOLOGY_IRI, f"{DCT}title", *_both(Text("Vocabulaire de kg", "The kg vocabulary")))
    out.add(
        ONTOLOGY_IRI,
        f"{DCT}description",
        *_both(
            Text(
                "Ce que disent les brèves de l'industrie numérique : qui rachète, lance, finance, dirige, et où c'est dit.",
                "What short news of the technology industry says: who acquires, launches, funds, leads, and where it is said.",
            )
        ),
    )
    out.add(ONTOLOGY_IRI, f"{DCT}license", _LICENCE)
    if version:
        out.add(ONTOLOGY_IRI, f"{OWL}versionIRI", f"{ONTOLOGY_IRI}/{version}")
        out.add(ONTOLOGY_IRI, f"{OWL}versionInfo", _Literal(version))
        out.add(ONTOLOGY_IRI, f"{DCT}modified", _Literal(version, f"{XSD}date"))
    out.add(ONTOLOGY_IRI, f"{VANN}preferredNamespacePrefix", _Literal("kg"))
    out.add(ONTOLOGY_IRI, f"{VANN}preferredNamespaceUri", _Literal(KG))
    for item in ontology.classes.values():
        _declare(out, item.name, f"{OWL}Class", item.label, item.comment)
        if item.parent:
            out.add(KG + item.name, f"{RDFS}subClassOf", KG + item.parent)
    for relation in ontology.relations.values():
        _relation(out, relation, ontology)
    for attribute in ontology.attributes.values():
        ranges = VALUE_RANGES[attribute.value]
        _declare(out, attribute.name, _property_type(ranges), attribute.label, attribute.comment)
        _reach(
            out,
            attribute.name,
            _iris(attribute.domain),
            _iris(_common(attribute.domain, ontology)),
            ranges,
            ranges[:1] if len(ranges) == 1 else (),
        )
    for shape_class in SHAPE_CLASSES:
        _declare(out, shape_class.name, f"{OWL}Class", shape_class.label, shape_class.comment)
        out.add(KG + shape_class.name, f"{RDFS}subClassOf", *shape_class.parents)
    for individual in INDIVIDUALS:
        _declare(out, individual.name, f"{OWL}NamedIndividual", individual.label, individual.comment)
        out.add(KG + individual.name, f"{RDF}type", KG + individual.type)
    _disjoint(out, ontology)
    _examples(out, ontology)
    for prop in SHAPE_PROPERTIES:
        _declare(out, prop.name, _property_type(prop.ranges), prop.label, prop.comment)
        domains = _iris(prop.domains)
        _reach(out, prop.name, domains, domains if len(domains) == 1 else (), prop.ranges, prop.ranges if len(prop.ranges) == 1 else ())
    return out.turtle()


_LICENCE = "https://www.apache.org/licenses/LICENSE-2.0"


def _disjoint(out: _Triples, ontology: Ontology) -> None:
    """The highest classes of each kind, and the classes of the graph's own shape, pairwise."""
    heads = [KG + c.name for c in ontology.classes.values() if c.kind]
    for one, other in itertools.combinations(sorted([*heads, *(KG + c.name for c in SHAPE_CLASSES)]), 2):
        out.add(one, f"{OWL}disjointWith", other)


def _examples(out: _Triples, ontology: Ontology) -> None:
    """A sentence in either language for each term: in French the shortest plain one of its own file."""
    for path in _files(ontology, "examples.toml"):
        said = read_toml(path)
        for name, sentences in said.get("classes", {}).items():
            if not isinstance(sentences, dict) or sentences.keys() != {"fr", "en"}:
                raise OntologyError("the example of a class has fr and en", where=f"{path} [classes] {name}")
            if name in ontology.classes:
                out.add(KG + name, f"{SKOS}example", *_both(Text(sentences["fr"], sentences["en"])))
        for name, sentence in said.get("terms", {}).items():
            if name in ontology.relations or name in ontology.attributes:
                out.add(KG + name, f"{SKOS}example", _Literal(str(sentence), "@en"))
    for term in ontology.terms:
        plain = [e.marked.text for e in term.examples if e.expect == "claim" and e.status is Status.ASSERTED and not e.known_miss]
        if plain:
            out.add(KG + term.name, f"{SKOS}example", _Literal(min(plain, key=lambda t: (len(t), t)), "@fr"))


def _files(ontology: Ontology, name: str) -> Iterator[Path]:
    """The files of that name in the ontology's folders: what they say adds up. A folder may lack what another speaks of."""
    for folder in ontology.folders:
        yield from overlaid((folder,), name).values()


VALUE_RANGES: Mapping[str, tuple[str, ...]] = {"money": (_MONEY,), "integer": (f"{XSD}integer",), "date": _DATES, "string": (_STRING,)}
"""The classes or datatypes of an attribute's values, by the kind its file gives."""


def _iris(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(KG + n for n in names)


def _property_type(ranges: Sequence[str]) -> str:
    return f"{OWL}DatatypeProperty" if ranges and all(r.startswith(XSD) for r in ranges) else f"{OWL}ObjectProperty"


def _declare(out: _Triples, name: str, type_: str, label: Text, comment: Text) -> None:
    out.add(KG + name, f"{RDF}type", type_)
    out.add(KG + name, f"{RDFS}label", *_both(label))
    out.add(KG + name, f"{RDFS}comment", *_both(comment))
    out.add(KG + name, f"{RDFS}isDefinedBy", ONTOLOGY_IRI)


def _reach(out: _Triples, name: str, domains: Sequence[str], domain: Sequence[str], ranges: Sequence[str], range_: Sequence[str]) -> None:
    out.add(KG + name, f"{SCHEMA}domainIncludes", *domains)
    out.add(KG + name, f"{SCHEMA}rangeIncludes", *ranges)
    out.add(KG + name, f"{RDFS}domain", *domain)
    out.add(KG + name, f"{RDFS}range", *range_)


def _relation(out: _Triples, relation: Relation, ontology: Ontology) -> None:
    domain, range_ = _iris(_common(relation.domain, ontology)), _iris(_common(relation.range, ontology))
    _declare(out, relation.name, f"{OWL}ObjectProperty", relation.label, relation.comment)
    _reach(out, relation.name, _iris(relation.domain), domain, _iris(relation.range), range_)
    if relation.symmetric:
        out.add(KG + relation.name, f"{RDF}type", f"{OWL}SymmetricProperty")
    if relation.inverse:
        label = Text(f"inverse de « {relation.label.fr} »", f"inverse of “{relation.label.en}”")
        comment = Text(f"L'inverse de kg:{relation.name}.", f"The inverse of kg:{relation.name}.")
        _declare(out, relation.inverse, f"{OWL}ObjectProperty", label, comment)
        _reach(out, relation.inverse, _iris(relation.range), range_, _iris(relation.domain), domain)
        out.add(KG + relation.inverse, f"{OWL}inverseOf", KG + relation.name)


def _common(names: Sequence[str], ontology: Ontology) -> tuple[str, ...]:
    """The lowest class that holds all of these, if any does."""
    shared = frozenset.intersection(*(ontology.ancestors(n) for n in names))
    return (max(shared, key=lambda n: (len(ontology.ancestors(n)), n)),) if shared else ()


_MATCHES = {
    "close": f"{SKOS}closeMatch",
    "broad": f"{SKOS}broadMatch",
    "narrow": f"{SKOS}narrowMatch",
    "related": f"{SKOS}relatedMatch",
}


def alignments(ontology: Ontology) -> str:
    """``alignments.ttl``: what other vocabularies call the same or nearly the same. Apart, since loading it is a choice."""
    out = _Triples()
    items: list[tuple[EntityClass | Term, str]] = [(c, f"{OWL}equivalentClass") for c in ontology.classes.values()]
    items += [(t, f"{OWL}equivalentProperty") for t in ontology.terms]
    for item, exact in items:
        for how, names in item.align.items():
            out.add(KG + item.name, _MATCHES.get(how, exact), *(_expand(n, item.name) for n in names))
    classes = {*ontology.classes, *(c.name for c in SHAPE_CLASSES)}
    known = (
        {t.name for t in ontology.terms} | {r.inverse for r in ontology.relations.values()} | {p.name for p in SHAPE_PROPERTIES} | classes
    )
    for path in _files(ontology, "alignments.toml"):
        for number, match in enumerate(read_toml(path).get("match", ()), 1):
            where = f"{path} match {number}"
            if match.keys() != {"term", "how", "to", "said"} or not all(isinstance(v, str) for v in match.values()):
                raise OntologyError("a match has term, how, to and said", where=where)
            if match["how"] not in {*_MATCHES, "exact"}:
                raise OntologyError(f"« {match['how']} » is no way to match", where=where, hint=f"one of exact, {', '.join(_MATCHES)}")
            if match["term"] not in known:
                continue
            exact = f"{OWL}equivalentClass" if match["term"] in classes else f"{OWL}equivalentProperty"
            out.add(KG + match["term"], _MATCHES.get(match["how"], exact), _expand(match["to"], where))
    return out.turtle()


def _expand(name: str, of: str) -> str:
    """``schema:Person`` → its IRI; a whole IRI as it is."""
    prefix, colon, local = name.partition(":")
    if name.startswith(("http://", "https://")):
        return name
    if not colon or prefix not in PREFIXES:
        raise OntologyError(f"align names « {name} », whose prefix is unknown", where=of, hint=f"known: {', '.join(sorted(PREFIXES))}")
    return PREFIXES[prefix] + local


# --- shapes.ttl -------------------------------------------------------------------------------------------------------


def shapes(ontology: Ontology) -> str:
    """``shapes.ttl``: SHACL for the facts of every relation and attribute, and for claims, evidence and what they need."""
    out = _Triples()
    for term in ontology.terms:
        names = ", ".join(term.domain)
        _node_shape(out, f"{term.name}-subject", f"{SH}targetSubjectsOf", KG + term.name)
        _message(
            out,
            f"{term.name}-subject",
            Text(
                f"Le sujet de « {term.label.fr} » (kg:{term.name}) doit être : {names}.",
                f"The subject of kg:{term.name} must be one of: {names}.",
            ),
        )
        _one_of(out, f"{term.name}-subject", _iris(term.domain))
        ranges = _iris(term.range) if isinstance(term, Relation) else VALUE_RANGES[term.value] if isinstance(term, Attribute) else ()
        names = ", ".join(_short(r) for r in ranges)
        _node_shape(out, f"{term.name}-object", f"{SH}targetObjectsOf", KG + term.name)
        _message(
            out,
            f"{term.name}-object",
            Text(
                f"L'objet de « {term.label.fr} » (kg:{term.name}) doit être : {names}.",
                f"The object of kg:{term.name} must be one of: {names}.",
            ),
        )
        _one_of(out, f"{term.name}-object", ranges)
    for name in (n for n, c in ontology.classes.items() if c.parent is None):
        _node_shape(out, f"label-{name}", f"{SH}targetClass", KG + name)
        _require(out, f"label-{name}", f"{RDFS}label", (), least=1, most=None)
    _bookkeeping(out, ontology)
    return out.turtle()


def _bookkeeping(out: _Triples, ontology: Ontology) -> None:
    """The shapes of claims, evidence, spans, briefs, amounts, redirects."""
    statuses = [KG + s for s in Status]
    for name in ("Claim", "Evidence"):
        _node_shape(out, name, f"{SH}targetClass", KG + name)
        _require(out, name, f"{KG}status", (), allowed=statuses)
        _require(out, name, f"{KG}confidence", _NUMBERS, between=(0, 1))
        _require(out, name, f"{KG}date", _DATES, least=0)
        _require(out, name, f"{KG}from", (f"{XSD}date",), least=0)
        _require(out, name, f"{KG}to", (f"{XSD}date",), least=0)
        _require(out, name, f"{KG}amount", (_MONEY,), least=0)
        _require(out, name, f"{KG}share", _NUMBERS, least=0)
        _require(out, name, f"{KG}role", (), least=0)
        _require(out, name, f"{KG}bound", (), least=0, allowed=[KG + i.name for i in INDIVIDUALS if i.type == "Bound"])
    _require(out, "Claim", f"{RDF}subject", (), kind=f"{SH}IRI")
    _require(out, "Claim", f"{RDF}predicate", (), allowed=[KG + t.name for t in ontology.terms])
    _require(out, "Claim", f"{RDF}object", ())
    _require(out, "Claim", f"{PROV}wasDerivedFrom", (f"{KG}Evidence",), most=None)
    _require(out, "Evidence", f"{KG}rule", (_STRING,))
    _require(out, "Evidence", f"{OA}hasSource", (f"{KG}Brief", f"{KG}Decision"))
    _require(out, "Evidence", f"{OA}hasSelector", (_SPAN,))
    for part in ("trigger", "subject", "object"):
        _require(out, "Evidence", f"{KG}{part}", (_SPAN,), least=0)
    _require(out, "Evidence", f"{PROV}wasGeneratedBy", (f"{KG}Run",))
    _node_shape(out, "Brief", f"{SH}targetClass", f"{KG}Brief")
    _require(out, "Brief", f"{KG}key", (_STRING,))
    _require(out, "Brief", f"{KG}textHash", (_STRING,))
    _require(out, "Brief", f"{KG}readBy", (f"{KG}Run",))
    _require(out, "Brief", f"{SCHEMA}text", (), least=0)
    _require(out, "Brief", f"{DCT}language", (), least=0)
    _require(out, "Brief", f"{DCT}date", _DATES, least=0)
    _require(out, "Brief", f"{KG}from", (f"{XSD}date",), least=0)
    _require(out, "Brief", f"{KG}to", (f"{XSD}date",), least=0)
    _node_shape(out, "Mention", f"{SH}targetClass", f"{KG}Mention")
    _require(out, "Mention", f"{OA}hasSource", (f"{KG}Brief",))
    _require(out, "Mention", f"{OA}hasSelector", (_SPAN,), least=0, most=None)
    _require(out, "Mention", f"{KG}entity", (), kind=f"{SH}IRI")
    _require(out, "Mention", f"{KG}name", (_STRING,))
    _require(out, "Mention", f"{KG}class", (), allowed=_iris(ontology.entity_classes))
    _node_shape(out, "Decision", f"{SH}targetClass", f"{KG}Decision")
    for name, values in (("key", (_STRING,)), ("textHash", (_STRING,)), ("from", (f"{XSD}date",)), ("to", (f"{XSD}date",))):
        _require(out, "Decision", KG + name, values)
    _require(out, "Decision", f"{DCT}creator", (_STRING,))
    _require(out, "Decision", f"{DCT}created", (f"{XSD}dateTime",))
    _require(out, "Decision", f"{SCHEMA}text", (_STRING,))
    _node_shape(out, "Candidate", f"{SH}targetClass", f"{KG}Candidate")
    _require(out, "Candidate", f"{KG}between", (), kind=f"{SH}IRI", least=2, most=2)
    _require(out, "Candidate", f"{KG}score", _NUMBERS, between=(0, 1))
    _require(out, "Candidate", f"{KG}reason", (_STRING,), least=1, most=None)
    _node_shape(out, "Run", f"{SH}targetClass", f"{KG}Run")
    _require(out, "Run", f"{KG}version", (_STRING,))
    _require(out, "Run", f"{KG}rules", (_STRING,))
    _node_shape(out, "Span", f"{SH}targetClass", _SPAN)
    _require(out, "Span", f"{OA}start", (f"{XSD}integer",), between=(0, None), before=f"{OA}end")
    _require(out, "Span", f"{OA}end", (f"{XSD}integer",))
    _require(out, "Span", f"{OA}exact", (), least=0)
    _node_shape(out, "Money", f"{SH}targetClass", _MONEY)
    _require(out, "Money", f"{SCHEMA}value", _NUMBERS)
    _require(out, "Money", f"{SCHEMA}currency", (_STRING,), pattern="^[A-Z]{3}$")
    _node_shape(out, "Redirect", f"{SH}targetClass", f"{KG}Redirect")
    _require(out, "Redirect", f"{DCT}isReplacedBy", (), kind=f"{SH}IRI")


def _short(iri: str) -> str:
    """``kg:Company`` → ``Company``, other IRIs with their prefix."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return iri.removeprefix(namespace) if prefix == "kg" else f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _node_shape(out: _Triples, name: str, target: str, what: str) -> None:
    out.add(SHAPES + name, f"{RDF}type", f"{SH}NodeShape")
    out.add(SHAPES + name, target, what)


def _message(out: _Triples, name: str, text: Text) -> None:
    out.add(SHAPES + name, f"{SH}message", *_both(text))


def _one_of(out: _Triples, name: str, ranges: Sequence[str]) -> None:
    """The focus or value is an instance of one of these classes, or a literal of one of these datatypes."""

    def constraint(of: str) -> tuple[str, str]:
        return (f"{SH}datatype" if of.startswith(XSD) else f"{SH}class", of)

    if len(ranges) == 1:
        out.add(SHAPES + name, *constraint(ranges[0]))
    elif ranges:
        members = [f"{SHAPES}is-{_short(r).replace(':', '-')}" for r in ranges]
        for member, of in zip(members, ranges, strict=True):
            out.add(member, f"{RDF}type", f"{SH}NodeShape")
            out.add(member, *constraint(of))
        out.add(SHAPES + name, f"{SH}or", out.listed(f"{SHAPES}either-{'-'.join(_short(r).replace(':', '-') for r in ranges)}", members))


def _require(
    out: _Triples,
    shape: str,
    path: str,
    ranges: Sequence[str],
    *,
    least: int = 1,
    most: int | None = 1,
    allowed: Sequence[str] = (),
    between: tuple[int, int | None] | None = None,
    kind: str | None = None,
    before: str | None = None,
    pattern: str | None = None,
) -> None:
    """A property that nodes of a shape have between ``least`` and ``most`` times, with values as the rest says."""
    name = f"{shape}-{_short(path).replace(':', '-')}"
    here = SHAPES + name
    out.add(SHAPES + shape, f"{SH}property", here)
    out.add(here, f"{RDF}type", f"{SH}PropertyShape")
    out.add(here, f"{SH}path", path)
    if least:
        out.add(here, f"{SH}minCount", _integer(least))
    if most is not None:
        out.add(here, f"{SH}maxCount", _integer(most))
    _one_of(out, name, ranges)
    if allowed:
        out.add(here, f"{SH}in", out.listed(f"{here}-in", sorted(allowed)))
    if between:
        out.add(here, f"{SH}minInclusive", _integer(between[0]))
        if between[1] is not None:
            out.add(here, f"{SH}maxInclusive", _integer(between[1]))
    if kind:
        out.add(here, f"{SH}nodeKind", kind)
    if before:
        out.add(here, f"{SH}lessThan", before)
    if pattern:
        out.add(here, f"{SH}pattern", _Literal(pattern))
    _message(out, name, _rule(path, ranges, least, most, allowed, between, before, pattern))


def _rule(
    path: str,
    ranges: Sequence[str],
    least: int,
    most: int | None,
    allowed: Sequence[str],
    between: tuple[int, int | None] | None,
    before: str | None,
    pattern: str | None,
) -> Text:
    """What a property shape asks for, in words."""
    curie = _curie(path)
    fr, en = {
        (1, 1): (f"Exactement un {curie}", f"Exactly one {curie}"),
        (0, 1): (f"Au plus un {curie}", f"At most one {curie}"),
        (1, None): (f"Au moins un {curie}", f"At least one {curie}"),
    }.get((least, most), (curie, curie))
    if ranges:
        names = ", ".join(map(_curie, ranges))
        fr, en = f"{fr}, de type {names}", f"{en}, of type {names}"
    if allowed:
        names = ", ".join(map(_short, sorted(allowed)))
        fr, en = f"{fr}, parmi : {names}", f"{en}, one of: {names}"
    if between:
        low, high = between
        fr = f"{fr}, de {low} à {high}" if high is not None else f"{fr}, d'au moins {low}"
        en = f"{en}, from {low} to {high}" if high is not None else f"{en}, at least {low}"
    if before:
        fr, en = f"{fr}, plus petit que {_curie(before)}", f"{en}, less than {_curie(before)}"
    if pattern:
        fr, en = f"{fr}, de la forme {pattern}", f"{en}, of the form {pattern}"
    return Text(f"{fr}.", f"{en}.")


def _curie(iri: str) -> str:
    short = _short(iri)
    return f"kg:{short}" if iri.startswith(KG) else short


# --- context.jsonld ---------------------------------------------------------------------------------------------------


CONTEXT_NAMES: Mapping[str, object] = {
    "altLabel": "skos:altLabel",
    "brief": {"@id": "oa:hasSource", "@type": "@id"},
    "currency": "schema:currency",
    "end": {"@id": "oa:end", "@type": "xsd:integer"},
    "evidence": {"@id": "prov:wasDerivedFrom", "@type": "@id"},
    "exact": "oa:exact",
    "id": "@id",
    "label": "rdfs:label",
    "language": "dct:language",
    "object": "rdf:object",
    "predicate": {"@id": "rdf:predicate", "@type": "@vocab"},
    "published": "dct:date",
    "replacedBy": {"@id": "dct:isReplacedBy", "@type": "@id"},
    "run": {"@id": "prov:wasGeneratedBy", "@type": "@id"},
    "sameAs": {"@id": "owl:sameAs", "@type": "@id"},
    "selector": {"@id": "oa:hasSelector", "@type": "@id"},
    "source": "dct:source",
    "start": {"@id": "oa:start", "@type": "xsd:integer"},
    "subject": {"@id": "rdf:subject", "@type": "@id"},
    "text": {"@id": "schema:text", "@language": "fr"},
    "title": "dct:title",
    "type": "@type",
    "value": "schema:value",
}
"""Short names for what the graph takes from other vocabularies. `subject` and `object` are the claim's."""


def context(ontology: Ontology) -> str:
    """``context.jsonld``: short names for JSON-LD, those of the TOML files."""
    terms: dict[str, object] = {}
    for name in ontology.classes:
        terms[name] = f"kg:{name}"
    for relation in ontology.relations.values():
        terms[relation.name] = _reference(f"kg:{relation.name}")
        if relation.inverse:
            terms[relation.inverse] = _reference(f"kg:{relation.inverse}")
    for attribute in ontology.attributes.values():
        terms[attribute.name] = _typed(f"kg:{attribute.name}", VALUE_RANGES[attribute.value])
    for shape_class in SHAPE_CLASSES:
        terms[shape_class.name] = f"kg:{shape_class.name}"
    for individual in INDIVIDUALS:
        terms[individual.name] = f"kg:{individual.name}"
    for prop in SHAPE_PROPERTIES:
        # The claim's subject and object have these names; those of the evidence's words are longer.
        name = f"{prop.name}Span" if _SPAN in prop.ranges else prop.name
        terms[name] = _typed(f"kg:{prop.name}", prop.ranges)
    terms |= CONTEXT_NAMES
    prefixes: dict[str, object] = dict(sorted(PREFIXES.items()))
    return json.dumps({"@context": {"@version": 1.1, **prefixes, **dict(sorted(terms.items()))}}, ensure_ascii=False, indent=2) + "\n"


def _reference(iri: str) -> dict[str, str]:
    return {"@id": iri, "@type": "@id"}


def _typed(iri: str, ranges: Sequence[str]) -> object:
    """How a property's values are written: by name for a closed list, else as its one datatype says."""
    if ranges in ((f"{KG}Status",), (f"{KG}Bound",)):
        return {"@id": iri, "@type": "@vocab"}
    if not ranges or not all(r.startswith(XSD) for r in ranges):
        return _reference(iri)
    if len(ranges) == 1 and ranges[0] != _STRING:
        return {"@id": iri, "@type": f"xsd:{ranges[0].removeprefix(XSD)}"}
    return iri


# --- README.md --------------------------------------------------------------------------------------------------------

_SHOWN, _SHOWN_NOT = 8, 4
_HOW = (
    "A class, a relation or an attribute is a table or a file of this folder; this page, `kg.ttl`, `alignments.ttl`, `shapes.ttl` and "
    "`context.jsonld` are generated from them by `kg ontology build`, and `kg relation new NAME` writes the skeleton of a new one."
)
_KINDS = {"verbs": "verb", "nouns": "noun", "adjectives": "adjective", "locutions": "locution", "patterns": "pattern"}


def catalogue(ontology: Ontology) -> str:
    """``README.md``: every class, relation and attribute with its definition, its frames and some of its examples."""
    counts = (
        f"{len(ontology.entity_classes)} classes of entities, {len(ontology.relations)} relations, {len(ontology.attributes)} attributes."
    )
    lines = [
        "# The ontology",
        "",
        f"<!-- {_GENERATED} -->",
        "",
        f"{counts} {_HOW}",
        "",
        "## Classes",
        "",
        "| class | under | français | définition | definition |",
        "|---|---|---|---|---|",
    ]
    for item in ontology.classes.values():
        under = f"`{item.parent}`" if item.parent else ""
        lines.append(f"| `{item.name}` | {under} | {_cell(item.label.fr)} | {_cell(item.comment.fr)} | {_cell(item.comment.en)} |")
    lines += ["", "## Relations", "", "| relation | subject | object | français | definition |", "|---|---|---|---|---|"]
    for relation in ontology.relations.values():
        arrow = " ↔" if relation.symmetric else ""
        lines.append(
            f"| [`{relation.name}`](#{relation.name.lower()}){arrow} | {_codes(relation.domain)} | {_codes(relation.range)} "
            f"| {_cell(relation.label.fr)} | {_cell(relation.comment.en)} |"
        )
    lines += ["", "## Attributes", "", "| attribute | subject | value | français | definition |", "|---|---|---|---|---|"]
    for attribute in ontology.attributes.values():
        lines.append(
            f"| [`{attribute.name}`](#{attribute.name.lower()}) | {_codes(attribute.domain)} | {attribute.value} "
            f"| {_cell(attribute.label.fr)} | {_cell(attribute.comment.en)} |"
        )
    for term in ontology.terms:
        lines += ["", *_section(term)]
    return "\n".join(lines) + "\n"


def _section(term: Relation | Attribute) -> Iterator[str]:
    """A relation or an attribute at length."""
    yield f"### {term.name}"
    yield ""
    yield f"**{_line(term.label.fr)}** · *{_line(term.label.en)}*"
    yield ""
    yield f"{_line(term.comment.fr)}  "
    yield _line(term.comment.en)
    yield ""
    target = _codes(term.range) if isinstance(term, Relation) else f"{term.value} value"
    yield f"- {_codes(term.domain)} → {target}"
    if isinstance(term, Relation):
        if term.symmetric:
            yield "- symmetric: written once, read both ways"
        if term.inverse:
            yield f"- inverse: `{term.inverse}`"
        if term.yields_to:
            yield f"- not written where {', '.join(f'[`{n}`](#{n.lower()})' for n in term.yields_to)} holds for the same pair"
        if term.folds_role:
            yield "- the role is part of the claim: two posts are two claims"
    if term.qualifiers:
        yield f"- qualifiers: {_codes(term.qualifiers)}"
    for how, names in term.align.items():
        yield f"- {how} to {_codes(names)}"
    yield f"- explained as: {_line(term.because)}"
    folder = "relations" if isinstance(term, Relation) else "attributes"
    yield f"- [{folder}/{term.name}.toml]({folder}/{term.name}.toml)"
    if term.frames:
        yield ""
        yield "| frame | said by | roles |"
        yield "|---|---|---|"
        for frame in term.frames:
            yield f"| {frame.id} | {_KINDS[frame.kind]}: {_cell(', '.join(frame.triggers))} | {_cell(_roles(frame))} |"
    for expect, shown, how_many in (("claim", "Read", _SHOWN), ("nothing", "Not read", _SHOWN_NOT)):
        examples = [e for e in term.examples if e.expect == expect and not e.known_miss]
        if examples:
            yield ""
            yield f"{shown}, for instance:"
            yield ""
            for example in examples[:how_many]:
                yield f"- {_marked(example)}"


def _roles(frame: Frame) -> str:
    parts = [f"{role} = {' | '.join(slots)}" for role, slots in sorted(frame.roles.items())]
    if frame.status:
        parts.append(f"status {frame.status}")
    if frame.subject_types:
        parts.append(f"subject only {', '.join(frame.subject_types)}")
    if frame.object_types:
        parts.append(f"object only {', '.join(frame.object_types)}")
    return "; ".join(parts)


def _marked(example: Example) -> str:
    """A sentence with the words of its roles in bold, and its status when it is not asserted."""
    text, out, at = example.marked.text, "", 0
    for role in sorted(example.marked.roles, key=lambda r: r.span):
        if role.span.start < at:
            continue
        out += f"{_line(text[at : role.span.start])}**{_line(role.span.of(text))}** ({_line(role.name)})"
        at = role.span.end
    out += _line(text[at:])
    return out if example.status is Status.ASSERTED else f"{out} → *{example.status}*"


def _codes(names: Iterable[str]) -> str:
    return ", ".join(f"`{n}`" for n in names)


_MARKUP = str.maketrans({"*": "\\*", "_": "\\_", "<": "&lt;", "[": "\\[", "]": "\\]", "`": "\\`", "\n": " "})


def _line(text: str) -> str:
    """Text as Markdown shows it unchanged, on one line."""
    return text.translate(_MARKUP)


def _cell(text: str) -> str:
    """Text in a cell of a table."""
    return _line(text).replace("|", "\\|")
