"""A campaign's text as it is composed: what is around it, and what stands in the way of sending."""

from __future__ import annotations

from crm.composing import libraries  # noqa: F401 - before what needs them

# isort: split

from collections.abc import Callable, Iterable, Mapping
from email.utils import parseaddr
from typing import Final

from crm.campaigns.campaign import Campaign
from crm.campaigns.saving import Written
from crm.composing import checks
from crm.composing.people import person_of
from crm.composing.problems import Problem
from crm.composing.template import Frame, Template
from crm.config.fields import FieldValue
from crm.config.mail import MailSettings, address_of, not_set_up
from crm.config.settings import Settings
from crm.core.errors import Refusal
from crm.db.documents import Data
from crm.db.runner import Runner

MOST_TOLD: Final = 20
"""Problems that a refusal names."""


def frame_of(settings: Settings, sender: str) -> Frame:
    """Return what is the same in all mails of a campaign."""
    name, address = parseaddr(sender)
    return Frame(
        sender_name=name or address.rpartition("@")[2],
        postal_address=settings.mail.postal_address,
        time_zone=settings.time_zone,
        fields=examples(settings),
    )


def examples(settings: Settings) -> dict[str, FieldValue]:
    """Return an example of a value for each own field."""
    return {name: own.example for name, own in settings.fields.items()}


def template_of(settings: Settings, campaign: Campaign) -> Template:
    """Return a campaign's text, read once for many people.

    Raises:
        Broken: It cannot be read; `problems_of` says why.
    """
    frame = frame_of(settings, campaign.sender)
    return Template.parse(campaign.subject, campaign.preview, campaign.body, frame)


def compose(runner: Runner, campaign: Campaign) -> Callable[[Data, str, str], tuple[str, str, str]]:
    """Return what gives subject, HTML and text for a customer, an unsubscribe link and an address.

    Raises:
        Broken: The text cannot be read.
    """
    template = template_of(runner.settings, campaign)

    def render(data: Data, link: str, address: str) -> tuple[str, str, str]:
        mail = template.render(person_of(data, unsubscribe=link, email=address))
        return mail.subject, mail.html, mail.text

    return render


def problems_of(settings: Settings, campaign: Campaign | Written) -> tuple[Problem, ...]:
    """Return what is wrong with a campaign, as far as that is known without its people."""
    frame = frame_of(settings, campaign.sender)
    text = checks.check(campaign.subject, campaign.preview, campaign.body, frame)
    found = [*_of_sender(settings.mail, campaign.sender), *text]
    return tuple(sorted(found, key=lambda one: not one.blocking))


def told(problems: Iterable[Problem]) -> list[Mapping[str, object]]:
    """Return problems as answers show them."""
    return [
        {
            "reason": one.reason,
            "message": one.message,
            "at": one.at,
            "blocking": one.blocking,
        }
        for one in problems
    ]


def unfit(problems: Iterable[Problem]) -> Refusal | None:
    """Return the refusal of a campaign that cannot be sent as it is; None for one that can."""
    blocking = [one for one in problems if one.blocking]
    if not blocking:
        return None
    if any(one.reason == "mail-not-set-up" for one in blocking):
        return not_set_up()
    return Refusal(
        "failed-precondition",
        "campaign-has-problems",
        f"This cannot be sent as it is: {blocking[0].message} (`{blocking[0].at}`)"
        " `preview_campaign` says what else is to be mended.",
        {"problems": told(blocking[:MOST_TOLD])},
    )


def look_over(settings: Settings) -> Callable[[Campaign], None]:
    """Return what refuses a campaign that cannot be sent as it is (see `control.send`).

    It raises `failed-precondition`: `mail-not-set-up`, or `campaign-has-problems` with `problems`.
    """

    def look(campaign: Campaign) -> None:
        refusal = unfit(problems_of(settings, campaign))
        if refusal is not None:
            raise refusal

    return look


def _of_sender(mail: MailSettings, sender: str) -> list[Problem]:
    if not mail.on or not sender:
        told_ = "Mail is not set up: `[mail]` of `crm.toml` has no `from`."
        return [Problem("mail-not-set-up", told_, "from", blocking=True)]
    domains = [(address_of(one) or "").rpartition("@")[2].lower() for one in (sender, mail.from_)]
    if domains[0] == domains[1]:
        return []
    told_ = (
        f"The sender's domain is {domains[0]}, `from` in `[mail]` has {domains[1]}: providers send"
        " only for domains that you have shown to be yours, and others' mails end up as spam."
    )
    return [Problem("sender-domain", told_, "from")]
