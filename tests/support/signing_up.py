"""A world with forms, whose confirmation mails are kept instead of sent."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Request, Response
from werkzeug.test import EnvironBuilder

from crm.entrypoints.http import confirm_subscription, subscribe
from crm.entrypoints.sign_ups import post_of
from crm.mail.port import Accepted, Answer, Mail
from crm.runtime.services import Services
from crm.signup import waiting
from crm.signup.proof import LEAST, challenge, worked_out
from testing.memory import MemoryStore
from testing.world import KEYS, World

ADA = "ada@example.com"

TEXT = "Yes, send me news about events once a month."
TEXT_DE = "Ja, ich möchte einmal im Monat Neues lesen."

SETTINGS: dict[str, Any] = {
    "mail": {"from": "Example Events <news@example.org>", "postal_address": "1 Example Street"},
    "forms": {
        "newsletter": {"text": {"en": TEXT, "de": TEXT_DE}, "tags": ["Newsletter"]},
        "press": {"text": {"en": "Yes, send me press releases."}},
    },
}

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass
class Box:
    """A mailer that keeps what it is given.

    Attributes:
        mails: What was taken.
        answers: What is answered instead of taking a mail, the next one first.
        closed: How often it was closed.
    """

    mails: list[Mail] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    closed: int = 0

    def send(self, mails: Sequence[Mail]) -> Iterator[Answer]:
        for mail in mails:
            answer = self.answers.pop(0) if self.answers else Accepted()
            if isinstance(answer, Accepted):
                self.mails.append(mail)
            yield answer

    def close(self) -> None:
        self.closed += 1


class Door(World):
    """The world: whoever signs up and clicks does it by the HTTP functions."""

    def __init__(
        self, store: MemoryStore | None = None, settings: dict[str, Any] | None = None
    ) -> None:
        super().__init__(store, settings={**SETTINGS, **(settings or {})})
        self.box = Box()
        self.waited: list[float] = []
        self.seconds: Iterator[float] = itertools.repeat(0.0)

    @property
    def services(self) -> Services:
        return replace(super().services, mailer=lambda: self.box)

    @property
    def now(self) -> datetime:
        return self.store.now()

    def request(self, method: str = "POST", set_up: bool = True, **more: Any) -> Response:
        """Call `subscribe`."""
        request = Request(EnvironBuilder(method=method, **more).get_environ())
        return subscribe.answer(
            request,
            lambda: self.services,
            lambda _: set_up,
            self.waited.append,
            lambda: next(self.seconds),
        )

    def post(
        self, email: str = ADA, form: str = "newsletter", network: str = "192.0.2.1", **said: str
    ) -> Response:
        """Post a form as a program does that has not seen the page."""
        data = {"form": form, "email": email, **said}
        return self.request(data=data, headers={"X-Forwarded-For": network})

    def fill_in(self, email: str = ADA, form: str = "newsletter", **more: str) -> Response:
        """Post a form as a browser does."""
        given = challenge(KEYS, self.now)
        self.store.wait(LEAST + timedelta(milliseconds=100))
        return self.post(email, form, challenge=given, work=worked_out(given, email), **more)

    def click(self, link: str | Mail, method: str = "POST", **data: str) -> Response:
        """Follow a link of a mail, or act on it."""
        url = link if isinstance(link, str) else link_of(link)
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        more: dict[str, Any] = {"data": data} if method == "POST" else {}
        request = Request(EnvironBuilder(method=method, query_string=query, **more).get_environ())
        return confirm_subscription.answer(request, lambda: self.services)

    def sweep(self, **more: Any) -> waiting.Report:
        """Do the sweep's step."""
        return waiting.attend(self.runner, lambda: post_of(self.services), **more)

    def sign_up(self, email: str = ADA, form: str = "newsletter") -> Mail:
        """Sign up; give the mail."""
        before = len(self.box.mails)
        assert self.fill_in(email, form).status_code == 202
        (mail,) = self.box.mails[before:]
        return mail

    def kept(self, email: str = ADA) -> dict[str, Any] | None:
        """Return the sign-up of an address."""
        return self.store.all("crmSignups").get(KEYS.address(email))

    def marketing(self, email: str = ADA) -> dict[str, Any]:
        marketing: dict[str, Any] = self.with_email(email)["marketing"]
        return marketing

    def consents(self) -> list[dict[str, Any]]:
        return sorted(self.store.all("crmConsents").values(), key=lambda one: one["at"])


def link_of(mail: Mail, *, not_me: bool = False) -> str:
    """Return a link of a mail's text."""
    links: list[str] = re.findall(r"https?://\S+", mail.text)
    return next(one for one in links if one.endswith("not-me=1") is not_me)


def said(response: Response) -> Any:
    """Return what a program is answered."""
    return json.loads(response.get_data(as_text=True))
