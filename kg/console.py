"""What the command line shows: progress, summaries, briefs with their claims, cards. Text in, nothing computed here.

On a terminal things are coloured and drawn; elsewhere the same words are plain text, one fact a line, that other
programs can read. Rich is imported when something is drawn.
"""

from __future__ import annotations

import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import IO, TYPE_CHECKING

from kg.model import QUALIFIERS, Analysis, Claim, Evidence, Extraction, Match, Miss, Span, Status
from kg.pipeline import Built, Watch

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.text import Text

    from kg.evaluate import Report
    from kg.graph import Outcome, Stats
    from kg.watching import Round

PLAIN_WIDTH = 110
_STATUS_STYLE = {Status.ASSERTED: "green", Status.PLANNED: "cyan", Status.RUMOURED: "yellow", Status.DENIED: "red"}
_STAGES = {
    "read": "reading documents",
    "compare": "looking for what is new",
    "model": "loading the French model",
    "extract": "reading briefs",
    "load": "storing what was read",
    "resolve": "telling who is who",
    "store": "closing the store",
    "check": "checking what was touched",
    "turtle": "writing Turtle",
    "draw": "drawing the network",
}


def console(stream: IO[str] | None = None) -> Console:
    """A rich console on standard output; without colours, and as wide as the text needs, where it is no terminal."""
    from rich.console import Console

    stream = stream or sys.stdout
    return Console(file=stream, highlight=False, soft_wrap=not stream.isatty(), width=None if stream.isatty() else PLAIN_WIDTH)


# --- progress ---------------------------------------------------------------------------------------------------------


class Lines(Watch):
    """Tells stages on standard error, one line each: all of them with their seconds (``verbose``), or only the model's."""

    def __init__(self, *, verbose: bool = False) -> None:
        self.verbose = verbose
        self._began: float | None = None

    def stage(self, name: str, total: int | None = None) -> None:
        self.finish()
        if name == "model" and not self.verbose:
            print(f"{_STAGES[name]}…", file=sys.stderr, flush=True)
        if self.verbose:
            many = "" if total is None else f" ({total} {'claims' if name == 'check' else 'briefs'})"
            print(f"{_STAGES.get(name, name)}{many}…", end="", file=sys.stderr, flush=True)
            self._began = time.perf_counter()

    def finish(self) -> None:
        """The last stage is over."""
        if self._began is not None:
            print(f" {time.perf_counter() - self._began:.2f} s", file=sys.stderr, flush=True)
            self._began = None


