"""Reading briefs: the seeds to the character, twelve pages of our own, JSON Lines, encodings, and every bad input."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.briefs import Skip, continues, decode, foreign, read, split_page
from kg.errors import KgError, ReadError, UsageError
from kg.model import Brief

HERE = Path(__file__).parent
SEEDS = HERE.parent / "seeds"
PAGES = sorted(p for p in (HERE / "pages").iterdir() if p.suffix != ".json")

ENGLISH = (
    "Apple has announced that it will acquire the start-up Datakalab, which specialises in the compression of models. The company did "
    "not say how much it paid for the deal, but people close to it put the price at more than ten million euros. The team joined last year."
)


def gold() -> list[dict[str, Any]]:
    """The nine briefs of the seeds, as annotated."""
    return [json.loads(line) for line in (HERE / "gold" / "seeds.jsonl").read_text(encoding="utf-8").splitlines()]


def write(folder: Path, name: str, data: str | bytes) -> str:
    """A file in ``folder``; its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def from_stdin(data: str | bytes, **options: Any) -> list[Brief]:
    """What is read when ``data`` is piped in."""
    return list(read(["-"], stdin=io.BytesIO(data.encode() if isinstance(data, str) else data), **options))


# --- the seeds and our twelve pages -----------------------------------------------------------------------------------


def test_the_seeds_are_read_to_the_character() -> None:
    briefs = list(read([str(SEEDS)]))
    assert [b.text for b in briefs] == [g["text"] for g in gold()]
    assert len(briefs) == 9
    assert {b.date for b in briefs} == {None}
    assert briefs[0].key == "000_87eb13b9ece4ddd2#1"
    assert {b.title for b in briefs[:6]} == {None}
    assert {b.title for b in briefs[6:]} == {"Loi sur le renseignement: des hébergeurs tapent du poing sur la table…"}


def test_there_are_twelve_pages() -> None:
    assert len(PAGES) == 12


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.stem)
def test_a_page_is_cut_as_expected(page: Path) -> None:
    expected = json.loads(page.with_suffix(".json").read_text(encoding="utf-8"))
    briefs = list(read([str(page)]))
    assert [{"title": b.title, "date": b.date, "text": b.text} for b in briefs] == expected
    assert [b.key for b in briefs] == [f"{page.stem}#{n}" for n in range(1, len(briefs) + 1)]


# --- JSON Lines -------------------------------------------------------------------------------------------------------


def test_gold_reads_the_same_without_its_labels(tmp_path: Path) -> None:
    kept = ("id", "date", "lang", "title", "source", "text")
    bare = "".join(json.dumps({k: v for k, v in g.items() if k in kept}, ensure_ascii=False) + "\n" for g in gold())
    briefs = list(read([str(HERE / "gold" / "seeds.jsonl")]))
    assert briefs == list(read([write(tmp_path, "bare.jsonl", bare)]))
    assert [b.key for b in briefs] == [g["id"] for g in gold()]


def test_only_the_known_keys_of_a_record_are_read() -> None:
    record = {
        "text": "Lyft quitte Paris.",
        "entities": 3,
        "relations": {"a": []},
        "url": None,
        "title": "Titre",
        "source": "AFP",
        "date": "2021-05",
        "id": "z",
    }
    assert from_stdin(json.dumps(record)) == [Brief("z", "Lyft quitte Paris.", "2021-05", "fr", "Titre", "AFP")]


def test_a_text_of_several_paragraphs_is_one_brief() -> None:
    text = "- Lyft quitte Paris.\n\nBolt arrive à Lille.\n\n- Uber regarde."
    assert [b.text for b in from_stdin(json.dumps({"id": "a", "text": text}))] == [text]


def test_records_without_an_id_are_numbered() -> None:
    lines = '{"text": "Lyft quitte Paris."}\n\n{"text": "Bolt arrive à Lille."}\n{"id": 7, "text": "Uber regarde."}\n'
    assert [b.key for b in from_stdin(lines)] == ["stdin#1", "stdin#2", "7"]


