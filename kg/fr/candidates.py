"""Where a brief may name something: runs of capitalised words, known names, institutions, laws, adjectives of places.

Only spans here, and what was seen of them; what each names is decided in :mod:`kg.fr.typing`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from kg.fr.data import lexicon, table
from kg.fr.forms import Forms
from kg.fr.gazetteers import Gazetteer, read_common_forenames, read_forenames
from kg.fr.words import Word, fold
from kg.model import Span

_DE = frozenset({"de", "du", "des", "d'"})
_DETERMINERS = frozenset({"le", "la", "l'", "les", "un", "une", "du", "des", "au", "aux", "ce", "cet", "cette", "son", "sa"})
_ARTICLES = frozenset({"la", "le", "les", "l'"})


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run of words that may be a name: ``words[first:last]``.

    ``how`` names the rule that found it; ``rows`` the rows of the gazetteer it may be; ``type`` is set when the span
    itself says what it names (« tribunal de commerce de Paris »); ``places`` when it is an adjective of places.
    """

    first: int
    last: int
    how: str
    rows: tuple[int, ...] = ()
    type: str | None = None
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class Scene:
    """A brief cut into words, with all that the search for names looks at."""

    text: str
    words: Sequence[Word]
    forms: Forms
    gazetteer: Gazetteer
    ner: Mapping[int, str]
    blocked: frozenset[int]
    inside: Mapping[str, int] = field(default_factory=dict)
    alone: dict[str, int] = field(default_factory=dict)
    heads: dict[str, int] = field(default_factory=dict)
    titled: set[str] = field(default_factory=set)

    def low(self, i: int) -> str:
        """The lower-case form of word ``i``, empty beyond the text's ends."""
        return self.words[i].low if 0 <= i < len(self.words) else ""

    def span(self, first: int, last: int) -> Span:
        """The characters of ``words[first:last]``."""
        return Span(self.words[first].span.start, self.words[last - 1].span.end)


@dataclass(frozen=True)
class Lists:
    """The word lists of ``mentions.toml``."""

    heads: Mapping[str, str]
    low_heads: Mapping[tuple[str, ...], str]
    adjectives: frozenset[str]
    suffixes: tuple[str, ...]
    units: frozenset[str]
    titles: frozenset[str]
    particles: frozenset[str]
    joins: frozenset[str]
    not_names: frozenset[str]
    laws: Mapping[tuple[str, ...], str]
    low_first: frozenset[str]
    law_first: frozenset[str]
    openers: frozenset[str]
    portfolios: frozenset[str]
    screens: frozenset[str]
    former: frozenset[str]
    capitals: frozenset[str]
    acts: frozenset[str]
    locutions: tuple[tuple[str, ...], ...]
    leave: tuple[tuple[str, ...], ...]


@cache
def lists() -> Lists:
    """``mentions.toml``, ready for look-up."""
    data: dict[str, Any] = table("mentions.toml")
    heads = {word: type_ for type_, words in data["heads"].items() for word in words}
    low = {tuple(phrase.split()): type_ for type_, phrases in data["low_heads"].items() for phrase in phrases}
    return Lists(
        heads,
        low,
        frozenset(data["institution"]["adjectives"]),
        tuple(data["institution"]["suffixes"]),
        frozenset(data["words"]["units"]),
        frozenset(data["words"]["titles"]),
        frozenset(data["words"]["particles"]),
        frozenset(data["words"]["joins"]),
        frozenset(data["words"]["not_names"]),
        {tuple(phrase.split()): "Law" for phrase in data["laws"]["heads"]},
        frozenset(phrase[0] for phrase in low),
        frozenset(phrase.split()[0] for phrase in data["laws"]["heads"]),
        frozenset(data["words"]["openers"]),
        frozenset(fold(word) for word in data["words"]["portfolios"]),
        frozenset(data["words"]["screens"]),
        frozenset(data["aliases"]["bracketed"]),
        frozenset(data["capitals"]["places"]),
        frozenset(data["capitals"]["verbs"]),
        tuple(tuple(phrase.split()) for phrase in data["capitals"]["locutions"]),
        tuple(tuple(phrase.split()) for phrase in data["capitals"]["leave"]),
    )


def namey(word: Word) -> bool:
    """Whether a word has the look of a name: a capital, a capital inside, a domain, digits and letters mixed."""
    if not word.is_word:
        return False
    text = word.text
    if text[-1] == "'" or text[-1] == "-":
        return False
    if text[0].isupper():
        return True
    if text[0].isdigit():
        letters = [c for c in text if c.isalpha()]
        if not letters or text.lower() in _ORDINALS or text[-1] == "²":
            return False
        return (
            any(c.isupper() for c in letters)
            and not (text[:-1].isdigit() and (text[-1] in "GKHM" or text[-1] == "D" and len(text) < 4 or len(text) > 5))
            or "." in text
            and letters[0].isalpha()
        )
    return any(c.isupper() for c in text[1:]) or "." in text[1:-1] and text.count(".") == 1 and len(text) > 5


