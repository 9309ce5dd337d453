"""What stands beside a table: factors of its units, and maps of what its identities are called here."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from andon.connect.imports.names import folded
from andon.connect.tables.errors import FormatError
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import UNSAID
from andon.connect.tables.table import Table, text_of

#: A unit in a column's name, and words there that are none.
_HEAD_UNIT: Final = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")
_NO_UNITS: Final = frozenset(
    ("qty", "quantity", "menge", "current", "refund", "items", "qte", "cantidad")
)


def unit_in(head: str) -> str | None:
    """Return the unit of measure in the name of a column of quantities, such as `Menge (kg)`; None if there is none."""
    found = _HEAD_UNIT.search(head)
    if found is None or not set(folded(found[1]).split()) - _NO_UNITS:
        return None
    return found[1]


def factor_of(name: str, value: float) -> Decimal:
    """Return a factor of quantities.

    Raises:
        FormatError: it is none.
    """
    factor = Decimal(repr(value))
    if not factor.is_finite() or factor <= 0:
        raise FormatError(f"{name}: a factor is a number above 0, not {value!r}")
    return factor


def load_map(field: str, name: str) -> dict[str, str]:
    """Return the pairs of a map: TOML, or a table whose first two columns are what it was and what it is called here.

    Raises:
        FormatError: it cannot be read, or says two things of one identity.
    """
    path = Path(name)
    if path.suffix == ".toml":
        try:
            given: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeError) as error:
            raise FormatError(f"--map {field}={name}: {error}") from error
        if not all(isinstance(value, str) for value in given.values()):
            raise FormatError(f"--map {field}={name}: expected texts")
        return given
    pairs: dict[str, str] = {}
    with InputFile(path) as file:
        for line in Table(file, UNSAID):
            if line.fault is not None or len(line.cells) < 2:
                raise FormatError(f"--map {field}={name}: line {line.number} has no two cells")
            old, new = (text_of(cell).strip() for cell in line.cells[:2])
            if pairs.setdefault(old, new) != new:
                raise FormatError(
                    f"--map {field}={name}: line {line.number} has {old!r} once more, as another"
                )
    return pairs
