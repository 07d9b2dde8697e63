"""What servers really say, and what it means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.mail import answers
from crm.mail.answers import Stage, of_http, of_smtp
from crm.mail.port import Accepted, Answer, Halt, Later, Refused

SAID: list[tuple[str, Stage, str, Answer | str]] = [
    # --- taken
    ("Postfix", "end", "250 2.0.0 Ok: queued as 4FD0H21TQJz2xZ", Accepted("4FD0H21TQJz2xZ")),
    ("Exim", "end", "250 OK id=1rAbcD-0003xY-2Z", Accepted("1rAbcD-0003xY-2Z")),
    (
        "Amazon SES",
        "end",
        "250 Ok 0100018f5a7e2c31-6b3e9f10-0000-4c5d-9e11-aa0011223344-000000",
        Accepted("0100018f5a7e2c31-6b3e9f10-0000-4c5d-9e11-aa0011223344-000000"),
    ),
    ("Gmail", "end", "250 2.0.0 OK  1700000000 d2e1a72fcca58-6c4 - gsmtp", Accepted(None)),
    ("Postmark", "end", "250 2.0.0 Ok: queued as 9A8B7C6D5E", Accepted("9A8B7C6D5E")),
    ("sendmail", "end", "250 2.0.0 ok: ann@example.com", Accepted(None)),
    # --- not now, this domain
    (
        "Postfix greylisting",
        "recipient",
        "450 4.2.0 <ann@example.com>: Recipient address rejected: Greylisted",
        Later("450 4.2.0"),
    ),
    ("Exim", "recipient", "451 Temporary local problem - please try later", Later("451")),
    (
        "Gmail",
        "recipient",
        "450 4.2.1 The user you are trying to contact is receiving mail too quickly.",
        Later("450 4.2.1"),
    ),
    (
        "Gmail",
        "recipient",
        "452 4.2.2 The email account that you tried to reach is over quota.",
        Later("452 4.2.2"),
    ),
    ("Gmail", "end", "451 4.3.0 Mail server temporarily rejected message.", Later("451 4.3.0")),
    ("Outlook", "recipient", "451 4.7.1 Greylisted, please try again", Later("451 4.7.1")),
    # --- not now, nobody
    ("Amazon SES", "end", "454 Throttling failure: Maximum sending rate exceeded", "whole"),
    ("Amazon SES", "end", "454 Throttling failure: Daily message quota exceeded", "whole"),
    ("Amazon SES", "connect", "421 Too many concurrent SMTP connections", "whole"),
    ("Gmail", "recipient", "421 4.7.28 Gmail has detected an unusual rate of email", "whole"),
    ("Gmail", "login", "454 4.7.0 Cannot authenticate due to temporary system problem.", "whole"),
    ("Gmail", "recipient", "450 4.2.1 Peak SMTP relay limit exceeded for customer.", "whole"),
    ("Postfix", "sender", "450 4.7.1 Error: too much mail from 192.0.2.1", "whole"),
    ("Postfix", "sender", "452 4.3.1 Insufficient system storage", "whole"),
    ("Postfix", "recipient", "421 4.3.0 Error: too many errors", "whole"),
    ("Outlook", "recipient", "451 4.7.500 Server busy. Please try again later", "whole"),
    ("Gmail", "end", "550 5.4.5 Daily user sending limit exceeded.", "hour"),
    (
        "Outlook",
        "end",
        "550 5.7.232 Your message can't be sent because your trial tenant has exceeded its limit",
        "hour",
    ),
    ("Outlook", "end", "554 5.2.0 STOREDRV; SubmissionQuotaExceededException", "hour"),
    # --- this mailbox is none
    (
        "Postfix",
        "recipient",
        "550 5.1.1 <gone@example.com>: Recipient address rejected: User unknown",
        Refused("550 5.1.1", unreachable=True),
    ),
    (
        "Gmail",
        "recipient",
        "550 5.1.1 The email account that you tried to reach does not exist.",
        Refused("550 5.1.1", unreachable=True),
    ),
    (
        "Outlook",
        "recipient",
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found",
        Refused("550 5.1.10", unreachable=True),
    ),
    ("Exim", "recipient", "550 Unrouteable address", Refused("550", unreachable=True)),
    ("qmail", "recipient", "550 No such user here", Refused("550", unreachable=True)),
    ("Yahoo", "recipient", "550 5.1.0 Address rejected.", Refused("550 5.1.0", unreachable=True)),
    ("any", "recipient", "551 User not local; please try <x@example.org>", "unreachable"),
    ("any", "recipient", "553 5.1.3 Invalid address syntax", "unreachable"),
    ("any", "recipient", "550 Requested action not taken: mailbox unavailable", "unreachable"),
    ("Gmail", "recipient", "550 5.2.1 The email account is disabled.", "unreachable"),
    # --- this mail, this person
    (
        "Gmail",
        "end",
        "550 5.7.1 This message violates example.com email policy. - gcdp",
        Refused("550 5.7.1"),
    ),
    ("Postfix", "end", "554 5.7.1 Message rejected as spam by Content Filtering.", "refused"),
    ("Gmail", "recipient", "552 5.2.2 The email account is over its storage quota.", "refused"),
    ("Postfix", "sender", "552 5.3.4 Message size exceeds fixed limit", Refused("552 5.3.4")),
    ("any", "end", "552 Too much mail data", Refused("552")),
    ("Exim", "recipient", "550 Administrative prohibition", Refused("550")),
    ("any", "recipient", "500 Command line too long", Refused("500")),
    # --- nobody's mail would be taken
    ("Gmail", "login", "535 5.7.8 Username and Password not accepted.", answers.LOGIN),
    ("Postfix", "login", "535 5.7.8 Error: authentication failed: UGFzc3dvcmQ6", answers.LOGIN),
    ("Gmail", "login", "534 5.7.9 Application-specific password required.", answers.LOGIN),
    ("Outlook", "login", "535 5.7.139 Authentication unsuccessful, basic auth off", answers.LOGIN),
    ("Outlook", "sender", "530 5.7.57 Client not authenticated to send mail.", answers.LOGIN),
    ("Postfix", "sender", "530 5.7.0 Authentication required", answers.LOGIN),
    ("Postfix", "sender", "530 5.7.0 Must issue a STARTTLS command first", answers.TLS),
    ("any", "login", "538 5.7.11 Encryption required", answers.LOGIN),
    ("Exim", "connect", "554 5.7.1 Your network is blocked", answers.CONNECT),
    (
        "Gmail",
        "end",
        "550 5.7.26 Your email has been blocked because the sender is unauthenticated.",
        answers.PROOF,
    ),
    (
        "Outlook",
        "end",
        "550 ; 5.7.515 Access denied, sending domain example.com does not meet the level",
        answers.PROOF,
    ),
    ("Outlook", "end", "550 5.7.509 Access denied, sending domain fails DMARC", answers.PROOF),
    (
        "Yahoo",
        "end",
        "554 Message not accepted: failed DMARC policy check, dmarc fail",
        answers.PROOF,
    ),
    (
        "Postfix",
        "recipient",
        "553 5.7.1 <news@example.com>: Sender address rejected: not owned by user me",
        answers.SENDER,
    ),
    (
        "Amazon SES",
        "end",
        "554 Message rejected: Email address is not verified. The following identities failed",
        answers.SENDER,
    ),
    ("Outlook", "end", "554 5.7.60 Client does not have permissions to send as", answers.SENDER),
    ("any", "sender", "550 5.1.8 Sender domain does not exist", answers.SENDER),
    ("any", "sender", "553 Mailbox name not allowed", answers.SENDER),
    ("any", "sender", "550 5.7.1 Not allowed", answers.SENDER),
    (
        "Postfix",
        "recipient",
        "554 5.7.1 <ann@example.com>: Relay access denied",
        answers.RELAY,
    ),
    ("Exim", "recipient", "550 relay not permitted", answers.RELAY),
    ("any", "tls", "502 5.5.1 Command not implemented", answers.TLS),
    ("any", "sender", "503 This mail server requires authentication", answers.LOGIN),
    ("Postfix", "recipient", "503 5.5.1 Error: need MAIL command", "whole"),
    # --- no SMTP server
    ("HTTP", "connect", "200 OK", "whole"),
]


def _is(found: Answer, expected: Answer | str) -> bool:
    if not isinstance(expected, str):
        return found == expected
    match found:
        case Halt(message=message):
            return message == expected
        case Later(whole=True, seconds=seconds):
            return expected == ("whole" if seconds is None else "hour")
        case Refused(unreachable=unreachable):
            return expected == ("unreachable" if unreachable else "refused")
    return False


@pytest.mark.parametrize(
    ("stage", "said", "expected"),
    [one[1:] for one in SAID],
    ids=[f"{who}: {said[:30]}" for who, _, said, _ in SAID],
)
def test_an_smtp_answer_means(stage: Stage, said: str, expected: Answer | str) -> None:
    code, _, text = said.partition(" ")
    found = of_smtp(stage, int(code), text)
    assert _is(found, expected), found


REPLIED: list[tuple[str, int, str, Answer | str]] = [
    ("Postmark", 401, '{"ErrorCode": 10, "Message": "Bad or missing API token"}', answers.LOGIN),
    (
        "Postmark",
        422,
        '{"ErrorCode": 400, "Message": "The \'From\' address you supplied is not a Sender Signature'
        ' on your account."}',
        answers.SENDER,
    ),
    (
        "Postmark",
        422,
        '{"ErrorCode": 412, "Message": "account is pending approval"}',
        answers.ACCOUNT,
    ),
    ("Mailgun", 401, "Forbidden", answers.LOGIN),
    ("Mailgun", 404, '{"message": "Domain not found: example.com"}', answers.SENDER),
    ("Mailgun", 400, '{"message": "to parameter is not a valid address."}', Refused("400")),
    ("Mailgun", 400, '{"message": "from parameter is not a valid address."}', answers.SENDER),
    ("Mailgun", 402, "Payment Required", answers.ACCOUNT),
    ("Resend", 403, '{"message": "The example.com domain is not verified."}', answers.SENDER),
    ("Resend", 422, '{"message": "Invalid `to` field."}', Refused("422")),
    ("Resend", 422, '{"message": "Invalid `from` field."}', answers.SENDER),
    (
        "Brevo",
        400,
        '{"code": "invalid_parameter", "message": "email is not valid in to"}',
        "refused",
    ),
    (
        "Brevo",
        400,
        '{"message": "Sending has been rejected because the sender you used is not valid."}',
        answers.SENDER,
    ),
    ("SparkPost", 420, '{"errors": [{"message": "Exceed Sending Limit (daily)"}]}', "whole"),
    ("any", 413, "Request Entity Too Large", Refused("413")),
    ("any", 429, "Too many requests", "whole"),
    ("any", 503, "Service unavailable", "whole"),
]


@pytest.mark.parametrize(
    ("status", "text", "expected"),
    [one[1:] for one in REPLIED],
    ids=[f"{who} {status}: {text[:30]}" for who, status, text, _ in REPLIED],
)
def test_an_http_answer_means(status: int, text: str, expected: Answer | str) -> None:
    found = of_http(status, text)
    assert _is(found, expected), found


def test_a_provider_says_how_long_to_wait() -> None:
    assert of_http(429, "", seconds=17) == Later("429", whole=True, seconds=17)


@given(
    st.sampled_from(["connect", "tls", "login", "sender", "recipient", "data", "end"]),
    st.integers(100, 999),
    st.text(max_size=40),
)
def test_no_answer_keeps_anything_of_the_text(stage: Stage, code: int, text: str) -> None:
    mark = "victim.person@example.com"
    found = of_smtp(stage, code, f"{text} <{mark}> {text} queued as {mark}")
    assert "victim" not in repr(found)


@given(st.sampled_from(["recipient", "data", "end"]), st.text(max_size=60))
def test_four_hundreds_are_never_final(stage: Stage, text: str) -> None:
    assert all(isinstance(of_smtp(stage, code, text), Later) for code in (421, 450, 451, 452, 454))
