"""Tools that several test modules drive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
import servers

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from kg.graph import Store

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def missing(what: str) -> NoReturn:
    """Skips with one line; fails instead where every tool must be there (KG_REQUIRE_ALL=1)."""
    if os.environ.get("KG_REQUIRE_ALL") == "1":
        pytest.fail(f"{what}, and KG_REQUIRE_ALL=1", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real Chromium without a window (KG_CHROMIUM, else the one on the PATH)."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = os.environ.get("KG_CHROMIUM") or next((found for name in names if (found := shutil.which(name))), None)
    if program is None:
        missing("Chromium is not installed: apt-get install chromium, or set KG_CHROMIUM")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("playwright is not installed: pip install playwright")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=list(_QUIET))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def seeds_store() -> Iterator[Store]:
    """A store in memory with the briefs we ship, read for this run."""
    from kg import pipeline

    with pipeline.build([Path(__file__).parent.parent / "seeds"], store="memory") as built:
        yield built.store


@pytest.fixture(scope="session")
def oxigraph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A real Oxigraph server."""
    program = servers.oxigraph_program()
    if program is None:
        missing("the Oxigraph server is not installed: pip install oxigraph")
    with servers.oxigraph(program, tmp_path_factory.mktemp("oxigraph")) as server:
        yield server


@pytest.fixture(scope="session")
def virtuoso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[servers.Server]:
    """A real Virtuoso server."""
    program = servers.virtuoso_program()
    if program is None:
        missing("Virtuoso is not installed: apt-get install virtuoso-opensource-7, or set KG_VIRTUOSO")
    with servers.virtuoso(program, tmp_path_factory.mktemp("virtuoso")) as server:
        yield server
