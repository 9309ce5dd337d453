"""What a user is told when something expected goes wrong: one helpful message, never a traceback."""

import json

import msgspec
from kafka.errors import KafkaError

from andon.streams.admin import BrokerUnavailable, TopicError
from andon.streams.embedded import EmbeddedBrokerMissing
from andon.streams.settings import SettingsError


class UserError(Exception):
    """Something the user can mend; the text says what and how."""


def explain(error: BaseException) -> str | None:
    """Return what to tell the user of an error, or None for one that nobody expected."""
    match error:
        case (
            UserError()
            | SettingsError()
            | BrokerUnavailable()
            | TopicError()
            | EmbeddedBrokerMissing()
        ):
            return str(error)
        case msgspec.MsgspecError() | json.JSONDecodeError():
            return f"invalid: {error}"
        case KafkaError():
            return f"Kafka: {error}"
        case OSError() if error.filename is not None:
            return f"{error.filename}: {error.strerror}"
        case OSError():
            return str(error) or type(error).__name__
        case _ if type(error).__name__ in ("TopicsNotReady", "StateCorrupt"):
            # Named, not imported: the agents take a second to load, and most commands do without them.
            return str(error)
    return None
