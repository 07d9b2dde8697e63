"""The one error that the suite's users are meant to see."""


class SuiteError(Exception):
    """The suite cannot start or go on; the message is one sentence that says what to change."""
