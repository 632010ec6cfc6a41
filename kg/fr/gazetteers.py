"""Names known beforehand: ``ontology/names/*.tsv`` and the adjectives of places, as look-up tables over words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kg.errors import OntologyError
from kg.fr.words import Word, fold, plain, split
from kg.ontology import Ontology, overlaid

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Known:
    """A row of a gazetteer: canonical name, class, the other forms, identifier, where the fact is from."""

    name: str
    type: str
    aliases: tuple[str, ...] = ()
    id: str = ""
    source: str = ""


def read_rows(path: Path, columns: int) -> Iterator[list[str]]:
    """The rows of a tab-separated file without its comments."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line or line.startswith("#"):
            continue
        cells = line.split("\t")
        if len(cells) != columns:
            raise OntologyError(f"{len(cells)} columns instead of {columns}", where=f"{path}:{number}")
        yield cells


def inflect(adjective: str) -> tuple[str, ...]:
    """Masculine and feminine, singular and plural of an adjective of place."""
    if adjective.startswith("outre-"):
        return (adjective.lower(),)
    if adjective.isupper():
        return (adjective,)
    if adjective.endswith("e") or adjective.endswith(("kiwi", "aussie")):
        return (adjective, adjective + "s")
    if adjective.endswith("eau"):
        feminine, plural = adjective[:-3] + "elle", adjective + "x"
        if adjective in ("manceau",):
            feminine = "mancelle"
    elif adjective.endswith("al"):
        feminine, plural = adjective + "e", adjective[:-1] + "ux"
    elif adjective.endswith(("ien", "éen", "yen")) or adjective.endswith("on"):
        feminine, plural = adjective + "ne", adjective + "s"
    elif adjective in ("grec", "turc"):
        feminine, plural = {"grec": "grecque", "turc": "turque"}[adjective], adjective + "s"
    elif adjective.endswith("ès"):
        feminine, plural = adjective[:-2] + "esse", adjective
    elif adjective.endswith("er"):
        feminine, plural = adjective[:-2] + "ère", adjective + "s"
    elif adjective.endswith(("s", "x")):
        feminine, plural = adjective + "e", adjective
    else:
        feminine, plural = adjective + "e", adjective + "s"
    return (adjective, feminine, plural, feminine + "s")


@dataclass(frozen=True)
class Gazetteer:
    """All known names, by folded first word; adjectives of places by form.

    ``low_first`` holds the first words, folded, of forms that need no capital; ``gate`` also the adjectives.
    """

    rows: tuple[Known, ...]
    forms: Mapping[str, Sequence[tuple[tuple[str, ...], str, int]]]
    adjectives: Mapping[str, tuple[str, ...]]
    by_form: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    low_first: frozenset[str] = frozenset()
    gate: frozenset[str] = frozenset()

    def match(self, words: Sequence[Word], i: int) -> tuple[int, tuple[int, ...]] | None:
        """The longest known name that starts at word ``i``: how many words, which rows."""
        best: tuple[int, tuple[int, ...]] | None = None
        for folded, written, row in self.forms.get(fold(words[i].text), ()):
            size = len(folded)
            if best is not None and size < best[0] or i + size > len(words):
                continue
            k = 1
            while k < size and words[i + k].glued and fold(words[i + k].text) == folded[k]:
                k += 1
            if k < size:
                continue
            if not same_case(written, words[i : i + size]):
                continue
            best = (size, (row,) if best is None or size > best[0] else (*best[1], row))
        return best


def same_case(written: str, words: Sequence[Word]) -> bool:
    """Whether words may be this written form: capitals where it has them (more are allowed, as in headlines)."""
    letters = "".join(w.text for w in words)
    want = "".join(written.split())
    if letters == want:
        return True
    if letters.isupper() and len(letters) > 3:
        return True
    first = next((c for c in want if c.isalpha()), "")
    got = next((c for c in letters if c.isalpha()), "")
    if first.isupper() and got.islower():
        return False
    if want.isupper() and len(want) <= 6:  # an acronym may be written « Cnil », not « cnil »
        return letters[0].isupper() and (len(want) > 3 or letters.isupper())
    if len(letters) == len(want):
        return all(not a.isupper() or b.isupper() or k > 0 for k, (a, b) in enumerate(zip(want, letters, strict=True)))
    return True


def build(rows: Sequence[Known], demonyms: Mapping[str, Sequence[str]]) -> Gazetteer:
    """Look-up tables over rows."""
    forms: dict[str, list[tuple[tuple[str, ...], str, int]]] = defaultdict(list)
    by_form: dict[str, set[int]] = defaultdict(set)
    for n, row in enumerate(rows):
        for form in dict.fromkeys((row.name, *row.aliases)):
            cut = tuple(fold(w.text) for w in split(plain(form)))
            if cut:
                forms[cut[0]].append((cut, plain(form), n))
                by_form[fold(plain(form))].add(n)
    adjectives: dict[str, list[str]] = defaultdict(list)
    for place, words in demonyms.items():
        for word in words:
            for form in inflect(word):
                if place not in adjectives[form]:
                    adjectives[form].append(place)
    low_first = frozenset(k for k, v in forms.items() if any(not written[0].isupper() for _, written, _ in v))
    return Gazetteer(
        tuple(rows),
        {k: tuple(sorted(v, key=lambda f: -len(f[0]))) for k, v in forms.items()},
        {k: tuple(v) for k, v in adjectives.items()},
        {k: tuple(sorted(v)) for k, v in by_form.items()},
        low_first,
        low_first | {fold(form) for form in adjectives},
    )


def load_gazetteer(ontology: Ontology, *, only: frozenset[str] | None = None) -> Gazetteer:
    """The gazetteer of an ontology; ``only`` keeps the files of these names (to measure what a list is worth)."""
    rows: list[Known] = []
    for name, path in overlaid(ontology.folders, "names/*.tsv").items():
        if only is not None and Path(name).stem not in only:
            continue
        for cells in read_rows(path, 5):
            if cells[1] not in ontology.classes:
                raise OntologyError(f"unknown class « {cells[1]} » of « {cells[0]} »", where=str(path))
            rows.append(Known(cells[0], cells[1], tuple(a for a in cells[2].split("|") if a), cells[3], cells[4]))
    return build(rows, read_demonyms())


@cache
def read_demonyms() -> Mapping[str, tuple[str, ...]]:
    """Place → its adjectives, masculine singular."""
    out: dict[str, tuple[str, ...]] = {}
    for place, adjectives in read_rows(FOLDER / "demonyms.tsv", 2):
        out[place] = (*out.get(place, ()), *adjectives.split("|"))
    return out


@cache
def read_forenames() -> frozenset[str]:
    """Forenames in Latin script, folded."""
    return frozenset(name for name, _ in _forename_rows())


@cache
def read_common_forenames() -> frozenset[str]:
    """Those of them that are widespread."""
    return frozenset(name for name, weak in _forename_rows() if not weak)


@cache
def _forename_rows() -> tuple[tuple[str, bool], ...]:
    lines = (FOLDER / "forenames.txt").read_text(encoding="utf-8").splitlines()
    cells = (line.partition("\t") for line in lines if line and not line.startswith("#"))
    return tuple((fold(name), bool(mark)) for name, _, mark in cells)
