"""French tech briefs in, a knowledge graph out.

>>> import kg
>>> with kg.build(["seeds"], store="memory") as built:                       # doctest: +SKIP
...     built.store.named("acquisitions", {"buyer": "IBM"}).dicts()

:func:`build` reads documents into a store, :func:`open` opens one that is there, :func:`read` reads single texts without a
store, :func:`network` gives a store as a networkx graph. They are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kg.pipeline import build, network, open, read

__version__ = "0.1.0"
__all__ = ["__version__", "build", "network", "open", "read"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        return getattr(importlib.import_module("kg.pipeline"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
