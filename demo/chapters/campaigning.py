"""The decision record's own mail: to everyone who attended the DevOps Workshop."""

from __future__ import annotations

from typing import Any, Final

from demo.post import REFUSAL
from demo.stage import Stage

QUESTION: Final = 'attended:"DevOps Workshop 1997 Q1"'
SIGNED: Final = 15  # people who sign up on paper, so that also 100 orders make a campaign
FIVE: Final = ("waiting", "accepted", "refused", "excluded", "uncertain")
PATIENCE: Final = 300.0  # seconds until everybody is settled
LAST: Final = 3  # people whom something happens to; their turns come last
CLAIMED: Final = 10  # people whose mails are under way at a time

SUBJECT: Final = "Thank you for coming to the DevOps Workshop"
BODY: Final = """\
# Thank you, {{ name | default: "dear guest" }}

You were with us at the DevOps Workshop. The next one begins in spring, and **whoever was there
before** books a week earlier.
"""


def campaign(stage: Stage) -> None:
    """Write to everybody who attended, let three things go wrong, and show that nobody is lost."""
    stage.heading(f"Mail to everyone who attended: {QUESTION}")
    server, mailbox = (stage.post.variables[name] for name in ("CRM_MAIL", "CRM_MAILBOX"))
    stage.say(f"{server}: the demo's own, so that it can misbehave", "mail server")
    stage.say(f"{mailbox} for as long as the demo runs", "mailbox")
    _sign_up(stage)
    saved = stage.staff.call(
        "save_campaign",
        name="After the workshop",
        subject=SUBJECT,
        preview="The next one begins in spring",
        body={"format": "markdown", "source": BODY},
        segment=QUESTION,
    )
    who = {"campaignId": saved["campaign"]["campaignId"]}
    audience = stage.staff.call("preview_campaign", **who)["audience"]
    left_out = ", ".join(f"{number} {reason}" for reason, number in audience["excluded"].items())
    reachable = audience["reachable"]
    stage.say(f"{audience['matched']} attended, {reachable} get it; not: {left_out}", "preview")
    before = stage.post.count()
    with stage.post.held_up() as first:
        stage.staff.call("send_campaign", **who, expected=reachable)
        stage.until("the first mail", lambda: first.is_set() or None)
        leaving, refused, lost = _meanwhile(stage, who)
    done = stage.until("the campaign's end", lambda: _ended(stage, who), PATIENCE)
    stage.expect(f"it is done, not {done['state']}: {done['message']}", done["state"] == "done")
    _outcome(stage, who, (leaving, refused, lost))
    got = stage.post.count() - before
    _equation(stage, done["counts"])
    stage.expect("nobody has two mails", set(got.values()) == {1})
    told = {one["email"]: one["state"] for one in _recipients(stage, who)}
    fits = {one for one, state in told.items() if state == "accepted"} == set(got) - {lost}
    stage.expect("who is accepted has the mail, and nobody else but one who is uncertain", fits)
    stage.say(f"{len(got)} mails, none twice; the last: {_shown(stage)}", "mailbox")
    stage.staff.call("resolve_recipients", **who, customerIds=[_id_of(stage, lost)], action="close")
    counts = stage.staff.call("get_campaign", **who)["campaign"]["counts"]
    stage.expect("nobody is uncertain any more", counts["uncertain"] == 0)
    stage.say(f"{lost} by staff, who may also have it sent again", "closed")
    _equation(stage, counts)


def _sign_up(stage: Stage) -> None:
    """Let some who attended and never opted in sign up on paper."""
    page = stage.staff.call(
        "query_segment", segment=f"{QUESTION} and not subscribed and not unsubscribed"
    )
    new = page["customers"][:SIGNED]
    for one in new:
        stage.staff.call(
            "set_consent",
            customerId=one["customerId"],
            status="subscribed",
            evidence="signed the list at the door",
        )
    stage.say(f"{len(new)} more on a paper list at the door (set_consent)", "signed up")


def _meanwhile(stage: Stage, who: dict[str, str]) -> tuple[str, str, str]:
    """Do to people, while the first mail is on its way, what would trip others."""
    waiting = _recipients(stage, who, "waiting")
    stage.expect("their turns are to come", len(waiting) >= CLAIMED + LAST)
    lost, refused, leaving = waiting[-LAST:]
    headers = stage.staff.call("get_unsubscribe_headers", customerId=leaving["customerId"])
    stage.staff.click(headers["url"])
    stage.say(f"the first mail; {leaving['email']} unsubscribes just then", "under way")
    stage.post.refuse(refused["email"])
    stage.post.cut(lost["email"])
    return leaving["email"], refused["email"], lost["email"]


def _outcome(stage: Stage, who: dict[str, str], people: tuple[str, ...]) -> None:
    rows = {one["email"]: one for one in _recipients(stage, who)}
    became = [(rows[email]["state"], rows[email]["reason"]) for email in people]
    wanted = [("excluded", "unsubscribed"), ("refused", REFUSAL[:9])]
    stage.expect(f"the first two are {wanted}, not {became[:2]}", became[:2] == wanted)
    stage.expect("the third is uncertain", became[2][0] == "uncertain")
    meanings = (
        "left after the audience was fixed: no mail",
        "the server has no such address",
        "the connection was cut after the mail: never sent again by itself",
    )
    for email, (state, reason), meaning in zip(people, became, meanings, strict=True):
        stage.say(f"{email} ({reason}): {meaning}", state)


def _equation(stage: Stage, counts: dict[str, int]) -> None:
    stage.expect("the sums add up", counts["audience"] == sum(counts[one] for one in FIVE))
    parts = " + ".join(f"{counts[one]} {one}" for one in FIVE)
    stage.say(f"{counts['audience']} = {parts}", "everybody")


def _recipients(
    stage: Stage, who: dict[str, str], state: str | None = None
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        page = stage.staff.call(
            "list_recipients", **who, state=state, pageSize=200, pageToken=token
        )
        rows += page["recipients"]
        token = page["nextPageToken"]
        if token is None:
            return rows


def _ended(stage: Stage, who: dict[str, str]) -> dict[str, Any] | None:
    found: dict[str, Any] = stage.staff.call("get_campaign", **who)["campaign"]
    return found if found["state"] in ("done", "halted", "missed", "cancelled") else None


def _shown(stage: Stage) -> str:
    message = stage.post.newest().message
    one_click = "with" if message["List-Unsubscribe-Post"] else "without"
    return f'"{message["Subject"]}", {one_click} one-click unsubscription'


def _id_of(stage: Stage, email: str) -> str:
    answer = stage.staff.call("get_customer", email=email)
    return str(answer["customer"]["customerId"])
