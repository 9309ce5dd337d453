"""Local accounts in one file: a name, a role, and a password's argon2id hash; changed by `andon console user`.

Argon2id with the parameters of argon2-cffi, which are the second recommendation of RFC 9106: 64 MiB a hash.
"""

import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Self

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from andon.console.access import Person, Role
from andon.schemas.common import Name
from andon.streams.errors import UserError

LEAST_PASSWORD: Final = 12
_MOST_PASSWORD: Final = 1024
_hasher: Final = PasswordHasher()
#: What a password is compared with if there is no such account, so that both take as long.
_NOBODY: Final = _hasher.hash("nobody's password")


class Account(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """One person who may use the console."""

    name: Name
    role: Role
    #: Of a supplier: which one.
    supplier: Name | None = None
    #: The password's hash; none for who is named by a proxy alone.
    password: str | None = None

    def __post_init__(self) -> None:
        if (self.role == "supplier") != (self.supplier is not None):
            msg = "supplier: a supplier's account, and no other, names its supplier"
            raise ValueError(msg)
        if self.name != self.name.strip() or not self.name.isprintable():
            msg = "name: expected printable characters, with no space around them"
            raise ValueError(msg)

    @classmethod
    def of(cls, name: str, role: str, supplier: str | None, password: str | None) -> Self:
        """Return an account whose names can be written into events.

        Raises:
            msgspec.ValidationError: something of it cannot be.
        """
        fields = {"name": name, "role": role, "supplier": supplier, "password": password}
        return msgspec.convert(fields, cls)

    @property
    def person(self) -> Person:
        """Who this is."""
        return Person(self.name, self.role, self.supplier)


class _Stored(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accounts: tuple[Account, ...] = ()


class AccountsUnreadable(UserError):
    """The file of accounts is missing, or holds what is no account; nobody is let in."""


class Accounts:
    """The accounts of a file, read anew when it has changed.

    Args:
        path: the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int, int] | None = None
        self._known: dict[str, Account] = {}

    def all(self) -> dict[str, Account]:
        """Return the accounts by their names in small letters.

        Raises:
            AccountsUnreadable: the file cannot be read.
        """
        try:
            stat = self.path.stat()
            stamp = stat.st_mtime_ns, stat.st_size, stat.st_ino
            if stamp != self._stamp:
                stored = msgspec.json.decode(self.path.read_bytes(), type=_Stored)
                self._known = {one.name.casefold(): one for one in stored.accounts}
                self._stamp = stamp
        except (OSError, msgspec.MsgspecError) as error:
            self._stamp = None
            msg = f"the accounts in {self.path} cannot be read: {error}"
            raise AccountsUnreadable(msg) from error
        return self._known

    def get(self, name: str) -> Account | None:
        """Return the account of a name, whatever its case.

        Raises:
            AccountsUnreadable: the file cannot be read.
        """
        return self.all().get(name.casefold())

    def verify(self, name: str, password: str) -> Account | None:
        """Return the account that a password opens, or None; it takes 64 MiB and about 0.1 s, whether there is one or not.

        Raises:
            AccountsUnreadable: the file cannot be read.
        """
        account = self.get(name)
        known = account.password if account is not None and account.password else _NOBODY
        try:
            _hasher.verify(known, password[:_MOST_PASSWORD])
        except (Argon2Error, InvalidHashError):
            return None
        return account if account is not None and account.password else None

    def add(self, account: Account) -> bool:
        """Put an account into the file, in place of another of its name; return whether there was one.

        Raises:
            AccountsUnreadable: the file cannot be read.
        """
        key = account.name.casefold()
        with self._changing() as write:
            before = self._present()
            write({**before, key: account})
            return key in before

    def remove(self, name: str) -> bool:
        """Take an account out of the file; return whether there was one.

        Raises:
            AccountsUnreadable: the file cannot be read.
        """
        with self._changing() as write:
            before = dict(self.all())
            if before.pop(name.casefold(), None) is None:
                return False
            write(before)
            return True

    def _present(self) -> dict[str, Account]:
        return self.all() if self.path.exists() else {}

    @contextmanager
    def _changing(self) -> Iterator[Callable[[dict[str, Account]], None]]:
        """Let nobody else change the file meanwhile, and write it whole, for its owner alone."""

        def write(accounts: dict[str, Account]) -> None:
            body = msgspec.json.format(msgspec.json.encode(_Stored(tuple(accounts.values()))))
            descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(body + b"\n")
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

        self.path.parent.mkdir(parents=True, exist_ok=True)
        with (self.path.parent / f".{self.path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield write


def hashed(password: str) -> str:
    """Return a password's hash.

    Raises:
        UserError: the password is too short or too long.
    """
    if len(password) < LEAST_PASSWORD:
        msg = f"a password has at least {LEAST_PASSWORD} characters: four words, say"
        raise UserError(msg)
    if len(password) > _MOST_PASSWORD:
        msg = f"a password has at most {_MOST_PASSWORD} characters"
        raise UserError(msg)
    return _hasher.hash(password)
