"""What an emulator suite lays over `[mail]` of `crm.toml`, so that mails can be tried out there."""

from __future__ import annotations

import os
from typing import Final

MAIL: Final = "CRM_EMULATOR_MAIL"
"""The variable: lines of TOML as they stand below `[mail]`. A deployed function never reads it."""


def mail_lines() -> str:
    """Return what stands over `[mail]` here; "" for nothing, as everywhere but on emulators."""
    return os.environ.get(MAIL, "") if os.environ.get("FIRESTORE_EMULATOR_HOST") else ""
