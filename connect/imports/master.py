"""Rows of master data: items, suppliers, locations."""

import re
from datetime import date, datetime
from typing import Final

from andon.connect.imports.events import Made, made, record_of
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.names import folded
from andon.connect.imports.values import Values
from andon.connect.tables.dates import moment_of
from andon.connect.tables.errors import BadRow
from andon.connect.tables.numbers import number_of
from andon.schemas.calendars import WEEKDAYS, Weekday
from andon.schemas.common import item_key
from andon.schemas.items import Item
from andon.schemas.locations import Place
from andon.schemas.suppliers import Supplier

_TRUE: Final = frozenset(
    [
        "1",
        "true",
        "yes",
        "y",
        "ja",
        "oui",
        "si",
        "active",
        "enabled",
        "aktiv",
        "actif",
        "activo",
        "x",
        "attivo",
        "actief",
        "published",
    ]
)
_FALSE: Final = frozenset(
    [
        "0",
        "false",
        "no",
        "n",
        "nein",
        "non",
        "inactive",
        "disabled",
        "inaktiv",
        "inactif",
        "inactivo",
        "archived",
        "draft",
        "discontinued",
        "blocked",
        "gesperrt",
        "nee",
    ]
)
_SHORT_DAYS: Final[dict[str, Weekday]] = {
    name: WEEKDAYS[number]
    for number, names in enumerate(
        (
            "mon monday mo montag lun lundi lunes 1",
            "tue tues tuesday di dienstag mar mardi martes 2",
            "wed wednesday mi mittwoch mer mercredi mie miercoles 3",
            "thu thur thurs thursday do donnerstag jeu jeudi jue jueves 4",
            "fri friday fr freitag ven vendredi vie viernes 5",
            "sat saturday sa samstag sonnabend sam samedi sab sabado 6",
            "sun sunday so sonntag dim dimanche dom domingo 7",
        )
    )
    for name in names.split()
}


def item(values: Values, mapping: Mapping, kept: datetime) -> list[Made]:
    """Return the master data of a row, once for each location that the user names if it names none.

    Raises:
        BadRow: the row cannot be.
    """
    sku, supplier, lead_time = (
        values.code("sku"),
        values.text("supplier"),
        _days(values, "lead_time_days"),
    )
    if sku is None:
        raise values.missing("sku")
    if supplier is None:
        raise values.missing("supplier")
    if lead_time is None:
        raise values.missing("lead_time_days")
    own = values.code("location")
    locations = mapping.locations if own is None else (own,)
    if not locations:
        raise BadRow(
            "missing", "location: nothing there; say --location NAME, several times for several"
        )
    source = {
        "supplier": supplier,
        "lead_time_days": lead_time,
        "lead_time_sd_days": _days(values, "lead_time_sd_days"),
        "item_code": values.text("item_code"),
    }
    described = {
        "sku": sku,
        "updated_at": _changed(values, kept),
        "sources": [{name: value for name, value in source.items() if value is not None}],
        "description": (values.text("description") or "")[:2000],
        **{name: values.text(name) for name in ("category", "service_class", "stage")},
        **{name: _upper(values.text(name)) for name in ("currency", "country")},
        **{
            name: _float(values, name)
            for name in (
                *(
                    "unit_cost",
                    "unit_price",
                    "order_cost",
                    "expected_daily_demand",
                    "unit_weight",
                ),
            )
        },
        "service_level": _share(values, "service_level"),
        "shelf_life_days": _days(values, "shelf_life_days"),
        **{name: _pieces(values, name) for name in ("pack_size", "minimum_order")},
        "active": _is_active(values),
    }
    return [
        made("items", record_of(Item, {**described, "location": one}), item_key(one, sku))
        for one in locations
    ]


