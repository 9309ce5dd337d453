"""Time zones as columns name them: by their names in the tz database, or by those that shop systems show."""

from typing import Final
from zoneinfo import ZoneInfo

from andon.connect.tables.errors import BadRow
from andon.schemas.calendars import zone_of

#: What Square and others (by the names of Rails) call zones.
_SHOWN: Final = {
    "Eastern Time (US & Canada)": "America/New_York",
    "Central Time (US & Canada)": "America/Chicago",
    "Mountain Time (US & Canada)": "America/Denver",
    "Pacific Time (US & Canada)": "America/Los_Angeles",
    "Arizona": "America/Phoenix",
    "Alaska": "America/Juneau",
    "Hawaii": "Pacific/Honolulu",
    "Atlantic Time (Canada)": "America/Halifax",
    "London": "Europe/London",
    "Dublin": "Europe/Dublin",
    "Paris": "Europe/Paris",
    "Madrid": "Europe/Madrid",
    "Berlin": "Europe/Berlin",
    "Rome": "Europe/Rome",
    "Amsterdam": "Europe/Amsterdam",
    "Tokyo": "Asia/Tokyo",
    "Sydney": "Australia/Sydney",
    "Melbourne": "Australia/Melbourne",
}


def shown_zone(text: str, head: str) -> ZoneInfo:
    """Return the time zone that a cell names.

    Raises:
        BadRow: it is none that is known.
    """
    try:
        return zone_of(_SHOWN.get(text, text))
    except ValueError as error:
        raise BadRow(
            "time zone",
            f"{head}: {text!r} is no time zone that is known, such as Europe/Berlin: overlook the column (--column time_zone=), and say "
            "--time-zone",
        ) from error
