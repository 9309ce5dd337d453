"""Figures of the business: added up, replaced as a whole, and bounded by location."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from andon.streams.business import BUSINESS
from andon.streams.figures import Figure, Figures

SOLD = Figure("sold_total", "counter", "Sold.", ("location", "class"))
STOCK = Figure("stock", "gauge", "Stock.", ("location", "class"))
MODEL = Figure("error_total", "counter", "Error.", ("model",))


def figures(places=10):
    return Figures((SOLD, STOCK, MODEL), places)


def samples(made):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families("".join(made.lines()))
        for sample in family.samples
    }


def test_counters_add_up_and_gauges_are_replaced():
    made = figures()
    made.add("sold_total", ("S1", "lean"), 2)
    made.add("sold_total", ("S1", "lean"), 3)
    made.replace("stock", {("S1", "lean"): 7.0, ("S2", "lean"): 1.0})
    made.replace("stock", {("S2", "lean"): 4.0})

    assert samples(made) == {("sold_total", "S1", "lean"): 5, ("stock", "S2", "lean"): 4}


def test_a_counter_never_falls():
    with pytest.raises(ValueError, match="amount"):
        figures().add("sold_total", ("S1", "lean"), -1)


def test_locations_beyond_the_bound_are_summed_up_and_nothing_is_lost():
    made = figures(places=2)
    for number in (4, 3, 2, 1):
        made.add("sold_total", (f"S{number}", "lean"), number)
        made.add("error_total", (f"S{number}",), 1)

    assert made.values("sold_total") == {
        ("S1", "lean"): 1,
        ("S2", "lean"): 2,
        ("other", "lean"): 7,
    }
    assert samples(made)["sold_total", "other", "lean"] == 7
    assert len(made.values("error_total")) == 4


@given(st.text(min_size=1, max_size=20), st.floats(0, 1e15))
def test_prometheus_reads_back_any_label_and_value(label, value):
    made = figures()
    made.replace("stock", {(label, "lean"): value})
    assert samples(made) == {("stock", label, "lean"): value}


def test_no_figure_of_the_business_is_of_a_sku_but_that_of_the_few_with_the_most_at_stake():
    few = "andon_item_at_risk_value"
    labels = {label for figure in BUSINESS for label in figure.labels if figure.name != few}
    assert labels == {"location", "class", "currency", "model", "supplier"}


@pytest.mark.parametrize("figure", BUSINESS, ids=lambda figure: figure.name)
def test_a_counter_is_named_as_one(figure):
    assert figure.name.endswith("_total") == (figure.kind == "counter")
