"""What the boards' tests share."""

from tests.coroutines import pytest_pyfunc_call  # noqa: F401 - a hook
