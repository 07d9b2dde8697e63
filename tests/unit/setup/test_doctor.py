"""Broken installations, each named with its remedy; and one that is well."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import crm
from crm.config.settings import Settings
from crm.db.installed import DatabasePlace, Function, IndexLists, Probes, Schedule, as_label
from crm.entrypoints.names import FUNCTIONS
from crm.setup.check import Check, Silent
from crm.setup.doctor import CHECKS, diagnosed
from crm.setup.facts import Facts, Folder, Here, Secret, Sent, Understood
from crm.setup.looking import Arrivals, Quarantined, Staffed, Work
from tests.support.google_apis import as_listed

ROOT = Path(__file__).parents[3]

NOW = datetime(2026, 11, 29, 14, 37, tzinfo=UTC)

RULES = (ROOT / "firestore.rules").read_text(encoding="utf-8")

WANTED: dict[str, Any] = json.loads((ROOT / "firestore.indexes.json").read_text(encoding="utf-8"))

INDEXES = len(WANTED["indexes"]) + len(WANTED["fieldOverrides"])

TOML: dict[str, Any] = {
    "region": "europe-west1",
    "time_zone": "Europe/Berlin",
    "app_check": True,
    "console": {"app_check_key": "6Lc"},
    "mail": {"from": "Events <e@example.com>", "postal_address": "Street 1, Bern", "events": True},
    "forms": {"news": {"text": {"en": "Yes"}}},
    "privacy": {"controller": "Events GmbH, Bern", "contact": "privacy@example.com"},
}

VERSION = as_label(crm.__version__)


def deployed(**changes: Any) -> list[Function]:
    plain = Function("", "europe-west1", "ACTIVE", "python311", "crm", VERSION)
    held = replace(plain, secrets=frozenset({"CRM_KEY", "CRM_MAIL"}))
    return [replace(held, name=name, **changes) for name in sorted(FUNCTIONS)]


PRODUCTION = Facts(
    Here(crm.__version__, "3.11.7", "15.24.0"),
    NOW,
    folder=Folder("crm-lite", crm.__version__, (), "3.11", "python311", listed=True),
    where="Project my-shop, in production",
    settings=Settings.model_validate(TOML),
    secret=Secret(given=True, mark="same"),
    database=DatabasePlace("europe-west1"),
    staff=Staffed(2, 0),
    released=RULES,
    own_rules=RULES,
    indexes=IndexLists(*as_listed(WANTED)),
    wanted=WANTED,
    functions=deployed(),
    expected=FUNCTIONS,
    arrivals=Arrivals("orders", 20, 0, 0, 20),
    quarantined=Quarantined(50),
    understood=Understood("orders", 200, 200),
    unsubscribe="https://x/unsubscribe",
    findings=[("spf", "ok", "SPF passes.")],
    schedule=Schedule("ENABLED", NOW - timedelta(minutes=3)),
    work=Work(),
)

EMULATED = replace(
    PRODUCTION,
    emulated=True,
    where="Project demo-shop, on the emulators at 127.0.0.1:8080",
    secret=Secret(given=False, mark="none"),
    database=DatabasePlace(),
    released=None,
    indexes=None,
    schedule=None,
    probes=Probes(403, 403, 200),
    functions=deployed(runtime="", secrets=frozenset()),
)


def folder(**changes: Any) -> Folder:
    assert PRODUCTION.folder
    return replace(PRODUCTION.folder, **changes)


def settings(**changes: Any) -> Settings:
    return Settings.model_validate({**TOML, **changes})


def indexes(**changes: str) -> IndexLists:
    composite, fields = as_listed(WANTED)
    for one in composite[:3]:
        one.update(changes)
    return IndexLists(composite, fields)


OPEN = RULES.replace(
    "// --- Your own rules: end", "match /{document=**} { allow read, write: if %s; }//"
)

assert OPEN != RULES

DATED = OPEN % "request.time < timestamp.date(2026, 12, 29)"

BROKEN: Mapping[str, tuple[Facts, str, str, str]] = {
    # name: facts, check, verdict, what the line says
    "an old lock in the folder": (
        replace(PRODUCTION, folder=folder(locked="0.0.9")),
        *("versions", "fail", "requirements.txt has 0.0.9: run `python -m crm upgrade`"),
    ),
    "functions of an old version": (
        replace(PRODUCTION, functions=deployed(version="0-0-9")),
        *("versions", "warn", "functions are of 0.0.9: run `firebase deploy --only functions:crm`"),
    ),
    "functions from before versions": (
        replace(PRODUCTION, functions=deployed(version="")),
        *("versions", "warn", "functions are of one that says none: run `firebase deploy"),
    ),
    "emulators of an old version": (
        replace(EMULATED, functions=deployed(version="0-0-9")),
        *("versions", "warn", "functions are of 0.0.9: start the emulators again"),
    ),
    "another Python in the venv": (
        replace(PRODUCTION, folder=folder(venv="3.13")),
        *("python", "fail", "venv is of Python 3.13: make it again with python3.11"),
    ),
    "no Firebase CLI": (
        replace(PRODUCTION, here=replace(PRODUCTION.here, firebase=None)),
        *("firebase-cli", "warn", "install firebase-tools, 15 or newer"),
    ),
    "an old Firebase CLI": (
        replace(PRODUCTION, here=replace(PRODUCTION.here, firebase="13.35.1")),
        *("firebase-cli", "warn", "is 13.35.1: install firebase-tools 15"),
    ),
    "a Firebase CLI that does not answer": (
        replace(PRODUCTION, here=replace(PRODUCTION.here, firebase=Silent("It is broken."))),
        *("firebase-cli", "warn", "It is broken."),
    ),
    "another folder": (
        replace(PRODUCTION, folder=None),
        *("folder", "warn", "no folder crm-lite here: run this in your app's folder"),
    ),
    "a folder without its files": (
        replace(PRODUCTION, folder=folder(missing=("main.py",), listed=False)),
        *("folder", "fail", "lacks main.py: run `python -m crm init`"),
    ),
    "a folder that firebase.json does not name": (
        replace(PRODUCTION, folder=folder(listed=False)),
        *("folder", "fail", "firebase.json does not name crm-lite"),
    ),
    "a folder without a venv": (
        replace(PRODUCTION, folder=folder(venv=None)),
        *("folder", "warn", "has no venv"),
    ),
    "no credentials": (
        replace(PRODUCTION, wrong=("Google's libraries found none.", "Set this.")),
        *("project", "fail", "Google's libraries found none. Set this."),
    ),
    "a crm.toml that is not understood": (
        replace(PRODUCTION, settings=None, settings_wrong=("crm.toml: a: unknown key", "b")),
        *("settings", "fail", "crm.toml: a: unknown key; b."),
    ),
    "no key": (
        replace(PRODUCTION, secret=Secret(given=False), functions=deployed(secrets=frozenset())),
        *("key", "fail", "CRM_KEY is missing. For a new installation make one"),
    ),
    "no key here, where the functions have theirs": (
        replace(PRODUCTION, secret=Secret(given=False)),
        *("key", "warn", 'export CRM_KEY="$(firebase functions:secrets:access CRM_KEY)"'),
    ),
    "a weak key": (
        replace(PRODUCTION, secret=Secret(True, "repeats itself", "same")),
        *("key", "fail", "CRM_KEY repeats itself: for a new installation make one"),
    ),
    "a weak key beside emulators": (
        replace(EMULATED, secret=Secret(True, "is published: everybody can read it", "none")),
        *("key", "warn", "CRM_KEY here is published: everybody can read it, which production"),
    ),
    "another database's key": (
        replace(PRODUCTION, secret=Secret(True, None, "other")),
        *("key", "fail", "CRM_KEY is not the secret that this database was made with"),
    ),
    "an imported database on emulators": (
        replace(EMULATED, secret=Secret(given=False, mark="other")),
        *("key", "fail", "not made with the emulators' key: start the emulators without"),
    ),
    "a rotation that was left": (
        replace(PRODUCTION, secret=Secret(True, None, "rotating")),
        *("key", "fail", "run `python -m crm rotate-key` to its end"),
    ),
    "a dead Firestore": (
        replace(
            PRODUCTION,
            database=Silent("Firestore did not answer within 6 seconds: check the network."),
            arrivals=None,
            understood=None,
            quarantined=None,
            work=None,
        ),
        *("database", "fail", "did not answer within 6 seconds: check the network"),
    ),
    "a database in Datastore mode": (
        replace(PRODUCTION, database=DatabasePlace("europe-west1", "DATASTORE_MODE")),
        *("database", "fail", "must be in Native mode"),
    ),
    "another region than the database's": (
        replace(PRODUCTION, database=DatabasePlace("nam5")),
        *("region", "fail", 'the database is in nam5: write region = "us-central1", deploy'),
    ),
    "no rules": (
        replace(PRODUCTION, released=""),
        *("rules", "fail", "No rules are in force: run `firebase deploy --only firestore`"),
    ),
    "rules without our part": (
        replace(PRODUCTION, released=DATED.replace("match", "//").replace("CRM-Lite: b", "")),
        *("rules", "fail", "so staff read nothing: run `python -m crm init`"),
    ),
    "rules of another version": (
        replace(PRODUCTION, released=RULES.replace("'viewer', ", "")),
        *("rules", "fail", "is another version's: run `python -m crm upgrade`"),
    ),
    "emulators without our part of the rules": (
        replace(EMULATED, probes=Probes(403, 403, 403)),
        *("rules", "fail", "Staff cannot read customers"),
    ),
    "rules in test mode": (
        replace(PRODUCTION, released=DATED),
        *(
            "open-rules",
            "fail",
            "to anybody until 2026-12-29, and closes everything then (test mode)",
        ),
    ),
    "rules that let in who is signed in": (
        replace(PRODUCTION, released=OPEN % "request.auth != null"),
        *("open-rules", "fail", "to anybody who is signed in: name your own collections"),
    ),
    "rules that let in whom a condition lets in": (
        replace(PRODUCTION, released=OPEN % "isAdmin()"),
        *("open-rules", "warn", "to whom its condition lets in, staff or not"),
    ),
    "open rules on emulators": (
        replace(EMULATED, probes=Probes(200, 200, 200), folder=folder(rules=OPEN % "true")),
        *("open-rules", "fail", "Anybody can read customers, as firestore.rules, line"),
    ),
    "half-open rules on emulators": (
        replace(EMULATED, probes=Probes(403, 200, 200)),
        *("open-rules", "fail", "Anybody who is signed in can read customers"),
    ),
    "rules in test mode, in the file": (
        replace(EMULATED, folder=folder(rules=DATED)),
        *("open-rules", "fail", "(test mode)"),
    ),
    "indexes that are missing": (
        replace(PRODUCTION, indexes=IndexLists(indexes().composite[2:], indexes().fields)),
        *(
            "indexes",
            "fail",
            f"2 of {INDEXES} indexes are not there, or not so: crmAudit (action, at),",
        ),
    ),
    "indexes that are being built": (
        replace(PRODUCTION, indexes=indexes(state="CREATING")),
        *("indexes", "warn", f"3 of {INDEXES} indexes are being built"),
    ),
    "indexes that are broken": (
        replace(PRODUCTION, indexes=indexes(state="NEEDS_REPAIR")),
        *("indexes", "fail", "3 indexes need a hand"),
    ),
    "no functions": (
        replace(PRODUCTION, functions=[]),
        *("deployment", "fail", "No function of CRM-Lite is there: run `firebase deploy"),
    ),
    "no functions on emulators": (
        replace(EMULATED, functions=[]),
        *("deployment", "fail", "see that firebase.json names the folder, and start"),
    ),
    "a functions emulator that is away": (
        replace(EMULATED, functions=Silent("The Functions emulator does not answer.")),
        *("deployment", "fail", "The Functions emulator does not answer."),
    ),
    "some functions missing": (
        replace(PRODUCTION, functions=deployed()[3:]),
        *("deployment", "fail", "3 of 83 functions are not there: add_note"),
    ),
    "functions in the wrong region": (
        replace(PRODUCTION, functions=deployed(region="us-central1")),
        *("deployment", "fail", "are in us-central1, and crm.toml says europe-west1: correct it"),
    ),
    "functions in two regions": (
        replace(PRODUCTION, functions=[*deployed(), *deployed(region="us-central1")]),
        *("deployment", "fail", "also left in us-central1"),
    ),
    "functions that failed": (
        replace(PRODUCTION, functions=deployed(state="FAILED")),
        *("deployment", "fail", "add_note (FAILED)"),
    ),
    "functions that are being deployed": (
        replace(PRODUCTION, functions=deployed(state="DEPLOYING")),
        *("deployment", "warn", "wait for the deployment"),
    ),
    "a function of the host's with a name of ours": (
        replace(
            PRODUCTION,
            functions=[
                *deployed(),
                Function("worker", "us-east1", codebase="default", version=VERSION),
            ],
        ),
        *("deployment", "fail", "Functions of your own have names of CRM-Lite's: worker. Rename"),
    ),
    "nobody may list functions": (
        replace(PRODUCTION, functions=Silent("It is not known which: have a role given.")),
        *("deployment", "warn", "have a role given"),
    ),
    "functions that do not fire": (
        replace(PRODUCTION, arrivals=Arrivals("orders", 20, 0, 0, 18, late=2)),
        *("functions", "fail", "2 of the newest orders have not arrived for five minutes"),
    ),
    "functions that stopped": (
        replace(PRODUCTION, arrivals=Arrivals("orders", 20, 0, 3, 20)),
        *("functions", "fail", "Changes of 3 of 20 orders have not arrived"),
    ),
    "an order that was sent and did not arrive": (
        replace(EMULATED, sent=Sent(None, 30.0)),
        *("functions", "fail", "did not arrive within 30 seconds"),
    ),
    "nothing has arrived as yet": (
        replace(EMULATED, arrivals=Arrivals("orders", 2)),
        *("functions", "warn", "--send-order writes one"),
    ),
    "a backfill that is missing": (
        replace(PRODUCTION, arrivals=Arrivals("orders", 20, 19, 0, 1)),
        *(
            "history",
            "fail",
            "19 of 20 orders that were looked at are not here yet: run `python -m",
        ),
    ),
    "a scheduler that does not call": (
        replace(PRODUCTION, schedule=Schedule("ENABLED", NOW - timedelta(hours=2))),
        *("sweep", "fail", "not since 2026-11-29 12:37 UTC called"),
    ),
    "a scheduler that was paused": (
        replace(PRODUCTION, schedule=Schedule("PAUSED", NOW)),
        *("sweep", "fail", "is PAUSED: have it run again"),
    ),
    "no scheduler": (
        replace(PRODUCTION, schedule="absent"),
        *("sweep", "fail", "Nothing calls the function sweep: run `firebase deploy"),
    ),
    "a scheduler that is new": (
        replace(PRODUCTION, schedule=Schedule("ENABLED")),
        *("sweep", "warn", "never called"),
    ),
    "a sweep that fails": (
        replace(PRODUCTION, schedule=Schedule("ENABLED", NOW, 13)),
        *("sweep", "fail", "The last call of sweep failed (code 13): look at the log of sweep"),
    ),
    "a mapping that understands hardly anything": (
        replace(
            PRODUCTION, understood=Understood("orders", 200, 9, Counter({"email-missing": 191}))
        ),
        *("mapping", "fail", "(email-missing 191). `python -m crm mapping` proposes lines"),
    ),
    "a mapping that misses some": (
        replace(PRODUCTION, understood=Understood("orders", 200, 190, Counter({"x": 10}))),
        *("mapping", "warn", "190 of the 200 orders looked at are understood (x 10)"),
    ),
    "another collection of orders": (
        replace(PRODUCTION, understood=Understood("bookings")),
        *("mapping", "warn", "There is no order in bookings"),
    ),
    "documents in quarantine": (
        replace(PRODUCTION, quarantined=Quarantined(50, 3, Counter({"status-unknown": 3}))),
        *("quarantine", "warn", "3 documents could not be read (status-unknown 3): look at them"),
    ),
    "nobody with a role": (
        replace(PRODUCTION, staff=Staffed(0, 0)),
        *("staff", "fail", "Nobody is admin: run `python -m crm grant EMAIL admin`"),
    ),
    "one admin alone": (
        replace(PRODUCTION, staff=Staffed(1, 0)),
        *("staff", "warn", "There is one admin alone"),
    ),
    "a role of an address that nobody verified": (
        replace(PRODUCTION, staff=Staffed(2, 1)),
        *("staff", "warn", "1 of your staff cannot do anything yet"),
    ),
    "jobs without a worker": (
        replace(PRODUCTION, work=Work(stopped=2)),
        *("jobs", "warn", "2 jobs have got no further for half an hour: run `python -m crm sweep`"),
    ),
    "jobs that failed": (
        replace(PRODUCTION, work=Work(failed=Counter({"damaged": 1}))),
        *("jobs", "warn", "Jobs failed within a week (damaged 1)"),
    ),
    "rules that do not act": (
        replace(PRODUCTION, work=Work(waiting_since=NOW - timedelta(hours=1))),
        *("outbox", "warn", "have not acted since 2026-11-29 13:37 UTC"),
    ),
    "an erasure that is not done": (
        replace(PRODUCTION, work=Work(unfinished=("e1",))),
        *("erasures", "fail", "(e1): run `python -m crm reapply-erasures`"),
    ),
    "no privacy texts": (
        replace(PRODUCTION, settings=settings(privacy={})),
        *("privacy", "fail", "fill in privacy.controller, privacy.contact in crm.toml"),
    ),
    "UTC, and nobody has said so": (
        replace(
            PRODUCTION,
            settings=Settings.model_validate(
                {name: value for name, value in TOML.items() if name != "time_zone"}
            ),
        ),
        *("time-zone", "warn", 'write your zone, such as time_zone = "Europe/Berlin"'),
    ),
    "mail that cannot be sent": (
        replace(PRODUCTION, mail="No mail can be sent: do this.", settings=settings(forms={})),
        *("mail", "warn", "No mail can be sent: do this."),
    ),
    "mails that come back to nobody": (
        replace(PRODUCTION, settings=settings(mail={**TOML["mail"], "events": False})),
        *("bounces", "warn", "have your mail provider report to mail_events"),
    ),
    "App Check without a site key": (
        replace(PRODUCTION, settings=settings(console={})),
        *("app-check", "fail", "write app_check_key under [console]"),
    ),
    "mails that DMARC refuses": (
        replace(PRODUCTION, findings=[("dmarc", "fail", "Publish a record.")]),
        *("sender", "fail", "dmarc: Publish a record."),
    ),
    "mails that nobody has looked at": (
        replace(PRODUCTION, findings=()),
        *("sender", "warn", "name the file by --headers"),
    ),
}

BESIDE = {
    "mail that cannot be sent": {"sign-up"},
    "a rotation that was left": set[str](),
    "a crm.toml that is not understood": set[str](),
}
"""Checks that are not well besides, because of the same."""


def told(facts: Facts) -> dict[str, Check]:
    found = diagnosed(facts)
    names = [one.check for one in found]
    assert names == [name for name in CHECKS if name in names], "in one order, each once"
    for one in found:
        assert one.message.endswith((".", "docs/mail.md")), one
        assert "\n" not in one.message
        assert one.message.isascii()
    return {one.check: one for one in found}


@pytest.mark.parametrize("facts", [PRODUCTION, EMULATED], ids=["production", "emulators"])
def test_an_installation_that_is_well_has_every_check_and_no_fault(facts: Facts) -> None:
    found = told(facts)
    assert {name for name, one in found.items() if one.verdict != "ok"} == set()
    assert set(found) == set(CHECKS)


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_named_with_its_remedy(name: str) -> None:
    facts, check, verdict, says = BROKEN[name]
    found = told(facts)
    assert (found[check].verdict, says in found[check].message) == (verdict, True), found[check]
    others = {one for one in found if found[one].verdict != "ok"} - {check}
    assert others == BESIDE.get(name, set())


def test_enough_is_broken() -> None:
    assert len(BROKEN) >= 15
    assert {check for _, check, *_ in BROKEN.values()} >= set(CHECKS) - {
        *("sign-up", "unsubscribe"),  # tests/unit/setup/test_checks.py
    }


def test_without_a_project_only_this_machine_is_looked_at() -> None:
    bare = Facts(PRODUCTION.here, NOW, wrong=("GCLOUD_PROJECT is not set.",))
    assert set(told(bare)) == {
        *("versions", "python", "firebase-cli", "folder", "project", "settings", "key"),
    }


def test_the_example_of_the_documentation_is_told_so() -> None:
    """Every line of it has a check's name and a verdict, in the order in which they come."""
    document = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
    section = document.partition("## Is all well?")[2].partition("\n## ")[0]
    example = section.split("```")[1].strip().splitlines()
    lines = [re.fullmatch(r"(ok|warn|fail) +([a-z-]+): (.*)", line) for line in example]
    names = [line[2] for line in lines if line]
    assert names == [*CHECKS]
    said = {one.message for facts, *_ in BROKEN.values() for one in diagnosed(facts)}
    said |= {one.message for one in diagnosed(PRODUCTION)}
    known = {_shape(one) for one in said}
    assert {line[3] for line in lines if line and _shape(line[3]) not in known} == set()
    explained = set(re.findall(r"`([a-z-]+)`", "".join(re.findall(r"(?m)^\|[^|]*\|", section))))
    assert explained >= set(CHECKS)


def _shape(message: str) -> str:
    """A message's first words, which no number or name stands in."""
    return re.sub(r"\d[\d,.:]*", "0", message)[:12]
