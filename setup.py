"""For tools that still ask for it. All that it would say stands in pyproject.toml."""

from setuptools import setup

setup()
