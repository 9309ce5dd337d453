"""What a mapping says of a partner's messages: what identities are called here, how many units a unit is, when a day is."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Final

from andon.connect.imports.factors import factor_of, load_map
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.names import folded
from andon.connect.imports.words import PIECES
from andon.connect.tables.dates import Moment
from andon.connect.tables.errors import BadRow, FormatError
from andon.schemas.calendars import zone_of
from andon.schemas.common import MOST_UNITS

#: Qualifiers (X12's 235, EDIFACT's 7143) of numbers that name an article; those of colours, lots and authors name none.
_ARTICLES: Final = frozenset(
    (
        *("UP", "UI", "UA", "UK", "EN", "EO", "GT", "IB", "ND", "N1", "N2", "N3", "N4"),
        *("VN", "VP", "VC", "VA", "BP", "IN", "SK", "CB", "MG", "MF", "PI", "PN", "SRV", "SA"),
    )
)
#: Those of them that are numbers of GS1, which are the same with and without zeros in front.
_GTINS: Final = frozenset(("UP", "UI", "UA", "UK", "EN", "EO", "GT", "SRV"))
#: Stands before a GTIN without its zeros, in a map.
_GTIN: Final = "gtin:"
_GTIN_LENGTHS: Final = (8, 12, 13, 14)
_NUMBER: Final = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
#: Fields of a mapping that mean something here.
_COLUMNS: Final = ("sku", "location", "shipment_id")
_SET: Final = ("supplier", "carrier", "location", "lines")
_NAMED: Final = "named"
_MAPS: Final = ("sku", "location", "supplier", "carrier")
#: What is wrong with a mapping, or not said in it, and not with the message.
OURS: Final = frozenset(("ambiguous", "unknown", "unplaced", "unit", "period", "empty"))
_NOON: Final = time(12)
_LAST: Final = time(23, 59, 59)

Code = tuple[str, str]


class Terms:
    """A mapping, as messages are read by it."""

    def __init__(self, mapping: Mapping) -> None:
        """Prepare.

        Raises:
            FormatError: it says something that cannot be.
        """
        for table, given, known in (
            ("columns", mapping.columns, _COLUMNS),
            ("set", mapping.set, _SET),
            ("maps", mapping.maps, _MAPS),
        ):
            wrong = [name for name in given if name not in known]
            if wrong:
                msg = f"[{table}] {wrong[0]}: of EDI it may say {', '.join(known)}"
                raise FormatError(msg)
        if mapping.grain not in (None, "day", "spread"):
            msg = f"grain: expected day or spread, got {mapping.grain!r}"
            raise FormatError(msg)
        if mapping.set.get("lines", _NAMED) != _NAMED:
            msg = f"[set] lines: expected {_NAMED!r}, got {mapping.set['lines']!r}"
            raise FormatError(msg)
        if len(mapping.locations) > 1:
            msg = "locations: name one, of messages that name none"
            raise FormatError(msg)
        self._maps = {field: _with_short(load_map(field, at)) for field, at in mapping.maps.items()}
        self._said = {field: text.replace(",", " ").split() for field, text in mapping.columns.items()}  # fmt: skip
        self._factors = {folded(unit): factor_of(unit, one) for unit, one in mapping.units.items()}
        self._scale = factor_of("scale", mapping.scale)
        self._set = mapping.set
        self._location = mapping.locations[0] if mapping.locations else mapping.set.get("location")
        #: Whether lines of orders are told by their numbers, as those of an order that was imported with them are.
        self.names_lines = mapping.set.get("lines") == _NAMED
        #: What becomes of sales of several days: spread over them, or all on the last; None refuses them.
        self.grain = mapping.grain
        self.is_comma_decimal = mapping.table.decimal == ","
        try:
            self._zone = zone_of(mapping.time_zone)
        except ValueError as error:
            msg = f"time_zone: {error}"
            raise FormatError(msg) from error

    def qualifiers(self, field: str, usual: Sequence[str]) -> Sequence[str]:
        """Return whose code is that of a field, the more important first: as the mapping says, or as usual."""
        return self._said.get(field, usual)

    def sku(self, codes: Iterable[Code]) -> str:
        """Return the item that a line names.

        Args:
            codes: the numbers of the line, each with its qualifier.

        Raises:
            BadRow: it names none, one that nobody knows, or more than one.
        """
        there = [(kind, code) for kind, code in codes if code]
        said = self._said.get("sku")
        if said is not None:
            there = [one for kind in said for one in there if one[0] == kind][:1]
        else:
            there = [one for one in there if one[0] in _ARTICLES]
        if not there:
            of = f" under {' or '.join(said)}" if said else ""
            reason = "unknown" if said else "missing"
            raise BadRow(reason, f"sku: the line has no number of an article{of}")
        names = _distinct(self._named("sku", kind, code) for kind, code in there)
        told = " and ".join(f"{kind} {code}" for kind, code in there)
        if not names:
            raise BadRow("unknown", f"sku: {told} is not in the map of sku")
        if len(names) > 1:
            raise BadRow(
                "ambiguous",
                f"sku: the line names {told}: say which is your sku, such as [columns] sku = {there[0][0]!r}, or name it in a map",
            )
        return _identity("sku", names[0])

    def location(self, code: str, kind: str = "") -> str:
        """Return the location that a code names; without a code that of the mapping.

        Raises:
            BadRow: nobody names one, or the map does not have it.
        """
        if not code:
            if self._location is None:
                raise BadRow(
                    "unplaced", 'location: the message names none: say locations = ["NAME"]'
                )
            return self._location
        found = self._named("location", kind, code)
        if found is None:
            raise BadRow("unknown", f"location: {code!r} is not in the map of location")
        return _identity("location", found)

    def name(self, field: str, code: str) -> str | None:
        """Return a supplier or carrier as it is called here; None if nobody says.

        Raises:
            BadRow: the map does not have it.
        """
        if not code:
            return self._set.get(field)
        found = self._named(field, "", code)
        if found is None:
            raise BadRow("unknown", f"{field}: {code!r} is not in the map of {field}")
        return _identity(field, found)

    def says(self, field: str) -> bool:
        """Return whether the mapping names a supplier or carrier itself."""
        return field in self._maps or field in self._set

    def _named(self, field: str, kind: str, code: str) -> str | None:
        known = self._maps.get(field)
        if known is None:
            return code
        names = [f"{kind}:{code}", code]
        if kind in _GTINS and _is_gtin(code):
            names.append(_GTIN + _short(code))
        return next((known[one] for one in names if one in known), None)

    def units(self, quantity: str, unit: str, name: str) -> int:
        """Return a quantity in whole units.

        Args:
            quantity: as it stands there.
            unit: of measure; nothing is one unit.
            name: of the element, for what is said of it.

        Raises:
            BadRow: it is none, a fraction, or of a unit that nobody knows.
        """
        if not quantity:
            raise BadRow("missing", f"{name}: no quantity")
        if not _NUMBER.fullmatch(quantity):
            raise BadRow("number", f"{name}: {quantity!r} is no number")
        units = Decimal(quantity) * self.factor(unit, name)
        if units != units.to_integral_value():
            raise BadRow("fraction", f"{name}: {quantity} {unit} is no whole number of units")
        if abs(units) > MOST_UNITS:
            raise BadRow("number", f"{name}: {quantity} is more than can be")
        return int(units)

    def factor(self, unit: str, name: str) -> Decimal:
        """Return how many units are one of a unit of measure; nothing is one unit.

        Raises:
            BadRow: nobody knows.
        """
        factor = self._factors.get(folded(unit)) if unit else None
        if factor is None and unit and folded(unit) not in PIECES:
            raise BadRow(
                "unit", f"{name}: how many units are one {unit}? Say [units] {unit} = FACTOR"
            )
        return (factor or Decimal(1)) * self._scale

    def at(self, moment: Moment, *, end_of_day: bool = False) -> datetime:
        """Return the instant of a moment: a day without a time is meant at its noon, or at its end."""
        local = moment.at
        if not moment.has_time:
            local = datetime.combine(local.date(), _LAST if end_of_day else _NOON)
        if local.tzinfo is None:
            local = local.replace(tzinfo=self._zone)
        return local.astimezone(UTC)


def _with_short(known: dict[str, str]) -> dict[str, str]:
    """Add the GTINs of a map without their zeros, unless that would be two items."""
    short: dict[str, set[str]] = {}
    for code, name in known.items():
        kind, _, plain = code.rpartition(":")
        if _is_gtin(plain) and (not kind or kind in _GTINS):
            short.setdefault(_GTIN + _short(plain), set()).add(name)
    added = {code: names.pop() for code, names in short.items() if len(names) == 1}
    return {**known, **added}


def _is_gtin(code: str) -> bool:
    return code.isascii() and code.isdigit() and len(code) in _GTIN_LENGTHS


def _short(code: str) -> str:
    return code.lstrip("0").rjust(1, "0")


def _distinct(names: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name is not None))


def _identity(field: str, name: str) -> str:
    if not name.isprintable():
        # Bytes of no known character set, or signs that nobody sees.
        raise BadRow("code", f"{field}: {name!r} has signs that are no letters")
    return name
