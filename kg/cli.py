"""The command line: each command reads its options, calls one function and prints.

Only click and the error tree are imported here; what a command needs, it imports itself, so that ``kg --help`` is quick.
"""

from __future__ import annotations

import errno
import itertools
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from kg import __version__
from kg.errors import KgError, UsageError

if TYPE_CHECKING:
    import networkx as nx
    from click.shell_completion import CompletionItem

    from kg.console import Lines
    from kg.curate import Signature
    from kg.decisions import Decision
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

_text = click.option(
    "--text",
    type=click.Choice(["quotes", "full", "none"]),
    default="quotes",
    show_default=True,
    help="How much of the briefs' words goes out: the sentences that are evidence, all, or nothing.",
)
_FORMATS = ["turtle", "ntriples", "trig", "nquads", "rdfxml", "jsonld", "graphml", "gexf", "csv"]


def _to_file(default: str = "-") -> Callable[[F], F]:
    return click.option("--out", default=default, show_default=True, metavar="FILE", help="Where to write; - is standard output.")


_jobs = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes read, each with a model of its own [default: 1 below 500 briefs to read, else the cores].",
)
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
    "--out",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=f"Where graph.ttl and graph.html go [default: {OUT}, and nowhere if the store has more than 5,000 briefs].",
)
@click.option("--prune", is_flag=True, help="Take out the briefs that an earlier build found at these PATHS and that are there no more.")
@_jobs
@_text
@_source
@_overlay
@_base
@_chatty
def build(
    paths: tuple[str, ...],
    store: str,
    fresh: bool,
    out: Path | None,
    prune: bool,
    jobs: int | None,
    text: Any,
    source: str | None,
    overlay: Sequence[Path],
    base: str | None,
) -> None:
    """Read briefs into the store and draw the graph.

    PATHS are files, folders, or - for standard input: plain text and Markdown pages of briefs, JSON Lines with id, date,
    title, source and text, RSS and Atom feeds, or web pages that were saved (nothing is fetched); or what « kg extract
    --format jsonl » wrote, which is stored as it is. Briefs stored just so already are left as they are: a build that was
    cut short goes on where it stopped.

    \b
      kg build seeds/ --fresh
      kg build news.jsonl more/ --store oxigraph:/data/kg --out /tmp/export
      curl … | kg build - --source televex
    """
    from kg import console, pipeline

    with _watched() as watch:
        built = pipeline.build(
            paths,
            store=store,
            fresh=fresh,
            out=out or OUT,
            most=None if out is not None else pipeline.SMALL,
            domain=pipeline.load_ontology(overlay),
            base=base,
            source=source,
            text=text,
            jobs=jobs,
            prune=prune,
            watch=watch,
        )
    with built:
        if not _said("quiet"):
            console.summary(built, verbose=_said("verbose"))
            if not built.files:
                click.echo("no files were written, the store is large: « kg export » and « kg view » write them, or --out DIR", err=True)
        _tell_cut(built.cut)


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
    """Ask feeds and pages of the web for news, and read what is new into the store. Beside it only kg push asks other machines.

    Servers are asked politely: one request at a time, only for what has changed, as their robots.txt allows, and later
    when they are busy. What is known of each address stands beside the store, in STORE.watch.json. Ctrl-C ends it.

    \b
      kg watch https://example.org/feed.xml --every 30m
      kg watch https://example.org/feed.xml https://example.org/atom.xml --once --out export
    """
    from kg import console, pipeline
    from kg.watching import Watcher

    failed = False
    with _watched() as progress, _ended_by_signals(quietly=not once):
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
def _watched() -> Iterator[Lines | None]:
    """Who is told of stages: they go to standard error, as far as the options ask for it."""
    from kg import console

    watch = console.watch(quiet=_said("quiet"), verbose=_said("verbose"))
    try:
        yield watch
    finally:
        if watch is not None:
            watch.finish()


@contextmanager
def _ended_by_signals(*, quietly: bool) -> Iterator[None]:
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


