"""Signing in by OpenID Connect, with a small provider that keeps to the book, and in many ways does not."""

import base64
import hashlib
import json
import time
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from support.browser import CHROMIUM, Browser
from support.console import Room, opened, served

from andon.console.oidc import Provider, terms_of
from andon.console.people import Refused
from andon.streams.errors import UserError

KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
ROLES = ["purchasing=buyer", "all=viewer", "hansa=supplier:HANSA", "verde=supplier:VERDE"]


class FakeProvider:
    """Gives a code to whoever comes, and a token to whoever brings it with the verifier that it was asked with."""

    def __init__(self):
        self.claims = {"sub": "42", "preferred_username": "lena", "groups": ["all", "purchasing"]}
        self.key = KEY
        self.published = KEY
        self.algorithm = "RS256"
        self.about = {}
        self.codes = {}
        self.secret = "s3cret"
        self.asked_for_keys = 0

    async def __aenter__(self):
        app = web.Application()
        app.router.add_get("/.well-known/openid-configuration", self._describe)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_get("/keys", self._keys)
        self._server = TestServer(app)
        await self._server.start_server()
        self.issuer = str(self._server.make_url("")).rstrip("/")
        return self

    async def __aexit__(self, *_):
        await self._server.close()

    async def _describe(self, _):
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }
        return web.json_response({**told, **self.about})

    async def _authorize(self, request):
        query = dict(request.query)
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        where = f"{query['redirect_uri']}?code={code}&state={query['state']}"
        return web.Response(status=302, headers={"Location": where})

    async def _token(self, request):
        form = await request.post()
        begun = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        known = base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode()
        if (
            begun is None
            or begun["code_challenge"] != challenge
            or begun["redirect_uri"] != form["redirect_uri"]
            or known != f"andon:{self.secret}"
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(time.time())
        told = {
            "iss": self.issuer,
            "aud": "andon",
            "iat": now,
            "exp": now + 60,
            "nonce": begun["nonce"],
            **self.claims,
        }
        claims = {name: value for name, value in told.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        if self.algorithm == "none":
            token = f"{_part(header)}.{_part(claims)}."
        else:
            token = jwt.encode(header, claims, self.key, algorithms=[self.algorithm])
        return web.json_response({"access_token": "x", "token_type": "Bearer", "id_token": token})

    async def _keys(self, _):
        self.asked_for_keys += 1
        return web.json_response(KeySet([self.published]).as_dict(private=False))


def _part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


class House:
    """A console that lets in whom a provider names; a context manager."""

    def __init__(self, provider, roles=ROLES, secret="s3cret"):
        self._provider, self._roles, self._secret = provider, roles, secret

    async def __aenter__(self):
        terms = terms_of(self._provider.issuer, "andon", self._secret, self._roles, "groups")
        self._session = aiohttp.ClientSession()
        self.provider = Provider(terms, self._session)
        self.room = Room(opened(), oidc=self.provider)
        await self.room.__aenter__()
        return self

    async def __aexit__(self, *_):
        await self.room.__aexit__()
        await self._session.close()

    async def begin(self):
        """Begin a sign-in, and return where the provider sends who has signed in."""
        async with self.room.client.get("/oidc/begin", allow_redirects=False) as answer:
            assert answer.status == 302, await answer.text()
            where = answer.headers["Location"]
        async with self._session.get(where, allow_redirects=False) as answer:
            return urlsplit(answer.headers["Location"])

    async def come_back(self, where, **options):
        async with self.room.client.get(f"{where.path}?{where.query}", **options) as answer:
            return answer.status, await answer.text()

    async def sign_in(self):
        return await self.come_back(await self.begin())


@served
async def test_who_is_named_by_the_provider_is_let_in_with_what_their_groups_may_do():
    async with FakeProvider() as provider, House(provider) as house:
        room = house.room
        assert (await room.get("/api/today"))[0].status == 401
        status, page = await house.sign_in()
        assert (status, "Signed in as lena" in page) == (200, True)
        assert (await room.get("/api/today"))[0].status == 200
        (ack,) = [
            one
            for _ in [
                await room.answer(
                    {"alert_id": "replenish:store-3/TEA-01:1", "action": "ordered"}, by="x"
                )
            ]
            for one in room.sender.acks
        ]
        assert ack.by == "lena"
        assert (await room.post("/api/sign-out", {}))[0] == 200
        assert (await room.get("/api/today"))[0].status == 401
        await house.sign_in()
        room.seconds = 3601.0
        assert (await room.get("/api/today"))[0].status == 401, "a session ends"


HOUR = 3600


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere"},
        {"aud": "another"},
        {"aud": ["andon", "another"]},
        {"aud": ["andon", "another"], "azp": "another"},
        {"azp": "another"},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"sub": None},
        {"iat": None},
        {"exp": None},
        {"exp": int(time.time()) - HOUR},
        {"iat": int(time.time()) + HOUR},
        {"groups": []},
        {"groups": None},
        {"groups": ["Purchasing"]},
        {"groups": {"purchasing": True}},
        {"groups": ["hansa", "verde"]},
        {"preferred_username": "le\nna"},
        {"preferred_username": "x" * 200},
    ],
)
@served
async def test_a_token_that_is_not_for_us_or_of_nobody_lets_nobody_in(claims):
    async with FakeProvider() as provider, House(provider) as house:
        provider.claims = {**provider.claims, **claims}
        status, _ = await house.sign_in()
        assert status == 403
        assert (await house.room.get("/api/today"))[0].status == 401


