"""Feeds and web pages: every dialect, encodings told rightly and wrongly, broken and hostile markup, bounds in time."""

from __future__ import annotations

import html
import io
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.briefs import EXTENSIONS, Skip, read, read_document, split_page
from kg.briefs.decoding import decode_markup
from kg.briefs.markup import MAX_ELEMENTS, rewritten, text_of
from kg.errors import KgError, ReadError
from kg.model import Brief

NEWS = "L’éditeur lyonnais Esker a cédé « Market Dojo » à Bègles."
ITEM = (
    "<item><title>Esker cède</title><guid>https://lettre.example/esker</guid><pubDate>Tue, 18 May 2021 23:30:00 +0200</pubDate>"
    f"<description>{NEWS}</description></item>"
)

RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>La lettre</title><link>https://lettre.example/</link><language>fr-FR</language>
<item><title>Esker c&egrave;de &amp; vend</title><link>https://lettre.example/esker?p=1</link><guid isPermaLink="false">17</guid>
<media:title>image</media:title><description>court […]</description><pubDate>Tue, 18 May 2021 23:30:00 +0200</pubDate>
<content:encoded><![CDATA[<p>{NEWS}</p><script>if (a<b) x("<p>non</p>")</script><ul><li>Un&nbsp;point</li><li>R&D</li></ul>
<p>L’article <a href="x">Esker</a> est apparu en premier sur <a>La lettre</a>.</p>]]></content:encoded></item>
</channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>La lettre</title>
<entry><title type="html">Esker c&amp;egrave;de &amp;amp; vend</title><id>tag:lettre.example,2021:17</id>
<link rel="self" href="https://lettre.example/a.xml"/><link href="https://lettre.example/esker?p=1"/>
<updated>2022-01-01T00:00:00Z</updated><published>2021-05-18T23:30:00+02:00</published><summary>court</summary>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{NEWS}</p><ul><li>Un\u00a0point</li><li>R&amp;D</li></ul></div></content></entry>
</feed>"""
RDF = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://lettre.example/"><title>La lettre</title>
<dc:language>fr</dc:language></channel><item rdf:about="https://lettre.example/esker?p=1"><title>Esker c\u00e8de &amp; vend</title><link>https://lettre.example/esker?p=1</link>
<dc:date>2021-05-18</dc:date><description>&lt;p&gt;{NEWS}&lt;/p&gt;&lt;ul&gt;&lt;li&gt;Un\u00a0point&lt;/li&gt;&lt;li&gt;R&amp;amp;D</description>
</item></rdf:RDF>"""

PARAGRAPHS = (
    "L’éditeur lyonnais Esker a cédé sa filiale britannique Market Dojo à un fonds, pour un montant qui n’a pas été rendu public.",
    "La société, fondée en 1985, compte mille salariés et veut se recentrer sur ses logiciels de gestion des factures.",
)
PAGE = f"""<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"><title>Esker cède Market Dojo | La lettre</title>
<meta property="og:title" content="Esker cède Market Dojo">
<meta property="article:published_time" content="2021-05-18T23:30:00+02:00"><link rel="canonical" href="https://lettre.example/esker"></head>
<body><nav><ul><li><a href="/">Accueil</a></li><li><a href="/tech">Tech</a></li></ul></nav><article><h1>Esker cède Market Dojo</h1>
<p>{PARAGRAPHS[0]}</p><p>{PARAGRAPHS[1]}</p></article><aside><p>À lire aussi : les soldes</p></aside>
<footer><p>© 2019 La lettre. Tous droits réservés.</p></footer><script>document.write("<p>Publicité</p>")</script></body></html>"""


def found(document: str | bytes, suffix: str = "", **options: str) -> list[Brief]:
    """The briefs of a document that was fetched, before any is left out."""
    data = document.encode() if isinstance(document, str) else document
    return [f.brief for f in read_document(data, "doc", "doc", suffix, **options)]


def piped(document: str | bytes) -> tuple[list[Brief], list[Skip]]:
    """What is read when a document is piped in, and what is left out."""
    skipped: list[Skip] = []
    data = document.encode() if isinstance(document, str) else document
    return list(read(["-"], stdin=io.BytesIO(data), on_skip=skipped.append)), skipped


