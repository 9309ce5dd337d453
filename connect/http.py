"""HTTP as we ask it: a redirect is a wrong address, and followed nowhere; a proxy is asked only for what lies outside."""

import urllib.error
import urllib.request
from http.client import HTTPException, HTTPResponse
from typing import Any


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows nothing: a token would go along, and a POST would become a GET."""

    def redirect_request(self, *_: Any) -> None:
        """Return no request, so that the answer is an error."""


#: Our own workers, which no proxy must be asked for.
_DIRECT = urllib.request.build_opener(_NoRedirects, urllib.request.ProxyHandler({}))
#: Others, by the proxy that the environment names, if any.
_OUTSIDE = urllib.request.build_opener(_NoRedirects)


def ask(
    request: urllib.request.Request | str, *, timeout: float, outside: bool = False
) -> HTTPResponse:
    """Send a request and return the answer, to be closed by the caller.

    Args:
        request: a URL of http or https, or a whole request. Certificates are verified.
        timeout: seconds without a byte.
        outside: whether it goes to somebody else than a worker of ours.

    Raises:
        urllib.error.HTTPError: the answer is an error or a redirect.
        OSError: nobody answers.
    """
    opener = _OUTSIDE if outside else _DIRECT
    answer: HTTPResponse = opener.open(request, timeout=timeout)
    return answer


def said(error: urllib.error.HTTPError, most: int) -> bytes:
    """Return the first bytes of what an error says; nothing if that breaks off: what became of the request is known by then."""
    try:
        return error.read(most)
    except (OSError, HTTPException):
        return b""
