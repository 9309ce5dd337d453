"""Who is asking: sessions that end, the header of a proxy that has asked already, and how often a password may be wrong."""

import asyncio
import hashlib
import hmac
import ipaddress
import secrets
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from aiohttp import web

from andon.console.access import ANYBODY, Person
from andon.console.accounts import Account, Accounts

COOKIE: Final = "andon_session"
_MOST_SESSIONS: Final = 10_000
#: So many wrong passwords for one name from one address are answered at once; then each waits twice as long as the last.
_FREE_FAILURES: Final = 5
_LONGEST_WAIT_SECONDS: Final = 300.0
_MOST_FAILURES: Final = 10_000
#: So many passwords may wait to be compared; a comparison takes 64 MiB.
_MOST_WAITING: Final = 16

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Refused(Exception):
    """Somebody is not let in, or what is asked not taken; the text says why, and `status` how HTTP says it."""

    def __init__(self, text: str, status: int = 401) -> None:
        super().__init__(text)
        self.status = status


class Proxy(NamedTuple):
    """A proxy that says who asks: in which header, and where it is."""

    header: str
    networks: tuple[Network, ...]

    def speaks(self, request: web.Request) -> bool:
        """Return whether a request comes from the proxy."""
        try:
            address = ipaddress.ip_address((request.remote or "").partition("%")[0])
        except ValueError:
            return False
        known = getattr(address, "ipv4_mapped", None) or address
        return any(known in network for network in self.networks)

    def name_in(self, request: web.Request) -> str | None:
        """Return whom the proxy names, or None for nobody.

        Raises:
            Refused: it names several: one of them came from who asks.
        """
        names = request.headers.getall(self.header, [])
        if len(names) > 1:
            msg = f"the proxy let a second {self.header} through: it must replace what it is sent"
            raise Refused(msg, 403)
        return names[0].strip() or None if names else None


class _Session(NamedTuple):
    person: Person
    until: float
    #: As it was when the session was begun; None of whom a provider named.
    account: Account | None


class People:
    """Finds out who asks.

    Args:
        accounts: who there is; None for whoever reaches the console.
        clock: returns seconds that only grow.
        session_seconds: how long a session lasts.
        proxy: that says who asks, if there is one.
        asks_elsewhere: whether a provider says who somebody is, so that nobody is let in without.
    """

    def __init__(
        self,
        accounts: Accounts | None,
        clock: Callable[[], float],
        session_seconds: float = 12 * 3600.0,
        proxy: Proxy | None = None,
        *,
        asks_elsewhere: bool = False,
    ) -> None:
        self.accounts = accounts
        #: Whether whoever reaches the console may use it.
        self.is_open = accounts is None and not asks_elsewhere
        self.session_seconds = session_seconds
        self._clock = clock
        self._proxy = proxy
        self._sessions: dict[bytes, _Session] = {}
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}
        self._secret = secrets.token_bytes(32)
        self._comparing = asyncio.Lock()
        self._waiting = 0

    def person(self, request: web.Request) -> Person | None:
        """Return who asks, or None if nobody is signed in.

        Raises:
            Refused: a proxy names somebody who has no account.
            AccountsUnreadable: nobody can be let in.
        """
        if self.is_open:
            return ANYBODY
        if self.accounts is not None and self._proxy is not None and self._proxy.speaks(request):
            name = self._proxy.name_in(request)
            if name is not None:
                account = self.accounts.get(name)
                if account is None:
                    msg = f"{name} has no account here: `andon console user add` makes one"
                    raise Refused(msg, 403)
                return account.person
        key = _key(request)
        session = self._sessions.get(key)
        if session is None:
            return None
        if self._clock() >= session.until or self._has_changed(session.account):
            # It is over, or what the account may do, or its password, has changed.
            del self._sessions[key]
            return None
        return session.person

    def _has_changed(self, account: Account | None) -> bool:
        if account is None or self.accounts is None:
            return account is not None
        return self.accounts.get(account.name) != account

    def token(self, request: web.Request, person: Person | None) -> str:
        """Return what a page of this session knows, and no page of anybody else's."""
        whose = (
            b"proxy"
            if person is not None and _key(request) not in self._sessions
            else _key(request)
        )
        name = "" if person is None else person.name
        digest = hmac.digest(self._secret, whose + b"\0" + name.encode(), "sha256")
        return digest.hex()

    async def sign_in(self, name: str, password: str, address: str) -> tuple[str, Person]:
        """Begin a session, and return its secret.

        Args:
            name: of an account.
            password: its password.
            address: where this is asked from.

        Raises:
            Refused: the password is wrong, or was so too often.
            AccountsUnreadable: nobody can be let in.
        """
        if self.accounts is None:
            msg = "there are no accounts here, and nobody signs in"
            raise Refused(msg, 404)
        if self._waiting >= _MOST_WAITING:
            msg = "too many sign in at this moment: try again in a few seconds"
            raise Refused(msg, 503)
        self._waiting += 1
        try:
            async with self._comparing:
                account = await self._compare(self.accounts, name, password, address)
        finally:
            self._waiting -= 1
        return self._begin(account.person, account), account.person

    def let_in(self, person: Person) -> str:
        """Begin a session of somebody whom a provider has named, and return its secret; it ends with its time."""
        return self._begin(person, None)

    def _begin(self, person: Person, account: Account | None) -> str:
        if len(self._sessions) >= _MOST_SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        secret = secrets.token_urlsafe(32)
        until = self._clock() + self.session_seconds
        self._sessions[_digest(secret)] = _Session(person, until, account)
        return secret

    async def _compare(self, accounts: Accounts, name: str, password: str, address: str) -> Account:
        who = name.casefold(), address
        count, until = self._failures.get(who, (0, 0.0))
        if self._clock() < until:
            msg = f"too many wrong passwords: try again in {until - self._clock():.0f} s"
            raise Refused(msg, 429)
        account = await asyncio.to_thread(accounts.verify, name, password)
        if account is None:
            wait = min(_LONGEST_WAIT_SECONDS, 2.0 ** (count + 1 - _FREE_FAILURES))
            self._failures.pop(who, None)
            if len(self._failures) >= _MOST_FAILURES:
                del self._failures[next(iter(self._failures))]
            self._failures[who] = (
                count + 1,
                self._clock() + (wait if count + 1 >= _FREE_FAILURES else 0),
            )
            msg = "this name and password do not go together"
            raise Refused(msg)
        self._failures.pop(who, None)
        return account

    def sign_out(self, request: web.Request) -> None:
        """End the session of who asks."""
        self._sessions.pop(_key(request), None)


def networks_of(texts: Sequence[str]) -> tuple[Network, ...]:
    """Return networks, each written as an address or as address/bits.

    Raises:
        ValueError: one is neither.
    """
    return tuple(ipaddress.ip_network(text, strict=False) for text in texts)


def name_of(person: Person | None, said: str, login: str) -> str:
    """Return in whose name something is done: who is signed in does it in no other, else who the page says, else who runs the console."""
    return (person.name if person is not None else "") or said.strip() or login


def _key(request: web.Request) -> bytes:
    return _digest(request.cookies.get(COOKIE, ""))


def _digest(secret: str) -> bytes:
    """Return what a session is kept by: what is in memory opens none."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