_ORDINALS = frozenset({"1er", "1re", "1ère", "2e", "3e", "2d", "3d", "4k", "8k"})


def is_unit(scene: Scene, i: int) -> bool:
    """Whether word ``i`` is a unit after a number (« 7,8 Md€ », « 500 Mo »)."""
    word = scene.words[i]
    return word.low in lists().units and i > 0 and scene.words[i - 1].text[-1:].isdigit()


def institution(scene: Scene, i: int) -> Candidate | None:
    """« Autorité belge de la concurrence », « tribunal de commerce de Paris »: a head noun and its complements."""
    words, known = scene.words, lists()
    head = words[i]
    if not head.is_word:
        return None
    capital = head.cap and not (len(head.text) > 1 and head.text.isupper())
    low_type, size = None, 1
    for length in (4, 3, 2, 1):
        phrase = tuple(scene.low(i + k) for k in range(length))
        if phrase in known.low_heads:
            low_type, size = known.low_heads[phrase], length
            break
    type_ = low_type
    if head.cap and head.low in ("état", "etat") and scene.low(i + 1) in scene.gazetteer.adjectives:
        return Candidate(i, i + 2, "institution", type="PublicBody")  # « l'État français »
    if type_ is None and capital:
        if head.low == "haute" and scene.low(i + 1) in known.heads:
            size = 2
            type_ = known.heads[scene.low(i + 1)]
        else:
            type_ = known.heads.get(head.low)
    if type_ is None:
        return None
    if not capital and low_type is not None:
        after = i + size
        while after < len(words) and _institution_adjective(scene, after):
            after += 1
        if scene.low(after) not in _DE and head.low not in _BEFORE_NAMES and not (after > i + size):
            return None
        if after < len(words) and words[after].cap and head.low not in _BEFORE_NAMES:
            return None
        if head.low == "administration" and (scene.low(i - 1) == "d'" or scene.low(after) in _DE):
            return None
    if not capital and scene.low(i - 1) in ("un", "une", "des", "ces", "plusieurs", "d'autres", "chaque"):
        return None
    end = complements(scene, i + size)
    named = any(w.cap and not w.text.isdigit() for w in words[i + size : end])
    if not capital and not named:
        demonym = any(w.low in scene.gazetteer.adjectives for w in words[i + size : end])
        if not (demonym and head.low in ("gouvernement", "police", "douanes", "armée", "parlement")):
            return None
        end = i + size + next(k for k, w in enumerate(words[i + size : end], 1) if w.low in scene.gazetteer.adjectives)
    if capital and end == i + size and (head.starts or size == 1):
        return None  # a bare « Commission »: a known name or nothing
    if capital and head.starts and type_ == "Product":
        return None  # « Plan social chez X »
    if capital and head.starts and not named and not _institutional(scene, i + size, end):
        return None
    return Candidate(i, end, "institution", type=type_)


_BEFORE_NAMES = frozenset(
    {
        "fondation",
        "institut",
        "université",
        "lycée",
        "collège",
        "hôpital",
        "administration",
        "musée",
        "ville",
        "région",
        "gouvernement",
        "police",
        "parlement",
    }
)


def _institutional(scene: Scene, first: int, last: int) -> bool:
    """Whether complements without a capital make a proper name at the start of a sentence."""
    return last - first >= 1 and (scene.low(first) in lists().adjectives or scene.low(first) in _DE and last - first >= 2)


def complements(scene: Scene, i: int, *, against: bool = False) -> int:
    """The end of the complements of an institution or a law that starts at word ``i``."""
    words, known = scene.words, lists()
    had_noun = against
    limit = min(len(words), i + 12)
    while i < limit:
        word = words[i]
        if not word.is_word or not word.glued and not words[i - 1].text.endswith("'"):
            break
        if _institution_adjective(scene, i):
            i += 1
            continue
        if had_noun and word.low == "en" and scene.low(i + 1) in ("ligne", "réseau"):
            i += 2
            continue
        if word.cap and (namey(word)) and word.low not in known.titles:
            if i in scene.blocked:
                break
            end = run_end(scene, i)
            i = max(end, i + 1)
            had_noun = True
            continue
        step = i
        if (
            word.low in _DE
            or word.low in ("pour", "sur", "aux", "à")
            or against
            and word.low == "contre"
            or (word.low == "et" and had_noun and scene.low(i + 1) in _DE)
        ):
            if word.low == "pour" and scene.low(i + 1) not in _ARTICLES:
                break
            step = i + 1
            if word.low == "et":
                step += 1
            if scene.low(step) in _ARTICLES:
                step += 1
            if word.low == "à" and scene.low(i + 1) not in ("la", "l'"):
                break
        else:
            break
        if step >= len(words) or not words[step].is_word:
            break
        noun = words[step]
        if noun.cap and namey(noun):
            if noun.low in scene.gazetteer.adjectives or word.low in ("à", "aux", "pour", "contre") and word.low != "pour":
                pass
            i = max(run_end(scene, step), step + 1)
            had_noun = True
            continue
        if (scene.forms.noun(noun.low) or scene.forms.adjective(noun.low)) and not scene.forms.closed(noun.low):
            i = step + 1
            had_noun = True
            continue
        break
    return i


