"""Delivery over HTTP: until it is accepted, with growing pauses; what is refused for good is told and passed over."""

import logging
import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from typing import Any, Final

import msgspec

from andon.connect.http import ask, said
from andon.streams.errors import UserError

logger = logging.getLogger("andon.sink")

_TIMEOUT_SECONDS: Final = 10.0
_FIRST_PAUSE_SECONDS: Final = 0.5
_LONGEST_PAUSE_SECONDS: Final = 30.0
#: No receiver is waited for longer at once, whatever it asks.
_LONGEST_WAIT_SECONDS: Final = 3600.0
#: Wrong address or wrong credentials: nothing can be delivered until somebody mends the configuration.
_MISCONFIGURED: Final = frozenset({401, 403, 404, 405})
#: Not now, but perhaps later.
_LATER: Final = frozenset({408, 425, 429})


class Refused(Exception):
    """The receiver will never accept this; the text says what it answered."""


class Post:
    """Sends JSON to one address until it is accepted.

    Args:
        url: of http or https.
        token: is sent as `Authorization: Bearer`, if there is one.
        wait: pauses for so many seconds, and says whether to give up.
        clock: says the time, in seconds since 1970.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        wait: Callable[[float], bool],
        clock: Callable[[], float] = time.time,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            msg = f"--url: expected http:// or https://, got {url!r}"
            raise UserError(msg)
        self._url = url
        self._wait = wait
        self._clock = clock
        self._asked_to_wait = 0.0
        self._headers = {"Content-Type": "application/json"}
        if token is not None:
            self._headers["Authorization"] = f"Bearer {token}"

    def __call__(self, value: Any) -> bool:
        """Deliver; False if it was told to give up before it was accepted.

        Raises:
            Refused: the receiver answered that it is wrong.
            UserError: address or credentials are wrong.
        """
        body = msgspec.json.encode(value)
        pause = _FIRST_PAUSE_SECONDS
        failed = False
        while True:
            problem = self._try(body)
            if problem is None:
                if failed:
                    logger.warning("%s accepts again", self._url)
                return True
            if not failed:
                logger.warning("%s: %s; trying again until it is accepted", self._url, problem)
            failed = True
            # A receiver that says when it will be there again is not asked before.
            if self._wait(max(pause * random.uniform(0.5, 1.0), self._asked_to_wait)):
                return False
            pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)

    def _try(self, body: bytes) -> str | None:
        """Return what went wrong and may be better later, or None."""
        self._asked_to_wait = 0.0
        request = urllib.request.Request(self._url, body, self._headers, method="POST")
        try:
            with ask(request, timeout=_TIMEOUT_SECONDS, outside=True):
                return None
        except urllib.error.HTTPError as error:
            with error:
                text = said(error, 500).decode("utf-8", "replace").strip()
            answer = (
                f"{error.code} {error.reason}: {text}" if text else f"{error.code} {error.reason}"
            )
            if 300 <= error.code < 400:
                where = error.headers.get("Location", "elsewhere")
                msg = f"{self._url} answers {error.code} and points to {where}: set --url to the address itself"
                raise UserError(msg) from error
            if error.code in _MISCONFIGURED:
                msg = f"{self._url} answers {answer}; see --url and --token-file"
                raise UserError(msg) from error
            if error.code < 500 and error.code not in _LATER:
                raise Refused(answer) from error
            self._asked_to_wait = _seconds(error.headers.get("Retry-After"), self._clock())
            return answer
        except (OSError, HTTPException) as error:
            return str(error) or type(error).__name__


def _seconds(retry_after: str | None, now: float) -> float:
    """Return for how long a Retry-After asks to wait, by seconds or by a date, within reason; the longest pause if it is neither."""
    if not retry_after:
        return 0.0
    text = retry_after.strip()
    if text.isdecimal():
        return min(float(text), _LONGEST_WAIT_SECONDS)
    try:
        until = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return _LONGEST_PAUSE_SECONDS
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until.timestamp() - now, 0.0), _LONGEST_WAIT_SECONDS)
