"""What partners say of the messages that were sent to them: 997, CONTRL. No events come of them; the account says what they say."""

from typing import Final

from andon.connect.edi.segments import Segment
from andon.connect.edi.sheet import Answer, Sheet

#: Acknowledgements (715 and 717): accepted, and accepted though errors were noted.
_TAKEN: Final = ("A", "E")
#: Actions (0083): acknowledged, and received.
_TAKEN_EDIFACT: Final = ("7", "8")


def acknowledged_x12(sheet: Sheet) -> None:
    """Read a 997: which groups and messages were taken."""
    group = kind = reference = ""
    for one in sheet.message.segments:
        if one.tag == "AK1":
            group = one.get(2)
        elif one.tag in ("AK2", "IK2"):
            kind, reference = one.get(1), one.get(2)
        elif one.tag in ("AK5", "IK5"):
            _note(sheet, one, kind, f"{group}/{reference}", one.get(1) in _TAKEN)
        elif one.tag == "AK9" and one.get(1) not in _TAKEN:
            _note(sheet, one, "group", group, taken=False)
        elif one.tag not in ("AK9", "AK3", "AK4", "IK3", "IK4"):
            continue
        sheet.use(one)


def acknowledged_edifact(sheet: Sheet) -> None:
    """Read a CONTRL: which interchanges and messages were taken."""
    interchange = ""
    for one in sheet.message.segments:
        if one.tag == "UCI":
            interchange = one.get(1)
            _note(sheet, one, "interchange", interchange, one.get(4) in _TAKEN_EDIFACT)
        elif one.tag == "UCM":
            taken = one.get(3) in _TAKEN_EDIFACT
            _note(sheet, one, one.get(2), f"{interchange}/{one.get(1)}", taken)
        elif one.tag not in ("UCS", "UCD", "UCF"):
            continue
        sheet.use(one)


def _note(sheet: Sheet, at: Segment, kind: str, reference: str, taken: bool) -> None:
    said = f"{at.tag} {'/'.join(part for parts in at.elements for part in parts if part)}"
    sheet.answers.append(Answer(kind, reference, taken, said))
