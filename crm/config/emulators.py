"""What an emulator suite lays over `crm.toml`, so that mails, forms and fields can be tried out."""

from __future__ import annotations

import os
from typing import Final

MAIL: Final = "CRM_EMULATOR_MAIL"
"""The variable: lines of TOML as they stand below `[mail]`. A deployed function never reads it."""


def mail_lines() -> str:
    """Return what stands over `[mail]` here; "" for nothing, as everywhere but on emulators."""
    return os.environ.get(MAIL, "") if os.environ.get("FIRESTORE_EMULATOR_HOST") else ""


CONTACTS: Final = "CRM_EMULATOR_CONTACTS"
"""The variable: TOML whose `[forms.NAME]` and `[fields.NAME]` stand in the place of the file's."""


def contact_lines() -> str:
    """Return what stands over forms and fields here; "" for nothing, as `mail_lines`."""
    return os.environ.get(CONTACTS, "") if os.environ.get("FIRESTORE_EMULATOR_HOST") else ""
