"""From analysed briefs to claims with evidence. An extractor is a callable: analysis → (claim, evidence) pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kg.extract.frames import Engine, suppress
from kg.fr import French
from kg.model import Analysis, Brief, Extraction
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
        found = suppress(self.ontology, list(self.engine(analysis)))
        return Extraction(analysis.brief, analysis.entities, analysis.mentions, tuple(found))
