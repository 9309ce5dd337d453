"""OpenID Connect: who somebody is, asked of a provider by the code flow with PKCE, and what their groups may do here.

What is checked is what OpenID Connect Core 1.0 (section 3.1.3.7) asks of a client; a provider's own words are believed only by TLS,
or on loopback.
"""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from andon.console.access import ROLES, Person
from andon.console.accounts import Account
from andon.console.people import Refused
from andon.streams.errors import UserError
from andon.streams.sockets import is_loopback

#: Signatures by a key that the provider publishes; never by a shared secret, and never none.
_ALGORITHMS: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "EdDSA",
)
_MOST_BYTES: Final = 1024 * 1024
_LEEWAY_SECONDS: Final = 60
#: What the provider says of itself is asked for anew after so long; its keys also where one is not known.
_KNOWN_SECONDS: Final = 3600.0
_SUPPLIER: Final = "supplier:"
#: Of several groups the one that may do most counts.
_ORDER: Final = ("viewer", "planner", "buyer", "admin")


class Terms(NamedTuple):
    """What was agreed with a provider, and what its groups may do."""

    issuer: str
    client_id: str
    #: None for a client that has none, and is known by PKCE alone.
    client_secret: str | None
    #: A role, or `supplier:NAME`, by the name of a group.
    roles: Mapping[str, str]
    #: The claim that has the groups.
    groups: str = "groups"


def terms_of(
    issuer: str, client_id: str, client_secret: str | None, roles: list[str], groups: str
) -> Terms:
    """Return what was agreed with a provider; `roles` are written as GROUP=ROLE or GROUP=supplier:NAME.

    Raises:
        UserError: something of it makes no sense, or would be read on the way.
    """
    _check_address("the issuer", issuer)
    if not client_id:
        msg = "--oidc-client: name the client as which the provider knows the console"
        raise UserError(msg)
    found: dict[str, str] = {}
    for text in roles:
        group, equals, role = text.rpartition("=")
        is_role = role in ROLES and role != "supplier"
        if not (equals and group and (is_role or role.removeprefix(_SUPPLIER) not in ("", role))):
            msg = f"--oidc-role: expected GROUP=ROLE or GROUP=supplier:NAME, such as purchasing=buyer, got {text!r}"
            raise UserError(msg)
        found[group] = role
    if not found:
        msg = "--oidc-role: say what at least one group may do, such as purchasing=buyer"
        raise UserError(msg)
    return Terms(issuer, client_id, client_secret, found, groups)


def _check_address(what: str, url: str) -> None:
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (
        parts.scheme == "http" and is_loopback(parts.hostname or "")
    )
    if not is_safe or not parts.hostname or parts.fragment:
        msg = f"{what} of OpenID Connect must be an https address, got {url!r}"
        raise UserError(msg)