def rss(*items: str, head: str = "", before: str = '<?xml version="1.0"?>') -> str:
    return f'{before}<rss version="2.0"><channel>{head}{"".join(items)}</channel></rss>'


# --- dialects ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("feed", "key"),
    [(RSS, "https://lettre.example/esker?p=1"), (ATOM, "tag:lettre.example,2021:17"), (RDF, "https://lettre.example/esker?p=1")],
    ids=["rss", "atom", "rdf"],
)
def test_every_dialect_gives_the_same_brief(feed: str, key: str) -> None:
    text = f"{NEWS}\n- Un\u00a0point\n- R&D"
    source = "https://lettre.example/esker?p=1"
    assert piped(feed) == ([Brief(key, text, "2021-05-18", "fr", "Esker cède & vend", source)], [])


def test_a_web_page_is_its_article() -> None:
    text = "\n".join(PARAGRAPHS)
    address = "https://lettre.example/esker"
    assert piped(PAGE) == ([Brief(address, text, "2021-05-18", "fr", "Esker cède Market Dojo", address)], [])


def test_a_page_that_gives_no_address_has_that_it_was_fetched_from_or_the_file_s_name() -> None:
    page = PAGE.replace('<link rel="canonical" href="https://lettre.example/esker">', "")
    assert [b.key for b in found(page)] == ["doc#1"]
    assert [(b.key, b.source) for b in found(page, address="https://a.example/x")] == [("https://a.example/x", "https://a.example/x")]


def test_no_date_is_made_up_for_a_page() -> None:
    page = PAGE.replace('<meta property="article:published_time" content="2021-05-18T23:30:00+02:00">', "")
    assert [b.date for b in found(page)] == [None]


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("Tue, 18 May 2021 23:30:00 +0200", "2021-05-18"),
        ("18 May 2021 01:00 GMT", "2021-05-18"),
        ("2021-05-18T23:30:00.123+02:00", "2021-05-18"),
        ("2021-05-18T25:00", "2021-05-18"),
        ("2021-05", "2021-05"),
        ("mardi 18 mai", None),
        ("Mon, 01 Jan 0001 00:00:00 +0000", None),
        ("0001-01-01T00:00:00Z", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Tue, 99 May 2021 23:30:00 +9999", None),
        ("2021-02-30", None),
        ("", None),
    ],
)
def test_dates_of_items(said: str, date: str | None) -> None:
    assert [b.date for b in found(rss(f"<item><description>{NEWS}</description><pubDate>{said}</pubDate></item>"))] == [date]


def test_an_item_without_an_address_has_a_key_that_stays_when_others_come_before_it() -> None:
    one, other = "<item><description>Lyft quitte Paris.</description></item>", "<item><description>Uber regarde.</description></item>"
    before, after = found(rss(one)), found(rss(other, one))
    assert before[0] == after[1]
    assert len({b.key for b in after}) == 2
    assert [b.key for b in found(rss("<item><guid>17</guid><description>x y</description></item>"))] == ["doc#17"]


def test_a_title_alone_is_read_as_the_text() -> None:
    assert [b.text for b in found(rss("<item><title>IBM croque Waeg</title></item>"))] == ["IBM croque Waeg"]


def test_an_item_of_several_briefs_is_cut() -> None:
    item = "<item><guid>https://a.example/b</guid><title>[En bref] Le télex</title><description>{}</description></item>"
    briefs = found(rss(item.format(html.escape("<ul><li>Lyft quitte Paris.</li><li>Uber regarde.</li></ul>"))))
    assert [(b.key, b.title, b.text) for b in briefs] == [
        ("https://a.example/b#1", "Le télex", "Lyft quitte Paris."),
        ("https://a.example/b#2", "Le télex", "Uber regarde."),
    ]


