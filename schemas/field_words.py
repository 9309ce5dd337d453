"""What the fields of a record mean: the `#:` comments above them, for the schemas that are exported."""

import inspect
import re
from typing import Any, Final

import msgspec

from andon.schemas.common import Record

_FIELD: Final = re.compile(r"((?:^    #: .*\n)+)    (\w+):", re.MULTILINE)


def words_of(kind: type[msgspec.Struct]) -> dict[str, str]:
    """Return what is said of the fields of a record type, by the names that they have in JSON."""
    names = dict(zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True))
    found = {
        field: " ".join(comment.replace("#: ", "").split())
        for base in reversed(kind.__mro__)
        if issubclass(base, Record) and base is not Record
        for comment, field in _FIELD.findall(inspect.getsource(base))
    }
    return {names[field]: words for field, words in found.items() if field in names}


def described(components: dict[str, Any]) -> dict[str, Any]:
    """Return schemas of record types, by their names, with what is said of each field in its place."""
    kinds = {kind.__name__: kind for kind in _kinds(Record)}
    for name, schema in components.items():
        words = words_of(kinds[name]) if name in kinds else {}
        for field, text in words.items():
            schema["properties"][field] = {"description": text, **schema["properties"][field]}
    return components


def _kinds(kind: type[Record]) -> list[type[Record]]:
    return [one for sub in kind.__subclasses__() for one in (sub, *_kinds(sub))]
