"""What was read in a brief, as text that can be read back: how a store remembers it, to tell anew who is who.

:func:`dumps` and :func:`loads` are each other's inverse for everything but the brief's text, which the graph holds itself
(:data:`Brief.text` is kept here too when no RDF literal could hold it).
"""

from __future__ import annotations

import json
from dataclasses import astuple, replace
from typing import Any

from kg.link import writable
from kg.model import Brief, Claim, Entity, Evidence, Extraction, Mention, Span, Status


def dumps(extraction: Extraction) -> str:
    """An extraction as one line of ASCII."""
    brief = extraction.brief
    said: dict[str, Any] = {
        "brief": [brief.key, brief.date, brief.lang, brief.title, brief.source],
        "entities": [[e.name, e.type, *e.aliases] for e in extraction.entities],
        "mentions": [[*m.span, m.kind, m.entity, m.why] for m in extraction.mentions],
        "claims": [
            [astuple(claim), [list(v) if isinstance(v, tuple) else v for v in astuple(evidence)[1:]]]
            for claim, evidence in extraction.claims
        ],
    }
    if writable(brief.text) != brief.text:
        said["text"] = brief.text
    return json.dumps(said, separators=(",", ":"))


def loads(text: str, said_by: str) -> Extraction:
    """The extraction of :func:`dumps`; ``said_by`` is the brief's text."""
    said = json.loads(text)
    key, date, lang, title, source = said["brief"]
    brief = Brief(key, said.get("text", said_by), date, lang, title, source)
    return Extraction(
        brief,
        tuple(Entity(name, type_, tuple(aliases)) for name, type_, *aliases in said["entities"]),
        tuple(Mention(Span(start, end), kind, entity, why) for start, end, kind, entity, why in said["mentions"]),
        tuple((Claim(*claim), _evidence(key, evidence)) for claim, evidence in said["claims"]),
    )


def _evidence(brief: str, said: list[Any]) -> Evidence:
    span, trigger, subject, object_ = (Span(*pair) for pair in said[:4])
    rule, status, *rest = said[4:]
    return replace(Evidence(brief, span, trigger, subject, object_, rule, Status(status)), **dict(zip(_REST, rest, strict=True)))


_REST = ("confidence", "amount", "date", "role", "share", "bound")
