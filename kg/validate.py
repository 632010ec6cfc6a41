"""Is the graph what it should be? SHACL by the generated shapes, and what SHACL cannot say.

:func:`validate` returns problems, worst first; an empty list is a sound graph. The integrity checks are told apart from
the shapes by their names: ``claim-types`` (domain and range, for claims of every status), ``plain-triple`` (a fact stands
exactly when a claim asserts it), ``held`` (a claim's own values follow from its evidence), ``quotation``, ``dates``,
``kinds``, ``symmetric``, ``qualifiers``, ``orphan``, ``key``, ``redirect``, ``blank-node``.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from kg import vocabulary
from kg.model import QUALIFIERS, Status
from kg.namespaces import DCT, KG, OA, PREFIXES, PROV, RDF, RDFS, SCHEMA, SH, SHAPES, XSD
from kg.ontology import Attribute, Ontology, Relation

if TYPE_CHECKING:
    import rdflib

    from kg.graph import Store

Severity = Literal["violation", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("violation", "warning", "info")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a node: which shape or check says so, and what it asks for."""

    severity: Severity
    focus: str
    message: str
    shape: str


def validate(
    graph: rdflib.Graph, ontology: Ontology, *, only: Collection[str] | None = None, shacl: bool = True, lang: str = "en"
) -> list[Problem]:
    """The problems of a graph, the worst first.

    ``only`` limits the checks to these claims, their evidence and the entities they are about (a build checks what it has
    touched). ``shacl=False`` leaves pySHACL out, which is the slow half. ``lang`` is the language of SHACL's messages.
    """
    index = _read(graph)
    focus = None if only is None else _reach(index, only)
    found = set(_integrity(index, ontology, focus))
    if shacl:
        found |= set(_shacl(index, ontology, focus, lang))
    return sorted(found, key=lambda p: (SEVERITIES.index(p.severity), p.shape, p.focus, p.message))


_AT_ONCE = 1_000  # claims whose neighbourhood is held in memory


def validate_near(
    store: Store, ontology: Ontology, only: Collection[str], *, shacl: bool = True, on_claim: Callable[[], None] = lambda: None
) -> list[Problem]:
    """Like :func:`validate` with ``only``, from what stands around these claims: neither time nor memory grow with the rest
    of the graph."""
    found: set[Problem] = set()
    for claims in _batched(sorted(only), _AT_ONCE):
        index = _read_near(store, claims)
        focus = _reach(index, claims)
        found.update(_integrity(index, ontology, focus))
        if shacl:
            found.update(_shacl(index, ontology, focus, "en"))
        for _ in claims:
            on_claim()
    return sorted(found, key=lambda p: (SEVERITIES.index(p.severity), p.shape, p.focus, p.message))


# --- the graph, once through ------------------------------------------------------------------------------------------

# Terms are kept as (kind, text, datatype or language): quick to compare, whatever store they come from.
_Term = tuple[Literal["iri", "literal", "blank"], str, str]


@dataclass(slots=True)
class _Index:
    """All triples, by subject and predicate; ``types`` by subject, ``typed`` by class."""

    triples: dict[str, dict[str, list[_Term]]] = field(default_factory=dict)
    typed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    blank: int = 0

    def all(self, subject: str, predicate: str) -> list[_Term]:
        """The objects of a subject's predicate."""
        return self.triples.get(subject, {}).get(predicate, [])

    def one(self, subject: str, predicate: str) -> _Term | None:
        """The object, when there is exactly one (how many there must be is for SHACL to say)."""
        values = self.all(subject, predicate)
        return values[0] if len(values) == 1 else None

    def text(self, subject: str, predicate: str) -> str | None:
        """The object as text, when there is exactly one."""
        value = self.one(subject, predicate)
        return value[1] if value else None


def _read(graph: rdflib.Graph) -> _Index:
    from rdflib import BNode
    from rdflib import Literal as RdfLiteral

    index = _Index()

    def term(node: Any) -> _Term:
        if isinstance(node, RdfLiteral):
            return "literal", str(node), f"@{node.language}" if node.language else str(node.datatype or f"{XSD}string")
        if isinstance(node, BNode):
            index.blank += 1
            return "blank", str(node), ""
        return "iri", str(node), ""

    for s, p, o in graph:
        kind, subject, _ = term(s)
        object_ = term(o)
        index.triples.setdefault(f"_:{subject}" if kind == "blank" else subject, {}).setdefault(str(p), []).append(object_)
        if str(p) == f"{RDF}type":
            index.typed[object_[1]].add(subject)
    return index


