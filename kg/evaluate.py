"""How right is what was read? Scores against gold annotations, and why each error was made.

Briefs are paired by their id; a gold brief without a prediction counts as read empty. A predicted entity is a gold one
when its name is the gold name or one of its aliases once case, accents, punctuation and a determiner before it are folded
away. A relation is right when its type, subject and object are (either order for symmetric ones); status and qualifiers
are scored on the right ones, ``hedged`` looks only at what is not plainly asserted. An attribute is right when its type,
subject and value are.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from kg.errors import ReadError
from kg.model import QUALIFIERS, Brief, Claim, Match, Miss
from kg.ontology import Ontology

Record = Mapping[str, Any]
Side = Literal["missed", "invented", "wrong status"]
Key = tuple[str, str, str]
"""A relation or attribute, its subject and its object or value, folded."""

DECILES = 10
_REASON = 80  # characters of a near miss's reason that are shown
_NEAREST = 4
_DETERMINER = re.compile(r"\A(?:l|le|la|les|un|une|des|du|d|the) ")
_MONEY = re.compile(r"([\d.,\s]+)\s*([A-Z]{3})")


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of a set of predictions."""

    right: int = 0
    missed: int = 0
    invented: int = 0

    @property
    def predicted(self) -> int:
        """How many were predicted."""
        return self.right + self.invented

    @property
    def gold(self) -> int:
        """How many there are."""
        return self.right + self.missed

    @property
    def precision(self) -> float:
        """The share of the predicted ones that are right."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """The share of the gold ones that were found."""
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.right else 0.0


@dataclass(frozen=True, slots=True, order=True)
class Error:
    """One relation or attribute that is missing, too many, or of another status than it should, and why as far as is known."""

    brief: str
    side: Side
    relation: str
    subject: str
    object: str
    cause: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Bin:
    """Claims whose confidence is at least ``low`` and below ``high`` (the last bin's is at most): how many are right."""

    low: float
    high: float
    claims: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Report:
    """Scores by what is scored and by relation, and the errors behind them."""

    totals: Mapping[str, Score]
    by_relation: Mapping[str, Score]
    status_accuracy: float
    empty: int
    noisy: int
    errors: tuple[Error, ...] = ()
    reliability: tuple[Bin, ...] = ()

    @property
    def causes(self) -> Mapping[tuple[Side, str], int]:
        """How often errors have each cause, the most frequent first; empty when no cause was looked for."""
        counts = Counter((e.side, e.cause) for e in self.errors if e.cause)
        return dict(sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0][1])))

    def as_json(self) -> dict[str, Any]:
        """Plain numbers, for other programs."""

        def numbers(score: Score) -> dict[str, float]:
            return {
                "p": score.precision,
                "r": score.recall,
                "f1": score.f1,
                "right": score.right,
                "predicted": score.predicted,
                "gold": score.gold,
            }

        return {
            **{name: numbers(s) for name, s in self.totals.items()},
            "status accuracy": self.status_accuracy,
            "empty briefs": {"briefs": self.empty, "with an invented relation": self.noisy},
            "by relation": {name: numbers(s) for name, s in self.by_relation.items()},
            "reliability": [
                {"from": b.low, "to": b.high, "claims": b.claims, "confidence": b.confidence, "right": b.right} for b in self.reliability
            ],
        }


# --- comparing what is written differently ----------------------------------------------------------------------------


def fold(name: str) -> str:
    """A name without case, accents, punctuation and leading determiner."""
    text = unicodedata.normalize("NFKD", name.casefold().replace("’", "'").replace("œ", "oe"))
    text = "".join(c for c in text if not unicodedata.combining(c))
    return _DETERMINER.sub("", re.sub(r"[^\w+&]+", " ", text).strip())


def fold_value(value: object) -> str:
    """A value as it is compared: numbers by value, money with its currency, all else like names."""
    text = str(value).strip()
    if money := _MONEY.fullmatch(text):
        number = money[1].replace(",", ".").replace(" ", "")
        return f"{float(number):.15g} {money[2]}"
    try:
        return f"{float(text.replace(' ', '').replace(',', '.').rstrip('%')):.15g}"
    except ValueError:
        return fold(text)


@dataclass(frozen=True, slots=True)
class _Held:
    """A relation's status and qualifiers, folded, and how sure its reader was."""

    status: str
    qualifiers: Mapping[str, str]
    confidence: float | None = None


