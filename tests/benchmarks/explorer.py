#!/usr/bin/env python3
"""The page against plain pyvis, by size: seconds to build the file, its size, seconds from opening it to the first still frame.

    python tests/benchmarks/explorer.py [--sizes 100,1000,5000,20000] [--patience SECONDS]

Networks are made (tests/crowds.py). Plain pyvis draws the same entities and claims as it does by default, with physics, its
page kept offline; its first still frame is when its layout has come to rest, or « none » when it has not in PATIENCE seconds.
Ours is when the second frame after drawing has been shown. Chromium draws without a graphics card.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import networkx as nx
from crowds import crowd

from kg import console, pipeline
from kg.writers import html
from kg.writers.scene import scene

if TYPE_CHECKING:
    from playwright.sync_api import Browser

REST = """() => new Promise((done) => {
    if (typeof network === "undefined" || !network) { done(null); return; }
    network.once("stabilized", () => requestAnimationFrame(() => done(performance.now())));
})"""


def ours(net: nx.MultiDiGraph[str], file: Path) -> float:
    """Writes our page; the seconds it took."""
    began = time.perf_counter()
    html.write(scene(net, pipeline.load_ontology()), file)
    return time.perf_counter() - began


def plain(net: nx.MultiDiGraph[str], file: Path) -> float:
    """Writes the page of pyvis as it is; the seconds it took."""
    from pyvis.network import Network

    began = time.perf_counter()
    drawing = Network(directed=True, cdn_resources="in_line")
    for n, label in net.nodes(data="label"):
        drawing.add_node(n, label=label)
    for s, o, relation in net.edges(data="relation"):
        drawing.add_edge(s, o, label=relation)
    file.write_text(drawing.generate_html(), encoding="utf-8")
    return time.perf_counter() - began


def opened(browser: Browser, file: Path, patience: float, *, physics: bool) -> float | None:
    """Seconds from opening a file to its first still frame; ``None`` when it has none in time."""
    from playwright.sync_api import Error

    page = browser.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(patience * 1000)
    page.route("http*://**", lambda route: route.abort())
    try:
        began = time.perf_counter()
        if not physics:
            page.goto(file.as_uri(), wait_until="commit")
            page.wait_for_selector("html[data-ready]", state="attached")
            return float(page.get_attribute("html", "data-ready") or "nan") / 1000
        page.goto(file.as_uri())
        page.evaluate(f"Promise.race([({REST})(), new Promise((_, late) => setTimeout(() => late(new Error('late')), {patience * 1000}))])")
        return time.perf_counter() - began
    except Error:
        return None
    finally:
        page.close()


def main() -> None:
    """Prints the table."""
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100,1000,5000,20000")
    parser.add_argument("--patience", type=float, default=40)
    given = parser.parse_args()
    program = os.environ.get("KG_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    rows = []
    with sync_playwright() as play, tempfile.TemporaryDirectory() as folder:
        for size in map(int, given.sizes.split(",")):
            net = crowd(size)
            for who, make in (("kg", ours), ("pyvis", plain)):
                file = Path(folder) / f"{who}-{size}.html"
                seconds = make(net, file)
                # A browser that had to give up on a page is not asked again.
                browser = play.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
                frame = opened(browser, file, given.patience, physics=make is plain)
                browser.close()
                print(f"{who} {size}: built in {seconds:.1f} s, shown in {frame} s", file=sys.stderr, flush=True)
                shown = "none" if frame is None else f"{frame:.1f}"
                rows.append([str(size), str(net.number_of_edges()), who, f"{seconds:.1f}", f"{file.stat().st_size / 1e6:.1f}", shown])
    console.table(["entities", "claims", "page", "build s", "MB", "first still frame s"], rows, right=[0, 1, 3, 4, 5])


if __name__ == "__main__":
    main()
