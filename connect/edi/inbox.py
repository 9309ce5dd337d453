"""The EDI of a watched folder: its mappings, and what is written back."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from andon.connect.edi.replies import replies
from andon.connect.edi.survey import EdiSurvey
from andon.connect.edi.terms import Terms
from andon.connect.imports.mapping import Mapping, load_mapping

KIND: Final = "edi"
#: Where answers to partners lie.
OUT: Final = "out"
_MAPPING: Final = "mapping"


def terms_beside(folder: Path) -> Callable[[str], Terms]:
    """Return what says how a sender's messages are understood: mapping-SENDER.toml, or mapping.toml.

    Raises:
        FormatError: by what is returned: a mapping cannot be.
    """
    files = {path.stem: path for path in folder.glob(f"{_MAPPING}*.toml")}
    known: dict[str, Terms] = {}

    def terms_of(sender: str) -> Terms:
        name = f"{_MAPPING}-{sender}"
        path = files.get(name if name in files else _MAPPING)
        key = "" if path is None else path.stem
        if key not in known:
            known[key] = Terms(Mapping() if path is None else load_mapping(path, KIND))
        return known[key]

    return terms_of


def write_replies(
    folder: Path, path: Path, content: bytes, made: EdiSurvey, at: datetime
) -> list[str]:
    """Write what is to be sent back for a file, and return the names; one that is there is written anew.

    Raises:
        OSError: it cannot be written.
    """
    out = folder / OUT
    names = []
    try:
        written = list(replies(content, made.messages, at))
    except ValueError as error:
        made.notes.append(f"no acknowledgement is written: {error}")
        return []
    for kind, control, text in written:
        # Its number comes of the content: the answer to another file of that name does not take its place.
        name = f"{path.stem}-{control:09d}.{kind}.edi"
        unfinished = out / f".{name}.part"
        # Whoever fetches it sees all of it or nothing.
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(out / name)
        names.append(name)
    return names
