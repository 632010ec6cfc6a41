"""Looking after a graph: deciding what it says, finding where it contradicts itself, comparing, showing and quoting it.

Decisions go into a file beside the store (:mod:`kg.decisions`) and are applied at once; every later build applies them too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import pyoxigraph as ox

from kg import decisions as deciding
from kg import namespaces as ns
from kg.decisions import Action, Decision
from kg.errors import QueryError, UsageError
from kg.files import STORE_HINT, written
from kg.graph import CLAIM, DERIVED, ROLE, TYPE, Spo, Store, money, part, value_term
from kg.link import fold_role, slug
from kg.ontology import Attribute, Ontology

CONFLICTS = ("conflicts-status", "conflicts-amount", "conflicts-value", "conflicts-post")
"""The named queries whose rows are contradictions."""


@dataclass(frozen=True, slots=True)
class Signature:
    """Who decides, when (ISO, to the second, with its zone) and why."""

    who: str
    when: str
    because: str = ""


# --- deciding ---------------------------------------------------------------------------------------------------------


def merge(store: Store, kept: str, gone: str, by: Signature, ontology: Ontology) -> Decision:
    """``gone`` is ``kept`` from now on: its IRI becomes a redirect."""
    one, other = _entity(store, kept), _entity(store, gone)
    if one == other:
        raise UsageError(f"« {kept} » and « {gone} » are one already", where=one)
    kinds = {one.partition("/")[0], other.partition("/")[0]}
    if len(kinds) > 1:
        raise UsageError(f"a thing is of one kind: {one} and {other} cannot be one")
    return _decide(store, _line("merge", by, one, object_=other), ontology)


def split(
    store: Store, entity: str, other: str | None, by: Signature, ontology: Ontology, *, brief: str | None = None, name: str | None = None
) -> list[Decision]:
    """Undoes a merge; else keeps two entities apart that were joined or proposed; with ``brief``, what that brief says of
    the entity gets a node of its own, told apart by ``name``."""
    if brief is None:
        if other is None or name is not None:
            raise UsageError("split from what?", hint="kg split ENTITY OTHER, or kg split ENTITY --brief KEY --as NAME")
        return [_decide(store, _line("split", by, _as_given(store, entity), object_=_as_given(store, other)), ontology)]
    if other is not None or not name or not re.fullmatch("[a-z0-9]+(-[a-z0-9]+)*", slug(name)):
        raise UsageError("a part of an entity needs a name", hint="kg split ENTITY --brief KEY --as fr-city")
    atoms = store.atoms(brief, _entity(store, entity), ontology)
    if not atoms:
        raise UsageError(f"the brief « {brief} » does not speak of it", where=_entity(store, entity), hint="kg query --name mentions")
    return [_decide(store, _line("split", by, atom, object_=f"{atom}~{slug(name)}", detail=brief), ontology) for atom in atoms]


def rename(store: Store, entity: str, name: str, by: Signature, ontology: Ontology) -> Decision:
    """The entity is shown under ``name``; its old name becomes another name of it, its IRI stays."""
    if not name.strip():
        raise UsageError("a name cannot be empty")
    return _decide(store, _line("rename", by, _entity(store, entity), object_=name), ontology)


def reject(store: Store, claim: str, by: Signature, ontology: Ontology) -> Decision:
    """The claim is left out, in this graph and every later one."""
    node = find_claim(store, claim)
    what = store.spo(node)
    role = _folded(store, node, what) if "role" in ontology.term(what.relation).takes else ""
    subject, object_ = (part(term, store.ids) for term in (what.subject, what.object))
    return _decide(store, _line("reject", by, subject, what.relation, object_, f"role={role}" if role else ""), ontology)


def _folded(store: Store, claim: ox.NamedNode, what: Spo) -> str:
    """The role that is part of what the claim says: of those its evidence writes, the one its IRI is made of."""
    proofs = [q.object for q in store.raw.quads_for_pattern(claim, DERIVED, None) if isinstance(q.object, ox.NamedNode)]
    for node in (claim, *proofs):
        for quad in store.raw.quads_for_pattern(node, ROLE, None):
            role = quad.object.value if isinstance(quad.object, ox.Literal) else ""
            if store.ids.claim(what.subject.value, what.relation, part(what.object, store.ids), fold_role(role)) == claim.value:
                return role
    return ""


def hold(
    store: Store, subject: str, relation: str, object_: str, qualifiers: Mapping[str, str], by: Signature, ontology: Ontology
) -> Decision:
    """The claim is asserted, the decision its evidence."""
    try:
        term = ontology.term(relation)
    except KeyError as error:
        raise UsageError(
            f"there is no relation or attribute « {relation} »", hint=f"one of {', '.join(t.name for t in ontology.terms)}"
        ) from error
    if unknown := sorted(qualifiers.keys() - term.takes):
        raise UsageError(f"« {relation} » takes no {unknown[0]}", hint=f"it takes {', '.join(sorted(term.takes)) or 'nothing'}")
    if "amount" in qualifiers and not isinstance(money(qualifiers["amount"], store.ids), ox.NamedNode):
        raise UsageError(f"« {qualifiers['amount']} » is no amount", hint="276000000 EUR")
    one = _entity(store, subject)
    if isinstance(term, Attribute):
        value = value_term(object_, term.value, store.ids)
        if term.value != "string" and isinstance(value, ox.Literal) and value.datatype == ox.NamedNode(ns.XSD + "string"):
            raise UsageError(f"« {object_} » is no {term.value}", hint="276000000 EUR, 500, 2021-05")
        other = part(value, store.ids)
    else:
        other = _entity(store, object_)
        _check_type(store, one, term.domain, "subject", relation, ontology)
        _check_type(store, other, term.range, "object", relation, ontology)
    if one == other:
        raise UsageError(f"« {relation} » of a thing and itself", where=one)
    detail = "; ".join(f"{k}={v}" for k, v in sorted(qualifiers.items()))
    return _decide(store, _line("assert", by, one, relation, other, detail), ontology)


def take(store: Store, lines: Sequence[Decision], ontology: Ontology) -> int:
    """Adds the decisions of another file; how many were new."""
    known = set(store.decisions)
    new = [d for d in lines if d not in known]
    if new:
        _keep(store, sorted([*store.decisions, *new], key=lambda d: d.when), ontology)
    return len(new)


def _line(action: Action, by: Signature, subject: str, relation: str = "", object_: str = "", detail: str = "") -> Decision:
    # What is kept is what is read back: a line of a file holds no line break.
    return deciding.parse(deciding.dump([Decision(by.when, by.who, action, subject, relation, object_, detail, by.because)]), "decision")[0]


def _decide(store: Store, decision: Decision, ontology: Ontology) -> Decision:
    _keep(store, [*store.decisions, decision], ontology)
    return decision


def _keep(store: Store, lines: list[Decision], ontology: Ontology) -> None:
    """First the file, then the graph: a graph that was not reached is settled by the next build."""
    if store.decisions_file is not None:
        with written(store.decisions_file, hint=STORE_HINT) as file:
            file.write(deciding.dump(lines).encode())
    store.decisions = lines
    store.settle(ontology)


def _entity(store: Store, text: str) -> str:
    return store.ids.local(store.resolve(text).value)


def _as_given(store: Store, text: str) -> str:
    """An entity by its IRI even if that was merged away (it is what is to be undone), else as any."""
    bare = store.ids.local(text.strip("<>"))
    return bare if re.fullmatch(r"[a-z]+/[a-z0-9~-]+", bare) else _entity(store, text)


def _check_type(store: Store, entity: str, wanted: Sequence[str], end: str, relation: str, ontology: Ontology) -> None:
    node = ox.NamedNode(store.ids.base + entity)
    types = [
        q.object.value.removeprefix(ns.KG) for q in store.raw.quads_for_pattern(node, TYPE, None) if isinstance(q.object, ox.NamedNode)
    ]
    if not any(t in ontology.classes and ontology.is_a(t, wanted) for t in types):
        raise UsageError(f"the {end} of « {relation} » must be a {' or '.join(wanted)}", where=entity)


def find_claim(store: Store, text: str) -> ox.NamedNode:
    """A claim by its IRI, whole or without the base, or by the first letters of its hash."""
    bare = store.ids.local(text.strip().strip("<>")).removeprefix("claim/")
    if not re.fullmatch("[0-9a-f]{4,}", bare):
        raise QueryError(f"« {text} » is no claim", hint="its IRI, as in claim/6f2c…: « kg show » and « kg view » give it")
    prefix = f"{store.ids.base}claim/{bare}"
    whole = ox.NamedNode(prefix)
    if any(True for _ in store.raw.quads_for_pattern(whole, TYPE, CLAIM)):
        return whole
    found = sorted(
        q.subject.value
        for q in store.raw.quads_for_pattern(None, TYPE, CLAIM)
        if isinstance(q.subject, ox.NamedNode) and q.subject.value.startswith(prefix)
    )
    if len(found) != 1:
        raise QueryError(
            f"« {text} » begins {len(found)} claims" if found else f"there is no claim « {text} »", hint="« kg show » gives their IRIs"
        )
    return ox.NamedNode(found[0])


# --- comparing --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a claim: ``added``, ``removed`` or ``changed``; its words and what held before and after."""

    what: str
    claim: str
    subject: str
    relation: str
    object: str
    before: str
    after: str


