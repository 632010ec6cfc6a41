"""The explorer as « kg serve » serves it passes the tests of the page as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from serving import ROOT, serving
from test_explorer import (  # noqa: F401
    seen,
    test_a_broken_link_opens_the_whole,
    test_a_community_is_looked_at_alone,
    test_a_source_and_a_confidence_are_filtered,
    test_a_status_is_filtered_and_the_chip_takes_it_back,
    test_a_table_view_and_a_slice_are_in_the_link,
    test_axe_finds_nothing_serious,
    test_families_show_in_the_colour,
    test_no_path_is_told,
    test_one_and_two_hops_hiding_and_all_again,
    test_the_csv_has_a_row_a_claim,
    test_the_keyboard_alone_finds_follows_filters_and_shares,
    test_the_link_brings_the_view_back,
    test_the_path_from_ovh_to_gandi_tells_what_they_share,
    test_the_picture_is_a_picture,
    test_the_timeline_obeys_the_keyboard,
    test_the_timeline_slices,
    test_the_turtle_is_of_the_store,
    test_who_bought_waeg_and_where_it_is_said,
    test_xiaomi_is_found_and_an_arrow_clicked,
)

from kg import pipeline
from kg.notebook import Graph


@dataclass(frozen=True)
class Address:
    """Stands where those tests have a file."""

    url: str

    def as_uri(self) -> str:
        return self.url


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    with pipeline.build([ROOT / "seeds"], store=f"oxigraph:{tmp_path_factory.mktemp('served') / 'store'}") as built:
        yield built.store


@pytest.fixture(scope="module")
def file(store: Graph) -> Iterator[Address]:
    with serving(store._opened.spec) as running:
        yield Address(running.url)
