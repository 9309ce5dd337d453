"""The options that say how a table is written; every command that reads one shares them."""

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from andon.connect.imports.grain import Said
from andon.connect.tables.options import options_of

_PANEL = "How the file is written (looked at, unless said)"

Delimiter = Annotated[
    str | None,
    typer.Option(
        "--delimiter", metavar="SIGN", help="Between cells: , ; | or tab.", rich_help_panel=_PANEL
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option("--decimal", metavar="SIGN", help="Decimal mark: , or .", rich_help_panel=_PANEL),
]
DateFormat = Annotated[
    str | None,
    typer.Option(
        "--date-format",
        metavar="FORM",
        help="day-first, month-first, or a pattern such as DD.MM.YYYY or %d.%m.%Y.",
        rich_help_panel=_PANEL,
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        metavar="NAME",
        help="Such as utf-8, utf-16 or cp1252 (Excel's CSV on Windows).",
        rich_help_panel=_PANEL,
    ),
]
SheetName = Annotated[
    str | None,
    typer.Option("--sheet", metavar="NAME", help="Of an Excel workbook.", rich_help_panel=_PANEL),
]

HeadLine = Annotated[
    int | None,
    typer.Option(
        "--head-line",
        metavar="LINE",
        help="The line that names the columns, of a sheet the row.",
        rich_help_panel=_PANEL,
    ),
]

#: Of the tables of sales that a command reads.
RowsOf = Annotated[
    Said | None,
    typer.Option(
        "--grain",
        help="Of what each row of sales is; those of a week or month are spread evenly over its days.",
    ),
]

_OPTIONS: dict[str, Any] = {
    "delimiter": Delimiter,
    "decimal": Decimal,
    "date_format": DateFormat,
    "encoding": Encoding,
    "sheet": SheetName,
    "head_line": HeadLine,
}


def tabular(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options above, and pass it the `options` that they make."""
    signature = inspect.signature(command, eval_str=True)

    @functools.wraps(command)
    def wrapper(**arguments: Any) -> None:
        said = {name: arguments.pop(name) for name in _OPTIONS}
        command(**arguments, options=options_of(**said))

    added = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in _OPTIONS.items()
    ]
    own = [
        parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)
        for parameter in signature.parameters.values()
        if parameter.name != "options"
    ]
    parameters = [*own, *added]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    del wrapper.__wrapped__
    return wrapper
