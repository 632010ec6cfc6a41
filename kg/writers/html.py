"""The graph as one HTML file that needs nothing else: pyvis builds the network, our template draws the page around it.

The file asks no host for anything and says so to the browser (Content-Security-Policy: nothing but the scripts and the
style whose hashes it names). Everything a brief says reaches the page as JSON (:mod:`kg.writers.scene`) and is put there as
text nodes, so that markup in a brief stays words. Positions are computed beforehand; the page opens still.

The page's code is the modules of ``assets/`` in the order of :data:`MODULES`, its words are ``assets/words.json``.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from kg.errors import KgError
from kg.files import written
from kg.writers.scene import ASSETS

MODULES = (
    "core",
    "model",
    "state",
    "places",
    "looks",
    "labels",
    "canvas",
    "legend",
    "timeline",
    "search",
    "panel",
    "table",
    "exports",
    "main",
)
"""The scripts of the page, in the order in which they need one another."""


def write(data: Mapping[str, Any], out: Path | IO[bytes]) -> None:
    """Writes the page of a :func:`~kg.writers.scene.scene` into the file ``out``, which is replaced whole or not at all (or
    into a stream that is open already)."""
    page = render(data)
    with written(out) as file:
        file.write(page.encode())


def render(data: Mapping[str, Any]) -> str:
    """The page, as a string: the same bytes for the same scene."""
    from pyvis.network import Network

    drawing = Network(directed=True, cdn_resources="in_line", height="100%", width="100%")
    _add_first(drawing, data)
    drawing.options = _OPTIONS
    drawing.set_template_dir(str(ASSETS), "page.html.j2")
    environment = drawing.templateEnv
    environment.autoescape = True
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False, "ensure_ascii": False, "separators": (",", ":")}
    scripts, style = _code()
    environment.globals.update(
        title=data["title"]["fr"],
        kg_data=data,
        words=json.loads(asset("words.json")),
        scripts=scripts,
        style=style,
        policy=_policy(scripts, style),
    )
    page: str = drawing.generate_html()
    return page if page.endswith("\n") else page + "\n"


def policy() -> str:
    """What the browser may do for the page: run its scripts, apply its style, show pictures made on the spot."""
    return _policy(*_code())


def _code() -> tuple[list[str], str]:
    """The scripts and the style of the page."""
    return [library(), *(asset(f"{name}.js") for name in MODULES)], asset("page.css")


def _policy(scripts: Sequence[str], style: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {_hash(style)}",
            "img-src data: blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


_OPTIONS = {
    "autoResize": True,
    "physics": {"enabled": False},
    "layout": {"improvedLayout": False, "randomSeed": 1},
    "interaction": {"hover": True, "hoverConnectedEdges": False, "selectConnectedEdges": False, "multiselect": False},
    "edges": {"selectionWidth": 0, "hoverWidth": 0, "arrows": {"to": {"scaleFactor": 0.55, "type": "arrow"}}, "arrowStrikethrough": False},
    "nodes": {"borderWidth": 1.5, "borderWidthSelected": 3},
}


def _add_first(drawing: Any, data: Mapping[str, Any]) -> None:
    """What is drawn at first sight. Looks that depend on status, family and filters are the page's own (looks.js)."""
    first = data["first"]
    for number, entity in enumerate(data["entities"][:first]):
        look = data["classes"][entity["type"]]
        drawing.add_node(number, label=entity["label"], shape=look["shape"], color=look["colour"], x=entity["x"], y=entity["y"])
    for number, claim in enumerate(data["claims"]):
        if claim["from"] < first and claim["to"] < first:
            arrows = "" if data["terms"][claim["relation"]].get("symmetric") else "to"
            drawing.add_edge(claim["from"], claim["to"], id=f"c{number}", arrows=arrows)


# --- files ------------------------------------------------------------------------------------------------------------


def asset(name: str) -> str:
    """A script, style or table of ours, with the line ends a browser sees when it checks the hash."""
    return _lines((ASSETS / name).read_text(encoding="utf-8"))


def library() -> str:
    """The vis-network that pyvis ships."""
    import pyvis

    folder = Path(pyvis.__file__).resolve().parent / "lib"
    found = sorted(folder.glob("vis-*/vis-network.min.js"))
    if not found:
        raise KgError("pyvis carries no vis-network", where=str(folder), hint="install pyvis 0.3.2")
    return _lines(found[-1].read_bytes().decode("utf-8"))


def _lines(source: str) -> str:
    return source.replace("\r\n", "\n").replace("\r", "\n")


def _hash(source: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"
