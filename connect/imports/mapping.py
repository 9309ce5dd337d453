"""What a user says of a table, in a file that is said again next time."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import msgspec

from andon.connect.tables.errors import FormatError
from andon.connect.tables.options import TableOptions, options_of

_BARE: Final = re.compile(r"^[A-Za-z0-9_-]+$")
Grain = str


class Mapping(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How a kind of table becomes events.

    `columns` names the column of a field, `set` what a field holds where the table says nothing. `units` are factors of units
    of measure, `scale` is one of all quantities, `maps` are files that say what an identity is called here. `locations` are
    those of rows that name none; `at` is when it all happened, where no row says so, and `grain` that a row is a day's.
    """

    kind: str = ""
    locations: tuple[str, ...] = ()
    time_zone: str = "UTC"
    at: str | None = None
    scale: float = 1.0
    grain: str | None = None
    table: TableOptions = TableOptions()
    columns: dict[str, str] = {}
    set: dict[str, str] = {}
    units: dict[str, float] = {}
    maps: dict[str, str] = {}


def load_mapping(path: Path, kind: str | None) -> Mapping:
    """Return the mapping of a file, of this kind or (None) of the one that it names; files that it names lie beside it.

    Raises:
        FormatError: it cannot be read, or is of another kind of table.
    """
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
        found = msgspec.convert(given, Mapping)
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise FormatError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeError, msgspec.ValidationError) as error:
        msg = f"{path} is no mapping: {error}"
        raise FormatError(msg) from error
    if kind is not None and found.kind not in ("", kind):
        msg = f"{path} is a mapping of {found.kind}, not of {kind}"
        raise FormatError(msg)
    beside = {field: str(path.parent / name) for field, name in found.maps.items()}
    said = {name: getattr(found.table, name) for name in TableOptions.__struct_fields__}
    return msgspec.structs.replace(found, maps=beside, table=options_of(**said))


def save_mapping(path: Path, mapping: Mapping) -> None:
    """Write a mapping.

    Raises:
        FormatError: it cannot be written.
    """
    try:
        path.write_text(mapping_text(mapping), encoding="utf-8")
    except OSError as error:
        msg = f"cannot write {path}: {error.strerror}"
        raise FormatError(msg) from error


def mapping_text(mapping: Mapping) -> str:
    """Return a mapping as TOML; files that it names are named by their whole paths."""
    absolute = {field: str(Path(name).resolve()) for field, name in mapping.maps.items()}
    return _toml(msgspec.to_builtins(msgspec.structs.replace(mapping, maps=absolute)))


def _toml(values: dict[str, Any]) -> str:
    plain = {name: value for name, value in values.items() if not isinstance(value, dict)}
    tables = {name: value for name, value in values.items() if isinstance(value, dict) and value}
    lines = [f"{_key(name)} = {_value(value)}" for name, value in plain.items()]
    for name, inner in tables.items():
        lines += ["", f"[{_key(name)}]"]
        lines += [f"{_key(one)} = {_value(value)}" for one, value in inner.items()]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _BARE.match(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    # A JSON text is a TOML basic string, but for DEL.
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007f")
