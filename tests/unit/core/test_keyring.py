import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.core.errors import ConfigError
from crm.core.keyring import Former, Keyring, random_id, weakness_of
from crm.runtime.services import EMULATOR_KEY, keyring

ROOT = Path(__file__).parents[3]
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


WHEN = datetime(2026, 11, 28, tzinfo=UTC)
SECOND = Keyring(b"the secret after it", (Former(KEYS.secret, WHEN),))
THIRD = Keyring(b"the secret after both", (*SECOND.former, Former(SECOND.secret, WHEN)))


@given(st.text(), st.text())
def test_a_new_secret_renews_keys_without_knowing_whose_they_are(one: str, other: str) -> None:
    for old, new in ((KEYS, SECOND), (SECOND, THIRD), (KEYS, THIRD)):
        assert new.renewed(old.address(one)) == new.address(one)
        assert new.renewed(old.user(one)) == new.user(one)
        assert new.renewed(old.quarantine(one, other)) == new.quarantine(one, other)
        assert new.renewed(new.address(one)) == new.address(one)
        assert old.renewed(new.address(one)) == new.address(one)
    keys = {keyring.address(one) for keyring in (KEYS, SECOND, THIRD)}
    assert len({key.partition("-")[2] for key in keys}) == len(keys) == 3
    assert THIRD.user_ever(one) == (KEYS.user(one), SECOND.user(one), THIRD.user(one))
    assert THIRD.address(one).startswith(THIRD.prefix_of("e"))
    assert THIRD.prefix_of("e") == "e3-"


def test_one_secret_alone_makes_no_key_of_a_pair() -> None:
    pair = SECOND.address("ada@example.com")
    alone = (KEYS, Keyring(SECOND.secret), Keyring(KEYS.secret, (Former(SECOND.secret, WHEN),)))
    assert pair not in {keyring.address("ada@example.com") for keyring in alone}


@pytest.mark.parametrize("text", ["", "system", "id00001", "e1-x", "e0-" + "a" * 52, "x@e.com"])
def test_what_is_no_key_is_not_renewed(text: str) -> None:
    assert THIRD.renewed(text) == text
    assert THIRD.renewed("e1-" + "a" * 51) == "e1-" + "a" * 51
    assert THIRD.renewed(" e1-" + "a" * 52) == " e1-" + "a" * 52
    assert THIRD.renewed("e1-" + "a" * 52) != "e1-" + "a" * 52


def test_the_secret_is_not_in_a_repr() -> None:
    assert "sixteen" not in repr(KEYS)
    assert "sixteen" not in repr(SECOND)


def test_random_ids_hold_at_least_128_bits() -> None:
    ids = {random_id() for _ in range(1000)}
    assert len(ids) == 1000
    # Base 32: 26 characters of 5 bits.
    assert all(len(one) == 26 and one.isalnum() and one == one.lower() for one in ids)


@pytest.mark.parametrize(
    ("secret", "says"),
    [
        (None, "is missing"),
        ("", "is missing"),
        ("   ", "is missing"),
        ("short", "is shorter than 32 characters"),
        ("a secret of 32 characters, truly", None),
        ("a secret of 31 characters truly", "is shorter than 32 characters"),
        ("sixteen chars ok", "is shorter than 32 characters"),
        ("k" * 32, "has fewer than 10 different characters"),
        ("a" * 4_000, "has fewer than 10 different characters"),
        ("1234567890123456" * 2, "repeats itself"),
        ("correct horse battery!" * 3, "repeats itself"),
        ("correct horse battery!" * 3 + "correct", "repeats itself"),
        ("abcdefghijklmnopqrstuvwxyz0123456789", "is a row of characters that follow each other"),
        ("9876543210zyxwvutsrqponmlkjihgfedcba", "is a row of characters that follow each other"),
        ("aabbccddeeffgghhiijjkkllmmnnooppqq", "is a row of characters that follow each other"),
        (EMULATOR_KEY.decode(), "is published"),
        (f" {EMULATOR_KEY.decode().upper()} ", "is published"),
    ],
)
def test_production_refuses_a_secret_that_protects_nobody(
    monkeypatch: pytest.MonkeyPatch, secret: str | None, says: str | None
) -> None:
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.delenv("CRM_KEY", raising=False)
    if secret is not None:
        monkeypatch.setenv("CRM_KEY", secret)
    if says is None:
        assert keyring()
        return
    with pytest.raises(ConfigError, match=f"CRM_KEY {says}.*openssl rand -hex 32") as refused:
        keyring()
    assert not secret or len(secret) < 10 or secret not in str(refused.value)


def test_whoever_has_a_weak_secret_already_is_told_to_rotate_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv("CRM_KEY", "was long enough once")
    with pytest.raises(ConfigError, match="has made a database already, rotate it"):
        keyring()


_PUBLISHED = re.compile(
    r"""CRM_KEY["']?\s*[=:,]\s*["']?([^\s"'`$]{6,})|Keyring\(\s*b["']([^"']+)["']"""
)
"""Where a text of this repository gives a secret."""


def test_no_secret_of_this_repository_is_taken_in_production() -> None:
    found = set[str]()
    for folder in (".", "docs", "docs/decisions", "tests", "testing", "bench", "suite", "demo"):
        deep = "**/*" if folder in ("tests", "testing", "bench", "suite", "demo") else "*"
        for path in (ROOT / folder).glob(deep):
            if path.is_file() and path.suffix in (".md", ".py", ".local", ".env", ".toml", ""):
                text = path.read_text(encoding="utf-8", errors="replace")
                found |= {one or other for one, other in _PUBLISHED.findall(text)}
    assert "crm-lite-emulator-key-protects-nothing" in found
    assert [secret for secret in sorted(found) if weakness_of(secret) is None] == []


@pytest.mark.parametrize("command", [secrets.token_hex, secrets.token_urlsafe])
def test_a_random_secret_is_taken(command: Callable[[int], str]) -> None:
    for _ in range(200):
        assert weakness_of(command(32)) is None


def test_production_uses_its_own_key_and_the_emulators_a_fixed_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = secrets.token_hex(32)
    monkeypatch.setenv("CRM_KEY", f" {own}\n")
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    assert keyring() == Keyring(own.encode())
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    assert keyring() == Keyring(EMULATOR_KEY)
