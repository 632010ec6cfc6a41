"""Status of a match: asserted, planned, rumoured or denied, read from cues on the right clause.

Interprets the cues of the language pack. From a trigger, the words that govern it are walked up; each cue found on them,
on the trigger's own verb or in its clause is weighed by priority, then by nearness.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kg.extract.syntax import Syntax
from kg.fr.cues import Cue, Wording, cues
from kg.model import Status

_GOVERNED = frozenset({"xcomp", "ccomp", "obj", "obl:arg", "obl:mod", "obl", "advcl", "acl", "nmod", "obl:agent", "iobj", "advmod", "amod"})
_NEGATORS = frozenset({"pas", "plus", "jamais", "rien", "aucun", "aucune", "guère", "point", "nullement", "personne", "nul"})


class Found(NamedTuple):
    """A cue that bears on a trigger."""

    priority: int
    nearness: int
    kind: str
    cue: str


class Modality:
    """Reads the status of triggers of one brief."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax = syntax
        self._statuses: dict[tuple[int, str], tuple[Status | None, str]] = {}
        self._lines: dict[tuple[int, int], str] = {}

    def status(self, trigger: int, of: str) -> tuple[Status | None, str]:
        """The status of a trigger and the cue that says so; ``None`` when the text states nothing.

        ``of``: ``verb``, ``noun`` (an event), or ``relational`` and ``adjective``, which only their own copula negates.
        """
        key = (trigger, of)
        if key not in self._statuses:
            self._statuses[key] = self._decide(list(self._found(trigger, of)))
        return self._statuses[key]

    def _decide(self, found: list[Found]) -> tuple[Status | None, str]:
        if not found:
            return Status.ASSERTED, ""
        best = max(found)
        return (None if best.kind == "none" else Status(best.kind)), best.cue

    # --- what governs a trigger ------------------------------------------------------------------------------------------

    def _above(self, i: int) -> Iterator[tuple[int, str]]:
        """The words that govern ``i``, nearest first, and how: ``governed``, ``subject`` or ``clause``."""
        tokens, seen = self.syntax.tokens, i
        before = self._hedge_before(i)
        if before is not None and before != tokens[i].head:
            yield before, "governed"
        for _ in range(8):
            token = tokens[seen]
            head = token.head
            if head == seen or token.dep == "acl:relcl" or token.sentence != tokens[head].sentence:
                return
            if not self.syntax.is_verbal(seen) and self.syntax.preposition(seen) not in self.syntax.grammar.supporting:
                return
            if (
                self.syntax.is_verbal(seen)
                and token.dep in {"acl", "advcl", "amod"}
                and self.syntax.form(seen) not in {"infinitive", "passive infinitive"}
            ):
                return
            if token.dep == "nmod" and (("noun_over", tokens[head].lemma) not in cues().governing) and not self.syntax.is_verbal(head):
                return
            if token.dep in {"conj", "flat:name", "appos", "parataxis", "dep"}:
                if token.dep in {"appos", "parataxis"} or not self._same_kind(seen, head):
                    return
                seen = head
                continue
            if token.dep.startswith("nsubj"):
                yield head, "subject"
                for child in self.syntax.children[head]:
                    if tokens[child].dep == "cop":
                        yield child, "subject"
                if not self.syntax.is_verbal(head):
                    return
            elif token.dep in _GOVERNED:
                yield head, "governed"
                for child in self.syntax.children[head]:
                    if tokens[child].dep == "cop":
                        yield child, "governed"
            else:
                return
            seen = head

    def _hedge_before(self, i: int) -> int | None:
        """The verb or hedging noun right before an infinitive (« compte racheter », « intention de racheter »), which the
        parser may have hung elsewhere."""
        if self.syntax.tokens[i].morph.get("VerbForm") != "Inf":
            return None
        j, first = i - 1, self.syntax.sentence_of(i)[0]
        while j >= first and (self.syntax.letters[j] in "RUsd" or self.syntax.tokens[j].text in {"à", "pas", "ne"}):
            j -= 1
        if j < first:
            return None
        hedging = ("noun_over", self.syntax.tokens[j].lemma) in cues().governing  # « son intention de racheter »
        return j if self.syntax.is_verbal(j) or hedging else None

    def _same_kind(self, a: int, b: int) -> bool:
        verbal = self.syntax.is_verbal
        return verbal(a) == verbal(b) and (not verbal(a) or self._finite(a) == self._finite(b))

    def _finite(self, i: int) -> bool:
        return self.syntax.tokens[i].morph.get("VerbForm") not in {"Inf"} or any(
            self.syntax.tokens[c].pos == "AUX" for c in self.syntax.children[i]
        )

    def _auxiliaries(self, verb: int) -> list[int]:
        tokens = self.syntax.tokens
        own = [c for c in self.syntax.children[verb] if tokens[c].pos == "AUX"]
        if not own and verb and tokens[verb].morph.get("VerbForm") == "Part":
            j = verb - 1
            while j > 0 and self.syntax.letters[j] in "RUs":
                j -= 1
            if tokens[j].pos == "AUX" and tokens[j].sentence == tokens[verb].sentence:
                own = [j]
        return own

    def tense(self, verb: int) -> set[str]:
        """What the form of a verb says: past, present, imperfect, future, conditional, subjunctive, negated, none."""
        tokens = self.syntax.tokens
        aux = self._auxiliaries(verb)
        finite = [t for t in (*aux, verb) if tokens[t].morph.get("VerbForm") == "Fin" or tokens[t].morph.get("Mood")]
        said: set[str] = set()
        for t in finite[:1]:
            morph = tokens[t].morph
            if morph.get("Mood") == "Cnd":
                said.add("conditional")
            elif morph.get("Mood") == "Sub":
                said.add("subjunctive")
            elif morph.get("Tense") == "Fut":
                said.add("future")
            elif morph.get("Tense") == "Imp":
                said.add("past" if aux and t != verb else "imperfect")
            elif morph.get("Tense") == "Past" or (
                aux and t != verb and tokens[t].lemma in {"avoir", "être"} and self.syntax.form(verb) == "active"
            ):
                said.add("past")
            else:
                said.add("present")
        if self.negated(verb):
            said.add("negated")
        return said or {"none"}

    def negated(self, verb: int) -> bool:
        """Whether « ne … pas » (plus, jamais…) stands around a verb."""
        tokens, first = self.syntax.tokens, min([verb, *self._auxiliaries(verb)])
        start, last = self.syntax.sentence_of(verb)
        before = [t.text for t in tokens[max(start, first - 4) : first]]
        for k, text in enumerate(reversed(before)):
            if text in {"ne", "n'"}:
                around = {t.text for t in tokens[max(start, first - k) : min(last, verb + 5)]}
                around |= {"personne", "aucun", "aucune"} & {t.text for t in tokens[max(start, first - k - 4) : first]}
                return bool(around & _NEGATORS)
            if tokens[first - 1 - k].pos in {"VERB", "NOUN"}:
                return False
        infinitive = [t.text for t in tokens[max(start, verb - 3) : verb]]
        return "pas" in infinitive and "ne" in infinitive

    # --- cues --------------------------------------------------------------------------------------------------------------

    def _found(self, i: int, of: str) -> Iterator[Found]:
        tokens, s = self.syntax.tokens, self.syntax
        if of == "adjective":
            return
        if of == "relational":
            for child in s.children[i]:
                if tokens[child].dep == "cop" and self.negated(child):
                    yield Found(60, 0, "denied", "not")
            return
        data = cues()
        cancelled = self._cancelled(i)
        line = self._line(i, "sentence")
        if tokens[s.sentence_of(i)[1] - 1].text.endswith("?") or any(t.text == "?" for t in tokens[i : s.sentence_of(i)[1]]):
            yield from (Found(c.priority, 0, c.kind, c.id) for c in data.by_form["question"])
        governed: set[int] = set()
        verbs = [i] if s.is_verbal(i) else []
        above = list(self._above(i))
        for distance, (head, how) in enumerate(above, 1):
            lemma = tokens[head].lemma
            forms: tuple[str, ...] = ("event_subject",) if how == "subject" else ("verb_over", "noun_over")
            passive = s.is_verbal(head) and s.form(head) in {"passive", "participle"}
            if passive and how == "governed" and tokens[head].dep in {"acl", "amod"}:
                continue
            if distance == 1 and not s.is_verbal(i) and lemma in data.infinitive_only:
                forms = ()
            for form in forms:
                for wording in data.governing.get((form, lemma), ()):
                    if wording.cue.id not in cancelled and self._worded(wording, head, i, how):
                        kind = self._kind(wording.cue, head)
                        governed.add(head)
                        if kind is not None:
                            yield Found(wording.cue.priority, -distance, kind, wording.cue.id)
            if s.is_verbal(head):
                verbs.append(head)
        # the trigger's own verb, and the finite verb that governs it
        finite = next((v for v in verbs if s.tokens[v].morph.get("VerbForm") != "Inf"), None)
        own = verbs[0] if verbs else None
        if own is not None and self.negated(own) and "not" not in cancelled and (own == i or own == finite):
            if own == i or own not in governed:
                yield Found(60, 0, "denied", "not")
        for child in s.children[i]:
            if tokens[child].dep in {"amod", "acl"} and not s.is_verbal(i):
                for wording in data.governing.get(
                    ("adjective", tokens[child].lemma), data.governing.get(("adjective", tokens[child].text), ())
                ):
                    if not wording.rest:
                        yield Found(wording.cue.priority, 0, wording.cue.kind, wording.cue.id)
        yield from self._moods(verbs, finite, cancelled)
        yield from self._surface(i, line, finite, cancelled)
        yield from self._openers(i, verbs, cancelled)

    def _kind(self, cue: Cue, head: int) -> str | None:
        """What a cue says given the form of its own word."""
        if not self.syntax.is_verbal(head):
            return cue.kind
        said = self.tense(head)
        if cue.tenses and said.isdisjoint(cue.tenses):
            return None
        if cue.subjects and not self._subject_in(head, cue.subjects):
            return None
        for form in ("negated", "conditional", "past", "imperfect", "future"):
            if form in said and form in cue.when:
                return cue.when[form]
        return "denied" if "negated" in said else cue.kind

    def _subject_in(self, head: int, subjects: frozenset[str]) -> bool:
        tokens = self.syntax.tokens
        return any(
            tokens[c].dep.startswith("nsubj") and (tokens[c].lemma in subjects or tokens[c].text in subjects)
            for c in self.syntax.children[head]
        )

    def _worded(self, wording: Wording, head: int, trigger: int, how: str) -> bool:
        """Whether a cue's further words stand after its head, in order, before the trigger."""
        tokens = self.syntax.tokens
        if wording.reflexive and not self.syntax.pronominal(head):
            return False
        at = head
        limit = trigger if how == "governed" and trigger > head else self.syntax.sentence_of(head)[1]
        for word in wording.rest:
            if word == "…":
                continue
            for k in range(at + 1, min(limit, at + 6)):
                text = tokens[k].text
                if word in (text, tokens[k].lemma, self.syntax.grammar.contractions.get(text)) or (
                    word.startswith("{") and tokens[k].quantity is not None
                ):
                    at = k
                    break
            else:
                return False
        return True

    def _moods(self, verbs: list[int], finite: int | None, cancelled: frozenset[str]) -> Iterator[Found]:
        if finite is None:
            return
        said = self.tense(finite)
        over = [h for h, how in self._above(finite)]
        for cue in cues().by_form["mood"]:
            if cue.mood in said and cue.id not in cancelled:
                if cue.governors:
                    governor = next((h for h in over if self.syntax.tokens[h].lemma in cue.governors), None)
                    if governor is None or (cue.kind == "planned" and not self.tense(governor) & {"past", "imperfect"}):
                        continue
                yield Found(cue.priority, 0, cue.kind, cue.id)

    def _surface(self, i: int, line: str, finite: int | None, cancelled: frozenset[str]) -> Iterator[Found]:
        for cue in (*cues().by_form["phrase"], *(c for c in cues().by_form["adverb"] if c.id != "not")):
            if cue.id in cancelled or cue.pattern is None:
                continue
            if cue.pattern.search(line if cue.scope == "sentence" else self._line(i, "clause")):
                if cue.tenses and finite is not None and self.tense(finite).isdisjoint(cue.tenses):
                    continue
                yield Found(cue.priority, -5, cue.kind, cue.id)

    def _openers(self, i: int, verbs: list[int], cancelled: frozenset[str]) -> Iterator[Found]:
        """Conjunctions that open a clause over the trigger, prepositions before an infinitive or an event noun."""
        tokens, s = self.syntax.tokens, self.syntax
        for verb in verbs:
            marks = sorted(c for c in s.children[verb] if tokens[c].dep in {"mark", "advmod"} and c < verb)
            for mark in marks:
                for words, cue in cues().conditions:
                    if cue.id not in cancelled and self._stands(words, mark) and (tokens[mark].text != "si" or tokens[mark].dep == "mark"):
                        yield Found(cue.priority, -1, cue.kind, cue.id)
                        break
        places = [i] + [v for v in verbs if v != i and tokens[v].morph.get("VerbForm") == "Inf"]
        for verb in places:
            j = verb - 1
            while j >= s.sentence_of(verb)[0] and (s.letters[j] in "RUsDSAJX" or tokens[j].text in {"ne", "pas"}):
                j -= 1
            longest = 0
            for words, cue in cues().purposes:
                start = j - len(words) + 1
                if len(words) < longest:
                    break
                if cue.id not in cancelled and start >= 0 and self._stands(words, start):
                    governor = next((h for h, how in self._above(verb) if how == "governed" and s.is_verbal(h)), None)
                    if cue.governors and (governor is None or tokens[governor].lemma not in cue.governors):
                        continue
                    if not s.is_verbal(verb) and cue.kind == "planned":
                        continue
                    longest = len(words)
                    yield Found(cue.priority, -1, cue.kind, cue.id)

    def _stands(self, words: tuple[str, ...], at: int) -> bool:
        tokens, contractions = self.syntax.tokens, self.syntax.grammar.contractions
        return at + len(words) <= len(tokens) and all(
            w == tokens[at + k].text or w == contractions.get(tokens[at + k].text) for k, w in enumerate(words)
        )

    # --- the words of a scope ----------------------------------------------------------------------------------------------

    def _line(self, i: int, scope: str) -> str:
        first, last = self.syntax.sentence_of(i)
        bounds = ",;:()" if scope == "clause" else ";"
        start, stop = i, i
        while start > first and self.syntax.letters[start - 1] not in bounds:
            start -= 1
        while stop < last and self.syntax.letters[stop] not in bounds:
            stop += 1
        first, last = start, stop
        if (first, last) not in self._lines:
            self._lines[first, last] = " " + "".join(t.text.lower() + " " for t in self.syntax.tokens[first:last])
        return self._lines[first, last]

    def _cancelled(self, i: int) -> frozenset[str]:
        out: set[str] = set()
        line = self._line(i, "clause")
        for cue in cues().by_form["pseudo"]:
            if cue.pattern is not None and cue.pattern.search(line):
                out |= cue.cancels
        return frozenset(out)