def _institution_adjective(scene: Scene, i: int) -> bool:
    low = scene.low(i)
    if low in scene.gazetteer.adjectives or low in lists().adjectives or "-" in low and low.rsplit("-", 1)[1] in scene.gazetteer.adjectives:
        return True
    return low.endswith(lists().suffixes) and scene.forms.adjective(low) and not scene.forms.closed(low)


def law(scene: Scene, i: int) -> Candidate | None:
    """« loi sur le renseignement », « proposition de loi Dupont », « directive Copyright »."""
    for length in (3, 1):
        phrase = tuple(scene.low(i + k) for k in range(length))
        if phrase not in lists().laws:
            continue
        j = i + length
        nxt = scene.low(j)
        if j < len(scene.words) and scene.words[j].glued and scene.words[j].cap and namey(scene.words[j]):
            end = run_end(scene, j)
            if (
                scene.low(end) == "et"
                and scene.low(end + 1)
                and scene.words[end + 1].cap
                and namey(scene.words[end + 1])
                and phrase[-1] == "loi"
            ):
                end = run_end(scene, end + 1)
            return Candidate(i, end, "law", type="Law")
        demonym = 1 if nxt in scene.gazetteer.adjectives or nxt in ("fédérale", "fédéral") else 0
        if scene.low(j + demonym) in ("sur", "relatif", "relative", "pour", "contre"):
            k = j + demonym
            if scene.low(k) in ("relatif", "relative"):
                k += 1
            if scene.low(k + 1) in ("un", "une") and scene.low(k) == "pour":
                k += 1
            start = k + 1 + (1 if scene.low(k + 1) in _ARTICLES else 0)
            if (
                start < len(scene.words)
                and (scene.forms.noun(scene.low(start)) or scene.forms.adjective(scene.low(start)) or scene.words[start].cap)
                and not scene.forms.closed(scene.low(start))
            ):
                after = start + 1 if not scene.words[start].cap else max(run_end(scene, start), start + 1)
                return Candidate(i, complements(scene, after, against=True), "law", type="Law")
        return None
    return None


def run_end(scene: Scene, i: int) -> int:
    """The end of the run of name-like words that starts at word ``i`` (itself name-like)."""
    words, known = scene.words, lists()
    forenames = read_forenames()
    person = fold(words[i].text) in forenames
    head = i + 1 if words[i].low in _ARTICLES and i + 1 < len(words) else i
    low = words[head].low
    ordinary_head = (
        scene.forms.noun(low) and not person and low not in known.not_names and (head > i or not scene.gazetteer.by_form.get(fold(low)))
    )
    j = i + 1
    while j < len(words):
        word = words[j]
        if not word.glued or words[j - 1].text in ("»", ")"):
            break
        before = words[j - 1]
        if (
            word.text == "."
            and len(before.text) == 1
            and before.cap
            and not word.spaced
            and j + 1 < len(words)
            and words[j + 1].cap
            and words[j + 1].spaced
        ):
            j += 1
            continue
        if (
            word.text == "."
            and before.low in _ABBREVIATED
            and not word.spaced
            and j + 1 < len(words)
            and words[j + 1].cap
            and not scene.forms.known(words[j + 1].low)
        ):
            j += 1
            continue
        if not word.spaced and not before.low.endswith("'"):
            break
        if before.low.endswith("'") and before.low not in ("d'", "l'"):
            break
        if j in scene.blocked and (not word.text.isdigit() or {j - 1, j + 1} & scene.blocked):
            break  # (« Windows 98 » may look like a date)
        if namey(word) and word.text not in _SINGLE_STOP and word.low not in known.titles and not is_unit(scene, j):
            if word.starts:
                break
            j += 1
            continue
        if (
            word.text[0].isdigit()
            and len(word.text) <= 4
            and word.text[-1].isalpha()
            and word.low not in _ORDINALS
            and word.text[-1] not in "GKDHe"
        ):
            if not is_unit(scene, j):
                j += 1
                continue
        if is_figure(word.text) and len(word.text) <= 4 and not _year(word.text) and not _counts(scene, j):
            j += 1
            continue
        if word.text == "&" or word.low in known.joins or word.low in known.particles:
            if word.low in _ARTICLES and not person:
                break
            k = j + 1
            while k < len(words) and words[k].low in known.particles | _ARTICLES and k - j < 3:
                k += 1
            if k >= len(words) or not (words[k].cap and namey(words[k])) or words[k].starts:
                break
            if word.text == "&" or word.low in known.joins:
                j = k + 1
                continue
            if word.low in _DE:
                if (
                    ordinary_head
                    and (head > i or not words[i].starts)
                    or person
                    and j == i + 1
                    and word.low in ("de", "d'", "du")
                    or person
                    and scene.ner.get(i) == "PER"
                    and scene.ner.get(k) == "PER"
                ):
                    j = k + 1
                    continue
                break
            j = k + 1
            continue
        break
    return j


