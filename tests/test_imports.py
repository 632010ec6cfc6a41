"""What is imported when: the command line starts quickly because it imports little."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = (
    "igraph", "jinja2", "lxml", "networkx", "numpy", "onnxruntime", "pyoxigraph", "pyshacl", "pyvis", "rdflib", "rich", "spacy",
    "starlette", "trafilatura", "urllib3", "uvicorn",
)  # fmt: skip


def loaded(code: str) -> set[str]:
    """The heavy packages a fresh interpreter holds after running ``code``."""
    shown = f"{code}\nimport sys\nprint('LOADED', *(name for name in {HEAVY!r} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split()[1:])


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import kg", set()),
        ("from kg.cli import run\nrun(['--help'])", set()),
        ("from kg.cli import run\nrun(['build', '--help'])", set()),
        ("from kg.cli import run\nrun(['watch', '--help'])", set()),
        ("from kg.cli import run\nrun(['queries'])", set()),
        ("import kg.briefs, kg.ontology, kg.pipeline", {"pyoxigraph"}),
        ("from kg.graph import open_store\nopen_store('memory').query('ASK {}')", {"pyoxigraph"}),
        ("import kg.fr, kg.extract", set()),
        ("import kg.server", {"pyoxigraph"}),
        ("import kg.server.worker", {"pyoxigraph"}),
        ("import kg.validate, kg.analyse, kg.writers.html", set()),
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(code: str, allowed: set[str]) -> None:
    assert loaded(code) <= allowed


def test_the_check_sees_what_is_imported() -> None:
    assert "rich" in loaded("import rich")


def test_the_public_names_are_there_and_found() -> None:
    import kg

    for name in kg.__all__:
        assert getattr(kg, name) is not None
        assert name in dir(kg)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = kg.nothing
