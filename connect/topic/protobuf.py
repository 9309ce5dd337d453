"""Protobuf, by Google's own library (the extra `andon[registry]`): messages as the registry's descriptors describe them."""

import base64
import binascii
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from andon.connect.tables.errors import BadRow
from andon.connect.topic.framing import message_of
from andon.connect.topic.plain import plain
from andon.streams.errors import UserError

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TIMESTAMP: Final = "google.protobuf.Timestamp"
_DATE: Final = "google.type.Date"
_DECIMALS: Final = frozenset(("confluent.type.Decimal", "google.type.Decimal"))
_WRAPPERS: Final = frozenset(
    f"google.protobuf.{name}Value"
    for name in ("Double", "Float", "Int64", "UInt64", "Int32", "UInt32", "Bool", "String", "Bytes")
)
#: More decimals, or bytes of digits, has no number that means anything here.
_MOST_SCALE: Final = 64
#: The files that the library brings along.
_BROUGHT: Final = ("any", "duration", "empty", "field_mask", "struct", "timestamp", "wrappers")


class ProtobufReader:
    """Reads values of one schema."""

    #: Protobuf has types of time, and no numbers that count one.
    times: Final[dict[str, float]] = {}

    def __init__(self, text: str, named: tuple[tuple[str, str], ...] = ()) -> None:
        """Prepare.

        Args:
            text: the descriptor of the schema's file, in Base64.
            named: those of the files that it imports, each before who imports it, by the name that it is imported by.

        Raises:
            BadRow: they are none.
            UserError: the extra is not installed.
        """
        try:
            from google.protobuf import descriptor_pb2, descriptor_pool  # noqa: PLC0415 - an extra
        except ImportError as error:
            msg = "Protobuf needs the extra: pip install 'andon[registry]'"
            raise UserError(msg) from error
        pool = descriptor_pool.DescriptorPool()
        try:
            for brought in _files_brought():
                pool.AddSerializedFile(brought)
            for name, one in (*named, ("", text)):
                file = descriptor_pb2.FileDescriptorProto.FromString(
                    base64.b64decode(one, validate=True)
                )
                file.name = name or "the schema"
                pool.AddSerializedFile(file.SerializeToString())
            self._file = pool.FindFileByName("the schema")
        except (binascii.Error, TypeError, KeyError, ValueError, _decode_error()) as error:
            raise BadRow("invalid", f"the schema is no Protobuf: {error}") from error
        self._kinds: dict[tuple[int, ...], Any] = {}

    def read(self, body: bytes) -> dict[str, Any]:
        """Return the message that bytes hold, after the indexes that say which of the schema it is, in plain values.

        Raises:
            BadRow: they hold none of this schema.
        """
        indexes, rest = message_of(body)
        kind = self._kind(indexes)
        try:
            message = kind.FromString(rest)
        except _decode_error() as error:
            raise BadRow("invalid", f"it is not what the schema says: {error}") from error
        return plain(_record(message))

    def _kind(self, indexes: tuple[int, ...]) -> Any:
        found = self._kinds.get(indexes)
        if found is not None:
            return found
        from google.protobuf import message_factory  # noqa: PLC0415 - an extra

        place, *others = indexes
        try:
            descriptor = list(self._file.message_types_by_name.values())[place]
            for other in others:
                descriptor = descriptor.nested_types[other]
        except IndexError as error:
            raise BadRow("invalid", f"the schema has no message {indexes}") from error
        self._kinds[indexes] = message_factory.GetMessageClass(descriptor)
        return self._kinds[indexes]


def _files_brought() -> list[bytes]:
    """Return the descriptors of the types that everybody imports."""
    from importlib import import_module  # noqa: PLC0415 - with the extra alone

    modules = [import_module(f"google.protobuf.{name}_pb2") for name in _BROUGHT]
    return [module.DESCRIPTOR.serialized_pb for module in modules]


def _decode_error() -> type[Exception]:
    from google.protobuf.message import DecodeError  # noqa: PLC0415 - an extra

    found: type[Exception] = DecodeError
    return found


def _record(message: Any) -> dict[str, Any]:
    """Return the fields of a message: what is not there is None, where the schema tells that from a zero."""
    found: dict[str, Any] = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        if field.is_repeated:
            if field.message_type is not None and field.message_type.GetOptions().map_entry:
                inner = field.message_type.fields_by_name["value"]
                found[field.name] = {str(key): _value(inner, value[key]) for key in value}
            else:
                found[field.name] = [_value(field, one) for one in value]
        elif field.has_presence and not message.HasField(field.name):
            found[field.name] = None
        else:
            found[field.name] = _value(field, value)
    return found


def _value(field: Any, value: Any) -> Any:
    if field.enum_type is not None:
        named = field.enum_type.values_by_number.get(value)
        return value if named is None else named.name
    if field.message_type is None:
        return value
    name = field.message_type.full_name
    if name == _TIMESTAMP:
        return _moment(value)
    if name == _DATE:
        return _day(value)
    if name in _DECIMALS:
        return _decimal(value)
    return value.value if name in _WRAPPERS else _record(value)


def _moment(value: Any) -> datetime:
    try:
        return _EPOCH + timedelta(seconds=value.seconds, microseconds=value.nanos // 1000)
    except OverflowError as error:
        raise BadRow("date", f"{value.seconds} seconds since 1970 are no date") from error


def _day(value: Any) -> date:
    try:
        return date(value.year, value.month, value.day)
    except ValueError as error:
        raise BadRow("date", f"{value.year}-{value.month}-{value.day} is no date") from error


def _decimal(value: Any) -> Any:
    """Return a decimal: Google's is a text, Confluent's an unscaled number of a scale."""
    unscaled = value.value
    if isinstance(unscaled, str):
        return unscaled
    number = Decimal(int.from_bytes(unscaled, "big", signed=True))
    if abs(value.scale) > _MOST_SCALE or len(unscaled) > _MOST_SCALE:
        raise BadRow("number", f"a decimal of {len(unscaled)} bytes and scale {value.scale} is no quantity or price")  # fmt: skip
    return Decimal((*number.as_tuple()[:2], -value.scale))