def is_figure(text: str) -> bool:
    """Whether a word is the figure of a version: « 11 », « 2.0 »."""
    return text.replace(".", "").isdigit()


_ABBREVIATED = frozenset({"bros", "inc", "corp", "ltd", "jr", "st", "dr", "co"})
_SINGLE_STOP = frozenset({"A", "À", "M", "MM"})


def _year(text: str) -> bool:
    return len(text) == 4 and text[:2] in ("19", "20")


def _counts(scene: Scene, j: int) -> bool:
    """Whether a number counts what follows (« Apple 50 millions »): then it is no part of the name."""
    follow = scene.low(j + 1)
    if (
        follow in ("%", "€", "$", "£", "000")
        or follow in lists().units
        or follow in ("millions", "milliards", "euros", "dollars", "salariés", "postes")
    ):
        return True
    return bool(follow) and follow[0].isdigit()


def name_run(scene: Scene, i: int) -> Candidate | None:
    """A run of name-like words from word ``i``; at the start of a sentence ordinary words must be vouched for."""
    words, known = scene.words, lists()
    word = words[i]
    if word.low in _ARTICLES and word.cap and not word.starts and i + 1 < len(words) and words[i + 1].cap and namey(words[i + 1]):
        return Candidate(i, run_end(scene, i), "run with article")
    if (
        word.text.isupper()
        and len(word.text) > 1
        and (_post(word.low) or i + 1 < len(words) and words[i + 1].cap and word.low in acronyms())
        or any(c.isupper() for c in word.text[1:])
        and word.low in known.not_names
    ):
        return None
    if word.text.islower() and stands_low(scene, i):
        return Candidate(i, i + 1, "lower-case name")
    if not namey(word) or word.low in known.titles or i in scene.blocked or is_unit(scene, i):
        return None
    end = run_end(scene, i)
    if len(word.text) == 1 and end == i + 1:
        return None
    if word.text.isdigit():
        return None
    if word.low.rstrip("+") in known.not_names and all(is_figure(w.text) for w in words[i + 1 : end]):
        return None
    if (
        end <= i + 2
        and i + 1 < len(words)
        and words[i + 1].text == "2.0"
        and scene.low(i - 1) in _DETERMINERS | _DE
        and not _product_before(scene, i)
    ):
        return None  # « la madeleine de Proust 2.0 »
    if scene.low(i - 1) in known.screens or scene.low(i - 1) in ("«", '"', "“") and scene.low(i - 2) in known.screens:
        return None  # « l'onglet Démarrage »
    if i and words[i - 1].cap and _post(scene.low(i - 1).partition("-")[0]) and scene.forms.adjective(word.low) and not word.starts:
        return None
    if _post(word.low.partition("-")[0]) and end > i + 1 and all(scene.forms.known(w.low) for w in words[i:end]):
        return None  # « Présidente-Directrice Générale »
    if word.starts and end == i + 1 and word.low in known.openers:
        return None
    if word.starts and i == 0 and end == i + 1 and word.text.isupper() and scene.forms.known(word.low) and scene.low(1) in "–—:|":
        return None  # « COMMUNIQUÉ – »
    if (
        end > i + 1
        and word.low in scene.gazetteer.adjectives
        and (fold(word.text) not in read_forenames() or scene.low(i - 1) in _DETERMINERS)
    ):
        return None
    if not word.starts:
        if end == i + 1 and (scene.forms.closed(word.low) or _post(word.low)):
            return None
        if end == i + 1 and word.low.endswith(("er", "ir", "re")) and scene.forms.verb(word.low) and not scene.forms.noun(word.low):
            if word.text[1:].islower():
                return None  # « puis Exécuter »
        return Candidate(i, end, "run")
    if scene.forms.closed(word.low):
        return None
    if not scene.forms.known(word.low) or any(c.isupper() for c in word.text[1:]):
        return Candidate(i, end, "run")
    if end > i + 1:
        if fold(word.text) in read_forenames():
            return Candidate(i, end, "run")
        if scene.ner.get(i) and all(scene.ner.get(k) == scene.ner[i] for k in range(i, end)) and not scene.forms.verb(word.low):
            return Candidate(i, end, "ner run")
        if scene.inside.get(word.text, 0):
            return Candidate(i, end, "repeated")
        return None
    if participle(scene, i):
        return None
    if scene.inside.get(word.text, 0):
        return Candidate(i, end, "repeated")
    follow = words[i + 1] if i + 1 < len(words) else None
    if follow is None or not follow.is_word:
        return Candidate(i, end, "ner start") if scene.ner.get(i) and not scene.forms.verb(word.low) else None
    bare = scene.forms.noun(word.low) or scene.forms.adjective(word.low)
    if bare and (scene.forms.finite(follow.low) and not scene.forms.adjective(follow.low) or follow.low in ("ne", "n'", "se", "s'")):
        return Candidate(i, end, "bare subject")
    if scene.ner.get(i) and not scene.forms.verb(word.low):
        return Candidate(i, end, "ner start")
    return None