def diff(old: Store, new: Store) -> list[Change]:
    """The claims that are in one graph only, or held otherwise in the other."""
    before, after = _claims(old), _claims(new)
    found = []
    for claim in sorted(before.keys() | after.keys()):
        was, now = before.get(claim), after.get(claim)
        if was is None or now is None or was[3] != now[3]:
            subject, relation, object_, _ = now or cast("tuple[str, str, str, str]", was)
            what = "added" if was is None else "removed" if now is None else "changed"
            found.append(Change(what, claim, subject, relation, object_, was[3] if was else "", now[3] if now else ""))
    return sorted(found, key=lambda c: (c.subject, c.relation, c.object, c.claim))


def _claims(store: Store) -> dict[str, tuple[str, str, str, str]]:
    found = {}
    for row in store.query(_CLAIMS).dicts():
        held = " ".join(filter(None, (row["status"], row["date"], row["role"], row["amount"], f"{row['share']} %" if row["share"] else "")))
        found[store.ids.local(row["claim"] or "")] = (row["subjectName"] or "", row["relation"] or "", row["object"] or "", held)
    return found


# What a claim says, in words; several queries look at claims so.
_IN_WORDS = """
  ?claim rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?target ; kg:status ?held .
  ?subject rdfs:label ?subjectName .
  OPTIONAL { ?target rdfs:label ?label }
  OPTIONAL { ?target schema:value ?number ; schema:currency ?currency }
  OPTIONAL { ?claim kg:date ?date }
  OPTIONAL { ?claim kg:role ?role }
  OPTIONAL { ?claim kg:share ?share }
  OPTIONAL { ?claim kg:amount ?money . ?money schema:value ?sum ; schema:currency ?unit }
  BIND(STRAFTER(STR(?predicate), "#") AS ?relation)
  BIND(STRAFTER(STR(?held), "#") AS ?status)
  BIND(CONCAT(STR(?sum), " ", ?unit) AS ?amount)
  BIND(COALESCE(?label, CONCAT(STR(?number), " ", ?currency), STR(?target)) AS ?object)"""
