"""What the README says works: its code is run, block after block, in a copy of what it speaks of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHELL = "bash", "-euo", "pipefail", "-c"


class Block(NamedTuple):
    """A fenced block of the README."""

    language: str
    code: str
    line: int


def blocks() -> list[Block]:
    """All of them, in order."""
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    return [Block(m[1], m[2], README.count("\n", 0, m.start()) + 1) for m in found]


def test_every_block_is_of_a_kind_we_look_at() -> None:
    assert {b.language for b in blocks()} == {"bash", "make", "python", "text", "turtle"}
    assert sum(b.language in ("bash", "python") for b in blocks()) >= 8


def test_the_code_of_the_readme_runs(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    (tmp_path / "tests").mkdir()
    shutil.copytree(ROOT / "tests" / "gold", tmp_path / "tests" / "gold")
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "kg"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from kg.cli import main; main()" "$@"\n')
    program.chmod(0o755)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("KG_")}
    environment["PATH"] = f"{program.parent}{os.pathsep}{environment['PATH']}"
    said = ""
    for block in blocks():
        if block.language == "text":
            for line in filter(None, map(str.strip, block.code.splitlines())):
                assert line in said, f"README.md:{block.line}: the block above prints no « {line} »:\n{said}"
        elif block.language in ("bash", "python"):
            command = [*SHELL, block.code] if block.language == "bash" else [sys.executable, "-c", block.code]
            done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, f"README.md:{block.line}: {done.stderr}\n{done.stdout}"
            assert done.stdout.strip() or "--out" in block.code, f"README.md:{block.line} prints nothing"
            said = done.stdout


def test_the_commands_of_the_readme_are_targets_of_the_makefile() -> None:
    if shutil.which("make") is None:
        pytest.fail("make is not installed: apt-get install make")
    named = re.findall(r"^(make \w+)", "".join(b.code for b in blocks() if b.language == "make"), re.MULTILINE)
    assert named == ["make graph", "make test"]
    for command in named:
        done = subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_what_the_readme_points_to_is_there() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", README)
    assert len(links) >= 5
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_readme_names_every_dependency() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [re.split(r"[<>=]", d)[0] for d in (*project["dependencies"], *project["optional-dependencies"]["test"])]
    assert [name for name in named if not re.search(rf"\b{re.escape(name)}\b", README)] == []


def test_the_lock_pins_every_dependency_by_hash_and_names_no_host() -> None:
    import tomllib

    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = re.findall(r"^([a-z0-9-]+)==\S+ \\\n {4}--hash=sha256:[0-9a-f]{64}", lock, re.MULTILINE)
    for dependency in (*project["dependencies"], *project["optional-dependencies"]["test"]):
        assert re.split(r"[<>=]", dependency)[0] in pinned, dependency
    assert len(pinned) == len(re.findall(r"^[a-z0-9-]+==", lock, re.MULTILINE))
    assert "://" not in lock and "index-url" not in lock
