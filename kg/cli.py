"""The command line: each command reads its options, calls one function and prints.

Only click and the error tree are imported here; what a command needs, it imports itself, so that ``kg --help`` is quick.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from kg import __version__
from kg.errors import KgError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from kg.console import Lines
    from kg.graph import Store
    from kg.ontology import Ontology

F = TypeVar("F", bound=Callable[..., Any])

STORE = "oxigraph:./.kg/store"
OUT = Path("export")
_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 110}


# --- options that several commands share ------------------------------------------------------------------------------


def _verbosity(context: click.Context, parameter: click.Parameter, value: bool) -> bool:
    if value:
        context.ensure_object(dict)[parameter.name] = True
    return value


def _chatty(command: F) -> F:
    quiet = click.option("-q", "--quiet", is_flag=True, expose_value=False, callback=_verbosity, help="Say nothing but results and errors.")
    verbose = click.option(
        "-v", "--verbose", is_flag=True, expose_value=False, callback=_verbosity, help="Tell each stage and its seconds; trace errors."
    )
    return quiet(verbose(command))


def _said(name: str) -> bool:
    return bool(click.get_current_context().ensure_object(dict).get(name))


_store = click.option(
    "--store", envvar="KG_STORE", default=STORE, show_default=True, show_envvar=True, metavar="S", help="memory, or oxigraph:FOLDER."
)
_base = click.option(
    "--base", envvar="KG_BASE", metavar="IRI", show_envvar=True, help="What the IRIs of entities, claims and briefs begin with."
)
_source = click.option("--source", metavar="NAME", help="Put NAME/ before the keys of these briefs.")
_overlay = click.option(
    "--ontology",
    "overlay",
    type=click.Path(path_type=Path),
    multiple=True,
    metavar="DIR",
    help="A folder of ontology files that replace the shipped ones of the same name, or add to them; KG_ONTOLOGY too.",
)


def _to_file(default: str = "-") -> Callable[[F], F]:
    return click.option("--out", default=default, show_default=True, metavar="FILE", help="Where to write; - is standard output.")


_paths = click.argument("paths", nargs=-1, required=True, metavar="PATHS...")


class _Group(click.Group):
    """A group that proposes the nearest command for one it does not know."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            import difflib

            near = difflib.get_close_matches(args[0], self.list_commands(ctx), n=2)
            proposal = f"; near it: {', '.join(near)}" if near else ""
            raise click.UsageError(f"no command « {args[0]} »{proposal}", ctx) from error


@click.group(cls=_Group, context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="kg")
def cli() -> None:
    """French tech briefs in, a knowledge graph out.

    \b
      kg build seeds/                          read briefs into a graph, write export/graph.ttl and graph.html
      kg query --name acquisitions buyer=IBM   ask it; kg queries lists what can be asked by name
      kg explain "IBM croque Waeg."            see how a sentence is read, and what nearly was

    \b
    Shell completion, for bash (zsh and fish alike):
      eval "$(_KG_COMPLETE=bash_source kg)"
    """


# --- reading ----------------------------------------------------------------------------------------------------------


@cli.command()
@_paths
@_store
@click.option("--fresh", is_flag=True, help="Empty the store first; until the build has ended the old graph stays.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=OUT, show_default=True, metavar="DIR", help="Where graph.ttl and graph.html go."
)
@click.option(
    "--text",
    type=click.Choice(["full", "quotes", "none"]),
    default="full",
    show_default=True,
    help="How much of the briefs graph.ttl holds.",
)
@_source
@_overlay
@_base
@_chatty
def build(
    paths: tuple[str, ...], store: str, fresh: bool, out: Path, text: Any, source: str | None, overlay: Sequence[Path], base: str | None
) -> None:
    """Read briefs into the store and draw the graph.

    PATHS are files, folders, or - for standard input: plain text and Markdown pages of briefs, JSON Lines with id, date,
    title, source and text, RSS and Atom feeds, or web pages that were saved; nothing is fetched. Briefs stored just so
    already are left as they are.

    \b
      kg build seeds/ --fresh
      kg build news.jsonl more/ --store oxigraph:/data/kg --out /tmp/export
      curl … | kg build - --source televex
    """
    from kg import console, pipeline

    watch = console.watch(quiet=_said("quiet"), verbose=_said("verbose"))
    try:
        built = pipeline.build(
            paths,
            store=store,
            fresh=fresh,
            out=out,
            domain=pipeline.load_ontology(overlay),
            base=base,
            source=source,
            text=text,
            watch=watch,
        )
    finally:
        if watch is not None:
            watch.finish()
    with built:
        if not _said("quiet"):
            console.summary(built, verbose=_said("verbose"))


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def _seconds(context: click.Context, parameter: click.Parameter, value: str) -> float:
    found = re.fullmatch(r"([0-9]{1,6})([smhd])", value)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 60 <= seconds <= 7 * 86400:
        raise click.BadParameter("say 15m, 2h or 1d: a minute at least, a week at most")
    return float(seconds)


