"""No encoding of standard output ends a command."""

import io
import sys

import pytest

from andon.cli.main import code_of


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_what_an_encoding_cannot_write_is_written_as_an_escape(encoding, monkeypatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding=encoding))
    assert code_of(["--version"]) == 0
    print("Tee 茶 → 5 €")
    sys.stdout.flush()
    assert "Tee" in written.getvalue().decode(encoding)
