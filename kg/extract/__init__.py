"""From analysed briefs to claims with evidence: the rules read, a network reads beside them, a judge weighs both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kg.extract import confidence
from kg.extract.frames import Engine, suppress
from kg.extract.syntax import Syntax
from kg.fr import French
from kg.model import QUALIFIERS, Analysis, Brief, Claim, Evidence, Extraction, Match, Miss, Status
from kg.ontology import Ontology

if TYPE_CHECKING:
    from kg.extract.learned import SecondReader


class Reader:
    """Briefs in, extractions out: the language pack, the rules of one ontology and, unless ``rules_only``, the second reader.

    The rules alone are faster, and miss and invent more."""

    def __init__(self, ontology: Ontology, *, rules_only: bool = False) -> None:
        self.ontology = ontology
        self.language = French(ontology)
        self.engine = Engine(ontology)
        self.second: SecondReader | None = None
        self.floor = confidence.FLOOR
        if not rules_only:
            from kg.extract.learned import SAID, SecondReader  # numpy, which nobody needs who only asks

            self.second, self.floor = SecondReader(ontology), SAID

    def read(self, briefs: Iterable[Brief]) -> Iterator[Extraction]:
        """One extraction a brief, in their order."""
        for analysis in self.language.analyse(briefs):
            yield self.extract(analysis)

    def find(self, analysis: Analysis) -> list[Match | Miss]:
        """All that is found in an analysed brief, however unsure, and near misses: what ``kg explain`` shows."""
        syntax = Syntax(analysis)
        found = list(self.engine.read(syntax))
        return self.second(syntax, found) if self.second is not None else found

    def extract(self, analysis: Analysis) -> Extraction:
        """The claims of one analysed brief that are sure enough to be said."""
        return self.said(analysis, self.find(analysis))

    def said(self, analysis: Analysis, found: Iterable[Match | Miss]) -> Extraction:
        """What is sure enough to be said of all that was found."""
        sure = ((m.claim, m.evidence) for m in found if isinstance(m, Match) and m.evidence.confidence >= self.floor)
        return Extraction(analysis.brief, analysis.entities, analysis.mentions, tuple(suppress(self.ontology, once(sure))))


def once(found: Iterable[tuple[Claim, Evidence]]) -> list[tuple[Claim, Evidence]]:
    """One piece of evidence for what several frames read off the same words: the surest, then the most qualified."""
    best: dict[tuple[Claim, Status], list[Evidence]] = {}
    for claim, evidence in found:
        kept = best.setdefault((claim, evidence.status), [])
        at = next((i for i, e in enumerate(kept) if e.trigger.overlaps(evidence.trigger)), None)
        if at is None:
            kept.append(evidence)
        elif _worth(evidence) > _worth(kept[at]):
            kept[at] = evidence
    return [(claim, evidence) for (claim, _), kept in best.items() for evidence in kept]


def _worth(evidence: Evidence) -> tuple[float, int, int]:
    """The surest, then the most qualified, then the one whose trigger is the fewest words."""
    qualified = sum(getattr(evidence, name) is not None for name in QUALIFIERS)
    return evidence.confidence, qualified, -(evidence.trigger.end - evidence.trigger.start)
