"""Coreference inside a brief: epithets, pronouns and possessives linked to the entities they stand for.

One pass from left to right over the parsed tokens keeps what has been talked about; each anaphor takes the most salient
entity that agrees with it. Each link says why. Weights and words are data (``coreference.toml``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from kg.fr.data import FOLDER, lexicon, table
from kg.fr.gazetteers import read_rows
from kg.model import Analysis, Mention, Span, Token


@cache
def _nouns() -> dict[str, frozenset[str]]:
    """Epithet noun → classes of entities it may stand for."""
    found: dict[str, set[str]] = {}
    for name in table("coreference.toml")["groups"]:
        group = lexicon().get(name)
        for word in group.words if group else ():
            found.setdefault(word, set()).update(group.types if group else ())
    return {w: frozenset(t) for w, t in found.items()}


@cache
def countries() -> frozenset[str]:
    """Countries by their usual French name."""
    return frozenset(row[0] for row in read_rows(FOLDER / "demonyms.tsv", 2))


@cache
def seats() -> dict[str, tuple[str, ...]]:
    """Town → the organisations known to be seated there (« la firme de Redmond »)."""
    return {place: tuple(names.split("|")) for place, names in (read_rows(FOLDER / "seats.tsv", 2))}


@dataclass(slots=True)
class _Seen:
    """What the brief said of one entity so far."""

    last: int
    sentence: int
    count: int = 1
    subject_of: int = -1
    nouns: set[str] = field(default_factory=set)
    countries: set[int] = field(default_factory=set)


class Resolver:
    """Links the anaphors of one analysed brief."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.tokens = list(analysis.tokens)
        self.mentions = list(analysis.mentions)
        self.seen: dict[int, _Seen] = {}
        self.topic: int | None = None
        self.ranked: list[int] = []
        self.data = table("coreference.toml")
        self.weight: dict[str, float] = self.data["weight"]
        self.definite = frozenset(self.data["definite"])
        self.relational = frozenset(self.data["relational"])
        self.agents = frozenset(self.data["agents"])
        self.idioms = frozenset(self.data["idioms"])
        self.generic = frozenset(self.data["generic"])
        self.agentive = re.compile(self.data["agentive"])
        self.countries = countries()

    def resolve(self) -> Analysis:
        """The analysis with the mentions found here added, and its tokens pointing to them."""
        for i in range(len(self.tokens)):
            token = self.tokens[i]
            if token.mentions:
                for m in token.mentions:
                    if self.mentions[m].kind == "adjective":
                        self._nationality(token, self.mentions[m].entity)
                    else:
                        self._note(self.mentions[m].entity, token)
            elif token.pos in {"NOUN", "ADJ", "PROPN"} or token.lemma in _nouns():
                self._noun(token)
            elif token.pos == "DET" and token.text in self.data["possessive"] + self.data["possessive_first"]:
                self._possessive(token)
            elif token.pos == "PRON" or token.text in {"celui-ci", "celle-ci", "ceux-ci"}:
                self._pronoun(token)
            elif token.text in {"que", "qu'"} and self._after_noun(token):
                self._relative(token)
        order = sorted(range(len(self.mentions)), key=lambda m: (self.mentions[m].span, self.mentions[m].entity))
        rank = {m: n for n, m in enumerate(order)}
        return replace(
            self.analysis,
            tokens=tuple(replace(t, mentions=tuple(rank[m] for m in t.mentions)) if t.mentions else t for t in self.tokens),
            mentions=tuple(self.mentions[m] for m in order),
        )

    # --- bookkeeping ---------------------------------------------------------------------------------------------------

    def _type(self, entity: int) -> str:
        return self.analysis.entities[entity].type

    def _note(self, entity: int, token: Token, noun: str | None = None) -> None:
        if self._type(entity) == "Place":
            return
        if self.topic is None and self._type(entity) in self.agents | {"Product"}:
            self.topic = entity
        seen = self.seen.get(entity)
        if seen is None:
            seen = self.seen[entity] = _Seen(token.i, token.sentence)
        else:
            seen.last, seen.sentence, seen.count = token.i, token.sentence, seen.count + 1
        if token.dep.startswith("nsubj") or (token.dep == "ROOT" and token.pos != "VERB"):
            seen.subject_of = token.sentence
        if noun:
            seen.nouns.add(noun)

    def _link(self, token: Token, entities: Sequence[int], kind: str, why: str, span: Span | None = None, noun: str | None = None) -> None:
        added = []
        for entity in entities:
            others = (
                tuple(e for e in self.ranked if e != entity)[:3]
                if len(entities) == 1 and why.startswith(("epithet:", "pronoun:", "possessive:", "nationality"))
                else ()
            )
            self.mentions.append(Mention(span or token.span, "pronoun" if kind == "pronoun" else "nominal", entity, why, others))
            added.append(len(self.mentions) - 1)
            self._note(entity, token, noun)
        self.ranked = []
        self.tokens[token.i] = replace(token, mentions=tuple(added))

    def _country(self, entity: int) -> int | None:
        return entity if self.analysis.entities[entity].name in self.countries else None

    def _nationality(self, token: Token, place: int) -> None:
        """« l'américain X » says where X is from; « l'Américain » alone takes up somebody."""
        before = self.tokens[token.i - 1] if token.i else None
        after = self.tokens[token.i + 1] if token.i + 1 < len(self.tokens) else None
        if after is not None and after.mentions and self.mentions[after.mentions[0]].kind == "name":
            if (country := self._country(place)) is not None:
                self.seen.setdefault(self.mentions[after.mentions[0]].entity, _Seen(-1, -9, 0)).countries.add(country)
            return
        if (
            before is None
            or before.text not in {"le", "la", "l'", "au", "du", "ce", "cette"}
            or (after is not None and after.pos in {"NOUN", "PROPN", "ADJ"})
        ):
            return
        subject = token.dep.startswith("nsubj")
        types = frozenset({"Company", "Investor"})
        best = self._best(token, types, avoid=set() if subject else self._clause_entities(token), country=self._country(place))
        if best is not None:
            self._take_up(token, best, f"nationality:{token.text}", place)

    def _take_up(self, token: Token, entity: int, why: str, place: int) -> None:
        adjective = token.mentions
        self._link(token, [entity], "nominal", why)
        self.tokens[token.i] = replace(token, mentions=(*self.tokens[token.i].mentions, *adjective))
        if (country := self._country(place)) is not None:
            self.seen[entity].countries.add(country)

    def _demonym(self, token: Token, end: int) -> int | None:
        """The country of a nationality adjective on the noun phrase."""
        for k in (token.i - 1, end + 1, end + 2):
            if 0 <= k < len(self.tokens) and self.tokens[k].sentence == token.sentence:
                for m in self.tokens[k].mentions:
                    if self.mentions[m].kind == "adjective" and (country := self._country(self.mentions[m].entity)) is not None:
                        return country
        return None

    # --- choosing an antecedent ------------------------------------------------------------------------------------------

    def _clause_entities(self, token: Token) -> set[int]:
        """Entities that already take part in the clause of a word."""
        verb = self._verb(token)
        found: set[int] = set()
        if verb is not None:
            for other in self.tokens[max(0, token.i - 25) : token.i]:
                if (
                    other.sentence == token.sentence
                    and other.mentions
                    and self._verb(other) == verb
                    and self.mentions[other.mentions[0]].kind != "adjective"
                ):
                    found.update(self.mentions[m].entity for m in other.mentions)
        return found

    def _verb(self, token: Token) -> int | None:
        at = token.i
        for _ in range(10):
            head = self.tokens[at].head
            if head == at:
                return at if self.tokens[at].pos == "VERB" else None
            at = head
            if self.tokens[at].pos == "VERB" or (self.tokens[at].pos == "AUX" and self.tokens[at].dep == "ROOT"):
                return at
        return None

    def _best(
        self,
        token: Token,
        types: frozenset[str],
        *,
        noun: str | None = None,
        exclude: set[int] | None = None,
        avoid: set[int] | None = None,
        country: int | None = None,
    ) -> int | None:
        """The most salient entity of ``types``: none of ``exclude``, rather none of ``avoid``, of no other ``country``."""
        w = self.weight
        self.ranked = []
        ranked: list[tuple[float, int]] = []
        candidates = [
            (e, s)
            for e, s in self.seen.items()
            if self._type(e) in types
            and e not in (exclude or ())
            and not (country is not None and s.countries and country not in s.countries)
        ]
        if len(candidates) > 1 and avoid and token.dep in {"obj", "obl:agent", "obl:arg", "iobj"}:
            candidates = [c for c in candidates if c[0] not in avoid] or candidates
        if not candidates:
            return None
        latest = max(s.last for _, s in candidates)
        for entity, seen in candidates:
            score = w["mentioned"] * min(seen.count, 4) - w["recency"] * (token.sentence - seen.sentence)
            if seen.subject_of == token.sentence:
                score += w["same_sentence_subject"]
            elif noun and seen.sentence == token.sentence:
                score += w["same_sentence_named"]
            if seen.subject_of == token.sentence - 1:
                score += w["previous_subject"]
            if entity == self.topic:
                score += w["topic"]
            if seen.last == latest:
                score += w["nearest"]
            if noun and noun in seen.nouns:
                score += w["same_noun"]
            elif noun and noun not in self.generic and seen.nouns - self.generic:
                score += w["other_noun"]
            if entity in (avoid or ()):
                score += w["same_clause"]
            ranked.append((-score, entity))
        ranked.sort()
        self.ranked = [e for _, e in ranked]
        return ranked[0][1]

    def _several(self, token: Token, types: frozenset[str]) -> list[int]:
        """The entities a plural stands for: the last two or more of its kind that were named together or in a row."""
        recent = sorted(((s.last, e) for e, s in self.seen.items() if self._type(e) in types), reverse=True)
        return sorted(e for _, e in recent[:2]) if len(recent) >= 2 else []

    # --- anaphors ----------------------------------------------------------------------------------------------------------

    def _phrase(self, token: Token) -> tuple[int | None, int, str, tuple[str, ...]]:
        """Determiner, last token, noun (longest epithet known) and the classes of a noun phrase headed by ``token``."""
        nouns = _nouns()
        end, noun = token.i, token.lemma
        types = nouns.get(noun, frozenset())
        words = token.text
        for k in range(token.i + 1, min(token.i + 4, len(self.tokens))):
            glue = "" if words.endswith("'") else " "
            words += glue + self.tokens[k].text
            plain = words if words in nouns else f"{token.lemma}{words[len(token.text) :]}"
            if plain in nouns:
                end, noun, types = k, plain, nouns[plain]
        j = token.i - 1
        while (
            j >= 0
            and self.tokens[j].sentence == token.sentence
            and self.tokens[j].pos in {"ADJ", "NUM", "ADV"}
            and not self.tokens[j].mentions
        ):
            j -= 1
        if j >= 0 and self.tokens[j].mentions and self.mentions[self.tokens[j].mentions[0]].kind == "adjective":
            j -= 1
        determiner = (
            j
            if j >= 0
            and (self.tokens[j].pos == "DET" or self.tokens[j].text in self.definite)
            and self.tokens[j].sentence == token.sentence
            else None
        )
        return determiner, end, noun, tuple(types)

    def _name_inside(self, token: Token, end: int) -> Token | None:
        """« le groupe X », « l'éditeur français de logiciels X »: the name the phrase ends in."""
        k, nouns = end + 1, 0
        while k < len(self.tokens) and self.tokens[k].sentence == token.sentence and k < end + 9:
            other = self.tokens[k]
            if other.mentions:
                kind = self.mentions[other.mentions[0]].kind
                if kind == "name":
                    before = self.tokens[k - 1]
                    return (
                        None
                        if before.pos == "ADP" or before.text in {"d'", "de", "du", "à", "au", "des", "aux"} or before.pos == "DET"
                        else other
                    )
                if kind != "adjective":
                    return None
            elif other.pos == "ADJ" or other.text in {"«", '"'}:
                pass
            elif other.text in {"de", "d'", "du", "des", "en", "à", "pour", "dans"} or other.pos == "DET":
                pass
            elif other.pos in {"NOUN", "PROPN"} and nouns < 2:
                nouns += 1
            else:
                return None
            k += 1
        return None

    def _complement_name(self, end: int, token: Token) -> int | None:
        """The entity (no place) that « de + name » after the noun names: the phrase is then somebody or something of theirs."""
        for k in range(end + 1, min(end + 7, len(self.tokens))):
            other = self.tokens[k]
            of = other.text in {"de", "d'", "du", "des"}
            if (
                other.sentence != token.sentence
                or (other.pos == "ADP" and not of)
                or not (of or other.pos in {"NOUN", "PROPN", "ADJ", "DET", "NUM"} or other.mentions)
            ):
                return None
            if other.mentions and self.mentions[other.mentions[0]].kind == "name":
                entity = self.mentions[other.mentions[0]].entity
                return entity if self._type(entity) != "Place" else None
        return None

    def _identified(self, end: int, token: Token, types: tuple[str, ...]) -> tuple[list[int], str] | None:
        """The name or names that the phrase itself says it stands for, and how: « le PDG d'Orange, Stéphane Richard »,
        « plusieurs hébergeurs, dont OVH et Gandi », « ce fleuron qu'est Atos »."""
        if (apposed := self._named_after(end, token, types)) is not None:
            return [apposed], "apposed-name"
        for k in range(end + 1, min(end + 8, len(self.tokens) - 2)):
            here = self.tokens[k]
            if here.sentence != token.sentence or here.pos in {"VERB", "AUX"}:
                return None
            after = self.tokens[k + 1]
            if here.text == "dont" and token.morph.get("Number") == "Plur" and after.mentions:
                entities = [e for e in self._listing(k + 1) if self._type(e) in types]
                return (entities, "apposed-name-list") if entities else None
            if here.text in {"que", "qu'"} and after.text in {"est", "sont"} and self.tokens[k + 2].mentions:
                entities = [self.mentions[m].entity for m in self.tokens[k + 2].mentions if self.mentions[m].kind == "name"]
                return (entities, "apposed-name") if entities and self._type(entities[0]) in types else None
        return None

    def _described(self, determiner: int, types: tuple[str, ...]) -> int | None:
        """The name an indefinite phrase describes: « X, une société basée à… »."""
        if determiner < 2 or self.tokens[determiner - 1].text not in {",", "("}:
            return None
        for mention in (self.mentions[m] for m in self.tokens[determiner - 2].mentions):
            if mention.kind == "name" and self._type(mention.entity) in types:
                return mention.entity
        return None

    def _listing(self, start: int) -> list[int]:
        """Entities of the list of names that begins at a token."""
        found: list[int] = []
        for token in self.tokens[start : start + 16]:
            names = [self.mentions[m].entity for m in token.mentions if self.mentions[m].kind == "name"]
            if names:
                found += names
            elif token.text not in {",", "et", "l'", "le", "la"} and not token.mentions:
                break
        return found

    def _idiom(self, token: Token, determiner: int | None) -> bool:
        """Whether the noun stands in a fixed phrase that is nobody (« à la maison »)."""
        words = [t.text for t in self.tokens[max(0, (determiner if determiner is not None else token.i) - 1) : token.i + 1]]
        return any(" ".join(words[k:]) in self.idioms for k in range(len(words)))

    def _seated(self, end: int, token: Token, types: tuple[str, ...]) -> int | None:
        """« le géant de Redmond »: an entity of the brief known to be seated in the town named."""
        after = self.tokens[end + 1 : end + 6]
        places = [self.analysis.entities[self.mentions[m].entity].name for t in after for m in t.mentions if t.sentence == token.sentence]
        known = {name for place in places[:1] for name in seats().get(place, ())}
        return next((e for e in self.seen if self.analysis.entities[e].name in known and self._type(e) in types), None)

    def _named_after(self, end: int, token: Token, types: tuple[str, ...]) -> int | None:
        """The name in apposition after the phrase: « le PDG d'Orange, Stéphane Richard, »."""
        for k in range(end + 1, min(end + 14, len(self.tokens) - 1)):
            if self.tokens[k].sentence != token.sentence or (
                self.tokens[k].pos in {"VERB", "AUX"} and self.tokens[k].morph.get("VerbForm") != "Part"
            ):
                return None
            if self.tokens[k].text in {",", "("}:
                at = k + 2 if self.tokens[k + 1].pos == "DET" and k + 2 < len(self.tokens) else k + 1
                after, closing = self.tokens[at], self.tokens[at + 1] if at + 1 < len(self.tokens) else None
                if (
                    not after.mentions
                    or self.mentions[after.mentions[0]].kind != "name"
                    or closing is None
                    or closing.text not in {",", ")", ".", "("}
                ):
                    return None
                entity = self.mentions[after.mentions[0]].entity
                return entity if self._type(entity) in types else None
        return None

    def _latter(self, token: Token) -> None:
        """« ce dernier », « cette dernière »: the last one named."""
        before, after = self.tokens[token.i - 1], self.tokens[token.i + 1] if token.i + 1 < len(self.tokens) else None
        if before.text in {"ce", "cette"} and not (after is not None and after.pos in {"NOUN", "PROPN"} and not after.mentions):
            latest = max(((s.last, e) for e, s in self.seen.items() if self._type(e) in self.agents), default=None)
            if latest:
                self._link(token, [latest[1]], "pronoun", "latter", Span(before.span.start, token.span.end))

    def _noun(self, token: Token) -> None:
        if token.text in self.data["latter"] and token.i:
            self._latter(token)
            return
        determiner, end, noun, types = self._phrase(token)
        if not types and token.pos == "NOUN" and self.agentive.search(token.lemma) and self._demonym(token, end) is not None:
            types = ("Company",)
        if (
            token.lemma in lexicon()["venture"].words
            and (verb := self._verb(token)) is not None
            and self.tokens[verb].lemma in self.data["venture_verbs"]
        ):
            types = ("Company",)
        if token.i and token.lemma in self.data["demonstrative"] and self.tokens[token.i - 1].text in {"ce", "cet", "cette"}:
            types = ("Product",) if any(self._type(e) == "Product" for e in self.seen) else ("Company",)
        if not types and token.lemma in lexicon()["place"].words:
            types = ("Place",)
            if (listed := self._identified(end, token, types)) is not None:
                self._link(token, listed[0], "nominal", f"{listed[1]}:{noun}", token.span)
            return
        if not types:
            return
        span = Span(self.tokens[determiner].span.start if determiner is not None else token.span.start, self.tokens[end].span.end)
        named = self._name_inside(token, end)
        article = self.tokens[determiner].text if determiner is not None else ""
        if named is not None:
            inside = self.mentions[named.mentions[0]].entity
            if self._type(inside) in types or (self._type(inside) in self.agents and set(types) & self.agents):
                self._link(token, [inside], "nominal", f"epithet-of-name:{noun}", span, noun)
            return
        if (identified := self._identified(end, token, types)) is not None:
            self._link(token, identified[0], "nominal", f"{identified[1]}:{noun}", span, noun)
            return
        if article in {"un", "une"} and determiner and (described := self._described(determiner, types)) is not None:
            self._link(token, [described], "nominal", f"apposed-name:{noun}", span, noun)
            return
        if article not in self.definite or self._idiom(token, determiner):
            return
        if token.dep == "xcomp" or any(t.dep == "cop" and t.head == token.i for t in self.tokens[max(0, token.i - 6) : token.i]):
            return  # « devient le premier éditeur français »: says what somebody is, takes nobody up
        if set(types) == {"Product"} and article not in {"ce", "cet", "cette"} and not token.dep.startswith(("nsubj", "obj")):
            return
        of = self._complement_name(end, token)
        if of is not None and not token.dep.startswith("nsubj"):
            return
        previous = self.tokens[determiner - 1] if determiner else None
        if previous is not None and previous.text == "," and token.i - (determiner or 0) <= 3:
            before = self.tokens[previous.i - 1] if previous.i else None
            if (
                before is not None
                and before.mentions
                and self.mentions[before.mentions[0]].kind == "name"
                and before.sentence == token.sentence
            ):
                entity = self.mentions[before.mentions[0]].entity
                if self._type(entity) in types:
                    self._link(token, [entity], "nominal", f"apposed-epithet:{noun}", span, noun)
                    return
        plural = token.morph.get("Number") == "Plur" or article in {"les", "ces", "aux", "des"}
        if plural:
            if (
                article in {"les", "ces", "aux"}
                and (entities := self._several(token, frozenset(types)))
                and self._counted(determiner, token)
            ):
                self._link(token, entities, "nominal", f"plural-epithet:{noun}", span, noun)
            return
        subject = token.dep.startswith("nsubj")
        avoid = set() if subject else self._clause_entities(token)
        country = self._demonym(token, end)
        best = self._seated(end, token, types)
        if best is None:
            best = self._best(token, frozenset(types), noun=noun, exclude={of} if of is not None else None, avoid=avoid, country=country)
        if best is not None:
            if country is not None:
                self.seen[best].countries.add(country)
            self._link(token, [best], "nominal", f"epithet:{noun}", span, noun)

    def _counted(self, determiner: int | None, token: Token) -> bool:
        """« les deux groupes » stands for two; « les éditeurs » for nobody in particular, unless they were just named."""
        inside = self.tokens[(determiner or token.i) : token.i]
        return any(t.text in {"deux", "2"} for t in inside) or (determiner is not None and self.tokens[determiner].text == "ces")

    def _possessive(self, token: Token) -> None:
        if token.text in self.data["possessive_first"]:
            if (speaker := self._speaker(token)) is not None:
                self._link(token, [speaker], "pronoun", "possessive:speaker")
            return
        noun = next(
            (t for t in self.tokens[token.i + 1 : token.i + 4] if t.pos in {"NOUN", "PROPN"} and t.sentence == token.sentence), None
        )
        own = noun is not None and noun.dep.startswith("nsubj")
        inside = {self.mentions[m].entity for t in self.tokens[token.i : token.i + 5] if t.sentence == token.sentence for m in t.mentions}
        beside = self.tokens[token.i - 2] if token.i > 1 and self.tokens[token.i - 1].text == "et" else None
        if beside is not None and (
            owners := [
                self.mentions[m].entity
                for m in beside.mentions
                if self.mentions[m].kind == "name" and self._type(self.mentions[m].entity) in self.agents
            ]
        ):
            self._link(token, owners[:1], "pronoun", "possessive:beside")
            return
        if (ahead := self._ahead(token)) is not None:
            self._link(token, [ahead], "pronoun", "possessive:ahead")
            return
        posts = noun is not None and (noun.lemma in lexicon()["post"].words or noun.lemma in lexicon()["founder"].words)
        made = noun is not None and noun.lemma in lexicon()["product"].words and bool(inside)
        subject = None if own else self._subject_before(token)
        if posts:
            best = self._best(token, self.agents - {"Person"}, exclude=inside)
            if subject is not None and all(self._type(e) != "Person" for e in subject) and inside.isdisjoint(subject):
                best = subject[0]
            if best is not None:
                self._link(token, [best], "pronoun", "possessive:organisation")
        elif made and (subject is None or any(self._type(e) in {"PublicBody", "Person"} for e in subject)):
            best = self._best(token, frozenset({"Company"}), exclude=inside) or self._best(token, self.agents, exclude=inside)
            if best is not None:
                self._link(token, [best], "pronoun", "possessive:maker")
        elif subject is not None and inside.isdisjoint(subject):
            self._best(token, self.agents | {"Product"}, exclude=inside)
            self._link(token, subject, "pronoun", "possessive:subject")
        elif (
            best := self._best(token, self.agents, exclude=inside) or self._best(token, frozenset({"Product"}), exclude=inside)
        ) is not None:
            self._link(token, [best], "pronoun", "possessive:salient")

    def _speaker(self, token: Token) -> int | None:
        """Whom « nous » speaks for: the organisation of the person quoted (« … », explique X, président de Y), else the
        one the brief is about."""
        person = False
        for other in self.tokens[token.i + 1 : self.analysis.sentences[token.sentence].last]:
            for mention in (self.mentions[m] for m in other.mentions):
                if mention.kind == "name" and self._type(mention.entity) == "Person":
                    person = True
                elif mention.kind == "name" and person and self._type(mention.entity) in self.agents:
                    return mention.entity
        return self.topic

    def _ahead(self, token: Token) -> int | None:
        """The subject to come, for a possessive that opens its sentence: « Depuis son rachat par X, Y… »."""
        first = self.analysis.sentences[token.sentence].first
        if token.i == first or token.i > first + 4 or any(t.mentions for t in self.tokens[first : token.i]):
            return None
        for k in range(token.i + 1, min(token.i + 14, len(self.tokens) - 1)):
            if (
                self.tokens[k].sentence != token.sentence
                or self.tokens[k].pos in {"VERB", "AUX"}
                and self.tokens[k].morph.get("VerbForm") == "Fin"
            ):
                return None
            if self.tokens[k].text == ",":
                name = self.tokens[k + 1]
                entities = [self.mentions[m].entity for m in name.mentions if self.mentions[m].kind == "name"]
                return entities[0] if entities and self._type(entities[0]) in self.agents else None
        return None

    def _subject_before(self, token: Token) -> list[int] | None:
        """Entities of the subject of the clause a word stands in, when it is one of ours."""
        verb = self._verb(token)
        for _ in range(4):
            if verb is None:
                return None
            for other in self.tokens[max(0, verb - 25) : verb]:
                if other.head == verb and other.dep.startswith("nsubj") and other.i < token.i:
                    found = [self.mentions[m].entity for m in other.mentions if self.mentions[m].kind != "adjective"]
                    return found or None
            up = self.tokens[verb].head
            verb = up if up != verb and self.tokens[up].pos in {"VERB", "AUX"} else None
        return None

    def _pronoun(self, token: Token) -> None:
        text = token.text
        if text in self.data["relative"]:
            self._relative(token)
            return
        if text == "nous" and token.dep.startswith("nsubj"):
            if (speaker := self._speaker(token)) is not None:
                self._link(token, [speaker], "pronoun", "speaker:nous")
            return
        if text not in self.data["pronouns"] or token.dep.startswith("expl"):
            return
        if text == "il" and self.tokens[token.head].lemma in {"falloir", "agir", "avoir", "sembler", "pleuvoir", "exister"}:
            return
        if text == "l'" and self.tokens[token.i + 1 :][:1] and self.tokens[token.i + 1].text == "on":
            return
        if text in {"l'", "le", "la", "les"} and not (
            token.i + 1 < len(self.tokens) and self.tokens[token.i + 1].pos in {"VERB", "AUX", "PRON"}
        ):
            return
        types = self.agents | (frozenset() if text in {"lui", "leur"} else frozenset({"Product"}))
        if text in {"ils", "elles", "ceux-ci", "celles-ci", "leur", "les", "eux"}:
            if text in {"ils", "elles"} and (several := self._several(token, types)):
                self._link(token, several, "pronoun", f"pronoun:{text}")
            return
        exclude = set() if text in {"il", "elle"} else self._clause_entities(token)
        if text in {"celui-ci", "celle-ci"}:
            latest = max(((s.last, e) for e, s in self.seen.items() if self._type(e) in types), default=None)
            best = latest[1] if latest else None
        else:
            best = self._best(token, types, exclude=exclude)
        if best is not None:
            self._link(token, [best], "pronoun", f"pronoun:{text}")

    def _after_noun(self, token: Token) -> bool:
        """Whether « que » follows a noun phrase directly or after a comma: a relative, no conjunction."""
        before = self.tokens[token.i - 1] if token.i else None
        if before is not None and before.text == "," and token.i > 1:
            before = self.tokens[token.i - 2]
        return before is not None and bool(before.mentions) and before.sentence == token.sentence

    def _listed(self, last: Token) -> list[int]:
        """Entities named in the list that ends with a word (« A, B et C »)."""
        found: list[int] = []
        k = last.i
        while k >= 0 and self.tokens[k].sentence == last.sentence and last.i - k < 12:
            token = self.tokens[k]
            names = [self.mentions[m].entity for m in token.mentions if self.mentions[m].kind != "adjective"]
            if not names and token.text not in {",", "et"} and token.pos not in {"DET"} and not token.mentions:
                break
            found = names + found
            k -= 1
        return found

    def _relative(self, token: Token) -> None:
        verb = self.tokens[token.head]
        candidates = []
        j = token.i - 1
        while j >= 0 and (self.tokens[j].text in {",", '"', "»", ")"} or self.tokens[j].pos in {"ADP", "ADV"}):
            j -= 1
        if j >= 0 and self.tokens[j].sentence == token.sentence:
            candidates.append(self.tokens[j])
        if verb.dep == "acl:relcl":
            above = self.tokens[verb.head]
            candidates.append(above)
            while (
                above.dep in {"nmod", "obl:mod", "obl:arg", "appos", "flat:name", "conj"} and above.head != above.i and not above.mentions
            ):
                above = self.tokens[above.head]
                candidates.append(above)
        for other in candidates:
            found = [self.mentions[m].entity for m in other.mentions if self.mentions[m].kind != "adjective"]
            if other.mentions and self.mentions[other.mentions[0]].kind == "adjective":
                before = self.tokens[other.i - 1]
                found = [self.mentions[m].entity for m in before.mentions]
            if found and other.i < token.i:
                if token.text == "qui" and verb.morph.get("Number") == "Plur" and other.i == j:
                    found = self._listed(other)
                self._link(token, found, "pronoun", f"relative:{token.text}")
                return
        for other in reversed(self.tokens[max(0, token.i - 12) : token.i]):  # « X, membre du comité de pilotage, qui… »
            if other.sentence != token.sentence or other.pos in {"VERB", "AUX"}:
                return
            names = [
                self.mentions[m].entity
                for m in other.mentions
                if self.mentions[m].kind == "name" and self._type(self.mentions[m].entity) in self.agents
            ]
            if names and self.tokens[other.i + 1].text == "," and token.text == "qui":
                self._link(token, names, "pronoun", "relative:over")
                return


def resolve(analysis: Analysis) -> Analysis:
    """Links the anaphors of a brief; see :class:`Resolver`."""
    return Resolver(analysis).resolve()
