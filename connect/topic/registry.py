"""A schema registry, asked by its REST interface: schemas by their numbers, each asked for once."""

import base64
import urllib.error
import urllib.request
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final
from urllib.parse import quote, urlsplit

import msgspec

from andon.connect.http import ask, said
from andon.connect.tables.errors import BadRow
from andon.streams.errors import UserError

AVRO: Final = "AVRO"
JSON: Final = "JSON"
PROTOBUF: Final = "PROTOBUF"
_TIMEOUT_SECONDS: Final = 10.0
_MOST_BYTES: Final = 4 * 2**20
_MOST_REFERENCES: Final = 200
#: Wrong credentials or no right: nobody is helped by asking again.
_FORBIDDEN: Final = frozenset({401, 403, 407})
_LATER: Final = frozenset({408, 425, 429})
#: What a registry says of a schema, a subject or a version that it does not have.
_UNKNOWN: Final = frozenset({40401, 40402, 40403})


class RegistryAway(UserError):
    """The registry does not answer, or cannot now."""


class _Reference(msgspec.Struct, frozen=True):
    name: str
    subject: str
    version: int


class _Answer(msgspec.Struct, frozen=True):
    schema: str
    schemaType: str = AVRO  # noqa: N815 - the registry's word
    references: tuple[_Reference, ...] = ()


class _Fault(msgspec.Struct, frozen=True):
    error_code: int
    message: str = ""


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema: its kind, its text (of Protobuf a file's descriptor in Base64), and those that it names, each before who names it."""

    kind: str
    text: str
    named: tuple[tuple[str, str], ...] = ()


class Registry:
    """Asks for schemas, and keeps what it was told: under a number there is always the same."""

    def __init__(self, url: str, secret: str | None = None) -> None:
        """Prepare.

        Args:
            url: of http or https.
            secret: `USER:PASSWORD`, or a token.

        Raises:
            UserError: the URL cannot be one, or holds a secret that would be printed.
        """
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            msg = f"--registry: expected http:// or https://, got {url!r}"
            raise UserError(msg)
        if "@" in parts.netloc:
            msg = "--registry: put the user and the password into a file, and say --registry-auth FILE"
            raise UserError(msg)
        self._url = url.rstrip("/")
        self._headers = {"Accept": "application/vnd.schemaregistry.v1+json, application/json"}
        if secret is not None:
            basic = base64.b64encode(secret.encode()).decode()
            self._headers["Authorization"] = (
                f"Basic {basic}" if ":" in secret else f"Bearer {secret}"
            )
        self._known: dict[int, Schema] = {}

    def schema(self, number: int) -> Schema:
        """Return a schema.

        Raises:
            BadRow: the registry has none under this number.
            RegistryAway: it cannot be asked now.
            UserError: address or credentials are wrong.
        """
        found = self._known.get(number)
        if found is None:
            found = self._known[number] = self._fetched(number)
        return found

    def _fetched(self, number: int) -> Schema:
        path = f"/schemas/ids/{number}"
        told = self._ask(path, f"schema {number}")
        if told.schemaType == PROTOBUF:
            told = self._ask(f"{path}?format=serialized", f"schema {number}")
        named: dict[str, str] = {}
        if told.schemaType != JSON:
            self._follow(told, told.schemaType, named, ())
        return Schema(told.schemaType, told.schema, tuple(named.items()))

    def _follow(
        self, told: _Answer, kind: str, named: dict[str, str], within: tuple[str, ...]
    ) -> None:
        for one in told.references:
            if one.name in named:
                continue
            if one.name in within or len(named) >= _MOST_REFERENCES:
                raise BadRow("invalid", f"the references of the schema at {one.name} have no end")
            form = "?format=serialized" if kind == PROTOBUF else ""
            path = f"/subjects/{quote(one.subject, safe='')}/versions/{one.version}{form}"
            found = self._ask(path, f"version {one.version} of {one.subject}")
            self._follow(found, kind, named, (*within, one.name))
            named[one.name] = found.schema

    def _ask(self, path: str, what: str) -> _Answer:
        request = urllib.request.Request(f"{self._url}{path}", headers=self._headers)
        try:
            with ask(request, timeout=_TIMEOUT_SECONDS, outside=True) as answer:
                body = answer.read(_MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            with error:
                raise self._fault(error, what) from error
        except (OSError, HTTPException) as error:
            raise RegistryAway(f"{self._url}: {error or type(error).__name__}") from error
        if len(body) > _MOST_BYTES:
            raise BadRow("invalid", f"{what} is larger than {_MOST_BYTES:,} bytes")
        try:
            return msgspec.json.decode(body, type=_Answer)
        except msgspec.MsgspecError as error:
            raise self._no_registry(f"answers {path} with something else ({error})") from error

    def _fault(self, error: urllib.error.HTTPError, what: str) -> Exception:
        status = error.code
        if 300 <= status < 400:
            where = error.headers.get("Location", "elsewhere")
            return self._no_registry(f"answers {status} and points to {where}")
        if status in _FORBIDDEN:
            return UserError(f"{self._url} answers {status} {error.reason}; see --registry-auth")
        told = _told(error)
        if status == 404:
            if told is None or told.error_code not in _UNKNOWN:
                return self._no_registry("answers 404, and not as a registry does")
            return BadRow("invalid", f"{what} is not in the registry")
        text = f"{self._url} answers {status} {error.reason}"
        if status >= 500 or status in _LATER:
            return RegistryAway(text)
        return self._no_registry(f"answers {status} {error.reason}")

    def _no_registry(self, text: str) -> UserError:
        return UserError(
            f"{self._url} {text}: set --registry to the address of the registry itself"
        )


def _told(error: urllib.error.HTTPError) -> _Fault | None:
    """Return what a registry says of a fault, if it is one that speaks."""
    body = said(error, 10_000)
    try:
        return msgspec.json.decode(body, type=_Fault)
    except msgspec.MsgspecError:
        return None
