"""Consent and the unsubscribe link over real HTTP, as a console, a reader and a mail program do."""

from __future__ import annotations

import http.client
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from google.cloud.firestore import FieldFilter

from crm.core.roles import Role
from crm.firebase.staff import grant
from suite.running import Suite
from testing.auth import Person, sign_up
from testing.client import client_of
from testing.hosts import order
from testing.patience import PATIENCE, eventually
from tests.support.web import call

FORM = "application/x-www-form-urlencoded"
ONE_CLICK = "List-Unsubscribe=One-Click"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    text: str


def send(
    url: str, method: str = "GET", body: str | None = None, content_type: str | None = FORM
) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=PATIENCE)
    headers = {"Content-Type": content_type} if body is not None and content_type else {}
    connection.request(method, f"{parts.path}?{parts.query}", body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    connection.close()
    return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, text)


@pytest.fixture(scope="module")
def editor(suite: Suite) -> Person:
    person = sign_up()
    grant(person.email, Role.EDITOR)
    return person


@dataclass(frozen=True)
class Reader:
    """A customer with an opt-in, made by the live triggers."""

    suite: Suite
    email: str

    @property
    def document(self) -> Any:
        customers = client_of(self.suite.project).collection("customers")
        mine = FieldFilter("emails", "array_contains", self.email)
        (found,) = customers.where(filter=mine).stream()
        return found

    @property
    def marketing(self) -> dict[str, Any]:
        marketing: dict[str, Any] = self.document.get("marketing")
        return marketing

    @property
    def decisions(self) -> list[str]:
        """What was recorded about the address, oldest first."""
        database = client_of(self.suite.project)
        (part,) = self.document.get("parts").values()
        mine = FieldFilter("identity", "==", part["key"])
        found = list(database.collection("crmConsents").where(filter=mine).stream())
        return [one.get("source") for one in sorted(found, key=lambda one: one.get("at"))]


@pytest.fixture
def reader(suite: Suite) -> Reader:
    mark = uuid.uuid4().hex
    reader = Reader(suite, f"{mark}@example.com")
    data = order(reader.email, marketingOptIn=True)
    client_of(suite.project).document(f"orders/{mark}").set(data)
    eventually(lambda: reader.document)
    return reader


@pytest.fixture
def headers(suite: Suite, editor: Person, reader: Reader) -> dict[str, str]:
    (answer,) = call(suite, editor, ("get_unsubscribe_headers", {"email": reader.email}))
    headers: dict[str, str] = answer["data"]["headers"]
    assert headers["List-Unsubscribe"] == f"<{answer['data']['url']}>"
    return headers


@pytest.fixture
def link(suite: Suite, headers: dict[str, str]) -> str:
    link = headers["List-Unsubscribe"].strip("<>")
    assert link.startswith(suite.function_url("unsubscribe") + "?token=")
    return link


def test_one_click_by_a_mail_program(
    suite: Suite, reader: Reader, headers: dict[str, str], link: str
) -> None:
    assert reader.marketing["status"] == "subscribed"
    looked_at = send(link)
    assert looked_at.status == 200
    assert looked_at.headers["content-type"] == "text/html; charset=utf-8"
    assert looked_at.headers["referrer-policy"] == "no-referrer"
    assert looked_at.headers["cache-control"] == "no-store"
    assert not {"set-cookie", "location"} & looked_at.headers.keys()
    assert send(link, "HEAD").status == 200
    assert reader.marketing["status"] == "subscribed"

    body = headers["List-Unsubscribe-Post"]
    with ThreadPoolExecutor(4) as pool:  # at once, as impatient people and programs do
        answers = list(pool.map(lambda _: send(link, "POST", body), range(4)))
    assert [one.status for one in answers] == [200] * 4
    assert (reader.marketing["status"], reader.marketing["source"]) == (
        "unsubscribed",
        "unsubscribe",
    )
    assert reader.decisions == ["order", "unsubscribe"]
    before = reader.document.update_time
    assert send(link, "POST", body).status == 200
    assert reader.document.update_time == before
    assert urlsplit(link).query.partition("=")[2] not in suite.logs()


def test_the_button_of_the_page(reader: Reader, link: str) -> None:
    boundary = "b"
    part = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click'
    )
    body = f"{part}\r\n--{boundary}--\r\n"
    done = send(link, "POST", body, f"multipart/form-data; boundary={boundary}")
    assert done.status == 200
    assert "You are unsubscribed" in done.text
    assert reader.marketing["status"] == "unsubscribed"


def test_mail_programs_that_are_not_exact(reader: Reader, link: str) -> None:
    for behind in (".", ">", ")", "%20", "+"):
        for method in ("GET", "HEAD"):
            assert send(link + behind, method).status == 200
    assert reader.marketing["status"] == "subscribed"
    for body, content_type in (
        (ONE_CLICK, "text/plain"),
        (ONE_CLICK, None),
        (f"{ONE_CLICK}\r\n", None),
        (f"{ONE_CLICK}\r\n", FORM),
    ):
        assert send(link + ">.", "POST", body, content_type).status == 200
        assert reader.marketing["status"] == "unsubscribed"


def test_what_does_not_act(reader: Reader, link: str) -> None:
    url, _, token = link.partition("?token=")
    for bad in (url, f"{url}?token=", f"{link}x", f"{url}?{urlencode({'token': token[::-1]})}"):
        for method, body in (("GET", None), ("POST", ONE_CLICK)):
            assert send(bad, method, body).status == 400, bad
    assert send(link, "POST", "").status == 400
    for size in (20_000, 2_000_000):  # also for what is said behind the handler
        large = send(link, "POST", f"{ONE_CLICK}&more={'x' * size}")
        assert (large.status, large.headers["cache-control"]) == (400, "no-store")
    assert send(link, "PUT", ONE_CLICK).status == 405
    assert send(link, "OPTIONS").status == 204
    assert reader.marketing["status"] == "subscribed"


def test_staff_record_decisions(suite: Suite, editor: Person, reader: Reader, link: str) -> None:
    customer_id = reader.document.id
    evidence = {"source": "paper form", "textVersion": "2024-03"}
    send(link, "POST", ONE_CLICK)
    no_evidence, granted, withdrawn = call(
        suite,
        editor,
        ("set_consent", {"customerId": customer_id, "status": "subscribed"}),
        (
            "set_consent",
            {"customerId": customer_id, "status": "subscribed", "evidence": evidence},
        ),
        ("set_consent", {"customerId": customer_id, "status": "unsubscribed"}),
    )
    assert no_evidence["details"] == {"reason": "evidence-missing"}
    assert granted["data"]["marketing"]["status"] == "subscribed"
    assert withdrawn["data"]["marketing"]["status"] == "unsubscribed"
    assert reader.marketing["status"] == "unsubscribed"
    assert reader.decisions == ["order", "unsubscribe", "staff", "staff"]
