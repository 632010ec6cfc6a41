"""Finds the triggers of frames in a brief: verbs, nouns, adjectives, and locutions with their fixed words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.extract.syntax import Filler, Syntax
from kg.extract.triggers import Entry, Phrase, Triggers


@dataclass(frozen=True, slots=True)
class Trigger:
    """A frame's trigger found at a token; ``complement`` is the preposition slot of a locution, if any."""

    token: int
    last: int
    of: str
    entry: Entry
    word: str
    complement: tuple[Filler, ...] = ()


def find(t: Triggers, syntax: Syntax) -> Iterator[Trigger]:
    """The triggers of a brief, in text order; a locution hides the plain verb it begins with from its own term only."""
    covered = 0
    event: str | None = None
    for token in syntax.tokens:
        i = token.i
        if any(syntax.analysis.mentions[m].kind == "adjective" for m in token.mentions):
            for entry in t.demonyms:
                yield Trigger(i, i, "adjective", entry, token.text)
            continue
        if syntax.letters[i] == "M":
            continue
        if syntax.is_verbal(i) and not token.dep.startswith("aux"):
            reflexive = syntax.pronominal(i)
            taken: set[str] = set()
            for phrase in t.locutions.get((token.lemma, reflexive), ()):
                if phrase.key in syntax.words(i) and (found := _locution(syntax, i, phrase)) is not None:
                    taken.add(phrase.entry.term.name)
                    yield found
            for entry in t.verbs.get((token.lemma, reflexive), ()):
                if entry.term.name not in taken:
                    yield Trigger(i, i, "verb", entry, token.lemma)
            continue
        if i < covered:
            continue
        longest = 0
        lemma = token.lemma
        if token.text in syntax.grammar.event_pronouns:
            lemma = event or lemma
        elif token.pos == "NOUN" and token.lemma in t.nouns and not token.mentions:
            event = token.lemma
        for phrase in t.nouns.get(lemma, ()):
            n = len(phrase.words)
            if n < longest:
                break
            if _same(syntax, i + 1, phrase.words[1:]):
                longest, covered = n, i + n
                yield Trigger(i, i + n - 1, "noun", phrase.entry, phrase.trigger)
        if token.pos in {"ADJ", "VERB", "ADV"}:
            for entry in t.adjectives.get(token.lemma, ()):
                yield Trigger(i, i, "adjective", entry, token.lemma)


def _same(syntax: Syntax, at: int, words: tuple[str, ...]) -> bool:
    tokens = syntax.tokens
    return at + len(words) <= len(tokens) and all(w in (tokens[at + k].text, tokens[at + k].lemma) for k, w in enumerate(words))


def _locution(syntax: Syntax, i: int, phrase: Phrase) -> Trigger | None:
    last = syntax.sentence_of(i)[1]
    at = _after(syntax, i, phrase.words[1:], phrase.preposition, last) if len(phrase.words) > 1 else i
    if at is None:
        return None
    if phrase.gap:
        for start in range(at + 1, min(last, at + 12)):
            if syntax.letters[start] in "V;:.":
                return None
            if not phrase.after and syntax.plain(start) == phrase.preposition:
                at = start - 1
                break
            if phrase.after and (end := _run(syntax, start, phrase.after, phrase.preposition)) is not None:
                at = end
                break
        else:
            return None
    complement: tuple[Filler, ...] = ()
    if phrase.preposition is not None:
        possessive = (
            _possessive(syntax, i, at) if phrase.preposition == "de" and _POSSESSIVES.isdisjoint((*phrase.words, *phrase.after)) else None
        )
        if possessive is not None:
            complement = (Filler(possessive, "possessive"),)
        elif at + 1 < last and syntax.plain(at + 1) == phrase.preposition:
            if (filler := noun_phrase(syntax, at + 2, last)) is not None:
                complement = (Filler(filler, "complement"),)
        else:
            return None
    return Trigger(i, at, "verb", phrase.entry, phrase.trigger, complement)


def _after(syntax: Syntax, i: int, words: tuple[str, ...], preposition: str | None, last: int) -> int | None:
    """Where the fixed words that follow a verb end, adverbs and negations between allowed."""
    for start in range(i + 1, min(last, i + 6)):
        if (end := _run(syntax, start, words, preposition)) is not None:
            return end
        if syntax.letters[start] not in "RUXsKQPZ," and syntax.tokens[start].text not in {"pas", "plus", "donc", "enfin"}:
            return None
    return None


def _run(syntax: Syntax, start: int, words: tuple[str, ...], preposition: str | None) -> int | None:
    at = start
    for n, word in enumerate(words):
        if at >= len(syntax.tokens):
            return None
        token = syntax.tokens[at]
        if word in (token.text, token.lemma, syntax.plain(at)):
            at += 1
        elif preposition == "de" and word in _ARTICLES and token.text in _POSSESSIVES:
            at += 1
        elif (
            syntax.letters[at] in "AJ"
            and n
            and at + 1 < len(syntax.tokens)
            and word in (syntax.tokens[at + 1].text, syntax.tokens[at + 1].lemma)
        ):
            at += 2
        else:
            return None
    return at - 1


def _possessive(syntax: Syntax, i: int, at: int) -> int | None:
    return next((k for k in range(i + 1, at + 1) if syntax.tokens[k].text in _POSSESSIVES and syntax.tokens[k].mentions), None)


def noun_phrase(syntax: Syntax, start: int, last: int) -> int | None:
    """The head of the noun phrase that begins at ``start``: the entity it ends in, else its noun."""
    for k in range(start, min(last, start + 8)):
        letter = syntax.letters[k]
        if letter in "ME":
            return k
        if letter == "N" and not (k + 1 < last and syntax.letters[k + 1] in "AJNMdQ"):
            return k
        if letter not in 'DSAJQRNd"Z':
            return None
    return None


_ARTICLES = frozenset({"le", "la", "l'", "les"})
_POSSESSIVES = frozenset({"son", "sa", "ses", "leur", "leurs"})
