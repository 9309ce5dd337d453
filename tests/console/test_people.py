"""Who may use the console: accounts, sessions, the proxy's header, and what each role is shown."""

import asyncio
import functools
import ipaddress
import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.console import REPLENISH, Room, opened, served

from andon.console import accounts as module
from andon.console.access import ROLES
from andon.console.accounts import Account, Accounts, AccountsUnreadable, hashed
from andon.console.network import SCREENS as NETWORK
from andon.console.people import Proxy
from andon.console.screens import SCREENS
from andon.schemas.examples import EXAMPLES
from andon.streams.errors import UserError

NAME = REPLENISH.alert_id
ORDER = EXAMPLES["orders"]
PASSWORD = "four plain little words"
#: A cheap one: a hash of ours takes a tenth of a second.
HASH = module.PasswordHasher(time_cost=1, memory_cost=64).hash(PASSWORD)
LOOPBACK = Proxy("X-Forwarded-User", (ipaddress.ip_network("127.0.0.0/8"),))
ELSEWHERE = Proxy("X-Forwarded-User", (ipaddress.ip_network("10.0.0.0/8"),))


def account(role, name=None, password=HASH, supplier="HANSA"):
    return Account.of(name or role, role, supplier if role == "supplier" else None, password)


@pytest.fixture
def accounts(tmp_path):
    """One account of each role, named like it."""
    made = Accounts(tmp_path / "accounts.json")
    for role in ROLES:
        made.add(account(role))
    return made


# Accounts


def test_a_password_is_kept_as_an_argon2id_hash_in_a_file_for_its_owner_alone(accounts):
    text = accounts.path.read_text()
    assert PASSWORD not in text
    assert text.count("$argon2id$") == len(ROLES)
    assert accounts.path.stat().st_mode & 0o077 == 0


def test_an_account_is_opened_by_its_password_and_by_no_other(accounts):
    assert accounts.verify("Buyer", PASSWORD).role == "buyer", "whatever the case of the name"
    assert accounts.verify("buyer", PASSWORD + "!") is None
    assert accounts.verify("nobody", PASSWORD) is None
    assert accounts.verify("nobody", "nobody's password") is None
    accounts.add(account("viewer", "by-proxy", None))
    assert accounts.verify("by-proxy", "nobody's password") is None


def test_accounts_are_replaced_and_removed_whatever_the_case_of_their_names(accounts):
    assert accounts.add(account("viewer", "Buyer"))
    assert accounts.get("buyer").role == "viewer"
    assert accounts.remove("BUYER")
    assert not accounts.remove("buyer")
    assert accounts.get("buyer") is None


@pytest.mark.parametrize(
    ("name", "role", "supplier"),
    [
        ("", "buyer", None),
        (" lena", "buyer", None),
        ("le\nna", "buyer", None),
        ("x" * 129, "buyer", None),
        ("lena", "king", None),
        ("lena", "buyer", "HANSA"),
        ("lena", "supplier", None),
        ("lena", "supplier", ""),
    ],
)
def test_what_could_not_stand_in_an_event_or_says_two_things_is_no_account(name, role, supplier):
    with pytest.raises(msgspec.ValidationError):
        Account.of(name, role, supplier, None)


@pytest.mark.parametrize("password", ["", "short", "x" * 1025])
def test_a_password_that_is_too_short_or_too_long_is_refused(password):
    with pytest.raises(UserError):
        hashed(password)


@pytest.mark.parametrize("text", ["{", "[]", '{"accounts":[{"name":"a","role":"king"}]}', None])
@served
async def test_a_file_that_cannot_be_read_lets_nobody_in(text, accounts):
    async with Room(opened(), accounts=accounts) as room:
        await room.sign_in("buyer", PASSWORD)
        if text is None:
            accounts.path.unlink()
        else:
            accounts.path.write_text(text)
        answer, _ = await room.get("/api/today")
    assert answer.status == 503
    with pytest.raises(AccountsUnreadable):
        Accounts(accounts.path).all()


# Sessions


@served
async def test_who_signs_in_is_known_until_the_session_ends(accounts):
    async with Room(opened(), accounts=accounts) as room:
        assert (await room.get("/api/today"))[0].status == 401
        status, told = await room.sign_in("buyer", PASSWORD)
        assert (status, told) == (200, {"name": "buyer", "role": "buyer"})
        assert (await room.get("/api/today"))[0].status == 200
        room.seconds = 3601.0
        assert (await room.get("/api/today"))[0].status == 401


