"""What was read in a brief, as text that can be read back: how a store remembers it, to tell anew who is who.

:func:`dumps` and :func:`loads` are each other's inverse for everything but the brief's text, which the graph holds itself
(:data:`Brief.text` is kept here too when no RDF literal could hold it). :func:`dump_profiles` and :func:`load_profiles` likewise.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from kg.link import writable
from kg.model import Brief, Claim, Entity, Evidence, Extraction, Mention, Span, Status
from kg.resolve import Profile


def dumps(extraction: Extraction) -> str:
    """An extraction as one line of ASCII."""
    brief = extraction.brief
    said: dict[str, Any] = {
        "brief": [brief.key, brief.date, brief.lang, brief.title, brief.source],
        "entities": [[e.name, e.type, *e.aliases] for e in extraction.entities],
        "mentions": [[*m.span, m.kind, m.entity, m.why] for m in extraction.mentions],
        "claims": [
            [[claim.subject, claim.relation, claim.object, claim.role], [getattr(evidence, name) for name in _EVIDENCE]]
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
    return Evidence(brief, span, trigger, subject, object_, rule, Status(status), *rest)


_EVIDENCE = tuple(f.name for f in fields(Evidence))[1:]


def dump_profiles(brief: str, found: Iterable[Profile]) -> str:
    """What a brief says of its entities, as far as who they are depends on it, as one line of ASCII."""
    return json.dumps([brief, *([getattr(p, name) for name in _PROFILE] for p in found)], separators=(",", ":"), default=sorted)


def load_profiles(text: str) -> tuple[str, tuple[Profile, ...]]:
    """The brief's key and what :func:`dump_profiles` was given."""
    brief, *said = json.loads(text)
    return brief, tuple(
        Profile(
            brief,
            name,
            kind,
            base,
            day,
            famous,
            tuple((slug, written) for slug, written in forms),
            tuple(former),
            frozenset(partners),
            frozenset(apart),
            {facet: tuple(values) for facet, values in facets.items()},
        )
        for name, kind, base, day, famous, forms, former, partners, apart, facets in said
    )


_PROFILE = tuple(f.name for f in fields(Profile))[1:]
