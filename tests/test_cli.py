"""The command line as its users meet it: results, help, and every mistake told in one line."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
import rdflib

from kg import console, ontology, pipeline
from kg.cli import cli, run
from kg.model import Span

SEEDS = Path(__file__).parent.parent / "seeds"
GOLD = Path(__file__).parent / "gold" / "seeds.jsonl"
KG = (sys.executable, "-c", "from kg.cli import main; main()")


@dataclass(frozen=True)
class Done:
    """What a command did."""

    code: int
    out: str
    err: str


@pytest.fixture
def kg(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Done]:
    """Runs a command in this process, in an empty folder."""
    for name in ("KG_STORE", "KG_BASE", "KG_ONTOLOGY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str | Path) -> Done:
        capsys.readouterr()
        code = run([str(a) for a in arguments])
        shown = capsys.readouterr()
        return Done(code, shown.out, shown.err)

    return call


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A store of the seeds, and the folder of its files. Nobody writes to it."""
    folder = tmp_path_factory.mktemp("seeds")
    spec, out = f"oxigraph:{folder / 'store'}", folder / "export"
    with pipeline.build([SEEDS], store=spec, out=out):
        pass
    yield spec, out


def told(done: Done, code: int, *words: str) -> None:
    """A failure is one line that says what is wrong; no traceback, nothing on standard output."""
    lines = [line for line in done.err.splitlines() if line.startswith("kg: ")]
    assert (done.code, len(lines)) == (code, 1), done
    assert "Traceback" not in done.err
    for word in words:
        assert word in lines[0], lines[0]


# --- help -------------------------------------------------------------------------------------------------------------

COMMANDS = sorted(
    [(name,) for name, c in cli.commands.items() if not isinstance(c, click.Group)]
    + [(group, name) for group, c in cli.commands.items() if isinstance(c, click.Group) for name in c.commands]
)


def test_all_commands_are_there() -> None:
    wanted = (
        "assert backup build cite conflicts diff doctor duplicates evaluate explain export extract infer merge push queries query reject "
        "remove rename restore search serve show split stats validate view watch"
    )
    groups = {
        "names": "build",
        "relation": "new",
        "ontology": "build check",
        "decisions": "export import",
        "analyse": "bridges centrality co-investors communities growth path",
    }
    within = {f"{group} {name}" for group, names in groups.items() for name in names.split()}
    assert {" ".join(c) for c in COMMANDS} == {*wanted.split(), *within}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_explains_itself(command: tuple[str, ...], kg: Callable[..., Done]) -> None:
    done = kg(*command, "--help")
    assert done.code == 0
    assert done.out.startswith("Usage: kg ") and "--quiet" in done.out
    assert len(done.out.splitlines()) > 8


def test_help_version_and_completion(kg: Callable[..., Done]) -> None:
    assert "kg build seeds/" in kg("--help").out
    assert kg("--version").out.startswith("kg, version ")
    script = subprocess.run(KG, env={**os.environ, "_KG_COMPLETE": "bash_source"}, capture_output=True, text=True)
    assert script.returncode == 0, script.stderr
    assert "complete" in script.stdout
    words = {"_KG_COMPLETE": "bash_complete", "COMP_WORDS": "kg query --name acq", "COMP_CWORD": "3"}
    offered = subprocess.run(KG, env={**os.environ, **words}, capture_output=True, text=True, check=True)
    assert "acquisitions" in offered.stdout


def test_a_mistyped_command_is_answered_with_the_nearest(kg: Callable[..., Done]) -> None:
    told(kg("buidl", "x"), 2, "no command « buidl »", "build")
    told(kg("build"), 2, "PATHS", "kg build --help")
    told(kg("query", "--nothing"), 2, "--nothing")


# --- building ---------------------------------------------------------------------------------------------------------


def test_building_twice_changes_nothing_and_loads_no_model(kg: Callable[..., Done], tmp_path: Path) -> None:
    first = kg("build", SEEDS / "000_87eb13b9ece4ddd2.txt")
    assert first.code == 0, first.err
    assert "briefs    3 (3 added)" in first.out and "problems  0" in first.out
    assert "loading the French model" in first.err
    before = (tmp_path / "export/graph.ttl").read_bytes(), (tmp_path / "export/graph.html").read_bytes()
    second = kg("build", SEEDS / "000_87eb13b9ece4ddd2.txt")
    assert "briefs    3 (3 unchanged)" in second.out
    assert second.err == ""
    assert ((tmp_path / "export/graph.ttl").read_bytes(), (tmp_path / "export/graph.html").read_bytes()) == before
    quiet = kg("build", SEEDS / "000_87eb13b9ece4ddd2.txt", "--quiet", "--fresh")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")
    assert (tmp_path / "export/graph.ttl").read_bytes() == before[0]


