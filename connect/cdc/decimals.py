"""Decimals as Kafka Connect writes them in JSON: the bytes of a whole number in base64, and how many of its digits are decimals."""

import base64
import binascii
from decimal import Decimal
from typing import Any, Final

from andon.connect.tables.errors import BadRow

#: More bytes and decimals hold no number of a business.
_MOST_BYTES: Final = 64
_MOST_DECIMALS: Final = 100
_ADVICE: Final = "have decimals told as text (decimal.handling.mode=string)"


def decimal_of(value: Any, scale: Any) -> str:
    """Return a decimal as text.

    Args:
        value: the bytes in base64.
        scale: how many decimals it has.

    Raises:
        BadRow: it is none.
    """
    if not isinstance(scale, int) or isinstance(scale, bool) or not 0 <= scale <= _MOST_DECIMALS:
        raise BadRow("number", f"{value!r} is no decimal of {scale} digits: {_ADVICE}")
    try:
        body = base64.b64decode(value, validate=True)
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadRow("number", f"{value!r} is no decimal: {_ADVICE}") from error
    if not 0 < len(body) <= _MOST_BYTES:
        raise BadRow("number", f"{value!r} is no decimal: {_ADVICE}")
    return format(Decimal(int.from_bytes(body, "big", signed=True)).scaleb(-scale), "f")


def number_text(value: Any, scale: int | None) -> str:
    """Return a number of a row as text.

    Args:
        value: as it stands there: a number, a text, bytes in base64 if `scale` says so, or an object of `scale` and `value`.
        scale: how many decimals the schema says that its bytes have.

    Raises:
        BadRow: it is none.
    """
    if isinstance(value, dict) and value.keys() == {"scale", "value"}:
        # Numbers of which each has its own decimals, such as Oracle's.
        return decimal_of(value["value"], value["scale"])
    if scale is not None and isinstance(value, str):
        return decimal_of(value, scale)
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise BadRow("number", f"{value!r} is no number: {_ADVICE}")
    try:
        float(value)
    except ValueError as error:
        raise BadRow("number", f"{value!r} is no number: {_ADVICE}") from error
    return str(value)
