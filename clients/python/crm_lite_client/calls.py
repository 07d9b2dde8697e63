"""Every call as a method.

Made from clients/openapi.json by `python -m clients`: change nothing here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from crm_lite_client import types


class Calls:
    """Every call of docs/calls.md under its name, with its keys as there."""

    def _call(
        self, name: str, data: dict[str, Any], *, seconds: int, reads: bool
    ) -> Any:
        raise NotImplementedError

    def add_note(
        self,
        *,
        customerId: str,
        text: str,
    ) -> types.NoteKept:
        """Keep a note about a customer.

        Role: editor. docs/calls.md says more.

        Args:
            customerId: An id that was merged away stands for its survivor.
            text: 1 to 5,000 characters in one or several lines; control characters are left out.
        """
        answer: types.NoteKept = self._call(
            "add_note",
            {
                "customerId": customerId,
                "text": text,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def cancel_campaign(
        self,
        *,
        campaignId: str,
    ) -> types.CampaignShown:
        """End a campaign.

        Role: editor. docs/calls.md says more.

        Args:
            campaignId: The campaign.
        """
        answer: types.CampaignShown = self._call(
            "cancel_campaign",
            {
                "campaignId": campaignId,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def cancel_job(
        self,
        *,
        jobId: str,
    ) -> types.JobShown:
        """Stop a piece of long work.

        Role: editor. docs/calls.md says more.

        Args:
            jobId: The job.
        """
        answer: types.JobShown = self._call(
            "cancel_job",
            {
                "jobId": jobId,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def check_sender(
        self,
        *,
        headers: str,
    ) -> types.SenderJudged:
        """Judge the headers of a test mail as mail providers will.

        Role: editor. docs/calls.md says more.

        Args:
            headers: All headers of the mail as the mailbox shows them, at most 65,536 bytes of
                text. Nothing of them is kept.
        """
        answer: types.SenderJudged = self._call(
            "check_sender",
            {
                "headers": headers,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def claim_my_orders(
        self,
    ) -> types.Claimed:
        """Link the caller's guest orders now.

        Whoever is signed in with a verified address. docs/calls.md says more.
        """
        answer: types.Claimed = self._call(
            "claim_my_orders",
            {
            },
            seconds=120,
            reads=False,
        )
        return answer

    def compare_events(
        self,
        *,
        eventIds: Sequence[str],
    ) -> types.EventsCompared:
        """Answer of some events how many people were at each two of them.

        Role: viewer. docs/calls.md says more.

        Args:
            eventIds: 2 to 12 of the host's ids, each once.
        """
        answer: types.EventsCompared = self._call(
            "compare_events",
            {
                "eventIds": eventIds,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def count_segment(
        self,
        *,
        segment: str | Mapping[str, Any],
        reach: bool | None = None,
    ) -> types.Counted:
        """Answer how many are in a segment.

        Role: viewer. docs/calls.md says more.

        Args:
            segment: In either form of the language.
            reach: `true` to be told how many news can be mailed to.
        """
        answer: types.Counted = self._call(
            "count_segment",
            {
                "segment": segment,
                "reach": reach,
            },
            seconds=300,
            reads=True,
        )
        return answer

    def delete_campaign(
        self,
        *,
        campaignId: str,
    ) -> types.CampaignDeleted:
        """Delete a draft of a campaign.

        Role: editor. docs/calls.md says more.

        Args:
            campaignId: The campaign.
        """
        answer: types.CampaignDeleted = self._call(
            "delete_campaign",
            {
                "campaignId": campaignId,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def delete_customer(
        self,
        *,
        reason: str,
        customerId: str | None = None,
        email: str | None = None,
        userId: str | None = None,
        force: bool | None = None,
    ) -> types.Erased:
        """Erase a person.

        Role: admin. docs/calls.md says more.

        Args:
            reason: Why, in up to 500 characters. It is kept, so it must not name the person.
            customerId: A customer; an id that was merged away stands for its survivor.
            email: Any spelling of an address of the customer.
            userId: A Firebase Auth uid.
            force: `true` to go on although the person holds tickets for events that have not begun.
        """
        answer: types.Erased = self._call(
            "delete_customer",
            {
                "reason": reason,
                "customerId": customerId,
                "email": email,
                "userId": userId,
                "force": force,
            },
            seconds=300,
            reads=False,
        )
        return answer

    def delete_my_data(
        self,
        *,
        confirm: bool | None = None,
    ) -> types.Erased:
        """Erase the caller.

        Whoever has signed in within the last five minutes, with a verified address. docs/calls.md says more.

        Args:
            confirm: `true` to let free tickets for events that have not begun go. Anybody can order
                one for anybody, so it stops an erasure only until the person says so; a ticket of
                an order with money holds all the same.
        """
        answer: types.Erased = self._call(
            "delete_my_data",
            {
                "confirm": confirm,
            },
            seconds=300,
            reads=False,
        )
        return answer

    def delete_note(
        self,
        *,
        noteId: str,
    ) -> types.NoteKept:
        """Delete a note.

        Role: editor. docs/calls.md says more.

        Args:
            noteId: The note.
        """
        answer: types.NoteKept = self._call(
            "delete_note",
            {
                "noteId": noteId,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def delete_rule(
        self,
        *,
        ruleId: str,
    ) -> types.RuleDeleted:
        """Delete a rule.

        Role: editor. docs/calls.md says more.

        Args:
            ruleId: The rule.
        """
        answer: types.RuleDeleted = self._call(
            "delete_rule",
            {
                "ruleId": ruleId,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def delete_segment(
        self,
        *,
        segmentId: str,
    ) -> types.SegmentDeleted:
        """Delete a saved segment that no other uses.

        Role: editor. docs/calls.md says more.

        Args:
            segmentId: The saved segment.
        """
        answer: types.SegmentDeleted = self._call(
            "delete_segment",
            {
                "segmentId": segmentId,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def delete_tag(
        self,
        *,
        tag: str,
    ) -> types.TagEnded:
        """Delete a tag.

        Role: editor. docs/calls.md says more.

        Args:
            tag: A label or id.
        """
        answer: types.TagEnded = self._call(
            "delete_tag",
            {
                "tag": tag,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def explain_quarantine(
        self,
        *,
        id: str,
    ) -> types.QuarantineExplained:
        """Answer which field of a quarantined document is not understood.

        Role: editor. docs/calls.md says more.

        Args:
            id: Of a row, as `list_quarantine` answers it.
        """
        answer: types.QuarantineExplained = self._call(
            "explain_quarantine",
            {
                "id": id,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def export_customer(
        self,
        *,
        customerId: str | None = None,
        email: str | None = None,
        userId: str | None = None,
        pageToken: str | None = None,
    ) -> types.ArchivePart:
        """Answer all that is kept of a person, in parts where it is much.

        Role: admin. docs/calls.md says more.

        Args:
            customerId: A customer; an id that was merged away stands for its survivor.
            email: Any spelling of an address of the customer.
            userId: A Firebase Auth uid.
            pageToken: The `nextPageToken` of the part before; absent or `null` for the first.
        """
        answer: types.ArchivePart = self._call(
            "export_customer",
            {
                "customerId": customerId,
                "email": email,
                "userId": userId,
                "pageToken": pageToken,
            },
            seconds=300,
            reads=False,
        )
        return answer

    def export_my_data(
        self,
        *,
        pageToken: str | None = None,
    ) -> types.ArchivePart:
        """Answer all that is kept of the caller.

        Whoever has signed in within the last five minutes, with a verified address. docs/calls.md says more.

        Args:
            pageToken: The `nextPageToken` of the part before; absent or `null` for the first.
        """
        answer: types.ArchivePart = self._call(
            "export_my_data",
            {
                "pageToken": pageToken,
            },
            seconds=300,
            reads=False,
        )
        return answer

    def get_campaign(
        self,
        *,
        campaignId: str,
    ) -> types.CampaignShown:
        """Answer a campaign, with its people counted now.

        Role: viewer. docs/calls.md says more.

        Args:
            campaignId: The campaign to change; absent or `null` for a new draft.
        """
        answer: types.CampaignShown = self._call(
            "get_campaign",
            {
                "campaignId": campaignId,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def get_campaign_results(
        self,
        *,
        campaignId: str,
        days: int | None = None,
    ) -> types.CampaignResults:
        """Answer what came of a campaign.

        Role: viewer. docs/calls.md says more.

        Args:
            campaignId: The campaign.
            days: How long after the mail an order counts: 1 to 90; 14 if absent.
        """
        answer: types.CampaignResults = self._call(
            "get_campaign_results",
            {
                "campaignId": campaignId,
                "days": days,
            },
            seconds=300,
            reads=True,
        )
        return answer

    def get_cohorts(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
    ) -> types.Cohorts:
        """Answer of each month's new customers how many ordered again later.

        Role: viewer. docs/calls.md says more.

        Args:
            from_: A day of the first and of the last month; at most 24 months, which are told
                whole. Absent: `to` is today, and `from` such that it is 12 months.
            to: A day of the first and of the last month; at most 24 months, which are told whole.
                Absent: `to` is today, and `from` such that it is 12 months.
        """
        answer: types.Cohorts = self._call(
            "get_cohorts",
            {
                "from": from_,
                "to": to,
            },
            seconds=300,
            reads=True,
        )
        return answer

    def get_customer(
        self,
        *,
        customerId: str | None = None,
        email: str | None = None,
        userId: str | None = None,
    ) -> types.CustomerFound:
        """Answer a customer.

        Role: viewer. docs/calls.md says more.

        Args:
            customerId: An id that was merged away finds its survivor.
            email: Any spelling of an address the customer has proven or ordered with, or is only to
                be reached by (`contactEmail`).
            userId: A Firebase Auth uid.
        """
        answer: types.CustomerFound = self._call(
            "get_customer",
            {
                "customerId": customerId,
                "email": email,
                "userId": userId,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def get_event(
        self,
        *,
        eventId: str,
    ) -> types.EventShown:
        """Answer an event, with how many of its people are new.

        Role: viewer. docs/calls.md says more.

        Args:
            eventId: The host's id of the event, exactly.
        """
        answer: types.EventShown = self._call(
            "get_event",
            {
                "eventId": eventId,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def get_event_sales(
        self,
        *,
        eventId: str,
    ) -> types.SalesShown:
        """Answer what an event sold, and on which days.

        Role: viewer. docs/calls.md says more.

        Args:
            eventId: The host's id of the event, exactly.
        """
        answer: types.SalesShown = self._call(
            "get_event_sales",
            {
                "eventId": eventId,
            },
            seconds=300,
            reads=True,
        )
        return answer

    def get_figures(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["day", "week", "month"] | None = None,
    ) -> types.Figures:
        """Answer orders, revenue and customers by the day, the week or the month.

        Role: viewer. docs/calls.md says more.

        Args:
            from_: The first and the last day, both included, such as `"2024-01-31"`. Days are
                whole: with `"to"` today, an order that says to be of this evening is in it. Absent:
                `to` is today, and `from` such that it is 31 days, 26 weeks or 12 months.
            to: The first and the last day, both included, such as `"2024-01-31"`. Days are whole:
                with `"to"` today, an order that says to be of this evening is in it. Absent: `to`
                is today, and `from` such that it is 31 days, 26 weeks or 12 months.
            by: `day`, `week` (ISO 8601, from Monday) or `month`; `day` if absent.
        """
        answer: types.Figures = self._call(
            "get_figures",
            {
                "from": from_,
                "to": to,
                "by": by,
            },
            seconds=300,
            reads=True,
        )
        return answer

    def get_growth(
        self,
        *,
        from_: str | None = None,
        to: str | None = None,
        by: Literal["day", "week", "month"] | None = None,
    ) -> types.Growth:
        """Answer how many decided for news and against them, and how many are subscribed.

        Role: viewer. docs/calls.md says more.

        Args:
            from_: The first and the last day, both included, such as `"2024-01-31"`. Days are
                whole: with `"to"` today, an order that says to be of this evening is in it. Absent:
                `to` is today, and `from` such that it is 31 days, 26 weeks or 12 months.
            to: The first and the last day, both included, such as `"2024-01-31"`. Days are whole:
                with `"to"` today, an order that says to be of this evening is in it. Absent: `to`
                is today, and `from` such that it is 31 days, 26 weeks or 12 months.
            by: `day`, `week` (ISO 8601, from Monday) or `month`; `day` if absent.
        """
        answer: types.Growth = self._call(
            "get_growth",
            {
                "from": from_,
                "to": to,
                "by": by,
            },
            seconds=300,
            reads=True,
        )
        return answer

    def get_job(
        self,
        *,
        jobId: str,
    ) -> types.JobShown:
        """Answer how far a piece of long work is.

        Role: viewer. docs/calls.md says more.

        Args:
            jobId: The job.
        """
        answer: types.JobShown = self._call(
            "get_job",
            {
                "jobId": jobId,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def get_news(
        self,
        *,
        since: str,
    ) -> types.News:
        """Answer what is new since a moment.

        Role: viewer. docs/calls.md says more.

        Args:
            since: A time with its zone (`2024-05-03T17:00:00Z`); one to come is taken for now.
        """
        answer: types.News = self._call(
            "get_news",
            {
                "since": since,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def get_processing_record(
        self,
    ) -> types.ProcessingRecordShown:
        """Answer the record of processing activities.

        Role: admin. docs/calls.md says more.
        """
        answer: types.ProcessingRecordShown = self._call(
            "get_processing_record",
            {
            },
            seconds=60,
            reads=True,
        )
        return answer

    def get_settings(
        self,
    ) -> types.SettingsShown:
        """Answer what of the settings staff see.

        Role: viewer. docs/calls.md says more.
        """
        answer: types.SettingsShown = self._call(
            "get_settings",
            {
            },
            seconds=60,
            reads=True,
        )
        return answer

    def get_setup(
        self,
    ) -> types.SetupShown:
        """Answer what of the installation is still to be done.

        Role: viewer. docs/calls.md says more.
        """
        answer: types.SetupShown = self._call(
            "get_setup",
            {
            },
            seconds=60,
            reads=True,
        )
        return answer

    def get_unsubscribe_headers(
        self,
        *,
        customerId: str | None = None,
        email: str | None = None,
        userId: str | None = None,
    ) -> types.UnsubscribeLink:
        """Answer the headers with which a customer's newsletter is to be sent.

        Role: editor. docs/calls.md says more.

        Args:
            customerId: An id that was merged away finds its survivor.
            email: Any spelling of an address the customer has proven or ordered with, or is only to
                be reached by (`contactEmail`).
            userId: A Firebase Auth uid.
        """
        answer: types.UnsubscribeLink = self._call(
            "get_unsubscribe_headers",
            {
                "customerId": customerId,
                "email": email,
                "userId": userId,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def grant_role(
        self,
        *,
        email: str,
        role: Literal["viewer", "editor", "admin"],
    ) -> types.RoleChanged:
        """Give an account a role.

        Role: admin, signed in within five minutes. docs/calls.md says more.

        Args:
            email: The account's address; the person has signed in to your app once.
            role: `viewer`, `editor` or `admin`.
        """
        answer: types.RoleChanged = self._call(
            "grant_role",
            {
                "email": email,
                "role": role,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def import_contacts(
        self,
        *,
        csv: str,
        source: str | None = None,
        evidence: str | None = None,
        dryRun: bool | None = None,
    ) -> types.Imported:
        """Take a list of contacts in, or say what that would do.

        Role: admin. docs/calls.md says more.

        Args:
            csv: The list as a text, at most 8 MB.
            source: Where the list comes from, at most 200 characters; must be given.
            evidence: What shows consent, at most 1,000 characters; must be given where a row says
                `subscribed`.
            dryRun: `true` to write nothing; `source` and `evidence` are not needed then.
        """
        answer: types.Imported = self._call(
            "import_contacts",
            {
                "csv": csv,
                "source": source,
                "evidence": evidence,
                "dryRun": dryRun,
            },
            seconds=540,
            reads=False,
        )
        return answer

    def list_audit(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
        customerId: str | None = None,
        userId: str | None = None,
    ) -> types.AuditPage:
        """Answer who changed what, newest first.

        Role: admin. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
            customerId: Only what was done to this customer, under any id that leads to it; an id of
                a customer that is gone finds its entries too.
            userId: Instead of `customerId`: only what the account with this uid did.
        """
        answer: types.AuditPage = self._call(
            "list_audit",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
                "customerId": customerId,
                "userId": userId,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_campaigns(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
        rule: str | None = None,
        byRules: bool | None = None,
    ) -> types.CampaignsPage:
        """Answer the campaigns, newest first.

        Role: viewer. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
            rule: A rule's id: only those that it has sent.
            byRules: `true` to have those listed too that rules have sent.
        """
        answer: types.CampaignsPage = self._call(
            "list_campaigns",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
                "rule": rule,
                "byRules": byRules,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_consents(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
        customerId: str | None = None,
        email: str | None = None,
        userId: str | None = None,
    ) -> types.ConsentsPage:
        """Answer what a customer decided about marketing, newest first.

        Role: viewer. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
            customerId: An id that was merged away finds its survivor.
            email: Any spelling of an address the customer has proven or ordered with, or is only to
                be reached by (`contactEmail`).
            userId: A Firebase Auth uid.
        """
        answer: types.ConsentsPage = self._call(
            "list_consents",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
                "customerId": customerId,
                "email": email,
                "userId": userId,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_events(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
        q: str | None = None,
        when: Literal["past", "upcoming"] | None = None,
        sales: bool | None = None,
        order: Literal["newest", "oldest"] | None = None,
    ) -> types.EventsPage:
        """Answer the host's events, newest start first, with how many people each had.

        Role: viewer. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
            q: Beginnings of words of the name or of the id, letter case and accents aside, or the
                whole id; or a date: a day `2024-05-01`, a month `2024-05` or a year `2024` in which
                the event begins, in the organiser's `time_zone`. Every word must fit. Absent,
                `null` or blanks: every event.
            when: `past`: those that have begun; `upcoming`: those to come. An event without a known
                start counts as begun.
            sales: `true` to have `orders` and `revenue` too.
            order: `newest`, if absent, or `oldest`: which start is first. With `upcoming` and
                `oldest` the next event is the first.
        """
        answer: types.EventsPage = self._call(
            "list_events",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
                "q": q,
                "when": when,
                "sales": sales,
                "order": order,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_fields(
        self,
    ) -> types.OwnFields:
        """Answer which own fields there are.

        Role: viewer. docs/calls.md says more.
        """
        answer: types.OwnFields = self._call(
            "list_fields",
            {
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_imports(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
    ) -> types.ImportsPage:
        """Answer the imports, newest first, with what came of each.

        Role: admin. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.ImportsPage = self._call(
            "list_imports",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_mails(
        self,
        *,
        customerId: str,
        pageSize: int | None = None,
        pageToken: str | None = None,
    ) -> types.MailsPage:
        """Answer what campaigns sent to a customer, newest first.

        Role: viewer. docs/calls.md says more.

        Args:
            customerId: A customer; an id that was merged away stands for its survivor.
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.MailsPage = self._call(
            "list_mails",
            {
                "customerId": customerId,
                "pageSize": pageSize,
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_notes(
        self,
        *,
        customerId: str,
        pageSize: int | None = None,
        pageToken: str | None = None,
    ) -> types.NotesPage:
        """Answer the notes about a customer, newest first.

        Role: viewer. docs/calls.md says more.

        Args:
            customerId: An id that was merged away stands for its survivor.
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.NotesPage = self._call(
            "list_notes",
            {
                "customerId": customerId,
                "pageSize": pageSize,
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_orders(
        self,
        *,
        customerId: str,
        pageSize: int | None = None,
        pageToken: str | None = None,
    ) -> types.OrdersPage:
        """Answer a customer's orders, newest first.

        Role: viewer. docs/calls.md says more.

        Args:
            customerId: An id that was merged away lists its survivor's orders.
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.OrdersPage = self._call(
            "list_orders",
            {
                "customerId": customerId,
                "pageSize": pageSize,
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_quarantine(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
    ) -> types.QuarantinePage:
        """Answer what waits in quarantine, the latest first.

        Role: viewer. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.QuarantinePage = self._call(
            "list_quarantine",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_recipients(
        self,
        *,
        campaignId: str,
        pageSize: int | None = None,
        pageToken: str | None = None,
        state: Literal["waiting", "accepted", "refused", "excluded", "uncertain"] | None = None,
    ) -> types.RecipientsPage:
        """Answer a campaign's people, each with what became of the mail.

        Role: viewer. docs/calls.md says more.

        Args:
            campaignId: The campaign.
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
            state: Only those who are `waiting`, `accepted`, `refused`, `excluded` or `uncertain`;
                absent for all.
        """
        answer: types.RecipientsPage = self._call(
            "list_recipients",
            {
                "campaignId": campaignId,
                "pageSize": pageSize,
                "pageToken": pageToken,
                "state": state,
            },
            seconds=120,
            reads=True,
        )
        return answer

    def list_requests(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
    ) -> types.RequestsPage:
        """Answer what was asked for of people's data, and what became of it.

        Role: admin. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.RequestsPage = self._call(
            "list_requests",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_rule_runs(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
        customerId: str | None = None,
        ruleId: str | None = None,
    ) -> types.RuleRunsPage:
        """Answer what rules did, of a rule or with a customer, newest first.

        Role: viewer. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
            customerId: A customer; an id that was merged away stands for its survivor.
            ruleId: The rule.
        """
        answer: types.RuleRunsPage = self._call(
            "list_rule_runs",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
                "customerId": customerId,
                "ruleId": ruleId,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_rules(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
    ) -> types.RulesPage:
        """Answer the rules, the oldest first.

        Role: viewer. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.RulesPage = self._call(
            "list_rules",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_segments(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
    ) -> types.SegmentsPage:
        """Answer the saved segments by name.

        Role: viewer. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.SegmentsPage = self._call(
            "list_segments",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_staff(
        self,
        *,
        pageToken: str | None = None,
    ) -> types.StaffPage:
        """Answer who has a role.

        Role: admin. docs/calls.md says more.

        Args:
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.StaffPage = self._call(
            "list_staff",
            {
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def list_tags(
        self,
        *,
        pageSize: int | None = None,
        pageToken: str | None = None,
    ) -> types.TagsPage:
        """Answer the catalogue of tags.

        Role: viewer. docs/calls.md says more.

        Args:
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
        """
        answer: types.TagsPage = self._call(
            "list_tags",
            {
                "pageSize": pageSize,
                "pageToken": pageToken,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def merge_customers(
        self,
        *,
        sourceId: str,
        targetId: str,
        dryRun: bool | None = None,
        allowTwoUsers: bool | None = None,
    ) -> types.Merged:
        """Merge one customer into another, or preview it.

        Role: editor. docs/calls.md says more.

        Args:
            sourceId: The customer that is merged away; its id leads to the survivor from then on.
            targetId: The survivor. Either may be an id that was merged away earlier.
            dryRun: `true` for a preview that changes nothing.
            allowTwoUsers: `true` to merge two registered users.
        """
        answer: types.Merged = self._call(
            "merge_customers",
            {
                "sourceId": sourceId,
                "targetId": targetId,
                "dryRun": dryRun,
                "allowTwoUsers": allowTwoUsers,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def pause_campaign(
        self,
        *,
        campaignId: str,
    ) -> types.CampaignShown:
        """Have a campaign stop where it is.

        Role: editor. docs/calls.md says more.

        Args:
            campaignId: The campaign.
        """
        answer: types.CampaignShown = self._call(
            "pause_campaign",
            {
                "campaignId": campaignId,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def preview_campaign(
        self,
        *,
        campaignId: str,
        customerId: str | None = None,
    ) -> types.CampaignPreview:
        """Answer a campaign's mail to one person, and who would get it.

        Role: editor. docs/calls.md says more.

        Args:
            campaignId: The campaign to change; absent or `null` for a new draft.
            customerId: Whose mail to show; absent: the first one's who gets it, or an example's
                where nobody does.
        """
        answer: types.CampaignPreview = self._call(
            "preview_campaign",
            {
                "campaignId": campaignId,
                "customerId": customerId,
            },
            seconds=540,
            reads=True,
        )
        return answer

    def preview_rule(
        self,
        *,
        ruleId: str | None = None,
        name: str | None = None,
        when: Mapping[str, Any] | None = None,
        then: Mapping[str, Any] | None = None,
        on: bool | None = None,
        only: str | Mapping[str, Any] | None = None,
        once: Literal["ever", "event"] | Mapping[str, Any] | None = None,
        most: int | None = None,
    ) -> types.RulePreview:
        """Answer what a rule would do, and on whom; it changes nothing.

        Role: editor. docs/calls.md says more.

        Args:
            ruleId: The rule to change; absent or `null` for a new one.
            name: As of a segment; two rules may have the same one.
            when: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
            then: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
            on: Whether it acts; absent or `null`: no.
            only: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
            once: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
            most: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
        """
        answer: types.RulePreview = self._call(
            "preview_rule",
            {
                "ruleId": ruleId,
                "name": name,
                "when": when,
                "then": then,
                "on": on,
                "only": only,
                "once": once,
                "most": most,
            },
            seconds=540,
            reads=True,
        )
        return answer

    def query_segment(
        self,
        *,
        segment: str | Mapping[str, Any],
        pageSize: int | None = None,
        pageToken: str | None = None,
        sort: types.SortRequest | None = None,
        explain: bool | None = None,
    ) -> types.SegmentPage:
        """Answer who is in a segment.

        Role: viewer. docs/calls.md says more.

        Args:
            segment: In either form of the language: a text such as `tag:vip and last_order_at older
                than 90 days`, or JSON.
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
            sort: `{"by": …, "currency": …, "direction": …}`; without it, customers come in the
                order of their ids.
            explain: `true` to be told how the answer was found.
        """
        answer: types.SegmentPage = self._call(
            "query_segment",
            {
                "segment": segment,
                "pageSize": pageSize,
                "pageToken": pageToken,
                "sort": sort,
                "explain": explain,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def rebuild_customers(
        self,
        *,
        dryRun: bool | None = None,
    ) -> types.JobBegun:
        """Have everything looked at again.

        Role: admin. docs/calls.md says more.

        Args:
            dryRun: `true` to write nothing and report what is not as it should be.
        """
        answer: types.JobBegun = self._call(
            "rebuild_customers",
            {
                "dryRun": dryRun,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def rename_tag(
        self,
        *,
        tag: str,
        to: str,
    ) -> types.TagEnded:
        """Rename a tag, or unite it with another.

        Role: editor. docs/calls.md says more.

        Args:
            tag: A label or id.
            to: The new label. If there is a tag of that name, the two become one, under the label
                of the one that was there. Another spelling of the same tag (`vip`, `VIP`) changes
                the label alone, and answers 0.
        """
        answer: types.TagEnded = self._call(
            "rename_tag",
            {
                "tag": tag,
                "to": to,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def resolve_recipients(
        self,
        *,
        campaignId: str,
        customerIds: Sequence[str],
        action: Literal["resend", "close"],
    ) -> types.RecipientsResolved:
        """Send again to people whose mail may be lost, or give them up.

        Role: editor. docs/calls.md says more.

        Args:
            campaignId: The campaign.
            customerIds: 1 to 500 ids, as `list_recipients` answers them. Who is not `uncertain`
                stays as they are.
            action: `resend`: send again, so that who did get it has it twice; `close`: give them
                up, they are `refused` (`closed`).
        """
        answer: types.RecipientsResolved = self._call(
            "resolve_recipients",
            {
                "campaignId": campaignId,
                "customerIds": customerIds,
                "action": action,
            },
            seconds=300,
            reads=False,
        )
        return answer

    def resume_campaign(
        self,
        *,
        campaignId: str,
    ) -> types.CampaignShown:
        """Have a campaign go on.

        Role: editor. docs/calls.md says more.

        Args:
            campaignId: The campaign.
        """
        answer: types.CampaignShown = self._call(
            "resume_campaign",
            {
                "campaignId": campaignId,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def retry_job(
        self,
        *,
        jobId: str,
    ) -> types.JobShown:
        """Take up again a piece of long work that failed.

        Role: editor. docs/calls.md says more.

        Args:
            jobId: The job.
        """
        answer: types.JobShown = self._call(
            "retry_job",
            {
                "jobId": jobId,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def retry_quarantine(
        self,
        *,
        id: str,
    ) -> types.Retried:
        """Look at a quarantined document again.

        Role: editor. docs/calls.md says more.

        Args:
            id: Of the row, as `list_quarantine` answers it.
        """
        answer: types.Retried = self._call(
            "retry_quarantine",
            {
                "id": id,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def revoke_role(
        self,
        *,
        uid: str,
    ) -> types.RoleChanged:
        """Take an account's role away.

        Role: admin, signed in within five minutes. docs/calls.md says more.

        Args:
            uid: A Firebase Auth uid.
        """
        answer: types.RoleChanged = self._call(
            "revoke_role",
            {
                "uid": uid,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def save_campaign(
        self,
        *,
        name: str,
        subject: str,
        body: types.BodyRequest,
        segment: str | Mapping[str, Any],
        preview: str | None = None,
        from_: str | None = None,
        replyTo: str | None = None,
        campaignId: str | None = None,
        revision: int | None = None,
    ) -> types.CampaignSaved:
        """Save a campaign, or change one that is not sent yet.

        Role: editor. docs/calls.md says more.

        Args:
            name: What staff call it: one line of 1 to 100 characters, without an e-mail address.
            subject: At most 500 characters each, with placeholders; `preview` is what mailboxes
                show beside the subject, absent or `null` for nothing.
            body: `{"format": "markdown" | "mjml", "source": …}`, with placeholders; at most 200,000
                bytes.
            segment: Who is to get it, in either form of the language. It may use saved segments, by
                id or name; ids are kept. Of these only who is subscribed and reachable gets a mail,
                whatever the segment says.
            preview: At most 500 characters each, with placeholders; `preview` is what mailboxes
                show beside the subject, absent or `null` for nothing.
            from_: One address, with a name or without (`Example Events <news@example.com>`); `from`
                of `[mail]` in `crm.toml` if absent.
            replyTo: Where answers go; absent: `reply_to` of `[mail]` where `from` is absent too,
                else the sender.
            campaignId: The campaign to change; absent or `null` for a new draft.
            revision: With a `campaignId`: the revision that was read and changed, as of
                `save_segment`.
        """
        answer: types.CampaignSaved = self._call(
            "save_campaign",
            {
                "name": name,
                "subject": subject,
                "body": body,
                "segment": segment,
                "preview": preview,
                "from": from_,
                "replyTo": replyTo,
                "campaignId": campaignId,
                "revision": revision,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def save_rule(
        self,
        *,
        name: str,
        when: Mapping[str, Any],
        then: Mapping[str, Any],
        on: bool | None = None,
        only: str | Mapping[str, Any] | None = None,
        once: Literal["ever", "event"] | Mapping[str, Any] | None = None,
        most: int | None = None,
        waiting: Literal["act", "drop"] | None = None,
        ruleId: str | None = None,
        revision: int | None = None,
    ) -> types.RuleSaved:
        """Save a rule, switch it on or off.

        Role: editor. docs/calls.md says more.

        Args:
            name: As of a segment; two rules may have the same one.
            when: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
            then: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
            on: Whether it acts; absent or `null`: no.
            only: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
            once: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
            most: See rules; segments in either form, or saved ones by id or name. Absent or `null`:
                `only` everybody, `once` `"ever"`, `most` 1,000.
            waiting: `act` or `drop`, of a rule that paused because too many people wait: what
                becomes of them. Without it such a rule cannot be saved `on` (`rule-waits`).
            ruleId: The rule to change; absent or `null` for a new one.
            revision: With a `ruleId`: the revision that was read and changed, as of `save_segment`.
        """
        answer: types.RuleSaved = self._call(
            "save_rule",
            {
                "name": name,
                "when": when,
                "then": then,
                "on": on,
                "only": only,
                "once": once,
                "most": most,
                "waiting": waiting,
                "ruleId": ruleId,
                "revision": revision,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def save_segment(
        self,
        *,
        name: str,
        segment: str | Mapping[str, Any],
        description: str | None = None,
        segmentId: str | None = None,
        revision: int | None = None,
    ) -> types.SegmentSaved:
        """Give a segment a name, or change one that has a name.

        Role: editor. docs/calls.md says more.

        Args:
            name: One line of 1 to 100 characters, without an e-mail address. A name belongs to one
                segment; letter case and spaces around it do not matter.
            segment: In either form. It may use other saved segments, by id or by name; ids are
                kept, so a segment may change its name.
            description: At most 500 characters, without an e-mail address; absent or `null` for
                none.
            segmentId: The segment to change, as a whole; absent or `null` for a new one.
            revision: With a `segmentId`: the revision that was read and changed. Where the segment
                has another one by now, the call is refused (`changed-meanwhile`), and nobody's
                change is lost. Absent or `null`: the last one to save wins.
        """
        answer: types.SegmentSaved = self._call(
            "save_segment",
            {
                "name": name,
                "segment": segment,
                "description": description,
                "segmentId": segmentId,
                "revision": revision,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def search_customers(
        self,
        *,
        q: str,
        pageSize: int | None = None,
        pageToken: str | None = None,
        segment: str | Mapping[str, Any] | None = None,
    ) -> types.SearchPage:
        """Answer the customers that something typed stands for.

        Role: viewer. docs/calls.md says more.

        Args:
            q: 2 to 256 characters, as people count them: words, a domain, an order's id or the
                value of an own field.
            pageSize: 1 to 200; 50 if absent.
            pageToken: The `nextPageToken` of the page before; absent or `null` for the first.
            segment: Optionally a segment, in either form: then only those of whom it is true are
                found.
        """
        answer: types.SearchPage = self._call(
            "search_customers",
            {
                "q": q,
                "pageSize": pageSize,
                "pageToken": pageToken,
                "segment": segment,
            },
            seconds=60,
            reads=True,
        )
        return answer

    def send_campaign(
        self,
        *,
        campaignId: str,
        expected: int,
        at: str | None = None,
        latestBy: str | None = None,
    ) -> types.CampaignShown:
        """Have a campaign be sent, now or later.

        Role: editor. docs/calls.md says more.

        Args:
            campaignId: The campaign.
            expected: The `reachable` that the preview said. More than 5 % away from that now:
                `audience-changed`, with `details.reachable`.
            at: When: a time with `Z` or an offset, or without one as the clock shows it in
                `time_zone` (`2026-03-29T10:00`). Where the clock shows it twice the earlier one is
                meant, where it skips it the first moment behind the gap. Absent: now, and nothing
                leaves before `undo_seconds` of `[mail]` are over.
            latestBy: When it may begin last, written as `at`; absent: `latest_hours` of `[mail]`
                later. Where it could not begin by then, it is `missed`.
        """
        answer: types.CampaignShown = self._call(
            "send_campaign",
            {
                "campaignId": campaignId,
                "expected": expected,
                "at": at,
                "latestBy": latestBy,
            },
            seconds=540,
            reads=False,
        )
        return answer

    def set_consent(
        self,
        *,
        customerId: str,
        status: Literal["subscribed", "unsubscribed"],
        evidence: str | Mapping[str, str] | None = None,
    ) -> types.MarketingHeld:
        """Record what a person decided about marketing.

        Role: editor. docs/calls.md says more.

        Args:
            customerId: An id that was merged away stands for its survivor.
            status: `subscribed` (for the primary address) or `unsubscribed` (for the whole
                customer).
            evidence: What shows the decision: a text of 1 to 1,000 characters, or up to 10 texts by
                name with as many characters together, such as `{"source": "paper form",
                "textVersion": "2024-03"}`. Names are letters, digits, `-` and `_`, beginning with a
                letter. A subscription must have some.
        """
        answer: types.MarketingHeld = self._call(
            "set_consent",
            {
                "customerId": customerId,
                "status": status,
                "evidence": evidence,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def set_fields(
        self,
        *,
        customerId: str,
        fields: Mapping[str, Any],
    ) -> types.FieldsSet:
        """Write own fields of a customer.

        Role: editor. docs/calls.md says more.

        Args:
            customerId: An id that was merged away stands for its survivor.
            fields: 1 to 30 values by the names of fields, each of its field's type: a text, a
                number, `true` or `false`, a date as `"1990-01-02"`; `null` empties a field.
        """
        answer: types.FieldsSet = self._call(
            "set_fields",
            {
                "customerId": customerId,
                "fields": fields,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def set_reachable(
        self,
        *,
        customerId: str,
        evidence: Literal["person", "arrived", "provider"],
    ) -> types.MarketingHeld:
        """Record that mail to a customer arrives again.

        Role: editor. docs/calls.md says more.

        Args:
            customerId: An id that was merged away stands for its survivor.
            evidence: Why you know: `person` (the person says so), `arrived` (a mail has arrived) or
                `provider` (the mail provider, or the mailbox's, has mended what it was).
        """
        answer: types.MarketingHeld = self._call(
            "set_reachable",
            {
                "customerId": customerId,
                "evidence": evidence,
            },
            seconds=60,
            reads=False,
        )
        return answer

    def tag_customers(
        self,
        *,
        add: Sequence[str] | None = None,
        remove: Sequence[str] | None = None,
        customerIds: Sequence[str] | None = None,
        segment: str | Mapping[str, Any] | None = None,
    ) -> types.Tagged:
        """Change the tags of many customers.

        Role: editor. docs/calls.md says more.

        Args:
            add: Lists of at most 100 labels or ids of tags; at least one tag in all, none in both.
                A tag comes into being when it is first given, with that label.
            remove: Lists of at most 100 labels or ids of tags; at least one tag in all, none in
                both. A tag comes into being when it is first given, with that label.
            customerIds: 1 to 500; an id that was merged away stands for its survivor.
            segment: Everyone in it, in either form of the language.
        """
        answer: types.Tagged = self._call(
            "tag_customers",
            {
                "add": add,
                "remove": remove,
                "customerIds": customerIds,
                "segment": segment,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def test_campaign(
        self,
        *,
        campaignId: str,
        to: Sequence[str],
    ) -> types.CampaignTested:
        """Send a campaign's mail to staff.

        Role: editor. docs/calls.md says more.

        Args:
            campaignId: The campaign.
            to: 1 to 5 addresses. Each must be the verified address of an account with a role
                (`not-staff`): nobody can be written to by this.
        """
        answer: types.CampaignTested = self._call(
            "test_campaign",
            {
                "campaignId": campaignId,
                "to": to,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def undo_import(
        self,
        *,
        importId: str,
    ) -> types.JobBegun:
        """Take back what an import did.

        Role: admin. docs/calls.md says more.

        Args:
            importId: The import, as `import_contacts` and `list_imports` answer it.
        """
        answer: types.JobBegun = self._call(
            "undo_import",
            {
                "importId": importId,
            },
            seconds=120,
            reads=False,
        )
        return answer

    def unmerge_customers(
        self,
        *,
        mergeId: str,
    ) -> types.Unmerged:
        """Undo a merge.

        Role: editor. docs/calls.md says more.

        Args:
            mergeId: The merge, as `merge_customers` answers it.
        """
        answer: types.Unmerged = self._call(
            "unmerge_customers",
            {
                "mergeId": mergeId,
            },
            seconds=120,
            reads=False,
        )
        return answer
