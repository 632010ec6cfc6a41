"""The syntax of one analysed brief, asked by slots: who is subject of this verb, whom is this noun of.

Interprets the constructions of the language pack over an :class:`~kg.model.Analysis`. Everything is computed when asked
for and kept, so that frames sharing a trigger share the work.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from kg.fr.constructions import Construction, Grammar, Step, grammar
from kg.model import Analysis, Quantity, Sentence, Token

NOMINAL = frozenset({"NOUN", "PROPN", "PRON", "NUM", "SYM", "X"})
_DEPTH = 4


class Filler(NamedTuple):
    """A word that fills a slot, and the construction (or pattern) that found it there."""

    token: int
    via: str


class Syntax:
    """Slots of any trigger of one brief."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.tokens = analysis.tokens
        self.grammar: Grammar = grammar()
        self.children: list[list[int]] = [[] for _ in self.tokens]
        for token in self.tokens:
            if token.head != token.i:
                self.children[token.head].append(token.i)
        self.letters = "".join(self._letter(t) for t in self.tokens)
        self._prepositions: dict[int, str] = {}
        self._words: dict[int, frozenset[str]] = {}
        self._slots: dict[tuple[int, str, str, bool], tuple[Filler, ...]] = {}
        self._groups: dict[int, tuple[int, ...]] | None = None

    # --- words ---------------------------------------------------------------------------------------------------------

    def _letter(self, token: Token) -> str:
        """The letter that stands for a word in surface patterns (their key is in constructions.toml)."""
        if token.mentions:
            kinds = {self.analysis.mentions[m].kind for m in token.mentions}
            if "name" in kinds:
                return "M"
            if kinds == {"adjective"}:
                return "J"
            if token.morph.get("Poss") == "Yes" and token.pos in {"DET", "PRON"}:
                return "S"
            return _RELATIVES.get(token.text, "E")
        text = token.text
        if text in _SIGNS:
            return _SIGNS[text]
        if token.quantity is not None:
            return "Z" if self.analysis.quantities[token.quantity].kind == "date" else "Q"
        if text in {"de", "d'", "du"} or (text == "des" and token.pos == "ADP"):
            return "d"
        if text in {"s'", "se"}:
            return "s"
        if text in {"dont", "qui"}:
            return _RELATIVES[text]
        if text in {"et", "ou", "&", "puis"}:
            return "c"
        if text in {"son", "sa", "ses", "leur", "leurs", "notre", "nos"} and token.pos == "DET":
            return "S"
        match token.pos:
            case "VERB" | "AUX":
                form = token.morph.get("VerbForm")
                if form == "Part":
                    return "K" if token.morph.get("Tense") == "Past" else "G"
                if form == "Inf":
                    return "I"
                return "X" if token.pos == "AUX" else "V"
            case "ADP":
                return "p" if text == "par" else "P"
            case "PRON":
                return _RELATIVES.get(text, "U")
        return _LETTERS.get(token.pos, "o")

    def sentence_of(self, i: int) -> tuple[int, int]:
        """First token and the token past the last of the sentence of ``i``."""
        sentence = self.analysis.sentences[self.tokens[i].sentence]
        return sentence.first, sentence.last

    def words(self, i: int) -> frozenset[str]:
        """Forms and lemmas of the sentence of a word, contractions undone: a quick gate for what cannot be there."""
        n = self.tokens[i].sentence
        if n not in self._words:
            first, last = self.sentence_of(i)
            inside = self.tokens[first:last]
            self._words[n] = frozenset(w for t in inside for w in (t.text, t.lemma, self.grammar.contractions.get(t.text, t.text)))
        return self._words[n]

    def preposition(self, i: int) -> str:
        """The preposition before the noun phrase whose head is ``i``, contractions undone; empty when there is none."""
        if i not in self._prepositions:
            self._prepositions[i] = self._find_preposition(i)
        return self._prepositions[i]

    def plain(self, i: int) -> str:
        """A word with its contraction undone (« du » → « de »)."""
        return self.grammar.contractions.get(self.tokens[i].text, self.tokens[i].text)

    def _find_preposition(self, i: int) -> str:
        token, first = self.tokens[i], self.sentence_of(i)[0]
        if token.pos == "PRON" and token.text in _CLITICS:
            return _CLITICS[token.text]
        j = i - 1
        while j >= first and self.letters[j] in 'DSAJQ"' and not (self.letters[j] == "A" and self.tokens[j].head < j - 3):
            j -= 1
        if j >= first and self.letters[j] == "N" and self.letters[i] == "M":  # « auprès du géant X »: the phrase's own noun
            k = j - 1
            while k >= first and self.letters[k] in "DSAJQ":
                k -= 1
            if k >= first and self.tokens[k].pos == "ADP":
                j = k
        if j < first or not (self.tokens[j].pos == "ADP" or self.tokens[j].text in {"de", "d'", "du", "des", "à", "au", "aux"}):
            return ""
        last = self.plain(j)
        for phrase in self.grammar.prepositions.get(last, ()):
            n = len(phrase)
            if j - n + 1 >= first and all(self.plain(j - n + 1 + k) == w for k, w in enumerate(phrase)):
                if self.grammar.phrases[phrase] in self.grammar.approximations and "Q" in self.letters[j:i]:
                    before = j - n
                    return self.plain(before) if before >= first and self.tokens[before].pos == "ADP" else ""
                return self.grammar.phrases[phrase]
        return last

    @cached_property
    def _named(self) -> Mapping[str, Sequence[int]]:
        """Where each entity is named, in text order, by its name."""
        found: dict[str, list[int]] = {}
        for mention in self.analysis.mentions:
            if mention.kind == "name":
                found.setdefault(self.analysis.entities[mention.entity].name, []).append(mention.span.start)
        return found

    def named_before(self, name: str, offset: int) -> int | None:
        """Where an entity was last named before an offset."""
        starts = self._named.get(name, ())
        at = bisect_left(starts, offset)
        return starts[at - 1] if at else None

    def sentences_between(self, start: int, end: int) -> Sequence[Sentence]:
        """The sentences that share a character with ``start``–``end``."""
        sentences = self.analysis.sentences
        first = max(0, bisect_right(sentences, start, key=lambda s: s.span.start) - 1)
        last = bisect_left(sentences, end, key=lambda s: s.span.start)
        return sentences[first : max(last, first + 1)]

    # --- verbs ---------------------------------------------------------------------------------------------------------

    def is_verbal(self, i: int) -> bool:
        """Whether the word is tagged as a verb."""
        return self.tokens[i].pos in {"VERB", "AUX"}

    def pronominal(self, i: int) -> bool:
        """Whether a reflexive pronoun stands with the verb (« s'offre », « se sépare », « s'est offert »)."""
        first = self.sentence_of(i)[0]
        j = i - 1
        while j >= first and self.letters[j] in "XR":
            j -= 1
        if j >= first and self.letters[j] == "U" and self.tokens[j].text in {"en", "y", "lui", "leur", "nous"}:
            j -= 1
        return (
            j >= first
            and self.letters[j] == "s"
            or any(self.tokens[c].dep.startswith("expl") and self.tokens[c].text in {"se", "s'"} for c in self.children[i])
        )

    def form(self, i: int) -> str:
        """The form of a verb, as the constructions name it: active, passive, participle, active participle (« entré »),
        infinitive, passive infinitive, gerund."""
        token = self.tokens[i]
        aux = [self.tokens[c] for c in self.children[i] if self.tokens[c].pos == "AUX" and self.tokens[c].dep != "cop" and c < i]
        participle = token.morph.get("VerbForm") == "Part" or (self.letters[i] in "AN" and not aux)
        be = token.lemma in self.grammar.be_verbs
        if (
            participle
            and not aux
            and not token.text.endswith(_PARTICIPLES)
            and any(self.tokens[c].dep == "nsubj" and c < i for c in self.children[i])
        ):
            return "active"  # « Intel construit une usine »: present and participle look the same
        if not aux and participle and token.morph.get("Tense") != "Pres":
            j = i - 1
            while j >= 0 and self.letters[j] in "RsU":
                j -= 1
            if j >= 0 and self.letters[j] == "X" and self.tokens[j].sentence == token.sentence:
                aux = [self.tokens[j]]
                if j > 0 and self.tokens[j - 1].pos == "AUX":
                    aux.insert(0, self.tokens[j - 1])
        if aux:
            passive = aux[-1].lemma == "être" and not be and not self.pronominal(i)
            if aux[0].morph.get("VerbForm") == "Inf":
                return "passive infinitive" if passive else "infinitive"
            return "passive" if passive else "active"
        if participle:
            if token.morph.get("Tense") == "Pres" or token.text.endswith("ant"):
                return "gerund"
            return "active participle" if be else "participle"
        if token.morph.get("VerbForm") == "Inf":
            return "infinitive"
        return "active"

    def governor(self, i: int) -> int | None:
        """The verb that governs a word as its object or complement (« annonce son projet de rachat »), not as a
        circumstance (« depuis le rachat »)."""
        seen = i
        for _ in range(6):
            head = self.tokens[seen].head
            if head == seen or self.preposition(seen) not in self.grammar.supporting:
                return None
            if self.is_verbal(head) and self.tokens[seen].dep not in {"nsubj", "acl", "nsubj:pass"}:
                return head
            if self.is_verbal(head):
                return None
            seen = head
        return None

    # --- slots ---------------------------------------------------------------------------------------------------------

    def slot(self, i: int, of: str, name: str, depth: int = 0, *, value: bool = False) -> tuple[Filler, ...]:
        """The words that fill slot ``name`` of the trigger ``i`` (``of``: verb, noun or adjective), best reading first.

        With ``value``, words that are or count a quantity; without, words that may stand for an entity.
        """
        key = (i, of, name, value)
        if key not in self._slots:
            self._slots[key] = ()  # a slot that comes back to itself finds nothing there
            self._slots[key] = self._slot(i, of, name, depth, value)
        return self._slots[key]

    def _slot(self, i: int, of: str, name: str, depth: int, value: bool) -> tuple[Filler, ...]:
        if depth > _DEPTH:
            return ()
        head, _, rest = name.partition("/")
        if head == "self":
            return (Filler(i, "self"),)
        if head == "obl":
            return tuple(Filler(t, f"obl/{self.preposition(t)}") for t in self._obliques(i, frozenset(rest.split("|"))))
        if head == "iobj":
            return self.slot(i, of, "obl/à", depth, value=value)
        if self.tokens[i].text in self.grammar.event_pronouns and head in {"de", "par"}:
            return tuple(Filler(t, f"event-pronoun/{head}") for t in self._complements(i, frozenset({head})))
        if head == "prep":
            return tuple(Filler(t, f"prep/{self.preposition(t)}") for t in self._complements(i, frozenset(rest.split("|"))))
        if head == "control":
            return self._control(i, depth)
        if head == "support":
            verb = i if self.is_verbal(i) else self.governor(i)
            if verb is None or self.tokens[verb].lemma in self.grammar.no_support:
                return ()
            return tuple(Filler(t, f"support:{via}") for t, via in self.slot(verb, "verb", "subj", depth + 1))
        if head == "num":
            return self._numeral(i)
        if head == "topic":
            return self._topic(i)
        if head == "before":
            return self._before(i)
        if head == "adj":
            found = [c for c in range(max(0, i - 3), min(len(self.tokens), i + 5)) if self.letters[c] == "J" and self._adjacent(i, c)]
            if found and (m := _ADJECTIVE_LIST.match(self.letters, found[-1] + 1)):  # « chinois, indiens et malaisiens »
                found += [c for c in range(m.start(), m.end()) if self.letters[c] == "J"]
            if not found and self.letters[i + 1 : i + 2] == "M" and self._place(i + 1):
                return (Filler(i + 1, "place"),)  # « ses activités US »
            return tuple(Filler(c, "adjective") for c in found)
        if head == "head":
            return self._adjective_head(i)
        form = self.form(i) if of == "verb" else None
        for construction in self.grammar.constructions:
            if construction.of == of and construction.form in (None, form) and head in construction.slots:
                return self._paths(i, construction, head, depth, value)
        return ()

    def _paths(self, i: int, construction: Construction, name: str, depth: int, value: bool) -> tuple[Filler, ...]:
        for path in construction.slots[name]:
            found = [t for t in self._walk(i, path, construction.of, depth) if t != i and self._may_be(t, value)]
            if path[0].op == ">" and "nsubj" in path[0].names:
                found = [t for t in found if self.letters[t] != "M" or self._bare(t)]
            if found:
                return tuple(Filler(t, construction.id if path[0].op != "~" else f"{construction.id}~{min(path[0].names)}") for t in found)
        return ()

    def _may_be(self, t: int, value: bool) -> bool:
        """Whether a word can be what is asked for: a quantity, or something that may stand for an entity."""
        quantities = [q for c in (t, *self.children[t]) if (q := self.quantity(c)) is not None]
        if value:
            return bool(quantities)
        own = self.quantity(t)
        return own is None or own.kind not in {"money", "date"} or bool(self.tokens[t].mentions)

    def _walk(self, i: int, path: Sequence[Step], of: str, depth: int) -> list[int]:
        at = [i]
        for step in path:
            match step.op:
                case ">":
                    at = [c for t in at for c in self.children[t] if self.tokens[c].dep in step.names]
                case "<":
                    at = [self.tokens[t].head for t in at if self.tokens[t].dep in step.names and self.tokens[t].head != t]
                case "?":
                    at = [t for t in at if self.tokens[t].lemma in step.names]
                case "@":
                    at = [t for t in at if self.preposition(t) in step.names]
                case "~":
                    at = [t for t in at for t in self._surface(t, step.names)]
                case "=":
                    at = [
                        f.token
                        for t in at
                        for name in step.names
                        for f in self.slot(t, "verb" if self.is_verbal(t) else "noun", name, depth + 1)
                    ]
            if not at:
                return []
        return at

    def _surface(self, i: int, names: frozenset[str]) -> list[int]:
        first, last = self.sentence_of(i)
        line = self.letters[first:i] + "T" + self.letters[i + 1 : last]
        found = []
        for name in names:
            for m in self.grammar.patterns[name].finditer(line):
                if m.start() <= i - first < m.end():
                    found.append(first + m.start("x"))
                    break
        return found

    def _adjacent(self, noun: int, adjective: int) -> bool:
        low, high = min(noun, adjective), max(noun, adjective)
        return all(c in "AJR" for c in self.letters[low + 1 : high])

    def _adjective_head(self, i: int) -> tuple[Filler, ...]:
        if self.letters[i] == "E":
            return (Filler(i, "nationality-as-noun"),)
        first, last = self.sentence_of(i)
        j = i - 1
        while j >= first and self.letters[j] in "AJRcKQ,":
            if self.letters[j] == "," and self.letters[j - 1] not in "AJ":
                break
            j -= 1
        if j >= first and self.letters[j] in "NEM" and self.tokens[j].mentions and self._noun_phrase_word(j):
            return (Filler(j, "epithet"),)
        if j - 2 >= first and self.letters[j] == "N" and self.letters[j - 1] == "d" and self.letters[j - 2] == "E":
            if self._number(j) != self._number(i) or self.tokens[j].morph.get("Gender") != self.tokens[i].morph.get("Gender"):
                return (Filler(j - 2, "epithet"),)  # « l'opérateur de satellites parisien »
        k = i + 1
        while k < last and self.letters[k] in "AJR":
            k += 1
        if k < last and self.letters[k] in "MNE" and self.tokens[k].mentions and i > first - 1:
            return (Filler(k, "before-name"),)
        if j >= first and self.letters[j] == "N":
            return (Filler(j, "epithet"),)
        return ()

    def _number(self, i: int) -> str:
        text = self.tokens[i].text
        return "Plur" if text.endswith(("s", "x")) and self.tokens[i].morph.get("Number") != "Sing" else "Sing"

    def _noun_phrase_word(self, i: int) -> bool:
        return self.tokens[i].pos in {"NOUN", "PROPN", "ADJ", "X", "VERB"} or self.letters[i] in "ME"

    def _control(self, verb: int, depth: int) -> tuple[Filler, ...]:
        if not self.is_verbal(verb):
            if self.tokens[verb].pos in {"ADJ"}:
                nsubj = [c for c in self.children[verb] if self.tokens[c].dep.startswith("nsubj")]
                return tuple(Filler(c, "active") for c in nsubj)
            return self.slot(verb, "noun", "support", depth + 1)
        if self.tokens[verb].lemma in self.grammar.object_control:
            for name in ("obl/à", "obj"):
                if found := self.slot(verb, "verb", name, depth + 1):
                    return found
        form = self.form(verb)
        return self.slot(verb, "verb", "obj" if form in {"passive", "participle", "passive infinitive"} else "subj", depth + 1)

    def _before(self, i: int) -> tuple[Filler, ...]:
        """The nearest entity before a verb in its clause that no preposition introduces: its likely subject."""
        first, depth = self.sentence_of(i)[0], 0
        for t in range(i - 1, first - 1, -1):
            letter = self.letters[t]
            depth += (letter == ")") - (letter == "(")
            if depth > 0:
                continue
            if letter in ";:V" and not (letter == "V" and self.tokens[t].dep == "acl:relcl"):
                return ()
            if letter in "ME" and self._bare(t):
                return (Filler(t, "before"),)
            if letter == "N" and self._bare(t) and self.letters[t + 1] not in "NMdAJK":
                return ()
        return ()

    def _bare(self, t: int) -> bool:
        """Whether no preposition stands before a word or the list of names it closes."""
        return not self.preposition(self.coordinated(t)[0])

    def _topic(self, i: int) -> tuple[Filler, ...]:
        """Whom a title or a funding round is of when nothing says so: the organisation the sentence speaks of, else the
        one the brief speaks of most."""
        first, last = self.sentence_of(i)
        subjects = [
            t for t in range(first, last) if self.tokens[t].dep.startswith("nsubj") and self.letters[t] in "ME" and self._organisation(t)
        ]
        before = [t for t in subjects if t < i]
        main = [t for t in subjects if self.tokens[self.tokens[t].head].dep == "ROOT" and self._bare(t)]
        spoken = before or main  # « Après le rachat de X, Y… »: the subject may come later
        counts: dict[int, int] = {}
        where: dict[int, int] = {}
        for token in self.tokens[: max(i, 1)]:
            if self.letters[token.i] in "ME" and self._organisation(token.i):
                entity = self.analysis.mentions[token.mentions[0]].entity
                counts[entity] = counts.get(entity, 0) + 1
                where[entity] = token.i
        ranked = sorted(counts, key=lambda e: (-counts[e], where[e]))
        return tuple(Filler(t, "topic") for t in dict.fromkeys((*spoken[:1], *(where[e] for e in ranked))))

    def _organisation(self, t: int) -> bool:
        return self.analysis.entities[self.analysis.mentions[self.tokens[t].mentions[0]].entity].type == "Company"

    def _numeral(self, i: int) -> tuple[Filler, ...]:
        for j in (i, i - 1, i - 2, i - 3, i - 4):
            if j >= 0 and self.tokens[j].quantity is not None and self.tokens[j].sentence == self.tokens[i].sentence:
                if all(c in "QAJDdRN" for c in self.letters[j + 1 : i]) and self.letters[j + 1 : i].count("N") <= 1:
                    return (Filler(j, "numeral"),)
        return ()

    def clause_verb(self, i: int) -> int | None:
        """The nearest verb above a word, or itself."""
        seen = i
        for _ in range(12):
            if self.is_verbal(seen) and self.tokens[seen].dep not in {"aux:tense", "aux:pass", "cop"}:
                return seen
            if self.tokens[seen].head == seen:
                return None
            seen = self.tokens[seen].head
        return None

    def _obliques(self, i: int, wanted: frozenset[str]) -> list[int]:
        """Noun phrases under the verb, not under another verb, with one of the prepositions; else the next one to its
        right before another verb (the parser hangs many a complement on the wrong noun)."""
        found = []
        stack = list(self.children[i])
        while stack:
            t = stack.pop()
            if (self.is_verbal(t) and t != i) or self.tokens[t].dep.startswith("nsubj"):
                continue
            if self._nominal(t) and self.preposition(t) in wanted and self.tokens[t].dep not in {"nsubj", "conj"}:
                found.append(t)
            elif self.tokens[t].pos != "ADP" and not ("de" in wanted and self._nominal(t) and self.preposition(t)):
                stack.extend(self.children[t])
        if found:
            return sorted(found)
        first, last = self.sentence_of(i)
        for t in range(i + 1, min(last, i + 14)):
            if self.letters[t] in "VIX:;.()":
                break
            if self._nominal(t) and self.preposition(t) in wanted:
                return [t]
        return []

    def _nominal(self, t: int) -> bool:
        return bool(self.tokens[t].mentions and self.letters[t] not in "SJ") or self.tokens[t].pos in NOMINAL

    def _complements(self, i: int, wanted: frozenset[str]) -> list[int]:
        if self.tokens[i].text in self.grammar.event_pronouns:  # « celui, en janvier par X, de Y »: commas do not end it
            return [
                t
                for t in range(i + 1, min(self.sentence_of(i)[1], i + 14))
                if self._nominal(t) and self.letters[t] not in "J" and self.preposition(t) in wanted
            ][:1]
        found = [t for t in self.children[i] if self._nominal(t) and self.preposition(t) in wanted]
        if found:
            return found
        last = self.sentence_of(i)[1]
        for t in range(i + 1, min(last, i + 12)):
            if self.letters[t] in "VIX:;.,()qkw":
                break
            if self._nominal(t) and self.preposition(t) in wanted:
                return [t]
        verb = self.governor(i)
        if verb is not None:
            return [t for t in self.children[verb] if t > i and self._nominal(t) and self.preposition(t) in wanted]
        return []

    # --- coordination ----------------------------------------------------------------------------------------------------

    def coordinated(self, i: int) -> tuple[int, ...]:
        """The words coordinated with ``i`` in one list of names, itself included, in text order. A nationality adjective
        before a name (« le Suédois X ») stands for that name."""
        i = self.name_under(i)
        if self._groups is None:
            self._groups = {}
            for group in self._find_groups():
                for t in group:
                    self._groups[t] = group
        return self._groups.get(i, (i,))

    def name_under(self, i: int) -> int:
        """The name right after a nationality adjective (« le Suédois X »), else ``i``."""
        return i + 1 if self.letters[i] == "J" and self.letters[i + 1 : i + 2] == "M" and len(self.tokens[i].mentions) == 1 else i

    def name_of(self, i: int) -> int:
        """The name that ends the noun phrase of an epithet (« les investisseurs historiques A, B et C » → A), else ``i``."""
        whys = [m for m in (self.analysis.mentions[k] for k in self.tokens[i].mentions) if m.why.startswith("epithet-of-name")]
        if whys:
            for t in range(i + 1, min(i + 10, len(self.tokens))):
                if self.letters[t] == "M":
                    return t
        return i

    def _find_groups(self) -> Iterator[tuple[int, ...]]:
        """Lists « A, B et C » read on the surface: parts of one kind, closed by a conjunction."""
        for sentence in self.analysis.sentences:
            i = sentence.first
            while i < sentence.last:
                if self.letters[i] not in "M":
                    i += 1
                    continue
                group, closed, at = [i], False, i
                while True:
                    step = self._next_in_list(at, sentence.last)
                    if step is None:
                        break
                    at, conjunction = step
                    group.append(at)
                    if conjunction:
                        closed = True
                        # « A et B, ainsi que C » goes on; « A et B, C… » does not
                        following = self._next_in_list(at, sentence.last)
                        if following is None or not following[1]:
                            break
                if closed and len(group) > 1:
                    if (
                        self._starts_clause(group[-1], sentence.last)
                        and self._after_verb(group[0], sentence.first)
                        and not self.preposition(group[0])
                    ):
                        group.pop()
                    if len(group) > 1:
                        yield tuple(group)
                i = at + 1

    def _next_in_list(self, at: int, last: int) -> tuple[int, bool] | None:
        j = at + 1
        if j < last and self.letters[j] == "M" and self._place(at) and self._place(j):
            return j, False  # « Paris, Bordeaux Lyon et Lille »
        while j < last and self.letters[j] in "J":
            j += 1
        if j < last and self.letters[j] == "(":  # « A (Paris), B et C »
            k = j
            while k < last and self.letters[k] != ")" and k - j < 8:
                k += 1
            j = k + 1
        conjunction = False
        if j < last and self.letters[j] == ",":
            j += 1
        if j + 1 < last and self.tokens[j].text == "ainsi" and self.tokens[j + 1].text in {"que", "qu'"}:
            conjunction, j = True, j + 2
        elif j < last and (self.letters[j] == "c" or self.tokens[j].text == "comme"):
            conjunction, j = True, j + 1
            if j < last and self.tokens[j].text in {"surtout", "désormais", "même", "enfin", "bientôt", "aussi", "peut-être"}:
                j += 1
        elif not (j > at + 1 and self.letters[j - 1] == ","):
            return None
        if (
            j < last
            and self.letters[j] in "dpP"
            and (self.plain(j) == (before := self.preposition(at).split(" ")[-1]) or {before, self.plain(j)} <= _LOCATIVE)
        ):
            j += 1
        while j < last and self.letters[j] in 'DJA"':
            j += 1
        if j < last and self.letters[j] in "NE" and j + 1 < last and self.letters[j + 1] == "M":
            j += 1
        elif j + 2 < last and self.letters[j] == "N" and self.letters[j + 1] in "AJ" and self.letters[j + 2] == "M":
            j += 2
        if j < last and self.letters[j] == "M":
            return j, conjunction
        return None

    def _place(self, t: int) -> bool:
        return self.analysis.entities[self.analysis.mentions[self.tokens[t].mentions[0]].entity].type == "Place"

    def _starts_clause(self, i: int, last: int) -> bool:
        j = i + 1
        while j < last and self.letters[j] in "JsUR":
            j += 1
        return j < last and self.letters[j] in "VX"

    def _after_verb(self, i: int, first: int) -> bool:
        return any(c in "VX" for c in self.letters[first:i])

    def under(self, first: int) -> frozenset[str]:
        """Lemmas and forms of the words that depend directly on a trigger."""
        return frozenset(w for t in self.children[first] for w in (self.tokens[t].lemma, self.tokens[t].text))

    def around(self, first: int, last: int) -> frozenset[str]:
        """Lemmas and forms of the words that depend on a trigger, directly or through one other, or stand right after it."""
        near = set(range(last + 1, min(self.sentence_of(last)[1], last + 5)))
        for child in self.children[first]:
            near.add(child)
            near.update(self.children[child])
        words = {w for t in near if not first <= t <= last for w in (self.tokens[t].lemma, self.tokens[t].text)}
        return frozenset(words)

    def quantity(self, i: int) -> Quantity | None:
        """The quantity a word belongs to."""
        q = self.tokens[i].quantity
        return None if q is None else self.analysis.quantities[q]


_PARTICIPLES = ("é", "ée", "és", "ées", "ant", "i", "ie", "ies", "u", "ue", "us", "ues", "te", "tes", "ise", "ises")
_ADJECTIVE_LIST = re.compile(r"(?:,J)*cJ|(?:,J)+(?=c)")
_LOCATIVE = frozenset({"à", "en", "dans"})
_SIGNS = {
    ",": ",",
    "(": "(",
    ")": ")",
    '"': '"',
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    ":": ":",
    ";": ";",
    ".": ".",
    "…": ".",
    "!": ".",
    "?": ".",
    "-": "-",
    "–": "-",
    "—": "-",
    "...": ".",
}
_RELATIVES = {"qui": "q", "que": "k", "qu'": "k", "dont": "w", "où": "w"}
_LETTERS = {"NOUN": "N", "PROPN": "N", "ADJ": "A", "ADV": "R", "DET": "D", "NUM": "Q", "SYM": "N", "X": "N", "CCONJ": "c"}
_CLITICS = {"lui": "à", "leur": "à", "y": "à", "en": "de", "dont": "de", "se": "", "s'": ""}
