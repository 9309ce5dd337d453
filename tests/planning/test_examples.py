"""The examples in the documentation of planning's functions say what these return."""

import doctest
import importlib
import pkgutil

import pytest

import andon.planning

MODULES = [
    found.name for found in pkgutil.walk_packages(andon.planning.__path__, "andon.planning.")
]
EXAMPLES = doctest.DocTestFinder(exclude_empty=True)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_right(name):
    module = importlib.import_module(name)
    for test in EXAMPLES.find(module, name):
        if test.examples:
            result = doctest.DocTestRunner(verbose=False).run(test)
            assert not result.failed, f"{test.name}: an example is wrong, see the output"


def test_there_are_examples():
    tests = [test for name in MODULES for test in EXAMPLES.find(importlib.import_module(name))]
    assert sum(bool(test.examples) for test in tests) >= 10