def test_another_language_is_left_out_and_told() -> None:
    english = "<item><guid>urn:a:b</guid><description>" + "The company has announced that it will buy the start-up for a lot. " * 9
    briefs, skipped = piped(rss(english + "</description></item>", ITEM))
    assert [b.key for b in briefs] == ["https://lettre.example/esker"]
    assert [(s.key, s.reason.split(":")[0]) for s in skipped] == [("urn:a:b", "another language")]
    _, skipped = piped(rss(ITEM, head="<language>en-us</language>"))
    assert [s.reason for s in skipped] == ["another language: its lang is « en »"]
    _, skipped = piped(PAGE.replace('lang="fr"', 'lang="de"'))
    assert [s.reason for s in skipped] == ["another language: its lang is « de »"]


def test_an_item_changed_between_two_files_is_read_once_and_told(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(rss(ITEM), encoding="utf-8")
    (tmp_path / "b.rss").write_text(rss(ITEM.replace("cédé", "vendu")), encoding="utf-8")
    skipped: list[Skip] = []
    briefs = list(read([str(tmp_path)], on_skip=skipped.append))
    assert [b.text for b in briefs] == [NEWS]
    assert "with another text, in" in skipped[0].reason


def test_a_folder_holds_feeds_pages_and_text(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(rss(ITEM), encoding="utf-8")
    (tmp_path / "b.html").write_text(PAGE.replace("lettre.example", "autre.example"), encoding="utf-8")
    (tmp_path / "c.txt").write_text("Lyft quitte Paris.", encoding="utf-8")
    (tmp_path / "d.html").write_text("<html><body><script>x</script></body></html>", encoding="utf-8")
    skipped: list[Skip] = []
    keys = [b.key for b in read([str(tmp_path)], on_skip=skipped.append)]
    assert keys == ["https://lettre.example/esker", "https://autre.example/esker", "c#1"]
    assert [(s.key, s.reason) for s in skipped] == [("d#1", "empty")]
    assert {".xml", ".html", ".txt"} < set(EXTENSIONS)


# --- encodings --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("codec", "declared"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-8"),
        ("utf-32", "utf-8"),
        ("cp1252", "windows-1252"),
        ("cp1252", "iso-8859-1"),
        ("cp1252", "utf-8"),
        ("utf-8", "iso-8859-1"),
        ("cp1252", "no-such-thing"),
        ("cp1252", "rot13"),
        ("cp1252", "utf-16"),
        ("mac-roman", "macintosh"),
    ],
)
@pytest.mark.parametrize("document", ["feed", "page"])
def test_encodings_are_found_whatever_is_declared(codec: str, declared: str, document: str) -> None:
    if document == "feed":
        data = rss(ITEM, before=f'<?xml version="1.0" encoding="{declared}"?>').encode(codec)
        assert [b.text for b in found(data)] == [NEWS]
    else:
        data = PAGE.replace('charset="utf-8"', f'charset="{declared}"').encode(codec)
        assert [b.text for b in found(data, ".html")] == ["\n".join(PARAGRAPHS)]


def test_the_server_s_word_counts_where_the_text_itself_says_nothing() -> None:
    data = rss(ITEM.replace("’", "'"), before="").encode("mac-roman")
    assert [b.text for b in found(data, encoding="macintosh")] == [NEWS.replace("’", "'")]


def test_one_broken_character_spoils_no_feed() -> None:
    data = (
        rss(ITEM, before='<?xml version="1.0" encoding="utf-8"?>').encode().replace("É".encode(), b"\xc3").replace(b"B\xc3\xa8", b"B\xc3")
    )
    assert [b.text for b in found(data)] == [NEWS.replace("è", "\ufffd")]


# --- hostile and broken markup ----------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "lol">{LAUGHS}]>',
        '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY % l9 SYSTEM "http://127.0.0.1:9/x.dtd"> %l9;]>',
        '<!DOCTYPE rss [<!ENTITY l9 "<rss>">]>',
    ],
    ids=["billion laughs", "file", "parameter", "root in an entity"],
)
def test_entities_of_a_feed_s_own_are_refused(doctype: str) -> None:
    with pytest.raises(ReadError, match="declares entities of its own"):
        found(rss("<item><description>&l9;</description></item>", before=doctype))


def test_what_a_doctype_names_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">'
    assert [b.text for b in found(rss(ITEM, before=doctype))] == [NEWS]
    assert [b.text for b in found(PAGE)] == ["\n".join(PARAGRAPHS)]
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    assert [b.text for b in found(rss(f"<item><description>Lyft quitte Paris.{include}</description></item>"))] == ["Lyft quitte Paris."]


