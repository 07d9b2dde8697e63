"""What an emulator suite lays over `[mail]`, and that nothing else can."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm.config import settings as config
from crm.config.emulators import MAIL, mail_lines
from crm.config.settings import Settings, load, settings, with_mail
from crm.core.errors import ConfigError

LINES = 'from = "Events <news@example.com>"\nundo_seconds = 1\n'


@pytest.fixture(autouse=True)
def _afresh() -> Iterator[None]:
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_on_an_emulator_the_lines_stand_over_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.setenv(MAIL, LINES)
    read, file = config.settings(), load()
    assert (read.mail.from_, read.mail.undo_seconds) == ("Events <news@example.com>", 1)
    assert read.mail.latest_hours == file.mail.latest_hours
    assert read.model_copy(update={"mail": file.mail}) == file


def test_a_deployed_function_reads_its_file_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FIRESTORE_EMULATOR_HOST", raising=False)
    monkeypatch.setenv(MAIL, LINES)
    assert mail_lines() == ""
    assert settings() == load()


def test_on_an_emulator_without_lines_the_file_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.delenv(MAIL, raising=False)
    assert settings() == load()


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("from = ", f"{MAIL}: not TOML"),
        ('from = "nobody"', f"{MAIL}: mail.from: write one address"),
        ('frm = "a@example.com"', f"{MAIL}: mail.frm: unknown key"),
        ("undo_seconds = -1", f"{MAIL}: mail.undo_seconds: write a whole number"),
    ],
)
def test_lines_that_are_wrong_are_told_as_those_of_a_file(lines: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        with_mail(Settings(), lines, MAIL)