def participle(scene: Scene, i: int) -> bool:
    """Whether the word that opens a sentence is a participle with its complements (« Créé en 2014 », « Dirigée par »)."""
    low, follow = scene.low(i), scene.low(i + 1)
    stem = low.removeprefix("co-").removesuffix("s").removesuffix("e")
    return (
        stem.endswith(("é", "i", "u", "is", "it", "ert", "eint", "ait", "ant"))
        and (scene.forms.verb(low.removeprefix("co-")) or scene.forms.verb(stem))
        and (follow in _COMPLEMENT or follow.endswith("ment") or scene.forms.adjective(follow) or follow.isdigit())
    )


_COMPLEMENT = frozenset(
    "en à au aux par de du des d' dans sur sous avec chez pour depuis entre il hier lundi mardi mercredi jeudi vendredi".split()
)


def _product_before(scene: Scene, i: int) -> bool:
    group = lexicon().get("product")
    return group is not None and any(scene.low(i - k) in group.words for k in (1, 2, 3))


def _post(low: str) -> bool:
    group = lexicon().get("post")
    return group is not None and low in group.words


@cache
def acronyms() -> frozenset[str]:
    """Common nouns written in capitals: before a name they are no part of it (« l'ONG X », « l'ESN X »)."""
    short = {w for group in lexicon().values() for w in group.words if len(w) < 6 and " " not in w}
    return frozenset(short | lists().not_names)


def stands_low(scene: Scene, i: int) -> bool:
    """Whether an unknown word in lower case is used as a name (« l'éditeur alfaview »)."""
    word = scene.words[i]
    if not word.text.isalpha() or len(word.text) < 5 or scene.forms.known(word.low) or word.low in scene.gazetteer.adjectives:
        return False
    if scene.ner.get(i) not in ("ORG", "MISC"):
        return False
    return not any(scene.forms.known(word.low[:-k]) for k in (1, 2)) and word.low not in lists().not_names


def former(scene: Scene, i: int) -> Candidate | None:
    """A former name in brackets, whole, with its lower-case words: « (ex-Cartes du Monde) », « (anciennement Pen at Work) »."""
    words = scene.words
    j = i - 1
    while j >= 0 and scene.low(j) in ("-", "la", "le", "l'", "les"):
        j -= 1
    if j < 1 or scene.low(j) not in lists().former or words[j - 1].text not in "([" or not namey(words[i]):
        return None
    k = i + 1
    while k < len(words) and k - i < 8 and (words[k].is_word and words[k].glued or words[k].text in "&.!'"):
        k += 1
    if k >= len(words) or words[k].text not in ")]" or k == i + 1:
        return None
    if not all(_inside_name(scene, m) for m in range(i + 1, k)):
        return None
    return Candidate(i, k, "former name")


def _inside_name(scene: Scene, i: int) -> bool:
    """Whether a word may stand inside a name all of whose bounds are known."""
    word = scene.words[i]
    if word.low in lists().former or word.low in ("et", "ou", "puis"):
        return False
    if not word.is_word or word.cap or word.low in lists().joins | lists().particles | {"à", "au", "aux", "en", "l'", "les", "&", "at"}:
        return True
    return i not in scene.blocked and not scene.forms.closed(word.low) and not _THAT.get(word.low)


_THAT = {"filiale": True, "groupe": True, "directeur": True, "directrice": True, "patron": True, "patronne": True}