@pytest.mark.parametrize("change", ["removed", "another role", "another password"])
@served
async def test_a_session_ends_with_what_it_was_begun_under(change, accounts):
    async with Room(opened(), accounts=accounts) as room:
        await room.sign_in("buyer", PASSWORD)
        if change == "removed":
            accounts.remove("buyer")
        elif change == "another role":
            accounts.add(account("viewer", "buyer"))
        else:
            accounts.add(account("buyer", password=HASH + "x"))
        assert (await room.get("/api/today"))[0].status == 401


@served
async def test_a_session_ends_when_it_is_told_to_and_another_begins_with_another_secret(accounts):
    async with Room(opened(), accounts=accounts) as room:
        await room.sign_in("buyer", PASSWORD)
        first = await room.token()
        (cookie,) = room.client.session.cookie_jar
        assert cookie["httponly"]
        assert cookie["samesite"] == "Strict"
        assert (await room.post("/api/sign-out", {}))[0] == 200
        assert (await room.get("/api/today"))[0].status == 401
        old = {"Cookie": f"{cookie.key}={cookie.value}"}
        assert (await room.get("/api/today", headers=old))[0].status == 401
        await room.sign_in("buyer", PASSWORD)
        assert await room.token() != first


@served
async def test_a_cookie_is_kept_to_tls_where_there_is_tls(accounts):
    async with Room(accounts=accounts) as room:
        body = {"name": "buyer", "password": PASSWORD}
        await room.post("/api/sign-in", body, **{"X-Forwarded-Proto": "https"})
        (cookie,) = room.client.session.cookie_jar
        assert cookie["secure"]


@served
async def test_wrong_passwords_make_who_tries_wait_longer_and_longer(accounts, monkeypatch):
    monkeypatch.setattr(Accounts, "verify", lambda *_: None)
    async with Room(accounts=accounts) as room:
        for _ in range(5):
            assert (await room.sign_in("buyer", "wrong"))[0] == 401
        assert (await room.sign_in("BUYER", "wrong"))[0] == 429
        assert (await room.sign_in("viewer", "wrong"))[0] == 401, "others are not kept waiting"
        monkeypatch.setattr(Accounts, "verify", lambda *_: account("buyer"))
        assert (await room.sign_in("buyer", PASSWORD))[0] == 429, (
            "nor does the right one help at once"
        )
        room.seconds = 301.0
        assert (await room.sign_in("buyer", PASSWORD))[0] == 200


@pytest.mark.parametrize("body", [[], {}, {"name": "a"}, {"name": 1, "password": "x"}, {"more": 1}])
@served
async def test_what_is_no_sign_in_is_refused(body, accounts):
    async with Room(accounts=accounts) as room:
        assert (await room.post("/api/sign-in", body))[0] == 400


@served
async def test_a_change_needs_the_token_of_its_own_session(accounts):
    async with Room(opened(), accounts=accounts) as room:
        anonymous = await room.token()
        assert (await room.post("/api/sign-in", {}, token="guessed"))[0] == 403
        await room.sign_in("buyer", PASSWORD)
        answer = {"alert_id": NAME, "action": "ordered"}
        assert (await room.answer(answer, token=anonymous))[0] == 403
        assert (await room.answer(answer))[0] == 200


@served
async def test_who_is_signed_in_answers_in_no_other_name(accounts):
    async with Room(opened(), accounts=accounts) as room:
        await room.sign_in("buyer", PASSWORD)
        await room.answer({"alert_id": NAME, "action": "ordered"}, by="somebody else")
    assert [ack.by for ack in room.sender.acks] == ["buyer"]


# The proxy


@served
async def test_whom_the_proxy_names_is_who_asks(accounts):
    async with Room(opened(), accounts=accounts, proxy=LOOPBACK) as room:
        named = {"X-Forwarded-User": "planner"}
        assert (await room.get("/api/today", headers=named))[0].status == 200
        assert (await room.get("/api/today"))[0].status == 401
        answer = {"alert_id": NAME, "action": "acknowledged"}
        assert (await room.answer(answer, token="guessed", **named))[0] == 403
        assert (await room.answer(answer, **named))[0] == 200
        strange = {"X-Forwarded-User": "stranger"}
        told, body = await room.get("/api/today", headers=strange)
        twice = [("X-Forwarded-User", "viewer"), ("X-Forwarded-User", "admin")]
        assert (await room.get("/api/today", headers=twice))[0].status == 403
    assert told.status == 403
    assert "no account" in msgspec.json.decode(body)["error"]
    assert [ack.by for ack in room.sender.acks] == ["planner"]


