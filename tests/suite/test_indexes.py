"""Every query is served by an index that a deployment creates; the emulator itself asks for none.

A scenario sends every query that the code knows, which its text is searched for. Then the emulator
says which composite indexes production would want, and `firestore.indexes.json` must have those,
no others, and no exemption of a field that is asked for.
"""

import ast
import json
import sys
import urllib.request
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest

from bench.crowd import NOW, picked, questions
from crm.audit.read import list_audit
from crm.audit.tag_names import with_names
from crm.audit.verify import verify
from crm.campaigns import came_back
from crm.campaigns.audience import Shard
from crm.campaigns.came_back import apply
from crm.campaigns.campaign import Campaign
from crm.campaigns.counts import PersonState
from crm.campaigns.last_look import look
from crm.campaigns.mails import MailRecord
from crm.campaigns.preparing import all_shards, begin_anew
from crm.campaigns.recipients import list_recipients
from crm.campaigns.resolving import _waits as waits
from crm.campaigns.resolving import resolve
from crm.campaigns.results import results
from crm.campaigns.saving import list_campaigns
from crm.campaigns.totals import all_counts
from crm.config.forms import Form
from crm.config.settings import Settings
from crm.core.errors import Refusal
from crm.customers import lookup
from crm.customers import orders as orders_of_customer
from crm.customers import reference as lookup_reference
from crm.customers.reference import CustomerRef
from crm.customers.search import search_customers
from crm.db.documents import BY_ID, Clause, Query, Snapshot, Sum
from crm.db.paging import Pager, PageTokens, Scope
from crm.entrypoints.removal import delete_documents
from crm.entrypoints.samples import sample
from crm.events.finding import named
from crm.firebase.store import FirestoreStore
from crm.importing.imports import import_contacts, list_imports, undo_import
from crm.jobs import housekeeping
from crm.jobs.cuts import cuts
from crm.jobs.cutting import cut
from crm.jobs.job import Job, path_of
from crm.mail.events import MailEvent
from crm.merging.merge import plan_merge
from crm.notes.keeping import plan_note
from crm.notes.listing import list_notes
from crm.privacy.consent_records import list_consents
from crm.privacy.declarations import OWN
from crm.privacy.erasure import job as erasure_job
from crm.privacy.erasure.erase import erase, erase_again, erasures
from crm.privacy.export.archive import export
from crm.privacy.mail_records import list_mails
from crm.privacy.requests import list_requests
from crm.privacy.rule_records import runs_of_customer, runs_of_rule
from crm.repair import rebuild_job
from crm.repair.heal import mend
from crm.repair.rebuild import rebuild
from crm.repair.rekey import rekey
from crm.repair.sweep import sweep
from crm.repair.verify import verify as check_all
from crm.reports import events as events_listed
from crm.reports.cohorts import get_cohorts
from crm.reports.comparing import compare_events
from crm.reports.events import get_event, list_events
from crm.reports.figures import get_figures
from crm.reports.growth import get_growth
from crm.reports.news import get_news
from crm.reports.sales import get_event_sales
from crm.rules import saving
from crm.rules.book import PATH, book_of
from crm.rules.checking import Asked, check
from crm.rules.drain import drain
from crm.rules.ended import _events as events_between
from crm.rules.entry import RuleEntry
from crm.rules.occurrence import waiting_of
from crm.rules.preview import preview
from crm.rules.refreshing import refresh
from crm.rules.tick import tick
from crm.segments.asking import understand
from crm.segments.engine.count import count
from crm.segments.engine.order import Position
from crm.segments.engine.pages import page
from crm.segments.engine.sorted_page import Hint, Start
from crm.segments.engine.sorting import MOST_COUNTED, sorted_page
from crm.segments.language.ast import Everyone
from crm.segments.language.text import parse
from crm.segments.saved import list_segments, save
from crm.segments.saved_plan import Definition
from crm.setup import looking
from crm.setup.checks import checked
from crm.signup import guards, waiting
from crm.signup.sending import Post
from crm.sync.quarantine import list_quarantine
from crm.tags import tagging
from crm.tags.plan import change_of
from suite.running import Suite
from testing.hosts import item, order, user
from testing.memory import MemoryStore
from testing.patience import PATIENCE
from testing.staff import Staff
from testing.world import Accounts
from tests.support.damage import all_damages, damaged
from tests.support.importing import FIELDS
from tests.support.live import LiveWorld
from tests.support.segments import sorts
from tests.support.sent import put_sent
from tests.support.signing_up import Box

