"""Asking a source that may never answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

from crm.core.errors import Conflict, CrmError, described
from crm.setup.check import Silent

T = TypeVar("T")


class Asked(Generic[T]):
    """A source that is being asked, in a thread that ends with the process.

    Args:
        what: What it is, at the beginning of a sentence.
        ask: Asks it.
    """

    def __init__(self, what: str, ask: Callable[[], T]) -> None:
        self._what, self._ask = what, ask
        self._answer: list[T | Silent] = []
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def within(self, seconds: float) -> T | Silent:
        """Return the answer, or why there is none so long after it was asked."""
        self._thread.join(max(0.0, self._began + seconds - time.monotonic()))
        if self._thread.is_alive():
            return Silent(
                f"{self._what} did not answer within {seconds:.0f} seconds: check the network, the"
                " project's id and, for an emulator, its variable; then run this again."
            )
        return self._answer[0]

    def _run(self) -> None:
        self._answer.append(self._asked())

    def _asked(self) -> T | Silent:
        try:
            return self._ask()
        except Conflict:
            # Of reading: the database refuses a query, as one without its index.
            return Silent(f"{self._what} refuses to be asked so: are all indexes there?")
        except CrmError as error:
            said = str(error)
            if " " not in said:
                said = (
                    f"{self._what} did not answer ({said}): check the network, the project's id"
                    " and, for an emulator, its variable; then run this again."
                )
            return Silent(said)
        except Exception as error:
            return Silent(
                f"{self._what} could not be looked at: {described(error)}. It is a defect of"
                " CRM-Lite."
            )
