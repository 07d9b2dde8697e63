"""The documentation says what the code does: names, figures, commands, links."""

import ast
import functools
import platform
import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import crm
from crm.audit.trail import record
from crm.campaigns.audience import Shard
from crm.campaigns.campaign import Campaign
from crm.campaigns.counts import Counts
from crm.campaigns.mails import MailRecord
from crm.config.settings import Settings
from crm.consent.records import Record
from crm.customers.attendance import Attendance, NameSource
from crm.customers.customer import Customer
from crm.customers.decision import SUBSCRIBED, Decision
from crm.customers.identity import AddressIdentity, UserIdentity
from crm.customers.ledger import Contribution, LedgerEntry
from crm.customers.limits import (
    DAY_BYTES,
    MAX_CUSTOMER_BYTES,
    MAX_DAYS,
    MAX_EVENTS,
    MAX_PARTS,
)
from crm.customers.part import Part, Spend
from crm.db import collections
from crm.db.documents import Create, Set, Snapshot
from crm.db.transaction import Transaction
from crm.entrypoints.callables.dispatch import CALLS
from crm.entrypoints.cli import cli
from crm.entrypoints.job_kinds import KINDS
from crm.events.event import Event
from crm.host.items import MAX_EVENTS_OF_ORDER as MAX_EVENTS_OF_AN_ORDER
from crm.host.order import Tickets
from crm.jobs.job import Job
from crm.jobs.slices import Slice
from crm.merging.record import Before, Merge, Proof
from crm.notes.note import Note
from crm.reports.buckets import MAX_BUCKETS, USUAL
from crm.reports.erased import MAX_ERASED
from crm.rules.book import Book
from crm.rules.entry import RuleEntry
from crm.rules.occurrence import Occurrence, Progress
from crm.rules.rule import Rule
from crm.rules.run import RuleRun
from crm.segments.language.ast import Tag
from crm.segments.saved import save
from crm.segments.saved_plan import Definition
from crm.signup.record import Asked, SignUp
from crm.sync.quarantine_rows import quarantine_write
from crm.tags.catalogue import TagRow
from suite.__main__ import cli as suite_cli
from testing.world import KEYS, World
from tests.support.costs import COSTS, MOST_WHEN_THE_FIRST_ORDER_LEAVES
from tests.support.promised import PROMISED
from tests.support.sent import put_sent
from tests.support.stored import DOCUMENTS as STORED_DOCUMENTS