ROOT = Path(__file__).parents[2]
CRM = ROOT / "crm"
DECLARED = json.loads((ROOT / "firestore.indexes.json").read_text(encoding="utf-8"))

WAYS = {"asc": "ASCENDING", "desc": "DESCENDING"}

MAILED = datetime(2024, 3, 1, tzinfo=UTC)

Site = tuple[str, int]
"""Where a query is made: file and line."""


@dataclass(frozen=True)
class Shape:
    """A composite index: fields compared in any order, then what the answer is sorted by."""

    collection: str
    compared: frozenset[str]
    sorted_by: tuple[str, str] | None

    @classmethod
    def of_query(cls, query: Query) -> "set[Shape]":
        # Firestore serves each of the alternatives by an index of its own.
        return {cls._of(query, [*query.where, *one]) for one in query.either or ((),)}

    @classmethod
    def _of(cls, query: Query, clauses: list[Clause]) -> "Shape":
        compared = frozenset(name for name, _, _ in clauses) - {"__name__"}
        # In the order of ids, or of the one field that is compared, automatic indexes serve as is.
        alone = query.order is None or query.order == BY_ID or compared <= {query.order[0]}
        by = None if alone or query.order is None else (query.order[0], WAYS[query.order[1]])
        ranged = {name for name, way, _ in clauses if way in ("<", ">=")} - {"__name__"}
        if query.order is None and ranged and compared - ranged:
            by = (min(ranged), "ASCENDING")  # what is counted: a range beside what is equal
        return cls(query.collection, compared - {by[0] if by else ""}, by)

    @classmethod
    def of_index(cls, collection: str, fields: list[dict[str, str]]) -> "Shape":
        # The document's name ends every index, in the direction of the field before it.
        named = [field for field in fields if field["fieldPath"] != "__name__"]
        last = named[-1]
        return cls(
            collection,
            frozenset(field["fieldPath"] for field in named[:-1]),
            (last["fieldPath"], last.get("order", "")),
        )

    @property
    def merged(self) -> bool:
        """Whether automatic indexes serve it: equalities and nothing to sort by."""
        return self.sorted_by is None

    @property
    def fields(self) -> set[str]:
        return {*self.compared, *([self.sorted_by[0]] if self.sorted_by else [])}


def query_sites() -> set[Site]:
    """Every place in the code that makes a query."""
    return {
        (path.name, node.lineno)
        for path in CRM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Query"
    }


@dataclass
class Sent:
    sites: set[Site]
    queries: list[Query]

    @property
    def shapes(self) -> set[Shape]:
        return {shape for query in self.queries for shape in Shape.of_query(query)}


CONSOLE_ALONE = {
    ("crmJobs", "error"),
    ("crmJobs", "startedAt"),
    ("crmJobs", "state"),
    ("crmQuarantine", "at"),
    ("crmSegments", "nameKey"),
    ("customers", "lastOrderAt"),
    ("customers", "marketing.status"),
    ("customers", "registered"),
}
"""Fields that it asks for by themselves (web/src/)."""


@pytest.fixture
def sent(live: LiveWorld, monkeypatch: pytest.MonkeyPatch) -> Sent:
    seen = Sent(set(), [])
    make, find, count = Query.__init__, FirestoreStore.find, FirestoreStore.count
    add_up = FirestoreStore.sum

    def made(self: Query, *args: Any, **more: Any) -> None:
        frame = sys._getframe(1)
        seen.sites.add((Path(frame.f_code.co_filename).name, frame.f_lineno))
        make(self, *args, **more)

    def found(self: FirestoreStore, query: Query) -> Any:
        seen.queries.append(query)
        return find(self, query)

    def counted(self: FirestoreStore, query: Query) -> int:
        seen.queries.append(replace(query, order=None))
        return count(self, query)

    def summed(self: FirestoreStore, query: Query, field: str) -> Sum:
        # Firestore adds up along an index, which has the field behind those that are compared.
        seen.queries.append(replace(query, order=(field, "asc")))
        return add_up(self, query, field)

    monkeypatch.setattr(Query, "__init__", made)
    # Of the class, for frozen views too.
    monkeypatch.setattr(FirestoreStore, "count", counted)
    monkeypatch.setattr(FirestoreStore, "sum", summed)
    monkeypatch.setattr(FirestoreStore, "find", found)
    return seen