@dataclass(frozen=True)
class _Said:
    """What one brief says, by gold or by prediction, with folded names."""

    entities: Mapping[str, str]
    relations: Mapping[Key, _Held]
    attributes: Mapping[Key, float | None]
    count: int


class Answers:
    """What gold says of one brief, and how what others say of it is held against that: names by any of their forms."""

    def __init__(self, gold: Record, ontology: Ontology) -> None:
        self.ontology = ontology
        entities = gold.get("entities", ())
        self._names: dict[str, str] = {}
        for entity in entities:
            for name in (entity["name"], *entity.get("aliases", ())):
                self._names.setdefault(fold(name), fold(entity["name"]))  # the first to claim a form keeps it
        self.said = _Said({fold(e["name"]): e["type"] for e in entities}, *self._claims(gold), len(entities))

    def name(self, name: str) -> str:
        """The folded name of the entity that gold has for a name."""
        folded = fold(name)
        return self._names.get(folded, folded)

    def key(self, claim: Claim) -> Key:
        """A claim as gold would have it."""
        if claim.relation in self.ontology.attributes:
            return self._attribute(claim.relation, claim.subject, claim.object)
        return self._relation(claim.relation, claim.subject, claim.object)

    def has(self, claim: Claim) -> bool:
        """Whether gold says it, whatever its status."""
        key = self.key(claim)
        return key in self.said.relations or key in self.said.attributes

    def predicted(self, record: Record) -> _Said:
        """What a prediction says of the brief, in gold's names."""
        entities = {self.name(e["name"]): e["type"] for e in record.get("entities", ())}
        return _Said(entities, *self._claims(record), len(record.get("entities", ())))

    def _relation(self, relation: str, subject: str, object_: str) -> Key:
        ends = self.name(subject), self.name(object_)
        term = self.ontology.relations.get(relation)
        return relation, *(sorted(ends) if term is not None and term.symmetric else ends)

    def _attribute(self, attribute: str, subject: str, value: object) -> Key:
        return attribute, self.name(subject), fold_value(value)

    def _claims(self, record: Record) -> tuple[dict[Key, _Held], dict[Key, float | None]]:
        relations: dict[Key, _Held] = {}
        for r in record.get("relations", ()):
            qualifiers = {q: fold_value(r[q]) for q in QUALIFIERS if r.get(q)}
            relations[self._relation(r["p"], r["s"], r["o"])] = _Held(r.get("status") or "asserted", qualifiers, _confidence(r))
        return relations, {self._attribute(a["p"], a["s"], a["v"]): _confidence(a) for a in record.get("attributes", ())}


def _confidence(said: Record) -> float | None:
    return max((e["confidence"] for e in said.get("evidence", ()) if "confidence" in e), default=None)


# --- scores -----------------------------------------------------------------------------------------------------------

Causes = Callable[[str], "_Causes | None"]


@dataclass
class _Tally:
    """What is counted while briefs are compared."""

    totals: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    relations: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    statuses: Counter[bool] = field(default_factory=Counter)
    empty: int = 0
    noisy: int = 0
    errors: list[Error] = field(default_factory=list)
    sure: list[tuple[float, bool]] = field(default_factory=list)

    def count(self, what: str, right: int, predicted: int, gold: int) -> None:
        """Counts sets by their sizes."""
        self.totals[what].update(right=right, missed=gold - right, invented=predicted - right)


def score(
    gold: Mapping[str, Record], predicted: Mapping[str, Record], ontology: Ontology, causes: Mapping[str, _Causes] | None = None
) -> Report:
    """Compares predictions with gold, brief by brief. ``causes`` tells, by brief, what the engine saw there."""
    tally = _Tally()
    for key, truth in gold.items():
        answers = Answers(truth, ontology)
        _compare(key, answers.said, answers.predicted(predicted.get(key, {})), tally, ontology, (causes or {}).get(key))
    return Report(
        {n: _score(c) for n, c in tally.totals.items()},
        {n: _score(c) for n, c in sorted(tally.relations.items())},
        tally.statuses[True] / max(1, tally.statuses.total()),
        tally.empty,
        tally.noisy,
        tuple(sorted(tally.errors)),
        _reliability(tally.sure),
    )


def _score(counts: Counter[str]) -> Score:
    return Score(counts["right"], counts["missed"], counts["invented"])


