"""Tables that are uploaded in the console: shown as they are understood, and sent once somebody says yes.

Nothing is kept between the two: the page sends the file again, and what is sent is what was shown.
"""

import asyncio
import logging
import tempfile
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from aiohttp import web
from aiokafka.errors import KafkaError

from andon.connect.imports.kinds import KINDS
from andon.connect.imports.mapping import Mapping, mapping_text
from andon.connect.imports.sending import leave_out, send
from andon.connect.imports.spool import Spool
from andon.connect.imports.survey import survey
from andon.connect.tables.errors import FormatError
from andon.connect.tables.excel import MOST_UNPACKED, unpacked_size
from andon.connect.tables.input_file import InputFile
from andon.connect.tables.options import TableOptions, options_of
from andon.connect.tables.table import described
from andon.console.access import Right
from andon.console.desk import Desk
from andon.console.guard import Page
from andon.console.people import People
from andon.console.replies import reply
from andon.streams.admin import BrokerUnavailable
from andon.streams.errors import UserError

SCREEN: Final = "/import"
#: Larger ones are for the command line: a console has other things to do.
MOST_BYTES: Final = 8 * 2**20
_MOST_UNPACKED: Final = 64 * 2**20
_CHUNK: Final = 65_536
#: What an upload is.
_TYPE: Final = "application/octet-stream"

logger = logging.getLogger(__name__)


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a page says of a table, beside the file: a saved mapping as TOML, and what is said over it."""

    kind: str
    name: str = "file"
    toml: str = ""
    columns: dict[str, str] = {}
    location: str = ""
    time_zone: str = ""
    at: str = ""
    #: How the file is written, in the words of the command's options: date_format, decimal, delimiter, encoding, sheet.
    table: dict[str, str] = {}


class ImportScreen:
    """Answers what the screen of imports asks for, one file at a time.

    Args:
        desk: has the settings, and the clock.
        people: finds out who asks.
    """

    def __init__(self, desk: Desk, people: People) -> None:
        self._desk = desk
        self._people = people
        self._busy = asyncio.Lock()

    def routes(self) -> list[tuple[str, str, Right, Page]]:
        """Return all there is: how and where it is asked for, what it needs, and what answers."""
        return [
            ("POST", "/api/imports/look", "import", self._look),
            ("POST", "/api/imports/send", "import", self._send),
        ]

    async def _look(self, request: web.Request) -> web.Response:
        return await self._answered(request, sending=False)

    async def _send(self, request: web.Request) -> web.Response:
        return await self._answered(request, sending=True)

    async def _answered(self, request: web.Request, *, sending: bool) -> web.Response:
        if request.content_type != _TYPE:
            return reply({"error": f"a file comes as {_TYPE}"}, 415)
        try:
            asked = msgspec.json.decode(request.query.get("said", ""), type=Asked)
            mapping = _mapping(asked)
        except (msgspec.MsgspecError, RecursionError, FormatError) as error:
            return reply({"error": str(error)}, 400)
        with tempfile.TemporaryDirectory(prefix="andon-") as folder:
            path = Path(folder) / "file"
            if not await _received(request, path):
                msg = f"the file is larger than {MOST_BYTES:,} bytes: `andon import` takes it"
                return reply({"error": msg}, 413)
            async with self._busy:
                try:
                    told = await asyncio.to_thread(
                        self._read, path, asked, mapping, self._desk.now, sending=sending
                    )
                except (BrokerUnavailable, KafkaError) as error:
                    # What was sent and not noted is found by the next import.
                    return reply({"error": str(error) or type(error).__name__}, 503)
                except UserError as error:
                    return reply({"error": str(error).replace(str(path), asked.name)}, 422)
        if sending:
            person = self._people.person(request)
            by = person.name if person is not None else ""
            logger.info("%s imported %s: %s events of %s", by, asked.name, told["sent"], asked.kind)
        return reply(told)

    def _read(
        self, path: Path, asked: Asked, mapping: Mapping, now: datetime, *, sending: bool
    ) -> dict[str, Any]:
        """Return the account of a file, and send its events if that is asked.

        Raises:
            FormatError: it cannot be read.
            UserError: a topic is missing, or nothing of the file can be sent.
            BrokerUnavailable: no broker answers.
        """
        settings = self._desk.settings
        _check_size(path)
        with InputFile(path, _MOST_UNPACKED) as source, Spool() as spool:
            made = survey(source, mapping, spool, now=now.replace(microsecond=0))
            sent = None
            if sending:
                if made.stopped is not None:
                    raise UserError(made.stopped)
                leave_out(settings, spool, made)
                sent = spool.to_send()
                if sent:
                    asyncio.run(send(settings, spool, lambda _: None))
            told = made.as_dict(asked.name, spool.taken(), sent)
            return {
                **told,
                "described": described(made.understood),
                "mapping": mapping_text(made.mapping),
            }


def _mapping(asked: Asked) -> Mapping:
    """Return what is said of a table.

    Raises:
        FormatError: it cannot be.
    """
    if asked.kind not in KINDS:
        msg = f"kind: expected one of {', '.join(KINDS)}, got {asked.kind!r}"
        raise FormatError(msg)
    try:
        base = msgspec.convert(tomllib.loads(asked.toml), Mapping)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        msg = f"the mapping cannot be read: {error}"
        raise FormatError(msg) from error
    if base.kind not in ("", asked.kind):
        msg = f"the mapping is of {base.kind}, not of {asked.kind}"
        raise FormatError(msg)
    if base.maps:
        msg = "[maps] name files, which the console does not open: `andon import` does"
        raise FormatError(msg)
    return msgspec.structs.replace(
        base,
        kind=asked.kind,
        table=_table(base.table, asked.table),
        columns={**base.columns, **asked.columns},
        locations=(asked.location,) if asked.location else base.locations,
        time_zone=asked.time_zone or base.time_zone,
        at=asked.at or base.at,
    )


def _table(before: TableOptions, said: dict[str, str]) -> TableOptions:
    """Return how a file is written, as it is said now over what was saved.

    Raises:
        FormatError: it cannot be.
    """
    names = TableOptions.__struct_fields__
    wrong = [name for name in said if name not in names]
    if wrong:
        msg = f"{wrong[0]}: expected one of {', '.join(names)}"
        raise FormatError(msg)
    return options_of(**{name: said.get(name) or getattr(before, name) for name in names})


async def _received(request: web.Request, path: Path) -> bool:
    """Write what is uploaded to a file; return False once it is too large."""
    size = 0
    with path.open("wb") as file:
        async for chunk in request.content.iter_chunked(_CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                return False
            file.write(chunk)
    return True


def _check_size(path: Path) -> None:
    """Refuse a workbook that unpacks to much.

    Raises:
        FormatError: it does.
    """
    size = unpacked_size(path)
    if size > _MOST_UNPACKED:
        msg = f"it unpacks to {size:,} bytes: `andon import` takes up to {MOST_UNPACKED:,}"
        raise FormatError(msg)