def send_every_query(live: LiveWorld) -> None:
    def put_order(order_id: str, **fields: Any) -> None:
        live.put_order(order_id, order(**fields))

    def put_user(uid: str, email: str) -> None:
        live.host.put(f"users/{uid}", user(email))
        live.sync.sync_user(uid)

    put_order("a", day=0, marketingOptIn=True)
    put_order("b", day=1)
    put_order("c", day=2, userId="u1")
    put_order("a", day=0, status="cancelled")  # the first leaves: another is looked for
    put_order("c", day=2, status="cancelled", userId="u1")  # and the last, and the name
    put_user("u1", "ada@example.com")  # its waiting order, and the guest with its address
    put_user("u2", "ada@example.com")  # proven by two: a conflict
    (first,) = [one for one in live.customers() if "u1" in one["userIds"]]
    lookup.get_customer(live.runner, lookup_reference.CustomerRef("userId", "u1"))
    pager = Pager(PageTokens(live.keys.derive("page-token")), "staff", 1)
    page = orders_of_customer.list_orders(live.runner, pager, first["id"])
    assert isinstance(page["nextPageToken"], str)
    second = replace(pager, token=page["nextPageToken"])
    orders_of_customer.list_orders(live.runner, second, first["id"])
    for customer_id, user_id in ((None, None), (first["id"], None), (None, "staff")):
        list_audit(live.store, live.keys, pager, customer_id, user_id)
    with_names(live.store, live.keys, [{"facts": {"addedTags": "key"}}])
    save(live.runner, Definition("All", Everyone()))
    list_segments(live.store, pager)
    list_requests(live.runner, pager)
    list_consents(live.runner, pager, CustomerRef("customerId", first["id"]))
    for text in ("one", "two"):  # the second looks for the first
        live.runner.run(partial(plan_note, customer_id=first["id"], text=text))
    list_notes(live.runner, pager, first["id"])
    list_the_events(live, pager)
    live.put_order("sought", order("bea@example.com"))
    declared = Settings.model_validate({"email_trust": "document", "fields": FIELDS})
    for runner in (live.runner, replace(live.runner, settings=declared)):
        for q in ("ada", "ada@example.com", "@example.com", "sought", "ACME Inc."):
            search_customers(runner, pager, q)
    export(live.runner, Scope("staff", "", {}), CustomerRef("customerId", first["id"]))
    verify(live.store, live.keys, live.runner.retry)
    live.host.delete(f"customers/{first['id']}")
    assert rebuild(live.runner).failed == []  # makes it anew
    ask_what_came_of_a_campaign(live)
    work_on_a_campaign(live, pager)
    have_rules_act(live, pager)
    have_time_set_rules_off(live)
    take_lists_in(live, pager)
    mend_every_damage(live)
    live.sync._fill(tuple(first["parts"]))  # as after events of a full customer have gone
    live.host.put("users/u3", user(None))
    put_order("odd", total="much")
    list_quarantine(live.store, pager)
    look_at_samples(live)
    checked(live.runner, Staff(), mail=None, unsubscribe="https://example.com/")
    list(check_all(live.runner))
    sweep(live.runner, lambda _job_id: None)
    tag_and_rename(live, pager)
    see_to_sign_ups(live)
    rekey(live.runner, 1)
    erase_some(live)
    cut_into_slices(live)
    ask_segments(live)
    ask_figures(live)
    for order_id in "abc":  # nothing is left of the first user's customer
        gone = live.host.delete(f"orders/{order_id}")
        live.sync.sync_order(order_id, gone)
    gone = live.host.delete("users/u1")
    live.sync.sync_user("u1", gone)  # the address is free: who else claims it
    assert delete_documents(live.store, lambda *_: None)


def list_the_events(live: LiveWorld, pager: Pager) -> None:
    for q in (None, "dev", "2024"):
        for when in (None, "past", "upcoming"):
            list_events(live.runner, pager, q, when, sales=True)
            list_events(live.runner, pager, q, when, order="oldest")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(events_listed, "MOST_ORDERS", 0)  # so that orders are added up
        list_events(live.runner, pager, sales=True)
    get_event(live.runner, "devops-2024")
    assert get_event_sales(live.runner, "devops-2024")["sales"]
    live.put_order("other", order(items=[item("other-event", eventName="Other")]))
    assert compare_events(live.runner, ["devops-2024", "other-event"])["both"]
    assert len(named(live.store, "devops workshop")) == 1


