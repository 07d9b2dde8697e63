"""Every call once, in an order in which each has something to do: how clients are tested.

What a test calls by is a function of a call's name and its arguments, whatever is behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

EVIDENCE = {"source": "letter", "date": "2024-03-01"}

HEADERS = "From: Example Events <news@example.com>\nSubject: Test\n"

BODY = {"format": "markdown", "source": "# Thank you\n\nIt was good to have you there."}


class Refused(Exception):
    """A client has refused a call by a reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Asks(Protocol):
    def __call__(self, name: str, /, **data: Any) -> Any: ...


@dataclass
class Everything:
    """Every call, as an admin who has signed in a moment ago, and a member of the host's app.

    Attributes:
        admin: Calls as the admin.
        member: Calls as somebody with a verified address, a user document and an order.
        ada, bob, cyd: Addresses of customers with an order each of `event`, who have no account.
        another: An event that the member has a ticket for.
        odd: The id of a row of quarantine.
        hired: The address of an account without a role.
        wait: Tries something until it holds; returns what it gave.
    """

    admin: Asks
    member: Asks
    ada: str
    bob: str
    cyd: str
    event: str
    another: str
    odd: str
    hired: str
    wait: Callable[[Callable[[], Any]], Any] = lambda holds: holds()
    made: set[str] = field(default_factory=set)

    def ask(self, name: str, /, **data: Any) -> Any:
        self.made.add(name)
        return self.admin(name, **data)

    def asked_of_me(self, name: str, /, **data: Any) -> Any:
        self.made.add(name)
        return self.member(name, **data)

    def refused(self, reasons: set[str], name: str, /, **data: Any) -> None:
        """Call what may be over by now, or has nothing to work with here."""
        try:
            self.ask(name, **data)
        except Refused as refusal:
            assert refusal.reason in reasons, (name, refusal.reason)

    def over(self, job_id: str | None) -> None:
        def is_over() -> None:
            assert self.ask("get_job", jobId=job_id)["job"]["state"] in {"done", "failed"}

        if job_id is not None:
            self.wait(is_over)

    def run(self) -> None:
        """Make every call."""
        self._customers()
        self._staff_words()
        self._segments_and_rules()
        self._reports()
        self._campaigns()
        self._imports()
        self._settings_and_staff()
        self._personal_data()

    def _id(self, address: str) -> str:
        found = self.ask("get_customer", email=address)
        assert found["matchedBy"] == "email"
        customer_id: str = found["customer"]["customerId"]
        return customer_id

    def _customers(self) -> None:
        ada, bob = self._id(self.ada), self._id(self.bob)
        (order,) = self.ask("list_orders", customerId=ada, pageSize=1)["orders"]
        assert order["counted"]
        found = self.ask("search_customers", q=self.ada)["customers"]
        assert [one["customerId"] for one in found] == [ada]
        preview = self.ask("merge_customers", sourceId=ada, targetId=bob, dryRun=True)
        assert preview["mergeId"] is None
        assert preview["moves"]["orders"] == 1
        merged = self.ask("merge_customers", sourceId=ada, targetId=bob)
        assert merged["customer"]["orderCount"] == 2
        parted = self.ask("unmerge_customers", mergeId=merged["mergeId"])["customers"]
        assert [one["orderCount"] for one in parted] == [1, 1]
        rows = self.ask("list_quarantine", pageSize=200)["items"]
        assert self.odd in {row["id"] for row in rows}
        told = self.ask("explain_quarantine", id=self.odd)
        assert told["field"] == "status"
        assert self.ask("retry_quarantine", id=self.odd) == {"resolved": False}

    def _staff_words(self) -> None:
        bob = self._id(self.bob)
        self.ask("set_consent", customerId=bob, status="subscribed", evidence=EVIDENCE)
        consents = self.ask("list_consents", email=self.bob)["consents"]
        assert consents[0]["evidence"] == EVIDENCE
        self.ask("set_reachable", customerId=bob, evidence="arrived")
        headers = self.ask("get_unsubscribe_headers", customerId=bob)["headers"]
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        self.ask("check_sender", headers=HEADERS)
        names = [one["name"] for one in self.ask("list_fields")["fields"]]
        company = {"company": "ACME"}
        if "company" in names:
            assert self.ask("set_fields", customerId=bob, fields=company)["fields"] == company
        else:
            self.refused({"no-such-field"}, "set_fields", customerId=bob, fields=company)
        note = self.ask("add_note", customerId=bob, text="Wants the front row.")["noteId"]
        (kept,) = self.ask("list_notes", customerId=bob)["notes"]
        assert kept["noteId"] == note
        assert self.ask("delete_note", noteId=note) == {"noteId": note}
        tagged = self.ask("tag_customers", customerIds=[bob, "nobody"], add=["Of the clients"])
        assert (tagged["updated"], tagged["notFound"]) == (1, ["nobody"])
        tags = {one["label"] for one in self.ask("list_tags", pageSize=200)["tags"]}
        assert "Of the clients" in tags
        assert self.ask("rename_tag", tag="Of the clients", to="Clients")["updated"] == 1

    def _segments_and_rules(self) -> None:
        segment = f"attended:{self.event}"
        counted = self.ask("count_segment", segment=segment, reach=True)
        assert counted["count"] == 3
        sort = {"by": "totalSpend", "currency": "USD", "direction": "asc"}
        page = self.ask("query_segment", segment=segment, sort=sort, pageSize=2, explain=True)
        assert len(page["customers"]) == 2
        assert page["nextPageToken"]
        saved = self.ask("save_segment", name=f"At {self.event}", segment={"attended": self.event})
        listed = self.ask("list_segments", pageSize=200)["segments"]
        assert saved["segmentId"] in {one["segmentId"] for one in listed}
        rule = {"name": "Clients", "when": {"enters": segment}, "then": {"addTags": ["Rule"]}}
        assert self.ask("preview_rule", **rule)["matching"] == 3
        rule_id = self.ask("save_rule", **rule, on=False)["rule"]["ruleId"]
        listed = self.ask("list_rules", pageSize=200)["rules"]
        assert rule_id in {one["ruleId"] for one in listed}
        assert self.ask("list_rule_runs", ruleId=rule_id)["runs"] == []
        assert self.ask("delete_rule", ruleId=rule_id) == {"ruleId": rule_id}
        segment_id = saved["segmentId"]
        assert self.ask("delete_segment", segmentId=segment_id) == {"segmentId": segment_id}

    def _reports(self) -> None:
        events = self.ask("list_events", q=self.event, sales=True)["events"]
        assert [one["holders"] for one in events] == [3]
        assert self.ask("get_event", eventId=self.event)["event"]["orders"] == 3
        assert self.ask("get_event_sales", eventId=self.event)["sales"]["people"] == 3
        self.ask("compare_events", eventIds=[self.event, self.another])
        days = {"from": "2024-03-01", "to": "2024-03-31"}
        (figures,) = self.ask("get_figures", **days, by="month")["figures"]
        assert figures["orders"] >= 3
        (cohort,) = self.ask("get_cohorts", **days)["cohorts"]
        assert cohort["customers"] >= 3
        self.ask("get_growth", **days, by="week")
        assert self.ask("get_news", since="2024-01-01T00:00:00Z")["people"] >= 0

    def _campaigns(self) -> None:
        draft = {
            "name": f"To {self.event}",
            "subject": "Thank you",
            "body": BODY,
            "segment": f"attended:{self.event}",
            "from": "Example Events <news@example.com>",
        }
        saved = self.ask("save_campaign", **draft)["campaign"]
        campaign = {"campaignId": saved["campaignId"]}
        assert saved["from"] == draft["from"]
        listed = self.ask("list_campaigns", pageSize=200)["campaigns"]
        assert campaign["campaignId"] in {one["campaignId"] for one in listed}
        shown = self.ask("preview_campaign", **campaign)
        self.refused({"not-staff", "mail-not-set-up"}, "test_campaign", **campaign, to=[self.hired])
        off = {"mail-not-set-up", "campaign-has-problems", "no-such-move", "still-sending"}
        reachable = shown["audience"]["reachable"] if shown["audience"] else 0
        later = (datetime.now(UTC) + timedelta(days=30)).isoformat(timespec="seconds")
        self.refused(off, "send_campaign", **campaign, expected=reachable, at=later)
        for name in ("pause_campaign", "resume_campaign", "cancel_campaign"):
            self.refused(off, name, **campaign)
        self.ask("get_campaign", **campaign)
        self.ask("get_campaign_results", **campaign, days=30)
        assert self.ask("list_recipients", **campaign)["recipients"] == []
        some = {"customerIds": ["nobody"], "action": "close"}
        self.refused({"still-sending", "no-such-move"}, "resolve_recipients", **campaign, **some)
        assert self.ask("list_mails", customerId=self._id(self.bob))["mails"] == []
        another = self.ask("save_campaign", **draft)["campaign"]["campaignId"]
        assert self.ask("delete_campaign", campaignId=another) == {"campaignId": another}

    def _imports(self) -> None:
        address = f"list.{self.ada}"
        file = f"email,name\n{address},From a list\n"
        assert self.ask("import_contacts", csv=file, dryRun=True)["report"]["rows"] == 1
        done = self.ask("import_contacts", csv=file, source="a fair")
        self.over(done["jobId"])
        listed = self.ask("list_imports", pageSize=50)["imports"]
        assert done["importId"] in {one["importId"] for one in listed}
        self.over(self.ask("undo_import", importId=done["importId"])["jobId"])
        job = self.ask("rebuild_customers", dryRun=True)["jobId"]
        self.refused({"job-over"}, "cancel_job", jobId=job)
        assert self.ask("retry_job", jobId=job)["job"]["jobId"] == job
        self.refused({"job-over"}, "cancel_job", jobId=job)

    def _settings_and_staff(self) -> None:
        assert self.ask("get_settings")["settings"]["version"]
        assert self.ask("get_setup")["checks"]
        assert self.ask("get_processing_record")["record"]["data"]
        given = self.ask("grant_role", email=self.hired, role="viewer")["staff"]
        assert given["role"] == "viewer"
        staff, page = set[str](), dict[str, Any]()
        while not page or page["nextPageToken"]:
            page = self.ask("list_staff", pageToken=page.get("nextPageToken"))
            staff |= {one["uid"] for one in page["staff"]}
        assert given["uid"] in staff
        assert self.ask("revoke_role", uid=given["uid"])["staff"]["role"] is None
        entries = self.ask("list_audit", pageSize=50)["entries"]
        assert "staff.revoke" in {one["action"] for one in entries}

    def _personal_data(self) -> None:
        cyd = self._id(self.cyd)
        archive = self.ask("export_customer", customerId=cyd)["archive"]
        assert len(archive["orders"]) == 1
        erased = self.ask("delete_customer", customerId=cyd, reason="asked by letter")
        assert erased["status"] in {"done", "running"}
        assert self.asked_of_me("claim_my_orders")["linked"] >= 1
        assert self.asked_of_me("export_my_data")["archive"]["complete"]
        assert self.asked_of_me("delete_my_data", confirm=True)["erasureId"]
        kinds = {one["kind"] for one in self.ask("list_requests", pageSize=50)["requests"]}
        assert kinds == {"erasure", "export"}
        self.ask("delete_tag", tag="Clients")
