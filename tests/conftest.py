"""Tools that several test modules drive."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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
