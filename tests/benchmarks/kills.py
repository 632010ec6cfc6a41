#!/usr/bin/env python3
"""Kills builds of one set of briefs at random moments, and looks whether the reruns end as one that was left alone.

python tests/benchmarks/kills.py [TIMES] [SEED]        (100 times take some minutes)
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from test_shards import killed_at_random

if __name__ == "__main__":
    times, seed = (int(a) for a in (*sys.argv[1:3], *("100", "1")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        killed, left = killed_at_random(Path(folder), times, seed)
    print(f"{killed} builds killed, with {min(left, default=0)} to {max(left, default=0)} of 200 briefs stored; every export is right")