@pytest.mark.parametrize("fault", ["another key", "a shared secret", "no signature"])
@served
async def test_a_token_is_believed_by_a_published_key_alone(fault):
    async with FakeProvider() as provider, House(provider) as house:
        if fault == "another key":
            provider.key = OTHER
        else:
            provider.key = OctKey.import_key("s3cret-that-is-known-to-both-of-them!")
            provider.algorithm = "HS256"
        if fault == "no signature":
            provider.algorithm = "none"
        status, text = await house.sign_in()
        assert status == 403, text


@served
async def test_keys_that_the_provider_has_changed_are_asked_for_once_more():
    async with FakeProvider() as provider, House(provider) as house:
        assert (await house.sign_in())[0] == 200
        provider.key = provider.published = OTHER
        assert (await house.sign_in())[0] == 200
        assert provider.asked_for_keys == 2


@served
async def test_a_sign_in_is_finished_once_in_time_and_by_the_browser_that_began_it():
    async with FakeProvider() as provider, House(provider) as house:
        where = await house.begin()
        strange = {"Cookie": "andon_signing_in=guessed"}
        async with aiohttp.ClientSession() as another:
            url = house.room.client.make_url(f"{where.path}?{where.query}")
            async with another.get(url, headers=strange) as answer:
                assert answer.status == 403
        assert (await house.come_back(where))[0] == 403, "it was given up with that"
        where = await house.begin()
        assert (await house.come_back(where))[0] == 200
        assert (await house.come_back(where))[0] == 403, "a code and its state serve once"
        where = await house.begin()
        house.room.seconds += 601.0
        assert (await house.come_back(where))[0] == 403
        where = await house.begin()
        state = parse_qs(where.query)["state"][0]
        for query in ("", "code=x", f"state={state}", "code=x&state=guessed"):
            assert (await house.come_back(where._replace(query=query)))[0] == 403
        where = await house.begin()
        state = parse_qs(where.query)["state"][0]
        refused = where._replace(query=f"error=access_denied&state={state}")
        assert (await house.come_back(refused))[0] == 403


@pytest.mark.parametrize(
    "about",
    [
        {"issuer": "https://elsewhere"},
        {"authorization_endpoint": "http://elsewhere/authorize"},
        {"token_endpoint": "http://elsewhere/token"},
        {"jwks_uri": None},
    ],
)
@served
async def test_a_provider_that_is_another_or_would_be_read_on_the_way_is_not_asked(about):
    async with FakeProvider() as provider, House(provider) as house:
        provider.about = about
        async with house.room.client.get("/oidc/begin", allow_redirects=False) as answer:
            assert answer.status == 502


@served
async def test_a_wrong_secret_of_the_console_is_told():
    async with FakeProvider() as provider, House(provider, secret="wrong") as house:
        status, text = await house.sign_in()
    assert (status, "invalid_grant" in text) == (502, True)


@pytest.mark.parametrize(
    ("groups", "person"),
    [
        (["all"], ("lena", "viewer", None)),
        ("all", ("lena", "viewer", None)),
        (["all", "purchasing", "unknown", 7], ("lena", "buyer", None)),
        (["purchasing", "hansa"], ("lena", "supplier", "HANSA")),
    ],
)
def test_of_several_groups_what_may_do_most_counts_but_a_supplier_is_no_more_than_one(
    groups, person
):
    provider = Provider(terms_of("https://id.shop", "andon", None, ROLES, "groups"), None)
    assert tuple(provider.person_of({"preferred_username": "lena", "groups": groups})) == person


@pytest.mark.parametrize("names", [{}, {"sub": 7}, {"email": " "}])
def test_who_has_no_name_is_let_in_by_none(names):
    provider = Provider(terms_of("https://id.shop", "andon", None, ROLES, "groups"), None)
    with pytest.raises(Refused):
        provider.person_of({"groups": ["all"], **names})


@pytest.mark.parametrize(
    ("issuer", "client", "roles"),
    [
        ("http://id.shop", "andon", ROLES),
        ("id.shop", "andon", ROLES),
        ("https://id.shop", "", ROLES),
        ("https://id.shop", "andon", []),
        ("https://id.shop", "andon", ["purchasing"]),
        ("https://id.shop", "andon", ["purchasing=king"]),
        ("https://id.shop", "andon", ["purchasing=supplier"]),
        ("https://id.shop", "andon", ["purchasing=supplier:"]),
        ("https://id.shop", "andon", ["=buyer"]),
    ],
)
def test_terms_that_make_no_sense_are_refused(issuer, client, roles):
    with pytest.raises(UserError):
        terms_of(issuer, client, None, roles, "groups")


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@served
async def test_in_a_browser_the_way_there_and_back_leads_to_the_queue(tmp_path):
    async with FakeProvider() as provider, House(provider) as house, Browser(tmp_path) as browser:
        # The provider is another site than the console, as it is in life.
        provider.about = {
            "authorization_endpoint": f"{provider.issuer.replace('127.0.0.1', 'localhost')}/authorize"
        }
        await browser.open(house.room.client.make_url("/"))
        await browser.until("document.getElementById('elsewhere') !== null")
        assert await browser.value("document.getElementById('password')") is None
        await browser.value("document.getElementById('elsewhere').click()")
        await browser.until("document.querySelector('#rows tr') !== null")
        await browser.shows("lena · buyer")
