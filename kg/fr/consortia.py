"""Described consortia: « le consortium emmené par Onepoint et Butler Industries » is an entity without a name of its own.

Its name is « consortium » followed by its leaders in text order, else its members (annotation.md); the descriptions are
its aliases. A later definite description in the same brief stands for the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kg.fr.data import lexicon, table
from kg.model import Analysis, Entity, Mention, Span, Token

TYPE = "Consortium"
_AGENTS = frozenset({"Company", "Investor", "PublicBody", "Organization", "Person"})


def describe(analysis: Analysis) -> Analysis:
    """The analysis with the described consortia of the brief as entities, and the nouns that stand for them linked."""
    words = lexicon()["consortium"].words
    tokens, mentions, entities = list(analysis.tokens), list(analysis.mentions), list(analysis.entities)
    known: int | None = None
    for token in analysis.tokens:
        end = _noun_end(token, tokens, words)
        if end is None or token.mentions:
            continue
        found = _described(end, tokens, mentions, entities)
        if found is None:
            continue
        if (named := _apposed_to(token, tokens, mentions, entities)) is not None:  # « l'Alliance X, un groupement mené par Y »
            mentions.append(Mention(token.span, "nominal", named, "apposed-name:consortium"))
            tokens[token.i] = replace(token, mentions=(len(mentions) - 1,))
            continue
        leaders, members, last = found
        definite = token.i > 0 and tokens[token.i - 1].text in {"le", "la", "l'", "ce", "cette", "du", "au", "cet"}
        description = analysis.brief.text[token.span.start : tokens[last].span.end]
        if known is None or not definite:
            names = [entities[e].name for e in leaders or members]
            entities.append(Entity("consortium " + ", ".join(names), TYPE, (description,)))
            known = len(entities) - 1
        elif description not in entities[known].aliases:
            entities[known] = replace(entities[known], aliases=(*entities[known].aliases, description))
        mentions.append(Mention(Span(token.span.start, tokens[last].span.end), "nominal", known, "described consortium"))
        tokens[token.i] = replace(token, mentions=(len(mentions) - 1,))
    if known is None:
        return analysis
    return replace(analysis, tokens=tuple(tokens), mentions=tuple(mentions), entities=tuple(entities))


def _apposed_to(token: Token, tokens: Sequence[Token], mentions: Sequence[Mention], entities: Sequence[Entity]) -> int | None:
    """The named group a description stands beside."""
    at = token.i - 1
    while at > 0 and tokens[at].pos in {"DET", "ADJ", "NUM"} and not tokens[at].mentions:
        at -= 1
    if at < 1 or tokens[at].text not in {",", "("}:
        return None
    entity = _name(tokens[at - 1], mentions)
    return entity if entity is not None and entities[entity].type in {TYPE, "Organization"} else None


def _noun_end(token: Token, tokens: Sequence[Token], words: frozenset[str]) -> int | None:
    """The last token of a consortium noun (« groupe d'investisseurs ») that begins at ``token``."""
    best = token.i if token.lemma in words else None
    text = token.lemma
    for k in range(token.i + 1, min(token.i + 4, len(tokens))):
        text += ("" if text.endswith("'") else " ") + tokens[k].text
        if text in words:
            best = k
    return best


def _described(
    end: int, tokens: Sequence[Token], mentions: Sequence[Mention], entities: Sequence[Entity]
) -> tuple[list[int], list[int], int] | None:
    """Leaders, members and the last token of what follows a consortium noun; nothing when no name is given."""
    data = table("coreference.toml")["consortium"]
    for k in range(end + 1, min(end + 7, len(tokens) - 1)):
        token = tokens[k]
        if token.sentence != tokens[end].sentence or token.text in {".", ";", ":", ","} or _name(token, mentions) is not None:
            return None
        form = token.text.rstrip("s")
        form = form[:-1] if form.endswith(("ée", "ite", "ie")) else form
        leading = form in data["led_by"] and tokens[k + 1].text in data["by"]
        making = form in data["made_of"] and (token.text.endswith("ant") or tokens[k + 1].text in data["of"])
        if leading or making:
            names, last = _list(k + 1, tokens, mentions)
            names = [e for e in names if entities[e].type in _AGENTS]
            if names:
                return (names, [], last) if leading else ([], names, last)
    return None


def _name(token: Token, mentions: Sequence[Mention]) -> int | None:
    return next((mentions[m].entity for m in token.mentions if mentions[m].kind == "name"), None)


def _list(start: int, tokens: Sequence[Token], mentions: Sequence[Mention]) -> tuple[list[int], int]:
    """Entities of a list of names « A, B et C » that begins within a few words, and its last token."""
    found: list[int] = []
    pending: list[int] = []
    last = latest = at = start
    closed = False
    while at < len(tokens) and tokens[at].sentence == tokens[start].sentence and at - latest < 6:
        token = tokens[at]
        entity = _name(token, mentions)
        if entity is not None:
            pending.append(entity)
            latest = at
            if not found or closed:
                found, last, pending = found + pending, at, []
            if closed:
                break
        elif token.text in {"et", "ou", "&"} and found:
            closed = True
        elif token.pos in {"VERB", "AUX"} or token.text in {".", ";", ":", "(", ")"} or (token.text == "," and closed):
            break
        at += 1
    return found, last
