"""A mail of a campaign to staff, before it goes to anybody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from crm.campaigns.campaign import Campaign
from crm.campaigns.composed import examples, problems_of, template_of, unfit
from crm.composing.people import Link, Own, samples
from crm.composing.problems import Broken, CannotRender
from crm.config.mail import not_set_up
from crm.core.email import canonical_or_none
from crm.core.errors import Refusal
from crm.db.runner import Runner
from crm.mail.port import Accepted, Answer, Halt, Later, Mail, Mailer, Refused, Uncertain
from crm.newsletter import unsubscribe_link

MOST: Final = 5

MARK: Final = "[Test] "
"""What its subject begins with."""


def send_test(
    runner: Runner,
    mailer: Callable[[], Mailer],
    campaign: Campaign,
    to: Sequence[str],
    landing: str,
) -> dict[str, object]:
    """Send a campaign's mail to staff, as an example person would get it.

    Only to verified addresses of accounts with a role: else it would be a door by which one account
    sends whatever it likes to anybody. Nothing is recorded; a second call sends a second mail.

    Args:
        runner: Asks Firebase Auth whose the addresses are.
        mailer: Gives what hands the mails over.
        campaign: The campaign.
        to: 1 to `MOST` addresses.
        landing: Where unsubscribe links lead. Each is the address's own.

    Returns:
        `sent`, how many the server took, and `results`: each address with what the server said.

    Raises:
        Refusal: `invalid-argument` (`not-staff`); `failed-precondition` (`mail-not-set-up`,
            `campaign-has-problems`).
        Transient: Firebase Auth did not answer.
    """
    addresses = list(dict.fromkeys(canonical_or_none(one) or "" for one in to))
    staff = runner.retry.call(lambda: runner.accounts.staff_among(addresses))
    if not addresses or len(addresses) > MOST or {*addresses} - staff:
        raise Refusal(
            "invalid-argument",
            "not-staff",
            "The request was refused: `to` must be 1 to 5 verified addresses of accounts that have"
            " a role here (`python -m crm roles` lists them).",
        )
    if not runner.settings.mail.on or not campaign.sender:
        raise not_set_up()
    server = mailer()
    mails = [_mail(runner, campaign, address, landing) for address in addresses]
    results = [
        {"to": address, **_said(answer)}
        for address, answer in zip(addresses, server.send(mails), strict=True)
    ]
    server.close()
    return {"sent": sum(one["state"] == "accepted" for one in results), "results": results}


def _mail(runner: Runner, campaign: Campaign, address: str, landing: str) -> Mail:
    link = unsubscribe_link.link(runner.keys, landing, address)
    example = {
        **samples(examples(runner.settings))[0],
        "email": Own(address),
        "unsubscribe_link": Link(link),
    }
    try:
        mail = template_of(runner.settings, campaign).render(example)
    except (Broken, CannotRender) as error:
        known = problems_of(runner.settings, campaign)
        problems = known if isinstance(error, Broken) else (*known, error.problem)
        raise unfit(problems) or _cannot() from None
    return Mail(
        key=f"test-{runner.new_id()}",
        sender=campaign.sender,
        to=address,
        subject=MARK + mail.subject,
        text=mail.text,
        html=mail.html,
        reply_to=campaign.reply_to,
        headers=unsubscribe_link.headers(link),
        campaign=campaign.id,
    )


def _cannot() -> Refusal:
    text = "This mail cannot be made: `preview_campaign` says what is to be mended."
    return Refusal("failed-precondition", "campaign-has-problems", text)


def _said(answer: Answer) -> dict[str, str | None]:
    match answer:
        case Accepted():
            return {"state": "accepted", "reason": None}
        case Refused(code):
            return {"state": "refused", "reason": code}
        case Uncertain(code):
            return {"state": "uncertain", "reason": code}
        case Later(code):
            return {"state": "later", "reason": code}
        case Halt(code, message):
            return {"state": "halted", "reason": code, "message": message}
