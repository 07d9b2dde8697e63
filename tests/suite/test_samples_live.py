"""The code that the documentation shows to be copied, run as it stands there."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from clients.samples import FOLDER
from crm.core.roles import Role
from crm.firebase.staff import grant
from suite.node import find_node
from suite.running import Suite
from testing.auth import Person, id_token, sign_up
from testing.hosts import item
from testing.patience import PATIENCE
from tests.support.shop import Shop
from tests.support.typescript import SCRIPTS, compiled, installed, packed, where
from tests.support.web import call

THERE = "https://us-central1-my-app.cloudfunctions.net"
"""Where the functions are, in samples."""

MJS = ("archive.mjs", "get_customer.mjs", "my_data.mjs", "newsletter.mjs", "newsletter_list.mjs")


class Bought:
    """A shop with two subscribers, one of whom is an admin, who has bought something too.

    Attributes:
        segment: Both.
    """

    def __init__(self, suite: Suite) -> None:
        self.suite, self.shop = suite, Shop(suite)
        event = f"fair-{self.shop.mark}"
        self.segment = f"attended:{event}"
        self.admin: Person = sign_up(email=self.shop.address("boss"))
        grant(self.admin.email, Role.ADMIN)
        bought = {"items": [item(event)], "marketingOptIn": True}
        self.boss = self.shop.customer("boss", **bought)
        self.ada = self.shop.customer("ada", **bought)

    def functions(self) -> str:
        return f"{self.suite.functions_origin}/{self.suite.project}/us-central1"

    def here(self, name: str) -> str:
        """A sample with the suite's address in the place of production's."""
        return (FOLDER / name).read_text(encoding="utf-8").replace(THERE, self.functions())

    def python(self, name: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
        """What a module of samples defines."""
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", self.suite.auth_host)
        monkeypatch.setenv("FIREBASE_API_KEY", "any")
        monkeypatch.setenv("CRM_ACCOUNT", self.admin.email)
        monkeypatch.setenv("CRM_PASSWORD", self.admin.password)
        text = self.here(name).replace(
            'Crm("my-project", region="us-central1", token=token)',
            f'Crm("{self.suite.project}", token=token, emulator="{self.suite.functions_origin}")',
        )
        defined: dict[str, Any] = {}
        exec(text, defined)
        return defined


@pytest.fixture(scope="module")
def bought(suite: Suite) -> Bought:
    return Bought(suite)


def test_samples_of_javascript_and_typescript(bought: Bought, tmp_path: Path) -> None:
    installed(tmp_path, packed(tmp_path / "packed"))
    compiled(tmp_path, FOLDER / "typescript.ts")
    shutil.copy(SCRIPTS / "samples.mjs", tmp_path)
    for name in MJS:
        (tmp_path / name).write_text(bought.here(name), encoding="utf-8")
    save = {"name": bought.segment, "segment": bought.segment}
    (saved,) = call(bought.suite, bought.admin, ("save_segment", save))
    asked = {
        **where(bought.suite, bought.admin),
        "customerId": bought.boss,
        "segment": bought.segment,
        "segmentId": saved["data"]["segmentId"],
    }
    done = subprocess.run(
        [find_node(), tmp_path / "samples.mjs"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    *_, last = done.stdout.splitlines()  # a sample prints what is refused
    told = json.loads(last)
    assert told["spent"] == told["typedSpent"] == {"USD": 4990}
    assert told["nobody"] is told["typedNobody"] is None
    assert "functions/not-found no-such-customer" in done.stdout
    assert sorted(told["ids"]) == sorted([bought.ada, bought.boss])
    (mail,) = told["mails"]
    assert mail["headers"]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["headers"]["List-Unsubscribe"].strip("<>") in mail["text"]
    rows = list(csv.DictReader(io.StringIO(told["list"])))
    assert {row["email"] for row in rows} == {bought.admin.email, bought.shop.address("ada")}
    assert len(told["mine"]["orders"]) == 1


def test_samples_of_python(bought: Bought, monkeypatch: pytest.MonkeyPatch) -> None:
    defined = bought.python("python.py", monkeypatch)
    crm = defined["client"]()
    assert defined["spent_by"](crm, bought.admin.email) == {"USD": 4990}
    assert defined["spent_by"](crm, f"nobody.{bought.admin.email}") is None
    assert sorted(defined["ids_of"](crm, bought.segment)) == sorted([bought.ada, bought.boss])
    withdrawn = bought.python("withdrawals.py", monkeypatch)["bring_withdrawals"]
    gone = bought.shop.customer("gone", marketingOptIn=True)
    lines = ["Email Address,LEID", f"{bought.shop.address('gone')},1", "nobody@example.com,2"]
    assert withdrawn(crm, lines, "2026-11-29") == 1
    assert crm.get_customer(customerId=gone)["customer"]["marketing"]["status"] == "unsubscribed"


def test_the_sample_of_the_shell(bought: Bought, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        pytest.skip("curl is missing")
    text = bought.here("newsletter_list.sh")
    text = text.replace("attended:devops-2024", bought.segment)
    subprocess.run(
        ["sh", "-euc", text],
        cwd=tmp_path,
        env={**os.environ, "ID_TOKEN": id_token(bought.admin)},
        check=True,
        capture_output=True,
        timeout=PATIENCE,
    )
    text = (tmp_path / "newsletter.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert bought.shop.address("ada") in {row["email"] for row in rows}
