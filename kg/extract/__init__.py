"""From analysed briefs to claims with evidence. An extractor is a callable: analysis → (claim, evidence) pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.extract.frames import Engine, suppress
from kg.fr import French
from kg.model import QUALIFIERS, Analysis, Brief, Claim, Evidence, Extraction, Span, Status
from kg.ontology import Ontology


class Reader:
    """Briefs in, extractions out: the language pack and the extractors of one ontology."""

    def __init__(self, ontology: Ontology) -> None:
        self.ontology = ontology
        self.language = French(ontology)
        self.engine = Engine(ontology)

    def read(self, briefs: Iterable[Brief]) -> Iterator[Extraction]:
        """One extraction a brief, in their order."""
        for analysis in self.language.analyse(briefs):
            yield self.extract(analysis)

    def extract(self, analysis: Analysis) -> Extraction:
        """The claims of one analysed brief."""
        found = suppress(self.ontology, once(self.engine(analysis)))
        return Extraction(analysis.brief, analysis.entities, analysis.mentions, tuple(found))


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