ROOT = Path(__file__).parents[3]
NOW = datetime(2024, 3, 1, tzinfo=UTC)
DOCUMENTS = sorted({*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("demo/**/*.md")})
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
CALLS_PAGE = (ROOT / "docs/calls.md").read_text(encoding="utf-8")
HOW = (ROOT / "docs/how-it-works.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs/operating.md").read_text(encoding="utf-8")
COSTS_PAGE = (ROOT / "docs/costs.md").read_text(encoding="utf-8")
MODEL = (ROOT / "docs/data-model.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose_and_code(text: str) -> tuple[str, list[str]]:
    """Split a document: its text without fenced blocks, and every piece of code in it."""
    fences = re.compile(r"^ *```[^\n]*\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
    blocks = [line.strip() for block in fences.findall(text) for line in block.splitlines()]
    prose = fences.sub("", text)
    return prose, [*blocks, *spans(prose)]


def spans(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def section(text: str, heading: str) -> str:
    """What stands below a heading, to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n", text, re.MULTILINE)
    assert found, f"there is no heading {heading}"
    rest = text[found.end() :]
    end = re.search(rf"^#{{1,{len(found[1])}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def rows(text: str) -> list[list[str]]:
    """The rows of a text's tables, heads and rules aside."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = {number for number, line in enumerate(lines) if re.fullmatch(r"[|:\- ]+", line)}
    kept = [line for number, line in enumerate(lines) if not rules & {number, number + 1}]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in kept]


# --- Links ---------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The names that GitHub gives a document's headings."""
    titles = re.findall(r"^#+ (.+)$", prose_and_code(text)[0], re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def broken_links(path: Path, text: str) -> list[str]:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose_and_code(text)[0]):
        if re.match(r"https?://", link):
            continue
        target, _, anchor = link.partition("#")
        file = path.parent / target
        there = not target or file.exists()
        if there and anchor:
            there = anchor in anchors(file.read_text(encoding="utf-8") if target else text)
        if not there:
            broken.append(link)
    return broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(path: Path) -> None:
    assert broken_links(path, path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("link", "broken"),
    [
        ("none.md", True),
        ("docs/how-it-works.md", False),
        ("docs/how-it-works.md#races", False),
        ("docs/how-it-works.md#peace", True),
        ("#licence", True),
        ("#here-it-is", False),
        ("https://example.com", False),
    ],
)
def test_a_broken_link_is_seen(link: str, broken: bool) -> None:
    text = f"# Here *it* is\n\n[a link]({link})\n\n```\n[code](nowhere.md)\n```\n"
    assert broken_links(ROOT / "x.md", text) == ([link] if broken else [])


# --- Commands, functions, files ------------------------------------------------------------------


@functools.cache
def declared() -> set[str]:
    """The functions of `main.py`."""
    tree = ast.parse((ROOT / "main.py").read_text(encoding="utf-8"))
    functions = (node.name for node in tree.body if isinstance(node, ast.FunctionDef))
    return {name for name in functions if not name.startswith("_")}


@functools.cache
def targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def unknown_names(text: str) -> list[str]:
    """What a document tells its reader to use, and is not there."""
    _, code = prose_and_code(text)
    missing = []
    for piece in code:
        if (make := re.match(r"(?:\$ )?make ([a-z]+)\b", piece)) and make[1] not in targets():
            missing.append(f"make {make[1]}")
        for module, command in re.findall(r"python3? -m (\w+)(?: ([a-z][\w-]*))?", piece):
            commands = {"crm": cli.commands, "suite": suite_cli.commands}.get(module)
            if commands is not None and command and command not in commands:
                missing.append(f"python -m {module} {command}")
        word = re.match(r"(\w+)(?:\(|$)", piece)
        if word and word[1] in PROMISED - declared():
            missing.append(word[1])
        in_here = re.fullmatch(r"(?:bench|crm|demo|docs|suite|testing|tests)/[\w./-]+", piece)
        if in_here and not (ROOT / piece).exists() and "node_modules" not in piece:
            missing.append(piece)
    return missing


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_what_a_document_names_is_there(path: Path) -> None:
    assert unknown_names(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("make coffee", ["make coffee"]),
        ("make test TESTS=tests/unit", []),
        ("GCLOUD_PROJECT=x python -m crm fly", ["python -m crm fly"]),
        ("venv/bin/python -m crm grant a@example.com viewer", []),
        ("venv/bin/python -m suite exec -- true", []),
        ("python -m suite sing", ["python -m suite sing"]),
        ("get_customer", []),
        ("promised_later", ["promised_later"]),
        ("crm/nowhere.py", ["crm/nowhere.py"]),
        ("crm/customers/part.py", []),
    ],
)
def test_a_name_that_is_not_there_is_seen(
    code: str, missing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "PROMISED", PROMISED | {"promised_later"})
    assert unknown_names(f"Say `{code}`.") == missing
    assert unknown_names(f"```\n{code}\n```") == missing


def test_the_page_of_calls_names_every_function() -> None:
    named = [span for row in rows(section(CALLS_PAGE, "Every function")) for span in spans(row[0])]
    assert sorted(named) == sorted(declared())


def test_every_callable_has_its_section() -> None:
    assert set(re.findall(r"^## `(\w+)`$", CALLS_PAGE, re.MULTILINE)) == set(CALLS)


def test_every_command_of_the_operator_is_explained() -> None:
    told = [span for row in rows(section(OPERATING, "The command")) for span in spans(row[0])]
    assert sorted(told) == sorted(cli.commands)


def test_every_make_target_that_has_a_help_is_explained() -> None:
    helped = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    explained = {code.split()[1] for code in spans(contributing) if code.startswith("make ")}
    assert set(helped) - {"help"} <= explained


# --- Walks through the code ----------------------------------------------------------------------


def defined(path: Path) -> set[str]:
    """The functions, classes and constants of a module, and `Class.method`."""
    names = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = (one for one in node.body if isinstance(one, ast.FunctionDef))
            names |= {f"{node.name}.{one.name}" for one in inner}
    return names


def steps(walk: str) -> list[tuple[str, list[str]]]:
    """The file that each numbered step begins with, and the names in it before the colon."""
    found = re.findall(r"^\d+\. `([\w/]+\.py)`((?:, `[\w.]+`)+):", walk, re.MULTILINE)
    return [(file, spans(names)) for file, names in found]


def lost(text: str) -> list[str]:
    """What a document says of the code and is not so: a step's file or name, `name` in `file`."""
    pairs = [(file, name) for file, names in steps(text) for name in names]
    said = re.findall(r"`([\w.]+)`\s+in\s+`(crm/[\w/]+\.py)`", text)
    pairs += [(file, name) for name, file in said]
    return [
        f"{file} {name}"
        for file, name in pairs
        if not (ROOT / file).exists() or name not in defined(ROOT / file)
    ]


@pytest.mark.parametrize("walk", ["An order", "A call", "An erasure"])
def test_a_walk_names_what_is_there(walk: str) -> None:
    text = section(ARCHITECTURE, walk)
    numbered = re.findall(r"^\d+\. ", text, re.MULTILINE)
    assert 6 <= len(numbered) <= 10
    assert len(steps(text)) == len(numbered), "each step names a file and a function"
    assert lost(text) == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_name_is_in_the_file_that_a_document_says(path: Path) -> None:
    assert lost(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("1. `crm/sync/sync.py`, `Sync.sync_order`: it", []),
        ("1. `crm/sync/sync.py`, `Sync.sync_all`: it", ["crm/sync/sync.py Sync.sync_all"]),
        ("1. `crm/sync/gone.py`, `sync`: it", ["crm/sync/gone.py sync"]),
        ("as `route` in\n`crm/sync/order_route.py`", []),
        ("as `rout` in `crm/sync/order_route.py`", ["crm/sync/order_route.py rout"]),
    ],
)
def test_a_step_that_leads_nowhere_is_seen(text: str, missing: list[str]) -> None:
    assert lost(text) == missing


