"""From analysed briefs to claims with evidence. An extractor is a callable: analysis → (claim, evidence) pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.extract import confidence
from kg.extract.frames import Engine, suppress
from kg.extract.learned import SAID, SecondReader
from kg.fr import French
from kg.model import QUALIFIERS, Analysis, Brief, Claim, Evidence, Extraction, Match, Miss, Span, Status
from kg.ontology import Ontology


class Reader:
    """Briefs in, extractions out: the language pack and the extractors of one ontology."""

    def __init__(self, ontology: Ontology, *, rules_only: bool = False) -> None:
        self.ontology = ontology
        self.language = French(ontology)
        self.engine = Engine(ontology)
        self.second = None if rules_only else SecondReader(ontology)

    def read(self, briefs: Iterable[Brief]) -> Iterator[Extraction]:
        """One extraction a brief, in their order."""
        for analysis in self.language.analyse(briefs):
            yield self.extract(analysis)

    def find(self, analysis: Analysis) -> list[Match | Miss]:
        """All that is found in an analysed brief, however unsure, and near misses: what ``kg explain`` shows."""
        found = list(self.engine.read(analysis))
        return self.second(analysis, found) if self.second is not None else found

    def extract(self, analysis: Analysis) -> Extraction:
        """The claims of one analysed brief that are sure enough to be said."""
        return self.said(analysis, self.find(analysis))

    def said(self, analysis: Analysis, found: Iterable[Match | Miss]) -> Extraction:
        """What is sure enough to be said of all that was found."""
        floor = confidence.FLOOR if self.second is None else SAID
        sure = ((m.claim, m.evidence) for m in found if isinstance(m, Match) and m.evidence.confidence >= floor)
        return Extraction(analysis.brief, analysis.entities, analysis.mentions, tuple(suppress(self.ontology, once(sure))))


def once(found: Iterable[tuple[Claim, Evidence]]) -> list[tuple[Claim, Evidence]]:
    """One piece of evidence for what several frames read off the same words: the surest, then the most qualified."""
    best: dict[tuple[Claim, Span, Status], Evidence] = {}
    for claim, evidence in found:
        key = (claim, evidence.trigger, evidence.status)
        if key not in best or _worth(evidence) > _worth(best[key]):
            best[key] = evidence
    return [(claim, evidence) for (claim, _, _), evidence in best.items()]


def _worth(evidence: Evidence) -> tuple[float, int]:
    return evidence.confidence, sum(getattr(evidence, name) is not None for name in QUALIFIERS)
