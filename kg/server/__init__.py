"""« kg serve »: SPARQL 1.1 Protocol, the explorer, an editor and a page an entity, over a store that is only read.

What speaks HTTP (:mod:`kg.server.app`) never touches the store. Worker processes do (:mod:`kg.server.worker`): a query that
takes too long cannot be interrupted, but its process can be killed, and that frees its core (:mod:`kg.server.pool`).
"""

from __future__ import annotations

from kg.server.messages import Settings
from kg.server.run import serve

__all__ = ["Settings", "serve"]