@pytest.mark.parametrize(
    ("item", "text"),
    [
        (f"<item><description>{NEWS}", NEWS),
        (f"<item><description>{NEWS}</item>", NEWS),
        ("<item><description>AT&T vend R&D & Cie à Bègles</description></item>", "AT&T vend R&D & Cie à Bègles"),
        ("<item><description>soci&eacute;t&eacute; &inconnu; &#233;&#0;</description></item>", "société &inconnu; é\ufffd"),
        ("<item><content:encoded><p>Lyft <b>quitte</b> Paris.</p></content:encoded></item>", "Lyft quitte Paris."),
        ("<item><description>&lt;p&gt;Lyft &lt;b&gt;quitte&lt;/p&gt; Paris.</description></item>", "Lyft quitte\nParis."),
        ("<item><description>Lyft\x00 quitte\x0b Paris.</description></item>", "Lyft quitte Paris."),
        ("\n\n<item><description><![CDATA[Lyft quitte Paris.]]></description></item>", "Lyft quitte Paris."),
    ],
)
def test_broken_markup_is_put_up_with(item: str, text: str) -> None:
    assert [b.text for b in found(rss(item))] == [text]


@pytest.mark.parametrize(
    ("document", "suffix", "says"),
    [
        ("<?xml version='1.0'?><opml/>", ".xml", "is no feed"),
        ("bonjour", ".rss", "is no feed"),
        ("<p>x</p>" * (MAX_ELEMENTS + 1), ".html", "more than 15000 elements"),
        ("<p>" + "x" * 1_100_000, ".html", "more than 1000000 characters"),
        (b"<html>" + b" " * 10_000_001, ".html", "more than 10 MB"),
        (b"<rss>" + b" " * 20_000_001, ".xml", "more than 20 MB"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_feed_or_too_large_is_one_clear_line(document: str | bytes, suffix: str, says: str) -> None:
    with pytest.raises(ReadError) as error:
        found(document, suffix)
    assert says in str(error.value)
    assert str(error.value).startswith("doc: ")


def test_a_huge_item_is_left_out_and_the_others_read() -> None:
    huge = f"<item><guid>urn:a:b</guid><description>{html.escape('<p>x</p>' * (MAX_ELEMENTS + 1))}</description></item>"
    long = f"<item><guid>urn:a:c</guid><description>{'Lyft quitte Paris. ' * 30_000}</description></item>"
    briefs, skipped = piped(rss(huge, long, ITEM))
    assert [b.text for b in briefs] == [NEWS]
    assert [(s.key, s.reason.split(":")[0]) for s in skipped] == [("urn:a:b", "too long"), ("urn:a:c", "too long")]


def test_huge_files_are_refused_before_they_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kg.briefs.MAX_PAGE", 1000)
    for document, says in [("Lyft quitte Paris.\n" * 100, "is larger than"), ('{"text": "' + "x" * 2000, "has a line of more than")]:
        with pytest.raises(ReadError, match=says):
            piped(document)


def test_an_address_is_not_fetched_but_its_reader_is_named() -> None:
    with pytest.raises(ReadError, match="kg watch"):
        list(read(["https://lettre.example/feed.xml"]))


# --- rewriting markup -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("Bonjour", "Bonjour"),
        ("1 < 2 &amp; 3 > 2", "1 < 2 & 3 > 2"),
        ("1 &lt; 2 &amp; 3", "1 < 2 & 3"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<p title='a>b'>Oui</p><style>p{}</style><!-- <p>non</p> -->", "Oui"),
        ("<script>x</script><p>Oui</p><script>y", "Oui\ny"),
        ("<svg><title>non</title></svg>Oui", "Oui"),
        (f'<p><img src="data:{"A" * 9000}">Oui</p>', "Oui"),
        ("<ul><li><p>Un</p></li></ul>", "Un"),
        ("<figure><img><figcaption>Photo DR</figcaption></figure>Oui", "Oui"),
    ],
)
def test_the_text_of_markup(markup: str, text: str) -> None:
    assert text_of(markup) == text


HOSTILE: dict[str, Callable[[int], str]] = {
    "attributes": lambda n: "<p " + " ".join(f"a{i}=1" for i in range(n // 8)) + ">x</p>",
    "attributes after a quote": lambda n: '<p " a=">" ' + " ".join(f"a{i}=1" for i in range(n // 8)) + ">x</p>",
    "open tags": lambda n: "<a " * (n // 3),
    "quotes": lambda n: "<a \"'" * (n // 5),
    "comments": lambda n: "<!-- " * (n // 5),
    "scripts": lambda n: "<script>" * (n // 8),
    "declarations": lambda n: "<!" * (n // 2),
    "sections": lambda n: "<![CDATA[" * (n // 9),
    "ampersands": lambda n: "&" * n,
    "entities": lambda n: "&a" * (n // 2),
    "new lines": lambda n: "\n" * n + "x",
    "spaces": lambda n: "Fin. " + " " * n + "x",
    "digits": lambda n: "1" * n,
    "zero widths": lambda n: " \u200b" * (n // 2) + "x",
    "headings": lambda n: "# a\n" * (n // 4),
    "enumerations": lambda n: "Trois sites :\n- a\n- b\n" * (n // 22),
    "capitals": lambda n: "De " * (n // 3),
    "brackets": lambda n: "[![](" * (n // 5),
    "stars": lambda n: "**a " * (n // 4),
    "dots": lambda n: "a. " * (n // 3),
    "rules": lambda n: "- " * (n // 2) + "x",
    "deep": lambda n: "<div>" * (n // 5),
    "blockquotes": lambda n: "<b><i>a</b></i>" * (n // 15),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("kind", ["text", "feed", "item", "page"])
def test_time_grows_with_the_length(hostile: Callable[[int], str], kind: str) -> None:
    """A quadratic reader takes minutes for this; ours a second or two on a slow machine."""
    text = hostile(200_000)
    began = time.process_time()
    with suppress(KgError):
        if kind == "text":
            split_page(text, markdown=True)
            piped(text)
        elif kind == "feed":
            found(f"<rss><channel><item><title>{text}", ".xml")
        elif kind == "item":
            found(rss(f"<item><description>{html.escape(text)}</description></item>"))
        else:
            found(f"<html><body><p>{text}", ".html")
    assert time.process_time() - began < 10


PIECES = [
    *"<>&;\"'=/!?-[]x \n", "<p>", "</p>", "<item>", "</item>", "<description>", "<title>", "<![CDATA[", "]]>", "<!--", "-->", "<script>",
    "</script>", "<rss>", "<feed>", "<entry>", "<html lang='fr'>", "&amp;", "&#xD800;", "&#0;", "é", "\ud7ff", "😀", "<ul><li>",
    "<!DOCTYPE",
    "Orange vend une usine à Free.", "<?xml version='1.0' encoding='utf-16'?>", "<content:encoded>", "<a href='x'>", "<br/>",
]  # fmt: skip
MARKUP = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@settings(max_examples=250, deadline=5000, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | MARKUP.map(str.encode), st.sampled_from(["", ".xml", ".html", ".txt", ".md", ".jsonl"]), st.booleans())
def test_no_bytes_break_a_reader(data: bytes, suffix: str, wrapped: bool) -> None:
    if wrapped:
        data = b"<rss><channel><item><description>" + data if suffix != ".html" else b"<html><body><article>" + data
    with suppress(KgError):
        for brief in found(data, suffix) + piped(data)[0]:
            assert brief.key
            (brief.key + brief.text + (brief.title or "") + (brief.source or "")).encode()


@settings(max_examples=200)
@given(MARKUP)
def test_rewriting_twice_changes_nothing_more(markup: str) -> None:
    once = rewritten(markup)
    assert rewritten(once).count("<") <= once.count("<")
    assert text_of(markup) == "\n".join(filter(None, (line.strip() for line in text_of(markup).split("\n"))))


@settings(max_examples=200)
@given(st.binary(max_size=200), st.sampled_from([None, "utf-8", "latin-1", "utf-16", "base64", "idna", "\0"]))
def test_any_bytes_are_decoded(data: bytes, told: str | None) -> None:
    decode_markup(data, told).encode(errors="strict")
