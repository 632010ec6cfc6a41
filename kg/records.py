"""Extractions as JSON Lines: the gold format plus evidence (one object a brief), and back again.

:func:`from_record` gives what :func:`to_record` was given but for the order of claims and the second choices of anaphors,
on which no graph depends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kg.model import QUALIFIERS, Brief, Claim, Entity, Evidence, Extraction, Mention, Span, Status
from kg.ontology import Ontology


def settle(evidence: Iterable[Evidence]) -> Status:
    """The status of a claim within one brief: asserted over denied over planned over rumoured."""
    said = {e.status for e in evidence}
    return next(s for s in (Status.ASSERTED, Status.DENIED, Status.PLANNED, Status.RUMOURED) if s in said)


def to_record(extraction: Extraction, ontology: Ontology) -> dict[str, Any]:
    """One brief as an object of the gold format; keys without a value are left out."""
    brief = extraction.brief
    known = {"title": brief.title, "source": brief.source}
    grouped: dict[Claim, list[Evidence]] = {}
    for claim, evidence in extraction.claims:
        grouped.setdefault(claim, []).append(evidence)
    relations, attributes = [], []
    for claim, pieces in grouped.items():
        status = settle(pieces)
        proofs = [_evidence(e) for e in pieces]
        if claim.relation in ontology.attributes:
            attributes.append({"s": claim.subject, "p": claim.relation, "v": claim.object, "status": str(status), "evidence": proofs})
            continue
        record: dict[str, Any] = {"s": claim.subject, "p": claim.relation, "o": claim.object, "status": str(status)}
        for name in QUALIFIERS:
            if value := next((v for e in pieces if e.status is status and (v := getattr(e, name))), None):
                record[name] = value
        if claim.role:
            record["folded"] = claim.role
        relations.append({**record, "evidence": proofs})
    return {
        "id": brief.key,
        "date": brief.date,
        "lang": brief.lang,
        **{name: value for name, value in known.items() if value},
        "text": brief.text,
        "entities": [{"name": e.name, "type": e.type, "aliases": list(e.aliases)} for e in extraction.entities],
        "mentions": [[*m.span, m.kind, m.entity, m.why] for m in extraction.mentions],
        "relations": relations,
        "attributes": attributes,
    }


def _evidence(e: Evidence) -> dict[str, Any]:
    record: dict[str, Any] = {
        "start": e.span.start,
        "end": e.span.end,
        "trigger": list(e.trigger),
        "s": list(e.subject),
        "o": list(e.object),
        "rule": e.rule,
        "status": str(e.status),
        "confidence": e.confidence,
    }
    return record | {n: v for n in (*QUALIFIERS, "bound") if (v := getattr(e, n))}


def from_record(record: Mapping[str, Any]) -> Extraction:
    """What such an object says. ``KeyError``, ``TypeError`` or ``ValueError`` if it is none, or has no evidence."""
    brief = Brief(record["id"], record["text"], record.get("date"), record.get("lang", "fr"), record.get("title"), record.get("source"))
    if not isinstance(brief.key, str) or not isinstance(brief.text, str):
        raise TypeError("id and text are strings")
    return Extraction(
        brief,
        tuple(Entity(e["name"], e["type"], tuple(e.get("aliases", ()))) for e in record["entities"]),
        tuple(Mention(Span(start, end), kind, entity, why) for start, end, kind, entity, why in record.get("mentions", ())),
        tuple(_claims(brief.key, record)),
    )


def _claims(brief: str, record: Mapping[str, Any]) -> Iterator[tuple[Claim, Evidence]]:
    for name, value in (("relations", "o"), ("attributes", "v")):
        for said in record[name]:
            claim = Claim(said["s"], said["p"], said[value], said.get("folded"))
            for e in said["evidence"]:
                trigger, subject, object_ = (Span(*e[n]) for n in ("trigger", "s", "o"))
                qualifiers = {n: e[n] for n in (*QUALIFIERS, "bound") if n in e}
                span, sure = Span(e["start"], e["end"]), float(e["confidence"])
                yield claim, Evidence(brief, span, trigger, subject, object_, e["rule"], Status(e["status"]), sure, **qualifiers)
