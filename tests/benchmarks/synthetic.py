"""Briefs made of the frames' own examples with other names: to be read (:func:`briefs`), or read already (:func:`extractions`).

Each example of a relation is a template: its marked subject and object become one of some made-up names, the rest stays.
The frequency of names is Zipf's, so that some are in many briefs. The same number gives the same briefs.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from kg.examples import parse_marked
from kg.graph import Run
from kg.model import Brief, Claim, Entity, Evidence, Extraction, Mention, Span, Status
from kg.ontology import Ontology

RUN = Run("benchmark", "benchmark")
_SYLLABLES = "ba cor del fa gri lo mar nex or pi qua ri sol ta ul ven vo xa zen zu".split()


@dataclass(frozen=True, slots=True)
class _Template:
    relation: str
    before: str
    subject: str
    between: str
    object: str
    after: str
    swapped: bool


def _templates(ontology: Ontology) -> list[_Template]:
    found = []
    for name, relation in sorted(ontology.relations.items()):
        for example in relation.examples:
            marked = parse_marked(example.text)
            roles = [r for r in marked.roles if r.name in ("subject", "object")]
            if (
                len(roles) != 2
                or {r.name for r in roles} != {"subject", "object"}
                or any(not r.span.of(marked.text)[:1].isupper() for r in roles)
            ):
                continue
            one, two = sorted(roles, key=lambda r: r.span)
            text = marked.text
            parts = (text[: one.span.start], text[one.span.end : two.span.start], text[two.span.end :])
            kinds = {"subject": relation.domain[0], "object": relation.range[0]}
            found.append(_Template(name, parts[0], kinds[one.name], parts[1], kinds[two.name], parts[2], one.name == "object"))
    return found


def extractions(ontology: Ontology, count: int, seed: int = 7) -> Iterator[Extraction]:
    """``count`` briefs of two sentences with the two claims they were made to say."""
    dice, templates = random.Random(seed), _templates(ontology)
    names = ["".join(dice.choices(_SYLLABLES, k=dice.choice((2, 3, 3, 4)))).capitalize() for _ in range(max(50, count // 4))]

    def name(kind: str) -> str:
        picked = names[min(int(dice.paretovariate(0.7)) - 1, len(names) - 1)]
        return f"{dice.choice(('Ana', 'Luc', 'Mia', 'Eva'))} {picked}" if kind in ("Person", "Agent") else picked

    for number in range(count):
        text, entities, mentions, claims = "", dict[str, Entity](), list[Mention](), list[tuple[Claim, Evidence]]()
        for _ in range(2):
            template, start = dice.choice(templates), len(text)
            kinds = tuple({"Agent": "Person", "Organization": "Company"}.get(k, k) for k in (template.subject, template.object))
            first, second = name(kinds[0]), name(kinds[1])
            one = Span(start + len(template.before), start + len(template.before) + len(first))
            two = Span(one.end + len(template.between), one.end + len(template.between) + len(second))
            sentence = f"{template.before}{first}{template.between}{second}{template.after}"
            text += sentence + " "
            for word, kind, span in ((first, kinds[0], one), (second, kinds[1], two)):
                entities.setdefault(word, Entity(word, kind))
                mentions.append(Mention(span, "name", list(entities).index(word), "made"))
            whole = Span(start, start + len(sentence))
            at_subject, at_object = (two, one) if template.swapped else (one, two)
            subject, object_ = at_subject.of(text), at_object.of(text)
            if first != second:
                rule = f"{template.relation}/made"
                evidence = Evidence(f"made#{number}", whole, whole, at_subject, at_object, rule, Status.ASSERTED, 0.9)
                claims.append((Claim(subject, template.relation, object_), evidence))
        brief = Brief(f"made#{number}", text.strip(), f"20{10 + number % 15}-0{1 + number % 9}")
        yield Extraction(brief, tuple(entities.values()), tuple(mentions), tuple(claims))


def briefs(ontology: Ontology, count: int, seed: int = 7) -> Iterator[Brief]:
    """The same briefs, still to be read."""
    return (e.brief for e in extractions(ontology, count, seed))