@pytest.mark.parametrize(
    ("given_", "kept"),
    [
        ("2021", "2021"),
        ("2021-05", "2021-05"),
        ("2021-05-18", "2021-05-18"),
        ("2021-05-18T09:30:00Z", "2021-05-18"),
        (None, None),
        ("", None),
    ],
)
def test_dates_are_kept_never_made_up(given_: str | None, kept: str | None) -> None:
    assert from_stdin(json.dumps({"id": "a", "date": given_, "text": "Hier, Lyft a quitté Paris."}))[0].date == kept


@settings(max_examples=200)
@given(st.text(st.characters(codec="utf-8", exclude_characters="\x7f"), min_size=1).filter(str.strip), st.booleans())
def test_a_json_text_goes_through_unchanged(text: str, ascii_only: bool) -> None:
    line = json.dumps({"id": "a", "lang": "fr", "text": text}, ensure_ascii=ascii_only)
    skipped: list[Skip] = []
    read_ = from_stdin(line, on_skip=skipped.append)
    assert [b.text for b in read_] == [text] or [s.reason for s in skipped] == ["empty"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"id": "a", "text": ', "no valid JSON"),
        ("[1, 2]", "not a JSON object"),
        ('{"id": "a"}', "« text » is missing"),
        ('{"id": "a", "text": 3}', "« text » is missing or is no string"),
        ('{"id": ["a"], "text": "x"}', "« id » must be a string"),
        ('{"id": true, "text": "x"}', "« id » must be a string"),
        ('{"id": "a", "date": 2021, "text": "x"}', "« date » must be a string"),
        ('{"id": "a", "date": "hier", "text": "x"}', "« date » is no ISO date"),
        ('{"id": "a", "date": "2021-02-30", "text": "x"}', "« date » is no ISO date"),
        ('{"id": "a", "date": "2021-13", "text": "x"}', "« date » is no ISO date"),
        ('{"id": "a", "date": "0001-01-01", "text": "x"}', "« date » is no ISO date"),
        ('{"id": "a", "lang": 1, "text": "x"}', "« lang » must be a string"),
        ('{"id": "a", "title": [], "text": "x"}', "« title » must be a string"),
        ('{"id": "a", "text": "\\ud800"}', "lone surrogate"),
        ('{"id": ' + "9" * 5000 + ', "text": "x"}', "no valid JSON"),
        ("[" * 100_000, "no valid JSON"),
    ],
)
def test_a_broken_line_is_told_with_its_number(tmp_path: Path, line: str, says: str) -> None:
    path = write(tmp_path, "briefs.jsonl", f'{{"id": "ok", "text": "Lyft quitte Paris."}}\n\n{line}\n')
    with pytest.raises(ReadError) as error:
        list(read([path]))
    assert str(error.value).startswith(f"{path}:3: ")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_what_stands_before_a_broken_line_is_read_first(tmp_path: Path) -> None:
    briefs = read([write(tmp_path, "b.jsonl", '{"id": "ok", "text": "Lyft quitte Paris."}\n{')])
    assert next(briefs).key == "ok"
    with pytest.raises(ReadError):
        next(briefs)


# --- keys and sources -------------------------------------------------------------------------------------------------


def test_a_source_stands_before_the_key(tmp_path: Path) -> None:
    path = write(tmp_path, "mai.txt", "- Lyft quitte Paris.\n- Uber regarde.")
    assert [(b.key, b.source) for b in read([path], source="AFP")] == [("AFP/mai#1", "AFP"), ("AFP/mai#2", "AFP")]
    assert [(b.key, b.source) for b in from_stdin('{"id": "a", "source": "Lettre", "text": "x"}', source="AFP")] == [("AFP/a", "Lettre")]


def test_one_key_for_two_texts_names_both_places(tmp_path: Path) -> None:
    path = write(tmp_path, "b.jsonl", '{"id": "a", "text": "Lyft quitte Paris."}\n{"id": "a", "text": "Uber regarde."}\n')
    with pytest.raises(ReadError) as error:
        list(read([path]))
    assert f"{path}:1" in str(error.value)
    assert str(error.value).startswith(f"{path}:2: ")


