"""How often one caller may call: a bound against a runaway script, not a price list.

Counted in each instance's own memory, so it costs nothing; a caller whose requests are spread over
several instances gets as many times the bound.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from crm.core.errors import Refusal


@dataclass(frozen=True)
class RateLimit:
    """Counts calls of the last minute."""

    _window: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    def admit(self, function: str, caller: str, per_minute: int) -> None:
        """Count a call.

        Args:
            function: The callable's name.
            caller: The caller's uid. It stays in memory, for a minute.
            per_minute: How many are allowed in any 60 seconds.

        Raises:
            Refusal: `resource-exhausted` (`too-many-calls`), with `retryAfterSeconds`.
        """
        limit = RateLimitItemPerMinute(per_minute)
        if self._window.hit(limit, function, caller):
            return
        reset = self._window.get_window_stats(limit, function, caller).reset_time
        seconds = max(1, math.ceil(reset - time.time()))
        raise Refusal(
            "resource-exhausted",
            "too-many-calls",
            f"More than {per_minute} calls of this function in a minute: go on in {seconds} s.",
            {"retryAfterSeconds": seconds},
        )
