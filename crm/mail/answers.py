"""What a server's answer means for the person and for everybody else. Pure, one table each.

A server's text can hold the address: it is looked at here, and never kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from crm.mail.port import Accepted, Answer, Halt, Later, Mail, Refused

Stage = Literal["connect", "tls", "login", "sender", "recipient", "data", "end"]
"""Where in a session an answer came: `data` to the verb, `end` to the text's last dot."""

SESSION: Final = frozenset({"connect", "tls", "login"})

HOUR: Final = 3600.0

Kind = Literal["later", "whole", "hour", "refused", "unreachable", "halt"]

_SET_IT: Final = (
    "store it with `firebase functions:secrets:set CRM_MAIL`, deploy, and resume the campaign."
)

LOGIN: Final = (
    f"The mail server refuses the login: check the key or password in CRM_MAIL, {_SET_IT}"
)
SENDER: Final = (
    "The mail server refuses the sender: `from` of [mail] in crm.toml has to be an address that"
    " this account may send for. Have its domain verified there, or change `from`, and resume."
)
PROOF: Final = (
    "The sender's domain does not prove its mails: set SPF, DKIM and DMARC as the provider says"
    " (docs/mail.md), and resume."
)
RELAY: Final = (
    "The mail server does not pass on mails of this account: check user and password, host and port"
    f" in CRM_MAIL, {_SET_IT}"
)
TLS: Final = (
    "The connection to the mail server cannot be protected: check host and port in CRM_MAIL (587"
    f" for smtp://, 465 for smtps://), {_SET_IT}"
)
CONNECT: Final = (
    "The mail server refuses the connection: check host and port in CRM_MAIL, and whether the"
    " provider has blocked the account or the network, and resume."
)
ACCOUNT: Final = (
    "The provider does not send for this account: look there whether it is approved, paid for and"
    " not suspended, and resume."
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an answer means where all that is said here fits.

    Attributes:
        kind: What it means.
        code: A pattern of the three digits.
        enhanced: A pattern of the enhanced code (RFC 3463); None for any, and for none.
        words: A pattern in the text, in lower case; None for any.
        stages: Where; None for everywhere.
        message: For `halt`: what to tell staff.
    """

    kind: Kind
    code: str
    enhanced: str | None = None
    words: str | None = None
    stages: frozenset[str] | None = None
    message: str = ""

    def fits(self, stage: str, code: str, enhanced: str, text: str) -> bool:
        """Return whether it is about such an answer."""
        return (
            (self.stages is None or stage in self.stages)
            and re.fullmatch(self.code, code) is not None
            and (self.enhanced is None or re.fullmatch(self.enhanced, enhanced) is not None)
            and (self.words is None or re.search(self.words, text) is not None)
        )


_RECIPIENT: Final = frozenset({"recipient", "data", "end"})
_MAIL: Final = frozenset({"sender"})

SMTP: Final[tuple[Rule, ...]] = (
    # Not now.
    Rule("whole", "421|454"),
    Rule("whole", "4..", stages=SESSION | _MAIL),
    Rule(
        "whole",
        "4..",
        words=r"throttl|(rate|relay|sending) limit|too (many|much) (mail|message)|server busy",
    ),
    Rule("later", "4.."),
    # Limits of the account that are said as final.
    Rule("hour", "5..", r"5\.4\.5|5\.7\.23[23]"),
    Rule("hour", "5..", words=r"quotaexceeded|sending (limit|quota) exceeded|throttl"),
    # The session itself.
    Rule("halt", "5..", stages=frozenset({"login"}), message=LOGIN),
    Rule("halt", "5..", stages=frozenset({"tls"}), message=TLS),
    Rule("halt", "530", words="starttls", message=TLS),
    Rule("halt", "5..", r"5\.7\.(3|8|9|11|14|57|139)", message=LOGIN),
    Rule("halt", "53[0458]", message=LOGIN),
    Rule("halt", "503", words="authenti", message=LOGIN),
    Rule("whole", "503"),
    Rule("halt", "5..", stages=frozenset({"connect"}), message=CONNECT),
    # The sender, and its domain: nobody's mail would be taken.
    Rule("halt", "5..", r"5\.7\.(2[0-9]|509|515)", message=PROOF),
    Rule("halt", "5..", words=r"(dmarc|spf|dkim).{0,60}(fail|reject|pass|policy)", message=PROOF),
    Rule("halt", "5..", r"5\.7\.(5[01][0-9]|60|70[58]|750)|5\.1\.[78]", message=SENDER),
    Rule("halt", "5..", words=r"relay(ing)? (access )?(is )?(denied|not)|not relay", message=RELAY),
    Rule(
        "halt",
        "5..",
        words=r"sender (address|verify|domain)?.{0,80}(reject|fail|denied|not)|not verified"
        r"|send as this sender|from address",
        message=SENDER,
    ),
    Rule("refused", "552|5..", r"5\.3\.4|5\.2\.3", stages=_MAIL),
    Rule("refused", "552", stages=_MAIL),
    Rule("halt", "5..", stages=_MAIL, message=SENDER),
    # This person.
    Rule("unreachable", "5..", r"5\.1\.(0|1|2|3|6|10)|5\.2\.1|5\.4\.(4|310)", stages=_RECIPIENT),
    Rule("unreachable", "551", stages=_RECIPIENT),
    Rule("unreachable", "553", "", stages=_RECIPIENT),
    Rule(
        "unreachable",
        "55[0-4]",
        "",
        words=r"(user|recipient|mailbox|address|account).{0,40}"
        r"(unknown|not found|does ?n[o']t exist|unavailable|invalid|disabled)"
        r"|(no such|unknown|invalid|unrouteable) (user|recipient|mailbox|address|account|local)"
        r"|no mailbox",
        stages=_RECIPIENT,
    ),
    Rule("refused", "5.."),
)
"""From the top, the first that fits holds."""

HTTP: Final[tuple[Rule, ...]] = (
    Rule("whole", "408|420|429|503"),
    Rule("halt", "40[25]", message=ACCOUNT),
    Rule("halt", "40[13]", words=r"verif|domain|sender|signature|from", message=SENDER),
    Rule("halt", "40[13]", message=LOGIN),
    Rule("halt", "404", message=SENDER),
    Rule(
        "halt",
        "4..",
        words=r"pending approval|not (active|approved|activated)|suspended|out of credits|disabled",
        message=ACCOUNT,
    ),
    Rule(
        "halt",
        "4..",
        words=r"sender|sending domain|signature|not verified|unverified"
        r"|\bfrom\W{1,3}(address|field|email|parameter|header)|(invalid|missing) .?from\b",
        message=SENDER,
    ),
    Rule("refused", "4.."),
)
"""As `SMTP`, of the status of an HTTP answer that was given. What 5xx means, the provider knows:
`lost` in `anymail.py`."""

_ENHANCED: Final = re.compile(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}(?![0-9.])")

_QUEUED: Final = re.compile(
    r"(?:queued as|\bid[=:])\s*<?([A-Za-z0-9][A-Za-z0-9._-]{3,79})"
    r"|^(?:ok:?\s+)<?([A-Za-z0-9][A-Za-z0-9._-]{9,79})>?\s*$",
    re.IGNORECASE,
)


def of_smtp(stage: Stage, code: int, text: str) -> Answer:
    """Return what an SMTP server's answer means.

    Args:
        stage: Where it came.
        code: The three digits.
        text: What stands behind them, the lines of a long answer too.
    """
    enhanced = enhanced_of(text)
    if 200 <= code < 300 and stage == "end":
        return Accepted(queue_id(text))
    named = f"{code} {enhanced}".strip()
    for rule in SMTP:
        if rule.fits(stage, str(code), enhanced, text.lower()):
            return _answer(rule, named)
    # Neither 4xx nor 5xx where one of them was due: a server that does not speak SMTP.
    return Later(named, whole=True)


def of_http(status: int, text: str, seconds: float | None = None) -> Answer:
    """Return what a provider's refusal means; 5xx but 503 is nobody's to know (see `HTTP`).

    Args:
        status: Of the answer, 400 to 499, or 503.
        text: Its body.
        seconds: What `Retry-After` says.
    """
    for rule in HTTP:
        if rule.fits("end", str(status), "", text.lower()):
            found = _answer(rule, str(status))
            return Later(found.code, True, seconds) if isinstance(found, Later) else found
    return Later(str(status), whole=True)


def concerns_all(answer: Answer) -> bool:
    """Return whether an answer holds for every mail that follows (see `port.Mailer.send`)."""
    return isinstance(answer, Halt) or (isinstance(answer, Later) and answer.whole)


def one_after_the_other(
    mails: Iterable[Mail], hand_over: Callable[[Mail], Answer]
) -> Iterator[Answer]:
    """Yield the answer of each mail; what concerns all is answered for those that follow, untried.

    Args:
        mails: The mails.
        hand_over: Hands one over. Called only as its answer is asked for.
    """
    for_all: Answer | None = None
    for mail in mails:
        answer = for_all or hand_over(mail)
        if concerns_all(answer):
            for_all = answer
        yield answer


def enhanced_of(text: str) -> str:
    """Return the enhanced code that an answer begins with (RFC 2034); empty for none.

    Microsoft writes `550; 5.7.515`, and Gmail `550-5.7.26` on every line: what is before the digits
    is cut off by who read the line.
    """
    found = _ENHANCED.match(text.lstrip("; -"))
    return found[0] if found else ""


def queue_id(text: str) -> str | None:
    """Return what a server calls a mail that it has taken, where it says it in a usual way.

    Postfix `queued as 4D1F2`, Exim `id=1x2-y3`, Amazon SES `Ok 0100…-000000`. Nothing with an `@`.
    """
    rest = text.lstrip("; -")
    found = _QUEUED.search(rest[len(enhanced_of(text)) :].strip())
    if found is None:
        return None
    after = rest[len(enhanced_of(text)) :].strip()[found.end() :]
    return None if after.startswith("@") else (found[1] or found[2])


def _answer(rule: Rule, code: str) -> Answer:
    if rule.kind == "halt":
        return Halt(code, rule.message)
    if rule.kind in ("refused", "unreachable"):
        return Refused(code, unreachable=rule.kind == "unreachable")
    if rule.kind == "later":
        return Later(code)
    return Later(code, whole=True, seconds=HOUR if rule.kind == "hour" else None)
