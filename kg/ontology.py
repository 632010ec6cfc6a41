"""The domain as data: TOML files of ``ontology/`` read into an :class:`Ontology`.

Strict: an unknown key, an unknown class, a role nobody fills or a trigger given twice is an :class:`OntologyError` that
names file and table. Code knows no relation by name; what it needs to know of one stands in that relation's file.
"""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

from kg.errors import OntologyError
from kg.examples import Marked, parse_marked
from kg.model import QUALIFIERS, Status

ValueKind = Literal["money", "integer", "date", "string"]
VALUE_KINDS: tuple[ValueKind, ...] = ("money", "integer", "date", "string")
TRIGGER_KINDS = ("verbs", "nouns", "adjectives", "locutions", "patterns")


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the two languages of the ontology."""

    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class EntityClass:
    """A class of entities: its place in the hierarchy, how it is drawn, and the ``kind`` its IRIs are made under."""

    name: str
    label: Text
    comment: Text
    parent: str | None
    kind: str | None
    colour: str | None
    shape: str | None
    align: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Frame:
    """A way French has of saying a relation: triggers of one kind, and where each role stands.

    ``roles`` maps a role (``subject``, ``object`` or ``value``, a qualifier) to the slots that may fill it, best
    first. ``status`` is what the frame itself says (« quitte l'alliance » denies ``memberOf``); ``subject_types`` and
    ``object_types`` narrow the relation's domain and range (``=Organization``: that class and none below it). A
    ``steady`` frame states what already is (« ses usines de Dijon »), whatever its sentence intends.
    """

    id: str
    kind: str
    triggers: tuple[str, ...]
    roles: Mapping[str, tuple[str, ...]]
    status: Status | None = None
    subject_types: tuple[str, ...] = ()
    object_types: tuple[str, ...] = ()
    confidence: float = 0.9
    unless: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    steady: bool = False


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence of our own that the frames must read exactly so; ``expect`` is ``claim`` or ``nothing``.

    ``known_miss`` marks a sentence not yet read: the test then demands that it still fails, so that a mended one is
    noticed.
    """

    text: str
    marked: Marked
    status: Status = Status.ASSERTED
    expect: Literal["claim", "nothing"] = "claim"
    date: str | None = None
    known_miss: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """What a relation and an attribute have in common."""

    name: str
    label: Text
    comment: Text
    domain: tuple[str, ...]
    qualifiers: tuple[str, ...]
    align: Mapping[str, tuple[str, ...]]
    because: str
    frames: tuple[Frame, ...]
    examples: tuple[Example, ...]
    file: str

    @property
    def takes(self) -> frozenset[str]:
        """The qualifiers its claims may have."""
        return frozenset(self.qualifiers)


@dataclass(frozen=True, slots=True)
class Relation(Term):
    """A relation between two entities.

    ``yields_to`` names the relations that, when they hold for the same pair, make this one redundant; ``folds_role``
    says that the role is part of a claim's identity; a ``steady`` relation holds whatever its sentence
    intends (« compte affronter X » says that they compete); ``family`` groups relations in legends.
    """

    range: tuple[str, ...] = ()
    inverse: str | None = None
    symmetric: bool = False
    folds_role: bool = False
    yields_to: tuple[str, ...] = ()
    steady: bool = False
    family: str = "other"

    @property
    def takes(self) -> frozenset[str]:
        """The qualifiers its claims may have, with the role that is part of what they say."""
        return frozenset({*self.qualifiers, "role"} if self.folds_role else self.qualifiers)


@dataclass(frozen=True, slots=True)
class Attribute(Term):
    """A relation between an entity and a value of kind ``value``."""

    value: ValueKind = "string"


@dataclass(frozen=True)
class Ontology:
    """Classes, relations and attributes by name, each in the order of their names."""

    classes: Mapping[str, EntityClass]
    relations: Mapping[str, Relation]
    attributes: Mapping[str, Attribute]
    folders: tuple[Path, ...] = ()
    digest: str = ""
    _ancestors: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def terms(self) -> Iterator[Relation | Attribute]:
        """Relations, then attributes."""
        yield from self.relations.values()
        yield from self.attributes.values()

    def term(self, name: str) -> Relation | Attribute:
        """The relation or attribute of that name (``KeyError`` if there is none)."""
        return self.relations[name] if name in self.relations else self.attributes[name]

    def ancestors(self, name: str) -> frozenset[str]:
        """A class and all above it."""
        if name not in self._ancestors:
            line, at = [], cast("str | None", name)
            while at is not None:
                line.append(at)
                at = self.classes[at].parent
            self._ancestors[name] = frozenset(line)
        return self._ancestors[name]

    def is_a(self, name: str, wanted: Iterable[str]) -> bool:
        """Whether class ``name`` is one of ``wanted`` or below one of them."""
        return not self.ancestors(name).isdisjoint(wanted)

    def kind(self, name: str) -> str:
        """The path segment under which entities of class ``name`` get their IRIs (``org``, ``person``…)."""
        at: str | None = name
        while at is not None:
            if kind := self.classes[at].kind:
                return kind
            at = self.classes[at].parent
        raise KeyError(name)

    @cached_property
    def entity_classes(self) -> tuple[str, ...]:
        """The classes a mention may have: those with a kind, of their own or inherited."""
        return tuple(n for n in self.classes if any(self.classes[a].kind for a in self.ancestors(n)))


def default_folders(overlay: Sequence[Path] = ()) -> tuple[Path, ...]:
    """Where ontology files are read, later folders replacing earlier files of the same name.

    The shipped files (``kg/_ontology`` in a wheel, ``ontology/`` in a checkout), then KG_ONTOLOGY, then ``overlay``.
    """
    here = Path(__file__).resolve().parent
    shipped = here / "_ontology"
    folders = [shipped if shipped.is_dir() else here.parent / "ontology"]
    if extra := os.environ.get("KG_ONTOLOGY"):
        folders.append(Path(extra))
    folders.extend(overlay)
    for folder in folders:
        if not folder.is_dir():
            raise OntologyError("no such folder of ontology files", where=str(folder), hint="see --ontology and KG_ONTOLOGY")
    return tuple(folders)


def overlaid(folders: Sequence[Path], pattern: str) -> dict[str, Path]:
    """Files matching ``pattern`` by path relative to their folder, the last folder winning, in the order of names."""
    found = {p.relative_to(folder).as_posix(): p for folder in folders for p in sorted(folder.glob(pattern))}
    return dict(sorted(found.items()))


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file, its errors told with the file's name."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OntologyError(f"not valid TOML: {error}", where=str(path)) from error


def load(folders: Sequence[Path] = ()) -> Ontology:
    """Reads the ontology from ``folders`` (default: :func:`default_folders`) and checks it whole."""
    folders = tuple(folders) or default_folders()
    digest = hashlib.sha256()
    for pattern in ("classes.toml", "relations/*.toml", "attributes/*.toml", "names/*.tsv"):
        for name, path in overlaid(folders, pattern).items():
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    class_files = overlaid(folders, "classes.toml")
    if not class_files:
        raise OntologyError("classes.toml is missing", where=str(folders[0]))
    classes = {n: _class(n, t, class_files["classes.toml"]) for n, t in read_toml(class_files["classes.toml"]).items()}
    for item in classes.values():
        if item.parent is not None and item.parent not in classes:
            raise OntologyError(f"unknown parent class « {item.parent} »", where=f"classes.toml [{item.name}]")
    relations = {p.stem: _relation(p, classes) for p in overlaid(folders, "relations/*.toml").values()}
    attributes = {p.stem: _attribute(p, classes) for p in overlaid(folders, "attributes/*.toml").values()}
    if both := relations.keys() & attributes.keys():
        raise OntologyError(f"« {min(both)} » is both a relation and an attribute", where=str(folders[-1]))
    for relation in relations.values():
        if unknown := set(relation.yields_to) - relations.keys():
            raise OntologyError(f"yields_to names no relation: {min(unknown)}", where=relation.file)
    return Ontology(classes, relations, attributes, folders, digest.hexdigest())


# --- one file ---------------------------------------------------------------------------------------------------------

_TERM_KEYS = {"label", "comment", "domain", "qualifiers", "align", "because", "fr"}
_RELATION_KEYS = _TERM_KEYS | {"range", "inverse", "symmetric", "folds_role", "yields_to", "steady", "family"}
_ATTRIBUTE_KEYS = _TERM_KEYS | {"value"}
_CLASS_KEYS = {"label", "comment", "parent", "kind", "colour", "shape", "align"}
_FRAME_KEYS = {"id", *TRIGGER_KINDS, "roles", "status", "subject_types", "object_types", "confidence", "unless", "needs", "steady"}
_EXAMPLE_KEYS = {"text", "status", "expect", "date", "known_miss"}
_SLOT = re.compile(r"[a-z]+(?:/[^/|\s][^/|]*)*")


def _check_keys(table: Mapping[str, Any], allowed: set[str], where: str) -> None:
    if unknown := table.keys() - allowed:
        raise OntologyError(f"unknown key « {min(unknown)} »", where=where, hint=f"allowed: {', '.join(sorted(allowed))}")


def _need(table: Mapping[str, Any], key: str, kind: type, where: str) -> Any:
    if not isinstance(table.get(key), kind):
        raise OntologyError(f"« {key} » is missing or is no {kind.__name__}", where=where)
    return table[key]


def _text(table: Mapping[str, Any], key: str, where: str) -> Text:
    value = _need(table, key, dict, where)
    _check_keys(value, {"fr", "en"}, f"{where} {key}")
    return Text(_need(value, "fr", str, f"{where} {key}"), _need(value, "en", str, f"{where} {key}"))


def _strings(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise OntologyError(f"« {key} » must be a list of strings", where=where)
    if len(set(value)) != len(value):
        raise OntologyError(f"« {key} » gives « {next(v for v in value if value.count(v) > 1)} » twice", where=where)
    return tuple(value)


def _align(table: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    value = table.get("align", {})
    if not isinstance(value, dict):
        raise OntologyError("« align » must be a table", where=where)
    _check_keys(value, {"exact", "close", "broad", "narrow"}, f"{where} align")
    return {k: _strings(value, k, where) for k in sorted(value)}


def _class(name: str, table: Any, path: Path) -> EntityClass:
    where = f"{path} [{name}]"
    if not isinstance(table, dict):
        raise OntologyError("must be a table", where=where)
    _check_keys(table, _CLASS_KEYS, where)
    return EntityClass(
        name,
        _text(table, "label", where),
        _text(table, "comment", where),
        table.get("parent"),
        table.get("kind"),
        table.get("colour"),
        table.get("shape"),
        _align(table, where),
    )


def _term(path: Path, classes: Mapping[str, EntityClass], keys: set[str], target: str) -> tuple[dict[str, Any], dict[str, Any]]:
    table, where = read_toml(path), str(path)
    _check_keys(table, keys, where)
    for key in ("domain", "range") if "range" in keys else ("domain",):
        if unknown := set(_strings(table, key, where)) - classes.keys():
            raise OntologyError(f"{key} names an unknown class « {min(unknown)} »", where=where)
        if not table.get(key):
            raise OntologyError(f"« {key} » is empty", where=where)
    qualifiers = _strings(table, "qualifiers", where)
    if unknown := set(qualifiers) - set(QUALIFIERS):
        raise OntologyError(f"unknown qualifier « {min(unknown)} »", where=where, hint=f"allowed: {', '.join(QUALIFIERS)}")
    language = table.get("fr", {})
    _check_keys(language, {"frame", "example"}, f"{where} [fr]")
    frames = tuple(_frame(f, i, path, target, qualifiers, classes) for i, f in enumerate(language.get("frame", []), 1))
    examples = tuple(_example(e, i, path, target) for i, e in enumerate(language.get("example", []), 1))
    if len({f.id for f in frames}) != len(frames):
        raise OntologyError("two frames have the same id", where=where)
    seen: dict[tuple[object, ...], str] = {}
    for frame in frames:
        for trigger in frame.triggers:
            reading = (
                frame.kind,
                trigger,
                *sorted(frame.roles.items()),
                frame.subject_types,
                frame.object_types,
                frame.needs,
                frame.unless,
            )
            if reading in seen:
                raise OntologyError(
                    f"trigger « {trigger} » stands in frames « {seen[reading]} » and « {frame.id} » with the same roles", where=where
                )
            seen[reading] = frame.id
    if frames and not any(e.expect == "nothing" for e in examples):
        raise OntologyError('no example with expect = "nothing"', where=where, hint="add a sentence the frames must not read")
    if frames and not any(e.expect == "claim" for e in examples):
        raise OntologyError("no example of what the frames read", where=where)
    common = {
        "name": path.stem,
        "label": _text(table, "label", where),
        "comment": _text(table, "comment", where),
        "domain": tuple(table["domain"]),
        "qualifiers": qualifiers,
        "align": _align(table, where),
        "because": _need(table, "because", str, where),
        "frames": frames,
        "examples": examples,
        "file": str(path),
    }
    return table, common


def _relation(path: Path, classes: Mapping[str, EntityClass]) -> Relation:
    table, common = _term(path, classes, _RELATION_KEYS, "object")
    if table.get("symmetric") and table.get("inverse"):
        raise OntologyError("a symmetric relation has no inverse", where=str(path))
    return Relation(
        **common,
        range=tuple(table["range"]),
        inverse=table.get("inverse"),
        symmetric=bool(table.get("symmetric", False)),
        folds_role=bool(table.get("folds_role", False)),
        yields_to=_strings(table, "yields_to", str(path)),
        steady=bool(table.get("steady", False)),
        family=table.get("family", "other"),
    )


def _attribute(path: Path, classes: Mapping[str, EntityClass]) -> Attribute:
    table, common = _term(path, classes, _ATTRIBUTE_KEYS, "value")
    if table.get("value") not in VALUE_KINDS:
        raise OntologyError(f"« value » must be one of {', '.join(VALUE_KINDS)}", where=str(path))
    return Attribute(**common, value=table["value"])


def _frame(table: Any, number: int, path: Path, target: str, qualifiers: tuple[str, ...], classes: Mapping[str, EntityClass]) -> Frame:
    where = f"{path} [[fr.frame]] {number}"
    if not isinstance(table, dict):
        raise OntologyError("must be a table", where=where)
    _check_keys(table, _FRAME_KEYS, where)
    where = f"{path} [[fr.frame]] {_need(table, 'id', str, where)}"
    kinds = [k for k in TRIGGER_KINDS if k in table]
    if len(kinds) != 1:
        raise OntologyError(f"needs exactly one of {', '.join(TRIGGER_KINDS)}", where=where)
    kind = kinds[0]
    roles: dict[str, tuple[str, ...]] = {}
    if kind == "patterns":
        for pattern in _strings(table, kind, where):
            found = set(re.findall(r"\{(\w+)\}", pattern))
            if not {"subject", target} <= found or found - {"subject", target, *qualifiers}:
                raise OntologyError(f"pattern « {pattern} » must name {{subject}} and {{{target}}}, and else only qualifiers", where=where)
    else:
        for role, slots in _need(table, "roles", dict, where).items():
            if role not in {"subject", target, *qualifiers}:
                raise OntologyError(f"unknown role « {role} »", where=where, hint=f"allowed: subject, {target}, {', '.join(qualifiers)}")
            roles[role] = _slots(slots, f"{where} roles.{role}")
        if not {"subject", target} <= roles.keys():
            raise OntologyError(f"roles must give subject and {target}", where=where)
    for key in ("subject_types", "object_types"):
        if unknown := {t.removeprefix("=") for t in _strings(table, key, where)} - classes.keys():
            raise OntologyError(f"{key} names an unknown class « {min(unknown)} »", where=where)
    status = table.get("status")
    if status is not None and status not in set(Status):
        raise OntologyError(f"unknown status « {status} »", where=where, hint=f"allowed: {', '.join(Status)}")
    confidence = table.get("confidence", 0.9)
    if not isinstance(confidence, int | float) or not 0 < confidence <= 1:
        raise OntologyError("« confidence » must be a number above 0, at most 1", where=where)
    triggers = _strings(table, kind, where)
    if not triggers:
        raise OntologyError(f"« {kind} » is empty", where=where)
    return Frame(
        table["id"],
        kind,
        triggers,
        roles,
        Status(status) if status else None,
        _strings(table, "subject_types", where),
        _strings(table, "object_types", where),
        float(confidence),
        _strings(table, "unless", where),
        _strings(table, "needs", where),
        bool(table.get("steady", False)),
    )


def _slots(value: Any, where: str) -> tuple[str, ...]:
    """``"subj | obl/pour|contre"``: alternatives are parted by `` | `` with spaces, prepositions by ``|`` without."""
    if not isinstance(value, str):
        raise OntologyError("a role's slots are one string", where=where)
    slots = tuple(s.strip() for s in value.split(" | "))
    for slot in slots:
        if not re.fullmatch(r"[a-z]+(?:/[^/]+)*", slot):
            raise OntologyError(f"« {slot} » is no slot", where=where)
    return slots


def _example(table: Any, number: int, path: Path, target: str) -> Example:
    where = f"{path} [[fr.example]] {number}"
    if not isinstance(table, dict):
        raise OntologyError("must be a table", where=where)
    _check_keys(table, _EXAMPLE_KEYS, where)
    expect = table.get("expect", "claim")
    if expect not in ("claim", "nothing"):
        raise OntologyError('« expect » is "claim" or "nothing"', where=where)
    text = _need(table, "text", str, where)
    try:
        marked = parse_marked(text)
    except ValueError as error:
        raise OntologyError(str(error), where=where) from error
    if unknown := marked.names - {"subject", target, *QUALIFIERS}:
        raise OntologyError(f"unknown role « {min(unknown)} » in the example", where=where)
    if expect == "claim" and not {"subject", target} <= marked.names:
        raise OntologyError(f"the example marks no [subject:…] or no [{target}:…]", where=where)
    if expect == "nothing" and marked.names:
        raise OntologyError("an example of nothing marks no role", where=where)
    status = table.get("status", "asserted")
    if status not in set(Status):
        raise OntologyError(f"unknown status « {status} »", where=where, hint=f"allowed: {', '.join(Status)}")
    return Example(text, marked, Status(status), expect, table.get("date"), bool(table.get("known_miss", False)))