def ask_what_came_of_a_campaign(live: LiveWorld) -> None:
    live.put_order("after", order("ada@example.com", createdAt=MAILED + timedelta(days=1)))
    key = live.keys.address("ada@example.com")
    record = MailRecord("c1-x", "c1", "as-of-then", key, key, "c1-000000", "accepted", MAILED)
    live.host.put(record.path, replace(record, provider_id="told-1").to_data())
    came_back = MailEvent("soft_bounce", MAILED, provider_id="told-1")
    assert apply(live.runner, came_back) == "changed"
    body = {"format": "markdown", "source": "# Hi"}
    made = Campaign("c1", "March", "Hi", "", body, {}, "news@example.com", MAILED, MAILED)
    assert results(live.runner, replace(made, started_at=MAILED)).ordered == 1
    live.host.delete(record.path)


def work_on_a_campaign(live: LiveWorld, pager: Pager) -> None:
    """What is asked around a campaign that was sent, or was to be."""
    place = SimpleNamespace(all=live.host.all, put=live.host.put, now=live.runner.now)
    shop = cast("Any", SimpleNamespace(runner=live.runner, store=place))
    mine = next(one["id"] for one in live.customers() if one["primaryEmail"])
    campaign = put_sent(shop, {mine: "uncertain"})
    zone = live.runner.settings.time_zone
    list_campaigns(live.store, pager, zone)
    list_campaigns(live.store, pager, zone, "some-rule")
    for state in get_args(PersonState):
        list_recipients(live.runner, pager, campaign.id, state)
    list_recipients(live.runner, pager, campaign.id)
    list_mails(live.runner, pager, CustomerRef("customerId", mine))
    assert all_counts(live.store, campaign.id)["audience"] == 1
    (shard,) = live.store.find(all_shards(campaign.id))
    now = live.runner.now()
    came_back.apply(live.runner, MailEvent("soft_bounce", now, provider_id="provider-0"))
    resolve(live.runner, lambda _: None, campaign.id, [mine], "close")
    assert not waits(live.runner, campaign.id)
    gone = replace(Shard.from_data(shard.id, shard.fields), people=("gone",))
    assert look(live.runner, gone, [0])[1][0].reason == "gone"
    begin_anew(live.runner, live.store.read([campaign.path])[campaign.path])


def have_rules_act(live: LiveWorld, pager: Pager) -> None:
    """What is asked around a rule that acts on somebody, and one that has gone."""
    runner = live.runner
    asked = Asked("Buyers", {"enters": "order_count >= 1"}, {"addTags": ["Buyer"]}, on=True)
    rule, gone = (saving.save(runner, check(runner, asked)) for _ in "ab")
    saving.delete(runner, gone.id)
    mine = next(one["id"] for one in live.customers() if one["primaryEmail"])
    now = runner.now()
    for number, of in enumerate((rule, gone)):
        row = RuleEntry(f"row{number}", of.id, mine, now, of.since)
        live.host.put(row.path, row.to_data())
    done = drain(runner, lambda _: None, 60, lambda *_: None)
    assert dict(done.outcomes) == {"done": 1, "dropped": 1}
    saving.list_rules(live.store, pager)
    runs_of_rule(live.store, pager, rule.id)
    runs_of_customer(runner, pager, CustomerRef("customerId", mine))
    refresh(runner)


def have_time_set_rules_off(live: LiveWorld) -> None:
    """What is asked for rules about events that are over, and who has not ordered for long."""
    runner = live.runner
    for when in ({"eventEnded": {"days": 0, "at": "00:00"}}, {"sinceLastOrder": {"days": 1}}):
        asked = Asked("Later", when, {"addTags": ["Later"]}, on=True)
        rule = saving.save(runner, check(runner, asked))
        preview(runner, rule, book_of(runner.read_one(PATH).data), saved=True)
        done = tick(runner, lambda _: None)
        assert done.failed == []
        live.store.find(waiting_of(rule.id, 5))
        saving.delete(runner, rule.id)
    now = runner.now()  # no rule has been on for long enough to be due
    list(events_between(runner, now - timedelta(days=1), now))


def take_lists_in(live: LiveWorld, pager: Pager) -> None:
    """What is asked as contacts come in, are listed, and go again; one has become somebody else."""
    csv = "email,tags\n" + "".join(f"in{one}@example.com,Listed\n" for one in range(3))
    done = import_contacts(live.runner, lambda _: None, csv, source="a fair", evidence=None)
    list_imports(live.runner, pager)
    one, two, _ = (c["id"] for c in live.customers() if "listed" in c["tags"])
    live.runner.run(lambda tx: plan_merge(tx, one, two))
    job_id = undo_import(live.runner, lambda _: None, str(done["importId"]))["jobId"]
    assert live.store.read([path_of(str(job_id))])[path_of(str(job_id))].fields["state"] == "done"
    assert len([c for c in live.customers() if "listed" in c["tags"]]) == 1  # the merged ones


