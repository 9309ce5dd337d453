"""Avro, by fastavro (the extra `andon[registry]`): what a writer's schema describes, read as it was written or as another says."""

import io
import json
from pathlib import Path
from typing import Any, Final

from andon.connect.tables.errors import BadRow, FormatError
from andon.connect.topic.plain import UNITS_OF_TIME, plain
from andon.streams.errors import UserError

#: Primitive types, whose values take no byte or some.
_NOTHING: Final = "null"


class AvroReader:
    """Reads values of one writer's schema."""

    def __init__(
        self,
        text: str,
        named: tuple[tuple[str, str], ...] = (),
        reader: "AvroReader | None" = None,
    ) -> None:
        """Prepare.

        Args:
            text: the writer's schema, as JSON.
            named: the schemas that it names, each before who names it.
            reader: of the schema as which values are read, by Avro's rules of resolution; None reads them as written.

        Raises:
            BadRow: it is no schema, or one whose values may have no end.
            UserError: the extra is not installed.
        """
        self._fastavro = _library()
        known: dict[str, Any] = {}
        try:
            for _, one in named:
                self._fastavro.parse_schema(json.loads(one), named_schemas=known)
            self.schema = self._fastavro.parse_schema(json.loads(text), named_schemas=known)
            _check(self.schema, known, ())
        except BadRow:
            raise
        except Exception as error:  # fastavro has none of its own for all that can be wrong
            raise BadRow("invalid", f"the schema is no Avro: {_text(error)}") from error
        self._reader = reader
        #: What the numbers of columns count by, where no logical type makes times of them.
        self.times: dict[str, float] = _times(self.schema) if reader is None else reader.times

    def read(self, body: bytes) -> dict[str, Any]:
        """Return the record that bytes hold, in plain values.

        Raises:
            BadRow: they hold none of this schema.
        """
        stream = io.BytesIO(body)
        as_read = None if self._reader is None else self._reader.schema
        try:
            found = self._fastavro.schemaless_reader(stream, self.schema, as_read)
        except Exception as error:  # IndexError, EOFError, UnicodeDecodeError ...
            raise BadRow("invalid", f"it is not what the schema says: {_text(error)}") from error
        if stream.tell() != len(body):
            raise BadRow("invalid", f"{len(body) - stream.tell()} bytes are left over")
        if not isinstance(found, dict):
            raise BadRow("invalid", "it is no record")
        return plain(found)


def avro_file(path: Path) -> AvroReader:
    """Return the reader of a schema in a file.

    Raises:
        FormatError: it cannot be read, or is no schema of Avro.
        UserError: the extra is not installed.
    """
    try:
        return AvroReader(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeError) as error:
        msg = f"cannot read {path}: {error}"
        raise FormatError(msg) from error
    except BadRow as error:
        msg = f"{path}: {error}"
        raise FormatError(msg) from error


def _library() -> Any:
    try:
        import fastavro  # noqa: PLC0415 - an extra
    except ImportError as error:
        msg = "Avro needs the extra: pip install 'andon[registry]'"
        raise UserError(msg) from error
    return fastavro


def _check(schema: Any, known: dict[str, Any], within: tuple[str, ...]) -> None:
    """Refuse a schema whose values may lie in themselves, or be many without a byte: a few bytes would fill stack or memory.

    Raises:
        BadRow: it is one.
    """
    if isinstance(schema, str):
        if schema in known:
            _check(known[schema], known, within)
    elif isinstance(schema, list):
        for one in schema:
            _check(one, known, within)
    elif schema["type"] in ("record", "error"):
        name = schema["name"]
        if name in within:
            raise BadRow("invalid", f"the schema names itself ({name}), which is not read")
        for field in schema["fields"]:
            _check(field["type"], known, (*within, name))
    else:
        if schema["type"] == "array" and _is_nothing(schema["items"], known):
            raise BadRow("invalid", "the schema has a list of nothings, which is not read")
        inner = schema.get("items", schema.get("values", schema["type"]))
        _check(inner, known, within)


def _is_nothing(schema: Any, known: dict[str, Any]) -> bool:
    """Return whether a value of a schema takes no byte; of one that names itself it is no matter."""
    if isinstance(schema, str):
        named = known.get(schema)
        return schema == _NOTHING or (isinstance(named, dict) and _is_nothing(named, {}))
    if not isinstance(schema, dict):
        return False
    kind = schema["type"]
    if kind == "record":
        return all(_is_nothing(field["type"], known) for field in schema["fields"])
    return bool(kind == _NOTHING or (kind == "fixed" and schema["size"] == 0))


def _times(schema: Any) -> dict[str, float]:
    """Return what the numbers of a record's columns count by, as Debezium and Kafka Connect name their types."""
    found: dict[str, float] = {}
    fields = schema.get("fields", ()) if isinstance(schema, dict) else ()
    for field in fields:
        kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
        for kind in kinds:
            if not isinstance(kind, dict):
                continue
            name = kind.get("logicalType"), kind.get("connect.name")
            unit = next((UNITS_OF_TIME[one] for one in name if one in UNITS_OF_TIME), None)
            if unit is not None:
                found[field["name"]] = unit
            inner = {f"{field['name']}.{name}": value for name, value in _times(kind).items()}
            found |= inner
    return found


def _text(error: Exception) -> str:
    return str(error) or type(error).__name__