def quoted(scene: Scene, i: int) -> Candidate | None:
    """A name in quotation marks that goes on in lower case: « le plan “Cloud au centre” »; one in lower case after a product's noun."""
    words = scene.words
    if i == 0 or words[i - 1].text not in '«“"' or i < 2 or not words[i - 2].is_word or words[i - 2].cap:
        return None
    k = i
    while k < len(words) and k - i < 6 and words[k].is_word:
        k += 1
    if k >= len(words) or words[k].text not in '»”"' or k < i + 2 or words[k - 1].cap:
        return None
    inside = range(i, k)
    if not (words[i].cap and namey(words[i])):
        if not _product_before(scene, i - 1) or not any(
            words[m].low in lists().joins or not scene.forms.known(words[m].low) for m in inside
        ):
            return None
    if any(scene.low(m) in _SAYS or m in scene.blocked for m in inside) or scene.forms.closed(words[i].low):
        return None
    if not (_naming_noun(scene, i - 2)):
        return None
    return Candidate(i, k, "quoted")


_SAYS = frozenset("est sont a ont était il elle ils elles on nous vous je ne n' se s' qui que qu' c' ce".split())


def _naming_noun(scene: Scene, i: int) -> bool:
    """Whether the noun before a quotation names kinds of things that bear names (« le programme “…” »)."""
    low = scene.low(i)
    return any(low in lexicon()[g].words for g in ("product", "company", "organization") if g in lexicon()) or low in (
        "plan",
        "programme",
        "dispositif",
        "label",
        "projet",
        "baptisé",
        "baptisée",
        "nommé",
        "nommée",
        "intitulé",
        "intitulée",
    )


def capital_acts(scene: Scene, cand: Candidate) -> bool:
    """Whether a capital stands for its government: subject of a verb of sanction, inquiry, support (« Pékin interdit »)."""
    words, known = scene.words, lists()
    if scene.low(cand.first) not in known.capitals or cand.last != cand.first + 1:
        return False
    before = tuple(scene.low(k) for k in range(cand.first - 4, cand.first))
    if any(before[-len(phrase) :] == phrase for phrase in known.leave):
        return True
    if scene.low(cand.first - 1) in _DE | _PLACED or scene.low(cand.first - 1) == "et" and scene.low(cand.first - 2) in _PLACED:
        return False
    j = cand.last
    if scene.low(j) == "et" and j + 1 < len(words) and scene.low(j + 1) in known.capitals:
        j += 2
    while j < len(words) and j - cand.last < 7 and scene.low(j) in _BEFORE_VERB:
        j += 1
    if j >= len(words) or not words[j].is_word:
        return False
    if scene.forms.lemmas(words[j].low) in known.acts:
        return True
    rest = (scene.forms.lemmas(words[j].low), *(scene.low(k) for k in range(j + 1, j + 5)))
    return any(rest[: len(phrase)] == phrase for phrase in known.locutions)


_PLACED = frozenset("à en dans vers depuis chez entre sur pour près".split())
_BEFORE_VERB = frozenset(
    """a ont va vont ne n' vient viennent de d' se s' y en l' le la les lui leur veut veulent compte comptent pourrait pourraient
    devrait devraient avait avaient aurait auraient doit doivent peut peuvent avoir être bien aussi également finalement
    désormais déjà pas plus n'a s'est est""".split()
)


def find_candidates(scene: Scene) -> list[Candidate]:
    """All candidates of a brief, left to right, without overlap: the longest at each place."""
    out: list[Candidate] = []
    words = scene.words
    i = 0
    gate, low = scene.gazetteer.gate, low_words()
    while i < len(words):
        word = words[i]
        if not word.is_word:
            i += 1
            continue
        if word.text.islower() and i not in scene.ner and "." not in word.text:
            folded = fold(word.text)
            if folded not in gate and folded not in low and not (i and words[i - 1].text in '«“"'):
                i += 1
                continue
        found = best_at(scene, i)
        if found is None:
            i += 1
            continue
        if in_address(scene, found.first) or found.how != "known" and in_office(scene, found.first):
            i = found.last
            continue
        out.append(found)
        i = found.last
    for cand in out:
        into = scene.alone if cand.last == cand.first + 1 else scene.heads
        text = scene.words[cand.first].text
        into[text] = into.get(text, 0) + 1
        if scene.low(cand.first - 1) in lists().titles or scene.low(cand.first - 1) == "." and scene.low(cand.first - 2) in lists().titles:
            scene.titled.add(text)
    return out


@cache
def low_words() -> frozenset[str]:
    """Lower-case words, folded, that an institution, a law or a compound adjective may begin with."""
    return frozenset(fold(w) for w in lists().low_first | lists().law_first | {f"{c}-" for c in _COMPOUND})


def in_address(scene: Scene, first: int) -> bool:
    """Whether a name is that of a street (« rue de Rivoli », « boulevard Haussmann »)."""
    j = first - 1
    while j >= 0 and first - j <= 3 and scene.low(j) in _DE | _ARTICLES:
        j -= 1
    return scene.low(j) in ("rue", "avenue", "boulevard", "impasse", "faubourg")


