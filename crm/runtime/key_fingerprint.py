"""Which secret a database was made with: another one would see none of its identities.

All keys are made under `CRM_KEY`. Under another secret every person would be a new one, erased and
unsubscribed people would be unknown, and what was made so would have to be taken apart by hand. So
a mark of the secret is kept beside what it made, and whoever works under another one is stopped.

The secrets from before it are kept there too, sealed under it: identity keys are made of all of
them (`Keyring`). While a new one is brought in (`begin_rotation` to `end_rotation`) nobody works at
all: see docs/decisions/030.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from crm.core.errors import ConfigError, Conflict, Paused
from crm.core.keyring import Former, Keyring
from crm.db.collections import INSTALLATION
from crm.db.documents import REMOVED, Create, Data, Store, Update, read_one

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

PATH: Final = f"{INSTALLATION}/key"


def check_key(store: Store, keys: Keyring) -> bool:
    """Return whether the database has the mark of a secret, which is this one then.

    Raises:
        ConfigError: It has the mark of another secret.
        Transient: Not answered; `Paused`: another secret is being brought in.
    """
    return _check(read_one(store, PATH).fields, keys.secret)


def full_keyring(store: Store, secret: bytes) -> Keyring:
    """Return the keyring of a secret with all those from before it.

    Raises:
        ConfigError, Transient: As `check_key`.
    """
    kept = read_one(store, PATH).fields
    _check(kept, secret)
    return Keyring(secret, _unsealed(secret, kept))


def _check(kept: Data, secret: bytes) -> bool:
    if kept.get("next") is not None:
        raise Paused(
            "CRM_KEY is being replaced in this database, and nothing works until that is done: run"
            " `python -m crm rotate-key` to its end."
        )
    if kept.get("mark") is None:
        return False
    if not _is_mark(kept["mark"], secret):
        raise ConfigError(
            "CRM_KEY is not the secret that this database was made with, which alone finds its"
            " customers: take the functions' own"
            " (`firebase functions:secrets:access CRM_KEY`), or bring the earlier one back. Is it"
            " a new one? `python -m crm rotate-key` brings that in."
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
        store.commit([Create(PATH, {"mark": _mark(keys.secret), "at": now})])
    check_key(store, keys)


def begin_rotation(store: Store, before: bytes, secret: bytes, now: datetime) -> Keyring | None:
    """Have everybody stop, and return the keyring of the new secret; None where it is in already.

    A process may commit for `lease.SECONDS` more, and for the time that one commit takes.

    Raises:
        ConfigError: `before` is not the database's secret, or a third one is being brought in.
        Conflict: Somebody else has begun at the same moment.
        Transient: Not answered.
    """
    row = read_one(store, PATH)
    kept = row.fields
    mark = kept.get("mark")
    if mark is not None and _is_mark(mark, secret):
        return None
    if mark is None or not _is_mark(mark, before):
        raise ConfigError(
            "CRM_KEY_BEFORE is not the secret that this database was made with: take the one that"
            " the functions had until now."
        )
    if kept.get("next") is not None and not _is_mark(kept["next"], secret):
        raise ConfigError(
            "Another secret is being brought in already, and some keys are under it: finish with"
            " that one as CRM_KEY, then rotate again."
        )
    former = _unsealed(before, kept)
    if kept.get("next") is None:
        store.commit([Update(PATH, {"next": _mark(secret), "since": now}, row.version)])
    return Keyring(secret, (*former, Former(before, kept.get("since") or now)))


def end_rotation(store: Store, keys: Keyring, now: datetime) -> None:
    """Have everybody who has the new secret work again.

    Raises:
        Conflict, Transient: Not done; safe to call again.
    """
    row = read_one(store, PATH)
    if row.fields.get("next") is None:
        return  # by a commit whose answer was lost
    sealed = [{"secret": _seal(keys.secret, f.secret), "until": f.until} for f in keys.former]
    done = {"mark": _mark(keys.secret), "at": now, "former": sealed}
    store.commit([Update(PATH, {**done, "next": REMOVED, "since": REMOVED}, row.version)])


def _mark(secret: bytes) -> str:
    return Keyring(secret).derive("installation").hex()


def _is_mark(kept: object, secret: bytes) -> bool:
    return hmac.compare_digest(str(kept).encode(), _mark(secret).encode())


def _unsealed(secret: bytes, kept: Data) -> tuple[Former, ...]:
    rows: Sequence[Any] = kept.get("former") or ()
    return tuple(Former(_unseal(secret, str(one["secret"])), one["until"]) for one in rows)


def _seal(secret: bytes, text: bytes) -> str:
    """Encrypt a secret under another, so that a change of it is seen (Fernet)."""
    return _fernet(secret).encrypt(text).decode()


def _unseal(secret: bytes, sealed: str) -> bytes:
    from cryptography.fernet import InvalidToken

    try:
        return _fernet(secret).decrypt(sealed.encode())
    except InvalidToken:
        raise ConfigError(
            f"{PATH} is not as it was written: bring it back from a backup. Under other keys than"
            " its own the database would know nobody."
        ) from None


def _fernet(secret: bytes) -> Fernet:
    from cryptography.fernet import Fernet  # no database needs it before its first rotation

    return Fernet(base64.urlsafe_b64encode(Keyring(secret).derive("former")))