def test_the_same_brief_twice_is_read_once(tmp_path: Path) -> None:
    path = write(tmp_path, "b.jsonl", '{"id": "a", "text": "Lyft quitte Paris."}\n')
    skipped: list[Skip] = []
    assert len(list(read([path, path], on_skip=skipped.append))) == 1
    assert skipped == [Skip("a", f"{path}:1", f"already read in {path}:1")]


# --- languages and empty briefs ---------------------------------------------------------------------------------------


def test_another_language_is_skipped_and_told() -> None:
    lines = [
        {"id": "sure", "text": ENGLISH},
        {"id": "short", "text": ENGLISH[:150]},
        {"id": "given-fr", "lang": "fr-FR", "text": ENGLISH},
        {"id": "given-en", "lang": "en", "text": "Lyft quitte Paris."},
        {"id": "void", "text": " \u00a0\n"},
    ]
    skipped: list[Skip] = []
    briefs = from_stdin("\n".join(map(json.dumps, lines)), on_skip=skipped.append)
    assert [(b.key, b.lang) for b in briefs] == [("short", "fr"), ("given-fr", "fr")]
    assert [(s.key, s.where) for s in skipped] == [("sure", "stdin:1"), ("given-en", "stdin:4"), ("void", "stdin:5")]
    assert [s.reason.split(":")[0] for s in skipped] == ["another language", "another language", "empty"]


OTHERS = {
    "en": ENGLISH,
    "es": "Telefónica ha anunciado la compra de la empresa alemana por más de mil millones de euros. La operación, que se"
    " cerrará en el primer trimestre, permitirá al grupo español reforzar su presencia en el mercado europeo de los"
    " servicios en la nube para las empresas.",
    "it": "La società italiana ha annunciato l'acquisizione di una quota del gruppo francese per un valore di cento "
    "milioni di euro. L'operazione dovrebbe concludersi entro la fine dell'anno, dopo il via libera delle autorità."
    " Il gruppo punta così a rafforzarsi in Europa.",
    "de": "Die Deutsche Telekom hat angekündigt, das Unternehmen für eine Milliarde Euro zu übernehmen. Der Konzern will "
    "damit seine Position auf dem Markt der Cloud-Dienste stärken. Die Behörden müssen der Übernahme noch "
    "zustimmen, eine Entscheidung wird im Herbst erwartet.",
    "nl": "De chipmachinefabrikant ASML heeft aangekondigd dat het bedrijf een fabriek in Eindhoven gaat bouwen. De bouw "
    "kost meer dan een miljard euro en moet in 2028 klaar zijn. Het bedrijf zegt dat er een groot tekort is aan "
    "ruimte voor nieuwe medewerkers in de regio.",
    "pt": "A empresa portuguesa anunciou que vai abrir um novo centro de engenharia no Porto com mais de duzentos "
    "trabalhadores. O investimento, que chega aos dez milhões de euros, será feito ao longo dos próximos três anos "
    "e conta com o apoio da câmara municipal.",
    "ro": "Compania UiPath a anunțat că va deschide un nou centru de cercetare la București, cu peste două sute de "
    "angajați. Investiția se ridică la zece milioane de euro și va fi finalizată până la sfârșitul anului, potrivit"
    " unui comunicat. Directorul a declarat că este mulțumit de acordul încheiat pentru noul sediu din oraș.",
    "ja": "国内のスタートアップ企業は昨年、過去最高の資金を調達した。" * 12,
    "ru": "Компания объявила о покупке разработчика программного обеспечения за сто миллионов рублей. " * 3,
}


@pytest.mark.parametrize("text", OTHERS.values(), ids=OTHERS)
def test_other_languages_are_told(text: str) -> None:
    assert foreign(text) is not None
    assert foreign(f"{text} {' '.join(g['text'] for g in gold())}") is None, "half French is French"