def test_what_was_left_out_is_counted_and_told(kg: Callable[..., Done], tmp_path: Path) -> None:
    page = tmp_path / "news.jsonl"
    english = "The company announced that it would buy its rival for ten billion dollars, and that the deal was to close this year. " * 4
    lines = [{"id": "a", "text": "IBM rachète Waeg."}, {"id": "b", "text": "  "}, {"id": "c", "text": english}]
    page.write_text("\n".join(map(json.dumps, lines)))
    done = kg("build", page, "--verbose")
    assert "skipped   2" in done.out and "b: empty" in done.out and "c: another language" in done.out
    assert "reading documents" in done.err and " s\n" in done.err


def test_a_source_comes_before_the_keys(kg: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("IBM rachète Waeg.")
    assert kg("build", "page.txt", "--source", "telex", "--quiet").code == 0
    assert kg("stats", "--briefs").out.splitlines()[1].split() == ["telex/page#1"]


def test_standard_input_is_built_and_a_broken_page_changes_nothing(kg: Callable[..., Done], tmp_path: Path) -> None:
    done = subprocess.run((*KG, "build", "-", "-q"), input="Google a racheté Fitbit.", cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    before = kg("export").out
    assert "stdin#1" in before
    (tmp_path / "bad.jsonl").write_text('{"id": "a", "text": "Microsoft a racheté GitHub."}\n{\n')
    told(kg("build", "bad.jsonl"), 1, "bad.jsonl:2")
    told(kg("build", "bad.jsonl", "--fresh"), 1, "bad.jsonl:2")
    assert kg("export").out == before


def test_a_terminal_gets_a_progress_bar_and_drawn_tables(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Google a racheté Fitbit.")
    ours, theirs = os.openpty()
    with subprocess.Popen((*KG, "build", "page.txt"), cwd=tmp_path, stdin=theirs, stdout=theirs, stderr=theirs) as child:
        os.close(theirs)
        said = b""
        with contextlib.suppress(OSError):  # the end of a terminal
            while piece := os.read(ours, 4096):
                said += piece
    os.close(ours)
    shown = said.decode()
    assert child.returncode == 0, shown
    assert "loading the French model…" in shown and "━" in shown
    assert "───" in shown and "written   export/graph.html" in shown


def test_extract_writes_the_gold_format_with_evidence(kg: Callable[..., Done], tmp_path: Path) -> None:
    done = kg("extract", SEEDS / "001_75b6cc072bd5d232.txt", "--format", "jsonl", "--out", "said.jsonl", "-q")
    assert (done.code, done.out, done.err) == (0, "", "")
    records = [json.loads(line) for line in (tmp_path / "said.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [r["id"] for r in records] == [f"001_75b6cc072bd5d232#{n}" for n in (1, 2, 3)]
    pieces = [(r["text"], e, s) for r in records for s in (*r["relations"], *r["attributes"]) for e in s["evidence"]]
    assert pieces
    for text, evidence, said in pieces:
        assert 0 <= evidence["start"] <= evidence["trigger"][0] < evidence["trigger"][1] <= evidence["end"] <= len(text)
        assert said["status"] in {"asserted", "planned", "rumoured", "denied"}


def test_extract_shows_each_brief_with_its_claims(kg: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Google a racheté Fitbit pour 2,1 milliards de dollars.")
    done = kg("extract", "page.txt")
    assert "Google —acquires→ Fitbit  asserted  amount 2100000000 USD" in done.out
    assert "« [Google] a *racheté* [Fitbit] pour" in done.out


def test_standard_input_and_output() -> None:
    done = subprocess.run(
        (*KG, "extract", "-", "--format", "jsonl"), input="Google a racheté Fitbit.", capture_output=True, text=True, check=True
    )
    record = json.loads(done.stdout)
    assert record["id"] == "stdin#1"
    assert [(r["s"], r["p"], r["o"]) for r in record["relations"]] == [("Google", "acquires", "Fitbit")]
    assert done.stderr == "loading the French model…\n"


def test_explain_tells_matches_and_near_misses(kg: Callable[..., Done]) -> None:
    done = kg("explain", "Google a racheté Fitbit. Le rachat a surpris.")
    assert "Google (Company)" in done.out and "Google —acquires→ Fitbit" in done.out
    assert "acquires/" in done.out and "prend le contrôle" in done.out
    misses = done.out.split("near misses: ")[1]
    assert "« rachat »" in misses and "no " in misses
    told(kg("explain", "  "), 2, "nothing to explain")


# --- asking -----------------------------------------------------------------------------------------------------------


def test_query_in_each_format(kg: Callable[..., Done], built: tuple[str, Path], tmp_path: Path) -> None:
    sparql = 'SELECT ?e ?label { ?e rdfs:label ?label FILTER(?label = "Onepoint") }'
    ask = ("query", sparql, "--store", built[0])
    iri = "https://w3id.org/techkg/id/org/onepoint"
    assert "Onepoint" in kg(*ask).out
    assert kg(*ask, "--format", "csv").out.splitlines() == ["e,label", f"{iri},Onepoint"]
    assert kg(*ask, "--format", "tsv").out.splitlines()[1] == f'<{iri}>\t"Onepoint"'
    assert json.loads(kg(*ask, "--format", "json").out)["results"]["bindings"][0]["e"]["value"] == iri
    (tmp_path / "q.rq").write_text("\ufeff" + sparql, encoding="utf-8")
    assert kg("query", "-f", "q.rq", "--store", built[0], "--format", "csv", "--out", "rows.csv").out == ""
    assert (tmp_path / "rows.csv").read_text().splitlines()[1] == f"{iri},Onepoint"
    built_graph = kg("query", "CONSTRUCT { ?e a kg:Found } { ?e rdfs:label 'Onepoint' }", "--format", "ttl", "--store", built[0]).out
    assert len(rdflib.Graph().parse(data=built_graph, format="turtle")) == 1
    told(kg(*ask, "--format", "ttl"), 2, "Turtle")


def test_values_are_bound_as_terms(kg: Callable[..., Done], built: tuple[str, Path]) -> None:
    ask = ("query", "SELECT ?e ?label { ?e rdfs:label ?label }", "--store", built[0], "--format", "csv")
    assert kg(*ask, "e=onepoint").out.splitlines()[1:] == ["https://w3id.org/techkg/id/org/onepoint,Onepoint"]
    hostile = 'label=" } ; DROP ALL ; SELECT * { ?s ?p "'
    assert kg(*ask, hostile).out.splitlines() == ["e,label"]
    told(kg(*ask, "Onepoint"), 2, "KEY=VALUE")
    told(kg(*ask, "other=Onepoint"), 2, "?other")


def test_named_queries_are_listed_shown_and_asked(kg: Callable[..., Done], built: tuple[str, Path]) -> None:
    listed = kg("queries").out
    assert sum(not line.startswith(" ") for line in listed.splitlines()) >= 10
    assert "SELECT" in kg("queries", "members").out and "leader" in kg("queries", "members").out
    told(kg("queries", "menbers"), 2, "menbers", "members")
    assert "Econocom" in kg("query", "--name", "members", "leader=Onepoint", "--store", built[0]).out
    told(kg("query", "--name", "nothing", "--store", built[0]), 2, "nothing")
    told(kg("query", "--name", "members", "colour=red", "--store", built[0]), 2, "colour")
    told(kg("query", "--name", "card", "--store", built[0]), 2, "entity=")
    told(kg("query", "--name", "members", "-f", "x", "--store", built[0]), 2, "--file", "--name")


def test_queries_that_are_refused(kg: Callable[..., Done], built: tuple[str, Path]) -> None:
    ask = ("query", "--store", built[0])
    told(kg(*ask, "SELECT ?s {\n ?s ?p }"), 2, "malformed SPARQL", "line 2, column")
    told(kg(*ask, "SELECT * { SERVICE <https://example.org/> { ?s ?p ?o } }"), 2, "SERVICE is refused")
    told(kg(*ask, "LOAD <https://example.org/>"), 2, "LOAD is refused")
    told(kg(*ask, "DELETE WHERE { ?s ?p ?o }"), 2, "refused")
    told(kg(*ask, "SELECT * { ?s nope:x ?o }"), 2, "nope")
    told(kg(*ask), 2, "no query")
    told(kg(*ask, "-f", "missing.rq"), 1, "missing.rq", "No such file")


def test_show_tells_what_is_said_of_an_entity(kg: Callable[..., Done], built: tuple[str, Path]) -> None:
    shown = kg("show", "onepoint", "--store", built[0]).out
    assert shown.startswith("Onepoint  Company")
    assert "—leads→" in shown and "« " in shown and "001_75b6cc072bd5d232#1" in shown
    told(kg("show", "Onepont", "--store", built[0]), 2, "Onepont", "Onepoint")


def test_stats_and_validate(kg: Callable[..., Done], built: tuple[str, Path], tmp_path: Path) -> None:
    counted = kg("stats", "--store", built[0]).out
    assert "9 briefs" in counted and "Company" in counted
    assert [line.split()[0] for line in kg("stats", "--briefs", "--store", built[0]).out.splitlines()[1:]][:1] == ["000_87eb13b9ece4ddd2#1"]
    sound = kg("validate", "--store", built[0])
    assert (sound.code, sound.out) == (0, "0 problems\n")


def test_validate_fails_on_a_broken_graph(kg: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("Google a racheté Fitbit.")
    assert kg("build", "page.txt", "-q").code == 0
    with pipeline.open("oxigraph:.kg/store", read_only=False) as store:
        store.raw.update(
            "PREFIX kg: <https://w3id.org/techkg/ontology#> DELETE { ?c kg:status ?s } INSERT { ?c kg:status kg:denied }"
            " WHERE { ?c a kg:Claim ; kg:status ?s }"
        )
    done = kg("validate")
    assert done.code == 1
    assert done.out.startswith("violation: ") and "problems (" in done.out


# --- writing ----------------------------------------------------------------------------------------------------------


def test_export_and_view(kg: Callable[..., Done], built: tuple[str, Path], tmp_path: Path) -> None:
    assert kg("export", "--store", built[0]).out.encode() == (built[1] / "graph.ttl").read_bytes()
    told_ = kg("export", "--store", built[0], "--format", "ntriples", "--out", "g/graph.nt")
    assert told_.out.startswith("g/graph.nt: ")
    whole, facts = rdflib.Graph().parse(tmp_path / "g/graph.nt"), rdflib.Graph()
    assert set(whole) == set(rdflib.Graph().parse(built[1] / "graph.ttl"))
    facts.parse(data=kg("export", "--store", built[0], "--facts-only").out)
    assert 0 < len(facts) < len(whole) and set(facts) <= set(whole)
    bare = rdflib.Graph().parse(data=kg("export", "--store", built[0], "--text", "none").out)
    assert set(whole) - set(bare) and not any("croque Waeg" in str(o) for o in bare.objects())
    assert kg("view", "--store", built[0]).out == "export/graph.html\n"
    assert (tmp_path / "export/graph.html").read_bytes() == (built[1] / "graph.html").read_bytes()
    told(kg("view", "--store", built[0], "--out", "-", "--open"), 2, "--open")


def test_removing_a_brief_leaves_no_trace(kg: Callable[..., Done], tmp_path: Path) -> None:
    for name, text in (("a", "Google a racheté Fitbit."), ("b", "Microsoft a racheté GitHub.\n\nOracle a racheté Sun.")):
        (tmp_path / f"{name}.txt").write_text(text)
    kg("build", "a.txt", "-q")
    alone = kg("export").out
    kg("build", "b.txt", "-q")
    assert kg("export").out != alone
    assert kg("remove", "b.txt").out == "removed b#1\nremoved b#2\n"
    assert kg("export").out == alone
    (tmp_path / "b.txt").unlink()
    told(kg("remove", "b.txt"), 2, "b.txt")
    assert kg("remove", "a#1").out == "removed a#1\n"
    assert "0 briefs, 0 entities, 0 pieces of evidence, 0 triples" in kg("stats").out


# --- the ontology -----------------------------------------------------------------------------------------------------


def test_relation_new_writes_a_file_that_loads(kg: Callable[..., Done], tmp_path: Path) -> None:
    done = kg("relation", "new", "licensesTo", "--range", "Product", "--range", "Organization", "--ontology", "mine")
    assert (done.code, done.out) == (0, "mine/relations/licensesTo.toml\n")
    loaded = ontology.load(ontology.default_folders([tmp_path / "mine"]))
    assert loaded.relations["licensesTo"].range == ("Product", "Organization")
    assert loaded.relations["licensesTo"].label.en == "licenses to"
    # What the comments show is right as well: uncommented, it loads with one frame.
    path = tmp_path / "mine/relations/licensesTo.toml"
    head, _, example = path.read_text().partition("# [[fr.frame]]")
    path.write_text(head + "[[fr.frame]]" + example.replace("\n# ", "\n").replace("\n#\n", "\n\n"))
    assert len(ontology.load(ontology.default_folders([tmp_path / "mine"])).relations["licensesTo"].frames) == 1
    told(kg("relation", "new", "licensesTo", "--ontology", "mine"), 1, "already", "licensesTo.toml")
    told(kg("relation", "new", "acquires", "--ontology", "mine"), 1, "already")
    told(kg("relation", "new", "Licenses!", "--ontology", "mine"), 2, "Licenses!")
    told(kg("relation", "new", "licenses", "--range", "Thing", "--ontology", "mine"), 2, "Thing", "Company")
    told(kg("relation", "new", "licenses"), 2, "--ontology")


def test_ontology_build_and_check(kg: Callable[..., Done], tmp_path: Path) -> None:
    out = kg("ontology", "build", "--out", "made")
    assert (out.code, {Path(line).name for line in out.out.splitlines()}) == (
        0,
        {"kg.ttl", "shapes.ttl", "alignments.ttl", "context.jsonld", "README.md"},
    )
    assert "all in order" in kg("ontology", "check", "--out", "made").out
    (tmp_path / "made/kg.ttl").write_text("")
    told(kg("ontology", "check", "--out", "made"), 1, "kg.ttl", "kg ontology build")
    (tmp_path / "mine/relations").mkdir(parents=True)
    (tmp_path / "mine/relations/acquires.toml").write_text("label = 1\ncolour = 2")
    told(kg("ontology", "check", "--ontology", "mine"), 1, "acquires.toml", "colour")
    told(kg("ontology", "check", "--ontology", "missing"), 1, "missing", "no such folder")


# --- evaluating -------------------------------------------------------------------------------------------------------


def test_evaluate_scores_predictions(kg: Callable[..., Done], tmp_path: Path) -> None:
    done = kg("evaluate", GOLD, "--predicted", GOLD, "--json")
    numbers = json.loads(done.out)
    assert numbers["relations"]["f1"] == numbers["attributes"]["f1"] == numbers["typed entities"]["f1"] == 1
    (tmp_path / "none.jsonl").write_text('{"id": "other"}\n')
    shown = kg("evaluate", GOLD, "--predicted", "none.jsonl", "--errors").out
    assert "000-3 | missed | acquires | ibm | waeg" in shown and "relations" in shown
    (tmp_path / "bad.jsonl").write_text('{"id": "x"}\n{"id": 1}\n')
    told(kg("evaluate", "bad.jsonl"), 1, "bad.jsonl:2")
    told(kg("evaluate", "missing.jsonl"), 1, "missing.jsonl")


# --- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.txt", b"", ("empty.txt", "is empty")),
        ("binary.txt", b"\x89PNG\r\n\x1a\n\0\0\0", ("binary.txt", "binary")),
        ("broken.jsonl", b'{"id": "a", "text": "IBM."}\n\n{"id": "b", "text"\n', ("broken.jsonl:3", "no valid JSON")),
        ("listed.jsonl", b"[1]\n", ("listed.jsonl:1", "not a JSON object")),
        ("dated.jsonl", b'{"id": "a", "text": "IBM.", "date": "hier"}\n', ("dated.jsonl:1", "hier")),
        ("torn.txt", "é à è".encode() * 9 + b"\xe9 fin", ("torn.txt", "broken character on line 1")),
        ("wide.txt", "IBM".encode("utf-16"), ("wide.txt", "UTF-16")),
    ],
)
def test_a_document_that_cannot_be_read(name: str, content: bytes, words: tuple[str, ...], kg: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    told(kg("build", name), 1, *words)
    assert not (tmp_path / ".kg").exists() and not (tmp_path / "export").exists()


def test_paths_that_are_not_there(kg: Callable[..., Done], tmp_path: Path) -> None:
    told(kg("build", "nowhere.txt"), 1, "nowhere.txt", "no such file")
    (tmp_path / "void").mkdir()
    told(kg("extract", "void"), 1, "void", "no file of briefs")
    told(kg("stats"), 1, ".kg/store", "there is no store here")
    told(kg("remove", "x"), 1, "there is no store here")
    told(kg("stats", "--store", "mysql:x"), 1, "mysql:x")
    told(kg("stats", "--store", "memory"), 2, "memory")


def test_texts_with_nothing_to_read_in_them_are_read(kg: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "odd.jsonl").write_text("\n".join(json.dumps({"text": t}) for t in ("Rien de neuf.", "!!!", "\u200b42 €", "🎮 " * 40)))
    done = kg("extract", "odd.jsonl")
    assert done.code == 0, done.err
    assert done.out.count("(no claim)") == 4


def test_a_very_long_brief_is_read(kg: Callable[..., Done], tmp_path: Path) -> None:
    sentence = "Selon la presse, Google a racheté Fitbit pour 2,1 milliards de dollars et Back Market recrute à Paris. "
    (tmp_path / "long.jsonl").write_text(json.dumps({"id": "long", "text": sentence * (200_000 // len(sentence) + 1)}))
    done = kg("extract", "long.jsonl", "--format", "jsonl")
    assert done.code == 0, done.err
    record = json.loads(done.out)
    assert len(record["text"]) > 200_000
    assert ("Google", "acquires", "Fitbit") in {(r["s"], r["p"], r["o"]) for r in record["relations"]}


def test_folders_that_cannot_be_written(kg: Callable[..., Done], built: tuple[str, Path], tmp_path: Path) -> None:
    # /proc refuses new files even to root.
    told(kg("export", "--store", built[0], "--out", "/proc/kg/graph.ttl"), 1, "/proc/kg", "cannot be written")
    told(kg("view", "--store", built[0], "--out", "/proc/kg.html"), 1, "/proc/kg.html", "cannot be written")
    told(kg("query", "ASK {}", "--store", built[0], "--out", "/proc/kg.csv"), 1, "/proc/kg.csv")
    told(kg("ontology", "build", "--out", "/proc/kg"), 1, "/proc/kg")
    (tmp_path / "page.txt").write_text("Google a racheté Fitbit.")
    told(kg("build", "page.txt", "--store", "oxigraph:/proc/kg/store"), 1, "/proc/kg/store")
    # What the briefs say is stored even if the files cannot be written.
    told(kg("build", "page.txt", "--fresh", "--out", "/proc/kg"), 1, "cannot be written")
    assert "1 briefs" in kg("stats").out


def test_a_full_disk_leaves_the_old_file(built: tuple[str, Path], tmp_path: Path) -> None:
    out = tmp_path / "graph.ttl"
    out.write_text("before")
    export = [*KG, "export", "--store", built[0], "--out", str(out)]
    done = subprocess.run(["bash", "-c", 'ulimit -f 8; exec "$@"', "bash", *export], capture_output=True, text=True)
    told(Done(done.returncode, done.stdout, done.stderr), 1, "graph.ttl", "cannot be written")
    assert [p.name for p in tmp_path.iterdir()] == ["graph.ttl"] and out.read_text() == "before"
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*KG, "export", "--store", built[0]], stdout=full, stderr=subprocess.PIPE, text=True)
    told(Done(done.returncode, "", done.stderr), 1, "No space left")


def test_a_store_that_cannot_grow_keeps_what_it_held(kg: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Google a racheté Fitbit.")
    kg("build", "a.txt", "-q")
    before = kg("export").out
    (tmp_path / "b.txt").write_text("Microsoft a racheté GitHub.\n\nOracle a racheté Sun.")
    build = [*KG, "build", "b.txt"]
    done = subprocess.run(["bash", "-c", 'ulimit -f 1; exec "$@"', "bash", *build], capture_output=True, text=True, cwd=tmp_path)
    told(Done(done.returncode, done.stdout, done.stderr), 1, "store")
    assert kg("build", "a.txt", "-q").code == 0
    assert kg("remove", "b.txt").code in (0, 2)
    assert kg("export").out == before


def test_a_reader_that_leaves_is_no_error(built: tuple[str, Path]) -> None:
    line = f"{' '.join(map(_quoted, (*KG, 'export', '--store', built[0])))} | head -n 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True)
    assert done.stdout.startswith("@prefix") and done.stderr == ""


def _quoted(word: str) -> str:
    return f"'{word}'"


def test_a_store_in_use_is_told_with_its_holder(kg: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Google a racheté Fitbit.")
    kg("build", "a.txt", "-q")
    code = "import sys\nfrom kg.store import OpenStore\ns = OpenStore('oxigraph:.kg/store')\nprint('open', flush=True)\nsys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with holder:
        assert holder.stdout is not None and holder.stdout.readline() == "open\n"
        told(kg("stats"), 1, ".kg/store", str(holder.pid))
        told(kg("build", "a.txt"), 1, str(holder.pid))
    assert kg("stats").code == 0


def test_interrupted_in_the_middle_nothing_is_torn(kg: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Google a racheté Fitbit.")
    kg("build", "a.txt", "-q")
    kept = kg("export", "--facts-only").out
    with (tmp_path / "many.jsonl").open("w") as lines:
        for n in range(20_000):
            lines.write(
                json.dumps({"id": f"n{n}", "text": f"Microsoft a racheté GitHub pour {n + 2} millions de dollars, selon Oracle."}) + "\n"
            )
    command = [*KG, "build", "many.jsonl", "--verbose"]
    # Its own process group: an interrupt sent to this terminal's would reach pytest too.
    child = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job is deaf to it
    )
    assert child.stderr is not None
    said = ""
    while "reading briefs (20000" not in said:
        char = child.stderr.read(1)
        assert char, said
        said += char
    time.sleep(2)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    told(Done(child.returncode, out, err), 1, "interrupted")
    assert out == "" and not list(tmp_path.glob("export/.*"))
    after = kg("stats")
    assert after.code == 0, after.err
    assert kg("validate").code == 0
    assert {line for line in kept.splitlines() if "acquires" in line} <= set(kg("export", "--facts-only").out.splitlines())


def test_a_fault_of_ours_is_one_line_too(kg: Callable[..., Done], built: tuple[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret\nof ours")

    monkeypatch.setattr(console, "stats", fail)
    told(kg("stats", "--store", built[0]), 1, "a fault in kg itself: ZeroDivisionError: secret of ours")


# --- what is shown ----------------------------------------------------------------------------------------------------


def test_marks_do_not_overlap_and_keep_every_word() -> None:
    text = "IBM croque\u00a0Waeg.\n\x1b[31mFin"
    shown = console.marked(text, Span(0, len(text)), Span(0, 3), Span(4, 10), Span(11, 15)).plain
    assert shown == "[IBM] *croque* [Waeg]. \ufffd[31mFin"
    same = console.marked(text, Span(0, 16), Span(0, 3), Span(0, 3), Span(2, 10)).plain
    assert same == "[IBM] croque Waeg."


# --- deciding ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def mine(built: tuple[str, Path], tmp_path: Path) -> str:
    """A copy of the store of the seeds, to be changed."""
    shutil.copytree(built[0].removeprefix("oxigraph:"), tmp_path / "mine")
    return f"oxigraph:{tmp_path / 'mine'}"


def test_decisions_are_made_kept_exported_and_imported(kg: Callable[..., Done], built: tuple[str, Path], mine: str, tmp_path: Path) -> None:
    by = ("--who", "lea", "--when", "2026-01-02T03:04:05Z", "--store", mine)
    before = kg("export", "--store", mine).out
    assert kg("merge", "OVH", "Gandi", "--because", "for the test", *by).out == "merge org/ovh org/gandi\n"
    assert "also called Gandi" in kg("show", "org/gandi", "--store", mine).out
    assert kg("split", "OVH", "org/gandi", *by).code == 0
    assert kg("export", "--store", mine).out == before
    claim = kg("query", "SELECT ?c { ?c rdf:predicate kg:acquires ; rdf:object ?o }", "o=Waeg", "--format", "csv", "--store", mine)
    assert claim.code != 0  # a variable that is not selected
    rows = kg("query", "--name", "single-source", "subject=IBM", "--format", "csv", "--store", mine).out.splitlines()
    first = rows[1].split(",")[0]
    assert "« " in kg("cite", first, "--store", mine).out
    assert kg("reject", first, *by).code == 0
    assert kg("assert", "OVH", "foundedIn", "1999", "--because", "its own site", *by).code == 0
    assert kg("assert", "IBM", "acquires", "Gandi", "date=2020", "amount=5 EUR", *by).code == 0
    assert kg("rename", "OVH", "OVHcloud", *by).code == 0
    assert "its own site" in kg("show", "OVHcloud", "--store", mine).out
    told(kg("assert", "IBM", "acquires", "Gandi", "date", *by), 2, "KEY=VALUE")
    told(kg("merge", "IBM", "Waeg", "--when", "soon", "--store", mine), 2, "no time")
    assert kg("validate", "--store", mine).out == "0 problems\n"
    changes = kg("diff", built[0], "--store", mine).out.splitlines()
    assert {line[0] for line in changes} == {"+", "-"} and len(changes) == 3
    lines = tmp_path / "lines.tsv"
    assert kg("decisions", "export", "--out", lines, "--store", mine).code == 0
    assert [line.split("\t")[2] for line in lines.read_text(encoding="utf-8").splitlines()[1:]] == [
        *("merge", "split", "reject", "assert", "assert", "rename")
    ]
    shutil.copytree(built[0].removeprefix("oxigraph:"), tmp_path / "other")
    other = f"oxigraph:{tmp_path / 'other'}"
    assert kg("decisions", "import", lines, "--store", other).out == "6 decisions added\n"
    assert kg("decisions", "import", lines, "--store", other).out == "0 decisions added\n"
    assert kg("export", "--store", other).out == kg("export", "--store", mine).out
    told(kg("decisions", "import", "nothing.tsv", "--store", other), 1, "nothing.tsv", "no such file")


def test_conflicts_duplicates_and_what_was_known(kg: Callable[..., Done], mine: str) -> None:
    assert kg("duplicates", "--store", mine).out.split() == ["score", "one", "other", "reasons"]
    assert kg("conflicts", "--store", mine).code == 0
    assert kg("assert", "Gandi", "foundedIn", "1999", "--store", mine, "-q").out == ""
    assert kg("assert", "Gandi", "foundedIn", "2000", "--store", mine, "-q").code == 0
    told_of = kg("conflicts", "--entity", "Gandi", "--store", mine).out
    assert "1999" in told_of and "2000" in told_of and "claim/" in told_of
    now = kg("query", "--name", "acquisitions", "--format", "csv", "--store", mine).out
    assert kg("query", "--name", "acquisitions", "--format", "csv", "--as-of", "2100", "--store", mine).out == now
    told(kg("query", "ASK {}", "--as-of", "2021-13", "--store", mine), 2, "2021-13", "no day")


# --- measuring and choosing -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told_"),
    [
        (["centrality", "--by", "claims", "--limit", "3"], "betweenness"),
        (["communities"], "most central"),
        (["bridges"], "entities apart"),
        (["co-investors", "--relation", "basedIn"], "France"),
        (["path", "OVH", "Gandi"], "loi sur le renseignement"),
        (["growth"], "undated"),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_the_network_is_measured(
    built: tuple[str, Path], kg: Callable[..., Done], arguments: list[str], told_: str, tmp_path: Path
) -> None:
    store, _ = built
    done = kg("analyse", *arguments, "--store", store)
    assert done.code == 0 and told_ in done.out, done
    out = tmp_path / "table.csv"
    assert kg("analyse", *arguments, "--store", store, "--format", "csv", "--out", str(out)).code == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert len(lines) == len(done.out.splitlines()) and "," in lines[0]


def test_the_page_draws_what_is_chosen(built: tuple[str, Path], kg: Callable[..., Done], tmp_path: Path) -> None:
    store, _ = built
    out = tmp_path / "ibm.html"
    assert kg("view", "--around", "IBM", "--hops", "1", "--out", str(out), "--store", store).code == 0
    page = out.read_text(encoding="utf-8")
    assert "7Summits" in page and "Xiaomi" not in page
    told(kg("view", "--around", "Nobody", "--out", str(out), "--store", store), 2, "Nobody")
    told(kg("view", "--query", "SELECT ?a { ?a kg:nothing ?b }", "--out", str(out), "--store", store), 2, "kg query")
    told(kg("view", "--query", "SELECT", "--out", str(out), "--store", store), 2)
    told(kg("analyse", "path", "OVH", "Nintendo", "--store", store), 1, "no path")
    told(kg("analyse", "co-investors", "--relation", "likes", "--store", store), 2, "likes")
    assert out.read_text(encoding="utf-8") == page
