"""Whether large mailbox providers will take a sender's mails: a test mail's headers, judged. Pure.

Google, Yahoo and Microsoft demand of who sends many mails: SPF, DKIM and DMARC that pass, a From
that is aligned with them, and one-click unsubscribing that DKIM has signed (RFC 8058). Whether that
holds is only seen on a mail that has arrived: its receiver writes it down (RFC 8601).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from typing import Final, Literal

from crm.mail.authentication import (
    Result,
    Results,
    aligned,
    judged_by,
    tags_of,
    without_comments,
)

MAX_HEADERS: Final = 65_536
"""Bytes of headers that are judged."""

Verdict = Literal["ok", "warn", "fail"]

_FREE: Final = frozenset(
    {
        *("gmail.com", "googlemail.com", "yahoo.com", "ymail.com", "aol.com", "outlook.com"),
        *("hotmail.com", "live.com", "msn.com", "icloud.com", "me.com", "mac.com", "gmx.de"),
        *("gmx.net", "web.de", "t-online.de", "proton.me", "mail.ru", "qq.com", "163.com"),
    }
)
"""Domains of mailboxes: nobody else's server may send for them."""

_ONE_CLICK: Final = "List-Unsubscribe=One-Click"

_MAX_FROM: Final = 2_000

_HTTPS: Final = re.compile(r"<\s*https://[^<>\s]+\s*>", re.IGNORECASE)

