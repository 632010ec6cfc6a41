"""The wheel, built and installed elsewhere: it holds all it needs, and reads a brief there. No network is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# The packages beside us, found after the wheel: what pip would have installed with it.
SITE = sysconfig.get_path("purelib")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("wheel")
    code = "import hatchling.build, sys; print(hatchling.build.build_wheel(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, str(out)], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed in it, and nothing of this checkout."""
    folder = tmp_path_factory.mktemp("elsewhere")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index", "--no-deps"]
    done = subprocess.run([*install, "--target", str(folder / "site"), str(wheel)], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder


def run(elsewhere: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs ``kg`` from the wheel: isolated, with only the wheel and the installed dependencies on the path."""
    code = (
        f"import sys; sys.path[:0] = [{str(elsewhere / 'site')!r}]; sys.path.append({SITE!r}); import kg;"
        f" assert kg.__file__.startswith({str(elsewhere)!r}), kg.__file__; from kg.cli import main; main()"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("KG_", "PYTHON"))}
    return subprocess.run([sys.executable, "-I", "-c", code, *arguments], cwd=elsewhere, env=environment, capture_output=True, text=True)


def test_the_wheel_holds_all_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    top = {name.split("/")[0] for name in names}
    assert top == {"kg", next(t for t in top if t.endswith(".dist-info"))}
    kept = {p.relative_to(ROOT).as_posix() for p in (ROOT / "kg").rglob("*") if p.is_file() and "__pycache__" not in p.parts}
    kept |= {f"kg/_ontology/{p.relative_to(ROOT / 'ontology').as_posix()}" for p in (ROOT / "ontology").rglob("*") if p.is_file()}
    assert names - {n for n in names if ".dist-info/" in n} == kept
    assert sum(n.endswith(".rq") for n in names) >= 10
    assert any(n.endswith("/licenses/NOTICE") for n in names) and not any("seeds" in n for n in names)


def test_it_extracts_builds_and_answers_elsewhere(elsewhere: Path) -> None:
    (elsewhere / "page.txt").write_text("Google a racheté Fitbit pour 2,1 milliards de dollars.", encoding="utf-8")
    extracted = run(elsewhere, "extract", "page.txt", "--format", "jsonl", "-q")
    assert extracted.returncode == 0, extracted.stderr
    said = [(r["s"], r["p"], r["o"], r["amount"]) for r in json.loads(extracted.stdout)["relations"]]
    assert ("Google", "acquires", "Fitbit", "2100000000 USD") in said
    built = run(elsewhere, "build", "page.txt")
    assert built.returncode == 0, built.stderr
    assert "problems  0" in built.stdout and (elsewhere / "export/graph.html").stat().st_size > 100_000
    asked = run(elsewhere, "query", "--name", "who-acquired", "what=Fitbit", "--format", "csv")
    assert "Google,asserted" in asked.stdout, asked.stderr


def test_its_ontology_is_in_order_elsewhere(elsewhere: Path) -> None:
    done = run(elsewhere, "ontology", "check")
    assert done.returncode == 0, done.stderr
    assert "all in order" in done.stdout