def _compare(brief: str, gold: _Said, found: _Said, tally: _Tally, ontology: Ontology, causes: _Causes | None) -> None:
    shared = gold.entities.keys() & found.entities.keys()
    typed = sum(gold.entities[e] == found.entities[e] for e in shared)
    tally.count("entities", len(shared), found.count, len(gold.entities))
    tally.count("typed entities", typed, found.count, len(gold.entities))
    tally.count("attributes", len(gold.attributes.keys() & found.attributes.keys()), len(found.attributes), len(gold.attributes))
    for attribute, confidence in found.attributes.items():
        if confidence is not None:
            tally.sure.append((confidence, attribute in gold.attributes))
    hedged, said = ({(k, h.status) for k, h in s.relations.items() if h.status != "asserted"} for s in (gold, found))
    tally.count("hedged", len(hedged & said), len(said), len(hedged))
    tally.empty += not gold.relations
    tally.noisy += not gold.relations and bool(found.relations)
    tally.totals["qualifiers"].update(right=0)
    tally.count("relations", len(gold.relations.keys() & found.relations.keys()), len(found.relations), len(gold.relations))
    for key in gold.relations.keys() | found.relations.keys():
        side = "missed" if key not in found.relations else "right" if key in gold.relations else "invented"
        tally.relations[key[0]][side] += 1
        if key in found.relations and (confidence := found.relations[key].confidence) is not None:
            tally.sure.append((confidence, side == "right"))
        if side == "right":
            _held(brief, key, gold.relations[key], found.relations[key], tally)
    for key in (gold.relations.keys() - found.relations.keys()) | (gold.attributes.keys() - found.attributes.keys()):
        cause, detail = _why_missed(key, gold, found, ontology, causes) if causes is not None else ("", "")
        tally.errors.append(Error(brief, "missed", *key, cause, detail))
    for key in (found.relations.keys() - gold.relations.keys()) | (found.attributes.keys() - gold.attributes.keys()):
        cause = _why_invented(key, gold, found) if causes is not None else ""
        tally.errors.append(Error(brief, "invented", *key, cause, causes.rule(key) if causes is not None else ""))


def _held(brief: str, key: Key, gold: _Held, found: _Held, tally: _Tally) -> None:
    tally.statuses[gold.status == found.status] += 1
    if gold.status != found.status:
        tally.errors.append(Error(brief, "wrong status", *key, "wrong status", f"{found.status}, should be {gold.status}"))
    for name in QUALIFIERS:
        a, b = gold.qualifiers.get(name), found.qualifiers.get(name)
        counts = {"right": a is not None and a == b, "missed": a is not None and a != b, "invented": b is not None and a != b}
        tally.totals["qualifiers"].update({side: int(said) for side, said in counts.items()})


