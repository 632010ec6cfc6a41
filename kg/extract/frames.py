"""The engine: constructions × frames. From an analysed brief to matches, each explaining itself, and near misses.

For each trigger found in a brief, each of its frames asks the syntax for the slots of its roles; fillers become
entities or values; all that fit the relation's domain and range become claims with evidence. One generator serves
extraction and ``kg explain``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kg.extract import confidence, qualifiers
from kg.extract.finding import Trigger, find, noun_phrase
from kg.extract.modality import Modality
from kg.extract.syntax import Filler, Syntax
from kg.extract.triggers import Entry, Triggers, compile_triggers
from kg.fr.data import lexicon
from kg.model import Bound as QuantityBound
from kg.model import Claim, Evidence, Match, Miss, Quantity, Sentence, Span, Status
from kg.ontology import Attribute, Ontology, Relation


class Filling(NamedTuple):
    """What fills a role: an entity (its name) or a value, where it stands, and by which construction."""

    value: str
    span: Span
    token: int
    via: str
    type: str | None
    anaphor: bool = False
    others: tuple[int, ...] = ()
    why: str = "value"
    bound: QuantityBound | None = None


class Engine:
    """All frames of an ontology, ready to read analysed briefs. Stateless between briefs."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.triggers: Triggers = compile_triggers(ontology)
        self.transparent = lexicon()["transparent"].words
        self.stakes = lexicon()["stake"].words

    def read(self, syntax: Syntax) -> Iterator[Match | Miss]:
        """Matches and near misses of a brief, in text order of their triggers."""
        modality = Modality(syntax)
        for trigger in find(self.triggers, syntax):
            yield from self._match(trigger, syntax, modality)
        yield from self._patterns(syntax, modality)

    # --- roles -----------------------------------------------------------------------------------------------------------

    def _match(self, trigger: Trigger, syntax: Syntax, modality: Modality) -> Iterator[Match | Miss]:
        term, frame = trigger.entry
        target = "value" if isinstance(term, Attribute) else "object"
        span = Span(syntax.tokens[trigger.token].span.start, syntax.tokens[trigger.last].span.end)
        if reason := self._ruled_out(trigger, syntax):
            yield Miss(term.name, frame.id, span, reason)
            return
        bound: dict[str, list[Filling]] = {}
        for role in ("subject", target):
            found, reason = self._fill(trigger, role, syntax, frozenset(b.value for bs in bound.values() for b in bs))
            if not found:
                yield Miss(term.name, frame.id, span, reason, {r: ", ".join(b.value for b in bs) for r, bs in bound.items()})
                return
            bound[role] = found
        yield from self._claims(trigger, span, bound["subject"], bound[target], syntax, modality)

    def _ruled_out(self, trigger: Trigger, syntax: Syntax) -> str | None:
        """Why a frame's ``needs`` or ``unless`` forbid it here. ``unless`` looks at the words right under the trigger,
        ``needs`` further around; both at its figures: ``@money``, ``@share``, ``@minority``, ``@majority``."""
        frame = trigger.entry.frame
        if not frame.needs and not frame.unless:
            return None
        figures: set[str] = set()
        if qualifiers.nearest(syntax, trigger.token, "money", set()):
            figures.add("@money")
        if share := qualifiers.nearest(syntax, trigger.token, "percent", set()):
            figures |= {"@share", "@majority" if float(share.value.rstrip(" %")) > 50 else "@minority"}
        if bad := (syntax.under(trigger.token) | figures) & set(frame.unless):
            return f"ruled out by « {min(bad)} »"
        if frame.needs and (syntax.around(trigger.token, trigger.last) | figures).isdisjoint(frame.needs):
            return f"needs one of {', '.join(frame.needs)}"
        return None

    def _types(self, entry: Entry, role: str) -> tuple[str, ...]:
        term, frame = entry
        if role == "subject":
            return frame.subject_types or term.domain
        return frame.object_types or (term.range if isinstance(term, Relation) else ())

    def _fill(self, trigger: Trigger, role: str, syntax: Syntax, taken: frozenset[str]) -> tuple[list[Filling], str]:
        """What fills a role, or why nothing does; whoever is ``taken`` by the other role is not the topic as well."""
        term, frame = trigger.entry
        types = self._types(trigger.entry, role)
        reason = f"no {role}: nothing in {' or '.join(frame.roles[role])}"
        for slot in frame.roles[role]:
            measured = isinstance(term, Attribute) and role == "value" and term.value != "string"
            fillers = trigger.complement if slot == "complement" and trigger.of == "verb" else self._slot(trigger, slot, syntax, measured)
            if slot == "adj":  # « des clients chinois, indiens et malaisiens »: all of them
                listed = [b for f in fillers for b in self._entities(f, syntax) if b.type and self._fits(b.type, types)]
                if listed:
                    return listed, ""
            for filler in fillers:
                if role == "value" and isinstance(term, Attribute):
                    if value := self._value(filler, term, syntax):
                        return [value], ""
                    reason = f"no value: « {syntax.tokens[filler.token].text} » is no {term.value}"
                    continue
                alone = slot in {"bearer", "head"} and syntax.tokens[trigger.token].morph.get("Number") != "Plur"
                found = self._entities(filler, syntax, alone=alone, through=slot != "head")
                fitting = [b for b in found if b.type and self._fits(b.type, types)] or self._otherwise(found, types, syntax)
                if fitting and not (slot == "topic" and taken & {b.value for b in fitting}):
                    return fitting, ""
                word = syntax.tokens[filler.token].text
                reason = (
                    f"no {role}: « {found[0].value} » is a {found[0].type}, not {' or '.join(types)}"
                    if found
                    else f"no {role}: « {word} » is no known entity"
                )
        return [], reason

    def _fits(self, kind: str, types: tuple[str, ...]) -> bool:
        """Whether a class is one of ``types`` or below one (``=Organization``: that class alone)."""
        return f"={kind}" in types or self.ontology.is_a(kind, types)

    def _otherwise(self, found: list[Filling], types: tuple[str, ...], syntax: Syntax) -> list[Filling]:
        """An anaphor whose best antecedent is of the wrong class: its next best one of the right class."""
        for b in found:
            for entity in b.others:
                other = syntax.analysis.entities[entity]
                if self._fits(other.type, types):
                    return [b._replace(value=other.name, type=other.type, via=f"{b.via}?")]
        return []

    def _slot(self, trigger: Trigger, slot: str, syntax: Syntax, value: bool = False) -> tuple[Filler, ...]:
        name, _, rest = slot.partition("/")
        if name == "obj" and rest == "de":  # « lancée en 2005, la messagerie de X »: whose the object is
            return tuple(f for o in syntax.slot(trigger.token, trigger.of, "obj") for f in syntax.slot(o.token, "noun", "complement"))
        if name == "bearer" and trigger.of == "noun" and syntax.letters[trigger.token] == "E":
            return (Filler(trigger.token, "taken-up"),)
        if name == "near":
            kinds = (
                {qualifiers.KIND_OF_VALUE[trigger.entry.term.value]}
                if isinstance(trigger.entry.term, Attribute) and trigger.entry.term.value in qualifiers.KIND_OF_VALUE
                else set()
            )
            return tuple(
                Filler(t, "near") for kind in kinds if (t := qualifiers.nearest_token(syntax, trigger.token, kind, set())) is not None
            )
        if name == "post":
            titles = qualifiers.post(syntax, trigger.token)
            if not rest:
                return titles
            return tuple(f for t in titles for f in syntax.slot(t.token, "noun", "complement"))
        at = (
            trigger.last
            if trigger.of == "noun" and name in {"de", "par", "prep", "complement", "adj"} and trigger.last != trigger.token
            else trigger.token
        )
        if at != trigger.token and name == "complement":
            return (
                syntax.slot(trigger.token, "noun", "poss")
                or syntax.slot(at, "noun", "complement")
                or syntax.slot(trigger.token, "noun", "complement")
            )
        if trigger.of == "noun" and name == "bearer" and trigger.last != trigger.token:
            return syntax.slot(trigger.token, "noun", slot) or syntax.slot(trigger.last, "noun", slot)
        found = syntax.slot(at, trigger.of, slot, value=value)
        if not found and name == "obj" and trigger.last != trigger.token and not value:
            after = noun_phrase(syntax, trigger.last + 1, syntax.sentence_of(trigger.last)[1])
            found = () if after is None else (Filler(after, "after"),)
        return found

    def _entities(self, filler: Filler, syntax: Syntax, depth: int = 0, *, alone: bool = False, through: bool = True) -> list[Filling]:
        """The entities a word stands for: its own, those coordinated with it, those of a transparent noun, or, for a
        stake nobody is named for (« 20 % du tour de table »), the organisation spoken of. ``alone``: no coordination
        (a singular noun or adjective speaks of one); ``through``: whether transparent nouns are seen through."""
        out: list[Filling] = []
        own = filler.via in {"self", "adjective"}
        single = filler.token if own else syntax.name_under(filler.token)
        for t in (single,) if own or alone else syntax.coordinated(syntax.name_of(filler.token)):
            token = syntax.tokens[t]
            for m in token.mentions:
                mention = syntax.analysis.mentions[m]
                if (mention.kind == "adjective") != own and len(token.mentions) > 1:
                    continue
                entity = syntax.analysis.entities[mention.entity]
                anaphor = mention.kind in {"nominal", "pronoun"} and not mention.why.startswith(("epithet-of-name", "apposed-name"))
                out.append(Filling(entity.name, mention.span, t, filler.via, entity.type, anaphor, mention.others, mention.why))
        if out or depth > 2 or not through:
            return out
        token = syntax.tokens[filler.token]
        quantity = syntax.quantity(filler.token)
        stake = token.lemma in self.stakes or (quantity is not None and quantity.kind == "percent")
        if token.lemma in self.transparent or token.text == "%" or quantity is not None:
            for slot in ("de", "poss"):
                for inner in syntax.slot(filler.token, "noun", slot):
                    if found := self._entities(Filler(inner.token, f"{filler.via}>of"), syntax, depth + 1):
                        return found
                    stake &= syntax.tokens[inner.token].lemma in self.stakes  # « 30 % de leurs ventes » is no stake
        if stake:
            for inner in syntax.slot(filler.token, "noun", "topic"):
                return [b._replace(anaphor=True) for b in self._entities(Filler(inner.token, f"{filler.via}>topic"), syntax, 3)[:1]]
        return out

    def _value(self, filler: Filler, term: Attribute, syntax: Syntax) -> Filling | None:
        if term.value == "string":
            token = syntax.tokens[filler.token]
            for m in token.mentions:
                if syntax.analysis.mentions[m].kind == "name":
                    return Filling(syntax.analysis.mentions[m].span.of(syntax.analysis.brief.text), token.span, token.i, filler.via, None)
            return None
        quantity = qualifiers.quantity_at(syntax, filler.token, qualifiers.KIND_OF_VALUE[term.value])
        if quantity is None:
            return None
        return Filling(quantity.value, quantity.span, filler.token, filler.via, None, bound=quantity.bound)

    # --- claims ----------------------------------------------------------------------------------------------------------

    def _claims(
        self, trigger: Trigger, span: Span, subjects: list[Filling], objects: list[Filling], syntax: Syntax, modality: Modality
    ) -> Iterator[Match | Miss]:
        term, frame = trigger.entry
        relational = trigger.of == "noun" and self._is_state(trigger)
        status, why = modality.status(trigger.token, "relational" if relational else trigger.of)
        if status is None:
            yield Miss(term.name, frame.id, span, f"not stated: {why}")
            return
        if frame.steady or (isinstance(term, Relation) and term.steady):
            status, why = Status.ASSERTED, ""
        if frame.status is not None:
            status = _with_frame(frame.status, status)
        used = {b.token for b in (*subjects, *objects)}
        symmetric = isinstance(term, Relation) and term.symmetric
        if len(used) < len({b.token for b in subjects}) + len({b.token for b in objects}) and len(used) > 1 and not symmetric:
            yield Miss(term.name, frame.id, span, "the same words would be on both sides")
            return
        values = self._qualifiers(trigger, syntax, used)
        for subject in subjects:
            for obj in objects:
                if subject.value == obj.value or (symmetric and subject.token in {b.token for b in objects} and subject.token > obj.token):
                    continue
                role = values.get("role")
                folded = role.lower() if role and isinstance(term, Relation) and term.folds_role else None
                construction = subject.via if subject.via != "self" else obj.via
                sentences = self._sentences(syntax, span, subject, obj)
                window = Span(sentences[0].span.start, sentences[-1].span.end)
                clues = confidence.clues(
                    relation=term.name,
                    frame=frame.id,
                    prior=frame.confidence,
                    construction=construction,
                    status=str(status),
                    subject=(subject.type or "value", subject.why),
                    target=(obj.type or "value", obj.why),
                    distance=len(sentences),
                    shared=len(subjects) * len(objects),
                )
                evidence = Evidence(
                    syntax.analysis.brief.key,
                    window,
                    span,
                    subject.span,
                    obj.span,
                    f"{term.name}/{frame.id}/{construction}",
                    status,
                    confidence.probability(clues, frame.confidence),
                    values.get("amount"),
                    values.get("date"),
                    role,
                    values.get("share"),
                    obj.bound,
                )
                because = term.because.replace("{trigger}", span.of(syntax.analysis.brief.text)).replace("{subject}", subject.value)
                because = because.replace("{object}", obj.value).replace("{value}", obj.value)
                yield Match(Claim(subject.value, term.name, obj.value, folded), evidence, because + (f" [{why}]" if why else ""), clues)

    def _sentences(self, syntax: Syntax, span: Span, *bounds: Filling) -> Sequence[Sentence]:
        """The sentences of the evidence: from the one that last names whoever an anaphor stands for to the last needed."""
        start, end = span
        for b in bounds:
            start, end = min(start, b.span.start), max(end, b.span.end)
            if b.anaphor and (named := syntax.named_before(b.value, b.span.start)) is not None:
                start = min(start, named)
        return syntax.sentences_between(start, end)

    def _is_state(self, trigger: Trigger) -> bool:
        """Whether a frame says what somebody is rather than what happened: a date nearby is then another event's."""
        frame = trigger.entry.frame
        return frame.kind in {"patterns", "adjectives"} or any("bearer" in slots for slots in frame.roles.values())

    def _qualifiers(self, trigger: Trigger, syntax: Syntax, used: set[int]) -> dict[str, str]:
        term, frame = trigger.entry
        out: dict[str, str] = {}
        for name in term.qualifiers:
            value: str | None = None
            for slot in frame.roles.get(name, ()):
                for filler in self._slot(trigger, slot, syntax, name != "role"):
                    value = (
                        qualifiers.role_text(syntax, filler.token)
                        if name == "role"
                        else _text(qualifiers.quantity_at(syntax, filler.token, qualifiers.KIND_OF[name]))
                    )
                    if value:
                        break
                if value:
                    break
            if value is None and name != "role" and not (name == "date" and self._is_state(trigger)):
                value = _text(qualifiers.nearest(syntax, trigger.token, qualifiers.KIND_OF[name], used))
            if value:
                out[name] = value
        return out

    # --- surface patterns --------------------------------------------------------------------------------------------------

    def _patterns(self, syntax: Syntax, modality: Modality) -> Iterator[Match | Miss]:
        for sentence in syntax.analysis.sentences:
            line = line_of(syntax, sentence.first, sentence.last)
            names = line.count("⟦")
            if not names or names + line.count("⟪") < 2:  # a claim has two ends
                continue
            tried: set[int] = set()
            for key in sorted({"", *line.split()} & self.triggers.patterns.keys()):
                for pattern in self.triggers.patterns[key]:
                    if id(pattern) in tried:
                        continue
                    tried.add(id(pattern))
                    for m in pattern.expression.finditer(line):
                        yield from self._pattern(m, pattern.entry, pattern.trigger, syntax, modality)

    def _pattern(self, m: re.Match[str], entry: Entry, word: str, syntax: Syntax, modality: Modality) -> Iterator[Match | Miss]:
        term, frame = entry
        target = "value" if isinstance(term, Attribute) else "object"
        at = {role: int(text[1:-1]) for role, text in m.groupdict().items() if text}
        bound: dict[str, list[Filling]] = {}
        for role in ("subject", target):
            filler = Filler(at[role], "pattern")
            if role == "value" and isinstance(term, Attribute):
                value = self._value(filler, term, syntax)
                bound[role] = [value] if value else []
            else:
                types = self._types(entry, role)
                found = self._entities(filler, syntax, alone="( {" in word)
                bound[role] = [b for b in found if b.type and self._fits(b.type, types)]
            if not bound[role]:
                return
        first, last = min(at.values()), max(at.values())
        verb = next((i for i in range(first, last) if syntax.is_verbal(i)), None)
        trigger = Trigger(first, last, "noun", entry, word) if verb is None else Trigger(verb, last, "verb", entry, word)
        span = Span(syntax.tokens[first].span.start, syntax.tokens[last].span.end)
        yield from self._claims(trigger, span, bound["subject"], bound[target], syntax, modality)


