"""A test mail's headers, as Gmail, Outlook, Yahoo, Fastmail and iCloud write them, judged."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.mail.authentication import NAMELESS, aligned, organisation_of
from crm.mail.readiness import MAX_HEADERS, Readiness, judge

MAIL = """\
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.com; s=s1;
 h=from:to:subject:date:message-id:list-unsubscribe:
 list-unsubscribe-post; bh=abc=; b=def=
From: Example Events <news@example.com>
To: Staff <staff@gmail.com>
Message-ID: <abc-def@example.com>
List-Unsubscribe: <https://example.com/unsubscribe?token=abc>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
Subject: A test
"""

GMAIL = """\
Delivered-To: staff@gmail.com
Received: by 2002:a05:6a11:4090:b0:5d8:1:2 with SMTP id x; Sun, 1 Nov 2026 01:00:00 -0700 (PDT)
ARC-Authentication-Results: i=1; mx.google.com;
       dkim=fail header.i=@example.com; spf=fail smtp.mailfrom=example.com
Return-Path: <bounce+1@mail.example.com>
Received: from o1.provider.example (o1.provider.example. [192.0.2.1])
        by mx.google.com with ESMTPS id y for <staff@gmail.com>
Received-SPF: pass (google.com: domain of bounce+1@mail.example.com designates 192.0.2.1 as
 permitted sender) client-ip=192.0.2.1;
Authentication-Results: mx.google.com;
       dkim=pass header.i=@example.com header.s=s1 header.b=Ax3Fq1;
       dkim=pass header.i=@provider.example header.s=smtp header.b=Bx3Fq1;
       spf=pass (google.com: domain of bounce+1@mail.example.com designates 192.0.2.1 as permitted
 sender) smtp.mailfrom="bounce+1@mail.example.com";
       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=example.com
"""

OUTLOOK = """\
Received: from AM0EUR02FT012.eop-EUR02.prod.protection.outlook.com (2603:10a6::1) by
 AM0PR0.outlook.office365.com with HTTPS; Sun, 1 Nov 2026 08:00:00 +0000
Authentication-Results: spf=pass (sender IP is 192.0.2.1)
 smtp.mailfrom=mail.example.com; dkim=pass (signature was verified)
 header.d=example.com;dmarc=pass action=none
 header.from=example.com;compauth=pass reason=100
Received-SPF: Pass (protection.outlook.com: domain of mail.example.com designates 192.0.2.1 as
 permitted sender) receiver=protection.outlook.com; client-ip=192.0.2.1;
"""

YAHOO = """\
X-Apparently-To: staff@yahoo.com; Sun, 1 Nov 2026 08:00:00 +0000
Return-Path: <bounce@mail.example.com>
Received-SPF: pass (domain of mail.example.com designates 192.0.2.1 as permitted sender)
Authentication-Results: atlas-production.v2-mail-prod1-gq1.omega.yahoo.com;
 dkim=pass header.i=@example.com header.s=s1;
 spf=pass smtp.mailfrom=mail.example.com;
 dmarc=pass(p=REJECT) header.from=example.com;
Received: from 192.0.2.1 (EHLO o1.provider.example) by 10.0.0.1 with SMTPs
"""

FASTMAIL = """\
Return-Path: <bounce@mail.example.com>
Received: from mx6.messagingengine.com ([10.202.2.205]) by compute1.internal (LMTPProxy)
Authentication-Results: mx6.messagingengine.com;
    bimi=none (No BIMI records found)
Authentication-Results: mx6.messagingengine.com;
    arc=none (no signatures found)
Authentication-Results: mx6.messagingengine.com;
    dkim=pass (2048-bit rsa key sha256) header.d=example.com
      header.i=@example.com header.b=Qx1 header.a=rsa-sha256 header.s=s1 x-bits=2048;
    dmarc=pass policy.published-domain-policy=quarantine
      policy.applied-disposition=none policy.evaluated-disposition=none
      (p=quarantine,d=none,d.eval=none) policy.policy-from=p header.from=example.com;
    iprev=pass smtp.remote-ip=192.0.2.1 (o1.provider.example);
    spf=pass smtp.mailfrom=bounce@mail.example.com smtp.helo=o1.provider.example
"""

ICLOUD = """\
Received: from st43p00im.me.com by p43.icloud.com with LMTP
Authentication-Results: bimi.icloud.com; bimi=none
Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=example.com
Authentication-Results: dkim-verifier.icloud.com;
 dkim=pass (2048-bit key) header.d=example.com header.i=@example.com header.b=abc
Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of
 bounce@mail.example.com designates 192.0.2.1 as permitted sender)
 smtp.mailfrom=bounce@mail.example.com