@cli.command()
@_paths
@click.option(
    "--format", type=click.Choice(["text", "jsonl"]), default="text", show_default=True, help="For people, or one JSON object a brief."
)
@_to_file()
@_jobs
@click.option(
    "--engine",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="This machine, or a Dask cluster (extra « cluster »).",
)
@click.option("--scheduler", metavar="ADDRESS", help="The cluster's scheduler, for --engine dask [default: workers on this machine].")
@click.option("--shards", type=click.Path(path_type=Path), metavar="DIR", help="Where --engine dask writes; the workers must see it too.")
@_source
@_overlay
@_chatty
def extract(
    paths: tuple[str, ...],
    format: str,
    out: str,
    jobs: int | None,
    engine: str,
    scheduler: str | None,
    shards: Path | None,
    source: str | None,
    overlay: Sequence[Path],
) -> None:
    """Read briefs and print what they say; no store.

    « kg build » takes the JSON Lines in again. With --engine dask the machines of a cluster write them, as many files as
    there are partitions; what is there already is not read again.

    \b
      kg extract seeds/
      kg extract news.jsonl --format jsonl --out read.jsonl
      echo "IBM croque Waeg." | kg extract -
      kg extract news/ --engine dask --scheduler tcp://head:8786 --shards /shared/read
    """
    from kg import briefs, cluster, console, pipeline
    from kg.graph import current_run
    from kg.shards import line

    domain = pipeline.load_ontology(overlay)
    left_out: list[briefs.Skip] = []
    given = briefs.read(paths, source=source, on_skip=left_out.append)
    if engine == "dask":
        if shards is None:
            raise UsageError("--engine dask writes files", hint="give --shards DIR, a folder that the workers see too")
        written = cluster.read(given, domain, shards, scheduler=scheduler, jobs=jobs)
        if not _said("quiet"):
            click.echo("\n".join(map(str, written)))
    else:
        with _watched() as watch, _output(out) as stream:
            found = pipeline.read(given, domain=domain, jobs=jobs, watch=watch)
            if format == "text":
                pen = console.console(stream)
                for extraction in found:
                    console.extraction(extraction, pen)
            else:
                run = current_run(domain)
                stream.writelines(f"{line(extraction, domain, run)}\n" for extraction in found)
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
    with _watched() as watch:
        if watch is not None:
            watch.stage("model")
        analysis = next(iter(reader.language.analyse([Brief("text", text, date)])))
    found = reader.find(analysis)
    kept = frozenset(claim for claim, _ in reader.said(analysis, found).claims)
    console.explained(analysis, found, kept, reader.floor, console.console())


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
@click.option("--as-of", metavar="DATE", help="What was known then: only briefs up to that day (2023, 2023-05, 2023-05-18).")
@_to_file()
@_store
@_overlay
@_base
@_chatty
def query(
    arguments: tuple[str, ...],
    file: str | None,
    name: str | None,
    format: Any,
    as_of: str | None,
    out: str,
    store: str,
    overlay: Sequence[Path],
    base: str | None,
) -> None:
    """Ask the graph in SPARQL 1.1 (- for standard input), from a file, or by the name of a query.

    Our prefixes are declared. KEY=VALUE gives a variable its value: an entity by name or IRI, a text, a number; values
    are bound as terms, never pasted into the query. SERVICE and LOAD are refused: nothing leaves this machine.

    \b
      kg query --name acquisitions buyer=IBM
      kg query --name acquisitions --as-of 2021-06
      kg query "SELECT ?who ?what { ?who kg:acquires ?what }" --format csv
      kg query "SELECT ?what { ?who kg:founded ?what }" "who=Jean-Louis Bouchard"
    """
    from kg import pipeline
    from kg import query as asking

    if file is not None and name is not None:
        raise UsageError("--file and --name exclude each other")
    sparql, values = _query_text(arguments, file, named=name is not None)
    with _opened(store, base) as opened:
        if as_of is not None:
            opened = opened.known_on(as_of, pipeline.load_ontology(overlay))
        if name is not None:
            result = opened.named(name, values)
        else:
            result = opened.query(sparql, bindings=asking.bind_values(opened.raw, values, base=opened.ids.base))
        from kg.files import written

        with written(sys.stdout.buffer if out == "-" else Path(out)) as stream:
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
    from kg import console, curate

    with _opened(store, base) as opened:
        console.card(*curate.card(opened, entity), console.console())


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


@cli.command()
@click.option("--entity", metavar="NAME", help="Only pairs with this entity.")
@_store
@_base
@_chatty
def duplicates(entity: str | None, store: str, base: str | None) -> None:
    """Propose entities that may be one, the likeliest first, with score and reasons.

    \b
      kg duplicates
      kg merge org/sopra org/sopra-group --because "same firm"
    """
    from kg import console
    from kg.query import shorten

    with _opened(store, base) as opened:
        only = opened.resolve(entity).value if entity is not None else None
        pairs: dict[tuple[str, str], list[str]] = {}
        for row in opened.named("duplicates").dicts():
            one, other = row["entity"] or "", row["other"] or ""
            if one == only or only is None and one < other:
                line = pairs.setdefault((one, other), [row["score"] or "", *(shorten(i, opened.ids.base) for i in (one, other)), ""])
                line[3] = "; ".join(filter(None, (line[3], row["reason"])))
        console.table(["score", "one", "other", "reasons"], list(pairs.values()))


