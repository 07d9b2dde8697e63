import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import ConfigError
from crm.core.keyring import Keyring, random_id
from crm.runtime.services import EMULATOR_KEY, keyring

KEYS = Keyring(b"sixteen bytes at least")


@given(st.text(), st.text())
def test_keys_tell_identities_apart_and_hide_them(one: str, other: str) -> None:
    assert (KEYS.address(one) == KEYS.address(other)) == (one == other)
    assert KEYS.address(one) != KEYS.user(one)
    assert KEYS.address(one) == KEYS.address(one)
    assert KEYS.address(one) != Keyring(b"another secret of an owner").address(one)


def test_a_key_is_no_unkeyed_hash_and_fits_a_document_id() -> None:
    key = KEYS.address("ada@example.com")
    assert key.startswith("e1-")
    assert len(key) < 64
    assert "ada" not in key
    for name in ("md5", "sha1", "sha256", "sha512"):
        assert hashlib.new(name, b"ada@example.com").hexdigest()[:16] not in key


def test_the_secret_is_not_in_a_repr() -> None:
    assert "sixteen" not in repr(KEYS)


def test_random_ids_hold_at_least_128_bits() -> None:
    ids = {random_id() for _ in range(1000)}
    assert len(ids) == 1000
    # Base 32: 26 characters of 5 bits.
    assert all(len(one) == 26 and one.isalnum() and one == one.lower() for one in ids)


@pytest.mark.parametrize("secret", [None, "", "short", "  fifteen chars  "])
def test_production_refuses_to_work_without_its_own_key(
    monkeypatch: pytest.MonkeyPatch, secret: str | None
) -> None:
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.delenv("CRM_KEY", raising=False)
    if secret is not None:
        monkeypatch.setenv("CRM_KEY", secret)
    with pytest.raises(ConfigError, match="openssl rand"):
        keyring()


def test_production_uses_its_own_key_and_the_emulators_a_fixed_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CRM_KEY", "the owner's own secret")
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    assert keyring() == Keyring(b"the owner's own secret")
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    assert keyring() == Keyring(EMULATOR_KEY)
