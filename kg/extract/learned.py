"""The second reader: a small network over the entities of a brief, and the judge that weighs it against the rules.

The network (``learned/reader.onnx``, made by ``python -m kg.train_reader``) scores every pair of entities for every
relation it knows, every value for every attribute, their status and qualifiers. It sees names and figures only as marks. The
judge (``judge.json``, made by ``python -m kg.train_judge``) is a logistic model over what the network says, what the rules
say and the relation: it gives every claim its confidence, whoever found it. Claims the rules do not make are the network's
own: their rule reads ``<relation>/learned/network``, their trigger is the word it looked at most.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from kg.extract.features import Features, features
from kg.extract.qualifiers import KIND_OF_VALUE, QUALIFIES
from kg.extract.syntax import Syntax
from kg.extract.tensors import Arrays, Codes, arrays
from kg.extract.wordpieces import WordPieces
from kg.model import Analysis, Claim, Evidence, Match, Miss, Span, Status
from kg.ontology import Ontology, Relation

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

FOLDER = Path(__file__).with_name("learned")
JUDGE = FOLDER / "judge.json"
WORTH_A_LOOK = 0.1
"""What the network finds less likely than this is not weighed unless a rule says it."""
SAID = 0.4
"""What the judge finds less sure than this is not said: it would be wrong more often than right."""
SHOWN = 0.2
"""What the network alone finds less sure than this is not even shown by « kg explain »."""
LOWEST, HIGHEST = 0.02, 0.99
LEAST, NEVER = -8.0, -np.inf
"""Logits: as unlikely as anything is taken for, and what cannot be."""
_CONTENT = frozenset({"VERB", "NOUN", "ADJ", "PROPN", "AUX", "ADP", "ADV"})
_STATUSES = tuple(Status)
_AS_OFTEN = np.array([math.log(4.0), 0.0, 0.0, 0.0], np.float32)
"""Training gives the rare statuses four times the weight of « asserted »: this takes it back."""

Key = tuple[int, int, str]
"""Subject, object (an entity or, for an attribute, a value) and relation, by their indices in the brief."""


class Scores(NamedTuple):
    """What the network says of one brief; shapes as in :class:`kg.train_reader.Network`."""

    claims: npt.NDArray[np.float32]
    status: npt.NDArray[np.float32]
    attributes: npt.NDArray[np.float32]
    by_place: npt.NDArray[np.float32]
    attention: npt.NDArray[np.float32]
    qualifiers: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sight:
    """A brief before the second reader: its syntax, what is seen of it, what the network says."""

    syntax: Syntax
    seen: Features
    scores: Scores | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim to be judged: what the network and the rules say for it. ``clues`` are numbers by name."""

    key: Key
    clues: Mapping[str, float]
    matches: tuple[Match, ...]


Logits = npt.NDArray[np.float32]


class Likely:
    """The network's logits of all that could be said of a brief: E × E by relation (of a symmetric one the half above the
    diagonal), E × V by attribute, :data:`NEVER` where domain or range forbid it."""

    def __init__(self, pairs: Mapping[str, Logits], values: Mapping[str, Logits]) -> None:
        self.pairs, self.values = pairs, values

    def _of(self, key: Key) -> Logits | None:
        logits = self.pairs.get(key[2], self.values.get(key[2]))
        return logits if logits is not None and key[0] < logits.shape[0] and key[1] < logits.shape[1] else None

    def __getitem__(self, key: Key) -> float | None:
        logits = self._of(key)
        return None if logits is None or logits[key[:2]] == NEVER else float(logits[key[:2]])

    def above(self, least: float) -> Iterator[Key]:
        """What is likelier than that."""
        for relation, logits in (*self.pairs.items(), *self.values.items()):
            yield from ((s, o, relation) for s, o in np.argwhere(logits > least).tolist())

    def rivals(self, key: Key) -> Mapping[str, float]:
        """The likeliest other of the same relation and subject, of the same relation and object, of the same two."""
        s, o, relation = key
        logits = self._of(key)
        if logits is None:
            return dict.fromkeys(("subject", "object", "pair"), LEAST)
        others: Mapping[str, Iterable[np.float32]] = {
            "subject": np.delete(logits[s], o),
            "object": np.delete(logits[:, o], s),
            "pair": [x[s, o] for name, x in self.values.items() if name != relation]
            if relation in self.values
            else [x[at] for name, x in self.pairs.items() for at in ((s, o), (o, s)) if (name, at) != (relation, (s, o))],
        }
        return {name: max(LEAST, max((float(x) for x in found), default=NEVER)) for name, found in others.items()}


