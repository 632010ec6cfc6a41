"""What the page of the network is told: one value of JSON, from a networkx view of the graph and the ontology.

The same value serves a file and a server. Entities are numbered by importance, the most central first; claims, sentences and
briefs refer to one another by number. Spans are in UTF-16 units, which is what a browser counts in.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kg import analyse, layout
from kg import namespaces as ns
from kg.model import Span
from kg.ontology import Ontology, Text

if TYPE_CHECKING:
    import networkx as nx

WHOLE = 1000
"""Up to so many entities are drawn all at once."""

FIRST = 400
"""So many, the most central ones, are drawn at first of a larger network; the others are dots until they are asked for."""

LIMIT = 20_000
"""A page holds no more entities than these, the most central ones, and says what was left out."""

TITLE = Text("Qui fait quoi dans la tech", "Who does what in tech")

ASSETS = Path(__file__).resolve().parent / "assets"
_UNKNOWN = {"fr": "autre", "en": "other", "colour": "#7F7F7F", "shape": "dot"}
_BEND = 0.2


def scene(
    net: nx.MultiDiGraph[str], ontology: Ontology, *, title: Text = TITLE, limit: int = LIMIT, base: str | None = None
) -> dict[str, Any]:
    """The page's data, the same for the same network and ontology.

    ``first`` says how many entities are drawn at once; ``cut`` what a network of more than ``limit`` entities lost. ``base``
    is what our IRIs begin with: those that do are given without it.
    """
    shown = analyse.most_central(net, limit)
    measures = analyse.centrality(shown)
    ids = {iri: number for number, iri in enumerate(measures)}
    first = len(ids) if len(ids) <= WHOLE else FIRST
    group = {iri: m.community for iri, m in measures.items()}
    at = layout.positions(shown, group, named=None if len(ids) <= WHOLE else frozenset(list(ids)[:first]))
    tables = _Tables(net, ns.base(base))
    edges = sorted(shown.edges(keys=True, data=True), key=lambda e: e[2])
    bends = _bends([(ids[s], ids[o]) for s, o, _, _ in edges])
    entities = [_entity(shown.nodes[iri], iri, at[iri], measures[iri], tables) for iri in ids]
    claims = []
    for (s, o, key, data), bend in zip(edges, bends, strict=True):
        claim = {"from": ids[s], "to": ids[o], "relation": data["relation"]} | tables.claim(key, data)
        claims.append(claim | ({"bend": bend} if bend else {}))
    terms = {r for _, _, r in shown.edges(data="relation")} | {v.attribute for _, d in shown.nodes(data=True) for v in d["attributes"]}
    types = {d["type"] for _, d in shown.nodes(data=True)}
    whole, drawn = analyse.summary(net), analyse.summary(shown)
    order = [n for n in ontology.classes if n in types] + sorted(types - ontology.classes.keys())
    return {
        "title": {"fr": title.fr, "en": title.en},
        "base": tables.base,
        "prefixes": dict(ns.PREFIXES),
        "period": analyse.period(net),
        "summary": whole,
        "cut": {"entities": whole["entities"] - drawn["entities"], "claims": whole["claims"] - drawn["claims"], "limit": len(shown)},
        "first": first,
        "whole": WHOLE,
        "classes": {name: look(ontology, name) for name in order},
        "order": order,
        "families": _families(ontology, terms),
        "terms": {name: _term(ontology, name) for name in sorted(terms)},
        "entities": entities,
        "claims": claims,
        "sentences": tables.sentences,
        "briefs": tables.briefs,
    }


@dataclass
class _Tables:
    """Briefs and sentences by number; a sentence that says many things stands once."""

    net: nx.MultiDiGraph[str]
    base: str
    sentences: list[list[Any]] = field(default_factory=list)
    briefs: list[dict[str, Any]] = field(default_factory=list)
    _sentence: dict[tuple[str, int, str], int] = field(default_factory=dict)
    _brief: dict[str, int] = field(default_factory=dict)

    def local(self, iri: str) -> str:
        return iri.removeprefix(self.base)

    def claim(self, iri: str, data: Mapping[str, Any]) -> dict[str, Any]:
        told = {"iri": self.local(iri), "status": str(data["status"]), "confidence": data["confidence"]}
        evidence = [self.quote(q, data) for q in data["evidence"]]
        qualifiers = dict(sorted(data["qualifiers"].items()))
        return told | ({"qualifiers": qualifiers} if qualifiers else {}) | ({"evidence": evidence} if evidence else {})

    def quote(self, quote: analyse.Quote, claim: Mapping[str, Any]) -> dict[str, Any]:
        """One piece of evidence; status and confidence only where they are not the claim's."""
        key = quote.brief, quote.start, quote.sentence
        if key not in self._sentence:
            self._sentence[key] = len(self.sentences)
            self.sentences.append([self.brief(quote.brief), quote.start, quote.sentence])
        told: dict[str, Any] = {"iri": self.local(quote.iri), "sentence": self._sentence[key], "rule": quote.rule}
        if quote.status != claim["status"]:
            told["status"] = str(quote.status)
        if quote.confidence != claim["confidence"]:
            told["confidence"] = quote.confidence
        if quote.qualifiers:
            told["qualifiers"] = dict(sorted(quote.qualifiers.items()))
        words = {"trigger": quote.trigger, "subject": quote.subject, "object": quote.object}
        told["words"] = {name: utf16(quote.sentence, span) for name, span in words.items() if span is not None}
        return told

    def brief(self, iri: str) -> int | None:
        known = self.net.graph["briefs"]
        if iri not in known:
            return None
        if iri not in self._brief:
            self._brief[iri] = len(self.briefs)
            brief = known[iri]
            told = {
                "key": brief.key,
                "title": brief.title,
                "begins": None if brief.title else brief.begins,
                "date": brief.date,
                "source": brief.source,
            }
            link = {"link": True} if brief.source and is_web(brief.source) else {}
            self.briefs.append({"iri": self.local(iri), "origin": origin(brief)} | {k: v for k, v in told.items() if v} | link)
        return self._brief[iri]


