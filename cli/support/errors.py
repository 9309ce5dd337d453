"""What a user is told when something expected goes wrong: one helpful message, never a traceback."""

import json

import msgspec
from kafka.errors import KafkaError

from andon.streams.errors import UserError


def explain(error: BaseException) -> str | None:
    """Return what to tell the user of an error, or None for one that nobody expected."""
    match error:
        case UserError():
            return str(error)
        case msgspec.MsgspecError() | json.JSONDecodeError():
            return f"invalid: {error}"
        case KafkaError() if "AuthorizationFailed" in (text := f"{type(error).__name__}: {error}"):
            return f"Kafka does not let this user do that ({text}): docs/deployment.md has what each must be allowed"
        case KafkaError():
            return f"Kafka: {error}"
        case OSError() if error.filename is not None:
            return f"{error.filename}: {error.strerror}"
        case OSError():
            return str(error) or type(error).__name__
    return None