class Provider:
    """Asks a provider who somebody is.

    Args:
        terms: what was agreed with it.
        session: of HTTP.
        clock: returns seconds that only grow.
        wall: returns seconds since 1970.
    """

    def __init__(
        self,
        terms: Terms,
        session: aiohttp.ClientSession,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._terms = terms
        self._session = session
        self._clock = clock
        self._wall = wall
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: KeySet | None = None

    async def address(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return where somebody signs in.

        Args:
            redirect_uri: where they are sent back to.
            state: what names this sign-in.
            nonce: what its token must hold.
            verifier: what proves that who comes back with its code is who began it.

        Raises:
            Refused: the provider does not say.
        """
        about = await self._describe()
        digest = hashlib.sha256(verifier.encode()).digest()
        query = {
            "response_type": "code",
            "client_id": self._terms.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        where = about["authorization_endpoint"]
        return f"{where}{'&' if '?' in where else '?'}{urlencode(query)}"

    async def person(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Person:
        """Return who came back with a code (other arguments as `address`).

        Raises:
            Refused: the provider did not give the code, does not answer, or no group of theirs may use the console.
        """
        about = await self._describe()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._terms.client_id,
            "code_verifier": verifier,
        }
        secret = self._terms.client_secret
        known = {} if secret is None else {"Authorization": _basic(self._terms.client_id, secret)}
        told = await self._ask("POST", about["token_endpoint"], known, data=form)
        token = told.get("id_token")
        if not isinstance(token, str):
            msg = "the provider gave no token of who you are"
            raise Refused(msg, 502)
        return self.person_of(await self._claims(token, nonce))

    def person_of(self, claims: Mapping[str, Any]) -> Person:
        """Return who a token's claims name, with what their groups may do.

        Raises:
            Refused: no group of theirs may use the console, or they speak for two suppliers.
        """
        given = claims.get(self._terms.groups)
        groups = [given] if isinstance(given, str) else given if isinstance(given, list) else []
        roles = {
            self._terms.roles[one]
            for one in groups
            if isinstance(one, str) and one in self._terms.roles
        }
        suppliers = {one.removeprefix(_SUPPLIER) for one in roles if one.startswith(_SUPPLIER)}
        names = (claims.get(name) for name in ("preferred_username", "email", "sub"))
        name = next((one for one in names if isinstance(one, str) and one.strip()), "")
        if not roles or len(suppliers) > 1:
            why = (
                "your groups speak for two suppliers"
                if roles
                else "no group of yours may use the console"
            )
            msg = f"{name}: {why}"
            raise Refused(msg, 403)
        # Whoever speaks for a supplier sees no more than it, whatever else they are.
        role = "supplier" if suppliers else max(roles, key=_ORDER.index)
        try:
            account = Account.of(name.strip(), role, next(iter(suppliers), None), None)
        except msgspec.ValidationError as error:
            msg = f"the provider's name of you cannot stand in an event: {error}"
            raise Refused(msg, 403) from error
        return account.person

    async def _claims(self, token: str, nonce: str) -> dict[str, Any]:
        wanted = jwt.JWTClaimsRegistry(
            now=int(self._wall()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self._terms.issuer},
            aud={"essential": True, "value": self._terms.client_id},
            nonce={"essential": True, "value": nonce},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        for is_last in (False, True):
            keys = await self._published(anew=is_last)
            try:
                found = jwt.decode(token, keys, algorithms=_ALGORITHMS)
                wanted.validate(found.claims)
            except (JoseError, ValueError) as error:
                # A provider changes its keys now and then: they are asked for once more.
                if is_last:
                    msg = f"the provider's token is not to be believed: {error}"
                    raise Refused(msg, 403) from error
                continue
            claims = dict(found.claims)
            audience = claims["aud"]
            parties = audience if isinstance(audience, list) else [audience]
            if claims.get("azp", self._terms.client_id) != self._terms.client_id or (
                len(parties) > 1 and "azp" not in claims
            ):
                msg = "the provider's token is for somebody else"
                raise Refused(msg, 403)
            return claims
        raise AssertionError

    async def _published(self, *, anew: bool) -> KeySet:
        if self._keys is None or anew:
            about = await self._describe()
            told = await self._ask("GET", about["jwks_uri"])
            try:
                self._keys = KeySet.import_key_set(told)  # type: ignore[arg-type]
            except (JoseError, ValueError, KeyError, TypeError) as error:
                msg = "the provider's keys cannot be read"
                raise Refused(msg, 502) from error
        return self._keys

    async def _describe(self) -> dict[str, Any]:
        """Return what the provider says of itself (OpenID Connect Discovery 1.0)."""
        known = self._described
        if known is not None and self._clock() - known[0] < _KNOWN_SECONDS:
            return known[1]
        where = f"{self._terms.issuer.rstrip('/')}/.well-known/openid-configuration"
        told = await self._ask("GET", where)
        if told.get("issuer") != self._terms.issuer:
            msg = f"the provider calls itself {told.get('issuer')!r}, not {self._terms.issuer!r}"
            raise Refused(msg, 502)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            try:
                _check_address(name, str(told.get(name)))
            except UserError as error:
                raise Refused(str(error), 502) from error
        self._described, self._keys = (self._clock(), told), None
        return told

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, **options: Any
    ) -> dict[str, Any]:
        try:
            given = {"Accept": "application/json", **(headers or {})}
            async with self._session.request(
                method, url, allow_redirects=False, headers=given, **options
            ) as answer:
                body = await answer.content.read(_MOST_BYTES)
                told = json.loads(body)
                if answer.status != 200 or not isinstance(told, dict):
                    why = told.get("error") if isinstance(told, dict) else None
                    msg = f"the provider refused: {why or answer.status}"
                    raise Refused(msg, 502)
                return told
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            msg = f"the provider does not answer as one: {error}"
            raise Refused(msg, 502) from error


def _basic(name: str, secret: str) -> str:
    """Return how a client says who it is (RFC 6749, section 2.3.1)."""
    both = f"{quote(name, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(both.encode()).decode()}"
