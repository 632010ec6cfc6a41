"""Opening stores: kinds, locks, failures told in one line, fresh builds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from graphs import BASE, RUN, Writer, lines, shape_briefs, small_ontology

from kg.errors import StoreError
from kg.graph import open_store
from kg.store import OpenStore

HERE = Path(__file__).parent
FIRST, SECOND = shape_briefs()


def _python(code: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Another process, able to import the project and these tests."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join((str(HERE.parent), str(HERE)))}
    return subprocess.run([sys.executable, "-c", code, *arguments], env=env, capture_output=True, text=True, check=check, timeout=120)


@pytest.mark.parametrize("spec", ["", "oxigraph:", "postgres:x", "memory:", "./store"])
def test_unknown_kinds_of_store(spec: str) -> None:
    with pytest.raises(StoreError, match="no such kind of store"):
        open_store(spec)


def test_a_store_on_disk_keeps_what_was_added(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'deep' / 'er' / 'store'}"
    with open_store(spec, base=BASE) as store:
        assert store.add(FIRST, small_ontology(), RUN) == "added"
        before = lines(store)
    with open_store(spec, read_only=True, base=BASE) as store:
        assert lines(store) == before
        assert len(store.graph) == len(before)
    with open_store(spec, base=BASE) as store:
        assert store.add(FIRST, small_ontology(), RUN) == "skipped"
    with pytest.raises(StoreError, match="closed"):
        store.briefs()


def test_reading_needs_a_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no store here"):
        open_store(f"oxigraph:{tmp_path / 'none'}", read_only=True)
    assert not (tmp_path / "none").exists()


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "dear.txt").write_text("…")
    (tmp_path / "file").write_text("…")
    for name in ("letters", "file"):
        for fresh in (False, True):
            with pytest.raises(StoreError, match=r"something else than a store|is a file"):
                open_store(f"oxigraph:{tmp_path / name}", fresh=fresh)
    assert (tmp_path / "letters" / "dear.txt").read_text() == (tmp_path / "file").read_text() == "…"
    assert [p.name for p in (tmp_path / "letters").iterdir()] == ["dear.txt"]


def test_a_broken_store_is_one_clear_line(tmp_path: Path) -> None:
    folder = tmp_path / "store"
    folder.mkdir()
    (folder / "CURRENT").write_text("nonsense")
    with pytest.raises(StoreError, match="the store is broken") as error:
        open_store(f"oxigraph:{folder}")
    assert "\n" not in str(error.value)


# --- fresh ------------------------------------------------------------------------------------------------------------


def test_fresh_replaces_the_store_when_it_is_whole(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    with open_store(spec, base=BASE) as store:
        store.add(FIRST, small_ontology(), RUN)
    with open_store(spec, fresh=True, base=BASE) as store:
        assert store.briefs() == []
        store.add(SECOND, small_ontology(), RUN)
    with open_store(spec, read_only=True, base=BASE) as store:
        assert [b.key for b in store.briefs()] == ["shape#2"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["store", "store.lock"]


def test_a_fresh_build_cut_short_leaves_the_old_store(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    with open_store(spec, base=BASE) as store:
        store.add(FIRST, small_ontology(), RUN)

    def build() -> None:
        with open_store(spec, fresh=True, base=BASE) as store:
            store.add(SECOND, small_ontology(), RUN)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build()
    with open_store(spec, base=BASE) as store:
        assert [b.key for b in store.briefs()] == ["shape#1"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["store", "store.lock"]


@pytest.mark.parametrize("finished", [True, False])
def test_a_swap_cut_short_is_ended_at_the_next_opening(tmp_path: Path, finished: bool) -> None:
    for name, extraction in (("store.old", FIRST), ("store.new", SECOND)):
        with open_store(f"oxigraph:{tmp_path / name}", base=BASE) as store:
            store.add(extraction, small_ontology(), RUN)
    if not finished:
        for path in (tmp_path / "store.new").iterdir():
            path.unlink()
        (tmp_path / "store.new").rmdir()
    with open_store(f"oxigraph:{tmp_path / 'store'}", base=BASE) as store:
        assert [b.key for b in store.briefs()] == ["shape#2" if finished else "shape#1"]
    assert not (tmp_path / "store.old").exists() and not (tmp_path / "store.new").exists()


def test_a_read_only_store_is_not_emptied(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be emptied"):
        open_store(f"oxigraph:{tmp_path / 'store'}", fresh=True, read_only=True)


# --- locks ------------------------------------------------------------------------------------------------------------


def test_a_writer_keeps_everybody_out_and_is_named(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    with open_store(spec), open(tmp_path / "store.lock", encoding="utf-8") as lock:
        entry = json.loads(lock.read())
        code = "import sys; from kg.store import OpenStore; OpenStore(sys.argv[1], read_only=sys.argv[2] == 'r', patience=0.05)"
        for mode in "rw":
            other = _python(code, spec, mode, check=False)
            assert other.returncode == 1
            last = other.stderr.strip().splitlines()[-1]
            assert f"the store is in use by process {os.getpid()} (" in last and f", since {entry['since']})" in last
    with OpenStore(spec, patience=0):
        pass


def test_readers_share_and_keep_a_writer_out(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    with OpenStore(spec):
        pass
    with OpenStore(spec, read_only=True), OpenStore(spec, read_only=True):
        assert len((tmp_path / "store.lock").read_text(encoding="utf-8").splitlines()) == 2
        with pytest.raises(StoreError, match=f"in use by process {os.getpid()}"):
            OpenStore(spec, patience=0.05)
    with OpenStore(spec, patience=0):
        pass


def test_the_lock_of_a_dead_process_is_nobodys(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    code = "import os, sys; from kg.store import OpenStore; keep = OpenStore(sys.argv[1]); os.kill(os.getpid(), 9)"
    assert _python(code, spec, check=False).returncode == -9
    assert (tmp_path / "store.lock").read_text(encoding="utf-8")
    with OpenStore(spec, patience=0):
        pass


def test_a_lock_that_names_nobody_alive_still_locks(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    with OpenStore(spec):
        (tmp_path / "store.lock").write_text('{"pid": 999999999, "command": "x", "since": "y"}\nnonsense\n', encoding="utf-8")
        with pytest.raises(StoreError, match="in use by another process"):
            OpenStore(spec, patience=0)


# --- a disk that is full, a folder that cannot be written ---------------------------------------------------------------

_FULL = """
import resource, sys
from graphs import RUN, Writer, small_ontology
from kg.errors import StoreError
from kg.graph import open_store
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))
done = 0
try:
    with open_store(sys.argv[1]) as store:
        for i in range(2000):
            store.add(Writer(f"k{i}", f"Numéro {i} : " + "un long texte. " * 50).done(), small_ontology(), RUN)
            done += 1
