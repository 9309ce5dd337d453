"""What the cells of a row say, by field: with constants, identities under their names here, and units of measure."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from andon.connect.imports.codes import check_code, check_typed
from andon.connect.imports.durations import in_days, is_duration, is_span
from andon.connect.imports.factors import factor_of, load_map, unit_in
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.names import folded
from andon.connect.imports.words import PIECES
from andon.connect.imports.zones import shown_zone
from andon.connect.tables.columns import Columns
from andon.connect.tables.dates import Moment, moment_of
from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.tables.numbers import measure_of, number_of
from andon.connect.tables.table import Line, text_of
from andon.schemas.calendars import zone_of
from andon.schemas.common import MOST_UNITS

#: What the topics take of what has happened: so far ahead, and from then on.
_AHEAD: Final = timedelta(days=1)
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_DIGITS_OF_A_TIME: Final = frozenset((4, 6))
_NOON: Final = time(12)
_LAST: Final = time(23, 59, 59)


class Values:
    """Reads the fields of the rows of a table."""

    def __init__(
        self,
        columns: Columns,
        mapping: Mapping,
        inherited: frozenset[str] = frozenset(),
        *,
        zone_by_row: bool = False,
        document: tuple[str, str] = ("transaction_id", "occurred_at"),
        now: datetime | None = None,
    ) -> None:
        """Prepare.

        Args:
            columns: of the table.
            mapping: what the user says.
            inherited: fields that only the first row of a document need hold.
            document: the fields that number a document, and say when it was.
            now: what happens more than a day later is refused, and so is what is older than the topics take; None believes all.
            zone_by_row: whether a column of time zones is that of the times beside it.

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
        self._number, self._when = document
        self._latest = None if now is None else now + _AHEAD
        self._inherited = [field for field in inherited if field in columns.places]
        self._line = Line(0, [])
        self._before: Line | None = None
        #: Whether codes were numbers in the sheet, which have no zeros in front.
        self.numeric_codes = False
        #: Whether moments had no offset, and whether days had no time.
        self.naive = False
        self.timeless = False
        #: Whether rows may name the time zone of their times.
        self.zone_by_row = zone_by_row and "time_zone" in columns.places
        self._zones: dict[str, ZoneInfo] = {}

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
        if self._number not in self._columns.places:
            return False
        own, other = (self._columns.cell(one, self._number) for one in (line, before))
        if own is None:
            # Odoo leaves everything of the document out: then the date is missing, too.
            return other is not None and self._columns.cell(line, self._when) is None
        return bool(own == other)

    def text(self, field: str) -> str | None:
        """Return a text, or what the user says it is."""
        return self._columns.text(self._line, field) or self._set.get(field)

    def has(self, field: str) -> bool:
        """Return whether the table has a column of a field, or the user says what it holds."""
        return field in self._columns.places or field in self._set

    def head(self, field: str) -> str:
        """Return what the table calls a field."""
        return self._columns.head(field)

    def code(self, field: str, of: str | None = None) -> str | None:
        """Return an identity as it is called here.

        Args:
            field: that holds it.
            of: the field that it is an identity of, if another.

        Raises:
            BadRow: it is one no more, or the map does not have it.
        """
        cell = self._columns.cell(self._line, field)
        if cell is None:
            return self._set.get(field)
        head, of = self._columns.head(field), of or field
        if not isinstance(cell, str):
            check_typed(cell, head)
            self.numeric_codes = True
        text = self._columns.text(self._line, field) or ""
        if of not in self._maps:
            check_code(text, of, head)
            return text
        known = self._maps[of].get(text)
        if known is None:
            check_code(text, of, head)
            raise BadRow("unknown", f"{head}: {text!r} is not in the map of {of}")
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
        factor = self._factor_of_row(head) if not unit else self._factor_of_cell(unit, head)
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

    def _factor_of_row(self, head: str) -> Decimal:
        """Return how many units are one of what stands beside a number, or in the name of its column."""
        unit = self._columns.text(self._line, "unit")
        named = self._columns.head("unit")
        if unit is None:
            unit, named = unit_in(head), head
        if unit is None:
            return Decimal(1)
        name = folded(unit)
        factor = self._factors.get(name)
        if factor is None and name not in PIECES:
            raise BadRow(
                "unit", f"{named}: how many units are one {unit!r}? Say --unit {unit}=FACTOR"
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
            if beside is not None:
                return _with_time(found.at, beside, self._columns.head("time"))
        return found

    def at(self, moment: Moment, *, end_of_day: bool = False) -> datetime:
        """Return the instant of a moment: a day without a time is meant at its noon, or at its end."""
        local = moment.at
        if not moment.has_time:
            self.timeless = True
            local = datetime.combine(local.date(), _LAST if end_of_day else _NOON, local.tzinfo)
        if local.tzinfo is None:
            self.naive = self.naive or not self.zone_by_row
            local = local.replace(tzinfo=self._zone_of_row())
        return local.astimezone(UTC)

    def _zone_of_row(self) -> ZoneInfo:
        """Return the time zone of a row: of master data it is a field of its own."""
        if not self.zone_by_row or (text := self._columns.text(self._line, "time_zone")) is None:
            return self.zone
        if text not in self._zones:
            self._zones[text] = shown_zone(text, self._columns.head("time_zone"))
        return self._zones[text]

    def believed(self, at: datetime, field: str) -> datetime:
        """Return when something happened.

        Raises:
            BadRow: it cannot have happened then.
        """
        if self._latest is None or _EARLIEST <= at <= self._latest:
            return at
        when = "in the future" if at > self._latest else "before the year 2000"
        raise BadRow(
            "time",
            f"{self._columns.head(field)}: {at:%Y-%m-%d %H:%M} is {when}: mend it in the file",
        )

    def instant(self, field: str, *, end_of_day: bool = False) -> datetime | None:
        """Return the instant that a cell says."""
        found = self.moment(field)
        return None if found is None else self.at(found, end_of_day=end_of_day)

    def missing(self, field: str) -> BadRow:
        """Return what to say of a row without a field that it needs."""
        return BadRow("missing", f"{self._columns.head(field)}: nothing there")


def _with_time(day: datetime, beside: Any, head: str) -> Moment:
    """Return a day with what the cell beside it says of the time.

    Raises:
        BadRow: it says none.
    """
    if isinstance(beside, float) and 0 <= beside < 1:
        # A part of a day, as sheets keep times.
        return Moment(day + timedelta(seconds=round(beside * 86400)), has_time=True)
    if isinstance(beside, time):
        return Moment(datetime.combine(day, beside, day.tzinfo), has_time=True)
    text = text_of(beside).strip()
    if text.isascii() and text.isdigit():
        # Numbers have lost the zero in front.
        text = text.zfill(len(text) + len(text) % 2) if not isinstance(beside, str) else text
        if len(text) in _DIGITS_OF_A_TIME:
            text = ":".join(text[place : place + 2] for place in range(0, len(text), 2))
    return moment_of(f"{day.date().isoformat()} {text}", None, head)
