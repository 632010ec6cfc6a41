"""The French language pack: from briefs to analyses. The only place that imports spaCy."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from kg.model import Analysis, Brief, Mention, Token

if TYPE_CHECKING:
    from kg.fr.mentions import MentionFinder
    from kg.fr.parsing import Parser
    from kg.ontology import Ontology


class French:
    """Analyses French briefs: mentions first, then parsing with stand-ins, then coreference.

    Loading the model takes seconds and happens at the first brief.
    """

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology

    @cached_property
    def parser(self) -> Parser:
        """The spaCy model and what we take from it."""
        from kg.fr.parsing import Parser, load_model

        return Parser(load_model())

    @cached_property
    def finder(self) -> MentionFinder:
        """Finds names and their types."""
        from kg.fr.mentions import MentionFinder

        return MentionFinder(self.parser.nlp, self.ontology)

    def analyse(self, briefs: Iterable[Brief], *, batch: int = 32) -> Iterator[Analysis]:
        """One analysis a brief, in their order, ``batch`` briefs at a time."""
        from kg.fr import consortia, coreference, quantities
        from kg.fr.parsing import pieces

        stream = iter(briefs)
        while group := list(itertools.islice(stream, batch)):
            read = [quantities.find(b.text, date=b.date) for b in group]
            docs = list(self.parser.recognise((b.text for b in group), batch))
            named = [self.finder.find(doc, q) for doc, q in zip(docs, read, strict=True)]
            cut = [pieces(doc, b.text, m, e, self.parser.ordinary) for doc, b, (m, e) in zip(docs, group, named, strict=True)]
            for brief, parsed, piece, q, (mentions, entities) in zip(group, self.parser.parse(cut, batch), cut, read, named, strict=True):
                tokens, sentences = self.parser.tokens(parsed, piece, brief.text, q)
                tokens = _point(tokens, mentions)
                yield coreference.resolve(consortia.describe(Analysis(brief, tokens, sentences, mentions, entities, q)))


def _point(tokens: tuple[Token, ...], mentions: tuple[Mention, ...]) -> tuple[Token, ...]:
    """Tokens pointing to the nationality adjectives too (names point to their mention since they were cut)."""
    at = {m.span.start: i for i, m in enumerate(mentions) if m.kind == "adjective"}
    return tuple(replace(t, mentions=(at[t.span.start],)) if t.span.start in at and not t.mentions else t for t in tokens)
