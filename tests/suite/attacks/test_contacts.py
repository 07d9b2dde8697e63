"""Lists, notes, own fields and rules in the hands of whoever is not meant to have them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from testing.auth import id_token
from testing.hosts import user
from tests.support.attacking import Client
from tests.support.scene import Scene, Victim

VOUCHED: dict[str, Any] = {"source": "the fair of 2025", "evidence": "a ticked box on paper"}

Arguments = Callable[[Scene, Victim], dict[str, Any]]


def a_rule(victim: Victim, **more: Any) -> dict[str, Any]:
    """A rule that only somebody of this event could ever enter."""
    return {
        "name": "Mine",
        "on": True,
        "when": {"enters": f"has_ticket:event-{victim.mark}"},
        "then": {"addTags": ["mine"]},
        **more,
    }


# --- More than the own role ----------------------------------------------------------------------

ABOVE: dict[str, tuple[str, Arguments]] = {
    "add_note": ("viewer", lambda _, who: {"customerId": who.customer_id, "text": "a thief"}),
    "delete_note": ("viewer", lambda _, who: {"noteId": who.mark}),
    "set_fields": (
        "viewer",
        lambda _, who: {"customerId": who.customer_id, "fields": {"company": "Mine"}},
    ),
    "save_rule": ("viewer", lambda _, who: a_rule(who)),
    "preview_rule": ("viewer", lambda _, who: a_rule(who)),
    "delete_rule": ("viewer", lambda _, who: {"ruleId": who.mark}),
    "import_contacts": (
        "editor",
        lambda _, who: {"csv": f"email,status\n{who.email},unsubscribed\n", **VOUCHED},
    ),
    "undo_import": ("editor", lambda _, who: {"importId": who.mark}),
    "list_imports": ("editor", lambda *_: {}),
}


@pytest.mark.parametrize("name", ABOVE)
def test_whoever_has_too_low_a_role_changes_nothing(scene: Scene, name: str) -> None:
    role, arguments = ABOVE[name]
    victim = scene.verified
    before = scene.state(victim)
    tries = {
        "nobody": scene.client(),
        "a stranger": scene.stranger(),
        "too low": scene.hired(role),
    }
    for who, client in tries.items():
        answer = client.call(name, **arguments(scene, victim))
        expected = (401, "sign-in") if who == "nobody" else (403, "role")
        assert (answer.status, answer.reason) == expected, (who, answer.text)
        assert victim.found_in([answer.text]) == []
    assert scene.state(victim) == before
    assert scene.hired("viewer").call("list_notes", customerId=victim.customer_id).data == {
        "notes": [],
        "nextPageToken": None,
    }


# --- Notes ---------------------------------------------------------------------------------------

SCRIPT = '<script>alert("x")</script><img src=x onerror=alert(1)>'


def test_what_staff_write_is_a_text_and_its_author_stays_the_staffs(scene: Scene) -> None:
    victim = scene.a_user(verified=True)
    editor, admin = scene.staff("editor"), scene.hired("admin")
    said = {"customerId": victim.customer_id, "text": f"\x1b[31m{SCRIPT}\x07\u202e\r\nagain"}
    for lie in ({"author": admin.uid}, {"at": "2020-01-01T00:00:00Z"}, {"noteId": victim.mark}):
        assert editor.call("add_note", **said, **lie).reason == "unknown-key"
    assert editor.call("add_note", **said).status == 200
    (note,) = scene.hired("viewer").call("list_notes", customerId=victim.customer_id).data["notes"]
    assert note["text"] == f"[31m{SCRIPT}\u202e\nagain"
    assert victim.person
    person = Client(scene.suite, id_token(victim.person), victim.uid, victim.email)
    shown = person.call("export_my_data").data["archive"]["notes"]
    assert [one["text"] for one in shown] == [note["text"]]
    for hidden in (editor.uid, editor.email, note["author"]):
        assert hidden not in json.dumps(shown)
    stranger = scene.stranger()
    scene.attack(stranger, f"users/{stranger.uid}", user(stranger.email))
    assert SCRIPT not in stranger.call("export_my_data").text
    assert SCRIPT not in scene.suite.logs()


def test_a_page_of_notes_is_for_whom_it_was_made(scene: Scene) -> None:
    victim, editor = scene.a_guest(), scene.hired("editor")
    for text in ("one", "two"):
        editor.call("add_note", customerId=victim.customer_id, text=text)
    asked = {"customerId": victim.customer_id, "pageSize": 1}
    token = editor.call("list_notes", **asked).data["nextPageToken"]
    other = {**asked, "customerId": scene.guest.customer_id}
    for client, said in ((scene.hired("viewer"), asked), (editor, other)):
        assert client.call("list_notes", **said, pageToken=token).reason == "page-token"
    assert scene.stranger().call("list_notes", **asked, pageToken=token).reason == "role"
    (rest,) = editor.call("list_notes", **asked, pageToken=token).data["notes"]
    assert rest["text"] == "one"


# --- Own fields ----------------------------------------------------------------------------------


def test_nobody_writes_fields_of_the_staffs_into_the_own_document(scene: Scene) -> None:
    """By `from` a field is read from it, at one path; every other word there is only a word."""
    attacker = scene.stranger()
    claimed = {"company": "ACME", "seats": 100, "vegan": True}
    told = {
        **user(attacker.email, profile={"city": {"$ne": None}, **claimed}),
        **claimed,
        "fields": claimed,
        "userFields": claimed,
        "notes": 7,
        "tags": ["vip"],
        "marketing": {"status": "subscribed"},
    }
    scene.attack(attacker, f"users/{attacker.uid}", told)
    (mine,) = scene.customers_with("userIds", attacker.uid)
    assert (mine["fields"], mine["tags"]) == ({}, [])
    assert mine["marketing"]["status"] == "none"
    for city in ("x" * 100_000, "\0", "  ", ["Bern"], 7, "=1+1"):
        scene.attack(attacker, f"users/{attacker.uid}", {**told, "profile": {"city": city}})
        (mine,) = scene.customers_with("userIds", attacker.uid)
        assert mine["fields"] in ({}, {"city": "=1+1"}), city


# --- Lists ---------------------------------------------------------------------------------------

FORMULAS = [
    '=HYPERLINK("https://attacker.example")', "+1", "-1+1", "@SUM(1)", "\uff1d1+1", "Zoe;=1+1;",
    "Zoe,@SUM(1)", "Zoe|=cmd", '"=1+1',
]  # fmt: skip


def test_no_cell_of_a_list_is_a_formula_in_the_file_that_staff_take_later(scene: Scene) -> None:
    mark = scene.a_guest().mark
    made = io.StringIO()
    rows = csv.writer(made)
    rows.writerow(["email", "name", "company", "tags", "status"])
    for number, formula in enumerate(FORMULAS):
        rows.writerow([f"f{number}.{mark}@example.com", formula, formula, mark, "subscribed"])
    done = scene.staff("admin").call("import_contacts", csv=made.getvalue(), **VOUCHED)
    assert done.data["report"]["added"] == len(FORMULAS), done.text
    editor = scene.staff("editor")
    (first, *_) = scene.customers_with("tags", mark)
    written = {"customerId": _id_of(scene, first), "fields": {"company": "=cmd|' /C calc'!A0"}}
    assert editor.call("set_fields", **written).status == 200
    for form in ({}, {"for": "excel"}):
        answer = editor.csv(segment=f"tag:{mark}", **form)
        assert answer.status == 200, answer.text
        assert answer.text.count(f"{mark}@example.com") >= len(FORMULAS)
        for separator in ",;\t|":
            for row in csv.reader(io.StringIO(answer.text, newline=""), delimiter=separator):
                for cell in row:
                    assert not cell.lstrip(' "').startswith(("=", "+", "-", "@", "\uff1d")), cell


def _id_of(scene: Scene, customer: dict[str, Any]) -> str:
    asked = {"email": customer["primaryEmail"]}
    found: str = scene.hired("viewer").call("get_customer", **asked).data["customer"]["customerId"]
    return found


MOST = 7_999_000
"""About as many bytes as a list may have."""

BOMBS: dict[str, tuple[str, str]] = {
    "quotes": ('"' * MOST, "csv-invalid"),
    "a quote that is never closed": ('email\n"' + "x" * MOST, "csv-invalid"),
    "a million columns": (
        ",".join(["email", *(f"c{one}" for one in range(900_000))]),
        "column-unknown",
    ),
    "a million columns of one name": (",".join(["email"] * 1_000_000), "column-twice"),
    "a million cells in a row": ("email\na@b.example" + ",x" * 1_000_000, "too-many-cells"),
    "lines that are empty": ("email\n" + "\n" * MOST, "file-empty"),
    "no text at all": ("\0" * 100_000, "email-column-missing"),
    "a cell that is the whole file": ("x" * MOST, "csv-invalid"),
    "no text in a cell": ("email,name\na\0b@c.example,A\n\ud800@c.example,B\n", "email-invalid"),
    "more than a list may have": ("email\n" + "x" * (MOST + 2_000), "file-too-large"),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_no_list_is_without_end(scene: Scene, bomb: str) -> None:
    """By an admin who was given a file: it is refused with what is wrong, or each row is."""
    text, reason = BOMBS[bomb]
    answer = scene.staff("admin").call("import_contacts", csv=text, dryRun=True)
    if answer.status == 200:
        report = answer.data["report"]
        assert (report["added"], {one["reason"] for one in report["errors"]}) == (0, {reason})
    else:
        assert (answer.status, answer.reason) == (400, reason), answer.text[:300]
        assert len(answer.text) < 1_000


def test_a_body_that_is_larger_than_a_list_is_read_of_nobody(scene: Scene) -> None:
    above_a_call, above_a_list = "x" * 1_100_000, "x" * (26 * 2**20)
    tries = [
        (scene.client(), above_a_call, (401, "sign-in")),
        (scene.stranger(), above_a_call, (403, "role")),
        (scene.hired("editor"), above_a_call, (403, "role")),
        (scene.staff("admin"), above_a_call, (400, "csv-invalid")),
        (scene.staff("admin"), above_a_list, (400, "body-too-large")),
    ]
    for client, text, expected in tries:
        answer = client.call("import_contacts", csv=text, **VOUCHED)
        assert (answer.status, answer.reason) == expected, answer.text[:300]


def test_an_import_is_undone_by_an_admin_and_its_own_id_alone(scene: Scene) -> None:
    victim = scene.a_guest()
    listed = f"listed.{victim.mark}@example.com"
    admin, editor = scene.staff("admin"), scene.hired("editor")
    done = admin.call("import_contacts", csv=f"email\n{listed}\n", **VOUCHED).data
    job_id = scene.documents.document(f"crmImports/{done['importId']}").get().get("jobId")
    assert editor.call("undo_import", importId=done["importId"]).reason == "role"
    before = scene.state(victim)
    wrong = {
        "no-such-import": (job_id, victim.customer_id, f"{victim.mark}-0", "none"),
        "id-invalid": (f"../customers/{victim.customer_id}", f"x/../{done['importId']}", "..", ""),
    }
    for reason, ids in wrong.items():
        for import_id in ids:
            assert admin.call("undo_import", importId=import_id).reason == reason, import_id
    assert len(scene.customers_with("emails", listed)) == 1
    assert scene.state(victim) == before
    admin.call("import_contacts", csv="email\nnobody\n", **VOUCHED)
    token = admin.call("list_imports", pageSize=1).data["nextPageToken"]
    another = scene.staff("admin")
    assert another.call("list_imports", pageSize=1, pageToken=token).reason == "page-token"
    scene.end_sessions(another.uid)
    gone = another.call("undo_import", importId=done["importId"])
    assert (gone.status, gone.reason) == (401, "sign-in")
    assert len(scene.customers_with("emails", listed)) == 1
    undone = admin.call("undo_import", importId=done["importId"]).data["jobId"]
    assert admin.call("get_job", jobId=undone).data["job"]["state"] == "done"
    assert scene.customers_with("emails", listed) == []


# --- Rules ---------------------------------------------------------------------------------------

BLASTS: dict[str, tuple[dict[str, Any], str]] = {
    "a million at once": ({"only": {}, "most": 1_000_000}, "rule-invalid"),
    "all numbers at once": ({"only": {}, "most": 2**70}, "rule-invalid"),
    "again and again": ({"once": {"days": 0}}, "rule-invalid"),
    "as often as it likes": ({"once": None, "repeat": True}, "unknown-key"),
    "everybody of the past": ({"when": {"sinceLastOrder": {"days": 0}}}, "rule-invalid"),
    "before an event": ({"when": {"eventEnded": {"days": -1, "at": "10:00"}}}, "rule-invalid"),
    "of an event that nobody named": ({"when": {"enters": "attended:this_event"}}, "this-event"),
    "two reasons": ({"when": {"enters": {}, "subscribed": True}}, "rule-invalid"),
    "itself": (
        {"when": {"enters": "not tag:mine"}, "then": {"removeTags": ["mine"]}},
        "rules-loop",
    ),
    "a question without end": ({"only": json.loads('{"not": ' * 60 + "{}" + "}" * 60)}, "segment-"),
}


@pytest.mark.parametrize("blast", BLASTS)
def test_no_rule_is_without_bounds(scene: Scene, blast: str) -> None:
    said, reason = BLASTS[blast]
    answer = scene.hired("editor").call("save_rule", **a_rule(scene.guest, **said))
    assert answer.status == 400, answer.text
    assert (answer.reason or "").startswith(reason), answer.text


def test_a_rule_sends_no_campaign_that_is_somebody_elses_by_now(scene: Scene) -> None:
    """A draft is a text that all editors share; one that was sent is what its people got."""
    author, editor = scene.staff("editor"), scene.hired("editor")
    body = {"format": "markdown", "source": "Hello"}
    said: dict[str, Any] = {"name": "N", "subject": "S", "body": body, "segment": "everyone"}
    campaign = author.call("save_campaign", **said).data["campaign"]["campaignId"]
    document = scene.documents.document(f"crmCampaigns/{campaign}")
    sends = a_rule(scene.guest, then={"send": campaign}, on=False)
    for state in ("scheduled", "sending", "paused", "done"):
        document.update({"state": state})
        assert editor.call("save_rule", **sends).reason == "template-not-draft", state
    for other in (scene.guest.customer_id, "none"):
        answer = editor.call("save_rule", **{**sends, "then": {"send": other}})
        assert answer.reason == "no-such-campaign"
    slash = {**sends, "then": {"send": f"../customers/{scene.guest.customer_id}"}}
    assert editor.call("save_rule", **slash).reason == "rule-invalid"
    document.delete()


def test_a_page_of_what_rules_did_is_for_whom_it_was_made(scene: Scene) -> None:
    editor = scene.staff("editor")
    ids = [
        editor.call("save_rule", **a_rule(scene.guest, on=False)).data["rule"]["ruleId"]
        for _ in range(2)
    ]
    token = editor.call("list_rules", pageSize=1).data["nextPageToken"]
    tries = {
        "a colleague": (scene.hired("viewer"), "list_rules", {}),
        "another list": (editor, "list_rule_runs", {"ruleId": ids[0]}),
        "a customer": (editor, "list_rule_runs", {"customerId": scene.guest.customer_id}),
    }
    for who, (client, name, said) in tries.items():
        answer = client.call(name, **said, pageSize=1, pageToken=token)
        assert answer.reason == "page-token", who
    for rule_id in ids:
        assert editor.call("delete_rule", ruleId=rule_id).status == 200
