"""Builds the compiled loop over plain sales if ANDON_COMPILE=1 asks for it; else andon is Python alone, as pyproject.toml says."""

import os

from setuptools import Extension, setup

LOOP = Extension("andon.agents._plain_sales", ["agents/plain_sales.c"])

setup(ext_modules=[LOOP] if os.environ.get("ANDON_COMPILE") == "1" else [])
