"""What a campaign would be if it were sent now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from crm.campaigns.campaign import Campaign
from crm.campaigns.composed import problems_of, template_of, told
from crm.campaigns.preparing import named_people
from crm.campaigns.reach import Audience
from crm.composing.dry import Gap, dry_run
from crm.composing.people import Person, person_of, samples
from crm.composing.problems import Broken, CannotRender, Problem
from crm.composing.template import Rendered, Template
from crm.config.mail import MailSettings
from crm.customers.customer import mail_address
from crm.customers.lookup import find_customer
from crm.customers.reference import CustomerRef
from crm.db.documents import Data
from crm.db.runner import Runner
from crm.newsletter import unsubscribe_link
from crm.segments.asking import understand
from crm.segments.language.json_form import parse_json

PAGE: Final = 250

SAMPLE: Final = 10_000
"""People of whom it is looked at what they would lack in the mail: all of most audiences."""

RATE: Final = 50.0
"""Mails a second that a provider is supposed to take, where `[mail]` does not limit them."""

_WINDOWS: Final = (("per_second", 1), ("per_hour", 3_600), ("per_day", 86_400))


def preview(
    runner: Runner, campaign: Campaign, customer_id: str | None, landing: str
) -> dict[str, object]:
    """Return a campaign's mail to one person, and what there is to say before it is sent.

    Args:
        runner: Reads everybody in the segment.
        campaign: The campaign.
        customer_id: Whose mail is shown; None for the first one's who gets it, and for an
            example's where nobody does.
        landing: Where unsubscribe links lead.

    Raises:
        Refusal: `not-found` (`no-such-customer`); as `understand`, where the segment cannot be
            asked any more.
        Conflict, Transient: Not settled before the deadline.
    """
    shown = None
    if customer_id is not None:
        shown = find_customer(runner, CustomerRef("customerId", customer_id))
    problems = list(problems_of(runner.settings, campaign))
    audience = Audience()
    people = _people(runner, campaign, audience)
    template = _read(runner, campaign)
    if template is not None:
        problems += _dry(template, (_person(runner, one, landing) for one in _few(people)))
    for _ in people:  # those beyond the sample are counted
        pass
    shown = shown or audience.first
    person = _person(runner, shown[1], landing) if shown else samples()[0]
    mail = _rendered(template, person)
    if isinstance(mail, Problem):
        problems.append(mail)
        mail = Rendered("", "", "")
    return {
        "customerId": shown[0] if shown else None,
        "subject": mail.subject,
        "html": mail.html,
        "text": mail.text,
        "problems": told(dict.fromkeys(sorted(problems, key=lambda one: not one.blocking))),
        "audience": {
            "matched": audience.matched,
            "reachable": audience.reachable,
            "excluded": dict(sorted(audience.excluded.items())),
        },
        "estimate": {"seconds": seconds_for(audience.reachable, runner.settings.mail)},
    }


def _people(runner: Runner, campaign: Campaign, audience: Audience) -> Iterator[Data]:
    """Yield who would get a campaign's mail, and have the others counted."""
    if campaign.people is None:
        node = understand(runner, parse_json(campaign.segment), doubting=False).whole
        return audience.walk(runner, node)
    ids = campaign.people
    return audience.look(runner.retry.call(lambda: named_people(runner, ids, runner.store)))


def seconds_for(mails: int, settings: MailSettings) -> int:
    """Return about how long so many mails take: the time before the first one not counted."""
    longest = mails / RATE
    for name, window in _WINDOWS:
        limit = getattr(settings, name)
        if limit and mails > limit:  # a window's worth goes at once, the rest as it fills again
            longest = max(longest, (mails - limit) / limit * window)
    return -int(-longest // 1)


def _few(people: Iterator[Data]) -> Iterator[Data]:
    for _, one in zip(range(SAMPLE), people, strict=False):
        yield one


def _person(runner: Runner, data: Data, landing: str) -> Person:
    address = mail_address(data) or "nobody@example.com"
    link = unsubscribe_link.link(runner.keys, landing, address)
    return person_of(data, unsubscribe=link, email=address)


def _read(runner: Runner, campaign: Campaign) -> Template | None:
    try:
        return template_of(runner.settings, campaign)
    except Broken:
        return None  # `problems_of` says why


def _rendered(template: Template | None, person: Person) -> Rendered | Problem:
    if template is None:
        return Rendered("", "", "")
    try:
        return template.render(person)
    except CannotRender as error:
        return error.problem


def _dry(template: Template, people: Iterator[Person]) -> Sequence[Problem]:
    """Return what is wrong with the mails to these people, gaps counted."""
    report = dry_run(template, people)
    gaps = [_gap(one, report.rendered) for one in report.gaps]
    failed = []
    if report.failed:
        told_ = f"The mail cannot be made for {report.failed} people: mend what fails."
        failed = [Problem("cannot-render", told_, "body", blocking=True)]
    return [*failed, *gaps, *report.problems]


def _gap(one: Gap, people: int) -> Problem:
    told_ = (
        f"{one.people} of {people} people have no `{one.name}` and would read: “{one.shown}”. Add"
        f" a default: `{{{{ {one.name} | default: '…' }}}}`."
    )
    return Problem("missing-value", told_, "body")
