"""Files of EDI, read by a mapping."""

from datetime import UTC, datetime

import msgspec

from andon.connect.edi.survey import survey_edi
from andon.connect.edi.terms import Terms
from andon.connect.imports.mapping import Mapping
from andon.connect.imports.spool import Spool

ISA = "ISA*00*          *00*          *ZZ*THEM           *ZZ*US             *260305*0930*U*00401*000000007*0*P*>~"


def x12(kind, *segments, group="XX"):
    """Return a whole file with one message of X12."""
    return "~".join(
        (
            ISA + f"GS*{group}*THEM*US*20260305*0930*7*X*004010",
            f"ST*{kind}*0001",
            *segments,
            f"SE*{len(segments) + 2}*0001",
            "GE*1*7",
            "IEA*1*000000007~",
        )
    )


def edifact(kind, *segments):
    """Return a whole file with one message of EDIFACT."""
    return "'".join(
        (
            "UNB+UNOC:3+THEM:14+US:14+260305:0930+7",
            f"UNH+1+{kind}:D:96A:UN",
            *segments,
            f"UNT+{len(segments) + 2}+1",
            "UNZ+1+7'",
        )
    )


NOW = datetime(2026, 11, 29, 8, tzinfo=UTC)


def surveyed(content, taken=(), **said):
    """Return the survey of a file, and its events that are to be sent."""
    terms = Terms(Mapping(**said))
    data = content if isinstance(content, bytes) else content.encode()
    with Spool() as spool:
        made = survey_edi(data, lambda _: terms, spool, NOW)
        assert made.balanced, made.as_dict("", 0, None)
        spool.note_taken(taken)
        return made, list(spool)


def events(content, **said):
    """Return the events of a file as plain values without ids, in the order of their time."""
    made, found = surveyed(content, **said)
    assert made.refused == {}, made.refused
    return [plain(one) for one in found]


def plain(event):
    """Return an event as plain values with its family, and without its id."""
    values = msgspec.json.decode(event.value)
    del values["event_id"]
    return {"family": event.family, **values}


def refused(content, **said):
    """Return what is refused of a file: reason, segments and the first text."""
    made, _ = surveyed(content, **said)
    return {name: (group.lines, group.example) for name, group in made.refused.items()}