# --- Documents of the database -------------------------------------------------------------------


def filled_part() -> Part:
    source = NameSource(NOW, "o1")
    return Part(
        key="e1-x",
        address="ada@example.com",
        spend={"USD": Spend(1, 1)},
        name_source=source,
        events={"e": Attendance(1, 1, 1, 0, "E", NOW, source)},
        decision=Decision(SUBSCRIBED, NOW, "staff"),
    )


def filled_share() -> Contribution:
    tickets = {"e": Tickets("E", NOW, 1, 1, 0)}
    return Contribution("paid", True, "USD", 100, 0, NOW, "Ada", True, tickets)


def filled_merge() -> Merge:
    before = Before((), NOW, (), 0)
    return Merge(
        "a", "b", NOW, "open", {}, (), before, before, (), Proof("u1-x", None, "e1-x", None)
    )


def campaign_of(world: World) -> Campaign:
    return put_sent(world, {})


def shard() -> Shard:
    later = {"0": {"attempts": 1, "at": NOW, "code": "451"}}
    return Shard("c-000000", "c", ("a",), ("k",), {}, Counts(1, 1), 1, 1, later=later)


def mail() -> MailRecord:
    return MailRecord("c-k", "c", "a", "e1-x", "e1-x", "c-000000", "accepted", NOW)


def saved(collection: str) -> object:
    world = World()
    save(world.runner, Definition("VIPs", Tag("vip"), "who spent much"))
    (data,) = world.store.all(collection).values()
    return data


def sign_up() -> SignUp:
    asked = Asked(NOW, "newsletter", "v", "en", "m")
    one = SignUp("e1-x", "pending", NOW, NOW)
    return one.asks(asked, "ada@example.com", network="n", worked=True)


def taken_in() -> list[tuple[str, object]]:
    found = {name: data for name, _, data in STORED_DOCUMENTS if name in ("Import", "Chunk")}
    return [
        ("`crmImports/{importId}`", found["Import"]),
        ("`crmImported/{importId}-{number}`", found["Chunk"]),
    ]


def quarantine_row() -> object:
    tx = Transaction(Settings(), KEYS, NOW, lambda: "id")
    write = quarantine_write("crmQuarantine/q", "orders", "o1", "email-invalid", tx)
    assert isinstance(write, Set)
    return write.data


