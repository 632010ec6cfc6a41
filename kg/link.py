"""Names → IRIs: which node of the graph an entity of a brief is.

An entity's IRI is ``<base><kind>/<slug>``: the kind from its class, the slug from its canonical name (a gazetteer's, else
the brief's fullest form, without legal form or title). Everything here is a pure function of what the brief and the
gazetteers say, so that the same name gets the same IRI in every brief, run and order; that two names are one entity, or one
name two, is for :mod:`kg.resolve` to say from all briefs. All other IRIs are hashes of what they stand for (:class:`Ids`).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from kg.errors import OntologyError
from kg.model import Entity, Extraction, Span, Status
from kg.ontology import Ontology, overlaid, read_toml

HASH = 20
"""Hexadecimal digits of the hashes in IRIs: 80 bits, no collision to fear below 10¹⁰ nodes."""
LONGEST_SLUG = 80

_SIGNS = {"²": " carre ", "³": " cube ", "+": " plus ", "&": " et ", "@": " arobase ", "#": " diese "} | dict.fromkeys("™®©℠", " ")
_LATIN = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ħ": "h", "ı": "i", "ŧ": "t"})
_INITIALS = re.compile(r"\b(?:[^\W\d_]\.){2,}")
_INNER_DOT = re.compile(r"(?<=\w)\.(?=\w)")


def digest(*parts: str, length: int = HASH) -> str:
    """A hexadecimal hash of ``parts``; different lists of parts never share their bytes."""
    sha = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        sha.update(len(data).to_bytes(8, "big") + data)
    return sha.hexdigest()[:length]


@lru_cache(maxsize=256)
def _key_digest(key: str) -> str:
    return digest(key)


def tidy(name: str) -> str:
    """A name as a label: runs of white space made one space, what no RDF literal can hold replaced."""
    return " ".join(writable(name).split())


def writable(text: str) -> str:
    """``text`` with lone surrogates, which no encoding can write, replaced one for one (offsets stay right)."""
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


@lru_cache(maxsize=50_000)
def slug(name: str) -> str:
    """The last segment of an entity's IRI: ``Éts Léon & Cie`` → ``ets-leon-et-cie``; only ``a-z``, ``0-9`` and ``-``.

    Signs that tell names apart are spelt out (C# is not C, Canal+ is ``canal-plus``), initials lose their dots (S.N.C.F.
    = SNCF), a name not wholly in Latin script becomes ``x-`` and a hash of it, an overlong one ends in a hash.
    """
    text = name
    for sign, words in _SIGNS.items():
        text = text.replace(sign, words)
    text = unicodedata.normalize("NFKC", text).casefold()
    # Invisible characters (zero width, direction marks) must not tell two names apart.
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs"))
    for sign in "+&@#":  # full-width forms are only now the plain signs
        text = text.replace(sign, _SIGNS[sign])
    text = _INNER_DOT.sub(" point ", _INITIALS.sub(lambda m: m[0].replace(".", ""), text))
    text = unicodedata.normalize("NFKD", text.translate(_LATIN))
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    ascii_ = "-".join(re.findall("[a-z0-9]+", text))
    if not ascii_ or any(c.isalnum() and not c.isascii() for c in text):
        return "x-" + digest(" ".join(unicodedata.normalize("NFKC", name).casefold().split()), length=12)
    if len(ascii_) > LONGEST_SLUG:
        return f"{ascii_[: LONGEST_SLUG - 13].rstrip('-')}-{digest(ascii_, length=12)}"
    return ascii_


def fold_role(role: str | None) -> str:
    """A role as part of a claim's identity: case, accents and spacing do not make two posts."""
    return slug(role) if role and role.strip() else ""


@dataclass(frozen=True, slots=True)
class Ids:
    """The IRIs of everything that is no entity, under ``base``. Hashes never depend on the base."""

    base: str

    def entity(self, kind: str, name_slug: str) -> str:
        """``id/org/ibm``."""
        return f"{self.base}{kind}/{name_slug}"

    def local(self, iri: str) -> str:
        """An IRI without the base: what hashes are made of."""
        return iri.removeprefix(self.base)

    def brief(self, key: str) -> str:
        """A brief, by its key."""
        return f"{self.base}brief/{_key_digest(key)}"

    def span(self, key: str, span: Span) -> str:
        """A run of characters of a brief."""
        return f"{self.base}span/{_key_digest(key)}-{span.start}-{span.end}"

    def mention(self, key: str, name: str) -> str:
        """What a brief says of one of its entities."""
        return f"{self.base}mention/{digest(key, name)}"

    def claim(self, subject: str, relation: str, object_: str, role: str = "") -> str:
        """A claim, by what it says; ``object_`` is an IRI or a literal in N-Triples syntax."""
        return f"{self.base}claim/{digest(self.local(subject), relation, self.local(object_), role)}"

    def evidence(self, claim: str, *parts: str) -> str:
        """One place that says a claim."""
        return f"{self.base}evidence/{digest(self.local(claim), *parts)}"

    def money(self, currency: str, value: str) -> str:
        """An amount of money: ``id/money/EUR/7800000000``."""
        return f"{self.base}money/{currency}/{value}"

    def run(self, version: str, rules: str) -> str:
        """A way of reading: program and rules, no time."""
        return f"{self.base}run/{digest(version, rules)}"

    def inferred(self) -> str:
        """The named graph of what follows from the rest."""
        return f"{self.base}graph/inferred"