_NO_HEADERS: Final = (
    "No result of a receiving server is in it. Send a test mail to a mailbox at Gmail, Outlook,"
    " Yahoo or Fastmail, and paste all headers of the mail as it arrived: in Gmail by `Show"
    " original`, in Outlook by `View message source`, in Yahoo by `View raw message`."
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one demand.

    Attributes:
        check: Which one; stable.
        verdict: `fail`: mails will be refused or called spam. `warn`: some may be.
        message: What there is, and what to mend where; for staff.
    """

    check: str
    verdict: Verdict
    message: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """What was found.

    Attributes:
        host: The receiving server whose word was taken; None where there is none.
        findings: One for each demand, in a fixed order.
    """

    host: str | None
    findings: tuple[Finding, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing fails."""
        return all(one.verdict != "fail" for one in self.findings)

    def to_json(self) -> dict[str, object]:
        """Return it as answers show it."""
        findings = [
            {"check": one.check, "verdict": one.verdict, "message": one.message}
            for one in self.findings
        ]
        return {"ready": self.ready, "judgedBy": self.host, "findings": findings}


def judge(text: str) -> Readiness:
    """Judge the headers of a mail as it arrived.

    Args:
        text: The headers; what follows them is passed over.
    """
    mail = HeaderParser().parsestr(text[:MAX_HEADERS].lstrip("\ufeff \t\r\n"))
    results = judged_by([str(one) for one in mail.get_all("Authentication-Results", [])])
    domain = _from_domain(mail)
    findings = (
        _received(results),
        _from(domain),
        *(_authenticated(results, domain) if results else ()),
        _list_unsubscribe(mail),
        _one_click(mail),
        _signed(mail, results),
        _message_id(mail, domain),
    )
    return Readiness(results.host if results else None, findings)


def _received(results: Results | None) -> Finding:
    if results is None:
        return Finding("received", "fail", _NO_HEADERS)
    return Finding(
        "received",
        "ok",
        f"Judged by what {results.host} wrote when the mail arrived, the topmost of such headers."
        " Is that not your mailbox's server, paste the headers of another mailbox.",
    )


def _from_domain(mail: Message) -> str | None:
    """Return the domain of the one address in From; None where there is not one."""
    written = [str(one)[:_MAX_FROM] for one in mail.get_all("From", [])]
    if len(written) != 1:
        return None
    # Not `email.utils`, which goes as deep as brackets are nested.
    plain = re.sub(r'"[^"]*"', " ", without_comments(written[0]))
    some = re.findall(r"<([^<>]*)>", plain) or [one for one in plain.split(",") if one.strip()]
    if len(some) != 1:
        return None
    domain = some[0].strip().rpartition("@")[2].lower().rstrip(".")
    return domain if re.fullmatch(r"(?:[\w-]{1,63}\.)+[\w-]{2,63}", domain) else None


def _from(domain: str | None) -> Finding:
    if domain is None:
        return Finding(
            "from",
            "fail",
            "The mail must have one From with one address, of a domain of yours: mend `from` under"
            " [mail] in crm.toml.",
        )
    if domain in _FREE:
        return Finding(
            "from",
            "fail",
            f"From is an address at {domain}, for which no server of yours may send: write one of"
            " your own domain into `from` under [mail] in crm.toml.",
        )
    return Finding("from", "ok", f"From is an address of {domain}.")


def _authenticated(results: Results, domain: str | None) -> Iterator[Finding]:
    spf, dkim, dmarc = (results.of(method) for method in ("spf", "dkim", "dmarc"))
    yield _spf(spf)
    yield _dkim(dkim, domain)
    yield _alignment(spf, dkim, domain)
    yield _dmarc(dmarc, domain)


def _spf(some: Sequence[Result]) -> Finding:
    passed = next((one for one in some if one.value == "pass"), None)
    if passed is not None:
        return Finding("spf", "ok", f"SPF passes for {passed.domain or 'the sender'}.")
    value = some[0].value if some else "missing"
    domain = next((one.domain for one in some if one.domain), None) or "the Return-Path's domain"
    return Finding(
        "spf",
        "fail",
        f"SPF is `{value}`. Add your mail provider to the TXT record `v=spf1 …` of {domain}, at the"
        " host of your DNS, as the provider's page on domain authentication says. Google, Yahoo and"
        " Microsoft demand it.",
    )


def _dkim(some: Sequence[Result], domain: str | None) -> Finding:
    passed = [one for one in some if one.value == "pass"]
    if any(aligned(one.domain, domain) for one in passed):
        return Finding("dkim", "ok", f"DKIM passes, signed by {domain}.")
    where = f"{domain or 'your domain'}"
    if passed:
        return Finding(
            "dkim",
            "warn",
            f"DKIM passes, but it is {passed[0].domain or 'another domain'} that has signed. Have"
            f" your mail provider sign as {where}: publish the CNAME or TXT records"
            f" `…._domainkey.{where}` that it shows for your domain.",
        )
    value = some[0].value if some else "missing"
    return Finding(
        "dkim",
        "fail",
        f"DKIM is `{value}`. Publish the CNAME or TXT records `…._domainkey.{where}` that your mail"
        " provider shows for your domain, and have it sign. Google, Yahoo and Microsoft demand it.",
    )


def _alignment(spf: Sequence[Result], dkim: Sequence[Result], domain: str | None) -> Finding:
    def any_aligned(some: Sequence[Result]) -> bool:
        return any(one.value == "pass" and aligned(one.domain, domain) for one in some)

    if any_aligned(dkim):
        return Finding("alignment", "ok", "From is aligned with DKIM's domain.")
    if any_aligned(spf):
        return Finding(
            "alignment",
            "warn",
            "From is aligned with SPF's domain alone, so forwarded mails fail: have DKIM sign as"
            " the domain of From.",
        )
    return Finding(
        "alignment",
        "fail",
        "From is of another domain than SPF and DKIM speak for. Set up your own domain at the mail"
        " provider (domain authentication), or send from the domain that is set up there. Google,"
        " Yahoo and Microsoft demand it.",
    )


def _dmarc(some: Sequence[Result], domain: str | None) -> Finding:
    values = [one.value for one in some]
    where = f"_dmarc.{domain or 'your domain'}"
    if "pass" in values:
        return Finding("dmarc", "ok", "DMARC passes.")
    if not values or values[0] in ("none", "bestguesspass"):
        return Finding(
            "dmarc",
            "fail",
            f'There is no DMARC record. Publish the TXT record {where}: "v=DMARC1; p=none;'
            ' rua=mailto:…", at the host of your DNS. Google, Yahoo and Microsoft demand one.',
        )
    return Finding(
        "dmarc",
        "fail",
        f"DMARC is `{values[0]}`: neither SPF nor DKIM passes for the domain of From. Mend those"
        f" first; look at the TXT record {where} where they pass.",
    )


def _list_unsubscribe(mail: Message) -> Finding:
    some = [str(one) for one in mail.get_all("List-Unsubscribe", [])]
    if len(some) == 1 and _HTTPS.search(some[0]):
        return Finding("list-unsubscribe", "ok", "List-Unsubscribe has a link by https.")
    what = "is missing"
    if some:
        what = "stands there twice" if len(some) > 1 else "has no link by https"
    return Finding(
        "list-unsubscribe",
        "fail",
        f"List-Unsubscribe {what}. CRM-Lite writes it: see that your mail provider passes it on and"
        " does not put its own in its place. Google and Yahoo demand it.",
    )


def _one_click(mail: Message) -> Finding:
    some = [str(one).strip() for one in mail.get_all("List-Unsubscribe-Post", [])]
    if some == [_ONE_CLICK]:
        return Finding("one-click", "ok", "List-Unsubscribe-Post says that one click is enough.")
    what = "is not" if some else "is missing: it must be"
    return Finding(
        "one-click",
        "fail",
        f"List-Unsubscribe-Post {what} `{_ONE_CLICK}` (RFC 8058). CRM-Lite writes it: see that your"
        " mail provider passes it on. Google and Yahoo demand it.",
    )


def _signed(mail: Message, results: Results | None) -> Finding:
    wanted = {"list-unsubscribe", "list-unsubscribe-post"}
    signatures = [tags_of(str(one)) for one in mail.get_all("DKIM-Signature", [])]
    good = {one.domain for one in (results.of("dkim") if results else ()) if one.value == "pass"}
    for tags in signatures:
        names = {name.strip().lower() for name in tags.get("h", "").split(":")}
        if tags.get("d", "").lower() in good and wanted <= names:
            return Finding("one-click-signed", "ok", "DKIM has signed both of these headers.")
    if not signatures:
        return Finding(
            "one-click-signed",
            "warn",
            "No DKIM-Signature is in what was pasted, so nobody can tell whether it covers"
            " List-Unsubscribe and List-Unsubscribe-Post: paste all headers.",
        )
    return Finding(
        "one-click-signed",
        "fail",
        "No DKIM signature that passes covers List-Unsubscribe and List-Unsubscribe-Post (its `h=`"
        " does not name them), so mail programs show no button (RFC 8058, section 4). Ask your mail"
        " provider to sign them.",
    )


def _message_id(mail: Message, domain: str | None) -> Finding:
    some = [str(one).strip() for one in mail.get_all("Message-ID", [])]
    found = re.fullmatch(r"<[^<>@\s]+@([^<>@\s]+)>", some[0]) if len(some) == 1 else None
    if found is None:
        return Finding(
            "message-id",
            "fail",
            "The mail must have one Message-ID, `<…@…>`: without it Gmail refuses mails. See that"
            " your mail provider passes on the one that CRM-Lite writes.",
        )
    if aligned(found[1].lower(), domain):
        return Finding("message-id", "ok", "Message-ID is of the domain of From.")
    return Finding(
        "message-id",
        "warn",
        "Message-ID is of another domain than From: your mail provider has put its own there. That"
        " harms little, but bounces are then known by the provider's id alone.",
    )