"""

SAMPLES = {
    "mx.google.com": GMAIL,
    NAMELESS: OUTLOOK,
    "atlas-production.v2-mail-prod1-gq1.omega.yahoo.com": YAHOO,
    "mx6.messagingengine.com": FASTMAIL,
    "bimi.icloud.com": ICLOUD,
}


def verdicts(found: Readiness) -> dict[str, str]:
    return {one.check: one.verdict for one in found.findings}


def changed(*pairs: tuple[str, str], base: str = GMAIL + MAIL) -> dict[str, str]:
    for before, behind in pairs:
        assert before in base, before
        base = base.replace(before, behind)
    return verdicts(judge(base))


CHECKS = [
    *("received", "from", "spf", "dkim", "alignment", "dmarc"),
    *("list-unsubscribe", "one-click", "one-click-signed", "message-id"),
]


@pytest.mark.parametrize("host", SAMPLES, ids=lambda host: host.split(" ")[0])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_good_mail_is_ready_whoever_received_it(host: str, ends: str) -> None:
    found = judge((SAMPLES[host] + MAIL + "\nThe text: dkim=fail").replace("\n", ends))
    assert verdicts(found) == dict.fromkeys(CHECKS, "ok"), found
    assert (found.ready, found.host) == (True, host)
    assert host in found.findings[0].message


@pytest.mark.parametrize("before", ["\n\n", "\ufeff", "  \n"])
def test_blanks_before_what_was_pasted_do_not_matter(before: str) -> None:
    assert judge(before + GMAIL + MAIL).ready


@pytest.mark.parametrize(
    ("pairs", "differs"),
    [
        ([("spf=pass", "spf=softfail")], {"spf": "fail"}),
        (
            [("dkim=pass header.i=@example.com", "dkim=fail header.i=@example.com")],
            {"dkim": "warn", "alignment": "warn", "one-click-signed": "fail"},
        ),
        (
            [("dkim=pass", "dkim=neutral")],
            {"dkim": "fail", "alignment": "warn", "one-click-signed": "fail"},
        ),
        (
            [("dkim=pass", "dkim=none"), ("spf=pass", "spf=none"), ("dmarc=pass", "dmarc=fail")],
            {
                "spf": "fail",
                "dkim": "fail",
                "alignment": "fail",
                "dmarc": "fail",
                "one-click-signed": "fail",
            },
        ),
        ([("dmarc=pass", "dmarc=none")], {"dmarc": "fail"}),
        ([("dmarc=pass", "dmarc=bestguesspass")], {"dmarc": "fail"}),
        ([("dmarc=pass", "dmarc=temperror")], {"dmarc": "fail"}),
        (
            [("news@example.com", "news@elsewhere.org")],
            {"dkim": "warn", "alignment": "fail", "message-id": "warn"},
        ),
        (
            [("news@example.com", "news@gmail.com")],
            {"from": "fail", "dkim": "warn", "alignment": "fail", "message-id": "warn"},
        ),
        ([("<abc-def@example.com>", "<abc@provider.example>")], {"message-id": "warn"}),
        ([("<abc-def@example.com>", "abc")], {"message-id": "fail"}),
        ([("Message-ID: <abc-def@example.com>\n", "")], {"message-id": "fail"}),
        ([("<https://", "<http://")], {"list-unsubscribe": "fail"}),
        ([("<https://", "<mailto:leave@example.com>, <https://")], {}),
        (
            [("<https://example.com/unsubscribe?token=abc>", "<mailto:leave@example.com>")],
            {"list-unsubscribe": "fail"},
        ),
        ([("List-Unsubscribe=One-Click", "List-Unsubscribe=one-click")], {"one-click": "fail"}),
        ([("List-Unsubscribe-Post: ", "X-Post: ")], {"one-click": "fail"}),
        ([(":list-unsubscribe:\n list-unsubscribe-post", "")], {"one-click-signed": "fail"}),
        ([(":\n list-unsubscribe-post", "")], {"one-click-signed": "fail"}),
        ([("DKIM-Signature", "X-Signature")], {"one-click-signed": "warn"}),
        ([("d=example.com; s=s1", "d=forged.example; s=s1")], {"one-click-signed": "fail"}),
    ],
    ids=repr,
)
def test_what_is_not_as_it_should_be_is_found(
    pairs: list[tuple[str, str]], differs: dict[str, str]
) -> None:
    assert changed(*pairs) == {**dict.fromkeys(CHECKS, "ok"), **differs}


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        ("news@example.com", "ok"),
        ('"Ada, of a@b.c" <news@example.com>', "ok"),
        ("Events (a@b.c, really) <news@example.com>", "ok"),
        ("a@example.com, b@example.com", "fail"),
        ("<a@example.com>, <b@example.com>", "fail"),
        ("news@example.com\nFrom: other@example.com", "fail"),
        ("news", "fail"),
        ("", "fail"),
    ],
)
def test_a_mail_has_one_from(written: str, verdict: str) -> None:
    assert changed(("Example Events <news@example.com>", written))["from"] == verdict


def test_each_fault_says_what_to_mend() -> None:
    for text in ("", MAIL, GMAIL, GMAIL.replace("=pass", "=fail") + MAIL):
        for one in judge(text).findings:
            assert one.verdict == "ok" or len(one.message) > 60, one


def test_without_a_receivers_word_nothing_is_judged() -> None:
    found = judge(MAIL)
    assert (found.ready, found.host) == (False, None)
    assert verdicts(found)["received"] == "fail"
    assert "dkim" not in verdicts(found)
    assert "Show original" in found.findings[0].message


def test_what_the_sender_wrote_itself_is_not_believed() -> None:
    """Headers of earlier servers are below those of the last one; ARC's say what others saw."""
    bad = GMAIL.replace("=pass", "=fail")
    forged = "Authentication-Results: forged.example; spf=pass smtp.mailfrom=example.com;\n"
    forged += " dkim=pass header.d=example.com; dmarc=pass header.from=example.com\n"
    arc = "ARC-" + forged
    found = judge(arc + bad + forged + MAIL)
    assert found.host == "mx.google.com"
    assert [verdicts(found)[name] for name in ("spf", "dkim", "dmarc")] == ["fail"] * 3