def supplier(values: Values, mapping: Mapping, kept: datetime) -> list[Made]:
    """Return the terms of a supplier.

    Raises:
        BadRow: the row cannot be.
    """
    name = values.text("supplier")
    if name is None:
        raise values.missing("supplier")
    described = {
        "supplier": name,
        "updated_at": _changed(values, kept),
        "description": (values.text("description") or "")[:2000],
        "time_zone": values.text("time_zone") or mapping.time_zone,
        "order_cutoff": _time_of_day(values.text("order_cutoff")),
        "currency": _upper(values.text("currency")),
        **{
            one: _float(values, one)
            for one in (
                "minimum_order_value",
                "minimum_order_weight",
                "free_freight_from",
                "freight_cost",
            )
        },
        **{one: _pieces(values, one) for one in ("minimum_order_units", "capacity_units")},
        "capacity_per": values.text("capacity_per"),
        "lead_times_in": values.text("lead_times_in"),
        "closed": _dates(values, "closed"),
        **{
            one: _weekdays(values, one)
            for one in ("order_weekdays", "delivery_weekdays", "open_weekdays")
        },
    }
    return [made("suppliers", record_of(Supplier, described), name)]


def place(values: Values, mapping: Mapping, kept: datetime) -> list[Made]:
    """Return the calendar of a location.

    Raises:
        BadRow: the row cannot be.
    """
    location = values.code("location")
    if location is None:
        raise values.missing("location")
    described = {
        "location": location,
        "updated_at": _changed(values, kept),
        "name": (values.text("name") or "")[:2000],
        "time_zone": values.text("time_zone") or mapping.time_zone,
        "receiving_weekdays": _weekdays(values, "receiving_weekdays"),
        "closed": _dates(values, "closed"),
    }
    return [made("locations", record_of(Place, described), location)]


def _float(values: Values, field: str) -> float | None:
    number = values.number(field)
    return None if number is None else float(number)


def _share(values: Values, field: str) -> float | None:
    """Return a share of 1, which may be told in percent if it says so."""
    text = values.text(field)
    if text is None or not text.endswith("%"):
        return _float(values, field)
    return float(number_of(text[:-1], None, values.head(field)) / 100)


def _days(values: Values, field: str) -> float | None:
    number = values.days(field)
    return None if number is None else float(number)


def _pieces(values: Values, field: str) -> int | None:
    number = values.pieces(field)
    if number is None or number == 0:
        return None
    if number != number.to_integral_value():
        raise BadRow("fraction", f"{field}: {number} is no whole number of units")
    return int(number)


def _upper(text: str | None) -> str | None:
    return None if text is None else text.upper()


def _flag(values: Values, field: str) -> bool | None:
    text = values.text(field)
    if text is None:
        return None
    if (word := folded(text)) not in _TRUE | _FALSE:
        raise BadRow(
            "invalid",
            f"{values.head(field)}: {text!r} is neither yes nor no: --column {field}= overlooks the column",
        )
    return word in _TRUE


def _changed(values: Values, kept: datetime) -> datetime:
    at = values.instant("updated_at")
    return kept if at is None else values.believed(at, "updated_at")


def _is_active(values: Values) -> bool | None:
    """Return whether an item is planned, as one of two columns says: that it is, or that it is not any more."""
    ended = _flag(values, "inactive")
    return False if ended else _flag(values, "active")


def _weekdays(values: Values, field: str) -> list[Weekday] | None:
    """Return weekdays by their names, or their numbers from Monday on; `Mo-Fr` is a span."""
    text = values.text(field)
    if text is None:
        return None
    days: set[int] = set()
    for part in re.split(r"[,;/ ]+", text.strip()):
        first, _, last = part.partition("-")
        span = [_SHORT_DAYS.get(folded(one)) for one in (first, last or first)]
        if span[0] is None or span[1] is None:
            raise BadRow("invalid", f"{field}: {text!r} are no weekdays, such as MON,WED or Mo-Fr")
        begin, end = WEEKDAYS.index(span[0]), WEEKDAYS.index(span[1])
        days |= {day % 7 for day in range(begin, end + 1 if end >= begin else end + 8)}
    return [WEEKDAYS[day] for day in sorted(days)]


def _dates(values: Values, field: str) -> list[date] | None:
    text = values.text(field)
    if text is None:
        return None
    return [
        moment_of(one.strip(), None, field).at.date()
        for one in re.split("[,;]", text)
        if one.strip()
    ]


def _time_of_day(text: str | None) -> str | None:
    if text is None:
        return None
    found = re.match(r"^(\d{1,2})[:.h](\d{2})(?::\d{2})?$", text.strip())
    return f"{int(found[1]):02}:{found[2]}" if found else text
