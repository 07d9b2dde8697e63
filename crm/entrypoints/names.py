"""The names of all functions of an installation, as they are deployed."""

from __future__ import annotations

from typing import Final

from crm.entrypoints.callables.dispatch import CALLS

TRIGGERS: Final = frozenset({"on_order_written", "on_user_written", "sweep", "worker"})
"""Called by the platform."""

HTTP: Final = frozenset(
    {
        *("confirm_subscription", "export_segment_csv", "mail_events", "subscribe"),
        "unsubscribe",
    }
)
"""Plain HTTP functions."""

FUNCTIONS: Final = frozenset({*TRIGGERS, *HTTP, *CALLS})
