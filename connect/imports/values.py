"""What the cells of a row say, by field: with constants, identities under their names here, and units of measure."""

import re
import tomllib
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from andon.connect.imports.durations import in_days, is_duration, is_span
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.names import folded
from andon.connect.imports.words import EXCEL_ERRORS, PIECES, SUMS
from andon.connect.tables.columns import Columns
from andon.connect.tables.dates import Moment, moment_of
from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.numbers import measure_of, number_of
from andon.connect.tables.options import UNSAID
from andon.connect.tables.table import Line, Table, text_of
from andon.schemas.calendars import zone_of
from andon.schemas.common import MOST_UNITS

#: A code as a program writes it that took it for a number.
_FLOAT_CODE: Final = re.compile(r"^[+-]?\d+[.,]0+$")
_SCIENTIFIC_CODE: Final = re.compile(r"^\d(?:[.,]\d+)?[eE]\+?\d{1,3}$")
#: More digits than that are no longer all there in a number of Excel's.
_EXCEL_DIGITS: Final = 15
_NOON: Final = time(12)
_LAST: Final = time(23, 59, 59)


class Values:
    """Reads the fields of the rows of a table."""

    def __init__(
        self, columns: Columns, mapping: Mapping, inherited: frozenset[str] = frozenset()
    ) -> None:
        """Prepare.

        Args:
            columns: of the table.
            mapping: what the user says.
            inherited: fields that only the first row of a document (`transaction_id`) need hold.

        Raises:
            FormatError: a time zone, a factor or a map cannot be.
        """
        self._columns = columns
        self._set = mapping.set
        self._factors = {
            folded(unit): factor_of(unit, value) for unit, value in mapping.units.items()
        }
        self._scale = factor_of("--scale", mapping.scale)
        try:
            self.zone: ZoneInfo = zone_of(mapping.time_zone)
        except ValueError as error:
            raise FormatError(f"--time-zone: {error}") from error
        self._maps = {field: load_map(field, name) for field, name in mapping.maps.items()}
        self._inherited = [field for field in inherited if field in columns.places]
        self._line = Line(0, [])
        self._before: Line | None = None
        #: Whether codes were numbers in the sheet, which have no zeros in front.
        self.numeric_codes = False
        #: Whether moments had no offset, and whether days had no time.
        self.naive = False
        self.timeless = False

    def turn_to(self, line: Line) -> None:
        """Read another row from now on."""
        before, self._line = self._before, line
        if self._inherited and before is not None and self._continues(before, line):
            cells = list(line.cells)
            for field in self._inherited:
                place = self._columns.places[field]
                if self._columns.cell(line, field) is None:
                    cells[place] = before.cells[place]
            self._line = Line(line.number, cells)
        self._before = self._line

    def _continues(self, before: Line, line: Line) -> bool:
        """Return whether a row is of the same document as the one before."""
        if "transaction_id" not in self._columns.places:
            return False
        own, other = (self._columns.cell(one, "transaction_id") for one in (line, before))
        if own is None:
            # Odoo leaves everything of the document out: then the date is missing, too.
            return other is not None and self._columns.cell(line, "occurred_at") is None
        return bool(own == other)

    def text(self, field: str) -> str | None:
        """Return a text, or what the user says it is."""
        return self._columns.text(self._line, field) or self._set.get(field)

    def code(self, field: str) -> str | None:
        """Return an identity as it is called here.

        Raises:
            BadRow: it is one no more, or the map does not have it.
        """
        cell = self._columns.cell(self._line, field)
        if cell is None:
            return self._set.get(field)
        head = self._columns.head(field)
        if not isinstance(cell, str):
            if isinstance(cell, bool) or not isinstance(cell, (int, float)) or cell != int(cell):
                raise BadRow(
                    "code",
                    f"{head}: {text_of(cell)!r} was made of a code by the program that wrote it: make the column text",
                )
            if abs(cell) >= 10**_EXCEL_DIGITS:
                raise BadRow("code", f"{head}: {cell!r} has lost digits: make the column text")
            self.numeric_codes = True
        text = self._columns.text(self._line, field) or ""
        if _FLOAT_CODE.match(text) or _SCIENTIFIC_CODE.match(text):
            raise BadRow(
                "code",
                f"{head}: {text!r} was taken for a number, and may have lost zeros or digits: export the column as text",
            )
        if text.upper() in EXCEL_ERRORS:
            raise BadRow("code", f"{head}: {text!r} is an error of a spreadsheet: mend it there")
        if field in {"sku", "location"} and folded(text) in SUMS:
            raise BadRow("total", f"{head}: {text!r} is the sum of other rows, and no {field}")
        if field not in self._maps:
            if not text.isprintable():
                raise BadRow(
                    "code",
                    f"{head}: {text!r} has signs that nobody sees (breaks, spaces of their own kinds): mend it in the file, or name it "
                    f"in a map, --map {field}=FILE",
                )
            return text
        known = self._maps[field].get(text)
        if known is None:
            raise BadRow("unknown", f"{head}: {text!r} is not in the map of {field}")
        return known

    def number(self, field: str) -> Decimal | None:
        """Return a number.

        Raises:
            BadRow: it is none.
        """
        found = self._columns.number(self._line, field)
        if found is None and field in self._set:
            return number_of(self._set[field], None, f"--set {field}")
        return found

    def units(self, field: str) -> int | None:
        """Return a quantity in whole units, after its unit of measure and the scale.

        Raises:
            BadRow: it is none, or a fraction.
        """
        measured = self._measured(field)
        if measured is None:
            return None
        found, unit = measured
        head = self._columns.head(field)
        factor = self._factor_of_row() if not unit else self._factor_of_cell(unit, head)
        units = found * factor * self._scale
        if units != units.to_integral_value():
            raise BadRow(
                "fraction",
                f"{head}: {found} is no whole number of units: count in a smaller one, such as --scale 1000 for kilograms "
                "in grams, in all files of the item alike",
            )
        if abs(units) > MOST_UNITS:
            raise BadRow("number", f"{head}: {found} is more than can be")
        return int(units)

    def pieces(self, field: str) -> Decimal | None:
        """Return a number of pieces, as packs and minimum orders are told: a unit behind it is theirs, and none of measure.

        Raises:
            BadRow: it is none.
        """
        measured = self._measured(field)
        if measured is None:
            return None
        number, unit = measured
        if unit and folded(unit) not in PIECES:
            raise BadRow(
                "unit",
                f"{self._columns.head(field)}: {unit!r} is not one unit: write how many units it is",
            )
        return number

    def days(self, field: str) -> Decimal | None:
        """Return a number of days, of what may be said in weeks or hours.

        Raises:
            BadRow: it is none, or a span, or of a unit that has no certain number of days.
        """
        cell = self._columns.cell(self._line, field)
        if isinstance(cell, str) and is_span(cell):
            raise BadRow(
                "number",
                f"{self._columns.head(field)}: {cell!r} is a span: write one number, and how much it varies as lead_time_sd_days",
            )
        measured = self._measured(field)
        return None if measured is None else in_days(*measured, self._columns.head(field))

    def _measured(self, field: str) -> tuple[Decimal, str] | None:
        found = self._columns.measured(self._line, field)
        if found is None and field in self._set:
            return measure_of(self._set[field], None, f"--set {field}")
        return found

    def _factor_of_cell(self, unit: str, head: str) -> Decimal:
        """Return how many units are one of what stands behind a number; the column of units, if there is one, says no other."""
        beside = self._columns.text(self._line, "unit")
        if beside is not None and folded(beside) != folded(unit):
            raise BadRow("unit", f"{head}: {unit!r} stands behind it, and {beside!r} beside it")
        factor = self._factors.get(folded(unit))
        if factor is None and folded(unit) not in PIECES:
            if is_duration(unit):
                raise BadRow("unit", f"{head}: {unit!r} is a unit of time, and this a quantity")
            raise BadRow(
                "unit", f"{head}: how many units are one {unit!r}? Say --unit {unit}=FACTOR"
            )
        return Decimal(1) if factor is None else factor

    def _factor_of_row(self) -> Decimal:
        unit = self._columns.text(self._line, "unit")
        if unit is None:
            return Decimal(1)
        name = folded(unit)
        factor = self._factors.get(name)
        if factor is None and name not in PIECES:
            raise BadRow(
                "unit",
                f"{self._columns.head('unit')}: how many units are one {unit!r}? Say --unit {unit}=FACTOR",
            )
        return Decimal(1) if factor is None else factor

    def moment(self, field: str) -> Moment | None:
        """Return when a cell says, with the time of day of a column beside it if there is one.

        Raises:
            BadRow: it is no date.
        """
        found = self._columns.moment(self._line, field)
        if found is None and field in self._set:
            return moment_of(self._set[field], None, f"--set {field}")
        if found is not None and not found.has_time and field == "occurred_at":
            beside = self._columns.cell(self._line, "time")
            if isinstance(beside, time):
                return Moment(datetime.combine(found.at, beside), has_time=True)
            if beside is not None:
                text = f"{found.at.date().isoformat()} {text_of(beside).strip()}"
                return moment_of(text, None, self._columns.head("time"))
        return found

    def at(self, moment: Moment, *, end_of_day: bool = False) -> datetime:
        """Return the instant of a moment: a day without a time is meant at its noon, or at its end."""
        local = moment.at
        if not moment.has_time:
            self.timeless = True
            local = datetime.combine(local.date(), _LAST if end_of_day else _NOON, local.tzinfo)
        if local.tzinfo is None:
            self.naive = True
            local = local.replace(tzinfo=self.zone)
        return local.astimezone(UTC)

    def instant(self, field: str, *, end_of_day: bool = False) -> datetime | None:
        """Return the instant that a cell says."""
        found = self.moment(field)
        return None if found is None else self.at(found, end_of_day=end_of_day)

    def missing(self, field: str) -> BadRow:
        """Return what to say of a row without a field that it needs."""
        return BadRow("missing", f"{self._columns.head(field)}: nothing there")


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
