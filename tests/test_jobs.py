"""Reading with several processes: the same bytes, in order; a process that is killed costs its batch only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from itertools import count
from pathlib import Path

import psutil
import pytest

from kg import jobs, pipeline, readings
from kg.errors import ReadError
from kg.model import Brief
from kg.ontology import load

BRIEFS = [
    Brief(f"made#{n}", f"{buyer} a racheté {target} pour {n + 1} millions d'euros en 2021.", "2021-05-18")
    for n, (buyer, target) in enumerate((b, t) for b in ("Google", "IBM", "Atos") for t in ("Waeg", "Fitbit", "Sysdream", "Zinc SA"))
]


def test_many_processes_read_what_one_reads_in_the_same_order_though_one_is_killed() -> None:
    domain = load()
    expected = [readings.dumps(e) for e in pipeline.read(BRIEFS, domain=domain, jobs=1)]
    assert sum("acquires" in line for line in expected) >= len(BRIEFS) - 2
    killed: list[int] = []

    def kill_one() -> None:
        me = psutil.Process()
        for _ in range(600):
            found = [c for c in me.children() if "kg.jobs" in " ".join(c.cmdline())]
            if found:
                time.sleep(0.5)  # while it loads its model, with its batch at hand
                os.kill(found[0].pid, signal.SIGKILL)
                killed.append(found[0].pid)
                return
            time.sleep(0.1)

    killer = threading.Thread(target=kill_one)
    killer.start()
    found = [readings.dumps(e) for e in jobs.read(BRIEFS, domain, 2, batch=3)]
    killer.join()
    assert found == expected
    assert len(killed) == 1
    assert not [c for c in psutil.Process().children() if "kg.jobs" in " ".join(c.cmdline())]


def test_a_batch_that_ends_every_process_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_START", "import os; os.kill(os.getpid(), 9)")
    with pytest.raises(ReadError, match=r"made#0 … made#2: the process that reads these briefs ends again and again"):
        list(jobs.read(BRIEFS, load(), 2, batch=3))


# Answers at once, without a model: what is looked at is only how many briefs are asked for.
_ECHO = """
import pickle, sys
sys.path[:] = pickle.load(sys.stdin.buffer)
pickle.load(sys.stdin.buffer)
from kg.model import Extraction
while True:
    try:
        group = pickle.load(sys.stdin.buffer)
    except EOFError:
        break
    pickle.dump([Extraction(b) for b in group], sys.stdout.buffer)
    sys.stdout.buffer.flush()
"""


def test_only_a_window_of_batches_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_START", _ECHO)
    taken = count()
    last = 0

    def endless() -> object:
        nonlocal last
        for last in taken:
            yield Brief(f"k{last}", "…")

    before = set(psutil.Process().children())
    found = jobs.read(endless(), load(), 2, batch=5)  # type: ignore[arg-type]
    for number in range(1000):
        assert next(found).brief.key == f"k{number}"
        assert last - number <= 2 * 2 * 5 + 5
    found.close()  # type: ignore[attr-defined]
    left = set(psutil.Process().children()) - before
    assert not [c for c in left if c.status() != psutil.STATUS_ZOMBIE]


def test_a_script_without_a_guard_may_use_processes(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "from kg import jobs\nfrom kg.model import Brief\nfrom kg.ontology import load\n"
        f"jobs._START = {_ECHO!r}\n"
        "print([e.brief.key for e in jobs.read([Brief(str(n), 'x') for n in range(5)], load(), 2, batch=2)])\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=120)
    assert done.stdout.strip() == "['0', '1', '2', '3', '4']", done.stderr
