"""The options of every command that talks to Kafka, taken before the command's name or after it."""

import functools
import inspect
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from andon.streams.settings import CONFIG_VARIABLE, Settings, load_settings

_PANEL = "Connection"

Broker = Annotated[
    str | None,
    typer.Option(
        "--broker",
        metavar="HOST:PORT",
        help="Kafka servers, comma separated; else ANDON_BROKER.",
        rich_help_panel=_PANEL,
    ),
]
Prefix = Annotated[
    str | None,
    typer.Option(
        "--prefix",
        metavar="NAME",
        help="First part of the topics' names; else ANDON_PREFIX.",
        rich_help_panel=_PANEL,
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        help="Settings file; else ANDON_CONFIG or ./andon.toml.",
        rich_help_panel=_PANEL,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]

LogLevel = Annotated[
    str | None,
    typer.Option(help="What is logged: debug, info, warning, error; else ANDON_LOG_LEVEL."),
]
LogFormat = Annotated[
    str | None, typer.Option(help="For people or machines: console, json; else ANDON_LOG_FORMAT.")
]

_OPTIONS: dict[str, Any] = {"broker": Broker, "prefix": Prefix, "config": Config}


def logging_as(settings: Settings, level: str | None, form: str | None) -> Settings:
    """Return the settings with what the command line says of logs.

    Raises:
        SettingsError: there is no such level or form.
    """
    return overridden(settings, log_level=level, log_format=form)


def overridden(settings: Settings, **given: Any) -> Settings:
    """Return the settings with what the command line says of them; None says nothing.

    Raises:
        SettingsError: a value is wrong.
    """
    chosen = {name: value for name, value in given.items() if value is not None}
    # Loaded anew, so that a wrong value is told as any other wrong setting is.
    load_settings(**chosen)
    return settings.model_copy(update=chosen)


def settings_of(ctx: typer.Context, **given: Any) -> Settings:
    """Return the settings with the connection options given before the command's name and after it; None says nothing.

    Raises:
        SettingsError: a setting is wrong.
    """
    chosen = dict(ctx.find_root().obj or {})
    chosen |= {name: value for name, value in given.items() if value is not None}
    config = chosen.pop("config", None)
    if config is not None:
        # In the environment, so that a worker started from here reads the same file.
        os.environ[CONFIG_VARIABLE] = str(config)
    return load_settings(**chosen)


def connected(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the connection options, and pass it the `settings` that they and the environment make.

    A command with a `context` is passed typer's.
    """
    signature = inspect.signature(command, eval_str=True)

    @functools.wraps(command)
    def wrapper(ctx: typer.Context, **arguments: Any) -> None:
        given = {name: arguments.pop(name) for name in _OPTIONS}
        if "context" in signature.parameters:
            arguments["context"] = ctx
        command(**arguments, settings=settings_of(ctx, **given))

    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]
    context = inspect.Parameter(
        "ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context
    )
    own = [p for p in signature.parameters.values() if p.name not in ("settings", "context")]
    parameters = [context, *(p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own), *options]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {p.name: p.annotation for p in parameters}
    del wrapper.__wrapped__
    return wrapper
