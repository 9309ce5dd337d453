"""`andon schemas`: the wire contract as documents."""

from pathlib import Path
from typing import Annotated

import typer

from andon.cli.support.options import connected
from andon.cli.support.output import stdout
from andon.schemas.export import export
from andon.streams.settings import Settings

app = typer.Typer(no_args_is_help=True, help="Export the wire contract.")


@app.callback()
def _group() -> None:
    pass


@app.command("export")
@connected
def export_(
    folder: Annotated[Path, typer.Argument(help="Where to; it is made if it is missing.")] = Path(
        "docs/schemas"
    ),
    *,
    settings: Settings,
) -> None:
    """Write a JSON Schema of every event family, and an AsyncAPI document of all topics.

    Examples:

        andon schemas export

        andon schemas export /tmp/contract --prefix shop
    """
    for file in export(folder, settings.prefix):
        stdout().print(str(file), markup=False, soft_wrap=True)
