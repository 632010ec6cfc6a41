"""Ordinary French words, read at run time from the lemma tables of the installed spaCy model."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

_FINITE_ENDINGS = ("e", "ent", "t", "a", "d", "ont", "ait", "aient", "ra", "ront", "rait", "raient", "c", "nt")
_THIRD = frozenset(
    "est sont a ont va vont fait font peut peuvent veut veulent doit doivent sait vient dit met prend sera seront aura".split()
)
_CLOSED = frozenset(
    """le la les l un une des du de d au aux à ce cet cette ces son sa ses leur leurs mon ma mes ton ta tes notre nos votre vos
    et ou où mais donc or ni car que qu qui quoi dont lequel laquelle lesquels lesquelles si comme quand lorsque lorsqu puisque puisqu
    quoique afin ainsi alors après avant avec chez contre dans depuis derrière dès devant durant en entre envers hormis hors malgré
    outre par parmi pendant pour sans sauf selon sous suivant sur vers via voici voilà jusque jusqu il elle ils elles on nous vous je tu
    lui eux y se s ne n pas plus moins très trop peu beaucoup tout toute tous toutes aucun aucune nul nulle autre autres même mêmes
    chaque quelque quelques plusieurs certain certaine certains certaines tel telle tels telles quel quelle quels quelles
    un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt trente quarante cinquante soixante
    cent cents mille million millions milliard milliards premier première deuxième second seconde troisième dernier dernière
    ici là hier demain aujourd'hui bientôt déjà encore enfin ensuite jamais toujours souvent parfois puis pourtant cependant toutefois
    néanmoins certes oui non allô las hélas bref or ça cela ceci celui celle ceux celles quant libre rien personne point non bonne bon
    janvier février mars avril mai juin juillet août septembre octobre novembre décembre lundi mardi mercredi jeudi vendredi samedi dimanche
    chacun chacune quiconque quelqu autrui
    faute grâce côté fin fort mi semi ex""".split()
)

# Elements that are no words alone, before a hyphen (« co-fondé ») and without one (« cyberattaque »).
_BOUND = frozenset(
    "co auto anti inter multi post pré re télé cyber bio éco micro mini méga ultra super hyper extra vice néo pro non géo radio e".split()
)
_PREFIXES = ("cyber", "anti", "auto", "vidéo", "télé")


@dataclass(frozen=True)
class Forms:
    """What the language knows of a lower-case form."""

    forms: tuple[Container[str], ...]
    lemmas: Callable[[str], str]
    verbs: Container[str]
    nouns: Container[str]
    adjectives: Container[str]

    def known(self, low: str) -> bool:
        """Whether it is an ordinary French word."""
        if low in _CLOSED or any(low in table for table in self.forms):
            return True
        for prefix in _PREFIXES:
            if low.startswith(prefix) and any(low[len(prefix) :] in table for table in self.forms):
                return True
        return "-" in low and all(
            part and (part in _CLOSED or part in _BOUND or any(part in table for table in self.forms)) for part in low.split("-")
        )

    def closed(self, low: str) -> bool:
        """Whether it is a grammatical word: never the name of anything by itself."""
        return low in _CLOSED

    def verb(self, low: str) -> bool:
        """Whether it is a form of a verb."""
        return low in _THIRD or low in self.verbs

    def noun(self, low: str) -> bool:
        """Whether it is a noun in the singular, or one in the plural."""
        return low in self.nouns or low[-1:] in "sx" and low[:-1] in self.nouns

    def adjective(self, low: str) -> bool:
        """Whether it is an adjective."""
        return low in self.adjectives

    def finite(self, low: str) -> bool:
        """Whether the form may be a verb in the third person."""
        return low in _THIRD or low.endswith(_FINITE_ENDINGS) and low in self.verbs


class _Table:
    """A look-up table of the model behind a cache: hashing a string costs more than looking it up."""

    def __init__(self, table: Any) -> None:
        self._has = lru_cache(maxsize=65536)(lambda low: low in table)

    def __contains__(self, low: object) -> bool:
        return self._has(low)


def load_forms(nlp: Language) -> Forms:
    """The tables of the model, whether or not its lemmatizer is switched on; empty ones for a model without."""
    from spacy.lookups import Lookups

    folder = nlp.path / "lemmatizer" / "lookups" if nlp.path is not None else None
    if "lemmatizer" in nlp.component_names:
        lookups: Any = nlp.get_pipe("lemmatizer").lookups  # type: ignore[attr-defined]
    else:
        lookups = Lookups().from_disk(folder) if folder is not None and folder.is_dir() else Lookups()

    def part(name: str, pos: str) -> Any:
        table = lookups.get_table(name) if lookups.has_table(name) else {}
        return table[pos] if pos in table else {}

    lookup = lookups.get_table("lemma_lookup") if lookups.has_table("lemma_lookup") else {}
    index = {pos: frozenset(part("lemma_index", pos)) for pos in ("noun", "verb", "adj", "adv")}
    exceptions = {pos: _Table(part("lemma_exc", pos)) for pos in ("noun", "verb", "adj")}
    adjectives = _Either((index["adj"], exceptions["adj"]))
    verbs = part("lemma_exc", "verb")

    @lru_cache(maxsize=65536)
    def lemma(low: str) -> str:
        found = verbs.get(low) or lookup.get(low)
        return str(found[0]) if found else low

    return Forms(
        (_Table(lookup), *index.values(), *exceptions.values()),
        lemma,
        _Either((index["verb"], exceptions["verb"])),
        _Either((index["noun"], exceptions["noun"])),
        adjectives,
    )


@dataclass(frozen=True)
class _Either:
    """Membership in one of several tables."""

    tables: tuple[Container[str], ...]

    def __contains__(self, low: object) -> bool:
        return any(low in table for table in self.tables)