# --- forms of names ---------------------------------------------------------------------------------------------------

RESOLUTION = "resolution.toml"


@dataclass(frozen=True)
class Forms:
    """What a name may carry that says nothing of whose name it is, as runs of the words of a slug."""

    legal: frozenset[tuple[str, ...]] = frozenset()
    before: Mapping[str, frozenset[str]] = field(default_factory=dict)
    small: frozenset[str] = frozenset()

    def stem(self, name: str, kind: str) -> str:
        """The slug of a name without a title, « groupe » or legal form: « groupe Iliad » → ``iliad``, « Tiime SAS » → ``tiime``."""
        whole = slug(name)
        words = whole.split("-")
        if words[0] in self.before.get(kind, ()) and len(words) > 1 and words[1] not in self.small - _ARTICLES:
            words = words[1:]
        while kind == "org" and (
            size := max((len(f) for f in self.legal if len(f) < len(words) and tuple(words[-len(f) :]) == f), default=0)
        ):
            words = words[:-size]
        return "-".join(words) if any(c.isalpha() for c in "".join(words)) else whole


_ARTICLES = frozenset(("l", "la", "le", "les"))


def load_resolution(ontology: Ontology) -> Mapping[str, Any]:
    """The tables of ``resolution.toml``, empty if the ontology comes without."""
    path = overlaid(ontology.folders, RESOLUTION).get(RESOLUTION)
    return read_toml(path) if path is not None else {}


def forms_of(ontology: Ontology) -> Forms:
    """The forms of names that ``resolution.toml`` lists."""
    said = load_resolution(ontology).get("names", {})
    return Forms(
        frozenset(tuple(slug(f).split("-")) for f in said.get("legal_forms", ())),
        {kind: frozenset(map(slug, words)) for kind, words in said.get("before", {}).items()},
        frozenset(map(slug, said.get("small_words", ()))),
    )


# --- gazetteers -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameRow:
    """A row of ``ontology/names/*.tsv``: a canonical name, its class, other forms, identifiers, where the fact is from."""

    name: str
    type: str
    aliases: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    source: str = ""

    def same_as(self) -> tuple[str, ...]:
        """The row's identifiers as IRIs: ``Q37156`` (or ``wd:Q37156``) of Wikidata, ``geonames:2988507``, or an IRI."""
        found = []
        for identifier in self.ids:
            if m := re.fullmatch(r"(?:wd:|wikidata:)?(Q[1-9]\d*)", identifier):
                found.append(f"http://www.wikidata.org/entity/{m[1]}")
            elif m := re.fullmatch(r"(?:geonames:|gn:)([1-9]\d*)", identifier):
                found.append(f"https://sws.geonames.org/{m[1]}/")
            elif re.fullmatch(r"https?://[^\s<>\"{}|\\^`\[\]]+", identifier):
                found.append(identifier)
        return tuple(found)


@dataclass(frozen=True)
class Names:
    """The gazetteers, found by kind and folded form, or by the IRI's kind and slug."""

    by_name: Mapping[tuple[str, str], NameRow] = field(default_factory=dict)
    by_alias: Mapping[tuple[str, str], tuple[NameRow, ...]] = field(default_factory=dict)
    forms: Forms = field(default_factory=Forms)

    def find(self, entity: Entity, kind: str) -> NameRow | None:
        """The row an entity of a brief is, by its name as canonical name, else by its name as alias of one row only; with
        its legal form or title, else without."""
        whole = self._find((kind, slug(entity.name)), entity.type)
        return whole or self._find((kind, self.forms.stem(entity.name, kind)), entity.type)

    def slug(self, entity: Entity, kind: str) -> str:
        """The slug of an entity's canonical name: the gazetteer's where it has a row, else the brief's fullest form without
        legal form or title."""
        row = self.find(entity, kind)
        return slug(row.name) if row else self.forms.stem(entity.name, kind)

    def _find(self, key: tuple[str, str], type_: str) -> NameRow | None:
        if key in self.by_name:
            return self.by_name[key]
        rows = self.by_alias.get(key, ())
        same_type = [r for r in rows if r.type == type_]
        if len(rows) == 1:
            return rows[0]
        return same_type[0] if len(same_type) == 1 else None

    def of(self, kind: str, name_slug: str) -> NameRow | None:
        """The row whose entity has that IRI."""
        return self.by_name.get((kind, name_slug))


def read_names(path: Path) -> Iterable[NameRow]:
    """The rows of one file: ``name type aliases(|) ids(|) source``, parted by tabs; ``#`` lines and a header are passed over."""
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [c.strip() for c in line.split("\t")] + [""] * 3
        if cells[:2] == ["name", "type"]:
            continue
        if len(cells) < 5 or not cells[0] or not cells[1]:
            raise OntologyError("a row needs a name and a type, parted by a tab", where=f"{path}:{number}")
        aliases, ids = (tuple(v for v in (c.strip() for c in cell.split("|")) if v) for cell in cells[2:4])
        yield NameRow(cells[0], cells[1], aliases, ids, cells[4])