def line_of(syntax: Syntax, first: int, last: int) -> str:
    """A sentence as surface patterns see it: words in lower case with a space after each, names as ``⟦token⟧``,
    quantities as ``⟪token⟫``, nationality adjectives as ``‹token›``."""
    out, quantity = [" "], None
    for i in range(first, last):
        token, letter = syntax.tokens[i], syntax.letters[i]
        if letter == "M":
            out.append(f"⟦{i}⟧ ")
        elif letter == "J":
            out.append(f"‹{i}› ")
        elif token.quantity is not None:
            if token.quantity != quantity:
                out.append(f"⟪{i}⟫ ")
        else:
            out.append(token.text + " ")
        quantity = token.quantity
    return "".join(out)


def _with_frame(frame: Status, context: Status) -> Status:
    """What the frame's own words say, in a context that may hedge it."""
    if context is Status.ASSERTED:
        return frame
    return context if frame is not Status.DENIED or context is not Status.DENIED else Status.ASSERTED


def _text(quantity: Quantity | None) -> str | None:
    return quantity.value if quantity else None


def suppress(ontology: Ontology, found: list[tuple[Claim, Evidence]]) -> list[tuple[Claim, Evidence]]:
    """Leaves out claims that another claim on the same pair makes redundant (``yields_to``)."""
    pairs = {(c.relation, c.subject, c.object) for c, _ in found} | {(c.relation, c.object, c.subject) for c, _ in found}
    return [
        (c, e)
        for c, e in found
        if c.relation not in ontology.relations
        or not any((other, c.subject, c.object) in pairs for other in ontology.relations[c.relation].yields_to)
    ]
