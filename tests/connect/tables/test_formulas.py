import csv

import pytest

from andon.connect.tables.formulas import harmless
from andon.studies.figures import as_csv


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@A1", "\tx", "\n=x", " =x", "|x", "%x", "\uff1dx"])  # fmt: skip
def test_a_text_that_a_spreadsheet_takes_for_a_formula_is_marked(cell):
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "  ", "TEA-01", "a=b", -1, 2.5, None])
def test_all_else_stays_as_it_is(cell):
    assert harmless(cell) is cell


def test_the_name_of_a_location_is_no_formula_among_the_figures_of_a_backtest():
    figures = {"cost": -2.5, "intervals": {}}
    report = {
        "policies": [],
        "curves": {},
        "equal_fill": [],
        "regret": None,
        "by_class": {},
        "by_location": {"=HYPERLINK(1)": {"andon": figures}},
    }
    (row,) = csv.DictReader(as_csv(report).splitlines())
    assert (row["group"], row["value"]) == ("'=HYPERLINK(1)", "-2.5")