def test_french_without_accents_and_full_of_names_is_kept() -> None:
    assert foreign(" ".join(g["text"] for g in gold())) is None
    assert all(foreign(g["text"]) is None for g in gold())
    assert (
        foreign("Google Cloud Next, AWS Summit Paris, Microsoft Build, Apple WWDC, Salesforce Dreamforce: les grands rendez-vous " * 3)
        is None
    )
    assert foreign("IBM croque Waeg. " * 1000) is None, "nothing tells another language"
    assert (
        foreign("OVHcloud, Ikoula, Gandi, Scaleway, Clever Cloud, Outscale, Infomaniak, Hetzner, Leaseweb, Rackspace, DigitalOcean. " * 3)
        is None
    )


# --- folders, standard input, encodings -------------------------------------------------------------------------------


def test_a_folder_is_read_in_order_and_through(tmp_path: Path) -> None:
    write(tmp_path, "b.txt", "Lyft quitte Paris.")
    write(tmp_path, "a/z.md", "- Uber regarde.")
    write(tmp_path, "a/y.JSONL", '{"id": "j", "text": "Bolt arrive."}')
    write(tmp_path, "a/photo.png", b"\x89PNG\x00")
    write(tmp_path, ".cache/c.txt", "Caché.")
    assert [b.key for b in read([str(tmp_path)])] == ["j", "z#1", "b#1"]


def test_standard_input_is_a_page_or_json_lines() -> None:
    assert [(b.key, b.text) for b in from_stdin("\n► Lyft quitte Paris.\n► Uber regarde.\n")] == [
        ("stdin#1", "Lyft quitte Paris."),
        ("stdin#2", "Uber regarde."),
    ]
    assert [b.key for b in from_stdin('\ufeff\n {"id": "a", "text": "Lyft quitte Paris."}')] == ["a"]


def test_standard_input_mixes_with_files(tmp_path: Path) -> None:
    path = write(tmp_path, "b.txt", "Lyft quitte Paris.")
    assert [b.key for b in read([path, "-"], stdin=io.BytesIO(b"Uber regarde."))] == ["b#1", "stdin#1"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, newline: str) -> None:
    text = newline.join(["- L'été, « Orange »\u00a0dénonce à Bègles.", "Cela coûte cher.", "- Noël : Free relève ses prix."])
    path = write(tmp_path, "b.txt", text.encode(encoding))
    assert [b.text for b in read([path])] == ["L'été, « Orange »\u00a0dénonce à Bègles.\nCela coûte cher.", "Noël : Free relève ses prix."]


def test_json_lines_in_windows_1252(tmp_path: Path) -> None:
    path = write(tmp_path, "b.jsonl", '{"id": "é", "text": "L’été coûte 3 €…"}\n'.encode("cp1252"))
    assert [(b.key, b.text) for b in read([path])] == [("é", "L’été coûte 3 €…")]


def test_broken_utf8_is_not_read_as_something_else() -> None:
    whole = "Été, forêt, œuvre : à Bègles, l’usine Kéolis ferme.\nNoël approche.".encode()
    with pytest.raises(ReadError, match="UTF-8 with a broken character on line 2"):
        decode(whole.replace("ë".encode(), b"\xc3"), "b.txt")
    with pytest.raises(ReadError, match="UTF-16"):
        decode("été".encode("utf-16"), "b.txt")
    with pytest.raises(ReadError, match="neither UTF-8 nor Windows-1252"):
        decode("été ".encode("cp1252") + b"\x81", "b.txt")


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("b.txt", b"", "is empty"),
        ("b.jsonl", b"\n \n", "is empty"),
        ("b.txt", b"\xef\xbb\xbf\n", "is empty"),
        ("b.txt", b"\xc2\xa0\n", "holds no text"),
        ("b.txt", b"---\n", "holds no text"),
        ("b.txt", b"\x7fELF\x02\x01\x01\x00", "binary file"),
        ("b.pdf", b"%PDF-1.7\nrest", "binary file"),
        ("b.jsonl", b"\x00\x00{}", "binary file"),
        ("b.json", b'[{"text": "x"}]', "no JSON Lines file"),
    ],
)
def test_bad_files_are_one_clear_line(tmp_path: Path, name: str, data: bytes, says: str) -> None:
    path = write(tmp_path, name, data)
    with pytest.raises(ReadError) as error:
        list(read([path]))
    assert str(error.value).startswith(path)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_bad_paths(tmp_path: Path) -> None:
    missing = str(tmp_path / "absent.txt")
    for call, kind, says in [
        (lambda: read([missing]), ReadError, f"{missing}: no such file or folder"),
        (lambda: read([str(tmp_path)]), ReadError, "no file of briefs in this folder"),
        (lambda: read([]), UsageError, "nothing to read"),
        (lambda: read(["-", "-"], stdin=io.BytesIO(b"x")), UsageError, "only once"),
        (lambda: read(["a\0b"]), UsageError, "no valid path"),
        (lambda: read(["-"], stdin=io.BytesIO()), ReadError, "stdin: is empty"),
    ]:
        _raises(call, kind, says)


