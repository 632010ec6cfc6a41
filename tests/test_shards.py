"""Extractions as files: the same graph as from the texts; builds of them survive anything; a cluster writes them."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from kg import cluster, pipeline, readings, shards
from kg.errors import ReadError, UsageError
from kg.graph import current_run, open_store
from kg.model import Extraction
from kg.ontology import load
from kg.records import from_record, to_record

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
from synthetic import RUN, briefs, extractions  # noqa: E402


@pytest.fixture(autouse=True)
def _without_shacl(monkeypatch: pytest.MonkeyPatch) -> None:
    """pySHACL takes seconds at each of the many small builds here, and is tested elsewhere."""
    monkeypatch.setattr(pipeline, "SHACL_LIMIT", 0)


def plain(extraction: Extraction) -> Any:
    """What of an extraction a record keeps: all but the order of claims and the second choices of anaphors."""
    mentions = tuple(dataclasses.replace(m, others=()) for m in extraction.mentions)
    claims = tuple(sorted(extraction.claims, key=repr))
    return dataclasses.replace(extraction, mentions=mentions, claims=claims)


def turtle(spec: str, out: Path) -> bytes:
    """A store's export."""
    with open_store(spec, read_only=True) as store:
        pipeline.export(store, out)
    return out.read_bytes()


def test_records_say_all_of_what_was_read(seeds_store: Any) -> None:
    domain = load()
    read = [seeds_store._read(b)[0] for b in map(_node, seeds_store.briefs())]
    for extraction in (*read, *extractions(domain, 50)):
        record = json.loads(json.dumps(to_record(extraction, domain)))
        assert plain(from_record(record)) == plain(extraction)
    assert sum(len(e.claims) for e in read) > 20


def _node(brief: Any) -> Any:
    import pyoxigraph as ox

    return ox.NamedNode(brief.iri)


def test_profiles_are_kept_whole() -> None:
    from kg.link import load_names
    from kg.resolve import load_rules, profiles

    domain = load()
    for extraction in extractions(domain, 50):
        found = profiles(extraction, domain, load_names(domain), load_rules(domain))
        assert readings.load_profiles(readings.dump_profiles("k", found)) == ("k", tuple(dataclasses.replace(p, brief="k") for p in found))


def test_a_build_of_shards_is_that_of_the_texts(seeds_store: Any, tmp_path: Path) -> None:
    domain = load()
    run = current_run(domain)
    read = [seeds_store._read(b)[0] for b in map(_node, seeds_store.briefs())]
    shards.write(tmp_path / "b" / "1.jsonl", read[5:], domain, run)
    shards.write(tmp_path / "b" / "0.jsonl", read[:5], domain, run)
    pipeline.build([tmp_path / "b"], store=f"oxigraph:{tmp_path}/s", domain=domain).close()
    pipeline.export(seeds_store, tmp_path / "texts.ttl")
    assert turtle(f"oxigraph:{tmp_path}/s", tmp_path / "shards.ttl") == (tmp_path / "texts.ttl").read_bytes()
    with pipeline.build([tmp_path / "b"], store=f"oxigraph:{tmp_path}/s", domain=domain) as again:
        assert again.outcomes == {"skipped": len(read)}


def test_what_is_no_extraction_is_told_with_its_line(tmp_path: Path) -> None:
    domain = load()
    good = [shards.line(e, domain, RUN) for e in extractions(domain, 2)]
    for broken in ('{"id": "x"}', "nonsense", good[1].replace('"evidence"', '"proof"')):
        (tmp_path / "s.jsonl").write_text(f"{good[0]}\n{broken}\n")
        with pytest.raises(ReadError, match=r"s\.jsonl:2: is no extraction with evidence"):
            pipeline.build([tmp_path / "s.jsonl"], store="memory", domain=domain)
    (tmp_path / "s.jsonl").write_text(good[0].replace('"p": "', '"p": "un'))
    with pytest.raises(ReadError, match="this ontology has no word for"):
        pipeline.build([tmp_path / "s.jsonl"], store="memory", domain=domain)


def test_what_vanished_from_a_source_is_pruned_and_nothing_else(tmp_path: Path) -> None:
    domain, spec = load(), f"oxigraph:{tmp_path}/store"
    made = list(extractions(domain, 12))
    for name, part in (("a", made[:4]), ("b", made[4:8]), ("c", made[8:])):
        shards.write(tmp_path / f"{name}.jsonl", part, domain, RUN)
        pipeline.build([tmp_path / f"{name}.jsonl"], store=spec, domain=domain).close()
    shards.write(tmp_path / "a.jsonl", made[:3], domain, RUN)
    shards.write(tmp_path / "c.jsonl", made[9:], domain, RUN)
    with pipeline.build([tmp_path / "a.jsonl"], store=spec, domain=domain, prune=True) as built:
        assert built.pruned == ("made#3",)
        assert built.stats.briefs == 11
        assert not built.problems
    shards.write(tmp_path / "d.jsonl", [*made[:3], *made[4:]], domain, RUN)
    pipeline.build([tmp_path / "d.jsonl"], store=f"oxigraph:{tmp_path}/other", domain=domain).close()
    assert turtle(spec, tmp_path / "one.ttl") == turtle(f"oxigraph:{tmp_path}/other", tmp_path / "other.ttl")
    with pytest.raises(UsageError, match="standard input"):
        pipeline.build(["-"], store=spec, domain=domain, prune=True)