_CLAIMS = f"""SELECT ?claim ?subjectName ?relation ?object ?status ?date ?role ?amount ?share {{
  ?claim a kg:Claim .{_IN_WORDS}
}}"""


# --- showing ----------------------------------------------------------------------------------------------------------


def card(store: Store, entity: str) -> tuple[list[dict[str, str | None]], list[dict[str, str | None]]]:
    """All there is on an entity, found by name or IRI: ``property`` and ``value`` (class, labels, addresses elsewhere); its
    claims, one row for each sentence that says one."""
    iri = store.resolve(entity)
    return store.query(_ABOUT, bindings={"entity": iri}).dicts(), store.query(_SAID, bindings={"entity": iri}).dicts()


_ABOUT = """SELECT ?entity ?property ?value {
  VALUES (?predicate ?property) { (rdf:type "type") (rdfs:label "label") (skos:altLabel "altLabel") (owl:sameAs "sameAs") }
  ?entity ?predicate ?term .
  BIND(IF(?property = "type", STRAFTER(STR(?term), "#"), STR(?term)) AS ?value)
}"""
_SAID = f"""SELECT ?entity ?claim ?subjectName ?relation ?object ?status ?confidence ?date ?role ?amount ?share ?sentence ?brief {{
  {{ ?claim rdf:subject ?entity }} UNION {{ ?claim rdf:object ?entity }}
  ?claim kg:confidence ?confidence ; prov:wasDerivedFrom ?evidence .
  ?evidence oa:hasSelector ?span ; oa:hasSource ?source .
  ?span oa:exact ?sentence .
  ?source kg:key ?brief .{_IN_WORDS}
}} ORDER BY ?relation ?subjectName ?object ?claim ?brief ?sentence"""


# --- quoting ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Citation:
    """A place that says a claim, ready to be quoted; offsets count characters of the brief's text."""

    sentence: str
    status: str
    brief: str
    date: str
    title: str
    source: str
    start: int
    end: int

    def __str__(self) -> str:
        said = ", ".join(filter(None, (self.title, self.source, self.date)))
        return f"« {self.sentence} » ({said + ', ' if said else ''}{self.brief}, characters {self.start}–{self.end}; {self.status})"


def cite(store: Store, claim: str) -> Iterator[Citation]:
    """The places that say a claim, the earliest first."""
    node = find_claim(store, claim)
    for row in store.query(_CITE, bindings={"claim": node}).dicts():
        text = {k: v or "" for k, v in row.items()}
        yield Citation(
            text["sentence"],
            text["status"],
            text["brief"],
            text["date"],
            text["title"],
            text["source"],
            int(text["start"]),
            int(text["end"]),
        )


_CITE = """SELECT DISTINCT ?claim ?sentence ?status ?brief ?date ?title ?source ?start ?end {
  ?claim prov:wasDerivedFrom ?evidence .
  ?evidence oa:hasSelector ?span ; oa:hasSource ?place ; kg:status ?voice .
  ?span oa:exact ?sentence ; oa:start ?start ; oa:end ?end .
  ?place kg:key ?brief .
  OPTIONAL { ?place dct:date ?date }
  OPTIONAL { ?place dct:title ?title }
  OPTIONAL { ?place dct:source ?source }
  BIND(STRAFTER(STR(?voice), "#") AS ?status)
} ORDER BY ?date ?brief ?start ?status"""
