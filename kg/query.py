"""Asking the graph: SPARQL 1.1 in, rows or triples out. Reads only, and never leaves the machine.

Evaluation is Oxigraph's; this module declares the prefixes, binds parameters as terms, refuses what would write or call
another host before anything is evaluated, and tells errors in one line with their position. It imports no rdflib.

>>> result = run(store, "SELECT ?who { ?who kg:acquires ?what }", bindings={"what": NamedNode("…")})   # doctest: +SKIP
>>> result.variables, result.rows                                                                     # doctest: +SKIP
"""

from __future__ import annotations

import bisect
import difflib
import html
import io
import itertools
import re
import unicodedata
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, Literal, cast

import pyoxigraph as ox

from kg import namespaces as ns
from kg.errors import KgError, QueryError
from kg.link import slug, tidy
from kg.model import Status
from kg.queries import NamedQuery, Parameter, find_query

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

Term = ox.NamedNode | ox.Literal
Row = tuple[Term | None, ...]
Format = Literal["table", "csv", "tsv", "json", "ttl"]
FORMATS: tuple[Format, ...] = ("table", "csv", "tsv", "json", "ttl")
_Raw = ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples


class Result:
    """What a query gives. ``form`` is ``rows`` (SELECT), ``boolean`` (ASK) or ``triples`` (CONSTRUCT, DESCRIBE).

    It is evaluated once when it is made, and again only if it is both looked at and written out.
    """

    def __init__(self, evaluate: Callable[[], _Raw], base: str | None = None) -> None:
        self._evaluate = evaluate
        self._base = ns.base(base)
        self._raw: _Raw | None = evaluate()
        self._rows: list[Row] | None = None
        self._triples: list[ox.Triple] | None = None
        self.form: Literal["rows", "boolean", "triples"] = "rows"
        self.variables: tuple[str, ...] = ()
        self.boolean: bool | None = None
        if isinstance(self._raw, ox.QuerySolutions):
            self.variables = tuple(v.value for v in self._raw.variables)
        elif isinstance(self._raw, ox.QueryBoolean):
            self.form, self.boolean = "boolean", bool(self._raw)
        else:
            self.form = "triples"

    def _take(self) -> _Raw:
        raw, self._raw = self._raw or self._evaluate(), None
        return raw

    @property
    def rows(self) -> list[Row]:
        """The rows of a SELECT, one term a variable, ``None`` where it is unbound."""
        if self._rows is None:
            with told():
                self._rows = [tuple(row) for row in cast(ox.QuerySolutions, self._take())] if self.form == "rows" else []
        return self._rows

    @property
    def triples(self) -> list[ox.Triple]:
        """The triples of a CONSTRUCT or DESCRIBE, each once, in order."""
        if self._triples is None:
            with told():
                self._triples = sorted(set(cast(ox.QueryTriples, self._take())), key=str) if self.form == "triples" else []
        return self._triples

    def dicts(self) -> list[dict[str, str | None]]:
        """The rows as plain strings by variable: IRIs and lexical forms."""
        return [{v: None if t is None else t.value for v, t in zip(self.variables, row, strict=True)} for row in self.rows]

    def write(self, out: IO[bytes], format: Format = "table", *, width: int | None = None) -> None:
        """Writes the result in UTF-8. ``table`` is for people (``width`` given: drawn by rich for a terminal that wide)."""
        if format == "ttl" and self.form != "triples":
            raise QueryError("only CONSTRUCT and DESCRIBE give Turtle", hint="use --format table, csv, tsv or json")
        if format in ("csv", "tsv", "json") and self.form == "triples":
            raise QueryError(f"CONSTRUCT and DESCRIBE give triples, which {format} cannot hold", hint="use --format ttl")
        if self.form == "triples":
            out.write(ox.serialize(self.triples, format=ox.RdfFormat.TURTLE, prefixes=dict(ns.PREFIXES)) or b"")
        elif format in _NATIVE:
            with told():
                data = cast(ox.QuerySolutions, self._take()).serialize(format=_NATIVE[format]) or b""
            out.write(data if data.endswith(b"\n") else data + b"\n")
        elif self.form == "boolean":
            out.write(b"true\n" if self.boolean else b"false\n")
        else:
            out.write(self._table(width).encode("utf-8", "replace"))

    def text(self, format: Format = "table", *, width: int | None = None) -> str:
        """The result as :meth:`write` writes it."""
        buffer = io.BytesIO()
        self.write(buffer, format, width=width)
        return buffer.getvalue().decode("utf-8")

    def to_pandas(self) -> pd.DataFrame:
        """The rows as a pandas table (numbers as numbers), or the triples as subject, predicate, object. Needs pandas."""
        if self.form == "triples":
            return frame(("subject", "predicate", "object"), [tuple(_python(t) for t in triple) for triple in self.triples])
        if self.form == "boolean":
            return frame(("boolean",), [(self.boolean,)])
        return frame(self.variables, [tuple(None if t is None else _python(t) for t in row) for row in self.rows])

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """The triples of a CONSTRUCT or DESCRIBE as a networkx graph: terms as nodes, predicates as the keys of edges."""
        import networkx

        if self.form != "triples":
            raise QueryError("only CONSTRUCT and DESCRIBE give a graph", hint="use .dicts() or .to_pandas() for rows")
        net: nx.MultiDiGraph[str] = networkx.MultiDiGraph()
        for triple in self.triples:
            subject, predicate, object_ = (t.value for t in triple if isinstance(t, (ox.NamedNode, ox.Literal)))
            net.add_edge(subject, object_, key=predicate)
        return net

    def _repr_html_(self) -> str:
        """A table for notebooks; of many rows the first hundred."""
        head: Sequence[str] = ("subject", "predicate", "object") if self.form == "triples" else self.variables or ("boolean",)
        if self.form == "triples":
            rows = [[self._shown(t) for t in triple if isinstance(t, (ox.NamedNode, ox.Literal))] for triple in self.triples]
        elif self.form == "boolean":
            rows = [[str(self.boolean).lower()]]
        else:
            rows = [["" if t is None else self._shown(t) for t in row] for row in self.rows]
        cells = "".join(f"<tr>{''.join(f'<td>{html.escape(c)}</td>' for c in row)}</tr>" for row in rows[:100])
        more = f"<caption>{len(rows)} rows, the first 100 shown</caption>" if len(rows) > 100 else ""
        return f"<table>{more}<thead><tr>{''.join(f'<th>{html.escape(h)}</th>' for h in head)}</tr></thead><tbody>{cells}</tbody></table>"

    def _table(self, width: int | None) -> str:
        cells = [["" if t is None else self._shown(t) for t in row] for row in self.rows]
        return _plain(self.variables, cells) if width is None else _drawn(self.variables, cells, width)

    def _shown(self, term: Term) -> str:
        text = shorten(term.value, self._base) if isinstance(term, ox.NamedNode) else term.value
        # A brief must not be able to steer the terminal it is shown on.
        return "".join(" " if c in "\n\r\t" else c if c.isprintable() or c == "\u00a0" else "\ufffd" for c in text)


