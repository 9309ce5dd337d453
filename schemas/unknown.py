"""Fields that a reader does not know: ignored, so that it survives a newer writer, but not in silence."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import inspect

from andon.schemas.common import Record

#: So many names are told of one record.
_MOST: Final = 16


def unknown_fields(kind: type[Record], value: Any) -> tuple[str, ...]:
    """Return the paths of the fields of a decoded JSON value that a record of this kind does not have, the first few of them."""
    found = dict.fromkeys(_unknown(inspect.type_info(kind), value, ""))
    return tuple(found)[:_MOST]


def _unknown(type_: inspect.Type, value: Any, path: str) -> Iterator[str]:
    if isinstance(type_, inspect.Metadata):
        yield from _unknown(type_.type, value, path)
    elif isinstance(type_, inspect.UnionType):
        kinds = [one for one in type_.types if not isinstance(one, inspect.NoneType)]
        if len(kinds) == 1:
            yield from _unknown(kinds[0], value, path)
    elif isinstance(type_, inspect.StructType) and isinstance(value, dict):
        fields = {field.encode_name: field.type for field in type_.fields}
        for name, inner in value.items():
            if name in fields:
                yield from _unknown(fields[name], inner, f"{path}{name}.")
            else:
                yield f"{path}{name}"
    elif isinstance(type_, (inspect.VarTupleType, inspect.ListType)) and isinstance(
        value, Sequence
    ):
        for inner in value:
            yield from _unknown(type_.item_type, inner, path)


def unknown_fields_of(kind: type[Record], text: bytes | str) -> tuple[str, ...]:
    """Return the fields of a JSON text that a record of this kind does not have (see `unknown_fields`)."""
    return unknown_fields(kind, msgspec.json.decode(text))