@cli.command("watch")
@click.argument("addresses", nargs=-1, required=True, metavar="URL...")
@click.option("--once", is_flag=True, help="Ask each address once, and end: for cron.")
@click.option("--every", default="15m", show_default=True, metavar="TIME", callback=_seconds, help="Ask again after so long.")
@click.option(
    "--out", type=click.Path(path_type=Path), metavar="DIR", help="Write graph.ttl and graph.html there whenever something is new."
)
@click.option("--contact", envvar="KG_CONTACT", show_envvar=True, metavar="MAIL", help="Your address, told to the servers asked.")
@_store
@_source
@_overlay
@_base
@_chatty
def watch_(
    addresses: tuple[str, ...],
    once: bool,
    every: float,
    out: Path | None,
    contact: str | None,
    store: str,
    source: str | None,
    overlay: Sequence[Path],
    base: str | None,
) -> None:
    """Ask feeds and pages of the web for news, and read what is new into the store. No other command uses the network.

    Servers are asked politely: one request at a time, only for what has changed, as their robots.txt allows, and later
    when they are busy. What is known of each address stands beside the store, in STORE.watch.json. Ctrl-C ends it.

    \b
      kg watch https://example.org/feed.xml --every 30m
      kg watch https://example.org/feed.xml https://example.org/atom.xml --once --out export
    """
    from kg import console, pipeline
    from kg.watching import Watcher

    progress = console.watch(quiet=_said("quiet"), verbose=_said("verbose"))
    watcher = Watcher(
        addresses,
        store=store,
        domain=pipeline.load_ontology(overlay),
        out=out,
        base=base,
        source=source,
        contact=contact,
        watch=progress,
    )
    rounds = itertools.islice(watcher.rounds(every), 1 if once else None)
    failed = False
    with _ended_by_signals(progress, quietly=not once):
        for each in rounds:
            if progress is not None:
                progress.finish()
            failed = bool(each.errors)
            for error in each.errors:
                _fail(str(error))
            if each.built is not None:
                with each.built:
                    if not _said("quiet"):
                        console.news(each, verbose=_said("verbose"))
            elif once and not _said("quiet"):
                console.news(each, verbose=_said("verbose"))
    if failed:
        raise click.exceptions.Exit(1)


@contextmanager
def _ended_by_signals(progress: Lines | None, *, quietly: bool) -> Iterator[None]:
    """Ctrl-C, and the signal that ends a service, are how an endless command is meant to end."""
    import signal

    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        if not quietly:
            raise
    finally:
        signal.signal(signal.SIGTERM, before)
        if progress is not None:
            progress.finish()