class Bar(Lines):
    """A progress bar on a terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def stage(self, name: str, total: int | None = None) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        if self._progress is None:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
            self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
            self._progress.start()
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task(f"{_STAGES.get(name, name)}…", total=total)

    def advance(self) -> None:
        if self._progress is not None and self._task is not None:
            self._progress.advance(self._task)

    def finish(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None


def watch(*, quiet: bool, verbose: bool) -> Lines | None:
    """Who tells the user what is going on; ``None``: nobody."""
    if quiet:
        return None
    return Bar() if sys.stderr.isatty() and not verbose else Lines(verbose=verbose)


# --- tables -----------------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, right: Sequence[int] = (), stream: IO[str] | None = None) -> None:
    """A table: drawn on a terminal, columns parted by two spaces elsewhere."""
    stream, rows = stream or sys.stdout, [list(r) for r in rows]
    if stream.isatty():
        from rich import box
        from rich.table import Table
        from rich.text import Text

        drawn = Table(box=box.SIMPLE_HEAD, header_style="bold")
        for number, name in enumerate(head):
            drawn.add_column(name, justify="right" if number in right else "left")
        for row in rows:
            drawn.add_row(*map(Text, row))
        console(stream).print(drawn)
        return
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for row in (list(head), *rows):
        cells = (cell.rjust(width) if n in right else cell.ljust(width) for n, (cell, width) in enumerate(zip(row, widths, strict=True)))
        print("  ".join(cells).rstrip(), file=stream)


def claims_table(claims: Mapping[tuple[str, Status], int]) -> None:
    """Claims by relation and status, with their sums."""
    by_name: dict[str, dict[Status, int]] = defaultdict(dict)
    for (name, status), count in claims.items():
        by_name[name][status] = count
    rows = [[n, *(str(c.get(s, "")) for s in Status), str(sum(c.values()))] for n, c in sorted(by_name.items())]
    sums = [sum(c.get(s, 0) for c in by_name.values()) for s in Status]
    rows.append(["all", *map(str, sums), str(sum(sums))])
    table(["claims", *Status, "all"], rows, right=range(1, 6))


def summary(built: Built, *, verbose: bool = False) -> None:
    """What a build came to."""
    stats = built.stats
    claims_table(stats.claims)
    outcomes = ", ".join(f"{count} {'unchanged' if name == 'skipped' else name}" for name, count in sorted(built.outcomes.items()) if count)
    print()
    print(f"briefs    {stats.briefs}{f' ({outcomes})' if outcomes else ''}")
    print(f"entities  {sum(stats.entities.values())} ({_counts(stats.entities)})")
    print(f"evidence  {stats.evidence}")
    print(f"skipped   {len(built.left_out)}")
    for skip in built.left_out if verbose else built.left_out[:5]:
        print(f"          {skip.key}: {skip.reason}")
    if not verbose and len(built.left_out) > 5:
        print(f"          … and {len(built.left_out) - 5} more (--verbose lists them)")
    print(f"problems  {len(built.problems)}")
    for problem in built.problems if verbose else built.problems[:5]:
        print(f"          {problem.severity}: {problem.focus}: {problem.message}")
    for file in built.files:
        print(f"written   {file}")


def news(round_: Round, *, verbose: bool = False) -> None:
    """What a round of ``kg watch`` brought: one line, and the briefs that were left out."""
    built = round_.built
    outcomes: Counter[Outcome] = built.outcomes if built is not None else Counter()
    parts = [f"{outcomes['added']} added", f"{outcomes['replaced']} replaced", f"{outcomes['skipped']} unchanged"]
    parts += [f"{len(built.left_out) if built is not None else 0} left out"]
    places = [f"{len(round_.changed)} with news", f"{len(round_.unchanged)} without"]
    places += [f"{len(round_.waiting)} not to be asked yet"] if round_.waiting else []
    print(f"{datetime.now().isoformat(' ', 'seconds')}  addresses: {', '.join(places)}; briefs: {', '.join(parts)}", flush=True)
    for skip in built.left_out if built is not None and verbose else ():
        print(f"  left out  {skip.key}: {skip.reason}")
    for problem in built.problems[:5] if built is not None else ():
        print(f"  {problem.severity}: {problem.focus}: {problem.message}")


def stats(found: Stats) -> None:
    """What a store holds."""
    claims_table(found.claims)
    print()
    table(["entities", "count"], [[n, str(c)] for n, c in sorted(found.entities.items())], right=[1])
    print()
    print(f"{found.briefs} briefs, {sum(found.entities.values())} entities, {found.evidence} pieces of evidence, {found.triples} triples")


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{c} {n}" for n, c in sorted(counts.items(), key=lambda item: (-item[1], item[0]))) or "none"


# --- briefs with their claims -----------------------------------------------------------------------------------------


def marked(text: str, within: Span, subject: Span, trigger: Span, object_: Span) -> Text:
    """The words of ``within`` with subject, trigger and object set off: by colour and, in plain text, by [ ] and * *."""
    from rich.text import Text

    styles = ((subject, "bold blue", "[", "]"), (object_, "bold magenta", "[", "]"), (trigger, "bold green", "*", "*"))
    kept: list[tuple[Span, str, str, str]] = []
    for span, style, left, right in styles:
        if within.covers(span) and span.start < span.end and not any(span.overlaps(k[0]) for k in kept):
            kept.append((span, style, left, right))
    out, at = Text(), within.start
    for span, style, left, right in sorted(kept):
        out.append(_flat(text[at : span.start]))
        out.append(f"{left}{_flat(span.of(text))}{right}", style=style)
        at = span.end
    return out.append(_flat(text[at : within.end]))


def _flat(text: str) -> str:
    """Line ends made spaces, invisible controls made visible: what a brief says must not move the cursor."""
    return "".join(c if c.isprintable() or c == " " else " " if c.isspace() else "�" for c in text)


def extraction(found: Extraction, out: Console) -> None:
    """One brief: its key, its text, and each claim with the words that say it."""
    from rich.text import Text

    brief = found.brief
    head = Text(brief.key, style="bold")
    head.append(f"  {brief.date}" if brief.date else "", style="dim")
    head.append(f"  {_flat(brief.title)}" if brief.title else "", style="dim")
    out.print(head)
    out.print(Text(_flat(brief.text)))
    if not found.claims:
        out.print(Text("  (no claim)", style="dim"))
    for claim, evidence in found.claims:
        out.print(Text("  ").append(_claim(claim, evidence)))
        quoted = marked(brief.text, evidence.span, evidence.subject, evidence.trigger, evidence.object)
        out.print(Text("    « ").append(quoted).append(f" »  {evidence.rule}", style=""))
    out.print()


def _claim(claim: Claim, evidence: Evidence) -> Text:
    from rich.text import Text

    said = Text(claim.subject, style="bold").append(f" —{claim.relation}→ ", style="").append(claim.object, style="bold")
    said.append(f"  {evidence.status}", style=_STATUS_STYLE[evidence.status])
    for name in QUALIFIERS:
        if value := getattr(evidence, name):
            said.append(f"  {name} {value}", style="")
    return said.append(f"  {evidence.confidence:.2f}", style="dim")


def explained(analysis: Analysis, found: Sequence[Match | Miss], kept: frozenset[Claim], floor: float, out: Console) -> None:
    """How a text was read: entities, quantities, matches with their construction and reason, near misses with theirs.

    ``floor`` is the confidence below which nothing is said."""
    from rich.text import Text

    text = analysis.brief.text
    out.print(Text(_flat(text), style="bold"))
    out.print(Text("\nentities"))
    for number, entity in enumerate(analysis.entities):
        why = sorted({f"{m.span.of(text)!r} {m.kind}: {m.why}" for m in analysis.mentions if m.entity == number})
        out.print(Text(f"  {entity.name} ({entity.type})  {'; '.join(why)}"))
    if analysis.quantities:
        out.print(Text("\nquantities"))
        for q in analysis.quantities:
            out.print(Text(f"  {q.span.of(text)!r}  {q.kind} {q.value}{f' ({q.bound})' if q.bound else ''}"))
    matches = [m for m in found if isinstance(m, Match)]
    out.print(Text(f"\nmatches: {len(matches)}"))
    for match in matches:
        line = Text("  ").append(_claim(match.claim, match.evidence)).append(f"  {match.evidence.rule}", style="")
        out.print(line)
        spans = (match.evidence.span, match.evidence.subject, match.evidence.trigger, match.evidence.object)
        out.print(Text("    « ").append(marked(text, *spans)).append(" »"))
        if match.because:
            out.print(Text(f"    {match.because}"))
        if match.claim not in kept:
            unsure = match.evidence.confidence < floor
            why_not = "too unsure to be said" if unsure else "another relation says it already"
            out.print(Text(f"    left out: {why_not}", style="yellow"))
    misses = list(dict.fromkeys(_miss(m, text) for m in found if isinstance(m, Miss)))
    out.print(Text(f"\nnear misses: {len(misses)}"))
    for line_ in misses:
        out.print(Text(f"  {line_}"))


def _miss(miss: Miss, text: str) -> str:
    filled = "".join(f", {role} {value}" for role, value in miss.filled.items())
    return f"{miss.relation}/{miss.frame}  « {_flat(miss.trigger.of(text))} »{filled}: {miss.reason}"


# --- one entity -------------------------------------------------------------------------------------------------------

Row = Mapping[str, str | None]


def card(about: Sequence[Row], said: Sequence[Row], out: Console) -> None:
    """An entity: what it is and is called, and each claim about it with the sentences that say so."""
    from rich.text import Text

    def values(name: str) -> list[str]:
        return sorted({v for row in about if row["property"] == name and (v := row["value"])})

    label = (values("label") or ["?"])[0]
    out.print(Text(label, style="bold").append(f"  {', '.join(values('type'))}", style="dim"))
    for name, intro in (("altLabel", "also called"), ("sameAs", "same as")):
        if found := values(name):
            out.print(Text(f"  {intro} {', '.join(found)}"))
    out.print(Text(f"  {about[0]['entity']}" if about else "", style="dim"))
    for line, quotes in _claims_of(said):
        out.print(line)
        for quote in quotes:
            out.print(Text(f"      « {_flat(quote['sentence'] or '')} »  {quote['brief']}"))


def _claims_of(said: Sequence[Row]) -> Iterator[tuple[Text, list[Row]]]:
    from rich.text import Text

    by_claim: dict[str | None, list[Row]] = defaultdict(list)
    for row in said:
        by_claim[row["claim"]].append(row)
    for rows in by_claim.values():
        row = rows[0]
        status = Status(row["status"] or "asserted")
        line = Text(f"  {row['subjectName']} —{row['relation']}→ ").append(row["object"] or "", style="bold")
        line.append(f"  {status}", style=_STATUS_STYLE[status])
        for name in ("date", "role", "amount", "share"):
            if value := row[name]:
                line.append(f"  {name} {value}{' %' if name == 'share' else ''}", style="")
        claim = (row["claim"] or "").rpartition("/")[2][:8]
        yield line.append(f"  {row['confidence']}  claim/{claim}", style="dim"), rows


# --- scores -----------------------------------------------------------------------------------------------------------


def report(found: Report, *, errors: bool = False) -> None:
    """Scores, and with ``errors`` every missed and invented claim with its cause."""
    if errors:
        for error in found.errors:
            print(
                " | ".join((error.brief, error.side, error.relation, error.subject, error.object, error.cause, error.detail)).rstrip(" |")
            )
        print()
    rows = [(n, s) for n, s in (*((f"  {n}", s) for n, s in found.by_relation.items()), *found.totals.items())]
    cells = [[n, f"{s.precision:.3f}", f"{s.recall:.3f}", f"{s.f1:.3f}", str(s.right), str(s.predicted), str(s.gold)] for n, s in rows]
    table(["", "P", "R", "F1", "right", "predicted", "gold"], cells, right=range(1, 7))
    print(f"\nstatus accuracy {found.status_accuracy:.3f}; {found.empty} briefs without a relation, {found.noisy} of them given one")
    if found.causes:
        print()
        table(["side", "cause", "claims"], [[side, cause, str(n)] for (side, cause), n in found.causes.items()], right=[2])
    if found.reliability:
        print("\nhow often a claim of a confidence is right")
        cells = [[f"{b.low:.1f}–{b.high:.1f}", str(b.claims), f"{b.confidence:.2f}", f"{b.right:.2f}"] for b in found.reliability]
        table(["confidence", "claims", "mean", "right"], cells, right=range(1, 4))
