"""A store as notebooks like it: it draws itself, and becomes a networkx graph or a pandas table."""

from __future__ import annotations

import html as markup
from typing import TYPE_CHECKING

from kg import ontology
from kg.graph import Store
from kg.store import OpenStore

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

    from kg.ontology import Ontology

HEIGHT = 640  # pixels of the frame in a notebook


class Graph(Store):
    """A :class:`~kg.graph.Store` that can be looked at; what ``kg.open`` and ``kg.build`` give."""

    def to_networkx(self, domain: Ontology | None = None) -> nx.MultiDiGraph[str]:
        """Entities as nodes, claims as edges; see :func:`kg.analyse.network`."""
        from kg import analyse

        return analyse.network(self.graph, domain or ontology.load())

    def to_pandas(self, domain: Ontology | None = None) -> pd.DataFrame:
        """One row a claim, values included: see :func:`kg.analyse.rows`. Needs pandas."""
        from kg import analyse
        from kg.query import frame

        return frame(analyse.COLUMNS, analyse.rows(self.to_networkx(domain)))

    def _repr_html_(self) -> str:
        """The page of the network in a frame of its own, which lets nothing in or out."""
        from kg.writers import html
        from kg.writers.scene import WHOLE, scene

        domain = ontology.load()
        page = markup.escape(html.render(scene(self.to_networkx(domain), domain, limit=WHOLE, base=self.ids.base)))
        allowed = "allow-scripts allow-downloads allow-popups"
        return f'<iframe srcdoc="{page}" sandbox="{allowed}" style="width:100%;height:{HEIGHT}px;border:1px solid #ddd"></iframe>'


def open_graph(spec: str, *, fresh: bool = False, read_only: bool = False, base: str | None = None) -> Graph:
    """Opens a store like :func:`kg.graph.open_store`, as a :class:`Graph`."""
    return Graph(OpenStore(spec, fresh=fresh, read_only=read_only), base)
