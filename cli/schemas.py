"""`andon schemas`: the wire contract as JSON Schema and AsyncAPI."""

from pathlib import Path
from typing import Annotated

import typer

from andon.cli.state import console, settings_of
from andon.schemas.export import export as export_schemas

app = typer.Typer(help="The wire contract.", no_args_is_help=True)


@app.command()
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="where to write")] = Path("docs/schemas"),
) -> None:
    """Write a JSON Schema for each family and one AsyncAPI 3 document.

    Example: andon schemas export ./contract
    """
    for path in export_schemas(folder, settings_of(context).prefix):
        console.print(str(path))