@pytest.mark.parametrize("proxy", [None, ELSEWHERE])
@served
async def test_nobody_else_is_believed_who_names_somebody(proxy, accounts):
    async with Room(opened(), accounts=accounts, proxy=proxy) as room:
        answer, _ = await room.get("/api/today", headers={"X-Forwarded-User": "admin"})
    assert answer.status == 401


# Roles


#: What each role is answered by each route; a route that is not here fails the test.
EVERYBODY = dict.fromkeys((None, *ROLES), 200)
SIGNED_IN = EVERYBODY | {None: 401}
READERS = SIGNED_IN | {"supplier": 403}
INTERNAL = tuple(role for role in ROLES if role != "supplier")
ANSWERING = READERS | {"viewer": 403}
#: What is sent is no order's, which only who may order is told.
ORDERING = READERS | {"viewer": 403, "planner": 403, "buyer": 400, "admin": 400}
#: What is sent is no file.
IMPORTING = READERS | {"viewer": 403, "planner": 415, "buyer": 403, "admin": 415}
MATRIX = {
    ("GET", "/"): EVERYBODY,
    **{("GET", path): EVERYBODY for path in (*SCREENS, *NETWORK)},
    ("GET", "/static/{name}"): EVERYBODY,
    ("GET", "/health"): EVERYBODY,
    ("POST", "/api/sign-in"): dict.fromkeys((None, *ROLES), 400),
    ("POST", "/api/sign-out"): SIGNED_IN,
    ("GET", "/api/today"): READERS,
    ("GET", "/today.csv"): READERS,
    ("GET", "/api/items/{location}/{sku:.+}"): READERS,
    ("GET", "/api/what-if/{location}/{sku:.+}"): READERS | dict.fromkeys(INTERNAL, 400),
    ("GET", "/api/alerts/{alert_id:.+}"): READERS,
    ("GET", "/api/suppliers"): READERS,
    ("GET", "/suppliers.csv"): READERS,
    ("GET", "/api/suppliers/{supplier:.+}"): SIGNED_IN,
    ("GET", "/api/locations/{location:.+}"): READERS,
    ("GET", "/api/disruptions"): READERS,
    ("GET", "/api/disruptions/{alert_id:.+}"): READERS,
    ("GET", "/api/audit"): READERS,
    ("GET", "/audit.csv"): READERS,
    ("GET", "/api/data"): READERS,
    ("GET", "/data.csv"): READERS,
    ("GET", "/files.csv"): READERS,
    ("POST", "/api/drills"): ANSWERING | dict.fromkeys(("planner", "buyer", "admin"), 400),
    ("GET", "/api/changes"): READERS,
    ("GET", "/orders"): EVERYBODY,
    ("GET", "/import"): EVERYBODY,
    ("POST", "/api/imports/look"): IMPORTING,
    ("POST", "/api/imports/send"): IMPORTING,
    ("GET", "/api/orders"): READERS,
    ("GET", "/orders.csv"): READERS,
    ("POST", "/api/orders"): ORDERING,
    ("POST", "/api/baskets"): ORDERING,
    ("POST", "/api/answers"): ANSWERING,
    ("POST", "/api/supplier-news"): ORDERING | {"supplier": 400},
    ("GET", "/api/network"): READERS,
    ("GET", "/api/network/{sku:.+}"): READERS,
    ("GET", "/network.csv"): READERS,
    ("GET", "/lines"): EVERYBODY,
    ("GET", "/api/lines"): READERS,
    ("GET", "/lines.csv"): READERS,
    ("GET", "/loops.csv"): READERS,
}
#: What each role may answer with.
ACTIONS = {
    ("planner", "ordered"): 403,
    ("planner", "acknowledged"): 200,
    ("buyer", "ordered"): 200,
    ("admin", "ordered"): 200,
}
PATHS = {
    "{location}/{sku:.+}": "store-3/TEA-01",
    "{alert_id:.+}": NAME,
    "{name}": "console.js",
    "{supplier:.+}": "HANSA",
    "{sku:.+}": "TEA-01",
    "{location:.+}": "store-3",
}