@cli.command()
@_paths
@click.option(
    "--format", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="For people, or one JSON object a brief."
)
@_to_file()
@_source
@_overlay
@_chatty
def extract(paths: tuple[str, ...], format: str, out: str, source: str | None, overlay: Sequence[Path]) -> None:
    """Read briefs and print what they say; no store.

    \b
      kg extract seeds/
      kg extract news.jsonl --format jsonl --out read.jsonl
      echo "IBM croque Waeg." | kg extract -
    """
    import json

    from kg import briefs, console, pipeline
    from kg.records import to_record

    domain = pipeline.load_ontology(overlay)
    left_out: list[briefs.Skip] = []
    watch = console.watch(quiet=_said("quiet"), verbose=_said("verbose"))
    found = pipeline.read(briefs.read(paths, source=source, on_skip=left_out.append), domain=domain, watch=watch)
    try:
        with _output(out) as stream:
            pen = console.console(stream) if format == "text" else None
            for extraction in found:
                if pen is not None:
                    console.extraction(extraction, pen)
                else:
                    stream.write(json.dumps(to_record(extraction, domain), ensure_ascii=False) + "\n")
    finally:
        if watch is not None:
            watch.finish()
    for skip in left_out if not _said("quiet") else ():
        click.echo(f"skipped {skip.key} ({skip.where}): {skip.reason}", err=True)


@cli.command()
@click.argument("text")
@click.option("--date", metavar="ISO", help="The day the text was published, for « hier » and « en mai ».")
@_overlay
@_chatty
def explain(text: str, date: str | None, overlay: Sequence[Path]) -> None:
    """Show how TEXT (- for standard input) is read: matches with construction and reason, near misses with what was missing.

    \b
      kg explain "IBM croque Waeg, spécialiste belge de Salesforce."
    """
    from kg import console, pipeline
    from kg.model import Brief

    if text == "-":
        text = _stdin().strip()
    if not text.strip():
        raise UsageError("there is nothing to explain", hint='kg explain "IBM croque Waeg."')
    domain = pipeline.load_ontology(overlay)
    reader = pipeline.reader(domain)
    watch = console.watch(quiet=_said("quiet"), verbose=_said("verbose"))
    if watch is not None:
        watch.stage("model")
    try:
        analysis = next(iter(reader.language.analyse([Brief("text", text, date)])))
    finally:
        if watch is not None:
            watch.finish()
    kept = frozenset(claim for claim, _ in reader.extract(analysis).claims)
    console.explained(analysis, list(reader.engine.read(analysis)), kept, console.console())


@cli.command()
@click.argument("gold", type=click.Path(path_type=Path))
@click.option(
    "--predicted",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Score what « kg extract --format jsonl » wrote, instead of reading anew.",
)
@click.option("--errors", is_flag=True, help="List every missed and invented claim with its cause.")
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@_overlay
@_chatty
def evaluate(gold: Path, predicted: Path | None, errors: bool, as_json: bool, overlay: Sequence[Path]) -> None:
    """Score what is read against GOLD, a file of annotated briefs (JSON Lines).

    \b
      kg evaluate tests/gold/seeds.jsonl --errors
    """
    import json

    from kg import console, pipeline
    from kg import evaluate as scoring

    domain, truth = pipeline.load_ontology(overlay), scoring.load(gold)
    if predicted is not None:
        found = scoring.score(truth, scoring.load(predicted), domain)
    else:
        if not _said("quiet"):
            click.echo("loading the French model…", err=True)
        found = scoring.evaluate(truth, domain, causes=errors)
    if as_json:
        click.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        console.report(found, errors=errors)


# --- asking -----------------------------------------------------------------------------------------------------------