def look_at_samples(live: LiveWorld) -> None:
    sample(live.store, "orders", 5, live.runner.settings)
    sample(live.store, "users", 5)
    source = looking.Source.of(live.runner)
    looking.arrivals(source)
    looking.quarantined(source, why=True)
    looking.work(source)


def mend_every_damage(live: LiveWorld) -> None:
    """What a rebuild asks that meets damage: in memory first, then the real database, too."""
    asked: dict[str, Query] = {}

    class Asked(MemoryStore):
        def find(self, query: Query) -> list[Snapshot]:
            asked[repr(query)] = query
            return super().find(query)

    for one in all_damages():
        if one.what in ("missing", "garbage"):
            world = damaged(one)
            world.store.__class__ = Asked
            rebuild(world.runner, threads=1)
    world = damaged()
    world.store.__class__ = Asked
    key = world.runner.keys.user("u1")
    identity = world.store.all("crmIdentities")[key]
    world.store.put(f"crmIdentities/{key}", {**identity, "uid": None})
    home = world.store.all("customers")[identity["customerId"]]
    parts = {name: {**part, "uid": None} for name, part in home["parts"].items()}
    world.store.put(f"customers/{identity['customerId']}", {**home, "parts": parts})
    rebuild(world.runner, threads=1)
    for collection in OWN:
        for lost in (False, True):
            world = damaged()
            for name in world.store.all(collection.path) if lost else ():
                world.store.delete(f"{collection.path}/{name}")
            world.store.put(f"{collection.path}/stray", {"x": 1})
            world.store.__class__ = Asked
            rebuild(world.runner, threads=1)
    world = damaged()
    world.store.__class__ = Asked
    name = next(iter(world.store.all("customers")))
    world.store.delete(f"customers/{name}")
    mend(world.runner, world.store.read([f"customers/{name}"]).values())
    for query in asked.values():
        live.store.find(query)


