"""Networks of any size, for tests and benchmarks of the page: the well-known get ever better known, in circles."""

from __future__ import annotations

import itertools
import random

import networkx as nx

from kg.analyse import Brief, Quote
from kg.model import Span, Status

CLASSES = ("Company", "Company", "Company", "Person", "Product", "Place", "Investor", "PublicBody")
RELATIONS = ("acquires", "partnersWith", "investsIn", "competesWith", "basedIn", "develops", "sues", "appoints")
_BEGINNINGS = ("Alto", "Bora", "Cyra", "Delo", "Evio", "Fara", "Gemi", "Hexa", "Ivra", "Julo", "Kalo", "Luma", "Mira", "Nexo", "Orbi")
_ENDS = ("bel", "cap", "dis", "fort", "gram", "line", "mont", "net", "phonic", "soft", "tech", "vane", "ware", "zen")


def name(number: int) -> str:
    """A name of its own for every number, made of nothing that exists."""
    first, rest = _BEGINNINGS[number % 15] + _ENDS[number // 15 % 14], number // 210
    return f"{first} {rest + 1}" if rest else first


def crowd(size: int, *, circle: int = 60) -> nx.MultiDiGraph[str]:
    """A network of ``size`` entities in circles of about ``circle``, about 1.3 claims an entity, each with a sentence."""
    chance = random.Random(3)
    circles = max(2, size // circle)
    members: list[list[int]] = [[] for _ in range(circles)]
    briefs = {
        f"brief/{n}": Brief(f"brief/{n}", f"b#{n}", date=f"{2010 + n % 15}-{n % 12 + 1:02}-{n % 28 + 1:02}")
        for n in range(max(1, size // 4))
    }
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph(briefs=briefs)
    numbers = itertools.count()  # networkx counts its edges anew each time it is asked
    for i in range(size):
        # Circles are of very different sizes, as topics are.
        own = min(int(circles * chance.random() ** 1.7), circles - 1)
        kind = CLASSES[chance.randrange(len(CLASSES))]
        made.add_node(f"e{i:05}", label=name(i), type=kind, aliases=(), same_as=(), attributes=())
        for _ in range(1 + (i % 3 == 0)):
            near = members[own] if members[own] and chance.random() < 0.85 else range(i)
            if i == 0 or not near:
                continue
            other = min(chance.choice(near), chance.choice(near))
            relation = RELATIONS[chance.randrange(len(RELATIONS))]
            status = chance.choices(list(Status), (90, 5, 3, 2))[0]
            key = f"claim/{next(numbers):06}"
            words = f"{name(i)} et {name(other)} font parler d'eux : le premier, dit-on, aurait tout intérêt à s'entendre avec le second."
            trigger = Span(words.index("font"), words.index("font") + 11)
            quote = Quote(f"evidence/{key}", f"brief/{i % len(briefs)}", words, 0, status, 0.8, f"{relation}/verb/active", trigger)
            made.add_edge(
                f"e{i:05}",
                f"e{other:05}",
                key=key,
                claim=key,
                relation=relation,
                status=status,
                confidence=0.8,
                qualifiers={},
                evidence=(quote,),
            )
        members[own].append(i)
    return made