except StoreError as error:
    print(done, str(error))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="resource limits are POSIX")
def test_a_full_disk_is_one_clear_line_and_loses_nothing(tmp_path: Path) -> None:
    spec = f"oxigraph:{tmp_path / 'store'}"
    said = _python(_FULL, spec).stdout.strip()
    done, _, message = said.partition(" ")
    assert "the disk is full" in message and "\n" not in message
    assert int(done) > 10
    with open_store(spec) as store:
        assert len(store.briefs()) in (int(done), int(done) + 1)
        assert store.add(Writer("again", "Encore un.").done(), small_ontology(), RUN) == "added"


_FORBIDDEN = """
import os, sys
from graphs import RUN, Writer, lines, small_ontology
from kg.errors import StoreError
from kg.graph import open_store
import kg.query, kg.writers.rdf, oxrdflib, rdflib
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
for folder, read_only in (("new", False), ("store", False), ("store", True)):
    try:
        with open_store(f"oxigraph:{sys.argv[1]}/{folder}", read_only=read_only) as store:
            print(len(store.briefs()))
    except StoreError as error:
        print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="permissions are POSIX")
def test_a_read_only_folder_can_be_read_and_no_more() -> None:
    with tempfile.TemporaryDirectory() as folder:  # not tmp_path: its parents are closed to the user root turns into
        home = Path(folder) / "home"
        with open_store(f"oxigraph:{home / 'store'}") as store:
            store.add(FIRST, small_ontology(), RUN)
        (home / "store.lock").unlink()
        Path(folder).chmod(0o755)
        paths = [home, *home.rglob("*")]
        for path in paths:
            path.chmod(0o555 if path.is_dir() else 0o444)
        try:
            new, write, read = _python(_FORBIDDEN, str(home)).stdout.splitlines()
        finally:
            for path in paths:
                path.chmod(0o755 if path.is_dir() else 0o644)
    assert "the folder cannot be written" in new
    assert "the folder cannot be written" in write
    assert read == "1"


def test_a_failed_write_leaves_the_graph_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import kg.graph

    with open_store(f"oxigraph:{tmp_path / 'store'}", base=BASE) as store:
        store.add(FIRST, small_ontology(), RUN)
        before = lines(store)

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(kg.graph.Store, "_commit", fail)
            with pytest.raises(StoreError, match="the disk is full: No space left on device"):
                store.add(SECOND, small_ontology(), RUN)
        assert lines(store) == before
        assert store.add(SECOND, small_ontology(), RUN) == "added"
