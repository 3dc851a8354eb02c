"""Coroutine tests run here too."""

from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook
