"""Which entities of different briefs are one: names and homonyms, decided from all briefs at once.

Each brief comes down to :class:`Profile` values, what it says of an entity as far as identity depends on it. :func:`resolve`
is a pure function of the set of all profiles, the gazetteers, the rules (``resolution.toml``) and what people have decided:
briefs may come in any order and go again, the answer is that of the briefs that are there.

First the bearers of one name are told apart where their briefs contradict each other (:func:`_tell_apart`), then nodes of
different names are joined where something says that they are one (:func:`_links`). What is likely but not sure is not done:
it is proposed, with a score and reasons (:class:`Candidate`). Names are only ever compared within blocks (same folded form,
same initials, same surname, one letter less), so that the work grows with the number of names, not of their pairs.

An IRI here is local: ``org/orange``, without the base; a homonym's ends in what tells it apart: ``place/paris~us``.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kg.errors import OntologyError
from kg.link import Names, described_consortia, digest, load_resolution, slug
from kg.model import Entity, Extraction, Status
from kg.ontology import Attribute, Ontology, overlaid

WITHIN = "within.tsv"
PROPOSED = 0.5
"""Candidates of a lower score are not worth anybody's time."""

_LEAST_SPELLING = 0.93  # of Jaro–Winkler's 0 to 1
_SHORTEST_SPELLING = 7  # letters: in shorter names one letter is a lot
_FULLEST_BLOCK = 40  # names of one block of spelling: more are a series, not slips of the pen

Facet = tuple[str, ...]


# --- rules ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Homonyms:
    """When two bearers of one name are two: see ``[homonyms.*]`` of ``resolution.toml``."""

    facets: tuple[str, ...] = ()
    apart: int = 1
    famous: int = 2
    common: int = 1
    surnames: frozenset[str] = frozenset()


@dataclass(frozen=True)
class ClaimFacet:
    """A facet read off the claims about an entity."""

    kinds: frozenset[str]
    relations: frozenset[str]
    takes: str


@dataclass(frozen=True)
class Rules:
    """``resolution.toml`` and ``within.tsv``, ready for use; every word folded."""

    whole: frozenset[str] = frozenset()
    descriptions: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    former: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    hub: int = 40
    homonyms: Mapping[str, Homonyms] = field(default_factory=dict)
    claims: Mapping[str, ClaimFacet] = field(default_factory=dict)
    classes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    countries: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""


_RULES: dict[tuple[tuple[Path, ...], str], Rules] = {}


def load_rules(ontology: Ontology) -> Rules:
    """The rules of the ontology's folders, read once; without the files there are none, and every name is its own entity."""
    key = (ontology.folders, ontology.digest)
    if key not in _RULES:
        _RULES[key] = _rules(ontology)
    return _RULES[key]


