"""People who never bought come in, staff write things down, and a rule acts by itself."""

from __future__ import annotations

import re
import urllib.parse
import urllib.request
from typing import Any, Final

from demo.staff import Staff, operate
from demo.stage import Stage

READER: Final = "reader@example.org"
FAIR: Final = ("fair-1@example.org", "fair-2@example.org")
OFFICE: Final = "office@example.com"

LIST: Final = """\
email;name;status;tags;company
{fair_1};Grete Fair;subscribed;fair;ACME
{fair_2};Emil Fair;inactive;fair;
{left};;subscribed;fair;
"""


def contacts(stage: Stage) -> None:
    """Sign somebody up, take a list in, note something, and have a rule tag whom it meets."""
    stage.heading("People who never bought: a form, a list, notes, own fields, and a rule")
    office = Staff.hire(stage.suite, OFFICE, "admin")
    _sign_up(stage)
    imported = _import(stage, office)
    _rule(stage)
    office.call("undo_import", importId=imported)
    stage.expect("the list's contact is gone again", stage.staff.find(email=FAIR[0]) is None)
    stage.say("who came by the list alone is gone, everybody else is as before", "undone")
    office.call("delete_customer", email=READER, reason="the demo is over", force=True)


def _sign_up(stage: Stage) -> None:
    before = stage.post.count()[READER]
    answer = _post(stage.suite.function_url("subscribe"), {"form": "newsletter", "email": READER})
    stage.expect("it is told nothing", answer[0] == 202)
    stage.until("the confirmation", lambda: stage.post.count()[READER] > before or None)
    text = _text(stage)
    link = next(one for one in re.findall(r"https?://\S+", text) if "not-me" not in one)
    stage.expect("nobody is a customer by a form", stage.staff.find(email=READER) is None)
    _open(link)
    stage.expect("to open the link changes nothing", stage.staff.find(email=READER) is None)
    stage.say(
        f"{READER} filled the form in; a mail asks back, opening its link does nothing", "form"
    )
    _post(link, {})
    reader = stage.staff.call("get_customer", email=READER)["customer"]
    stage.expect("pressing the button does", reader["marketing"]["status"] == "subscribed")
    stage.say(f"a customer without orders, tagged {', '.join(reader['tags'])}", "confirmed")


def _import(stage: Stage, office: Staff) -> str:
    left = _who_left(stage)
    file = LIST.format(fair_1=FAIR[0], fair_2=FAIR[1], left=left)
    given: dict[str, Any] = {
        "csv": file,
        "source": "the list of the fair",
        "evidence": "ticked on paper, text of 2026",
    }
    preview = office.call("import_contacts", **given, dryRun=True)["report"]
    stage.expect("a preview writes nothing", stage.staff.find(email=FAIR[0]) is None)
    done = office.call("import_contacts", **given)
    report = done["report"]
    stage.expect("it does what it said", report["added"] == preview["added"] == 1)
    stage.expect("whoever withdrew stays so", report["keptOut"] == {"withdrew": 1})
    stage.expect("`inactive` is not guessed at", len(report["errors"]) == 1)
    reason = report["errors"][0]["reason"]
    stage.say(
        f"1 added; 1 withdrew and stays so; row {report['errors'][0]['row']}: {reason}", "list"
    )
    return str(done["importId"])


def _rule(stage: Stage) -> None:
    who = stage.staff.call("get_customer", email=stage.regular(3)[0].email)["customer"]
    name = {"customerId": who["customerId"]}
    rule: dict[str, Any] = {
        "name": "Companies",
        "on": True,
        "when": {"enters": 'field:company = "ACME"'},
        "then": {"addTags": ["Company"]},
    }
    matching = stage.staff.call("preview_rule", **rule)["matching"]
    saved = stage.staff.call("save_rule", **rule)["rule"]
    stage.say(f"{matching} match already, on whom it will not act", "rule")
    note = stage.staff.call("add_note", **name, text="Asked for an invoice to ACME.")["noteId"]
    stage.staff.call("set_fields", **name, fields={"company": "ACME"})
    found = stage.staff.call("query_segment", segment='field:company = "ACME"')["customers"]
    stage.expect("the segment finds both", len(found) == matching + 1)

    def tagged() -> dict[str, Any] | None:
        _sweep(stage)
        customer: dict[str, Any] = stage.staff.call("get_customer", **name)["customer"]
        return customer if "company" in customer["tags"] else None

    stage.until("the rule", tagged)
    with_tag = stage.staff.call("count_segment", segment="tag:company")["count"]
    stage.expect("the rule acted on nobody else", with_tag == 1)
    stage.say(f"{who['primaryEmail']}: company ACME, a note, and the tag of the rule", "staff")
    stage.staff.call("delete_rule", ruleId=saved["ruleId"])
    stage.staff.call("delete_note", noteId=note)
    stage.staff.call("tag_customers", customerIds=[who["customerId"]], remove=["Company"])
    stage.staff.call("set_fields", **name, fields={"company": None})


def _who_left(stage: Stage) -> str:
    """Return the address of somebody who has unsubscribed."""
    page = stage.staff.call("query_segment", segment="unsubscribed")
    return str(page["customers"][0]["primaryEmail"])


def _sweep(stage: Stage) -> None:
    """Do what the scheduler does every five minutes."""
    operate(stage.suite, "sweep")


def _text(stage: Stage) -> str:
    body = stage.post.newest().message.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _open(link: str) -> int:
    with urllib.request.urlopen(link, timeout=60) as response:  # noqa: S310 - the suite's own
        return int(response.status)


def _post(url: str, data: dict[str, str]) -> tuple[int, str]:
    form = urllib.parse.urlencode(data).encode()
    with urllib.request.urlopen(url, form, timeout=60) as response:  # noqa: S310 - the suite's own
        return int(response.status), str(response.read().decode())