def _entity(data: Mapping[str, Any], iri: str, at: tuple[int, int], measures: analyse.Measures, tables: _Tables) -> dict[str, Any]:
    told = {
        "iri": tables.local(iri),
        "label": data["label"],
        "type": data["type"],
        "x": at[0],
        "y": at[1],
        "community": measures.community,
        "betweenness": round(measures.betweenness, 4),
    }
    links = [link for link in data["same_as"] if is_web(link)]
    values = [
        {"attribute": v.attribute, "value": v.value}
        | tables.claim(v.claim, {"status": v.status, "confidence": v.confidence, "qualifiers": v.qualifiers, "evidence": v.evidence})
        for v in data["attributes"]
    ]
    several = {"aliases": list(data["aliases"]), "links": links, "values": values}
    return told | {name: found for name, found in several.items() if found}


def _bends(pairs: list[tuple[int, int]]) -> list[float]:
    """How much each arrow bends: those between the same two entities bend apart, in whichever direction they go."""
    count: dict[tuple[int, int], int] = defaultdict(int)
    for a, b in pairs:
        count[min(a, b), max(a, b)] += 1
    seen: dict[tuple[int, int], int] = defaultdict(int)
    found = []
    for a, b in pairs:
        pair = min(a, b), max(a, b)
        found.append(0.0 if a == b else round(_BEND * (2 * seen[pair] - count[pair] + 1) * (1 if a < b else -1), 3))
        seen[pair] += 1
    return found


def look(ontology: Ontology, name: str) -> dict[str, str]:
    """Labels, colour and shape of a class; what it does not say, the class above says."""
    if name not in ontology.classes:
        return _UNKNOWN
    own = ontology.classes[name]
    colour, shape, parent = own.colour, own.shape, own.parent
    while parent is not None and not (colour and shape):
        above = ontology.classes[parent]
        colour, shape, parent = colour or above.colour, shape or above.shape, above.parent
    return {"fr": own.label.fr, "en": own.label.en, "colour": colour or _UNKNOWN["colour"], "shape": shape or _UNKNOWN["shape"]}


def _families(ontology: Ontology, terms: set[str]) -> dict[str, dict[str, str]]:
    """The families there are, in the order of the file, then those it does not know."""
    known = tomllib.loads((ASSETS / "families.toml").read_text(encoding="utf-8"))
    used = {family(ontology, t) for t in terms if t not in ontology.attributes}
    told = {name: {"fr": f["label"]["fr"], "en": f["label"]["en"], "colour": f["colour"]} for name, f in known.items() if name in used}
    return told | {name: {"fr": name, "en": name, "colour": known["other"]["colour"]} for name in sorted(used - known.keys())}


def family(ontology: Ontology, relation: str) -> str:
    """The family of a relation; « other » for one the ontology does not know."""
    return ontology.relations[relation].family if relation in ontology.relations else "other"


def _term(ontology: Ontology, name: str) -> dict[str, Any]:
    if name not in ontology.relations and name not in ontology.attributes:
        return {"fr": name, "en": name, "kind": "relation", "family": "other"}
    term = ontology.term(name)
    told = {"fr": term.label.fr, "en": term.label.en, "comment": {"fr": term.comment.fr, "en": term.comment.en}, "because": term.because}
    if name in ontology.attributes:
        return told | {"kind": ontology.attributes[name].value}
    return told | {"kind": "relation", "family": family(ontology, name), "symmetric": ontology.relations[name].symmetric}


def origin(brief: analyse.Brief) -> str:
    """Where a brief is from, for people to choose by: a site, a file, or the beginning of its key."""
    if brief.source and is_web(brief.source):
        return (urlsplit(brief.source).hostname or brief.source).removeprefix("www.")
    return brief.source or re.sub(r"[#/:._-]*\d+$", "", brief.key) or brief.key


def utf16(text: str, span: Span) -> list[int]:
    """A span of code points as UTF-16 units."""
    start = len(text[: span.start].encode("utf-16-le", "surrogatepass")) // 2
    return [start, start + len(span.of(text).encode("utf-16-le", "surrogatepass")) // 2]


def is_web(iri: str) -> bool:
    """Whether an address may become a link."""
    return iri.startswith(("http://", "https://"))
