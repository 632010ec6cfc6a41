"""Extractions as JSON Lines: the gold format plus evidence (one object a brief)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kg.model import QUALIFIERS, Claim, Evidence, Extraction, Status
from kg.ontology import Ontology


def settle(evidence: Iterable[Evidence]) -> Status:
    """The status of a claim within one brief: asserted over denied over planned over rumoured."""
    said = {e.status for e in evidence}
    return next(s for s in (Status.ASSERTED, Status.DENIED, Status.PLANNED, Status.RUMOURED) if s in said)


def to_record(extraction: Extraction, ontology: Ontology) -> dict[str, Any]:
    """One brief as an object of the gold format; keys without a value are left out."""
    brief = extraction.brief
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
        relations.append({**record, "evidence": proofs})
    return {
        "id": brief.key,
        "date": brief.date,
        "lang": brief.lang,
        "text": brief.text,
        "entities": [{"name": e.name, "type": e.type, "aliases": list(e.aliases)} for e in extraction.entities],
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
    return record | {n: v for n in QUALIFIERS if (v := getattr(e, n))}