def see_to_sign_ups(live: LiveWorld) -> None:
    form = Form.model_validate({"text": {"en": "Yes."}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(guards, "ENOUGH", 0)
        guards.stopped_by(live.store, form, "f", "network", live.runner.now(), worked=False)
    waiting.attend(live.runner, lambda: Post(live.runner, Box, "https://example.com"))


def erase_some(live: LiveWorld) -> None:
    runner = replace(live.runner, accounts=Accounts())

    def gone(kind: Any, value: str) -> None:
        erase(
            runner,
            lambda _job_id: None,
            lookup_reference.CustomerRef(kind, value),
            reason="asked by letter",
        )

    live.put_order("e", order("eve@example.com", userId="u9"))
    ahead = datetime.now(UTC) + timedelta(days=9)
    live.put_order("f", order("fay@example.com", items=[item("later", eventStartsAt=ahead)]))
    with pytest.raises(Refusal):
        gone("email", "fay@example.com")
    live.host.put("users/u9", user("eve@example.com"))
    live.sync.sync_user("u9")
    live.put_order("odd too", order("odd@example.com", total="much"))
    gone("userId", "u9")
    gone("email", "odd@example.com")
    (record, *_) = erasures(runner)
    gone("customerId", next(one for e in erasures(runner) for one in e.customers))
    assert erase_again(runner, lambda _job_id: None, record) is False


def cut_into_slices(live: LiveWorld) -> None:
    """What workers ask who share a job, whatever there is to share."""
    now = live.runner.now()
    arguments = {"dryRun": True, "cut": True}
    job = Job("j", rebuild_job.JOB, arguments, "system", now, now)
    for phase in rebuild_job.KINDS[rebuild_job.JOB].phases:
        phase.cut(live.runner, job)
    erased = erasures(live.runner)[0]
    for search in filter(None, erasure_job._searches(erased)):
        search.page(live.runner, ("a", "b"), None)
        for query in search.queries:
            cuts(live.store, query, 3, total=20_000)
            cut(live.runner, query, 100, 3)


def tag_and_rename(live: LiveWorld, pager: Pager) -> None:
    save(live.runner, Definition("Mine", parse("tag:vip")))
    change = change_of(["vip"], [])
    tagging.tag_segment(live.runner, lambda _job_id: None, parse("everyone"), change)
    tagging.rename_tag(live.runner, lambda _job_id: None, "vip", "guest")
    page = tagging.list_tags(live.store, pager)
    assert page["tags"]
    tagging.delete_tag(live.runner, lambda _job_id: None, "guest")
    housekeeping.stale(live.store, live.runner.now())


def ask_segments(live: LiveWorld) -> None:
    """Every kind of query that a segment becomes; what one may hold, `bench.model` asserts."""
    understand(live.runner, parse('attended:"devops-2024" or tag:vip and no_show:"Not there"'))
    orders = sorts("USD")
    for number, (_, node) in enumerate([*picked(), *questions(40)]):
        page(live.store, node, NOW, "0")
        count(live.store, node, NOW)
        sort = orders[number % len(orders)]
        begun = Start(sort.before_values)
        for hint in (Hint(), Hint(tied=1), Hint(crowd=MOST_COUNTED, end=sort.places)):
            sorted_page(live.store, node, NOW, sort, replace(begun, hint=hint))
        for start in (None, Start(Position(None, "0"))):
            sorted_page(live.store, node, NOW, sort, start)


def ask_figures(live: LiveWorld) -> None:
    first, last = date(2024, 3, 1), date(2024, 3, 29)
    assert get_figures(live.runner, first, last, "day")["figures"]  # reads the orders
    (month,) = cast("Any", get_figures(live.runner, first, last, "month")["figures"])  # adds up
    assert month["orders"] > 1
    assert get_cohorts(live.runner, first, date(2024, 6, 1))["cohorts"]
    assert get_growth(live.runner, first, last, "day")["growth"]
    assert get_news(live.runner, MAILED)["orders"]


def test_facets_are_indexed_in_the_one_direction_that_is_asked_for() -> None:
    (override,) = [one for one in DECLARED["fieldOverrides"] if one["fieldPath"] == "facets"]
    # Of a map; the same goes for all its keys.
    assert override["indexes"] == [{"queryScope": "COLLECTION", "order": "ASCENDING"}]


def wanted_by_the_emulator(suite: Suite, project: str) -> list[tuple[str, list[dict[str, str]]]]:
    """The composite indexes that the queries sent so far would like."""
    url = (
        f"http://{suite.firestore_host}/emulator/v1/projects/{project}:indexUsage"
        f"?database=projects/{project}/databases/(default)"
    )
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        reports = json.load(answer).get("reports", [])
    return [
        (one["index"]["name"].split("/")[5], one["index"]["fields"])
        for one in reports
        if one["index"]["queryScope"] == "COLLECTION"
    ]


def test_every_query_has_its_index_and_every_index_its_query(
    suite: Suite, live: LiveWorld, sent: Sent
) -> None:
    send_every_query(live)
    assert query_sites() - sent.sites == set(), "let `send_every_query` send these too"

    merged = {(one.collection, frozenset(one.fields)) for one in sent.shapes if one.merged}
    wanted = {
        Shape.of_index(collection, fields)
        for collection, fields in wanted_by_the_emulator(suite, live.project)
        # The emulator lists sets of equalities too, which automatic indexes serve together.
        if (collection, frozenset(f["fieldPath"] for f in fields) - {"__name__"}) not in merged
    }
    assert wanted == {one for one in sent.shapes if not one.merged}
    assert wanted == {
        Shape.of_index(one["collectionGroup"], one["fields"]) for one in DECLARED["indexes"]
    }

    exempt = {
        (one["collectionGroup"], one["fieldPath"])
        for one in DECLARED["fieldOverrides"]
        if not one["indexes"]
    }
    # Automatic indexes serve these, so no field of theirs may be without one.
    alone = {(one.collection, name) for one in sent.shapes if one.merged for name in one.fields}
    ordered = {
        (query.collection, query.order[0], WAYS[query.order[1]])
        for query in sent.queries
        if query.order not in {None, BY_ID}
        and query.order is not None
        and all(one.merged for one in Shape.of_query(query))
    }
    assert (alone | {one[:2] for one in ordered} | CONSOLE_ALONE) & exempt == set()
    assert alone
    assert ordered
    ways = {
        (one["collectionGroup"], one["fieldPath"], index["order"])
        for one in DECLARED["fieldOverrides"]
        for index in one["indexes"]
    }
    left = {one[:2] for one in ways}  # fields that are indexed in some ways alone
    assert {one for one in ordered if one[:2] in left} <= ways
