"""A file of a watched folder, from reading to the account of what became of it."""

import asyncio
from datetime import datetime
from typing import Any

from andon.connect.edi.inbox import KIND as EDI
from andon.connect.edi.inbox import terms_beside, write_replies
from andon.connect.edi.survey import survey_edi
from andon.connect.files import taken_file, tell
from andon.connect.folder import Inbox, Waiting
from andon.connect.imports.sending import leave_out, send
from andon.connect.imports.spool import Spool
from andon.connect.imports.survey import Survey, survey
from andon.connect.tables.errors import FormatError
from andon.connect.tables.input_file import InputFile
from andon.streams.settings import Settings


def take(settings: Settings, inbox: Inbox, file: Waiting, now: datetime) -> dict[str, Any] | None:
    """Send the events of a file, put it away, and return its account; None if it was written to meanwhile, and stays.

    Args:
        settings: of the broker.
        inbox: the folder.
        file: of it.
        now: the time, with a time zone.

    Raises:
        BrokerUnavailable: no broker answers.
    """
    account: dict[str, Any]
    before = file.path.stat()
    try:
        account = _edi(settings, file, now) if file.kind == EDI else _table(settings, file, now)
    except FormatError as error:
        account = {"file": file.path.name, "kind": file.kind, "failed": str(error)}
    after = file.path.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        return None
    failed = account.get("failed") is not None
    target = inbox.place_for(file, failed=failed)
    # Told before it is moved: what lies there is always told of.
    tell(
        settings,
        taken_file(f"folder {inbox.folder.resolve()}", account, str(target.resolve()), now),
    )
    inbox.put_away(file, account, target)
    return {**account, "moved_to": str(target)}


def look(file: Waiting, now: datetime) -> dict[str, Any]:
    """Return the account of what a file would bring, without sending anything or moving it; needs no broker.

    Args:
        file: of a folder.
        now: the time, with a time zone.
    """
    try:
        if file.kind != EDI:
            with InputFile(file.path) as source, Spool() as spool:
                made = survey(source, file.mapping(), spool, now=now)
                return _refused_whole(made.as_dict(file.path.name, 0, None), made)
        with Spool() as spool:
            content, terms_of = file.path.read_bytes(), terms_beside(file.path.parent)
            return survey_edi(content, terms_of, spool, now).as_dict(file.path.name, 0, None)
    except FormatError as error:
        return {"file": file.path.name, "kind": file.kind, "failed": str(error)}


def _refused_whole(account: dict[str, Any], made: Survey) -> dict[str, Any]:
    """Return an account, with why nothing of the file can be sent, if that is so."""
    if made.stopped is not None or (made.rows and not made.read and made.refused):
        return {**account, "failed": made.stopped or "every row of it is refused"}
    return account


def _table(settings: Settings, file: Waiting, now: datetime) -> dict[str, Any]:
    with InputFile(file.path) as source, Spool() as spool:
        made = survey(source, file.mapping(), spool, now=now)
        leave_out(settings, spool, made)
        account = _refused_whole(made.as_dict(file.path.name, spool.taken(), None), made)
        return account if "failed" in account else {**account, "sent": _sent(settings, spool)}


def _edi(settings: Settings, file: Waiting, now: datetime) -> dict[str, Any]:
    folder, content = file.path.parent, file.path.read_bytes()
    with Spool() as spool:
        made = survey_edi(content, terms_beside(folder), spool, now)
        leave_out(settings, spool, made)
        sent = _sent(settings, spool)
        # The answer comes last: a partner who has it need not send anything again.
        replies = write_replies(folder, file.path, content, made, now.astimezone())
        return {**made.as_dict(file.path.name, spool.taken(), sent), "replies": replies}


def _sent(settings: Settings, spool: Spool) -> int:
    total = spool.to_send()
    if total:
        asyncio.run(send(settings, spool, lambda _: None))
    return total
