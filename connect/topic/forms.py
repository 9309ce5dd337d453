"""How the values of a topic are written: as plain JSON, as plain Avro, or as a schema registry describes them."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Protocol

import msgspec

from andon.connect.tables.errors import BadRow
from andon.connect.topic.avro import AvroReader
from andon.connect.topic.framing import body_of, schema_number
from andon.connect.topic.protobuf import ProtobufReader
from andon.connect.topic.registry import AVRO, JSON, PROTOBUF, Registry, Schema


class Told(NamedTuple):
    """A record in plain values, and what its columns of time count by, where its schema says so."""

    record: dict[str, Any]
    times: dict[str, float]


class Form(Protocol):
    """A way to write values."""

    def prepare(self, values: Iterable[bytes | None]) -> None:
        """Fetch what is needed to read values, so that reading them waits for nobody.

        Raises:
            RegistryAway: it cannot be fetched now.
            UserError: it never can be, as things are set.
        """

    def read(self, value: bytes) -> Told:
        """Return what a value says.

        Raises:
            BadRow: it is not written this way.
        """
        ...


class PlainJson:
    """JSON as it is."""

    def prepare(self, values: Iterable[bytes | None]) -> None:
        """Need nothing."""

    def read(self, value: bytes) -> Told:
        """Return what a value says."""
        return Told(json_record(value), {})


class PlainAvro:
    """Avro of one schema, without framing."""

    def __init__(self, reader: AvroReader) -> None:
        self._reader = reader

    def prepare(self, values: Iterable[bytes | None]) -> None:
        """Need nothing."""

    def read(self, value: bytes) -> Told:
        """Return what a value says."""
        return Told(self._reader.read(value), self._reader.times)


class Framed:
    """Avro, JSON or Protobuf in Confluent's framing: each value is read by the schema that it was written with.

    Args:
        registry: has the schemas.
        as_read: of the schema as which values of Avro are read; None reads them as they were written.
    """

    def __init__(self, registry: Registry, as_read: AvroReader | None = None) -> None:
        self._registry = registry
        self._as_read = as_read
        #: By number: a reader, or what is wrong with the schema.
        self._readers: dict[int, AvroReader | ProtobufReader | BadRow | None] = {}

    def prepare(self, values: Iterable[bytes | None]) -> None:
        """Fetch the schemas of values that are not known yet; what was not there before may be there now."""
        numbers = {_number(value) for value in values}
        for number in sorted(number for number in numbers if number is not None):
            if isinstance(self._readers.get(number, BadRow("", "")), BadRow):
                try:
                    self._readers[number] = self._reader(self._registry.schema(number))
                except BadRow as error:
                    self._readers[number] = error

    def _reader(self, schema: Schema) -> AvroReader | ProtobufReader | None:
        if schema.kind == AVRO:
            return AvroReader(schema.text, schema.named, self._as_read)
        if schema.kind == PROTOBUF:
            return ProtobufReader(schema.text, schema.named)
        if schema.kind == JSON:
            return None
        raise BadRow("invalid", f"a schema of the kind {schema.kind} is not read")

    def read(self, value: bytes) -> Told:
        """Return what a value says, whose schema was fetched before."""
        number = schema_number(value)
        reader = self._readers[number]
        if isinstance(reader, BadRow):
            raise BadRow(reader.reason, f"schema {number}: {reader}") from reader
        if reader is None:
            return Told(json_record(body_of(value)), {})
        return Told(reader.read(body_of(value)), reader.times)


def json_record(value: bytes) -> dict[str, Any]:
    """Return the object that JSON holds.

    Raises:
        BadRow: it is none.
    """
    try:
        found = msgspec.json.decode(value)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise BadRow("not_json", f"the value: {error}") from error
    if not isinstance(found, dict):
        raise BadRow("invalid", "the value is no object")
    return found


def _number(value: bytes | None) -> int | None:
    try:
        return schema_number(value or b"")
    except BadRow:
        # It is told when it is read.
        return None