def _batched(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _read_near(store: Store, claims: Iterable[str]) -> _Index:
    """What checks of these claims look at: the claims, what :func:`_reach` finds from them, the other claims about their
    entities and the classes of what those and they point at."""
    import pyoxigraph as ox

    index = _Index()

    def take(subjects: Iterable[str]) -> None:
        for subject in sorted(set(subjects) - index.triples.keys()):
            for quad in store.raw.quads_for_pattern(ox.NamedNode(subject), None, None, ox.DefaultGraph()):
                object_ = _plain(quad.object)
                index.triples.setdefault(subject, {}).setdefault(quad.predicate.value, []).append(object_)
                if quad.predicate.value == f"{RDF}type":
                    index.typed[object_[1]].add(subject)

    take(claims)
    reached: frozenset[str] = frozenset()
    while reached != (further := _reach(index, claims)):  # each round takes what the last one pointed at
        reached = further
        take(reached)
    held_by = {
        quad.subject
        for entity in reached
        if index.all(entity, f"{RDFS}label")
        for end in ("subject", "object")
        for quad in store.raw.quads_for_pattern(None, ox.NamedNode(RDF + end), ox.NamedNode(entity), ox.DefaultGraph())
    }
    # Of these claims only what they say and whether they hold it: their evidence is not looked at.
    for claim in sorted(c.value for c in held_by if isinstance(c, ox.NamedNode) and c.value not in index.triples):
        for name in (f"{RDF}type", f"{RDF}subject", f"{RDF}predicate", f"{RDF}object", f"{KG}status"):
            for quad in store.raw.quads_for_pattern(ox.NamedNode(claim), ox.NamedNode(name), None, ox.DefaultGraph()):
                object_ = _plain(quad.object)
                index.triples.setdefault(claim, {}).setdefault(name, []).append(object_)
                if name == f"{RDF}type":
                    index.typed[object_[1]].add(claim)
    pointed = {o[1] for s in reached for os in index.triples.get(s, {}).values() for o in os if o[0] == "iri"}
    for node in sorted(pointed - index.triples.keys()):
        for quad in store.raw.quads_for_pattern(ox.NamedNode(node), ox.NamedNode(f"{RDF}type"), None, ox.DefaultGraph()):
            index.triples.setdefault(node, {}).setdefault(f"{RDF}type", []).append(_plain(quad.object))
    return index


def _plain(node: Any) -> _Term:
    import pyoxigraph as ox

    if isinstance(node, ox.Literal):
        return "literal", node.value, f"@{node.language}" if node.language else node.datatype.value
    return ("iri" if isinstance(node, ox.NamedNode) else "blank"), node.value, ""


def _reach(index: _Index, claims: Iterable[str]) -> frozenset[str]:
    """Claims with what they need: evidence, its spans, brief and run, amounts, and the entities they are about."""
    found = set(claims)
    near = (f"{PROV}wasDerivedFrom", f"{RDF}subject", f"{RDF}object", f"{KG}amount")
    further = (
        f"{OA}hasSource",
        f"{OA}hasSelector",
        f"{PROV}wasGeneratedBy",
        f"{KG}amount",
        *(f"{KG}{n}" for n in ("trigger", "subject", "object")),
    )
    for predicates in (near, further):
        found |= {o[1] for s in tuple(found) for p in predicates for o in index.all(s, p) if o[0] == "iri"}
    return frozenset(found)


# --- SHACL ------------------------------------------------------------------------------------------------------------


def _shacl(index: _Index, ontology: Ontology, focus: frozenset[str] | None, lang: str) -> Iterator[Problem]:
    import pyshacl
    from rdflib import Graph, URIRef
    from rdflib import Literal as RdfLiteral

    data = Graph()
    kept = index.triples if focus is None else {s: index.triples[s] for s in focus if s in index.triples}
    for subject, predicates in kept.items():
        for predicate, objects in predicates.items():
            for object_ in objects:
                data.add((_rdflib(_node(subject)), URIRef(predicate), _rdflib(object_)))
    if focus is not None:
        # What the checked nodes point at needs its class, for sh:class to see.
        pointed = {o[1] for ps in kept.values() for os in ps.values() for o in os if o[0] == "iri"} - focus
        for node in pointed:
            for kind, text, _ in index.all(node, f"{RDF}type"):
                if kind == "iri":
                    data.add((URIRef(node), URIRef(f"{RDF}type"), URIRef(text)))
    shapes = Graph().parse(data=vocabulary.shapes(ontology), format="turtle")
    classes = Graph().parse(data=vocabulary.vocabulary(ontology), format="turtle")
    _, report, _ = pyshacl.validate(
        data,
        shacl_graph=shapes,
        ont_graph=classes,
        inference="none",
        inplace=True,
        focus_nodes=None if focus is None else [URIRef(n) for n in sorted(focus) if n in index.triples],
    )
    assert isinstance(report, Graph)
    for result in report.subjects(URIRef(f"{RDF}type"), URIRef(f"{SH}ValidationResult")):
        said = {str(m.language): str(m) for m in report.objects(result, URIRef(f"{SH}resultMessage")) if isinstance(m, RdfLiteral)}
        message = said.get(lang) or next(iter(sorted(said.values())), "")
        if value := report.value(result, URIRef(f"{SH}value")):
            message = f"{message.rstrip('.')}: {_shown(str(value))}"
        severity = str(report.value(result, URIRef(f"{SH}resultSeverity"))).removeprefix(SH).lower()
        yield Problem(
            severity if severity in SEVERITIES else "violation",
            str(report.value(result, URIRef(f"{SH}focusNode"))),
            message,
            str(report.value(result, URIRef(f"{SH}sourceShape"))).removeprefix(SHAPES),
        )


def _node(subject: str) -> _Term:
    return ("blank", subject[2:], "") if subject.startswith("_:") else ("iri", subject, "")


def _rdflib(term: _Term) -> rdflib.term.Node:
    from rdflib import BNode, URIRef
    from rdflib import Literal as RdfLiteral

    kind, text, tag = term
    if kind == "iri":
        return URIRef(text)
    if kind == "blank":
        return BNode(text)
    return RdfLiteral(text, lang=tag[1:]) if tag.startswith("@") else RdfLiteral(text, datatype=URIRef(tag), normalize=False)


def _shown(text: str) -> str:
    """A term for a message: with its prefix, on one line, not too long."""
    for prefix, namespace in PREFIXES.items():
        if text.startswith(namespace):
            return f"{prefix}:{text.removeprefix(namespace)}"
    line = " ".join(text.split())
    return line if len(line) <= 100 else f"{line[:99]}…"


# --- integrity --------------------------------------------------------------------------------------------------------


def _integrity(index: _Index, ontology: Ontology, focus: frozenset[str] | None) -> Iterator[Problem]:
    def within(nodes: Iterable[str]) -> list[str]:
        return sorted(n for n in nodes if focus is None or n in focus)

    claims = within(index.typed[f"{KG}Claim"])
    for claim in claims:
        yield from _claim(index, ontology, claim)
    yield from _plain_triples(index, ontology, claims, focus)
    for node in within(index.typed[f"{KG}Evidence"] | index.typed[f"{KG}Mention"]):
        yield from _quotations(index, node)
    for node in within(index.typed[f"{KG}Claim"] | index.typed[f"{KG}Evidence"] | index.typed[f"{KG}Brief"]):
        yield from _dates(index, node)
    for node in within(itertools.chain.from_iterable(index.typed[KG + c] for c in ontology.entity_classes)):
        yield from _kinds(index, ontology, node)
    if focus is None:
        yield from _whole(index)


def _term(index: _Index, ontology: Ontology, claim: str) -> Relation | Attribute | None:
    name = (index.text(claim, f"{RDF}predicate") or "").removeprefix(KG)
    return ontology.relations.get(name) or ontology.attributes.get(name)


def _claim(index: _Index, ontology: Ontology, claim: str) -> Iterator[Problem]:
    from kg.graph import turned

    term = _term(index, ontology, claim)
    subject, object_ = index.one(claim, f"{RDF}subject"), index.one(claim, f"{RDF}object")
    if term is None or subject is None or object_ is None:
        return  # SHACL says so
    if not _is_a(index, ontology, subject, term.domain):
        yield Problem(
            "violation", claim, f"the subject of kg:{term.name} is none of {', '.join(term.domain)}: {_shown(subject[1])}", "claim-types"
        )
    if isinstance(term, Relation):
        if not _is_a(index, ontology, object_, term.range):
            yield Problem(
                "violation", claim, f"the object of kg:{term.name} is none of {', '.join(term.range)}: {_shown(object_[1])}", "claim-types"
            )
        if turned(term, subject[1], object_[1]):
            yield Problem("violation", claim, "the subject of a symmetric relation must be the smaller IRI", "symmetric")
    elif not _is_value(index, object_, vocabulary.VALUE_RANGES[term.value]):
        yield Problem("violation", claim, f"the value of kg:{term.name} is no {term.value}: {_shown(object_[1])}", "claim-types")
    if subject == object_:
        yield Problem("violation", claim, f"kg:{term.name} of a thing and itself: {_shown(subject[1])}", "claim-types")
    for name in sorted(set(QUALIFIERS) - term.takes):
        if index.all(claim, KG + name):
            yield Problem("warning", claim, f"kg:{term.name} takes no {name}", "qualifiers")
    yield from _held(index, claim)


def _is_a(index: _Index, ontology: Ontology, node: _Term, wanted: Collection[str]) -> bool:
    classes = (t[1].removeprefix(KG) for t in index.all(node[1], f"{RDF}type")) if node[0] == "iri" else ()
    return any(c in ontology.classes and ontology.is_a(c, wanted) for c in classes)


def _is_value(index: _Index, node: _Term, ranges: Collection[str]) -> bool:
    if node[0] == "literal":
        return node[2] in ranges
    return any(t[1] in ranges for t in index.all(node[1], f"{RDF}type"))


def _held(index: _Index, claim: str) -> Iterator[Problem]:
    """A claim's status, confidence and qualifiers must be what its evidence comes to."""
    from kg.graph import Said, combine

    names = ("amount", "date", "role", "share", "bound")

    def values(node: str) -> dict[str, Any]:
        return {n: _ox(value) for n in names if (value := index.one(node, KG + n)) is not None}

    pieces = []
    for evidence in index.all(claim, f"{PROV}wasDerivedFrom"):
        source = index.text(evidence[1], f"{OA}hasSource") or ""
        status, sure = index.text(evidence[1], f"{KG}status"), index.text(evidence[1], f"{KG}confidence")
        text = index.text(source, f"{KG}textHash")
        try:
            said = Said(
                Status((status or "").removeprefix(KG)),
                Decimal(sure or ""),
                text or "",
                index.text(source, f"{KG}from") or "",
                **values(evidence[1]),
            )
        except (ValueError, InvalidOperation):
            return  # SHACL says so
        if text is None:
            return
        pieces.append(said)
    status, sure = index.text(claim, f"{KG}status"), index.text(claim, f"{KG}confidence")
    if not pieces or status is None or sure is None:
        return
    held = combine(pieces)
    if status != KG + held.status:
        yield Problem("violation", claim, f"its status is {_shown(status)}, but its evidence comes to kg:{held.status}", "held")
    elif sure not in (str(held.confidence), f"{held.confidence.normalize():f}"):
        yield Problem("violation", claim, f"its confidence is {sure}, but its evidence comes to {held.confidence.normalize():f}", "held")
    else:
        own = values(claim)
        for name in names:
            if own.get(name) != getattr(held, name):
                yield Problem("violation", claim, f"its {name} is not what its evidence comes to", "held")


def _ox(term: _Term) -> Any:
    import pyoxigraph as ox

    kind, text, tag = term
    if kind != "literal":
        return ox.NamedNode(text)
    return ox.Literal(text, language=tag[1:]) if tag.startswith("@") else ox.Literal(text, datatype=ox.NamedNode(tag))


def _plain_triples(index: _Index, ontology: Ontology, claims: Iterable[str], focus: frozenset[str] | None) -> Iterator[Problem]:
    """A fact stands as a plain triple exactly when a claim asserts it; both ways when it is symmetric."""
    asserted: set[tuple[str, str, _Term]] = set()
    for claim in sorted(index.typed[f"{KG}Claim"]) if focus is not None else claims:
        term = _term(index, ontology, claim)
        subject, object_ = index.one(claim, f"{RDF}subject"), index.one(claim, f"{RDF}object")
        if term is None or subject is None or object_ is None or index.text(claim, f"{KG}status") != f"{KG}{Status.ASSERTED}":
            continue
        facts = {(subject[1], KG + term.name, object_)}
        if isinstance(term, Relation) and term.symmetric:
            facts.add((object_[1], KG + term.name, subject))
        asserted |= facts
        if focus is None or claim in focus:
            for s, p, o in sorted(facts):
                if o not in index.all(s, p):
                    yield Problem(
                        "violation", claim, f"asserted, but the fact is missing: {_shown(s)} {_shown(p)} {_shown(o[1])}", "plain-triple"
                    )
    predicates = [KG + t.name for t in ontology.terms]
    for s in sorted(index.triples if focus is None else focus):
        for p in predicates:
            for o in index.all(s, p):
                if (s, p, o) not in asserted:
                    yield Problem("violation", s, f"a fact that no claim asserts: {_shown(p)} {_shown(o[1])}", "plain-triple")


def _quotations(index: _Index, node: str) -> Iterator[Problem]:
    """What a span quotes must be what stands there in the brief, if the graph has its text."""
    source = index.text(node, f"{OA}hasSource")
    text = index.text(source, f"{SCHEMA}text") if source else None
    spans = {s[1] for p in (f"{OA}hasSelector", f"{KG}trigger", f"{KG}subject", f"{KG}object") for s in index.all(node, p)}
    for span in sorted(spans):
        start, end, exact = (index.text(span, OA + n) for n in ("start", "end", "exact"))
        if start is None or end is None or exact is None or text is None or not (start.isdecimal() and end.isdecimal()):
            continue
        if text[int(start) : int(end)] != exact:
            yield Problem(
                "violation", node, f"quotes « {_shown(exact)} », which is not what stands at {start}–{end} of its brief", "quotation"
            )


def _dates(index: _Index, node: str) -> Iterator[Problem]:
    """The first and the last day must be those of the date as written."""
    from kg.graph import period

    date = index.text(node, f"{KG}date") or index.text(node, f"{DCT}date")
    days = index.text(node, f"{KG}from"), index.text(node, f"{KG}to")
    expected = (period(date) if date else None) or (None, None)
    if days != expected:
        shown = " to ".join(d or "nothing" for d in days)
        yield Problem("violation", node, f"kg:from and kg:to ({shown}) are not the days of its date ({date or 'none'})", "dates")


def _kinds(index: _Index, ontology: Ontology, node: str) -> Iterator[Problem]:
    classes = sorted({t[1].removeprefix(KG) for t in index.all(node, f"{RDF}type")} & set(ontology.entity_classes))
    kinds = {ontology.kind(c) for c in classes}
    if len(kinds) > 1:
        yield Problem("violation", node, f"is of several kinds: {', '.join(classes)}", "kinds")
    if not index.all(node, f"{RDFS}label"):
        yield Problem("violation", node, "has no name", "kinds")


def _whole(index: _Index) -> Iterator[Problem]:
    """Checks that need the whole graph."""
    if index.blank:
        yield Problem("violation", "", f"{index.blank} blank nodes: what has no name cannot be merged or removed", "blank-node")
    derived = {o[1] for c in index.typed[f"{KG}Claim"] for o in index.all(c, f"{PROV}wasDerivedFrom")}
    for evidence in sorted(index.typed[f"{KG}Evidence"] - derived):
        yield Problem("violation", evidence, "evidence of no claim", "orphan")
    by_key: dict[str, list[str]] = defaultdict(list)
    for brief in sorted(index.typed[f"{KG}Brief"]):
        by_key[index.text(brief, f"{KG}key") or ""].append(brief)
    for key, briefs in by_key.items():
        for brief in briefs[1:]:
            yield Problem("violation", brief, f"has the key « {_shown(key)} » of another brief, {briefs[0]}", "key")
    redirects = {r: index.text(r, f"{DCT}isReplacedBy") for r in index.typed[f"{KG}Redirect"]}
    for redirect, target in sorted(redirects.items()):
        if target in redirects:
            yield Problem("violation", redirect, f"is replaced by {target}, which is itself replaced", "redirect")
        elif target is not None and target not in index.triples:
            yield Problem("violation", redirect, f"is replaced by {target}, of which the graph knows nothing", "redirect")
    for claim in sorted(index.typed[f"{KG}Claim"]):
        for predicate in (f"{RDF}subject", f"{RDF}object"):
            for o in index.all(claim, predicate):
                if o[1] in redirects:
                    yield Problem("violation", claim, f"is about {o[1]}, which has been replaced", "redirect")
