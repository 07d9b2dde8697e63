"""What `python -m crm rotate-key` does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from crm.config import settings as config
from crm.core.errors import ConfigError
from crm.db.runner import Runner
from crm.db.transaction import OPERATOR
from crm.repair.rekey import OnProgress, rekey
from crm.runtime import services as runtime
from crm.runtime.key_fingerprint import begin_rotation, end_rotation

PAUSE: Final = 60.0
"""Seconds until every process has stopped: a lease, a commit under way, and room to spare."""


def rotate(
    threads: int,
    progress: OnProgress,
    told: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
) -> int | None:
    """Bring the secret of the environment in.

    Args:
        threads: How many work at a time.
        progress: As of `rekey`.
        told: Told what is waited for.
        sleep: Waits.

    Returns:
        How many documents were changed; None where the secret is in already.

    Raises:
        ConfigError: A secret is missing, weak, or not this database's.
        Conflict, Transient: Not done before the deadline; begin again.
    """
    from crm.firebase import app as firebase_app
    from crm.firebase import auth as accounts
    from crm.firebase import store

    if os.environ.get("FIRESTORE_EMULATOR_HOST"):
        raise ConfigError("Emulators have a fixed secret, which is not to be replaced.")
    secret, before = runtime.keyring().secret, runtime.secret_before()
    if secret == before:
        raise ConfigError("CRM_KEY is the secret in CRM_KEY_BEFORE: set it to a new one.")
    database = store.FirestoreStore(store.client(firebase_app.project()))
    runner = Runner(database, config.settings(), runtime.keyring(), accounts, actor=OPERATOR)
    return bring_in(runner, before, threads, progress, told, sleep)


def bring_in(
    runner: Runner,
    before: bytes,
    threads: int,
    progress: OnProgress,
    told: Callable[[str], None],
    sleep: Callable[[float], None],
) -> int | None:
    """Bring the secret of a runner's keyring in, in place of `before`; as `rotate`."""
    store, secret = runner.store, runner.keys.secret
    keys = runner.retry.call(lambda: begin_rotation(store, before, secret, runner.now()))
    if keys is None:
        return None
    told(f"Waiting {PAUSE:.0f} seconds until everything else has stopped.")
    sleep(PAUSE)
    renewing = replace(runner, keys=keys)
    changed = rekey(renewing, threads, progress)
    runner.retry.call(lambda: end_rotation(store, keys, runner.now()))
    return changed