def _rules(ontology: Ontology) -> Rules:
    tables = load_resolution(ontology)
    if not tables:
        return Rules()
    names = tables.get("names", {})
    within = list(_within(ontology))
    try:
        return Rules(
            **{n: frozenset(map(slug, names.get(n, ()))) for n in ("whole", "descriptions", "domains")},
            small=frozenset(map(slug, names.get("small_words", ()))),
            former=frozenset(names.get("former", ())),
            apart=frozenset(names.get("apart", ())),
            hub=int(names.get("hub", 40)),
            homonyms={kind: _homonyms(said) for kind, said in tables.get("homonyms", {}).items()},
            claims={
                n: ClaimFacet(frozenset(t["kinds"]), frozenset(t["relations"]), str(t["takes"]))
                for n, t in tables.get("claims", {}).items()
            },
            classes={n: {c: value for value, cs in t.items() for c in cs} for n, t in tables.get("classes", {}).items()},
            words={
                kind: {n: {slug(w): value for value, ws in t.items() for w in ws} for n, t in facets.items()}
                for kind, facets in tables.get("words", {}).items()
            },
            countries={place: country for place, country, _ in within},
            sizes={place: size for place, _, size in within},
            digest=digest(
                *(p.read_text(encoding="utf-8") for n in ("resolution.toml", WITHIN) for p in overlaid(ontology.folders, n).values())
            ),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise OntologyError(f"a table is not as it should be: {error}", where="resolution.toml") from error


def _homonyms(said: Mapping[str, Any]) -> Homonyms:
    apart = int(said["apart"])
    surnames = frozenset(map(slug, said.get("common_surnames", ())))
    return Homonyms(tuple(said["facets"]), apart, int(said["famous"]), int(said.get("common", apart)), surnames)


def _within(ontology: Ontology) -> Iterator[tuple[str, str, str]]:
    """Place, country code, and whether the place is a country, a region or a city; a name of two places is the larger."""
    found: dict[str, tuple[str, str, str]] = {}
    for path in overlaid(ontology.folders, WITHIN).values():
        for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
            if line.strip() and not line.startswith("#"):
                cells = [c.strip() for c in line.split("\t")]
                if len(cells) != 3 or not re.fullmatch("[A-Z]{2}", cells[1]) or cells[2] not in _SIZES:
                    raise OntologyError(
                        f"a row is: place, country code, one of {', '.join(_SIZES)}, parted by tabs", where=f"{path}:{number}"
                    )
                row = (slug(cells[0]), cells[1].lower(), cells[2])
                found[row[0]] = min(found.get(row[0], row), row, key=lambda r: _SIZES.index(r[2]))
    return iter(found.values())


_SIZES = ("country", "region", "city")


# --- what a brief says ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Profile:
    """What one brief says of one entity, as far as who it is depends on it.

    ``base`` is the slug of its name, ``day`` the brief's date, ``forms`` its other names (slug, as written), ``former`` the
    slugs of those it is said to have had, ``partners`` the entities it shares a claim with, ``apart`` those of them that
    cannot be it, ``facets`` what tells it from others of its name: facet → values.
    """

    brief: str
    name: str
    kind: str
    base: str
    day: str = ""
    famous: bool = False
    forms: tuple[tuple[str, str], ...] = ()
    former: tuple[str, ...] = ()
    partners: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()
    facets: Mapping[str, Facet] = field(default_factory=dict)

    @property
    def atom(self) -> str:
        """The node of its name: what it is as long as nothing else is known."""
        return f"{self.kind}/{self.base}"


def profiles(extraction: Extraction, ontology: Ontology, names: Names, rules: Rules) -> tuple[Profile, ...]:
    """The profiles of a brief's entities. What its members make it (a described consortium) has none."""
    described = described_consortia(extraction, ontology)
    entities = {e.name: e for e in extraction.entities if e.name not in described}
    kinds = {n: ontology.kind(e.type) for n, e in entities.items()}
    bases = {n: names.slug(e, kinds[n]) for n, e in entities.items()}
    partners: dict[str, set[str]] = defaultdict(set)
    apart: dict[str, set[str]] = defaultdict(set)
    former: dict[str, set[str]] = defaultdict(set)
    facets: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for claim, evidence in extraction.claims:
        if claim.relation in rules.former and evidence.status is Status.ASSERTED and claim.subject in entities:
            former[claim.subject].add(_slug_of(claim.object, entities[claim.subject].type, kinds[claim.subject], names))
        if isinstance(ontology.term(claim.relation), Attribute):
            continue
        for one, other in ((claim.subject, claim.object), (claim.object, claim.subject)):
            if one not in entities or other not in entities or one == other:
                continue
            if kinds[other] != "place":
                partners[one].add(f"{kinds[other]}/{bases[other]}")
            if claim.relation in rules.apart and kinds[one] == kinds[other]:
                apart[one].add(f"{kinds[other]}/{bases[other]}")
            if evidence.status is not Status.DENIED:
                _claim_facets(one, other, claim.relation, kinds, bases, rules, facets)
    found = []
    for name, entity in entities.items():
        kind = kinds[name]
        mine = facets[name]
        for facet, classes in rules.classes.items():
            if kind == "org" and entity.type in classes:
                mine[facet].add(classes[entity.type])
        _text_facets(extraction, entity, kind, rules, mine)
        forms = {
            (_slug_of(a, entity.type, kind, names), a)
            for a in entity.aliases
            if kind in ("org", "person", "product") and a[:1] != a[:1].lower()
        }
        found.append(
            Profile(
                extraction.brief.key,
                name,
                kind,
                bases[name],
                extraction.brief.date or "",
                (kind, bases[name]) in names.by_name,
                tuple(sorted(f for f in forms if f[0] != bases[name])),
                tuple(sorted(former[name] - {bases[name]})),
                frozenset(partners[name]),
                frozenset(apart[name]),
                {f: tuple(sorted(v)) for f, v in sorted(mine.items()) if v},
            )
        )
    return tuple(found)


def _slug_of(name: str, type_: str, kind: str, names: Names) -> str:
    return names.slug(Entity(name, type_), kind)


def _claim_facets(
    one: str,
    other: str,
    relation: str,
    kinds: Mapping[str, str],
    bases: Mapping[str, str],
    rules: Rules,
    facets: dict[str, dict[str, set[str]]],
) -> None:
    for facet, spec in rules.claims.items():
        if relation in spec.relations and kinds[one] in spec.kinds:
            if spec.takes == "country":
                if kinds[other] == "place" and (country := rules.countries.get(bases[other])):
                    facets[one][facet].add(country)
            elif kinds[other] != "place":
                facets[one][facet].add(bases[other])


# An apposition after a name, up to the next stop; the words just before a name, up to the last stop.
_AFTER = re.compile(r"\s?(?:,|\(|—|–|:)\s(?P<said>[^.;:!?,()«»]{3,60})[.;:!?,()]")
_AFTER_PARENTHESIS = re.compile(r"\s?\((?P<said>[^.;:!?()«»]{2,60})\)")
_BEFORE = re.compile(r"[^.;:!?,()«»]{0,60}$")
_ELISION = re.compile(r"^[dljnscqDLJNSCQ]['’]")
_ADJECTIVE = re.compile(
    r"(?:a[ilr]|ain|aine|ais|aise|al|ale|and|ande|ard|arde|e[cl]|elle|ien|ienne|i[fl]|ino|ive|ois|oise|ole?|que|ste|tin|tine|é|ée)s?$"
)
_PREPOSITION = frozenset(("d", "de", "des", "du", "en"))
_PLACE_AFTER = re.compile(
    r"(?:\s?(?P<sign>[,(])\s?|\s)(?P<in>en |au |aux |dans l[ea] |dans l['’])?(?P<said>[^\W\d_][\w'’.-]*(?:[ -][^\W\d_][\w'’.-]*){0,3})"
)


def _text_facets(extraction: Extraction, entity: Entity, kind: str, rules: Rules, facets: dict[str, set[str]]) -> None:
    """What stands at the name itself: « l'opérateur Orange », « Orange, l'opérateur », « Paris (Texas) »."""
    text = extraction.brief.text
    spoken = rules.words.get(kind)
    if not spoken:
        return
    for start, end in _places(extraction, entity):
        before = _epithet(text[max(0, start - 60) : start])
        after = [w for m in (_AFTER.match(text, end), _AFTER_PARENTHESIS.match(text, end)) if m for w in _apposition(m["said"])]
        for facet, words in spoken.items():
            facets[facet].update(words[w] for w in (*before, *after) if w in words)
        if kind == "place" and (country := _country_after(text, end, entity.name, rules)):
            facets["country"].add(country)


def _places(extraction: Extraction, entity: Entity) -> Iterator[tuple[int, int]]:
    """Where the entity is named: its mentions, or the first places where its names stand."""
    text = extraction.brief.text
    spans = [(m.span.start, m.span.end) for m in extraction.mentions if m.kind == "name" and extraction.entities[m.entity] is entity]
    if spans:
        yield from sorted(set(spans))[:4]
        return
    for form in (entity.name, *entity.aliases):
        if form[:1] != form[:1].lower() or form == entity.name:
            for m in list(re.finditer(rf"(?<!\w){re.escape(form)}(?!\w)", text))[:3]:
                yield m.span()


def _runs(words: Sequence[str]) -> Iterator[str]:
    """The words and all runs of up to three of them, as slugs."""
    for size in (1, 2, 3):
        for i in range(len(words) - size + 1):
            yield slug(" ".join(words[i : i + size]))


def _epithet(before: str) -> Iterator[str]:
    """The words before a name that speak of it: « l'opérateur télécom français » Orange, and no further."""
    m = _BEFORE.search(before)
    words = (m[0] if m else "").split()
    kept: list[str] = []
    for word in reversed(words[-6:]):
        bare = _ELISION.sub("", word)
        folded = slug(bare)
        if not bare or bare is word and bare.istitle() and word is not words[0]:
            break  # another name
        if kept and not (_ADJECTIVE.search(kept[-1]) or folded in _PREPOSITION or slug(kept[-1]) in _PREPOSITION):
            break
        kept.append(bare)
    return _runs(list(reversed(kept)))


def _apposition(said: str) -> Iterator[str]:
    """The words after a name that speak of it; nothing if they name somebody else."""
    words = [_ELISION.sub("", w) for w in said.split()]
    if any(w[:1].isupper() and not w.isupper() for w in words[1:]) or len(words) > 7:
        return iter(())
    return _runs(words)


def _country_after(text: str, end: int, name: str, rules: Rules) -> str | None:
    """« Paris (Texas) », « Cambridge, Massachusetts. », « à Londres en Ontario »; no lists (« Paris, Tunis et Lagos »), and after a
    country only parentheses."""
    m = _PLACE_AFTER.match(text, end)
    if m is None or not (m["sign"] or m["in"]) or not m["said"][:1].isupper():
        return None
    if m["sign"] != "(" and rules.sizes.get(slug(name)) == "country":
        return None
    words = m["said"].split()
    for size in range(len(words), 0, -1):
        place = slug(" ".join(words[:size]))
        if place == slug(name) or place not in rules.countries:
            continue
        listed = size < len(words) or rules.sizes[place] == "city" or text[m.end() : m.end() + 1] not in (",", ".", ")", ";", "")
        return None if m["sign"] != "(" and not m["in"] and listed else rules.countries[place]
    return None


# --- what people have decided -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdicts:
    """What people have decided about who is who. IRIs are local.

    ``merged``: from → to, in order; ``apart``: pairs that are never joined nor proposed; ``given``: (brief, IRI) → the IRI
    of a part split off; ``labels``: IRI → its name.
    """

    merged: tuple[tuple[str, str], ...] = ()
    apart: frozenset[tuple[str, str]] = frozenset()
    given: Mapping[tuple[str, str], str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


# --- the answer -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """Two nodes that may be one: the smaller IRI first, a score from 0 to 1, why."""

    one: str
    other: str
    score: float
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Resolution:
    """Who is who: (brief, name) → IRI; IRI → the IRI that took its place; what to look at; names people gave."""

    placed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    redirects: Mapping[str, str] = field(default_factory=dict)
    moved: Mapping[str, str] = field(default_factory=dict)
    candidates: tuple[Candidate, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass
class _Node:
    """Bearers of one name who seem to be one."""

    kind: str
    base: str
    facets: list[set[str]]
    famous: bool = False
    qualifier: str = ""
    profiles: list[Profile] = field(default_factory=list)
    partners: set[str] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)

    @property
    def iri(self) -> str:
        return f"{self.kind}/{self.base}" + (f"~{self.qualifier}" if self.qualifier else "")

    @property
    def atom(self) -> str:
        return f"{self.kind}/{self.base}"

    def take(self, profile: Profile) -> None:
        self.profiles.append(profile)
        self.partners |= profile.partners
        self.apart |= profile.apart
        self.famous = self.famous or profile.famous

    def briefs(self) -> set[str]:
        return {p.brief for p in self.profiles}

    def since(self) -> str:
        """The day of the first brief about it; undated ones come last."""
        return min(p.day or "9999" for p in self.profiles)


@dataclass(frozen=True, slots=True)
class _Link:
    """A reason for two nodes to be one; ``kept`` is whose name stays. Sure links join, others are proposed."""

    score: float
    gone: str
    kept: str
    reason: str
    sure: bool


def resolve(found: Iterable[Profile], names: Names, rules: Rules, verdicts: Verdicts | None = None) -> Resolution:
    """Who is who in all briefs together."""
    verdicts = verdicts or Verdicts()
    atoms: dict[str, list[Profile]] = defaultdict(list)
    for profile in found:
        atoms[profile.atom].append(profile)
    hubs = _hubs(atoms, rules)
    nodes: dict[str, _Node] = {}
    doubts: list[_Link] = []
    for atom in sorted(atoms):
        for node in _tell_apart(sorted(atoms[atom], key=lambda p: (p.brief, p.name)), rules, hubs, verdicts, doubts):
            nodes[node.iri] = node
    links = [*doubts, *_links(nodes, rules, hubs)]
    parts, proposed = _join(nodes, links, names, verdicts)
    return _answer(nodes, parts, proposed, verdicts)


def _hubs(atoms: Mapping[str, Sequence[Profile]], rules: Rules) -> frozenset[str]:
    return frozenset(a for a, found in atoms.items() if len(found) > rules.hub)


# --- one name, several bearers ----------------------------------------------------------------------------------------


def _tell_apart(found: Sequence[Profile], rules: Rules, hubs: frozenset[str], verdicts: Verdicts, doubts: list[_Link]) -> Iterator[_Node]:
    """The bearers of one name, as many nodes as their briefs contradict each other. Briefs that say nothing go with the one
    they share a partner with, else with the main one, who bears the name alone: of a famous name the one most spoken of, else
    the first that was spoken of, so that what comes later takes no IRI from it."""
    kind, base = found[0].kind, found[0].base
    spec = rules.homonyms.get(kind, Homonyms())
    given: dict[str, _Node] = {}
    rest = []
    for profile in found:
        if part := verdicts.given.get((profile.brief, profile.atom)):
            node = given.setdefault(part, _Node(kind, base, [set() for _ in spec.facets], qualifier=part.rpartition("~")[2]))
            node.take(profile)
        else:
            rest.append(profile)
    yield from given.values()
    if not rest:
        return
    groups, silent = _groups(rest, spec, rules, hubs)
    limit = _limit(rest[0], spec)
    main = groups[0] if groups else _Node(kind, base, [set() for _ in spec.facets])
    if len(groups) > 1 and not _known_place(kind, base, rules):
        main = min(groups, key=lambda g: (-len(g.briefs()) if g.famous else 0, g.since(), -len(g.briefs()), groups.index(g)))
    for profile in silent:
        near = [g for g in groups if profile.partners - hubs & g.partners]
        (near[0] if len(near) == 1 else main).take(profile)
    for node in groups:
        if node is not main:
            node.qualifier = _qualifier(node, main, spec)
            _doubt(node, main, limit, spec, hubs, doubts)
    taken = Counter(g.qualifier for g in groups if g is not main)
    for node in groups:
        if node is not main and taken[node.qualifier] > 1:
            node.qualifier += "-" + digest(*(v for values in node.facets for v in ("|", *sorted(values))), length=6)
    yield from (g for g in {id(g): g for g in (main, *groups)}.values() if g.profiles)


def _groups(found: Sequence[Profile], spec: Homonyms, rules: Rules, hubs: frozenset[str]) -> tuple[list[_Node], list[Profile]]:
    """The groups that contradict each other, and the profiles that say nothing."""
    kind, base = found[0].kind, found[0].base
    limit = _limit(found[0], spec)
    said: dict[tuple[Facet, ...], list[Profile]] = defaultdict(list)
    silent: list[Profile] = []
    for profile in found:
        signature = tuple(profile.facets.get(f, ()) for f in spec.facets)
        (said[signature] if any(signature) else silent).append(profile)
    groups: list[_Node] = []
    if _known_place(kind, base, rules) and "country" in spec.facets:  # the famous bearer is there beforehand
        groups.append(_Node(kind, base, [{rules.countries[base]} if f == "country" else set() for f in spec.facets]))
    for signature, profiles_ in sorted(said.items(), key=lambda item: (-len(item[1]), item[0])):
        partners = frozenset(p for profile in profiles_ for p in profile.partners)
        best = None
        for node in groups:
            against, shared = _compare(node, signature, partners, hubs)
            agreed = sum(1 for mine, theirs in zip(node.facets, signature, strict=True) if mine & set(theirs))
            if against - shared < limit and (best is None or against - shared - agreed < best[0]):
                best = (against - shared - agreed, node)
        node = best[1] if best else _Node(kind, base, [set() for _ in spec.facets])
        if best is None:
            groups.append(node)
        for values, more in zip(node.facets, signature, strict=True):
            values.update(more)
        for profile in profiles_:
            node.take(profile)
    return groups, silent


def _known_place(kind: str, base: str, rules: Rules) -> bool:
    return kind == "place" and base in rules.countries


def _limit(profile: Profile, spec: Homonyms) -> int:
    if profile.famous:
        return spec.famous
    return spec.common if profile.base.rpartition("-")[2] in spec.surnames else spec.apart


def _compare(node: _Node, signature: Sequence[Iterable[str]], partners: Iterable[str], hubs: frozenset[str]) -> tuple[int, int]:
    """On how many facets the two contradict each other; 1 if they share a partner, else 0."""
    against = sum(bool(mine and theirs and mine.isdisjoint(theirs)) for mine, theirs in zip(node.facets, signature, strict=True))
    return against, int(not node.partners.isdisjoint(p for p in partners if p not in hubs))


def _contradict(one: _Node, other: _Node, rules: Rules, hubs: frozenset[str]) -> bool:
    """Whether two nodes of different names could not be one even if they had one name."""
    against, shared = _compare(one, other.facets, other.partners, hubs)
    spec = rules.homonyms.get(one.kind, Homonyms())
    return against - shared >= max(spec.apart, spec.famous if one.famous or other.famous else 0)


def _qualifier(node: _Node, main: _Node, spec: Homonyms) -> str:
    """What tells a bearer of a name from the main one, in words: ``us``, ``fr-city``, ``belink``."""
    differing = [min(theirs) for mine, theirs in zip(main.facets, node.facets, strict=True) if theirs and mine.isdisjoint(theirs)]
    return "-".join(differing) or digest(*sorted(node.partners), length=6)


def _doubt(node: _Node, main: _Node, limit: int, spec: Homonyms, hubs: frozenset[str], doubts: list[_Link]) -> None:
    against, shared = _compare(node, main.facets, main.partners, hubs)
    if against - shared <= limit and main.profiles:
        which = ", ".join(
            f for f, mine, theirs in zip(spec.facets, main.facets, node.facets, strict=True) if mine and theirs and mine.isdisjoint(theirs)
        )
        doubts.append(_Link(0.5, node.iri, main.iri, f"same name, but another {which}" if which else "same name", False))


# --- several names, one bearer ----------------------------------------------------------------------------------------


def _links(nodes: Mapping[str, _Node], rules: Rules, hubs: frozenset[str]) -> list[_Link]:
    """All reasons for two nodes to be one."""
    by_atom: dict[str, list[_Node]] = defaultdict(list)
    for node in nodes.values():
        by_atom[node.atom].append(node)
    finder = _Finder(by_atom, rules, hubs)
    for atom in sorted(by_atom):
        for node in by_atom[atom]:
            finder.said_so(node)
            finder.shortened(node)
    finder.brands()
    finder.spaced()
    finder.acronyms()
    finder.surnames()
    finder.misspelt()
    return finder.links


@dataclass
class _Finder:
    """Finds pairs of nodes by one index each."""

    by_atom: Mapping[str, Sequence[_Node]]
    rules: Rules
    hubs: frozenset[str]
    links: list[_Link] = field(default_factory=list)

    def __post_init__(self) -> None:
        # Who is meant by another name a brief gives: if several are, nobody is.
        self._claimed: dict[str, set[str]] = defaultdict(set)
        for nodes in self.by_atom.values():
            for node in nodes:
                for profile in node.profiles:
                    for base in (*(f for f, written in profile.forms if not _part_of(f, node.base)), *profile.former):
                        self._claimed[f"{node.kind}/{base}"].add(node.iri)

    def link(self, node: _Node, atom: str, score: float, reason: str, *, sure: bool, keeps: bool = True, told: bool = False) -> None:
        """Proposes that ``node`` (whose name stays, if ``keeps``) is what ``atom`` names: if sure, and if nothing speaks
        against it. ``told``: a brief says so, whatever it says of both elsewhere."""
        others = [n for n in self.by_atom.get(atom, ()) if n.atom != node.atom]
        fitting = [n for n in others if not _contradict(node, n, self.rules, self.hubs)]
        for other in fitting if len(fitting) == 1 else others:
            if other.atom in node.apart or node.atom in other.apart:
                if not told:
                    continue
                sure = False
            doubtful = len(fitting) != 1 or not told and not node.briefs().isdisjoint(other.briefs())
            gone, kept = (other, node) if keeps else (node, other)
            self.links.append(_Link(score - 0.3 * doubtful, gone.iri, kept.iri, reason, sure and not doubtful))

    def shares(self, node: _Node, other: _Node) -> bool:
        """Whether they share a partner that is not everybody's."""
        return not node.partners.isdisjoint(other.partners - self.hubs)

    def weak(self, node: _Node, atom: str, score: float, reason: str, *, keeps: bool = True) -> None:
        """A likeness that needs something shared to be believed."""
        others = self.by_atom.get(atom, ())
        shared = sorted(node.partners & (others[0].partners - self.hubs)) if len(others) == 1 else []
        if shared:
            self.link(node, atom, score + 0.25, f"{reason}; both with {shared[0]}", sure=True, keeps=keeps)
        else:
            self.link(node, atom, score, reason, sure=False, keeps=keeps)

    def said_so(self, node: _Node) -> None:
        """Other names and former names, as a brief gives them."""
        said: set[tuple[str, str, bool]] = set()
        for profile in node.profiles:
            said.update((base, written, False) for base, written in profile.forms)
            said.update((base, base, True) for base in profile.former)
        for base, written, former in sorted(said):
            atom = f"{node.kind}/{base}"
            if atom not in self.by_atom or _part_of(base, node.base) and not former:
                continue
            alone = len(self._claimed[atom]) < 2
            reason = "its former name, a brief says" if former else f"« {written} » is its other name, a brief says"
            # A famous bearer of a name is not whoever else goes by it.
            taken = not former and any(n.famous for n in self.by_atom[atom]) and not node.famous
            keeps = former or not _part_of(node.base, base) and not _initials(base, self.rules) >= {node.base}
            sure = alone and not taken
            self.link(node, atom, 0.95 if sure else 0.6, reason, sure=sure, keeps=keeps, told=former)

    def shortened(self, node: _Node) -> None:
        """« SNCF Group » and SNCF, « Micron Technology » and Micron, Booking.com and Booking, « Microsoft Office » and Office."""
        words = node.base.split("-")
        rules = self.rules
        if node.kind == "product":
            for i in range(1, len(words)):
                maker, rest = "-".join(words[:i]), "-".join(words[i:])
                atom = f"product/{rest}"
                if atom in self.by_atom and f"org/{maker}" in self.by_atom:
                    made = all({maker} in n.facets and not n.famous for n in self.by_atom[atom])
                    self.link(
                        node,
                        atom,
                        0.9 if made else 0.6,
                        f"its maker is {maker}" if made else f"without its maker's name, {maker}",
                        sure=made,
                    )
        if node.kind != "org" or len(words) < 2:
            return
        if words[-1] in rules.whole:
            self.link(node, f"org/{'-'.join(words[:-1])}", 0.9, f"« {words[-1]} » is the whole of it", sure=True, keeps=False)
        if len(words) > 2 and words[-2] == "point" and words[-1] in rules.domains:
            self.weak(node, f"org/{'-'.join(words[:-2])}", 0.65, "its site's name", keeps=False)
        for size in (1, 2):
            tail = "-".join(words[-size:])
            if len(words) > size and tail in rules.descriptions:
                self.weak(node, f"org/{'-'.join(words[:-size])}", 0.6, f"without « {tail} »", keeps=False)

    def brands(self) -> None:
        """A firm and a product of one name: kinds are never joined, only proposed."""
        for atom in sorted(self.by_atom):
            if atom.startswith("product/") and (firm := "org/" + atom.removeprefix("product/")) in self.by_atom:
                self.links.append(
                    _Link(PROPOSED, self.by_atom[atom][0].iri, self.by_atom[firm][0].iri, "a firm and a product of one name", False)
                )

    def spaced(self) -> None:
        """« Deep Mind » and DeepMind."""
        blocks: dict[tuple[str, str], list[str]] = defaultdict(list)
        for atom in self.by_atom:
            kind, _, base = atom.partition("/")
            if kind != "place" and len(base) > 4:
                blocks[kind, base.replace("-", "")].append(atom)
        for atoms in blocks.values():
            first, *others = sorted(atoms, key=lambda a: (a.count("-"), a))
            for atom in others:
                for node in self.by_atom[first]:
                    self.link(node, atom, 0.95, "the same but for spaces", sure=True)

    def acronyms(self) -> None:
        """« AWS » in one brief, « Amazon Web Services » in another."""
        spelt: dict[str, list[str]] = defaultdict(list)
        for atom in self.by_atom:
            kind, _, base = atom.partition("/")
            if kind in ("org", "law") and "-point-" not in base:
                for initials in _initials(base, self.rules):
                    spelt[f"{kind}/{initials}"].append(atom)
        for short, full in sorted(spelt.items()):
            # A gazetteer would know what a famous acronym stands for.
            if not any(p.name.isupper() and not n.famous for n in self.by_atom.get(short, ()) for p in n.profiles):
                continue
            for atom in sorted(full):
                for node in self.by_atom[atom]:
                    if len(full) == 1:
                        self.weak(node, short, 0.65, f"{short.partition('/')[2].upper()} are its initials")
                    else:
                        self.link(node, short, 0.5, "one of the names with these initials", sure=False)

    def surnames(self) -> None:
        """« Zuckerberg » and « M. Zuckerberg » are Mark Zuckerberg where the company is the same."""
        known: dict[str, list[str]] = defaultdict(list)
        people = [a for a in self.by_atom if a.startswith("person/")]
        for atom in people:
            words = atom.removeprefix("person/").split("-")
            for i in range(1, len(words)):
                known["-".join(words[i:])].append(atom)
                if i < 3:  # « J. Dupont », « J.-L. Dupont », « JL Dupont »
                    initials = [w[0] for w in words[:i]]
                    for form in {"-".join(initials), "".join(initials)}:
                        known["-".join((form, *words[i:]))].append(atom)
        for atom in sorted(people):
            full = sorted({a for a in known.get(atom.removeprefix("person/"), ()) if a != atom})
            for other in full[:5]:
                for node in self.by_atom[other]:
                    if len(full) == 1:
                        self.weak(node, atom, 0.65, "the surname, or initials and surname")
                    elif any(self.shares(node, n) for n in self.by_atom[atom]):
                        only = sum(any(self.shares(m, n) for m in self.by_atom[o] for n in self.by_atom[atom]) for o in full) == 1
                        self.link(node, atom, 0.85, "the surname, and a partner they share", sure=only)
                    else:
                        self.link(node, atom, 0.5, "one of the bearers of this surname", sure=False)

    def misspelt(self) -> None:
        """Names a letter or two apart: never joined, only proposed."""
        from rapidfuzz.distance import JaroWinkler

        blocks: dict[tuple[str, str], list[str]] = defaultdict(list)
        for atom in self.by_atom:
            kind, _, base = atom.partition("/")
            if kind not in ("place", "law") and len(base) >= _SHORTEST_SPELLING and not any(c.isdigit() for c in base):
                for form in {base, *(base[:i] + base[i + 1 :] for i in range(len(base)))}:
                    blocks[kind, form].append(atom)
        pairs: set[tuple[str, str]] = set()
        for atoms in blocks.values():
            if 1 < len(atoms) <= _FULLEST_BLOCK:
                pairs.update(itertools.combinations(sorted(atoms), 2))
        for one, other in sorted(pairs):
            a, b = one.partition("/")[2], other.partition("/")[2]
            likeness = JaroWinkler.normalized_similarity(a, b)
            if likeness >= _LEAST_SPELLING and a.replace("-", "") != b.replace("-", "") and _written_alike(a, b):
                for node in self.by_atom[one]:
                    self.link(node, other, round(likeness - 0.25, 2), f"spelt nearly the same ({likeness:.2f})", sure=False)


def _written_alike(a: str, b: str) -> bool:
    """Whether two folded names differ in one word only, long enough for a slip of the pen."""
    one, two = a.split("-"), b.split("-")
    differing = [(x, y) for x, y in zip(one, two, strict=False) if x != y]
    return len(one) == len(two) and len(differing) == 1 and min(map(len, differing[0])) > 4


def _part_of(short: str, full: str) -> bool:
    """Whether the words of one folded name are a run of the other's."""
    return short != full and f"-{short}-" in f"-{full}-"


def _initials(base: str, rules: Rules) -> set[str]:
    """The initials of a folded name, with and without its small words; empty below three."""
    words = [w for w in base.split("-") if w]
    forms = {"".join(w[0] for w in words), "".join(w[0] for w in words if w not in rules.small)}
    return {f for f in forms if len(f) > 2} if len(words) > 2 else set()


# --- joining ----------------------------------------------------------------------------------------------------------


def _join(nodes: Mapping[str, _Node], links: Iterable[_Link], names: Names, verdicts: Verdicts) -> tuple[dict[str, str], list[_Link]]:
    """Node → the node it is, and what is only proposed. A part never holds two rows of a gazetteer, nor a pair that people
    have split."""
    parent = {iri: iri for iri in nodes}
    rows = {iri: {iri} if (node.kind, node.base) in names.by_name and not node.qualifier else set() for iri, node in nodes.items()}
    lost = set()
    members = {iri: [iri] for iri in nodes}

    def top(iri: str) -> str:
        while parent[iri] != iri:
            parent[iri] = parent[parent[iri]]
            iri = parent[iri]
        return iri

    forbidden: dict[str, set[str]] = defaultdict(set)
    for a, b in verdicts.apart:
        forbidden[a].add(b)
        forbidden[b].add(a)
    proposed = []
    for link in sorted(set(links), key=lambda k: (-k.score, k.gone, k.kept, k.reason)):
        one, other = top(link.gone), top(link.kept)
        if one == other or link.kept in forbidden[link.gone]:
            continue
        if not link.sure or len(rows[one] | rows[other]) > 1:
            proposed.append(link)
        elif not any(b in forbidden[a] for a in members[one] for b in members[other]):
            parent[one] = other
            rows[other] |= rows[one]
            members[other] += members[one]
            lost.add(link.gone)
    chosen: dict[str, str] = {}
    for iri in nodes:
        if top(iri) == iri:
            best = min(members[iri], key=lambda m: (m not in rows[iri], m in lost, -len(nodes[m].briefs()), m))
            chosen |= dict.fromkeys(members[iri], best)
    return chosen, proposed


def _answer(nodes: Mapping[str, _Node], parts: Mapping[str, str], proposed: Iterable[_Link], verdicts: Verdicts) -> Resolution:
    moved: dict[str, str] = {}

    def final(iri: str) -> str:
        iri = parts.get(iri, iri)
        while iri in moved:
            iri = moved[iri]
        return iri

    for gone, kept in verdicts.merged:
        source, target = final(gone), final(kept)
        if source != target:
            moved[source] = target
    placed: dict[str, dict[str, str]] = defaultdict(dict)
    alive = set()
    for iri, node in nodes.items():
        alive.add(final(iri))
        for profile in node.profiles:
            placed[profile.brief][profile.name] = final(iri)
    redirects = {iri: final(iri) for iri in (*nodes, *moved) if final(iri) != iri and final(iri) in alive}
    best: dict[tuple[str, str], tuple[float, set[str]]] = {}
    split = {frozenset(pair) for pair in verdicts.apart}
    for link in proposed:
        one, other = sorted((final(link.gone), final(link.kept)))
        if one == other or frozenset((one, other)) in split:
            continue
        score, reasons = best.get((one, other), (0.0, set()))
        best[one, other] = (max(score, link.score), reasons | {link.reason})
    candidates = tuple(
        Candidate(one, other, round(score, 2), tuple(sorted(reasons)))
        for (one, other), (score, reasons) in sorted(best.items())
        if round(score, 2) >= PROPOSED
    )
    labels = {final(iri): label for iri, label in verdicts.labels.items()}
    return Resolution(dict(placed), redirects, {m: final(m) for m in moved}, candidates, labels)