def in_office(scene: Scene, first: int) -> bool:
    """Whether a capitalised noun is what a minister is minister of (« la ministre de la Culture »)."""
    j = first - 1
    while j >= 0 and first - j <= 3 and scene.low(j) in _DE | _ARTICLES | {"à", "au", "aux"}:
        j -= 1
    return (
        j < first - 1
        and scene.low(j) in ("commissaire", "ministre", "ministres", "ministères", "état", "chargé", "chargée")
        and (scene.forms.known(scene.low(first)) or fold(scene.low(first)) in lists().portfolios)
    )


def best_at(scene: Scene, i: int) -> Candidate | None:
    """The longest candidate that starts at word ``i``; a known name wins a tie."""
    word = scene.words[i]
    if not word.is_word:
        return None
    if (whole := former(scene, i) or quoted(scene, i)) is not None:
        return Candidate(
            whole.first, whole.last, whole.how, scene.gazetteer.by_form.get(fold(scene.span(i, whole.last).of(scene.text)), ())
        )
    options: list[Candidate] = []
    lower = not (word.text[0].isupper() or word.text[0].isdigit())
    known_words = lists()
    if (word.low in known_words.heads or word.low in ("haute", "état", "etat")) and not lower or word.low in known_words.low_first:
        if (found := institution(scene, i)) is not None:
            options.append(found)
    if word.low in known_words.law_first and (found := law(scene, i)) is not None:
        options.append(found)
    if (
        (not lower or fold(word.text) in scene.gazetteer.low_first)
        and i not in scene.blocked
        and (match := scene.gazetteer.match(scene.words, i)) is not None
    ):
        size, rows = match
        if known_stands(scene, i, size):
            found = Candidate(i, i + size, "known", rows=rows)
            options.append(found if not capital_acts(scene, found) else Candidate(i, i + size, "capital", rows, "PublicBody"))
    if (not word.text.islower() or "." in word.text or i in scene.ner) and (found := name_run(scene, i)) is not None:
        form = fold(scene.span(found.first, found.last).of(scene.text))
        rows = scene.gazetteer.by_form.get(form, ())
        if not rows and scene.low(i - 1) in _CONTRACTED:  # « au Havre »: Le Havre
            if rows := scene.gazetteer.by_form.get(f"{_CONTRACTED[scene.low(i - 1)]} {form}", ()):
                found = Candidate(found.first, found.last, "known")
        options.append(found if not rows else Candidate(found.first, found.last, found.how, rows=rows))
    if options:
        best = max(options, key=lambda c: (c.last, c.how in ("known", "capital")))
        known = next((c for c in options if c.how in ("known", "capital")), None)
        whole = spelled(scene, best)
        if whole is not best:
            return whole
        if (
            known
            and best is not known
            and best.how != "institution"
            and (person_after(scene, known, best) or all_places(scene, known, best))
        ):
            best = known
        if not (best.last == i + 1 and adjective_noun(scene, i) and best.how != "institution" and not best.rows):
            return best
    if adjective_subject(scene, i):
        return Candidate(i, i + 1, "bare subject")
    places = scene.gazetteer.adjectives.get(word.low) if scene.low(i - 1) not in _CURRENCIES else None
    if places is None and word.text.endswith("-") and word.low[:-1] in _COMPOUND:
        places = (_COMPOUND[word.low[:-1]],)
        return Candidate(i, i + 1, "adjective", places=places)
    if places and (word.text.islower() or word.text[0].isupper() and word.text[1:].islower() or word.text.isupper()):
        return Candidate(i, i + 1, "adjective", places=places)
    return None


def person_after(scene: Scene, known: Candidate, run: Candidate) -> bool:
    """Whether a known name is followed by a person's that is no part of it: « À Las Vegas Jean Dupont », « sur Twitter Jeanne Dupont »."""
    forename = fold(scene.words[known.last].text)
    if run.last <= known.last + 1 or fold(scene.words[known.first].text) in read_forenames() or forename not in read_forenames():
        return False
    if any(scene.gazetteer.rows[r].type == "Place" for r in known.rows):
        return True
    return (
        forename in read_common_forenames()
        and scene.low(known.first - 1) in ("sur", "chez", "via", "à", "selon", "de", "d'")
        and not scene.forms.known(scene.words[known.last + 1].low)
    )


def all_places(scene: Scene, known: Candidate, run: Candidate) -> bool:
    """Whether a run is made of known places only: an enumeration that lost its comma (« Paris, Bordeaux New York et Berlin »)."""
    rows, at, count = scene.gazetteer.rows, known.first, 0
    while at < run.last:
        match = scene.gazetteer.match(scene.words, at)
        if match is None or at + match[0] > run.last or not all(rows[r].type == "Place" for r in match[1]):
            return False
        at, count = at + match[0], count + 1
    return count > 1 and fold(scene.words[run.first].text) not in read_common_forenames()