def _reliability(sure: Iterable[tuple[float, bool]]) -> tuple[Bin, ...]:
    """By decile of confidence: how many claims, their mean confidence, and the share that is right."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for confidence, right in sure:
        bins[min(int(confidence * DECILES + 1e-9), DECILES - 1)].append((confidence, right))
    return tuple(
        Bin(n / DECILES, (n + 1) / DECILES, len(held), sum(c for c, _ in held) / len(held), sum(r for _, r in held) / len(held))
        for n, held in sorted(bins.items())
    )


# --- causes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Causes:
    """What the engine saw in a brief: its near misses, and the rules of its matches by what they say."""

    misses: tuple[Miss, ...]
    rules: Mapping[Key, str]

    def rule(self, key: Key) -> str:
        """The rule behind a prediction."""
        return self.rules.get(key, "")


def _why_missed(key: Key, gold: _Said, found: _Said, ontology: Ontology, causes: _Causes) -> tuple[str, str]:
    """The first thing that went wrong on the way to a claim: its mentions, their types, its frame, its roles."""
    name, subject, object_ = key
    ends = (subject,) if name in ontology.attributes else (subject, object_)
    if lost := [e for e in ends if e not in found.entities]:
        return "mention missed", ", ".join(lost)
    if wrong := [
        f"{e}: {found.entities[e]}, should be {gold.entities[e]}"
        for e in ends
        if gold.entities.get(e, "") != found.entities[e] and e in gold.entities
    ]:
        return "type wrong", "; ".join(wrong)
    if name in ontology.attributes and any(k[:2] == key[:2] for k in found.attributes):
        return "value wrong", ""
    near = [m for m in causes.misses if m.relation == name]
    if unfilled := [m for m in near if m.reason.startswith("no ")]:
        return "role missing", _reasons(unfilled)
    if any(k[0] == name for k in (*found.relations, *found.attributes)):
        return "another role filler", _reasons(near)
    return "no frame fired", _reasons(near)


def _reasons(misses: Sequence[Miss]) -> str:
    """Near misses in a few words: those that came nearest first."""
    nearest = sorted(misses, key=lambda m: (-len(m.filled), m.frame))
    shown = list(dict.fromkeys(f"{m.frame}: {m.reason[:_REASON]}{'…' if len(m.reason) > _REASON else ''}" for m in nearest))
    return "; ".join(shown[:_NEAREST])


def _why_invented(key: Key, gold: _Said, found: _Said) -> str:
    name, subject, object_ = key
    if (name, object_, subject) in gold.relations:
        return "wrong direction"
    if any(k[0] == name and k[1] == subject for k in gold.attributes):
        return "value wrong"
    if any({k[1], k[2]} == {subject, object_} for k in gold.relations):
        return "another relation holds"
    entities = (subject,) if key in found.attributes else (subject, object_)
    if any(e not in gold.entities for e in entities):
        return "no such entity"
    if any(gold.entities[e] != found.entities.get(e) for e in entities):
        return "type wrong"
    if any(k[0] == name for k in (*gold.relations, *gold.attributes)):
        return "another role filler"
    return "nothing like it is said"


# --- files, and reading anew ------------------------------------------------------------------------------------------


def load(path: Path) -> dict[str, Record]:
    """A file of annotated briefs by their ids: one JSON object a line, in the gold format."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise ReadError("is no UTF-8 text", where=str(path)) from error
    except OSError as error:
        raise ReadError(f"cannot be read: {error.strerror or error}", where=str(path)) from error
    found: dict[str, Record] = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            record = _record(line, f"{path}:{number}")
            found[record["id"]] = record
    if not found:
        raise ReadError("holds no annotated brief", where=str(path))
    return found


def _record(line: str, where: str) -> Record:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise ReadError(f"no valid JSON: {error}", where=where) from error
    if not isinstance(record, dict) or not isinstance(record.get("id"), str):
        raise ReadError(
            "no annotated brief", where=where, hint='one is {"id": "…", "text": "…", "entities": […], "relations": […], "attributes": […]}'
        )
    for name, keys in (("entities", ("name", "type")), ("relations", ("s", "p", "o")), ("attributes", ("s", "p", "v"))):
        items = record.get(name) or []
        if not isinstance(items, list) or not all(
            isinstance(i, dict) and all(isinstance(i.get(k), str | int | float) for k in keys) for i in items
        ):
            raise ReadError(f"« {name} » must be a list of objects with {', '.join(keys)}", where=where)
    return record


def briefs(gold: Mapping[str, Record]) -> Iterator[Brief]:
    """The gold briefs without their labels."""
    for key, record in gold.items():
        if not isinstance(record.get("text"), str):
            raise ReadError(f"the brief « {key} » has no text to read", hint="score predictions with --predicted FILE")
        yield Brief(key, record["text"], record.get("date"))


def evaluate(gold: Mapping[str, Record], ontology: Ontology, *, causes: bool = False) -> Report:
    """Reads the gold briefs anew and scores what was read; with ``causes``, says why each error was made."""
    from kg.pipeline import reader
    from kg.records import to_record

    analyst = reader(ontology)
    predicted: dict[str, Record] = {}
    seen: dict[str, _Causes] = {}
    for analysis in analyst.language.analyse(briefs(gold)):
        key = analysis.brief.key
        found = analyst.find(analysis)
        predicted[key] = to_record(analyst.said(analysis, found), ontology)
        if causes:
            seen[key] = _seen(found, Answers(gold[key], ontology))
    return score(gold, predicted, ontology, seen if causes else None)


def _seen(found: Iterable[Match | Miss], answers: Answers) -> _Causes:
    misses: list[Miss] = []
    rules: dict[Key, str] = {}
    for item in found:
        if isinstance(item, Miss):
            misses.append(item)
        else:
            rules.setdefault(answers.key(item.claim), item.evidence.rule)
    return _Causes(tuple(misses), rules)


__all__: Sequence[str] = ("Answers", "Bin", "Error", "Report", "Score", "briefs", "evaluate", "fold", "fold_value", "load", "score")
