"""What ends the demo before its end."""

from suite import SuiteError


class DemoError(SuiteError):
    """The demo cannot go on; the text says why.

    A `SuiteError`, so that whoever runs the suite shows it as the sentence it is.
    """