def spelled(scene: Scene, run: Candidate) -> Candidate:
    """A name that goes on in lower case up to its acronym in brackets: « Loire Vienne numérique (LVN) »; and « iPod touch »."""
    words = scene.words
    for end in range(run.last + 1, min(run.last + 5, len(words) - 2)):
        if not words[end - 1].is_word or words[end - 1].cap:
            break
        if words[end].text == "(" and words[end + 2].text == ")" and words[end + 1].text.isupper():
            letters = fold(words[end + 1].text)
            heads = [fold(w.text)[0] for w in words[run.first : end] if w.low not in _DE | _ARTICLES]
            if len(letters) > 2 and letters == "".join(heads):
                return Candidate(run.first, end, run.how, type=run.type)
            break
    if (
        run.last < len(words)
        and words[run.last].glued
        and words[run.last].spaced
        and words[run.last].text.islower()
        and run.how != "institution"
        and stands_low(scene, run.last)
    ):
        if scene.ner.get(run.last - 1) == scene.ner.get(run.last):
            return Candidate(run.first, run.last + 1, run.how, type=run.type)
    return run


_CONTRACTED = {"au": "le", "du": "le", "aux": "les", "des": "les"}
_CURRENCIES = frozenset({"dollar", "dollars", "livre", "livres", "franc", "francs", "couronne", "couronnes", "$", "m$", "md$"})
_COMPOUND = {
    "franco": "France",
    "américano": "États-Unis",
    "germano": "Allemagne",
    "anglo": "Royaume-Uni",
    "sino": "Chine",
    "italo": "Italie",
    "hispano": "Espagne",
    "belgo": "Belgique",
    "luso": "Portugal",
    "nippo": "Japon",
    "russo": "Russie",
    "helvético": "Suisse",
    "canado": "Canada",
    "austro": "Autriche",
    "israélo": "Israël",
    "suédo": "Suède",
    "néerlando": "Pays-Bas",
    "britannico": "Royaume-Uni",
    "coréano": "Corée du Sud",
    "euro": "Europe",
}


def adjective_subject(scene: Scene, i: int) -> bool:
    """Whether an adjective of place that opens a sentence without a determiner is a firm's name: « Picard refond son site »."""
    word = scene.words[i]
    if not (word.starts and word.cap and word.low in scene.gazetteer.adjectives) or word.low.endswith("s") or i + 1 >= len(scene.words):
        return False
    follow = scene.words[i + 1]
    return scene.forms.finite(follow.low) and not scene.forms.adjective(follow.low) and not scene.forms.noun(follow.low)


def adjective_noun(scene: Scene, i: int) -> bool:
    """Whether a capitalised word is an inhabitant or a nationality (« l'Américain », « les Lyonnais »)."""
    return scene.words[i].low in scene.gazetteer.adjectives


def accented(scene: Scene, i: int) -> bool:
    """Whether a name with this word's accents is known: « Créé » is not « Cree »."""
    rows = scene.gazetteer.by_form.get(fold(scene.words[i].text), ())
    low = scene.low(i)
    return any(low in (scene.gazetteer.rows[r].name.lower(), *(a.lower() for a in scene.gazetteer.rows[r].aliases)) for r in rows)


def known_stands(scene: Scene, i: int, size: int) -> bool:
    """Whether a known name that is also an ordinary word may be the name here."""
    words = scene.words
    word = words[i]
    if size > 1:
        return not (
            word.starts
            and size == 2
            and word.low in ("le", "la", "les", "l'")
            and not scene.inside.get(words[i + 1].text)
            and scene.forms.known(words[i + 1].low)
            and not words[i + 1].cap
        )
    if is_unit(scene, i) or word.text == "US" and scene.low(i - 1) in _CURRENCIES:
        return False
    if len(word.text) == 1:
        return (
            word.cap
            and not (scene.low(i - 1) in ("m.", "contre", "génération", "plan", "classe", "série") or scene.low(i + 1) == ".")
            and not word.starts
        )
    if word.starts and (participle(scene, i) or word.low in lists().openers):
        return False
    if not word.starts or not scene.forms.known(word.low):
        return True
    if scene.forms.closed(word.low) or not word.text.isupper() and fold(word.text) != word.low and not accented(scene, i):
        return False
    follow = words[i + 1] if i + 1 < len(words) else None
    if scene.inside.get(word.text, 0):
        return True
    if follow is None:
        return False
    if scene.ner.get(i) and follow.low not in _DE:
        return True
    if follow.is_word:
        return scene.forms.finite(follow.low) or follow.low in ("ne", "n'", "se", "s'", "et", "y", "en") or follow.cap
    return follow.text in (",", "(", ":")
