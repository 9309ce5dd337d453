import io

import pytest

from andon.cli.support.output import PlainConsole, plain, table


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[red]TEA[/]", "[red]TEA[/]"),
        ("[/nonsense]", "[/nonsense]"),
        (":tea: 5", ":tea: 5"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("\x9b2Jgone", "\\x9b2Jgone"),
        ("\u202eAET", "\\x202eAET"),
        ("\ud800", "\\xd800"),
        ("Käse günstig", "Käse günstig"),
    ],
)
def test_what_comes_from_outside_is_text_and_steers_no_terminal(text, shown):
    assert plain(text) == shown
    file = io.StringIO()
    console = PlainConsole(file=file, width=80, markup=False, emoji=False, highlight=False)
    rows = table("letters", "message")
    rows.add_row(text)
    console.print(text)
    console.print(rows)
    assert file.getvalue().count(shown.expandtabs()) == 2
