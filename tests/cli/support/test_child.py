import re
from pathlib import Path

import pytest
from support.workers import until

from andon.cli.support.child import Child
from andon.streams.errors import UserError
from andon.streams.settings import load_settings


def test_a_child_that_died_tells_its_last_words_and_where_all_of_them_are_kept(tmp_path):
    with Child(load_settings(), tmp_path / "child.log", "nonsense") as child:
        until(lambda: child._process.poll() is not None, "it ends")
        with pytest.raises(UserError, match="ended with exit code 2") as error:
            child.check()
    assert "No such command" in str(error.value)
    kept = Path(re.search(r"kept in (\S+)\.", str(error.value))[1])
    assert kept.read_bytes() == (tmp_path / "child.log").read_bytes()