def audited() -> list[object]:
    """What an entry and its head hold."""
    head = Snapshot(f"{collections.AUDIT_HEADS}/00", None, 0)
    tx = Transaction(
        Settings(),
        KEYS,
        NOW,
        lambda: "id",
        snapshots={head.path: head},
        memo={"audit chain": 0},
    )
    writes = record(tx, "customer.merge", ["a", "b"])
    return [write.data for write in writes if isinstance(write, Create)]


CUSTOMER = Customer("c", NOW, {"p": filled_part()}).to_data(NOW, double=False)
IDENTITY = {**AddressIdentity().to_data(), **UserIdentity().to_data()}
RULE = Rule("p", "VIP", True, {}, {}, "ever", 1, NOW, NOW)
LINK = {"customerId": "b", "mergeId": "m"}
STORED = [
    ("`customers/{customerId}`", CUSTOMER),
    ("Parts", filled_part().to_data()),
    ("`crmOrders/{orderId}`", LedgerEntry(1, contribution=filled_share()).to_data()),
    ("`crmIdentities/{key}`", IDENTITY),
    ("`crmConsents/{id}`", Record("e1-x", "subscribed", NOW, "staff", "operator").to_data()),
    ("`crmNotes/{noteId}`", Note("n", "p", "e1-x", "x", NOW, "system").to_data()),
    ("`crmLinks/{customerId}`", LINK),
    ("`crmMerges/{mergeId}`", filled_merge().to_data()),
    ("`crmEvents/{id}`", Event("a", NOW, "A", NOW).to_data()),
    ("`crmTags/{tagId}`", TagRow("VIP", NOW).to_data()),
    ("`crmJobs/{jobId}`", Job("j", "tag", {}, "system", NOW, NOW).to_data()),
    ("`crmSlices/{id}`", Slice("s", "j", 0, 0, None, None, NOW, NOW).to_data()),
    ("`crmCampaigns/{campaignId}`", campaign_of(World()).to_data()),
    ("`crmAudiences/{campaignId}-{number}`", shard().to_data()),
    ("`crmMails/{campaignId}-{key}`", mail().to_data()),
    ("`crmSignups/{addressKey}`", sign_up().to_data()),
    *taken_in(),
    (
        "`crmRules/event-{ruleId}-{event}`",
        Occurrence("x", "r", "e", NOW, NOW, NOW, "begun", 1).to_data(),
    ),
    ("`crmRules/since-{ruleId}`", Progress("r", NOW, NOW).to_data()),
    ("`crmRules/book`", Book({"p": RULE}, {"e": NOW}).to_data()),
    ("`crmOutbox/{id}`", RuleEntry("x", "r", "a", NOW, NOW).to_data()),
    ("`crmRuleRuns/{ruleId}-{key}`", RuleRun("r-k", "r", "a", "e1-x", None, NOW, "tags").to_data()),
    ("`crmQuarantine/{id}`", quarantine_row()),
    ("`crmSegments/{segmentId}`", saved("crmSegments")),
    ("`crmSegmentNames/{key}`", saved("crmSegmentNames")),
    ("`crmAudit/{entryId}`", audited()[0]),
    ("`crmAuditHeads/{chain}`", audited()[1]),
]