def _complete_query(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from kg.queries import list_queries

    return [CompletionItem(q.name, help=q.help) for q in list_queries() if q.name.startswith(incomplete)]


@cli.command()
@click.argument("arguments", nargs=-1, metavar="[SPARQL] [KEY=VALUE]...")
@click.option("-f", "--file", metavar="FILE", help="Read the query from FILE.")
@click.option("-n", "--name", metavar="NAME", shell_complete=_complete_query, help="A named query; « kg queries » lists them.")
@click.option(
    "--format",
    type=click.Choice(["table", "csv", "tsv", "json", "ttl"]),
    default="table",
    show_default=True,
    help="How rows are written; ttl is for CONSTRUCT.",
)
@_to_file()
@_store
@_base
@_chatty
def query(arguments: tuple[str, ...], file: str | None, name: str | None, format: Any, out: str, store: str, base: str | None) -> None:
    """Ask the graph in SPARQL 1.1 (- for standard input), from a file, or by the name of a query.

    Our prefixes are declared. KEY=VALUE gives a variable its value: an entity by name or IRI, a text, a number; values
    are bound as terms, never pasted into the query. SERVICE and LOAD are refused: nothing leaves this machine.

    \b
      kg query --name acquisitions buyer=IBM
      kg query "SELECT ?who ?what { ?who kg:acquires ?what }" --format csv
      kg query "SELECT ?what { ?who kg:founded ?what }" "who=Jean-Louis Bouchard"
    """
    from kg import query as asking

    if file is not None and name is not None:
        raise UsageError("--file and --name exclude each other")
    sparql, values = _query_text(arguments, file, named=name is not None)
    with _opened(store, base) as opened:
        if name is not None:
            result = opened.named(name, values)
        else:
            result = opened.query(sparql, bindings=asking.bind_values(opened.raw, values, base=opened.ids.base))
        with _binary_output(out) as stream:
            width = _width() if format == "table" and stream is sys.stdout.buffer and sys.stdout.isatty() else None
            result.write(stream, format, width=width)


def _query_text(arguments: Sequence[str], file: str | None, *, named: bool) -> tuple[str, dict[str, str]]:
    """The query itself, empty if it is named, and the values of its variables."""
    from kg.errors import ReadError

    rest = list(arguments)
    sparql = ""
    if file is not None:
        try:
            sparql = Path(file).read_text(encoding="utf-8-sig") if file != "-" else _stdin()
        except UnicodeDecodeError as error:
            raise ReadError("is no UTF-8 text", where=file) from error
        except OSError as error:
            raise ReadError(f"cannot be read: {error.strerror or error}", where=file) from error
    elif not named:
        if not rest:
            raise UsageError("no query", hint="give SPARQL, --file FILE or --name NAME; « kg queries » lists the names")
        sparql = rest.pop(0)
        sparql = _stdin() if sparql == "-" else sparql
    values = {}
    for text in rest:
        found = re.fullmatch(r"[?$]?(\w+)=(.*)", text, re.DOTALL)
        if found is None:
            raise UsageError(f"« {text} » is no KEY=VALUE", hint='quote values with spaces: "person=Jean-Louis Bouchard"')
        values[found[1]] = found[2]
    return sparql, values


def _stdin() -> str:
    from kg.briefs import decode

    return decode(sys.stdin.buffer.read(), "stdin")


def _width() -> int:
    import shutil

    return shutil.get_terminal_size().columns


@cli.command()
@click.argument("name", required=False, shell_complete=_complete_query)
@_chatty
def queries(name: str | None) -> None:
    """List the named queries, or show NAME: its parameters and its SPARQL.

    \b
      kg queries
      kg queries acquisitions
    """
    from kg.queries import find_query, list_queries

    if name is None:
        found = list_queries()
        width = max(len(q.name) for q in found)
        for item in found:
            click.echo(f"{item.name.ljust(width)}  {item.help}")
            if item.parameters:
                click.echo(" " * (width + 2) + " ".join(f"[{p.name}=…]" if p.optional else f"{p.name}=…" for p in item.parameters))
        return
    item = find_query(name)
    click.echo(item.help)
    for parameter in item.parameters:
        click.echo(f"  {parameter.name}: {parameter.type}{', optional' if parameter.optional else ''} — {parameter.help}")
    if item.example:
        click.echo(f"\n  kg query --name {item.name} {item.example}")
    click.echo(f"\n{item.sparql.rstrip()}")


@cli.command()
@click.argument("entity")
@_store
@_base
@_chatty
def show(entity: str, store: str, base: str | None) -> None:
    """Show all that is said of ENTITY (a name or an IRI), with the sentences that say it.

    \b
      kg show IBM
    """
    from kg import console
    from kg import query as asking

    with _opened(store, base) as opened:
        iri = asking.resolve(opened.raw, entity, base=opened.ids.base)
        about = opened.query(_ABOUT, bindings={"entity": iri}).dicts()
        said = opened.query(_SAID, bindings={"entity": iri}).dicts()
        console.card(about, said, console.console())


_ABOUT = """SELECT ?entity ?property ?value {
  VALUES (?predicate ?property) { (rdf:type "type") (rdfs:label "label") (skos:altLabel "altLabel") (owl:sameAs "sameAs") }
  ?entity ?predicate ?term .
  BIND(IF(?property = "type", STRAFTER(STR(?term), "#"), STR(?term)) AS ?value)
}"""
_SAID = """SELECT ?entity ?claim ?subjectName ?relation ?object ?status ?confidence ?date ?role ?amount ?share ?sentence ?brief {
  { ?claim rdf:subject ?entity } UNION { ?claim rdf:object ?entity }
  ?claim rdf:subject ?subject ; rdf:predicate ?predicate ; rdf:object ?target ; kg:status ?held ; kg:confidence ?confidence ;
    prov:wasDerivedFrom ?evidence .
  ?evidence oa:hasSelector ?span ; oa:hasSource ?source .
  ?span oa:exact ?sentence .
  ?source kg:key ?brief .
  ?subject rdfs:label ?subjectName .
  BIND(STRAFTER(STR(?predicate), "#") AS ?relation)
  BIND(STRAFTER(STR(?held), "#") AS ?status)
  OPTIONAL { ?target rdfs:label ?label }
  OPTIONAL { ?target schema:value ?number ; schema:currency ?currency }
  OPTIONAL { ?claim kg:date ?date }
  OPTIONAL { ?claim kg:role ?role }
  OPTIONAL { ?claim kg:share ?share }
  OPTIONAL { ?claim kg:amount ?money . ?money schema:value ?sum ; schema:currency ?unit }
  BIND(COALESCE(?label, CONCAT(STR(?number), " ", ?currency), STR(?target)) AS ?object)
  BIND(CONCAT(STR(?sum), " ", ?unit) AS ?amount)
} ORDER BY ?relation ?subjectName ?object ?claim ?brief ?sentence"""


@cli.command()
@click.option("--briefs", is_flag=True, help="List the briefs: key, date, title.")
@_store
@_base
@_chatty
def stats(briefs: bool, store: str, base: str | None) -> None:
    """Count what the store holds: claims by relation and status, entities by class."""
    from kg import console

    with _opened(store, base) as opened:
        if briefs:
            console.table(["brief", "date", "title"], [[b.key, b.date or "", b.title or ""] for b in opened.briefs()])
        else:
            console.stats(opened.stats())


@cli.command()
@_store
@_overlay
@_base
@_chatty
def validate(store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Check the whole graph against its shapes (SHACL) and for integrity. Exit code 1 if anything is violated."""
    from kg import pipeline
    from kg import validate as checking

    with _opened(store, base) as opened:
        problems = checking.validate(opened.graph, pipeline.load_ontology(overlay))
    for problem in problems:
        click.echo(f"{problem.severity}: {problem.focus}: {problem.message} ({problem.shape})")
    counts = ", ".join(f"{n} of {s}" for s in checking.SEVERITIES if (n := sum(p.severity == s for p in problems)))
    if not _said("quiet"):
        click.echo(f"{len(problems)} problems{f' ({counts})' if counts else ''}")
    if any(p.severity == "violation" for p in problems):
        raise click.exceptions.Exit(1)


# --- writing ----------------------------------------------------------------------------------------------------------


@cli.command()
@click.option("--open", "show_it", is_flag=True, help="Open the page in the browser.")
@_to_file(str(OUT / "graph.html"))
@_store
@_overlay
@_base
@_chatty
def view(show_it: bool, out: str, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Draw the store as an interactive page, one HTML file that needs nothing else.

    \b
      kg view --open
    """
    from kg import pipeline

    if out == "-" and show_it:
        raise UsageError("--open needs a file", hint="give --out FILE")
    with _opened(store, base) as opened:
        pipeline.draw(opened, pipeline.load_ontology(overlay), sys.stdout.buffer if out == "-" else Path(out))
    if out != "-" and not _said("quiet"):
        click.echo(out)
    if show_it and click.launch(Path(out).resolve().as_uri()) != 0:
        raise KgError("no browser could be opened", where=out)


@cli.command()
@click.option("--format", type=click.Choice(["turtle", "ntriples"]), default="turtle", show_default=True, help="The syntax.")
@click.option("--facts-only", is_flag=True, help="Only entities and the asserted facts between them, without claims and evidence.")
@click.option(
    "--text",
    type=click.Choice(["full", "quotes", "none"]),
    default="full",
    show_default=True,
    help="How much of the briefs' words goes out.",
)
@_to_file()
@_store
@_base
@_chatty
def export(format: Any, facts_only: bool, text: Any, out: str, store: str, base: str | None) -> None:
    """Write the graph as RDF, always the same bytes for the same graph.

    \b
      kg export --out graph.ttl
      kg export --format ntriples --facts-only | sort | uniq -c
    """
    from kg import pipeline

    with _opened(store, base) as opened:
        count = pipeline.export(opened, sys.stdout.buffer if out == "-" else Path(out), format, facts_only=facts_only, text=text)
    if out != "-" and not _said("quiet"):
        click.echo(f"{out}: {count} triples")


@cli.command()
@click.argument("what", metavar="BRIEF|FILE")
@_source
@_store
@_overlay
@_base
@_chatty
def remove(what: str, source: str | None, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Take a brief, or all briefs of a file, out of the store: the graph is as if they had never been read.

    \b
      kg remove "000_87eb13b9ece4ddd2#1"
      kg remove seeds/000_87eb13b9ece4ddd2.txt
    """
    from kg import pipeline

    with _opened(store, base, read_only=False) as opened:
        gone = pipeline.remove(opened, what, pipeline.load_ontology(overlay), source=source)
    if not _said("quiet"):
        click.echo("\n".join(f"removed {key}" for key in gone))
        click.echo("« kg view » and « kg export » write the files anew", err=True)


# --- the ontology -----------------------------------------------------------------------------------------------------


@cli.group()
def relation() -> None:
    """Add relations to the ontology."""


@relation.command("new")
@click.argument("name")
@click.option("--domain", multiple=True, default=["Organization"], show_default=True, metavar="CLASS", help="Who or what the subject is.")
@click.option(
    "--range", "range_", multiple=True, default=["Organization"], show_default=True, metavar="CLASS", help="Who or what the object is."
)
@click.option(
    "--ontology",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the file goes [default: KG_ONTOLOGY, else ./ontology].",
)
@_chatty
def relation_new(name: str, domain: Sequence[str], range_: Sequence[str], folder: Path | None) -> None:
    """Write the skeleton of a relation: one TOML file, ready to be filled with frames and examples.

    \b
      kg relation new licenses --range Product --ontology my-ontology
    """
    from kg import skeleton

    path = skeleton.create(name, domain, range_, folder)
    click.echo(path)
    if not _said("quiet"):
        click.echo("write its frames and examples, then: kg ontology check", err=True)


@cli.group("ontology")
def ontology_group() -> None:
    """Generate and check what follows from the ontology's files."""


@ontology_group.command("build")
@click.option("--out", type=click.Path(path_type=Path), metavar="DIR", help="Where they go [default: the last folder of the ontology].")
@_overlay
@_chatty
def ontology_build(out: Path | None, overlay: Sequence[Path]) -> None:
    """Write kg.ttl, shapes.ttl, alignments.ttl, context.jsonld and README.md."""
    from kg import vocabulary

    domain, folder = _checked_ontology(overlay, out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = vocabulary.write(domain, folder)
    except OSError as error:
        raise KgError(
            f"cannot be written: {error.strerror or error}", where=str(folder), hint="choose another folder with --out"
        ) from error
    if not _said("quiet"):
        click.echo("\n".join(str(folder / name) for name in written) or f"{folder}: nothing has changed")


@ontology_group.command("check")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the generated files are [default: the last folder of the ontology].",
)
@_overlay
@_chatty
def ontology_check(out: Path | None, overlay: Sequence[Path]) -> None:
    """Read every file strictly, and say which generated ones are stale. Exit code 1 if something is wrong."""
    from kg import vocabulary

    domain, folder = _checked_ontology(overlay, out)
    if stale := vocabulary.stale(domain, folder):
        raise KgError(f"out of date: {', '.join(stale)}", where=str(folder), hint="run « kg ontology build »")
    if not _said("quiet"):
        click.echo(f"{len(domain.classes)} classes, {len(domain.relations)} relations, {len(domain.attributes)} attributes: all in order")


def _checked_ontology(overlay: Sequence[Path], out: Path | None) -> tuple[Ontology, Path]:
    """The ontology, its triggers compiled too (only that tells the errors of patterns and locutions), and the folder of
    its generated files."""
    from kg import pipeline
    from kg.extract.triggers import compile_triggers

    domain = pipeline.load_ontology(overlay)
    compile_triggers(domain)
    return domain, out or domain.folders[-1]


# --- opening and writing ----------------------------------------------------------------------------------------------


@contextmanager
def _opened(store: str, base: str | None, *, read_only: bool = True) -> Iterator[Store]:
    from kg.graph import open_store
    from kg.store import store_folder

    folder = store_folder(store)
    if folder is None:
        raise UsageError("a store in memory is empty when a command starts", hint="give --store oxigraph:FOLDER")
    if not read_only and not (folder / "CURRENT").is_file():
        read_only = True  # which says that there is no store, instead of making an empty one
    with open_store(store, read_only=read_only, base=base) as opened:
        yield opened


@contextmanager
def _output(out: str) -> Iterator[IO[str]]:
    """Standard output, or a file that is there only when all of it has been written."""
    if out == "-":
        yield sys.stdout
        return
    import io

    from kg.writers import written

    with written(Path(out)) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="\n", write_through=True)
        yield text
        text.flush()
        text.detach()


@contextmanager
def _binary_output(out: str) -> Iterator[IO[bytes]]:
    if out == "-":
        yield sys.stdout.buffer
        return
    from kg.writers import written

    with written(Path(out)) as file:
        yield file


# --- errors -----------------------------------------------------------------------------------------------------------


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs a command line; what goes wrong is one line on standard error. Returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _readable(sys.stdout)
    _readable(sys.stderr)
    try:
        code = cli.main(arguments, prog_name="kg", standalone_mode=False)
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.UsageError as error:
        hint = error.ctx.command_path + " --help" if error.ctx is not None else "kg --help"
        return _fail(f"{error.format_message()} (see « {hint} »)", error.exit_code)
    except click.ClickException as error:
        return _fail(error.format_message(), error.exit_code)
    except KgError as error:
        return _fail(str(error), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted; what was stored before is kept")
    except BrokenPipeError:
        _silence(sys.stdout)
        return 1
    except OSError as error:
        if error.errno == errno.EPIPE:
            _silence(sys.stdout)
            return 1
        where = f"{error.filename}: " if error.filename else "standard output: " if error.errno == errno.ENOSPC else ""
        _silence(sys.stdout)
        return _fail(f"{where}{error.strerror or error}")
    except MemoryError:
        return _fail("out of memory; read fewer documents at once")
    except Exception as error:
        if not {"-v", "--verbose"}.isdisjoint(arguments):
            import traceback

            traceback.print_exc()
        return _fail(
            f"a fault in kg itself: {type(error).__name__}: {' '.join(str(error).split())} (--verbose shows where; please report it)"
        )


def _readable(stream: IO[str]) -> None:
    """A terminal or locale that cannot show a character gets a question mark, not an error."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")


def _fail(message: str, code: int = 1) -> int:
    try:
        print(f"kg: {' '.join(message.split())}", file=sys.stderr, flush=True)
    except OSError:
        _silence(sys.stderr)
    return code


def _silence(stream: IO[str]) -> None:
    """Nobody reads the stream any more: what Python still holds for it at exit goes nowhere."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return


def main() -> None:
    """The entry point ``kg``."""
    sys.exit(run())
