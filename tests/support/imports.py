"""Surveys of small tables."""

from datetime import UTC, datetime

import msgspec
from support.sources import source_of
from support.workers import read

from andon.connect.imports.mapping import Mapping
from andon.connect.imports.spool import Spool
from andon.connect.imports.survey import survey
from andon.connect.tables.options import options_of

NOW = datetime(2026, 11, 29, 8, tzinfo=UTC)


def surveyed(kind, content, taken=(), **said):
    """Return the survey of a table, and its events (as plain values, with their names) that are to be sent."""
    table = options_of(
        **{
            name: said.pop(name)
            for name in ("delimiter", "decimal", "date_format", "encoding", "sheet")
            if name in said
        }
    )
    with source_of(content) as file, Spool() as spool:
        made = survey(file, Mapping(kind=kind, table=table, **said), spool, now=NOW)
        spool.note_taken(taken)
        assert made.balanced
        return made, [(msgspec.json.decode(one.value), one) for one in spool]


def events(kind, content, **said):
    """Return the events of a table without their ids."""
    made, found = surveyed(kind, content, **said)
    assert made.refused == {}, made.refused
    return [{name: value for name, value in one.items() if name != "event_id"} for one, _ in found]


def refused(kind, content, **said):
    """Return the lines that are refused, by reason, and the first text of each."""
    made, _ = surveyed(kind, content, **said)
    return {name: (group.lines, group.example) for name, group in made.refused.items()}


def sent(settings, family):
    """Return the events of a family's topic, as plain values."""
    return [msgspec.json.decode(record.value) for record in read(settings, family)]
