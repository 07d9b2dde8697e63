"""The mail of a campaign to one person."""

from __future__ import annotations

from collections.abc import Callable

from crm.campaigns.campaign import Campaign
from crm.campaigns.last_look import Person
from crm.campaigns.mails import record_id
from crm.db.documents import Data
from crm.db.runner import Runner
from crm.mail.port import Mail
from crm.newsletter import unsubscribe_link

Render = Callable[[Data, str, str], tuple[str, str, str]]
"""Gives subject, HTML and text for a customer's document, the unsubscribe link and the address."""

Compose = Callable[[Runner, Campaign], Render]
"""Reads a campaign's text, once for many people."""


def letters(
    runner: Runner, campaign: Campaign, compose: Compose, landing: str
) -> Callable[[Person], Mail]:
    """Return what writes a campaign's mails.

    Args:
        runner: Has the keyring.
        campaign: The campaign.
        compose: Reads its text.
        landing: Where unsubscribe links lead (`unsubscribe_link.landing`).
    """
    render = compose(runner, campaign)

    def letter(person: Person) -> Mail:
        mail_id = record_id(campaign.id, person.key)
        link = unsubscribe_link.link(runner.keys, landing, person.address, mail_id)
        subject, html, text = render(person.data, link, person.address)
        return Mail(
            key=mail_id,
            sender=campaign.sender,
            to=person.address,
            subject=subject,
            text=text,
            html=html or None,
            reply_to=campaign.reply_to,
            headers=unsubscribe_link.headers(link),
            campaign=campaign.id,
        )

    return letter
