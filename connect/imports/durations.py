"""Lead times as people write them: days, weeks and hours are days; months and working days are none that are sure."""

import re
from decimal import Decimal
from typing import Final

from andon.connect.imports.names import folded
from andon.connect.tables.errors import BadRow


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DAYS: Final = _words("d day days tag tage tagen jour jours j dia dias kalendertage kalendertagen")
_WEEKS: Final = _words("w wk wks week weeks woche wochen wo kw semaine semaines sem semana semanas")
_HOURS: Final = _words("h hr hrs hour hours stunde stunden std heure heures hora horas")
_MONTHS: Final = _words(
    "month months mon monat monate monaten mois mes meses quarter quarters quartal quartale trimestre trimestres "
    "year years jahr jahre jahren an ans annee annees ano anos"
)
_WORKING: Final = _words(
    "werktag werktage werktagen arbeitstag arbeitstage arbeitstagen workday workdays bd wd at wt"
)
_WORKING_PAIRS: Final = frozenset(
    (
        *("working days", "working day", "business days", "business day", "work days"),
        *("jours ouvres", "jours ouvrables", "dias habiles", "dias laborables"),
    )
)
_FACTORS: Final = {
    **dict.fromkeys(_DAYS, Decimal(1)),
    **dict.fromkeys(_WEEKS, Decimal(7)),
    **dict.fromkeys(_HOURS, Decimal(1) / 24),
}
#: Two numbers and what stands between: from, to.
_SPAN: Final = re.compile(
    r"^\D*\d+(?:[.,]\d+)?\s*(?:-|\u2013|\u2014|to|bis|à|a)\s*\d+(?:[.,]\d+)?\D*$"
)


def is_duration(unit: str) -> bool:
    """Return whether a word is one of time."""
    name = folded(unit)
    return name in _FACTORS or name in _MONTHS | _WORKING or name in _WORKING_PAIRS


def is_span(text: str) -> bool:
    """Return whether a text says from how much to how much."""
    return _SPAN.match(text.strip()) is not None


def in_days(number: Decimal, unit: str, head: str) -> Decimal:
    """Return a number of days.

    Args:
        number: how many.
        unit: of what, as it stands beside the number; if nothing does, the column's name may say it.
        head: the column's name.

    Raises:
        BadRow: the unit has no certain number of days, or is none of time.
    """
    name = folded(unit)
    if not name:
        name = next((word for word in folded(head).split() if word in _HEADS), "")
        if not name:
            return number
    factor = _FACTORS.get(name)
    if factor is not None:
        return number * factor
    said = f"{head}: {number} {unit or name}".rstrip()
    if name in _MONTHS:
        raise BadRow("unit", f"{said} is no certain number of days: say it in days or weeks")
    if name in _WORKING or name in _WORKING_PAIRS:
        raise BadRow(
            "unit",
            f"{said}: write the number alone, and say of the supplier that its lead times are in working days "
            "(lead_times_in = working_days in a table of suppliers)",
        )
    raise BadRow("unit", f"{said}: {unit!r} is no unit of time, such as days or weeks")


#: What says it in a column's name: no abbreviations there.
_HEADS: Final = frozenset(
    word for word in (*_FACTORS, *_MONTHS, *_WORKING) if len(word) > 3 or word in ("tag", "mois")
)
