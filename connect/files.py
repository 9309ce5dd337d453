"""What connectors have taken, file by file, in a compacted topic: what became of each, and why of what is refused."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from andon.streams.bulk import BulkPublisher
from andon.streams.settings import Settings

FAMILY: Final = "files"
#: So many reasons of one file are told, and so much of each.
_MOST_REASONS: Final = 20
_MOST_TEXT: Final = 300
_MOST_NAME: Final = 300


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why rows (of EDI: segments) of a file are refused: how many, the first of them, and what is said of one."""

    reason: str
    count: int
    lines: tuple[int, ...] = ()
    example: str = ""


class TakenFile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A file, and what became of it.

    `place` is where it lies now, on the machine of its connector; `failed` is why nothing of it was sent, if so.
    """

    connector: str
    kind: str
    file: str
    at: datetime
    place: str = ""
    failed: str | None = None
    rows: int = 0
    read: int = 0
    skipped: int = 0
    refused: int = 0
    sent: int = 0
    imported_before: int = 0
    reasons: tuple[Reason, ...] = ()

    @property
    def key(self) -> str:
        """What it is called in the topic: the same file again takes its place."""
        return f"{self.connector}/{self.kind}/{self.file}"


def taken_file(connector: str, account: Mapping[str, Any], place: str, at: datetime) -> TakenFile:
    """Return what is told of a file, by its account.

    Args:
        connector: what took it, such as `folder /srv/inbox`.
        account: as it lies beside the file.
        place: where the file is put.
        at: when.
    """
    refused: Mapping[str, Mapping[str, Any]] = account.get("refused", {})
    skipped: Mapping[str, Mapping[str, Any]] = account.get("skipped", {})
    failed = account.get("failed")
    reasons = sorted(refused.items(), key=lambda one: -one[1]["count"])[:_MOST_REASONS]
    return TakenFile(
        connector=connector[:_MOST_NAME],
        kind=str(account["kind"]),
        file=str(account["file"])[:_MOST_NAME],
        at=at,
        place=place[: 2 * _MOST_NAME],
        failed=None if failed is None else str(failed)[:_MOST_TEXT],
        rows=account.get("rows", 0),
        read=account.get("read", 0),
        skipped=sum(group["count"] for group in skipped.values()),
        refused=sum(group["count"] for group in refused.values()),
        sent=account.get("sent") or 0,
        imported_before=account.get("imported_before", 0),
        reasons=tuple(
            Reason(name, group["count"], tuple(group["lines"]), str(group["example"])[:_MOST_TEXT])
            for name, group in reasons
        ),
    )


def tell(settings: Settings, told: TakenFile) -> None:
    """Publish what became of a file.

    Raises:
        UserError: the topic is missing.
        BrokerUnavailable: no broker answers.
    """
    asyncio.run(_publish(settings, told))


async def _publish(settings: Settings, told: TakenFile) -> None:
    async with BulkPublisher(settings) as publisher:
        await publisher.check((FAMILY,))
        await publisher.add(FAMILY, told.key.encode(), msgspec.json.encode(told))
        await publisher.flush()
