"""What a process sends mails with, and what it says where it cannot."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm.config.mail import MailSettings
from crm.config.settings import Settings
from crm.core.errors import ConfigError, Refusal
from crm.mail.anymail import AnymailMailer
from crm.mail.budgeted import Budgeted
from crm.mail.port import Accepted, Mail
from crm.mail.smtp import SmtpMailer
from crm.runtime import mailing
from testing.world import World
from tests.support.smtp_server import SmtpServer

MAIL = MailSettings.model_validate({"from": "Events <news@example.com>"})
SECRET = "s3cr3tw0rd"


def settings(mail: MailSettings = MAIL) -> Settings:
    return Settings().model_copy(update={"mail": mail})


@pytest.mark.parametrize(
    ("mail", "dsn", "says"),
    [
        (MailSettings(), "smtp://localhost", "under [mail]"),
        (MAIL, None, "firebase functions:secrets:set CRM_MAIL"),
        (MAIL, "  ", "firebase functions:secrets:set CRM_MAIL"),
        (MAIL, f"smtp://{SECRET}@h.example", "both a user and a password"),
        (MAIL, f"anymail+sendgrid://{SECRET}@default", "smtp.sendgrid.net"),
    ],
)
def test_who_has_not_set_it_up_is_told_what_to_set(
    mail: MailSettings, dsn: str | None, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CRM_MAIL", raising=False)
    if dsn is not None:
        monkeypatch.setenv("CRM_MAIL", dsn)
    with pytest.raises(Refusal) as refused:
        mailing.check(settings(mail))
    assert (refused.value.code, refused.value.reason) == ("failed-precondition", "mail-not-set-up")
    assert says in refused.value.message
    assert SECRET not in refused.value.message
    assert not mailing.is_set_up(settings(mail))
    runner = replace(World().runner, settings=settings(mail))
    with pytest.raises(Refusal):
        mailing.mailer(runner)


def test_a_provider_that_is_not_installed_is_no_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise ConfigError("add django-anymail")

    monkeypatch.setattr("crm.mail.anymail.installed", missing)
    monkeypatch.setenv("CRM_MAIL", "anymail+postmark://another-token@default")
    with pytest.raises(Refusal, match="add django-anymail"):
        mailing.check(settings())


def test_mails_go_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    with SmtpServer() as server:
        monkeypatch.setenv("CRM_MAIL", server.dsn)
        mailing.check(settings())
        assert mailing.is_set_up(settings())
        found = mailing.mailer(replace(World().runner, settings=settings()))
        assert isinstance(found, SmtpMailer)
        mail = Mail("k", "Events <news@example.com>", "ann@example.org", "Hi", "Hi")
        assert isinstance(next(found.send([mail])), Accepted)
        found.close()
    assert [one.to for one in server.mails] == ["ann@example.org"]


def test_a_provider_is_asked_by_its_own_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_MAIL", "anymail+postmark://token@default")
    runner = replace(World().runner, settings=settings())
    assert isinstance(mailing.mailer(runner), AnymailMailer)


def test_limits_put_a_budget_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    limited = MAIL.model_copy(update={"per_day": 100})
    with SmtpServer() as server:
        monkeypatch.setenv("CRM_MAIL", server.dsn)
        world = World()
        runner = replace(world.runner, settings=settings(limited))
        found = mailing.mailer(runner, first=True)
        assert isinstance(found, Budgeted)
        mail = Mail("k", "Events <news@example.com>", "ann@example.org", "Hi", "Hi")
        assert isinstance(next(found.send([mail])), Accepted)
        found.close()
    stored = world.store.read(["crmBudgets/sender"])["crmBudgets/sender"]
    assert sum(stored.fields["day"].values()) == 1