def _raises(call: Callable[[], Any], kind: type[KgError], says: str) -> None:
    with pytest.raises(kind) as error:
        list(call())
    assert says in str(error.value)


def test_a_very_long_brief_is_read() -> None:
    text = "Orange étend son réseau à Limoges. " * 6000
    assert [b.text for b in from_stdin(f"- {text}\n- Fin.")] == [text.strip(), "Fin."]


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary() | st.text(alphabet=st.sampled_from("-►•*# \n\t.:«»[]{}\"aÉIl’'_`()")).map(str.encode))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with suppress(KgError):
        for brief in from_stdin(data):
            assert brief.text.strip()
            assert brief.key.startswith("stdin#") or data.lstrip(b"\xef\xbb\xbf \n\r\t").startswith(b"{")


PIECES = st.lists(
    st.sampled_from(
        [
            "- ",
            "► ",
            "• ",
            "# ",
            "## ",
            "---",
            "[En bref] ",
            "  ",
            "\n",
            "\n\n",
            "Orange vend.",
            "Il part",
            "« Non »",
            "**Gras**",
            "liste :",
        ]
    )
)


@settings(max_examples=300)
@given(PIECES, st.booleans())
def test_cutting_a_page_loses_no_word(pieces: list[str], markdown: bool) -> None:
    page = "".join(pieces)
    items = split_page(page, markdown=markdown)
    assert all(i.text and i.text == i.text.strip() for i in items)
    kept = " ".join(f"{i.title or ''} {i.text}" for i in items)
    for word in ("Orange vend.", "« Non »"):
        if any(line.strip() == word for line in page.split("\n")):
            assert word in kept


# --- what continues an item -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "paragraph",
    [
        "« Nous recrutons », dit la directrice.",
        '"Rien n\'est décidé", précise un porte-parole.',
        "Cette décision surprend.",
        "C’est la troisième en un an.",
        "Ils seront deux cents.",
        "Celui-ci part à la retraite.",
        "En cause : les droits de douane.",
        "Sa rivale suit la même voie.",
        "De son côté, le syndicat proteste.",
        "Fin mars, Valeo avait prévenu ses équipes.",
        "Selon Marchetti, tout va bien.",
        "et ce n’est pas fini.",
    ],
)
def test_a_paragraph_continues_the_item(paragraph: str) -> None:
    assert continues(paragraph, "Valeo coupe dans ses effectifs. Paolo Marchetti l’annonce à Créteil.")


@pytest.mark.parametrize(
    "paragraph",
    [
        "Michelin ouvre un laboratoire.",
        "Il y a du mouvement chez Michelin.",
        "Cette semaine, Michelin ouvre un laboratoire.",
        "C’est officiel : Michelin change de patron.",
        "Le fabricant Michelin recrute. Valeo aussi.",
        "Plusieurs élus, dont ceux de Paris, haussent le ton.",
        "Depuis lundi, Michelin recrute.",
    ],
)
def test_a_paragraph_opens_an_item(paragraph: str) -> None:
    assert not continues(paragraph, "Valeo coupe dans ses effectifs à Paris. Depuis un an, les commandes baissent.")
