"""A shop whose staff take in lists, in memory."""

from __future__ import annotations

from typing import Any

from crm.audit import verify as audit_check
from crm.consent.plan import plan_consent, plan_unsubscribe, withdraw_address
from crm.consent.reach import came_back
from crm.consent.records import COMPLAINT
from crm.customers.change_set import ChangeSet
from crm.customers.reference import CustomerRef
from crm.db.paging import Pager, PageTokens
from crm.db.transaction import Plan, Transaction
from crm.fields.plan import WriteFields
from crm.importing import imports
from crm.merging.merge import plan_merge
from crm.merging.unmerge import plan_unmerge
from crm.privacy.erasure.erase import erase
from crm.repair.verify import verify
from crm.tags.plan import change_of
from crm.tags.tagging import tag_customers
from testing.memory import MemoryStore
from testing.world import KEYS, World

FIELDS: dict[str, Any] = {
    "company": {"type": "text", "label": "Company", "purpose": "Invoices"},
    "seats": {"type": "number", "label": "Seats", "purpose": "Halls"},
    "vegan": {"type": "bool", "label": "Vegan", "purpose": "Catering"},
    "size": {"type": "choice", "choices": ["S", "M"], "label": "Size", "purpose": "Shirts"},
    "city": {"type": "text", "label": "City", "purpose": "Invitations", "from": "city"},
}

OF_PEOPLE = ("customers", "crmIdentities", "crmConsents", "crmLinks", "crmMerges")


class Desk(World):
    """A world whose staff import; time goes on only where a test says so."""

    def __init__(self, store: MemoryStore | None = None, **settings: Any) -> None:
        super().__init__(store, settings={"fields": FIELDS, **settings})

    def take_in(
        self,
        csv: str,
        source: str | None = "the fair of 2025",
        evidence: str | None = "a ticked box on paper",
        *,
        dry_run: bool = False,
    ) -> dict[str, Any]:
        """Import a file, and let the workers end."""
        done: dict[str, Any] = imports.import_contacts(
            self.runner,
            self.queue.append,
            csv,
            source=source,
            evidence=evidence,
            dry_run=dry_run,
        )
        self.work()
        return done

    def report(self, csv: str, **more: Any) -> dict[str, Any]:
        """Import a file; say what came of it, but for what is nothing."""
        done = self.take_in(csv, **more)
        if done["jobId"]:
            done["report"] = self.imports()[0]["report"]
        return {name: one for name, one in done["report"].items() if one}

    def undo(self, import_id: str) -> dict[str, Any]:
        done = imports.undo_import(self.runner, self.queue.append, import_id)
        self.work()
        found: dict[str, Any] = self.store.all("crmJobs")[str(done["jobId"])]
        return found

    def imports(self) -> list[dict[str, Any]]:
        """All imports as staff see them, the newest first."""
        pager = Pager(PageTokens(KEYS.derive("page-token")), "staff", 50)
        found: Any = imports.list_imports(self.runner, pager)["imports"]
        return [*found]

    def status(self, email: str) -> str:
        found: str = self.with_email(email)["marketing"]["status"]
        return found

    def people(self) -> dict[str, Any]:
        """Everything that is kept of people, but for when it was written."""
        return {
            f"{collection}/{name}": {k: v for k, v in one.items() if k != "updatedAt"}
            for collection in OF_PEOPLE
            for name, one in self.store.all(collection).items()
        }

    def unsubscribe(self, email: str) -> None:
        key = KEYS.address(email)
        self.runner.run(lambda tx: plan_unsubscribe(tx, key))

    def complain(self, email: str) -> None:
        def plan(tx: Transaction) -> Plan[None]:
            changes = ChangeSet(tx)
            withdraw_address(changes, tx, KEYS.address(email), COMPLAINT)
            return Plan(changes.writes(), None)

        self.runner.run(plan)

    def bounce(self, email: str) -> None:
        def plan(tx: Transaction) -> Plan[None]:
            changes = ChangeSet(tx)
            came_back(changes, KEYS.address(email), tx.now, anew=True)
            return Plan(changes.writes(), None)

        self.runner.run(plan)

    def consent(self, email: str, status: Any) -> None:
        customer_id = self.with_email(email)["id"]
        call_id = self.runner.new_id()
        self.runner.run(lambda tx: plan_consent(tx, call_id, customer_id, status, "desk"))

    def erase(self, email: str) -> None:
        erase(self.runner, self.queue.append, CustomerRef("email", email), reason="by letter")
        self.work()
        self.resync()  # the events of the orders that were redacted

    def merge(self, source: str, target: str) -> str:
        a, b = (self.with_email(one)["id"] for one in (source, target))
        plan, _ = self.runner.run(lambda tx: plan_merge(tx, a, b))
        assert plan.merge_id
        return plan.merge_id

    def unmerge(self, merge_id: str) -> None:
        self.runner.run(lambda tx: plan_unmerge(tx, merge_id))

    def tag(self, email: str, add: Any = (), remove: Any = ()) -> None:
        tag_customers(self.runner, [self.with_email(email)["id"]], change_of(add, remove))

    def fields(self, email: str, **values: Any) -> None:
        self.runner.run(WriteFields(self.with_email(email)["id"], values))

    def faults(self) -> list[str]:
        """Everything that must always hold and does not."""
        trail = audit_check.verify(self.store, KEYS, self.runner.retry)
        return [
            *self.wrong(),
            *(f"{path} {what}" for path, what in verify(self.runner)),
            *(f"audit {fault.place} {fault.reason}" for fault in trail.faults),
        ]
