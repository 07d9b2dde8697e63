"""Which secret a database was made with: another one would see none of its identities.

All keys are made under `CRM_KEY`. Under another secret every person would be a new one, erased and
unsubscribed people would be unknown, and what was made so would have to be taken apart by hand. So
a mark of the secret is kept beside what it made, and whoever works under another one is stopped.
"""

from __future__ import annotations

import hmac
from contextlib import suppress
from datetime import datetime
from typing import Final

from crm.core.errors import ConfigError, Conflict
from crm.core.keyring import Keyring
from crm.db.collections import INSTALLATION
from crm.db.documents import Create, Store, read_one

PATH: Final = f"{INSTALLATION}/key"


def check_key(store: Store, keys: Keyring) -> bool:
    """Return whether the database has the mark of a secret, which is this one then.

    Raises:
        ConfigError: It has the mark of another secret.
        Transient: Not answered.
    """
    kept = read_one(store, PATH).fields.get("mark")
    if kept is None:
        return False
    if not hmac.compare_digest(str(kept), _mark(keys)):
        raise ConfigError(
            "CRM_KEY is not the secret that this database was made with, which alone finds its"
            " customers: take the functions' own"
            " (`firebase functions:secrets:access CRM_KEY`), or bring the earlier one back."
        )
    return True


def remember_key(store: Store, keys: Keyring, now: datetime) -> None:
    """Leave the mark of the secret where there is none.

    Raises:
        ConfigError, Transient: As `check_key`.
    """
    if check_key(store, keys):
        return
    with suppress(Conflict):  # somebody else was quicker
        store.commit([Create(PATH, {"mark": _mark(keys), "at": now})])
    check_key(store, keys)


def _mark(keys: Keyring) -> str:
    return keys.derive("installation").hex()
