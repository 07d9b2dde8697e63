"""Sign-up with double opt-in by real HTTP and real mail: cases 13 and 14, and opt-ins of orders."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from crm.core.keyring import Keyring
from crm.newsletter import unsubscribe_link
from crm.runtime.services import EMULATOR_KEY
from crm.signup import link as links
from crm.signup.proof import worked_out
from testing.hosts import order
from testing.patience import PATIENCE, eventually
from tests.support.campaigning import CampaignScene
from tests.support.smtp_server import Taken

KEYS = Keyring(EMULATOR_KEY)
TEXT = "Yes, send me news about events once a month."


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def ask(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
    request = urllib.request.Request(
        url, body, {name.replace("_", "-"): value for name, value in headers.items()}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as got:
            status, told, text = got.status, got.headers, got.read()
    except urllib.error.HTTPError as got:
        status, told, text = got.code, got.headers, got.read()
    return Answer(status, {k.lower(): v for k, v in told.items()}, text.decode())


class Visitor:
    """Somebody with an address that no other test has."""

    def __init__(self, scene: CampaignScene) -> None:
        self.scene, self.mark = scene, uuid.uuid4().hex[:12]
        self.email = f"{self.mark}@example.com"
        # A network of the visitor's own: guards of other tests are not to stop this one.
        self.network = f"2001:db8:{self.mark[:4]}::1"
        self.url = scene.post.suite.function_url("subscribe")

    def post(self, email: str = "", network: str = "", **said: str) -> Answer:
        data = {"form": "newsletter", "email": email or self.email, **said}
        body = urlencode(data).encode()
        return ask(self.url, "POST", body, X_Forwarded_For=network or self.network)

    def fill_in(self, **said: str) -> Answer:
        """Do as the page does: get a challenge, do the work, wait, and post."""
        accept = "application/json"
        told = json.loads(ask(f"{self.url}?form=newsletter", Accept=accept).text)
        work = worked_out(told["challenge"], self.email)

        def taken() -> Answer:
            answer = self.post(challenge=told["challenge"], work=work, **said)
            assert "very quick" not in answer.text
            return answer

        return eventually(taken)

    def mails(self, email: str | None = None) -> list[Taken]:
        return self.scene.post.mails_to(email or self.email)

    def link(self, number: int = -1) -> str:
        return link_of(self.mails()[number])

    @property
    def customers(self) -> list[Any]:
        found = self.scene.documents.collection("customers").get()
        return [one.to_dict() for one in found if self.email in one.get("emails")]

    @property
    def marketing(self) -> Any:
        (customer,) = self.customers
        return customer["marketing"]

    @property
    def kept(self) -> Any:
        path = f"crmSignups/{KEYS.address(self.email)}"
        return self.scene.documents.document(path)


def link_of(mail: Taken) -> str:
    plain = mail.message.get_body(("plain",))
    assert plain is not None
    links: list[str] = re.findall(r"https?://\S+", plain.get_content())
    return links[0]


@pytest.fixture
def visitor(scene: CampaignScene) -> Visitor:
    return Visitor(scene)


def test_the_whole_way(visitor: Visitor) -> None:
    page = ask(f"{visitor.url}?form=newsletter&language=de")
    assert (page.status, "Ja, ich möchte" in page.text) == (200, True)
    assert visitor.fill_in(language="en").status == 202
    (mail,) = visitor.mails()
    assert (mail.sender, mail.message["Auto-Submitted"]) == ("news@example.com", "auto-generated")
    plain = mail.message.get_body(("plain",))
    html = mail.message.get_body(("html",))
    assert plain is not None
    assert html is not None
    assert TEXT in plain.get_content()
    assert TEXT in html.get_content()
    assert visitor.mark not in mail.key + visitor.link()
    assert visitor.customers == []

    done = ask(visitor.link(), "POST", b"action=confirm")
    assert (done.status, "You are signed up" in done.text) == (200, True)
    assert (visitor.marketing["status"], visitor.marketing["source"]) == ("subscribed", "form")
    (customer,) = visitor.customers
    assert (customer["tags"], customer["orderCount"]) == (["newsletter"], 0)
    assert visitor.kept.get().get("address") is None
    assert visitor.mark not in visitor.scene.post.suite.logs()


# Case 13


def test_scanners_confirm_nothing(visitor: Visitor) -> None:
    visitor.post()
    link, before = visitor.link(), visitor.kept.get().update_time
    looks = [(url, way) for url in (link, f"{link}&not-me=1") for way in ("GET", "HEAD")] * 4
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: ask(*one), looks))
    assert {one.status for one in answers} == {200}
    assert {one.headers["referrer-policy"] for one in answers} == {"no-referrer"}
    assert visitor.customers == []
    assert visitor.kept.get().update_time == before


def test_twice_and_at_once(visitor: Visitor) -> None:
    visitor.post()
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(visitor.link(), "POST", b""), range(4)))
    assert {one.status for one in answers} == {200}
    assert sum("already" in one.text for one in answers) == 3
    consents = visitor.scene.documents.collection("crmConsents")
    mine = [one for one in consents.get() if one.get("identity") == KEYS.address(visitor.email)]
    assert [one.get("source") for one in mine] == ["form"]
    assert mine[0].get("evidence")["messageId"] == visitor.mails()[0].message["Message-ID"]
    (customer,) = visitor.customers
    assert customer["marketing"]["status"] == "subscribed"


def test_late(visitor: Visitor) -> None:
    visitor.post()
    key, kept = KEYS.address(visitor.email), visitor.kept.get().to_dict()
    old = datetime.now(UTC).replace(microsecond=5) - timedelta(days=7, seconds=1)
    asked = [{**kept["asked"][0], "at": old}]
    visitor.kept.set({**kept, "asked": asked, "expireAt": datetime.now(UTC) - timedelta(hours=1)})
    url = visitor.link().partition("?")[0]
    late = f"{url}?token={links.token(KEYS, key, old)}"
    for method, body in (("GET", None), ("HEAD", None), ("POST", b"")):
        assert ask(late, method, body).status == 410
    assert visitor.customers == []
    visitor.scene.post.sweep()
    assert not visitor.kept.get().exists


def test_after_withdrawing(visitor: Visitor) -> None:
    visitor.post()
    link = visitor.link()
    assert ask(link, "POST", b"").status == 200
    out = visitor.scene.post.suite.function_url("unsubscribe")
    unsubscribe = unsubscribe_link.link(KEYS, out, visitor.email)
    assert ask(unsubscribe, "POST", b"List-Unsubscribe=One-Click").status == 200
    for method, body in (("GET", None), ("POST", b"")):
        assert ask(link, method, body).status == 410
    assert visitor.marketing["status"] == "unsubscribed"


def test_this_was_not_me(visitor: Visitor) -> None:
    visitor.post()
    link = visitor.link()
    assert ask(link, "POST", b"action=not-me").status == 200
    assert ask(link, "POST", b"").status == 410
    assert visitor.post().status == 202
    assert (len(visitor.mails()), visitor.customers) == (1, [])
    kept = visitor.kept.get().to_dict()
    assert (kept["state"], kept["address"], kept["asked"]) == ("refused", None, [])


# Case 14


def test_many_sign_ups_for_one_victim(visitor: Visitor) -> None:
    def attack(number: int) -> tuple[int, str]:
        answer = visitor.post(network=f"2001:db8:{visitor.mark[4:7]}{number % 10}::{number}")
        return answer.status, answer.text

    with ThreadPoolExecutor(8) as pool:
        answers = set(pool.map(attack, range(60)))
    assert len(visitor.mails()) == 1
    assert [status for status, _ in answers] == [202]


def test_many_addresses_from_one_network(visitor: Visitor) -> None:
    addresses = [f"{visitor.mark}.{number}@example.com" for number in range(40)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: visitor.post(one, form="press").status, addresses))
    assert set(answers) == {202}
    sent = visitor.scene.post.mails_to(*addresses)
    assert 10 <= len(sent) < 14  # those that are under way do not see each other
    late = visitor.post(f"{visitor.mark}.late@example.com", form="press")
    assert (late.status, visitor.mails(f"{visitor.mark}.late@example.com")) == (202, [])


# Mail that does not go out at once, and opt-ins of orders


def test_a_server_that_does_not_take_it_gets_it_by_the_sweep(visitor: Visitor) -> None:
    visitor.scene.post.server.answer("RCPT", "451 4.7.1 later", to=visitor.email, times=1)
    assert visitor.post().status == 202
    assert visitor.mails() == []
    waits = visitor.kept.get().to_dict()
    assert (waits["sentAt"], waits["tries"]) == (None, 1)
    visitor.kept.update({"due": datetime.now(UTC) - timedelta(seconds=1)})
    visitor.scene.post.sweep()
    assert len(visitor.mails()) == 1
    assert ask(visitor.link(), "POST", b"").status == 200
    assert visitor.marketing["status"] == "subscribed"


def test_an_orders_opt_in_that_waits_is_asked_about(visitor: Visitor) -> None:
    def buy(number: int) -> None:
        data = order(visitor.email, marketingOptIn=True, createdAt=datetime.now(UTC))
        visitor.scene.documents.document(f"orders/{visitor.mark}-{number}").set(data)

    buy(1)
    eventually(lambda: visitor.marketing["status"] == "subscribed" or _fail())
    out = visitor.scene.post.suite.function_url("unsubscribe")
    ask(unsubscribe_link.link(KEYS, out, visitor.email), "POST", b"List-Unsubscribe=One-Click")
    buy(2)
    eventually(lambda: visitor.marketing.get("pending") or _fail())
    visitor.scene.post.sweep()
    visitor.scene.post.sweep()
    (mail,) = visitor.mails()
    plain = mail.message.get_body(("plain",))
    assert plain is not None
    assert "In an order with this address" in plain.get_content()
    assert ask(visitor.link(), "POST", b"").status == 200
    assert (visitor.marketing["status"], visitor.marketing["source"]) == ("subscribed", "form")


def _fail() -> bool:
    raise AssertionError


# Attacks


def test_the_door_by_hand(visitor: Visitor) -> None:
    preflight = ask(visitor.url, "OPTIONS", Origin="https://evil.example")
    assert (preflight.status, preflight.headers["access-control-allow-origin"]) == (204, "*")
    assert "access-control-allow-credentials" not in preflight.headers
    large = urlencode({"form": "newsletter", "email": visitor.email, "x": "y" * 2_000_000})
    assert ask(visitor.url, "POST", large.encode()).status == 413
    wrong = ask(visitor.url, "POST", b"{", Content_Type="application/json")
    assert wrong.status == 400
    injected = f"{visitor.email}\r\nBcc: other@example.com"
    assert visitor.post(injected).status == 400
    assert visitor.post(form="news\r\nX: y").status == 404
    assert visitor.post(language="en\r\nBcc: other@example.com").status == 202
    (mail,) = visitor.mails()
    assert mail.message["Bcc"] is None
    assert mail.to == visitor.email
    assert "access-control-allow-origin" not in ask(visitor.link()).headers


def test_links_of_others_and_forged_ones(visitor: Visitor, scene: CampaignScene) -> None:
    other = Visitor(scene)
    visitor.post()
    other.post()
    url, _, mine = visitor.link().partition("?token=")
    _, _, theirs = other.link().partition("?token=")
    key, their_key = KEYS.address(visitor.email), KEYS.address(other.email)
    for forged in (mine.replace(key, their_key), mine[:-2] + "xx", theirs.partition(".")[0], ""):
        for method, body in (("GET", None), ("POST", b"")):
            assert ask(f"{url}?token={forged}", method, body).status == 400
    assert (visitor.customers, other.customers) == ([], [])
    assert ask(f"{url}?token={theirs}", "POST", b"").status == 200
    assert (visitor.customers, len(other.customers)) == ([], 1)
