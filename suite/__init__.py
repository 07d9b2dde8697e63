"""Run the Firebase emulator suite, with our functions, on ports of its own."""

from suite.errors import SuiteError
from suite.launch import start_suite
from suite.running import Suite

__all__ = ["Suite", "SuiteError", "start_suite"]