def names_of(rows: Iterable[NameRow], ontology: Ontology, forms: Forms | None = None) -> Names:
    """Rows made ready for look-up. Rows of classes the ontology does not have are passed over; of two rows with one
    name and kind the first counts."""
    by_name: dict[tuple[str, str], NameRow] = {}
    by_alias: dict[tuple[str, str], list[NameRow]] = {}
    entity_classes = set(ontology.entity_classes)
    for row in rows:
        if row.type not in entity_classes:
            continue
        kind = ontology.kind(row.type)
        if by_name.setdefault((kind, slug(row.name)), row) is not row:
            continue
        for key in {(kind, slug(alias)) for alias in row.aliases}:
            by_alias.setdefault(key, []).append(row)
    return Names(by_name, {k: tuple(v) for k, v in by_alias.items()}, forms or Forms())


_NAMES: dict[tuple[tuple[Path, ...], str], Names] = {}


def load_names(ontology: Ontology) -> Names:
    """The gazetteers of the ontology's folders, read once for each state of its files."""
    key = (ontology.folders, ontology.digest)
    if key not in _NAMES:
        files = overlaid(ontology.folders, "names/*.tsv").values() if ontology.folders else ()
        _NAMES[key] = names_of((row for path in files for row in read_names(path)), ontology, forms_of(ontology))
    return _NAMES[key]


# --- the entities of one brief ----------------------------------------------------------------------------------------

_GROUP_WORD = re.compile(r"consortium\b[\s:]*", re.IGNORECASE)


def link(
    extraction: Extraction,
    ontology: Ontology,
    names: Names,
    ids: Ids,
    *,
    placed: Mapping[str, str] | None = None,
    moved: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The IRI of each entity of the brief, by name. A described consortium nobody leads or belongs to is no entity.

    By itself a brief gives an entity the IRI of its name. ``placed`` (entity → IRI without the base) is what the other briefs
    say about that, ``moved`` (IRI → IRI, both without the base) what people have decided.
    """
    found = {e.name: ids.entity(kind := ontology.kind(e.type), names.slug(e, kind)) for e in extraction.entities}
    found |= {name: ids.base + local for name, local in (placed or {}).items()}
    described = dict(_consortia(extraction, ontology))
    for name, listed in described.items():
        members = _group(name, extraction, ontology) or listed
        slugs = sorted({found[m].removeprefix(ids.base).partition("/")[2] for m in members if m in found and m != name})
        if slugs:
            kind = found[name].removeprefix(ids.base).partition("/")[0]
            found[name] = ids.entity(kind, _bounded("consortium-" + "-".join(slugs)))
        else:
            del found[name]
    moved = moved or {}
    return {name: ids.base + moved.get(local := ids.local(iri), local) for name, iri in found.items()}


def described_consortia(extraction: Extraction, ontology: Ontology) -> frozenset[str]:
    """The entities that are what their members make them, not what they are called."""
    return frozenset(name for name, _ in _consortia(extraction, ontology))


def _consortia(extraction: Extraction, ontology: Ontology) -> Iterator[tuple[str, Sequence[str]]]:
    forms = {slug(f): e.name for e in extraction.entities for f in (*e.aliases, e.name)}
    for entity in extraction.entities:
        if (listed := _described(entity, forms, ontology)) is not None:
            yield entity.name, listed


def _bounded(text: str) -> str:
    return text if len(text) <= LONGEST_SLUG else slug(text)


def _described(entity: Entity, forms: Mapping[str, str], ontology: Ontology) -> Sequence[str] | None:
    """The entities a described consortium's name lists (« consortium Onepoint, Butler Industries »), perhaps none;
    ``None`` if the entity is no consortium or bears a name of its own (« Gaia-X », « consortium Gaia-X »)."""
    if "Consortium" not in ontology.classes or not ontology.is_a(entity.type, ("Consortium",)):
        return None
    if not (m := _GROUP_WORD.match(entity.name)):
        return None
    parts = [p for p in re.split(r"\s*,\s*", entity.name[m.end() :]) if p]
    known = [forms.get(slug(p)) for p in parts]
    listed = [k for k in known if k is not None and k != entity.name]
    return listed if len(listed) == len(parts) else None


def _group(name: str, extraction: Extraction, ontology: Ontology) -> list[str]:
    """Who leads the consortium, by the claims of the brief; else who belongs to it.

    Which relations say so is read off the ontology: one whose only range is the consortium is about leading it, one
    that takes other organisations as well is about belonging.
    """
    leaders: list[str] = []
    members: list[str] = []
    for claim, evidence in extraction.claims:
        relation = ontology.relations.get(claim.relation)
        if claim.object != name or relation is None or "Consortium" not in relation.range or evidence.status is Status.DENIED:
            continue
        (leaders if relation.range == ("Consortium",) else members).append(claim.subject)
    return leaders or members