def field_names(value: object) -> Iterator[str]:
    """All keys of a document but those that are data themselves (ids, currencies, places)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in {"e", "p", "USD", "0", "1", "seats"}:
                yield key
            if key not in {"facets", "parts", "proof", "segment"}:
                yield from field_names(inner)


@pytest.mark.parametrize(("heading", "data"), STORED, ids=[heading for heading, _ in STORED])
def test_every_stored_field_is_described(heading: str, data: object) -> None:
    text = section(MODEL, heading)
    assert set(field_names(data)) - set(spans(text)) == set()


@pytest.mark.parametrize(("heading", "data"), STORED, ids=[heading for heading, _ in STORED])
def test_every_described_field_is_stored(heading: str, data: object) -> None:
    assert isinstance(data, dict)
    first = [span for row in rows(section(MODEL, heading)) for span in spans(row[0])]
    assert set(first) - set(data) == set()


def test_every_collection_is_described() -> None:
    described = re.findall(r"^### `(\w+)/", section(MODEL, "Collections"), re.MULTILINE)
    assert sorted({*described}) == sorted(collections.ALL)


def test_the_kinds_of_jobs_are_those_of_the_code() -> None:
    told = {
        row[0].strip("`"): row[1:3] for row in rows(section(OPERATING, "Cancelling and retrying"))
    }
    assert told.keys() == KINDS.keys()
    for name, kind in KINDS.items():
        begun_by, cancelled = told[name]
        assert begun_by.startswith(f"{kind.role.word}s")
        assert cancelled.startswith("yes: " if kind.cancellable else "no: ")


# --- Figures -------------------------------------------------------------------------------------


def test_the_costs_that_are_told_are_those_that_are_asserted() -> None:
    text = section(COSTS_PAGE, "What it costs")
    told = {row[0]: row[1:] for row in rows(text)}
    assert told == {
        case: [
            *(str(number) for number in cost),
            f"${price(cost.reads, cost.writes):.2f}",
            f"${price(cost.met, cost.writes):.2f}",
        ]
        for case, cost in COSTS.items()
    }
    most = MOST_WHEN_THE_FIRST_ORDER_LEAVES
    assert f"at most {most.reads} reads and {most.writes} writes" in text
    usual = COSTS["a new order of a known guest"]
    assert f"costs {usual.writes} writes, and {usual.reads} reads or none" in README


def price(reads: int, writes: int) -> float:
    """Of a million, by the list prices that the page names: cents for 100,000 of each."""
    return (reads * 3 + writes * 9) / 10


def test_limits_are_those_of_the_code() -> None:
    limits = section(HOW, "Limits")
    assert f"{MAX_EVENTS_OF_AN_ORDER:,} events of one order" in limits
    assert f"{MAX_EVENTS:,} events and {MAX_CUSTOMER_BYTES:,} bytes" in limits
    assert f"{MAX_PARTS} identities" in limits
    assert f"{MAX_DAYS:,} days with orders" in limits
    assert f"a day is up to {DAY_BYTES} bytes" in limits


def test_what_figures_cost_is_that_of_the_code() -> None:
    told = section(CALLS_PAGE, "`get_figures`")
    usual = USUAL["day"], USUAL["week"], USUAL["month"]
    assert "{} days, {} weeks\n  or {} months".format(*usual) in told
    assert f"At most {MAX_BUCKETS}, else the call is refused" in told
    assert f"up\nto {MAX_ERASED:,}." in told


# --- Versions ------------------------------------------------------------------------------------


def test_one_version_is_told_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["dynamic"] == ["version"]  # no second place that says it
    assert project["tool"]["hatch"]["version"]["path"] == "crm/__init__.py"
    said = CliRunner().invoke(cli, ["--version"]).output
    assert said == f"crm-lite {crm.__version__}, Python {platform.python_version()}\n"
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.findall(r"^## \[([\d.]+)\] - \d{4}-\d{2}-\d{2}$", changes, re.MULTILINE)[0]
    assert newest == crm.__version__


def test_the_changelog_has_room_for_what_comes_next() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", changes, re.MULTILINE)[0] == "[Unreleased]"


# --- Decisions and the index ---------------------------------------------------------------------


def test_the_index_names_every_document() -> None:
    docs = ROOT / "docs"
    index = (docs / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)#]+)", index))
    there = {str(path.relative_to(docs)) for path in docs.glob("**/*.md")} - {"README.md"}
    assert there - linked == set()


def decisions() -> Iterable[Path]:
    return sorted(ROOT.glob("docs/decisions/*.md"))


def test_decisions_say_what_follows() -> None:
    for path in decisions():
        number = path.name[:3]
        text = path.read_text(encoding="utf-8")
        assert re.fullmatch(r"\d{3}-[a-z0-9-]+\.md", path.name)
        assert text.startswith(f"# {number} ")
        for word in ("Context", "Decision", "Consequences"):
            assert f"**{word}.** " in text, path.name


def test_every_number_of_a_decision_leads_somewhere() -> None:
    """A number has its record, or the index says where what it decided is now."""
    index = section((ROOT / "docs/README.md").read_text(encoding="utf-8"), "Decisions")
    kept = [path.name[:3] for path in decisions()]
    folded = {row[0]: row[2] for row in rows(index)}
    every = [f"{number:03d}" for number in range(1, int(max(kept)) + 1)]
    assert sorted([*kept, *folded]) == every
    for path in decisions():
        heading = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        assert f"- [{heading}](decisions/{path.name})" in index
    for number, place in folded.items():
        assert spans(place) or "](" in place, number