@pytest.mark.parametrize(
    "comment",
    ["(dkim=pass header.d=example.com)", "(a (nested; dkim=pass) one)", r"(\) ; dkim=pass)"],
)
def test_what_stands_in_brackets_is_no_result(comment: str) -> None:
    head = f"Authentication-Results: mx.example.net; spf=none {comment}\n"
    assert verdicts(judge(head + MAIL))["dkim"] == "fail"


@pytest.mark.parametrize(
    ("one", "other", "are"),
    [
        ("example.com", "mail.example.com", True),
        ("a.example.com", "b.example.com", True),
        ("example.com", "EXAMPLE.COM", True),
        ("example.com", "notexample.com", False),
        ("example.co.uk", "other.co.uk", False),
        ("a.example.co.uk", "example.co.uk", True),
        ("example.com", None, False),
        (None, None, False),
    ],
)
def test_domains_of_one_organisation_are_aligned(
    one: str | None, other: str | None, are: bool
) -> None:
    assert aligned(one, other) is aligned(other, one) is are


def test_an_organisation_is_below_a_public_suffix() -> None:
    assert organisation_of("a.b.example.co.uk") == "example.co.uk"
    assert organisation_of("a.b.example.de") == "example.de"


HEADER = st.sampled_from(["From: ", "Authentication-Results: ", "DKIM-Signature: ", "Message-ID: "])


@given(st.lists(st.tuples(HEADER, st.text(max_size=40)), max_size=5))
def test_nothing_that_is_pasted_breaks_it(some: list[tuple[str, str]]) -> None:
    found = judge("\n".join(name + value for name, value in some))
    assert {one.check for one in found.findings} <= set(CHECKS)


@pytest.mark.parametrize(
    "piece",
    [
        *("a", "a.", "(", ")", '"', "\\", ";", "a=", "<", "<https://", " ", "\n", "\n ", ","),
        *("@", "a.a=a", "=", "From: a@a.a\n", "Authentication-Results: a.a;spf=pass\n"),
    ],
)
@pytest.mark.parametrize(
    "name", ["From", "Authentication-Results", "DKIM-Signature", "List-Unsubscribe", "Message-ID"]
)
def test_no_hostile_text_takes_long(name: str, piece: str) -> None:
    text = f"{name}: " + piece * (MAX_HEADERS // len(piece))
    begun = time.process_time()
    judge(text)
    assert time.process_time() - begun < 5