def path_of(pattern):
    for name, value in PATHS.items():
        pattern = pattern.replace(name, value)
    return pattern


@served
async def test_every_route_says_what_it_needs():
    async with Room() as room:
        there = {(method, path) for method, path, _, _ in room.console.routes()}
        served_ = {
            (route.method, route.resource.canonical)
            for route in room.app.router.routes()
            if route.method != "HEAD"
        }
    assert there == set(MATRIX)
    assert len(served_) == len(there), "and nothing is served beside them"


@pytest.mark.parametrize("role", [None, *ROLES])
@served
async def test_each_role_is_shown_and_may_do_what_is_its_own(role, accounts):
    async with Room(opened(), accounts=accounts) as room:
        for (method, pattern), expected in MATRIX.items():
            if role is not None and not room.client.session.cookie_jar:
                await room.sign_in(role, PASSWORD)
            path = path_of(pattern)
            body = {"by": "", "answers": [{"alert_id": NAME, "action": "acknowledged"}]}
            sent = body if path == "/api/answers" else {}
            if method == "GET":
                async with room.client.get(path) as answer:
                    status = answer.status
            else:
                status, _ = await room.post(path, sent)
            assert status == expected[role], (method, path)


@pytest.mark.parametrize(("role", "action"), ACTIONS)
@served
async def test_to_order_takes_more_than_to_answer(role, action, accounts):
    async with Room(opened(), accounts=accounts) as room:
        await room.sign_in(role, PASSWORD)
        status, _ = await room.answer({"alert_id": NAME, "action": action})
    assert status == ACTIONS[role, action]
    assert len(room.sender.acks) == (1 if status == 200 else 0)


@served
async def test_a_page_hears_no_more_of_changes_once_its_session_is_over(accounts):
    async with Room(opened(), accounts=accounts) as room:
        await room.sign_in("viewer", PASSWORD)
        async with room.client.get("/api/changes") as stream:
            assert (await stream.content.readline()).startswith(b"data:")
            accounts.remove("viewer")
            room.shows(opened(revision=2))
            rest = await stream.content.read()
    assert rest.count(b"data:") <= 1


# What a supplier sees


WORDS = st.text("abcdefghijklmnopqrstuvwxyz", min_size=4, max_size=8)


@functools.cache
def supplier_only(path):
    made = Accounts(Path(path) / "accounts.json")
    made.add(account("supplier"))
    return made


def order_of(supplier, others):
    """Return an order of a supplier in which everything that is not for it names others."""
    said = ", ".join(others) or "nobody"
    line = msgspec.structs.replace(ORDER.lines[0], taken_by=None, left_out=None)
    lost = msgspec.structs.replace(
        line, sku="TEA-99", left_out=f"answered first by order {said}", taken_by_name=said
    )
    return msgspec.structs.replace(
        ORDER,
        order_id=f"PO-{supplier}",
        supplier=supplier,
        state="approved",
        ready=True,
        confirmed_at=None,
        approved_by=f"who asked {said}",
        comment=f"{said} was dearer",
        lines=(line, lost),
    )