_NATIVE = {"csv": ox.QueryResultsFormat.CSV, "tsv": ox.QueryResultsFormat.TSV, "json": ox.QueryResultsFormat.JSON}


def frame(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> pd.DataFrame:
    """A pandas table; pandas itself is the user's to install."""
    try:
        import pandas
    except ImportError as error:
        raise KgError("pandas is not installed", hint="pip install pandas") from error
    return pandas.DataFrame([tuple(r) for r in rows], columns=list(columns))


def _python(term: object) -> str | int | float:
    """A term as a Python value: numbers as numbers, everything else as its text."""
    if isinstance(term, ox.Literal):
        if term.datatype.value == ns.XSD + "integer":
            return int(term.value)
        if term.datatype.value == ns.XSD + "decimal":
            return float(term.value)
    return term.value if isinstance(term, (ox.NamedNode, ox.Literal)) else str(term)


def shorten(iri: str, base: str) -> str:
    """An IRI for people: without our base, or with a prefix."""
    if iri.startswith(base) and iri != base:
        return iri.removeprefix(base)
    for prefix, namespace in ns.PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


def _plain(variables: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    widths = [max([_columns(v), *(_columns(row[i]) for row in cells)]) for i, v in enumerate(variables)]
    lines = [variables, ["-" * w for w in widths], *cells]
    padded = ("  ".join(c + " " * (w - _columns(c)) for c, w in zip(line, widths, strict=True)).rstrip() for line in lines)
    return "".join(f"{line}\n" for line in padded)


def _columns(text: str) -> int:
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _drawn(variables: Sequence[str], cells: Sequence[Sequence[str]], width: int) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*variables, box=box.SIMPLE_HEAD, header_style="bold")
    for row in cells:
        table.add_row(*(Text(c) for c in row))  # Text: « [red] » in a brief is no markup
    buffer = io.StringIO()
    Console(file=buffer, width=width, force_terminal=True).print(table)
    return buffer.getvalue()


# --- evaluating -------------------------------------------------------------------------------------------------------


def run(store: ox.Store, sparql: str, *, bindings: Mapping[str, Term] | None = None, base: str | None = None) -> Result:
    """Evaluates a query with our prefixes declared. ``bindings`` are terms put in for variables the query selects."""
    check(sparql)
    return Result(lambda: evaluate(store, sparql, bindings), base)


def evaluate(
    store: ox.Store,
    sparql: str,
    bindings: Mapping[str, Term] | None = None,
    *,
    default_graph: Sequence[ox.NamedNode] | None = None,
    named_graphs: Sequence[ox.NamedNode] | None = None,
) -> _Raw:
    """What Oxigraph gives for a query that has been through :func:`check`; the graphs, if given, are the only ones it sees."""
    graphs: dict[str, Any] = {"default_graph": default_graph and list(default_graph), "named_graphs": named_graphs and list(named_graphs)}
    with told(sparql):
        substitutions = {ox.Variable(name.lstrip("?$")): term for name, term in (bindings or {}).items()}
        return store.query(sparql, prefixes=dict(ns.PREFIXES), substitutions=substitutions, **graphs)  # type: ignore[arg-type]


def run_named(store: ox.Store, name: str, values: Mapping[str, str], *, base: str | None = None) -> Result:
    """Evaluates a named query with its parameters given as text; an entity by IRI, label or other name."""
    query = find_query(name)
    return run(store, query.sparql, bindings=bind_parameters(store, query, values, base=base), base=base)


def bind_parameters(store: ox.Store, query: NamedQuery, values: Mapping[str, str], *, base: str | None = None) -> dict[str, Term]:
    """The terms that stand for a named query's parameters."""
    known = {p.name: p for p in query.parameters}
    for name in values:
        if name not in known:
            raise QueryError(f"the query « {query.name} » has no parameter « {name} »", hint=_list("it has", known) or "it has none")
    if missing := [p.name for p in query.parameters if not p.optional and not values.get(p.name, "").strip()]:
        raise QueryError(f"the query « {query.name} » needs {', '.join(f'{m}=…' for m in missing)}", hint="see « kg queries »")
    return {n: _parameter(store, known[n], v, base) for n, v in values.items() if v.strip()}


def _parameter(store: ox.Store, parameter: Parameter, value: str, base: str | None) -> Term:
    if parameter.type == "entity":
        return resolve(store, value, base=base)
    if parameter.type == "status":
        status = value.strip().lower().removeprefix("kg:")
        if status not in set(Status):
            raise QueryError(f"« {value} » is no status", hint=f"one of {', '.join(Status)}")
        return ox.NamedNode(ns.KG + status)
    try:
        return ox.Literal(value)
    except ValueError as error:
        raise QueryError(f"the value of « {parameter.name} » is no valid text") from error


def bind_values(store: ox.Store, values: Mapping[str, str], *, base: str | None = None) -> dict[str, Term]:
    """Terms for the variables of a query typed by hand: ``<iri>``, ``kg:name``, ``"text"``, ``12``, or an entity's name;
    whatever names no entity is a text."""
    return {name: _value(store, value.strip(), base) for name, value in values.items()}


def _value(store: ox.Store, value: str, base: str | None) -> Term:
    if re.fullmatch(r"-?\d+", value):
        return ox.Literal(value, datatype=ox.NamedNode(ns.XSD + "integer"))
    if re.fullmatch(r"-?\d+\.\d+", value):
        return ox.Literal(value, datatype=ox.NamedNode(ns.XSD + "decimal"))
    if len(value) > 1 and value[0] == value[-1] == '"':
        return ox.Literal(value[1:-1])
    if value.startswith("<") and value.endswith(">"):
        return _iri(value[1:-1])
    if (m := re.fullmatch(r"([a-z]+):([\w.-]+)", value)) and m[1] in ns.PREFIXES:
        return _iri(ns.PREFIXES[m[1]] + m[2])
    found = _entities(store, value, ns.base(base))
    return found[0] if len(found) == 1 else ox.Literal(value)


def _iri(text: str) -> ox.NamedNode:
    try:
        return ox.NamedNode(text)
    except ValueError as error:
        raise QueryError(f"« {text} » is no IRI: {error}") from error


def resolve(store: ox.Store, text: str, *, base: str | None = None) -> ox.NamedNode:
    """The entity a user means: its IRI (``<…>``, whole, or ``org/ibm``), its label, another name; case and accents are
    forgiven. :class:`~kg.errors.QueryError` lists the candidates if there are several, the nearest names if there is none."""
    root = ns.base(base)
    found = _entities(store, text, root)
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(f"{shorten(e.value, root)} ({_label(store, e)})" for e in found[:5])
        raise QueryError(f"« {tidy(text)} » names {len(found)} entities: {shown}", hint="give one of these instead of the name")
    quads = itertools.islice(store.quads_for_pattern(None, _LABEL, None), 50_000)
    labels = {q.object.value for q in quads if isinstance(q.object, ox.Literal)}
    near = difflib.get_close_matches(tidy(text), sorted(labels), n=3, cutoff=0.6)
    raise QueryError(f"no entity is called « {tidy(text)} »", hint=_list("near it:", near) or "« kg query --name entities » lists them")


_REPLACED = ox.NamedNode(ns.DCT + "isReplacedBy")
_LABEL, _ALT = ox.NamedNode(ns.RDFS + "label"), ox.NamedNode(ns.SKOS + "altLabel")


def _entities(store: ox.Store, text: str, base: str) -> list[ox.NamedNode]:
    text = text.strip()
    for iri in _spelt(text, base):
        return [_current(store, iri)] if any(True for _ in store.quads_for_pattern(iri, None, None, ox.DefaultGraph())) else []
    literal = ox.Literal(tidy(text))
    for predicate in (_LABEL, _ALT):
        if exact := _subjects(store.quads_for_pattern(None, predicate, literal)):
            return exact
        # An entity's IRI is made of its name without case and accents: a look-up where comparing labels would be a scan.
        folded = slug(text)
        same = [ox.NamedNode(f"{base}{kind}/{folded}") for kind in ns.KINDS] if predicate == _LABEL else []
        if known := [e for e in same if any(True for _ in store.quads_for_pattern(e, _LABEL, None))]:
            return known
    if not text:
        return []
    names = (q for p in (_LABEL, _ALT) for q in store.quads_for_pattern(None, p, None))
    return _subjects(q for q in names if isinstance(q.object, ox.Literal) and slug(q.object.value) == folded)


def _current(store: ox.Store, iri: ox.NamedNode) -> ox.NamedNode:
    """The IRI that took the place of one that was merged or renamed; else itself."""
    for quad in store.quads_for_pattern(iri, _REPLACED, None):
        if isinstance(quad.object, ox.NamedNode):
            return quad.object
    return iri


def _spelt(text: str, base: str) -> Iterable[ox.NamedNode]:
    bare = text[1:-1] if text.startswith("<") and text.endswith(">") else text
    if re.match(r"[a-z][a-z0-9+.-]*://", bare) or bare != text:
        yield _iri(bare)
    elif re.fullmatch(rf"(?:{'|'.join(ns.KINDS)})/[a-z0-9~-]+", text):
        yield _iri(base + text)


def _subjects(quads: Iterable[ox.Quad]) -> list[ox.NamedNode]:
    return sorted({q.subject for q in quads if isinstance(q.subject, ox.NamedNode)}, key=str)


def _label(store: ox.Store, entity: ox.NamedNode) -> str:
    return next((q.object.value for q in store.quads_for_pattern(entity, _LABEL, None) if isinstance(q.object, ox.Literal)), "")


def _list(intro: str, names: Iterable[str]) -> str:
    shown = ", ".join(names)
    return f"{intro} {shown}" if shown else ""


# --- refusing, and telling errors -------------------------------------------------------------------------------------

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# What a name's local part may hold, escapes included: « \# » begins no comment, « \' » no string.
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"
_ECHAR = r"\\(?:[tbnrf\\\"']|u(?![dD][89a-fA-F])[0-9A-Fa-f]{4}|U00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})"
_TOKEN = re.compile(
    rf"""(?P<blank>\s+|\#[^\r\n]*)
    |(?P<long>(?P<quotes>\"{{3}}|'{{3}})(?:[^\\]|\\.)*?(?P=quotes))
    |(?P<short>\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*')
    |(?P<iri><(?:[^<>\"{{}}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})*>)
    |(?P<variable>[?$]\w+)
    |(?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<blanknode>_:\w(?:[\w\-.·]*[\w\-·])?)
    |(?P<prefix>[\w\-.·]*):(?P<local>(?:[\w:]|{_PLX})(?:[\w\-.·:]|{_PLX})*)?
    |(?P<word>[\w\-.·]+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_SOUND_STRING = re.compile(rf"(?:[^\\]|{_ECHAR})*", re.DOTALL)
_SURELY_IRI = re.compile(r"<(?:[A-Za-z][A-Za-z0-9+.-]*://[^'\\]*|[^'#\\]*)>")
_UPDATES = ("INSERT", "DELETE", "LOAD", "CLEAR", "DROP", "CREATE", "ADD", "MOVE", "COPY", "WITH")


def check(sparql: str) -> None:
    """Refuses, before anything is evaluated, what would call another host (SERVICE, LOAD) or write.

    The words count wherever they are neither in a string, an IRI, a comment, a variable nor the local part of a name;
    Oxigraph reads keywords without spaces around them (``1SERVICE<…>``, ``SERVICEex:a``), so word bounds do not count,
    and a prefix may not contain « service ». Other engines read ``\\u0053ERVICE``: the text is looked at undecoded and
    decoded.
    """
    _check(sparql, sparql)
    decoded = _ESCAPE.sub(_character, sparql)
    if decoded != sparql:
        _check(decoded, sparql)


def _character(m: re.Match[str]) -> str:
    code = int(m[1] or m[2], 16)
    return chr(code) if code <= 0x10FFFF else m[0]


def _check(text: str, original: str) -> None:
    """Looks at every token of every way the text may be read, each place once.

    A parser that goes by what it expects may read « < » as « less than » where we see an IRI (``?a<'>'``), or two quotes
    as an empty string where three are no sound long one, or end a name at one of its dots; what follows is then read
    otherwise, so all are followed.
    """
    starts, seen = [0], set[int]()
    while starts:
        at, words = starts.pop(), _first_words() if not seen else None
        while at < len(text) and at not in seen:
            seen.add(at)
            m = cast("re.Match[str]", _TOKEN.match(text, at))
            where = _position(text, at) if text == original else ""
            word = (m["word"] or m["prefix"] or "").upper()
            if "SERVICE" in word:
                raise QueryError("SERVICE is refused: queries never leave this machine", where=where)
            if m["word"] and word == "LOAD":
                raise QueryError("LOAD is refused: queries never leave this machine", where=where)
            if words is not None and words.send(m):
                raise QueryError(f"{word} is refused: a query reads only", where=where, hint="kg build and kg remove change the graph")
            if m["iri"] and not _SURELY_IRI.fullmatch(m["iri"]):
                starts.append(at + 1)
            if m["long"] and not _SOUND_STRING.fullmatch(m["long"], 3, len(m["long"]) - 3):
                starts.append(at + 2)
            if m["local"] or m["blanknode"]:  # where a name with dots ends is read differently too
                starts.extend(i + 1 for i in range(at, m.end()) if text[i] == ".")
            at = m.end()


def _first_words() -> Generator[bool, re.Match[str], None]:
    """Told token after token, says whether one is the word of an update: the first after the prologue (PREFIX name: <iri>,
    BASE <iri>)."""
    says = _update_first()
    next(says)
    return says


def _update_first() -> Generator[bool, re.Match[str], None]:
    m = yield False
    prologue = False
    while m["blank"] or m["word"] and m["word"].upper() in ("PREFIX", "BASE") or prologue and (m["iri"] or m["prefix"] is not None):
        prologue = prologue or not m["blank"]
        m = yield False
    yield bool(m["word"]) and m["word"].upper().startswith(_UPDATES)
    while True:
        yield False


def _position(text: str, at: int) -> str:
    starts = [0, *(m.end() for m in re.finditer(r"\r\n|\r|\n", text))]
    line = bisect.bisect_right(starts, at)
    return f"line {line}, column {at - starts[line - 1] + 1}"


class told:
    """Oxigraph's errors as :class:`~kg.errors.QueryError`."""

    def __init__(self, sparql: str = "") -> None:
        self._sparql = sparql

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, SyntaxError):
            raise _malformed(str(error), self._sparql) from error
        if isinstance(error, RuntimeError) and (m := re.search(r"does not contains? variable \?(\w+)", str(error))):
            raise QueryError(f"?{m[1]} is given a value but the query does not select it", hint=f"name ?{m[1]} after SELECT") from error
        if isinstance(error, RuntimeError | OSError | ValueError):
            raise QueryError(f"the query cannot be evaluated: {' '.join(str(error).split())}") from error


def _malformed(message: str, sparql: str) -> QueryError:
    m = re.match(r"error at (\d+):(\d+): (.*)", message, re.DOTALL)
    if m is None:
        return QueryError(f"malformed SPARQL: {' '.join(message.split())}")
    where, expected = f"line {m[1]}, column {m[2]}", m[3]
    if "Prefix not found" in expected:
        lines = re.split(r"\r\n|\r|\n", sparql)
        before = lines[int(m[1]) - 1][: int(m[2]) - 1] if int(m[1]) <= len(lines) else ""
        prefix = re.search(r"([\w.-]*):[^\s:]*$", before)
        return QueryError(f"unknown prefix « {prefix[1] if prefix else ''}: »", where=where, hint=f"declared are {', '.join(ns.PREFIXES)}")
    # Oxigraph lists every character that could stand there; a few words help, character classes do not.
    words = [w.strip('"') for w in re.findall(r'"(?:[^"\\]|\\.)*"|[A-Z][A-Z ]*[A-Z]', re.sub(r"\[[^\]]*\]", " ", expected))]
    words = [w for w in words if w not in ("LATERAL", "SERVICE")]
    hint = f"expected one of {' '.join(words[:8])}{' …' if len(words) > 8 else ''}" if words else ""
    return QueryError("malformed SPARQL", where=where, hint=hint)