def test_what_a_build_leaves_out_is_what_reading_leaves_out(tmp_path: Path) -> None:
    """One guid with two texts in two feeds is an item that was changed, told and left out; standard input is read once."""
    for name, text in (("a", "Lyft quitte Paris."), ("b", "Lyft quitte Lyon.")):
        item = f"<item><guid>urn:x:1</guid><description>{text}</description></item>"
        (tmp_path / f"{name}.xml").write_text(f"<rss version='2.0'><channel>{item}</channel></rss>")
    with pipeline.build([tmp_path / "a.xml", tmp_path / "b.xml"], store="memory") as built:
        assert built.stats.briefs == 1
        assert [(s.key, "with another text" in s.reason) for s in built.left_out] == [("urn:x:1", True)]
    with pytest.raises(UsageError, match="only once"):
        pipeline.build(["-", "-"], store="memory")


def test_others_may_read_a_shard(tmp_path: Path) -> None:
    shards.write(tmp_path / "s.jsonl", extractions(load(), 1), load(), RUN)
    (tmp_path / "plain").touch()
    assert (tmp_path / "s.jsonl").stat().st_mode == (tmp_path / "plain").stat().st_mode


# --- kill -9 -----------------------------------------------------------------------------------------------------------

_BUILD = "import sys; from kg import pipeline; pipeline.build([sys.argv[1]], store=sys.argv[2]).close()"


def start(source: Path, spec: str) -> subprocess.Popen[bytes]:
    """A build in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen([sys.executable, "-c", _BUILD, str(source), spec], env=environment, stderr=subprocess.PIPE)


def killed_at_random(folder: Path, times: int, seed: int, briefs: int = 200) -> tuple[int, list[int]]:
    """Builds of one store, each killed at a random moment, until one ends; the next store then, until ``times`` are killed.
    How many were killed, and how many briefs the killed ones had left behind. Raises if an export is not the right one."""
    domain, dice, killed, left = load(), random.Random(seed), 0, []
    source, right = folder / "source.jsonl", f"oxigraph:{folder}/right"
    shards.write(source, extractions(domain, briefs), domain, RUN)
    began = time.monotonic()
    assert start(source, right).wait() == 0
    whole, expected, number = time.monotonic() - began, turtle(right, folder / "right.ttl"), 0
    while killed < times:
        spec, number, ended = f"oxigraph:{folder}/store{number}", number + 1, False
        while not ended:
            build = start(source, spec)
            try:
                build.wait(dice.uniform(0.3, 1) * whole if killed < times else None)
                _, said = build.communicate()
                assert build.returncode == 0, said.decode()
                ended = True
            except subprocess.TimeoutExpired:
                build.send_signal(signal.SIGKILL)
                build.wait()
                killed += 1
                if (Path(spec.removeprefix("oxigraph:")) / "CURRENT").is_file():
                    with open_store(spec, read_only=True) as store:
                        left.append(store.brief_count())
            if build.stderr is not None:
                build.stderr.close()
        assert turtle(spec, folder / "again.ttl") == expected, f"store {number} differs (seed {seed})"
    return killed, left


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
def test_a_build_killed_at_random_moments_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    killed, left = killed_at_random(tmp_path, 10, seed=1)
    assert killed == 10
    assert any(0 < count < 200 for count in left)


# --- a cluster ---------------------------------------------------------------------------------------------------------


def test_a_cluster_writes_the_same_shards_though_a_worker_is_killed(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    domain = load()
    made = list(briefs(domain, 24))
    run = current_run(domain)
    killed: list[int] = []
    ended = threading.Event()

    def kill_one() -> None:
        while not ended.wait(0.05):
            try:
                children = psutil.Process().children(recursive=True)
                # A child that was forked just now has its parent's memory for a moment.
                inside = [c for c in children if c.memory_info().rss > 250_000_000 and time.time() - c.create_time() > 2]
            except psutil.Error:  # one of them has just ended
                continue
            if inside:  # it has a model by now, and is reading
                os.kill(inside[0].pid, signal.SIGKILL)
                killed.append(inside[0].pid)
                return

    killer = threading.Thread(target=kill_one)
    killer.start()
    written = cluster.read(made, domain, tmp_path / "shards", jobs=2, partition=4)
    ended.set()
    killer.join()
    assert len(killed) == 1
    # What the killed one had begun is hidden, and nobody takes it for a shard.
    assert sorted(p.name for p in (tmp_path / "shards").glob("[!.]*")) == [p.name for p in written]
    assert shards.files([str(tmp_path / "shards")]) == dict.fromkeys(written, str(tmp_path / "shards"))
    found = [plain(e) for e, by in shards.read(written) if by == run]
    assert found == [plain(e) for e in pipeline.read(made, domain=domain, jobs=1)]
    before = {p: p.stat().st_mtime_ns for p in written}
    assert cluster.read(made, domain, tmp_path / "shards", jobs=2, partition=4) == written
    assert {p: p.stat().st_mtime_ns for p in written} == before