@cli.command()
@click.option("--entity", metavar="NAME", help="Only what is said of this entity.")
@_store
@_base
@_chatty
def conflicts(entity: str | None, store: str, base: str | None) -> None:
    """Show where briefs contradict each other, with their sentences: asserted and denied, two amounts, two years, two heads.

    \b
      kg conflicts
    """
    from kg import console, curate
    from kg.queries import find_query

    with _opened(store, base) as opened:
        found, start = 0, opened.ids.base
        about = opened.resolve(entity).value if entity is not None else None
        for name in curate.CONFLICTS:
            rows = [row for row in opened.named(name).dicts() if about is None or about in row.values()]
            found += len(rows)
            if rows:  # names say who is meant; of IRIs only that of the claim is of use
                columns = [c for c in rows[0] if c == "claim" or not (rows[0][c] or "").startswith(start)]
                click.echo(f"{find_query(name).help}\n")
                console.table(columns, [[(row[c] or "").removeprefix(start) for c in columns] for row in rows])
                click.echo()
        if not found and not _said("quiet"):
            click.echo("no contradictions", err=True)


@cli.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW", required=False)
@_store
@_overlay
@_base
@_chatty
def diff(old: str, new: str | None, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Compare two graphs claim by claim, as lines parted by tabs: + added, - removed, ~ held otherwise.

    OLD and NEW are stores (oxigraph:FOLDER) or days, on which the store's graph is taken as it was known; without NEW, as
    it is now.

    \b
      kg diff 2021-06 2022
      kg diff oxigraph:/data/before
    """
    from contextlib import ExitStack

    from kg import curate, pipeline
    from kg.store import SCHEME

    with ExitStack() as stack:
        sides = []
        current = None
        for side in (old, new):
            if side is not None and side.startswith(SCHEME):
                sides.append(stack.enter_context(_opened(side, base)))
                continue
            current = current or stack.enter_context(_opened(store, base))
            sides.append(current if side is None else current.known_on(side, pipeline.load_ontology(overlay)))
        signs = {"added": "+", "removed": "-", "changed": "~"}
        for change in curate.diff(*sides):
            held = " → ".join(filter(None, (change.before, change.after)))
            click.echo("\t".join((signs[change.what], change.subject, change.relation, change.object, held, change.claim)))


@cli.command()
@click.argument("claim")
@_store
@_base
@_chatty
def cite(claim: str, store: str, base: str | None) -> None:
    """Quote the sentences that say CLAIM (its IRI, or the first letters of its hash), with source, date and offsets.

    \b
      kg cite claim/6f2c01
    """
    from kg import curate

    with _opened(store, base) as opened:
        for citation in curate.cite(opened, claim):
            click.echo(str(citation))


# --- deciding ---------------------------------------------------------------------------------------------------------


def _deciding(command: F) -> F:
    """What every decision takes: who, when, why; the store it is about."""
    who = click.option("--who", envvar="KG_WHO", show_envvar=True, metavar="NAME", help="Who decides [default: the user logged in].")
    when = click.option("--when", metavar="TIME", help="When, in ISO 8601 [default: now].")
    because = click.option("--because", default="", metavar="WHY", help="Why.")
    return because(who(when(_store(_overlay(_base(_chatty(command)))))))


def _signature(who: str | None, when: str | None, because: str) -> Signature:
    import getpass
    from datetime import UTC, datetime

    from kg.curate import Signature

    if when is not None:
        try:
            time = datetime.fromisoformat(when)
        except ValueError as error:
            raise UsageError(f"« {when} » is no time", hint="2026-11-22T10:00:00Z") from error
        time = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    else:
        time = datetime.now(UTC)
    stamp = time.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")
    return Signature(" ".join((who or getpass.getuser()).split()), stamp, because)


def _told_decision(*decisions: Decision) -> None:
    if not _said("quiet"):
        for line in decisions:
            click.echo(" ".join(filter(None, (line.action, line.subject, line.relation, line.object, line.detail))))
        click.echo("« kg view » and « kg export » write the files anew", err=True)


@cli.command()
@click.argument("kept", metavar="A")
@click.argument("gone", metavar="B")
@_deciding
def merge(
    kept: str, gone: str, who: str | None, when: str | None, because: str, store: str, overlay: Sequence[Path], base: str | None
) -> None:
    """Make one entity of A and B: B becomes A, in this graph and every later build.

    \b
      kg merge "Sopra Steria" org/sopra-steria-group --because "same firm"
    """
    from kg import curate, pipeline

    with _opened(store, base, read_only=False) as opened:
        _told_decision(curate.merge(opened, kept, gone, _signature(who, when, because), pipeline.load_ontology(overlay)))


@cli.command()
@click.argument("entity", metavar="A")
@click.argument("other", metavar="B", required=False)
@click.option("--brief", metavar="KEY", help="Split off what this brief says of A.")
@click.option("--as", "name", metavar="NAME", help="What tells the part split off from A: fr-city.")
@_deciding
def split(
    entity: str,
    other: str | None,
    brief: str | None,
    name: str | None,
    who: str | None,
    when: str | None,
    because: str,
    store: str,
    overlay: Sequence[Path],
    base: str | None,
) -> None:
    """Undo a merge of A and B, or keep apart what was joined or proposed; or split off what one brief says of A.

    \b
      kg split "Sopra Steria" org/sopra-steria-group
      kg split Orange --brief "page#3" --as us-fruit
    """
    from kg import curate, pipeline

    with _opened(store, base, read_only=False) as opened:
        by = _signature(who, when, because)
        _told_decision(*curate.split(opened, entity, other, by, pipeline.load_ontology(overlay), brief=brief, name=name))


@cli.command()
@click.argument("entity", metavar="A")
@click.argument("name", metavar="NAME")
@_deciding
def rename(
    entity: str, name: str, who: str | None, when: str | None, because: str, store: str, overlay: Sequence[Path], base: str | None
) -> None:
    """Show the entity A as NAME; its old name is kept as another one.

    \b
      kg rename org/x "X (ex-Twitter)"
    """
    from kg import curate, pipeline

    with _opened(store, base, read_only=False) as opened:
        _told_decision(curate.rename(opened, entity, name, _signature(who, when, because), pipeline.load_ontology(overlay)))


@cli.command()
@click.argument("claim")
@_deciding
def reject(claim: str, who: str | None, when: str | None, because: str, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Leave CLAIM (its IRI, or the first letters of its hash) out of this graph and every later build.

    \b
      kg reject claim/6f2c01 --because "misread: it is the other way round"
    """
    from kg import curate, pipeline

    with _opened(store, base, read_only=False) as opened:
        _told_decision(curate.reject(opened, claim, _signature(who, when, because), pipeline.load_ontology(overlay)))


@cli.command("assert")
@click.argument("subject")
@click.argument("relation")
@click.argument("object", metavar="OBJECT")
@click.argument("qualifiers", nargs=-1, metavar="[KEY=VALUE]...")
@_deciding
def assert_(
    subject: str,
    relation: str,
    object: str,
    qualifiers: Sequence[str],
    who: str | None,
    when: str | None,
    because: str,
    store: str,
    overlay: Sequence[Path],
    base: str | None,
) -> None:
    """Hold a claim that no brief says, or that was misread; the decision is its evidence: who, when, why.

    SUBJECT and OBJECT are entities of the store; for an attribute OBJECT is its value. KEY=VALUE: amount, date, role, share.

    \b
      kg assert IBM acquires Waeg date=2021-05 --because "press release of 2021-05-18"
      kg assert OVH foundedIn 1999 --because "its own site"
    """
    from kg import curate, pipeline

    given = {}
    for text in qualifiers:
        key, sign, value = text.partition("=")
        if not sign:
            raise UsageError(f"« {text} » is no KEY=VALUE", hint="date=2021-05")
        given[key] = value
    with _opened(store, base, read_only=False) as opened:
        by = _signature(who, when, because)
        _told_decision(curate.hold(opened, subject, relation, object, given, by, pipeline.load_ontology(overlay)))


@cli.group("decisions")
def decisions_group() -> None:
    """Take decisions out of a store's keeping, and bring in others'."""


@decisions_group.command("export")
@_to_file()
@_store
@_base
@_chatty
def decisions_export(out: str, store: str, base: str | None) -> None:
    """Write the decisions about a store: when, who, action, subject, relation, object, with, because, parted by tabs.

    \b
      kg decisions export --out decisions.tsv
    """
    from kg import decisions

    with _opened(store, base) as opened, _output(out) as stream:
        stream.write(decisions.dump(opened.decisions))


@decisions_group.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@_store
@_overlay
@_base
@_chatty
def decisions_import(file: Path, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Add the decisions of FILE to those about the store, and apply them. Lines that are there already count once.

    \b
      kg decisions import decisions.tsv
    """
    from kg import curate, decisions, pipeline
    from kg.errors import ReadError

    if not file.is_file():
        raise ReadError("there is no such file", where=str(file))
    with _opened(store, base, read_only=False) as opened:
        count = curate.take(opened, decisions.load(file), pipeline.load_ontology(overlay))
    if not _said("quiet"):
        click.echo(f"{count} decisions added")


# --- writing ----------------------------------------------------------------------------------------------------------


@cli.command()
@click.option("--open", "show_it", is_flag=True, help="Open the page in the browser.")
@click.option("--around", multiple=True, metavar="NAME", help="Draw only what is near this entity; may be given several times.")
@click.option("--hops", type=click.IntRange(1, 9), default=2, show_default=True, help="How many links --around reaches.")
@click.option("--query", metavar="SPARQL", help="Draw only the entities this query gives.")
@click.option("--top", type=click.IntRange(1), metavar="N", help="Draw only the N most central entities.")
@_to_file(str(OUT / "graph.html"))
@_store
@_overlay
@_base
@_chatty
def view(
    show_it: bool,
    around: tuple[str, ...],
    hops: int,
    query: str | None,
    top: int | None,
    out: str,
    store: str,
    overlay: Sequence[Path],
    base: str | None,
) -> None:
    """Draw the store as an interactive page, one HTML file that needs nothing else.

    A page holds 20,000 entities; of a larger graph it holds the most central ones, unless you choose.

    \b
      kg view --open
      kg view --around IBM --around Google --hops 1 --out ibm.html
      kg view --query "SELECT ?a ?b { ?a kg:investsIn ?b }" --top 500
    """
    from kg import pipeline

    if out == "-" and show_it:
        raise UsageError("--open needs a file", hint="give --out FILE")
    with _opened(store, base) as opened:
        domain, where = pipeline.load_ontology(overlay), sys.stdout.buffer if out == "-" else Path(out)
        drawn = pipeline.draw(opened, domain, where, around=around, hops=hops, query=query, top=top)
    _tell_cut(drawn["cut"])
    if out != "-" and not _said("quiet"):
        click.echo(out)
    if show_it and click.launch(Path(out).resolve().as_uri()) != 0:
        raise KgError("no browser could be opened", where=out)


def _tell_cut(cut: Mapping[str, int]) -> None:
    """What a page has no room for, and how to choose what it shows."""
    if cut.get("entities") and not _said("quiet"):
        click.echo(
            f"the page holds the {cut['limit']} most central entities; {cut['entities']} entities and {cut['claims']} claims are "
            "left out (« kg view » chooses with --around, --query or --top)",
            err=True,
        )


# --- computing --------------------------------------------------------------------------------------------------------


def _table_out(command: F) -> F:
    form = click.option("--format", type=click.Choice(["table", "csv"]), default="table", show_default=True, help="How rows are written.")
    limit = click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the first N rows.")
    return form(limit(_to_file()(_store(_overlay(_base(_chatty(command)))))))


def _write_table(
    head: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Sequence[int], format: str, limit: int | None, out: str
) -> None:
    import csv

    from kg import console

    rows = rows[:limit]
    with _output(out) as stream:
        if format == "csv":
            pen = csv.writer(stream, lineterminator="\n")
            pen.writerow(head)
            pen.writerows(rows)
        else:
            console.table(head, [[str(cell) for cell in row] for row in rows], right=right, stream=stream)


@cli.group("analyse")
def analyse_group() -> None:
    """Measure the network: who is central, what belongs together, what links it, how it grew. Tables, or CSV."""


@analyse_group.command("centrality")
@click.option(
    "--by",
    type=click.Choice(["neighbours", "claims", "evidence", "betweenness"]),
    default="neighbours",
    show_default=True,
    help="What the most central are those with most of.",
)
@_table_out
def analyse_centrality(by: str, format: str, limit: int | None, out: str, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """How many neighbours, claims and pieces of evidence each entity has, and how many shortest paths lead through it.

    \b
      kg analyse centrality --by betweenness --limit 10
    """
    from kg import analyse

    net = _network(store, overlay, base)
    found = sorted(analyse.centrality(net).items(), key=lambda item: -getattr(item[1], by))
    rows = [
        (net.nodes[n]["label"], net.nodes[n]["type"], m.neighbours, m.claims, m.evidence, m.betweenness, m.community, n) for n, m in found
    ]
    head = ("entity", "class", "neighbours", "claims", "evidence", "betweenness", "community", "iri")
    _write_table(head, rows, right=range(2, 7), format=format, limit=limit, out=out)


@analyse_group.command("communities")
@_table_out
def analyse_communities(format: str, limit: int | None, out: str, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Which entities belong together (Louvain): size, links within and to the outside, the most central members."""
    from kg import analyse

    net = _network(store, overlay, base)
    rows = [
        (c.number, len(c.members), c.within, c.outside, ", ".join(net.nodes[n]["label"] for n in c.members[:5]))
        for c in analyse.described_communities(net)
    ]
    head = ("community", "entities", "links within", "links out", "most central")
    _write_table(head, rows, right=range(4), format=format, limit=limit, out=out)


@analyse_group.command("bridges")
@_table_out
def analyse_bridges(format: str, limit: int | None, out: str, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """The links that alone hold two parts of the network together, and how many entities the smaller part has."""
    from kg import analyse

    net = _network(store, overlay, base)
    rows = [(net.nodes[b.one]["label"], net.nodes[b.other]["label"], b.apart) for b in analyse.bridges(net)]
    _write_table(("one", "other", "entities apart"), rows, right=[2], format=format, limit=limit, out=out)


@analyse_group.command("co-investors")
@click.option("--relation", default="investsIn", show_default=True, metavar="NAME", help="The relation whose objects are shared.")
@_table_out
def analyse_shared(relation: str, format: str, limit: int | None, out: str, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Who invests in the same; or, with --relation, who does anything else to the same.

    \b
      kg analyse co-investors
      kg analyse co-investors --relation basedIn
    """
    from kg import analyse, pipeline

    domain = pipeline.load_ontology(overlay)
    if relation not in domain.relations:
        raise UsageError(f"« {relation} » is no relation", hint=f"one of {', '.join(sorted(domain.relations))}")
    with _opened(store, base) as opened:
        net = pipeline.network(opened, domain)
    rows = [
        (net.nodes[a]["label"], net.nodes[b]["label"], len(what), ", ".join(net.nodes[n]["label"] for n in what))
        for a, b, what in analyse.shared(net, relation)
    ]
    _write_table(("one", "other", "shared", "what"), rows, right=[2], format=format, limit=limit, out=out)


@analyse_group.command("path")
@click.argument("start", metavar="FROM")
@click.argument("end", metavar="TO")
@_table_out
def analyse_path(
    start: str, end: str, format: str, limit: int | None, out: str, store: str, overlay: Sequence[Path], base: str | None
) -> None:
    """A shortest path between two entities, with the claims it is made of.

    \b
      kg analyse path OVH Gandi
    """
    from kg import analyse, pipeline

    with _opened(store, base) as opened:
        ends = [opened.resolve(name).value for name in (start, end)]
        net = pipeline.network(opened, pipeline.load_ontology(overlay))
    steps = analyse.path(net, *ends)
    if steps is None:
        raise KgError(f"no path leads from « {start} » to « {end} »")
    rows = [
        (number, net.nodes[s]["label"], data["relation"], net.nodes[o]["label"], str(data["status"]), data["confidence"])
        for number, (one, other) in enumerate(itertools.pairwise(steps), 1)
        for s, o, _, data in analyse.between(net, one, other)
    ]
    head = ("step", "subject", "relation", "object", "status", "confidence")
    _write_table(head, rows, right=[0, 5], format=format, limit=limit, out=out)


@analyse_group.command("growth")
@_table_out
def analyse_growth(format: str, limit: int | None, out: str, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """What the briefs of each month brought: entities and claims not told before, and their sums."""
    from kg import analyse

    rows = [
        (m.month or "undated", m.briefs, m.entities, m.claims, m.all_entities, m.all_claims)
        for m in analyse.growth(_network(store, overlay, base))
    ]
    head = ("month", "briefs", "new entities", "new claims", "all entities", "all claims")
    _write_table(head, rows, right=range(1, 6), format=format, limit=limit, out=out)


def _network(store: str, overlay: Sequence[Path], base: str | None) -> nx.MultiDiGraph[str]:
    from kg import pipeline

    with _opened(store, base) as opened:
        return pipeline.network(opened, pipeline.load_ontology(overlay))


# --- serving ----------------------------------------------------------------------------------------------------------


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen; 0.0.0.0 lets other machines in.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, metavar="N", help="0 takes a free one.")
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=30.0, show_default=True, metavar="SECONDS", help="A query is stopped after these."
)
@click.option(
    "--max-rows", type=click.IntRange(1), default=100_000, show_default=True, metavar="N", help="No answer has more rows or triples."
)
@click.option(
    "--workers", type=click.IntRange(1, 64), metavar="N", help="So many queries run at a time [default: the number of cores, at most 4]."
)
@click.option("--open", "show_it", is_flag=True, help="Open it in the browser.")
@_store
@_overlay
@_base
@_chatty
def serve(
    host: str,
    port: int,
    timeout: float,
    max_rows: int,
    workers: int | None,
    show_it: bool,
    store: str,
    overlay: Sequence[Path],
    base: str | None,
) -> None:
    """Serve the explorer, a query editor, a page an entity and a SPARQL 1.1 endpoint, for reading only.

    The address is printed; Ctrl-C ends it. What « kg build » adds meanwhile is served at once.

    \b
      kg serve --port 0 --open
      curl http://127.0.0.1:8000/sparql --data-urlencode "query=SELECT * { ?who kg:acquires ?what }"
    """
    from kg import namespaces, pipeline, server

    pipeline.load_ontology(overlay)
    folders = tuple(str(p.resolve()) for p in overlay)
    settings = server.Settings(
        store,
        namespaces.base(base),
        folders,
        seconds=timeout,
        rows=max_rows,
        workers=workers or min(4, os.cpu_count() or 1),
        log=_said("verbose"),
    )

    def ready(address: str) -> None:
        click.echo(address)
        if not _said("quiet"):
            click.echo(f"the graph is at {address}, SPARQL at {address}sparql; Ctrl-C ends it", err=True)
        if show_it:
            click.launch(address)

    server.serve(settings, host, port, ready=ready)


# --- writing RDF, removing --------------------------------------------------------------------------------------------


@cli.command()
@click.option(
    "--format", type=click.Choice(_FORMATS), default="turtle", show_default=True, help="The syntax; graphml, gexf and csv for networks."
)
@click.option("--facts-only", is_flag=True, help="Only entities and the asserted facts between them, without claims and evidence.")
@_text
@click.option(
    "--inferred",
    type=click.Choice(["no", "too", "only"]),
    default="no",
    show_default=True,
    help="What « kg infer » found: left out, beside the rest in a named graph, or alone.",
)
@_to_file()
@_store
@_overlay
@_base
@_chatty
def export(
    format: str, facts_only: bool, text: Any, inferred: Any, out: str, store: str, overlay: Sequence[Path], base: str | None
) -> None:
    """Write the graph for other tools, always the same bytes for the same graph.

    csv writes nodes.csv and edges.csv into the folder --out. Files hold the sentences that are evidence, not the whole
    briefs, unless you ask with --text full.

    \b
      kg export --out graph.ttl
      kg export --format gexf --out graph.gexf
      kg export --format ntriples --facts-only | sort | uniq -c
    """
    from kg import pipeline
    from kg.writers import NETWORKS

    with _opened(store, base) as opened:
        target = sys.stdout.buffer if out == "-" else Path(out)
        domain = pipeline.load_ontology(overlay)
        count = pipeline.export(opened, target, format, domain=domain, facts_only=facts_only, text=text, inferred=inferred)
    if out != "-" and not _said("quiet"):
        click.echo(f"{out}: {count} {'nodes and edges' if format in NETWORKS else 'triples'}")


@cli.command()
@click.argument("url")
@click.option("--update", is_flag=True, help="By SPARQL Update, in batches of 500 triples, instead of the Graph Store Protocol.")
@click.option("--graph", metavar="IRI", help="The named graph to send to [default: the server's default graph].")
@click.option("--replace", is_flag=True, help="Empty that graph first; otherwise the triples are added to it.")
@click.option("--facts-only", is_flag=True, help="Only entities and the asserted facts between them, without claims and evidence.")
@_text
@click.option("--dry-run", is_flag=True, help="Send nothing; say what would be sent.")
@_store
@_base
@_chatty
def push(
    url: str, update: bool, graph: str | None, replace: bool, facts_only: bool, text: Any, dry_run: bool, store: str, base: str | None
) -> None:
    """Send the graph to the SPARQL 1.1 store at URL; sending it twice changes nothing.

    User and password, if the server asks for them, are KG_PUSH_USER and KG_PUSH_PASSWORD, or a token is KG_PUSH_TOKEN.

    \b
      kg push http://127.0.0.1:7878/store                                            Oxigraph
      kg push http://127.0.0.1:8890/sparql-auth --update --graph https://example.org/news    Virtuoso
    """
    from kg import push as pushing

    def told(sent: int, of: int) -> None:
        if sys.stderr.isatty() and not _said("quiet"):
            click.echo(f"\r{sent} of {of} triples", nl=sent == of, err=True)

    with _opened(store, base) as opened:
        done = pushing.push(
            opened,
            url,
            update=update,
            graph=graph,
            replace=replace,
            facts_only=facts_only,
            text=text,
            dry_run=dry_run,
            on_batch=told,
        )
    if not _said("quiet"):
        requests = f"{done.requests} request{'s' if done.requests != 1 else ''}"
        click.echo(f"{done.url}: {done.triples} triples in {requests}{' would be sent' if dry_run else ''}")


@cli.command()
@click.option("--remove", "take_out", is_flag=True, help="Take out what was inferred.")
@_store
@_overlay
@_base
@_chatty
def infer(take_out: bool, store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Add what follows from the ontology (superclasses, inverses…), in a layer apart that nothing shows unless asked.

    The layer is the named graph BASE/graph/inferred: export --inferred writes it, GRAPH asks it. Whatever changes
    the graph takes it out; run this again after a build.

    \b
      kg infer
      kg query "SELECT ?what ?who { GRAPH ?layer { ?what kg:acquiredBy ?who } }"
    """
    from kg import infer as inferring
    from kg import pipeline

    with _opened(store, base, read_only=False) as opened:
        count = inferring.remove(opened) if take_out else inferring.infer(opened, pipeline.load_ontology(overlay))
    if not _said("quiet"):
        click.echo(f"{count} triples {'taken out' if take_out else 'inferred'}")


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


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@_store
@_base
@_chatty
def backup(file: Path, store: str, base: str | None) -> None:
    """Write all of the store, decisions included, into FILE: a zip of N-Quads that any RDF tool reads.

    \b
      kg backup kg-2026-11.zip
    """
    from kg import upkeep

    with _opened(store, base) as opened:
        count = upkeep.backup(opened, file)
    if not _said("quiet"):
        click.echo(f"{file}: {count} triples")


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of the store that is there.")
@_store
@_chatty
def restore(file: Path, replace: bool, store: str) -> None:
    """Make a store of the FILE that « kg backup » wrote.

    \b
      kg restore kg-2026-11.zip --replace
    """
    from kg import upkeep

    count = upkeep.restore(file, store, replace=replace)
    if not _said("quiet"):
        click.echo(f"{store}: {count} triples")


@cli.command()
@_store
@_overlay
@_base
@_chatty
def doctor(store: str, overlay: Sequence[Path], base: str | None) -> None:
    """Look the store through and say what to do. Exit code 1 if something is wrong.

    \b
      kg doctor
    """
    from kg import pipeline, upkeep

    ill = False
    for finding in upkeep.examine(store, pipeline.load_ontology(overlay), base):
        ill = ill or bool(finding.todo)
        if finding.todo or not _said("quiet"):
            click.echo(f"{'!!' if finding.todo else 'ok'}  {finding.what}{f' → {finding.todo}' if finding.todo else ''}")
    if ill:
        raise KgError("something is wrong with the store", where=store)


@cli.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many to show.")
@_store
@_base
@_chatty
def search(words: tuple[str, ...], limit: int, store: str, base: str | None) -> None:
    """Find names and sentences that hold all WORDS, whatever their case and accents.

    \b
      kg search rachat cloud
    """
    from kg import console, upkeep

    with _opened(store, base) as opened:
        hits = upkeep.search(opened, " ".join(words), limit=limit)
        short = opened.ids.local
        console.table(["", "text", "of"], [[h.kind, " ".join(h.text.split()), short(h.about)] for h in hits])


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


@cli.group("names")
def names_group() -> None:
    """Build the lists of names that come from packages."""


@names_group.command("build")
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a file is not what the packages give.")
@click.option(
    "--ontology", "folder", type=click.Path(path_type=Path), metavar="DIR", help="The ontology's folder [default: the shipped one]."
)
@_chatty
def names_build(check: bool, folder: Path | None) -> None:
    """Build cities.tsv, places.tsv and listed.tsv again from packages; what was written by hand stays.

    Needs the extra « names »: pip install 'techkg[names]'.

    \b
      kg names build --check
    """
    from kg import names, ontology

    where = (folder or ontology.default_folders()[0]) / "names"
    if check:
        if stale := names.stale(where):
            raise KgError(f"out of date: {', '.join(stale)}", where=str(where), hint="run « kg names build »")
        changed = []
    else:
        changed = names.write(where)
    if not _said("quiet"):
        click.echo("\n".join(str(where / name) for name in changed) or f"{where}: nothing has changed")


# --- opening and writing ----------------------------------------------------------------------------------------------


@contextmanager
def _opened(store: str, base: str | None, *, read_only: bool = True) -> Iterator[Store]:
    from kg.graph import open_store
    from kg.store import is_store, kept_folder

    if not is_store(kept_folder(store)) and not read_only:
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

    from kg.files import written

    with written(Path(out)) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="\n", write_through=True)
        yield text
        text.flush()
        text.detach()


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
