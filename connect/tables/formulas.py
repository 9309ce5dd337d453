"""Texts that a spreadsheet would take for formulas, made harmless before they are written to a table."""

from typing import Final, TypeVar

Cell = TypeVar("Cell")

#: What makes a spreadsheet take a cell for a formula, or begin one after it.
_FORMULA: Final = (
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "|",
    "%",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
)


def harmless(cell: Cell) -> Cell | str:
    """Return a cell as it is, but a text that a spreadsheet would take for a formula with an apostrophe before it."""
    # Spreadsheets look past spaces, and past full-width forms of the same signs.
    if isinstance(cell, str) and cell.lstrip(" \u00a0\u3000").startswith(_FORMULA):
        return f"'{cell}"
    return cell
