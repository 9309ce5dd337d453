"""Fields that a reader does not know: ignored, so that it survives a newer writer, but not in silence."""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import msgspec
from msgspec import inspect

from andon.schemas.common import Record

#: So many names are told of one record.
_MOST: Final = 16


class _Names(dict[str, "_Names"]):
    """The names of a record's fields, each with those of the records within it; empty where any value may stand."""


def unknown_fields(kind: type[Record], value: Any) -> tuple[str, ...]:
    """Return the paths of the fields of a decoded JSON value that a record of this kind does not have, the first few of them."""
    found = dict.fromkeys(_unknown(_names_of(kind), value, ""))
    return tuple(found)[:_MOST]


@cache  # reading the types costs a millisecond, a hundred times what a record may
def _names_of(kind: type[Record]) -> _Names:
    return _names_within(inspect.type_info(kind))


def _names_within(type_: inspect.Type) -> _Names:
    if isinstance(type_, inspect.Metadata):
        return _names_within(type_.type)
    if isinstance(type_, inspect.UnionType):
        kinds = [one for one in type_.types if not isinstance(one, inspect.NoneType)]
        return _names_within(kinds[0]) if len(kinds) == 1 else _Names()
    if isinstance(type_, inspect.StructType):
        return _Names({field.encode_name: _names_within(field.type) for field in type_.fields})
    if isinstance(type_, (inspect.VarTupleType, inspect.ListType)):
        return _names_within(type_.item_type)
    return _Names()


def _unknown(names: _Names, value: Any, path: str) -> Iterator[str]:
    if not names:
        return
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in names:
                yield from _unknown(names[name], inner, f"{path}{name}.")
            else:
                yield f"{path}{name}"
    elif isinstance(value, list):
        for inner in value:
            yield from _unknown(names, inner, path)


def unknown_fields_of(kind: type[Record], text: bytes | str) -> tuple[str, ...]:
    """Return the fields of a JSON text that a record of this kind does not have (see `unknown_fields`)."""
    return unknown_fields(kind, msgspec.json.decode(text))
