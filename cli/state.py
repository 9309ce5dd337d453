"""`andon state`: what no worker begins with, what it means, and mending what can be mended."""

from typing import Annotated, Any

import typer

from andon.cli.support.options import AsJson, connected
from andon.cli.support.output import print_json, stdout
from andon.streams.settings import Settings
from andon.streams.topics import topic_name

app = typer.Typer(no_args_is_help=True, help="Find and mend what no worker begins with.")


@app.command("repair")
@connected
def repair(
    apply: Annotated[
        bool, typer.Option("--apply", help="Do what is said; without it nothing is changed.")
    ] = False,
    forget: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY", help="Remove the unreadable record of this name; may be given again."
        ),
    ] = None,
    as_json: AsJson = False,
    *,
    settings: Settings,
) -> None:
    """Say what is wrong with the state that workers keep in Kafka and what it means; with --apply, mend what can be mended.

    For workers that end because the state is corrupt. All workers must be stopped. The exit code is 1 if anything is left
    that no worker would begin with.

    Examples:

        andon state repair

        andon state repair --apply

        andon state repair --forget books:store-3/TEA-01 --apply
    """
    # What the tables hold takes a while to load, which no other command should pay.
    from andon.agents.tables import TABLES  # noqa: PLC0415
    from andon.streams.repair import Repair, as_dict  # noqa: PLC0415

    work = Repair(settings, TABLES)
    findings = work.look(forget or ())
    if apply and findings:
        work.apply()
    if as_json:
        print_json([as_dict(finding, mended=apply) for finding in findings])
    else:
        _print(settings, findings, apply)
    if any(not (apply and finding.mendable) for finding in findings):
        raise typer.Exit(1)


def _print(settings: Settings, findings: list[Any], apply: bool) -> None:
    topic = topic_name(settings, "state")
    for finding in findings:
        style = "red" if not finding.mendable else "yellow"
        text = f"{topic}[{finding.partition}]: {finding.text}."
        stdout().print(text, style=style, markup=False, soft_wrap=True)
        done = (
            "mended"
            if apply and finding.mendable
            else "would be mended"
            if finding.mendable
            else "not mended here"
        )
        stdout().print(f"  {done}: {finding.mend}.", markup=False, soft_wrap=True)
    if not findings:
        stdout().print("the state is whole: a worker can begin with it")
    elif not apply:
        stdout().print("nothing was changed; --apply does what would be done")