class Network:
    """The network with its codes, loaded when first used."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self.folder = folder

    @cached_property
    def _described(self) -> tuple[Codes, WordPieces]:
        described = json.loads((self.folder / "reader.json").read_text(encoding="utf-8"))
        codes = Codes(**{name: tuple(names) for name, names in described["codes"].items()})
        return codes, WordPieces(described["pieces"], described["scores"])

    @property
    def codes(self) -> Codes:
        """The names the network knows."""
        return self._described[0]

    @cached_property
    def _session(self) -> InferenceSession:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # the same sums in the same order on every machine
        options.log_severity_level = 3
        return onnxruntime.InferenceSession(self.folder / "reader.onnx", options, providers=["CPUExecutionProvider"])

    def __call__(self, seen: Features) -> Scores | None:
        """Scores of a brief; ``None`` when there is nothing to score."""
        made: Arrays | None = arrays(seen, *self._described)
        return None if made is None else Scores(*self._session.run(None, made))


class SecondReader:
    """Weighs what the rules found with what the network sees, and adds what only the network sees."""

    def __init__(self, ontology: Ontology, network: Network | None = None) -> None:
        self.ontology = ontology
        self.network = network or Network()

    @cached_property
    def _terms(self) -> tuple[list[Relation | None], list[str]]:
        codes = self.network.codes
        return [self.ontology.relations.get(r) for r in codes.relations], [
            a for a in codes.attributes if a in self.ontology.attributes and self.ontology.attributes[a].value in KIND_OF_VALUE
        ]

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """The judge's weights."""
        learned: dict[str, float] = json.loads(JUDGE.read_text(encoding="utf-8"))
        return learned

    def sight(self, syntax: Syntax, found: Iterable[Match | Miss]) -> Sight:
        """What the network makes of a brief in which the rules found that."""
        seen = features(syntax, found)
        return Sight(syntax, seen, self.network(seen))

    def __call__(self, syntax: Syntax, found: Sequence[Match | Miss]) -> list[Match | Miss]:
        """All that is found with the judge's confidence, and the network's own claims, in text order of their triggers."""
        sight = self.sight(syntax, found)
        judged: dict[int, float] = {}
        new: list[Match] = []
        for candidate in self.candidates(sight, found):
            confidence = self.judge(candidate.clues)
            if candidate.matches:
                judged.update((id(m), confidence) for m in candidate.matches)
            elif sight.scores is not None and confidence >= SHOWN:
                new.append(self._match(syntax, sight.seen, sight.scores, candidate.key, confidence))
        kept = [
            replace(m, evidence=replace(m.evidence, confidence=judged[id(m)])) if isinstance(m, Match) and id(m) in judged else m
            for m in found
        ]
        return sorted([*kept, *new], key=lambda m: (m.evidence.trigger if isinstance(m, Match) else m.trigger).start)

    def judge(self, clues: Mapping[str, float]) -> float:
        """How likely a claim with these clues is right, two decimals."""
        score = sum(self.weights.get(name, 0.0) * value for name, value in clues.items())
        return round(min(HIGHEST, max(LOWEST, 1 / (1 + math.exp(-max(-30.0, score))))), 2)

    # --- candidates --------------------------------------------------------------------------------------------------------

    def candidates(self, sight: Sight, found: Iterable[Match | Miss]) -> Iterator[Candidate]:
        """What is to be judged: all that rules say, and what the network finds worth a look."""
        said, near = self._said(sight, found)
        likely = self._likely(sight.seen, sight.scores) if sight.scores is not None else Likely({}, {})
        for key in sorted({*said, *likely.above(math.log(WORTH_A_LOOK / (1 - WORTH_A_LOOK)))}):
            matches = said.get(key, ())
            yield Candidate(key, {**self._clues(key, likely[key], matches, near), **self._rivals(key, likely, said)}, tuple(matches))

    def _rivals(self, key: Key, likely: Likely, said: Iterable[Key]) -> Mapping[str, float]:
        """How a claim stands among those it competes with: others of its subject, of its object, of the same two."""
        s, o, r = key
        relations, own = self.ontology.relations, likely[key]
        seen = LEAST if own is None else own
        clues = {f"rival:{name}": max(-4.0, min(4.0, seen - top)) for name, top in likely.rivals(key).items()}
        ruled = {
            "subject": any(k[0] == s and k[1] != o and k[2] == r for k in said),
            "object": any(k[0] != s and k[1] == o and k[2] == r for k in said),
            "pair": any({k[0], k[1]} == {s, o} and k != key and (k[2] in relations) == (r in relations) for k in said),
        }
        return clues | {f"rival:{name}:ruled": 1.0 for name, true in ruled.items() if true}

    def _clues(self, key: Key, seen: float | None, matches: Sequence[Match], near: frozenset[tuple[int, str, bool]]) -> Mapping[str, float]:
        subject, target, relation = key
        x = -5.0 if seen is None else max(LEAST, min(-LEAST, seen))
        clues = {"bias": 1.0, "network": x, f"relation:{relation}": 1.0}
        if seen is None:
            clues["network:blind"] = 1.0
        if matches:
            best = max(m.evidence.confidence for m in matches)
            clues |= {"rule": 1.0, "rule:confidence": math.log(best / (1 - best)), "rule:network": x, f"rule:{relation}": 1.0}
            clues |= {"rule:twice": 1.0} if len({m.evidence.trigger for m in matches}) > 1 else {}
        if (subject, relation, True) in near:
            clues["near:subject"] = 1.0
        if relation in self.ontology.relations and (target, relation, False) in near:
            clues["near:object"] = 1.0
        return clues

    def _symmetric(self, relation: str) -> bool:
        term = self.ontology.relations.get(relation)
        return term is not None and term.symmetric

    def _said(self, sight: Sight, found: Iterable[Match | Miss]) -> tuple[dict[Key, list[Match]], frozenset[tuple[int, str, bool]]]:
        """The rules' matches by what they claim, and who had a part in a near miss. What the network has no name for
        (a relation of one's own, a name as value) is left to the rules alone."""
        index = {entity.name: i for i, entity in enumerate(sight.syntax.analysis.entities)}
        said: dict[Key, list[Match]] = {}
        near: set[tuple[int, str, bool]] = set()
        codes = self.network.codes
        for one in found:
            if isinstance(one, Miss):
                for role, names in one.filled.items():
                    near |= {(index[n], one.relation, role == "subject") for n in names.split(", ") if n in index}
                continue
            claim = one.claim
            if claim.relation in codes.relations:
                key = (index[claim.subject], index[claim.object], claim.relation)
                if self._symmetric(claim.relation):
                    key = (min(key[:2]), max(key[:2]), claim.relation)
                said.setdefault(key, []).append(one)
            elif claim.relation in codes.attributes:
                at = next((v for v, x in enumerate(sight.seen.values) if x.value == claim.object and x.kind != "role"), None)
                if at is not None:
                    said.setdefault((index[claim.subject], at, claim.relation), []).append(one)
        return said, frozenset(near)

    def _likely(self, seen: Features, scores: Scores) -> Likely:
        """The network's logits of what domain and range allow."""
        terms, attributes = self._terms
        pairs: dict[str, Logits] = {}
        for r, term in enumerate(terms):
            if term is not None:
                ends = (np.array([self.ontology.is_a(t, classes) for t in seen.types], bool) for classes in (term.domain, term.range))
                allowed = np.logical_and.outer(*ends)
                np.fill_diagonal(allowed, False)
                logits = np.where(allowed, scores.claims[:, :, r], NEVER)
                pairs[term.name] = (
                    np.where(np.tri(len(logits), dtype=bool), NEVER, np.maximum(logits, logits.T)) if term.symmetric else logits
                )
        values: dict[str, Logits] = {}
        for name in attributes:
            term_of = self.ontology.attributes[name]
            kind = KIND_OF_VALUE[term_of.value]
            owners = np.array([self.ontology.is_a(t, term_of.domain) for t in seen.types], bool)
            fits = np.logical_and.outer(owners, np.array([v.kind == kind for v in seen.values], bool))
            column = scores.attributes[:, : len(seen.values), self.network.codes.attributes.index(name)]
            values[name] = np.where(fits, column, NEVER)
        return Likely(pairs, values)

    # --- the network's own claims ----------------------------------------------------------------------------------------------

    def _match(self, syntax: Syntax, seen: Features, scores: Scores, key: Key, confidence: float) -> Match:
        analysis = syntax.analysis
        subject, target, relation = key
        codes = self.network.codes
        tokens = analysis.tokens
        if relation in self.ontology.attributes:
            value = seen.values[target]
            m = min((i for i, p in enumerate(seen.places) if p.entity == subject), key=lambda i: abs(seen.places[i].token - value.token))
            quantity = tokens[value.token].quantity
            assert quantity is not None
            spans = (analysis.mentions[seen.places[m].mention].span, analysis.quantities[quantity].span)
            trigger = self._trigger(analysis, scores.attention[m, m], (seen.places[m].token, value.token))
            claim = Claim(analysis.entities[subject].name, relation, value.value)
            return self._made(syntax, claim, trigger, spans, confidence, bound=quantity)
        r = codes.relations.index(relation)
        term = self.ontology.relations[relation]
        pairs = [(i, j) for i, p in enumerate(seen.places) if p.entity == subject for j, q in enumerate(seen.places) if q.entity == target]
        if term.symmetric:
            pairs += [(j, i) for i, j in pairs]
        m, n = max(pairs, key=lambda p: float(scores.by_place[p[0], p[1], r]))
        places = seen.places[m], seen.places[n]
        spans = (analysis.mentions[places[0].mention].span, analysis.mentions[places[1].mention].span)
        if places[0].entity != subject:
            spans = (spans[1], spans[0])
        values: dict[str, str] = {}
        for v in np.argsort(scores.qualifiers[m, n]):  # the likeliest last
            if v < len(seen.values) and scores.qualifiers[m, n, v] > 0 and QUALIFIES.get(seen.values[v].kind, "") in term.qualifiers:
                values[QUALIFIES[seen.values[v].kind]] = seen.values[v].value
        status = _STATUSES[int((scores.status[subject, target] + _AS_OFTEN).argmax())]
        role = values.get("role", "").lower() or None if term.folds_role else None
        claim = Claim(analysis.entities[subject].name, relation, analysis.entities[target].name, role)
        trigger = self._trigger(analysis, scores.attention[m, n], (places[0].token, places[1].token))
        return self._made(syntax, claim, trigger, spans, confidence, status=Status.ASSERTED if term.steady else status, values=values)

    def _trigger(self, analysis: Analysis, attention: npt.NDArray[np.float32], ends: tuple[int, int]) -> Span:
        """The word of the sentences concerned that the network looked at most; a word between when there is none."""
        tokens = analysis.tokens
        sentences = {tokens[e].sentence for e in ends}
        inside = [t for t in tokens if t.sentence in sentences and not t.mentions and t.quantity is None and t.pos in _CONTENT]
        return max(inside, key=lambda t: (float(attention[t.i]), -t.i)).span if inside else tokens[max(ends)].span

    def _made(
        self,
        syntax: Syntax,
        claim: Claim,
        trigger: Span,
        spans: tuple[Span, Span],
        confidence: float,
        *,
        status: Status = Status.ASSERTED,
        values: Mapping[str, str] | None = None,
        bound: int | None = None,
    ) -> Match:
        analysis = syntax.analysis
        start, end = min(trigger.start, *(s.start for s in spans)), max(trigger.end, *(s.end for s in spans))
        for name, span in zip((claim.subject, claim.object), spans, strict=True):
            anaphor = next((m for m in analysis.mentions if m.span == span and m.kind in {"nominal", "pronoun"}), None)
            if anaphor is not None and (named := syntax.named_before(name, span.start)) is not None:
                start = min(start, named)
        sentences = syntax.sentences_between(start, end)
        evidence = Evidence(
            analysis.brief.key,
            Span(sentences[0].span.start, sentences[-1].span.end),
            trigger,
            *spans,
            f"{claim.relation}/learned/network",
            status,
            confidence,
            bound=None if bound is None else analysis.quantities[bound].bound,
        )
        evidence = replace(evidence, **dict[str, Any](values or {}))
        words = trigger.of(analysis.brief.text)
        return Match(claim, evidence, f"read by the network, which looked most at « {words} »")