@settings(
    max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(data=st.data())
def test_a_supplier_is_never_shown_a_byte_about_another(data, tmp_path):
    """Every answer to a supplier is the same, byte for byte, whatever there is of others."""
    accounts = supplier_only(str(tmp_path))
    others = data.draw(
        st.lists(WORDS.map(lambda word: f"rival-{word}"), min_size=1, max_size=3, unique=True)
    )

    async def answers(names):
        entries = [
            opened(
                f"{kind}:store-3/{name}{place}:1",
                kind=kind,
                supplier=name,
                sku=f"{name}{place}",
                sentence=f"by {name}",
            )
            for place, name in enumerate(["HANSA", *names])
            for kind in ("replenish", "stockout_risk")
        ]
        async with Room(*entries, accounts=accounts) as room:
            for name in ["HANSA", *names]:
                room.knows_supplier(name)
                room.orders(order_of(name, names))
            room.workers.alls = {
                ("suppliers", name): [{"shipment_id": f"PO-{name}"}] for name in ["HANSA", *names]
            }
            await room.sign_in("supplier", PASSWORD)
            found = {}
            for method, pattern, _, _ in room.console.routes():
                paths = {path_of(pattern)}
                paths |= {path_of(pattern.replace("{supplier:.+}", name)) for name in names}
                paths |= {
                    "/api/suppliers/hansa",
                    "/api/suppliers/HANSA%20",
                    "/api/suppliers/HANSA/x",
                }
                for path in paths if method == "GET" else ():
                    async with room.client.get(path) as answer:
                        body = await answer.read()
                    body = re.sub(rb'andon-token" content="\w+', b"", body)
                    assert not any(name.encode() in body for name in names), path
                    found[path] = answer.status, body
            for name in ["HANSA", "NOBODY", *names]:
                news = {"order_id": f"PO-{name}", "status": "confirmed"}
                status, told = await room.post("/api/supplier-news", news)
                assert status == (200 if name == "HANSA" else 404)
                assert name == "HANSA" or told == {"error": f"there is no open order PO-{name}"}
            assert {one.order_id for one in room.sender.orders} == {"PO-HANSA"}
            return found

    alone = asyncio.run(answers([]))
    among = asyncio.run(answers(others))
    assert {path: among[path] for path in alone} == alone
    assert alone["/api/suppliers/HANSA"][0] == 200
    assert alone["/api/suppliers/hansa"][0] == 403, "a name is taken as it is"
    for name in others:
        assert among[f"/api/suppliers/{name}"][0] == 403


@served
async def test_a_supplier_sees_its_own_lines_and_scorecard_and_not_what_waiting_costs_us(accounts):
    async with Room(opened(supplier="HANSA", value_at_risk=777.0), accounts=accounts) as room:
        room.knows_supplier("HANSA")
        room.workers.alls["suppliers", "HANSA"] = [{"shipment_id": "PO-7"}]
        await room.sign_in("supplier", PASSWORD)
        _, body = await room.get("/api/suppliers/HANSA")
        await room.sign_in("buyer", PASSWORD)
        _, ours = await room.get("/api/suppliers/HANSA")
    told = msgspec.json.decode(body)
    assert told["lines"]["rows"] == [{"shipment_id": "PO-7"}]
    assert told["card"]["name"] == "HANSA"
    assert b"777" not in body
    assert b"777" in ours


# The command


def test_the_accounts_of_a_file_are_added_listed_and_removed(tmp_path, capsys, monkeypatch):
    from io import StringIO

    from andon.cli import main

    monkeypatch.setattr(module, "_hasher", module.PasswordHasher(time_cost=1, memory_cost=64))
    path = str(tmp_path / "accounts.json")

    def run(*arguments, typed=""):
        monkeypatch.setattr("sys.stdin", StringIO(typed))
        code = main.code_of(["console", "--accounts", path, "user", *arguments])
        return code, capsys.readouterr()

    code, told = run("add", "lena", "--role", "buyer", "--password-stdin", typed=PASSWORD + "\n")
    assert (code, "lena is a buyer" in told.out) == (0, True)
    assert run("add", "hansa", "--role", "supplier", "--no-password")[0] == 1
    assert run("add", "hansa", "--role", "supplier", "--supplier", "HANSA", "--no-password")[0] == 0
    code, told = run("list", "--json")
    assert [(one["name"], one["role"], one["password"]) for one in json.loads(told.out)] == [
        ("hansa", "supplier", False),
        ("lena", "buyer", True),
    ]
    assert "argon2" not in told.out
    assert run("remove", "lena")[0] == 0
    code, told = run("remove", "lena")
    assert (code, "no account" in told.err) == (1, True)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", "0.0.0.0"], "without accounts the console listens on loopback alone"),
        (["--host", "console.shop"], "without accounts the console listens on loopback alone"),
        (["--accounts", "none.json"], "cannot be read"),
        (["--accounts", "empty.json"], "has no accounts"),
        (["--proxy-header", "X-User"], "go together"),
        (["--proxy-header", "X-User", "--proxy-from", "10.0.0.1"], "needs --accounts"),
    ],
)
def test_the_console_says_what_it_lacks_and_does_not_start(
    options, said, tmp_path, capsys, monkeypatch
):
    from andon.cli import main

    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.json").write_text('{"accounts": []}')
    assert main.code_of(["console", "--broker", "127.0.0.1:9", *options]) == 1
    assert said in " ".join(capsys.readouterr().err.split())
