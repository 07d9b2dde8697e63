"""What sign-ups are asked and attended to with, put together: mailer, links, the sweep's step."""

from __future__ import annotations

from crm.runtime import mailing
from crm.runtime.services import Services
from crm.signup.sending import Post
from crm.signup.waiting import Report, attend


def post_of(services: Services) -> Post:
    """Return what confirmation mails are handed over with."""
    url = services.function_url("confirm_subscription")
    return Post(services.runner, services.mailer, url)


def attend_to_sign_ups(services: Services) -> Report:
    """See to sign-ups once, as the sweep does; only deletes what is over where no mail is sent.

    Raises:
        Transient: The database could not be asked.
    """
    on = mailing.is_set_up(services.settings)
    return attend(services.runner, (lambda: post_of(services)) if on else None)
