"""A list as CSV: what a spreadsheet would run is text."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.console.table import as_csv


def read_back(body):
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+2", "'=1+2"),
        ("+49 30", "'+49 30"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =cmd|' /C calc'!A0", "'  =cmd|' /C calc'!A0"),
        ("\uff1d1", "'\uff1d1"),
        ("%0A=1", "'%0A=1"),
        (-2.5, "-2.5"),
        (12, "12"),
        (None, ""),
        (True, "yes"),
        ("", ""),
        ('say "hi", twice', 'say "hi", twice'),
        ("שלום", "שלום"),
        ("<script>", "<script>"),
    ],
)
def test_a_text_is_no_formula_and_a_number_is_one(value, cell):
    assert read_back(as_csv(["a"], [{"a": value}])) == [["a"], [cell] if cell else []] or (
        read_back(as_csv(["a", "b"], [{"a": value, "b": 1}])) == [["a", "b"], [cell, "1"]]
    )


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_no_text_begins_a_formula(text):
    cell = read_back(as_csv(["a", "b"], [{"a": text, "b": 1}]))[1][0]
    assert cell in (text, f"'{text}")
    assert not cell.lstrip().startswith(("=", "+", "-", "@"))
