"""`andon console user`: who may use the console."""

import sys
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from andon.cli.support.options import AsJson
from andon.cli.support.output import plain, print_json, stdout, table
from andon.console.access import Role
from andon.console.accounts import Account, Accounts, hashed
from andon.streams.errors import UserError

app = typer.Typer(no_args_is_help=True, help="Add, list and remove those who may use the console.")

AccountsFile = Annotated[
    Path | None,
    typer.Option(
        "--accounts",
        metavar="FILE",
        envvar="ANDON_CONSOLE_ACCOUNTS",
        help="The file of those who may use it.",
    ),
]


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[
        str, typer.Argument(help="Who; what a proxy would call them, if there is one.")
    ],
    role: Annotated[
        Role,
        typer.Option(
            help="viewer: sees; planner: answers, too; buyer: orders, too; supplier: sees what is its own; admin: all."
        ),
    ],
    supplier: Annotated[
        str | None, typer.Option(help="Of a supplier: its name in the events.")
    ] = None,
    no_password: Annotated[
        bool,
        typer.Option("--no-password", help="Is named by the proxy, and signs in nowhere else."),
    ] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    accounts: AccountsFile = None,
) -> None:
    """Add an account, or put another in place of it: its password, its role. Sessions under the old one end.

    Examples:

        andon console user add lena --role buyer --accounts accounts.json

        andon console user add hansa --role supplier --supplier HANSA --accounts accounts.json
    """
    there = _there(ctx, accounts)
    name = name.strip()
    if no_password:
        secret = None
    elif password_stdin:
        secret = hashed(sys.stdin.readline().rstrip("\r\n"))
    else:
        secret = hashed(
            typer.prompt(f"Password of {name}", hide_input=True, confirmation_prompt=True)
        )
    try:
        account = Account.of(name, role, supplier, secret)
    except msgspec.ValidationError as error:
        msg = f"this is no account: {error}"
        raise UserError(msg) from error
    replaced = there.add(account)
    stdout().print(
        plain(f"{name} is a {role}" + (" now, in place of what was before." if replaced else "."))
    )


@app.command("list")
def list_(ctx: typer.Context, accounts: AccountsFile = None, as_json: AsJson = False) -> None:
    """List the accounts, without their passwords.

    Examples:

        andon console user list --accounts accounts.json
    """
    found = sorted(_there(ctx, accounts).all().values(), key=lambda one: one.name)
    if as_json:
        print_json(
            [
                {
                    "name": a.name,
                    "role": a.role,
                    "supplier": a.supplier,
                    "password": bool(a.password),
                }
                for a in found
            ]
        )
        return
    made = table("", "name", "role", "supplier", "signs in")
    for one in found:
        made.add_row(
            plain(one.name),
            one.role,
            plain(one.supplier or ""),
            "with a password" if one.password else "by the proxy",
        )
    stdout().print(made)


@app.command()
def remove(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Who.")],
    accounts: AccountsFile = None,
) -> None:
    """Remove an account; sessions under it end.

    Examples:

        andon console user remove lena --accounts accounts.json
    """
    there = _there(ctx, accounts)
    if not there.remove(name):
        msg = f"{name} has no account in {there.path}"
        raise UserError(msg)
    stdout().print(plain(f"{name} has no account any more."))


def _there(ctx: typer.Context, accounts: Path | None) -> Accounts:
    parent = ctx.find_object(dict) or {}
    path = accounts or parent.get("accounts")
    if path is None:
        msg = "which accounts? Name their file with --accounts, or in ANDON_CONSOLE_ACCOUNTS"
        raise UserError(msg)
    return Accounts(path)
