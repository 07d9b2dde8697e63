"""People who subscribed by real orders, a campaign to them by callables, and the proof of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import urllib.error
import urllib.request
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn

from google.cloud.firestore import FieldFilter

from crm.db.collections import AUDIENCES, CAMPAIGNS, CUSTOMERS, JOBS
from testing.auth import id_token, sign_up
from testing.client import client_of
from testing.hosts import item, order
from testing.patience import PATIENCE, eventually
from tests.support.attacking import Answer, Client
from tests.support.posting import Post
from tests.support.smtp_server import Taken

FIVE = ("waiting", "accepted", "refused", "excluded", "uncertain")

ENDS = ("done", "cancelled", "missed", "halted")

BATCH = 200

LONG = 10 * PATIENCE
"""Seconds for what comes only after the product's own waiting, such as before it tries again."""

BODY = """\
# Thank you, {{ name | default: "dear guest" }}

It was good to have you at the workshop.
"""


class Refused(AssertionError):
    """A call was refused that a test wanted done."""


class CampaignScene:
    """Subscribers whom no other test has, and staff who write to them.

    Attributes:
        post: The suite and its mail server.
        mark: In every address; the people of this scene have no other.
        event: The event that they attended, and nobody else.
        addresses: Theirs, in the order in which they came.
    """

    def __init__(self, post: Post) -> None:
        self.post = post
        self.documents: Any = client_of(post.suite.project)
        self.mark = f"m{uuid.uuid4().hex[:12]}"
        self.event = f"workshop-{self.mark}"
        self.addresses: list[str] = []
        self._staff: dict[str, Client] = {}
        self._orders = 0

    # --- People

    def gather(self, number: int, domain: str = "example.com", **fields: Any) -> list[str]:
        """Let people order with an opt-in, and wait until they are customers; give addresses."""
        first = len(self.addresses)
        new = [f"{self.mark}.{first + one}@{domain}" for one in range(number)]
        documents = {
            f"orders/{self.mark}-{self._next()}": self._order(one, **fields) for one in new
        }
        for start in range(0, number, BATCH):
            batch = self.documents.batch()
            for path in list(documents)[start : start + BATCH]:
                batch.set(self.documents.document(path), documents[path])
            batch.commit()
        self.addresses += new
        self._wait_for(first + number)
        return new

    def _order(self, address: str, **fields: Any) -> dict[str, Any]:
        said = {"name": "Grace Hopper", "marketingOptIn": True, "items": [item(self.event)]}
        return order(address, **{**said, **fields})

    def _next(self) -> int:
        self._orders += 1
        return self._orders

    def _wait_for(self, number: int) -> None:
        def there() -> None:
            assert len(self.customers()) >= number

        eventually(there, LONG if number > BATCH else PATIENCE)

    def customers(self) -> dict[str, Any]:
        """Return the customers who attended, as stored, by their ids."""
        attended = FieldFilter("attendedEventIds", "array_contains", self.event)
        found = self.documents.collection(CUSTOMERS).where(filter=attended).get()
        return {one.id: one.to_dict() for one in found}

    def id_of(self, address: str) -> str:
        """Return the id of the customer with an address."""
        holds = FieldFilter("emails", "array_contains", address)
        (found,) = self.documents.collection(CUSTOMERS).where(filter=holds).get()
        return str(found.id)

    # --- Calls

    def staff(self, role: str = "editor") -> Client:
        """Return somebody with a role, the same one each time."""
        if role not in self._staff:
            person = sign_up({"crm": role})
            made = Client(self.post.suite, id_token(person), person.uid, person.email)
            self._staff[role] = made
        return self._staff[role]

    def ask(self, function: str, role: str = "editor", /, **data: object) -> Answer:
        """Call a callable, and give the answer whatever it is."""
        return self.staff(role).call(function, **data)

    def call(self, function: str, role: str = "editor", /, **data: object) -> Any:
        """Call a callable that is to do what it is asked for."""
        answer = self.ask(function, role, **data)
        if answer.status != 200:
            raise Refused(f"{function}: {answer.status} {answer.text}")
        return answer.data

    def warm_up(self, *functions: str) -> None:
        """Have functions start that are to answer while a mail is held up; this does nothing."""
        for function in functions:
            assert self.ask(function, "admin", nothing="at all").status == 400

    def save(self, **fields: object) -> str:
        """Save a campaign to everybody here, and give its id."""
        said: dict[str, object] = {
            "name": f"Thank you {self.mark}",
            "subject": "Thank you for coming",
            "preview": "And what comes next",
            "body": {"format": "markdown", "source": BODY},
            "segment": {"attended": self.event},
        }
        return str(self.call("save_campaign", **(said | fields))["campaign"]["campaignId"])

    def reachable(self, campaign_id: str) -> int:
        """Return how many the preview says it would reach."""
        audience = self.call("preview_campaign", campaignId=campaign_id)["audience"]
        return int(audience["reachable"])

    def send(self, campaign_id: str, **more: object) -> Any:
        """Send it to as many as the preview says."""
        expected = self.reachable(campaign_id)
        asked: dict[str, object] = {"campaignId": campaign_id, "expected": expected, **more}
        return self.call("send_campaign", **asked)["campaign"]

    def sent(self, **fields: object) -> str:
        """Save a campaign, send it, and give its id."""
        campaign_id = self.save(**fields)
        self.send(campaign_id)
        return campaign_id

    def campaign(self, campaign_id: str) -> Any:
        """Return a campaign as staff see it."""
        return self.call("get_campaign", "viewer", campaignId=campaign_id)["campaign"]

    def until(self, campaign_id: str, *states: str, seconds: float = 2 * PATIENCE) -> Any:
        """Wait until a campaign is in one of these states; give it."""

        def is_there() -> Any:
            found = self.campaign(campaign_id)
            if found["state"] in ENDS and found["state"] not in states:
                _fail(f"it is {found['state']}: {found['reason']}, {found.get('message')}")
            assert found["state"] in states, found["state"]
            return found

        return eventually(is_there, seconds)

    def recipients(self, campaign_id: str, state: str | None = None) -> list[Any]:
        """Return everybody of a campaign, in the order of the list."""
        rows: list[Any] = []
        token: str | None = None
        while True:
            asked = {"campaignId": campaign_id, "pageToken": token, "pageSize": 200}
            answer = self.call("list_recipients", "viewer", **asked, state=state)
            rows += answer["recipients"]
            token = answer["nextPageToken"]
            if token is None:
                return rows

    def last_waiting(self, campaign_id: str, number: int) -> list[Any]:
        """Return those whose turn comes last."""
        rows = self.recipients(campaign_id, "waiting")
        assert len(rows) >= number + 20, "all of them may be claimed already"
        return rows[-number:]

    # --- A provider that tells what became of mails

    def tell(
        self,
        kind: str,
        mail: Taken | str,
        *,
        event_id: str | None = None,
        at: datetime | None = None,
        secret: str | None = None,
        **about: object,
    ) -> int:
        """Post an event, signed, and give the status; `mail` is one, or what it names instead."""
        named = mail if isinstance(mail, str) else mail.key
        happened = (at or datetime.now(UTC)).isoformat()
        data = {"messageId": f"<{named}@example.com>", **about}
        body = json.dumps({"type": kind, "timestamp": happened, "data": data}).encode()
        return self.post_event(body, event_id or f"msg_{uuid.uuid4().hex}", secret)

    def post_event(
        self, body: bytes, event_id: str, secret: str | None = None, sent: datetime | None = None
    ) -> int:
        """Post a body as Standard Webhooks say."""
        stamp = str(int((sent or datetime.now(UTC)).timestamp()))
        key = base64.b64decode((secret or self.post.webhook_secret).removeprefix("whsec_"))
        signed = hmac.digest(key, f"{event_id}.{stamp}.".encode() + body, hashlib.sha256)
        request = urllib.request.Request(
            self.post.suite.function_url("mail_events"),
            body,
            {
                "Content-Type": "application/json",
                "webhook-id": event_id,
                "webhook-timestamp": stamp,
                "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    # --- What a clock does

    def let_the_claims_run_out(self, campaign_id: str) -> None:
        """Let the time pass after which what a worker that is gone had claimed is settled."""
        past = datetime.now(UTC) - timedelta(seconds=1)
        for shard in self._shards(campaign_id):
            if shard.get("holder") is not None:
                shard.reference.update({"leaseUntil": past})

    def let_hours_pass(self, campaign_id: str, hours: float) -> None:
        """Move the times of a scheduled campaign, and of its job, into the past."""
        path = f"{CAMPAIGNS}/{campaign_id}"
        found = self.documents.document(path).get().to_dict()
        earlier = timedelta(hours=hours)
        moved = {name: found[name] - earlier for name in ("scheduledAt", "latestBy")}
        self.documents.document(path).update(moved)
        job = self.documents.document(f"{JOBS}/{found['jobId']}")
        written = job.get().get("updatedAt") - earlier
        job.update({"notBefore": moved["scheduledAt"], "updatedAt": written})

    def _shards(self, campaign_id: str) -> list[Any]:
        own = FieldFilter("campaignId", "==", campaign_id)
        return list(self.documents.collection(AUDIENCES).where(filter=own).get())

    # --- The proof

    @contextmanager
    def adding_up(self, campaign_id: str) -> Iterator[None]:
        """Look at the sums all the time, as they are committed; they must be right always."""
        over, wrong, looked = threading.Event(), list[str](), 0

        def look() -> None:
            nonlocal looked
            while not over.wait(0.05):
                looked += 1
                wrong.extend(self.wrong_sums(campaign_id))

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        try:
            yield
        finally:
            over.set()
            watcher.join()
        assert looked
        assert wrong == []

    def wrong_sums(self, campaign_id: str) -> list[str]:
        """Return what does not add up in what is stored at this moment."""
        campaign = self.documents.document(f"{CAMPAIGNS}/{campaign_id}").get()
        stored = [(one.id, one.to_dict()) for one in (campaign, *self._shards(campaign_id))]
        return [
            f"{name}: {data['counts']}"
            for name, data in stored
            if data["counts"]["audience"] != sum(data["counts"][state] for state in FIVE)
        ]

    def prove(self, campaign_id: str, audience: int | None = None) -> Counter[str]:
        """Hold people, counts and mailbox of a campaign that has ended to each other.

        Everybody is in exactly one state; so many are in each as the counts say; whoever is
        accepted has one mail, and nobody has one who was not to get it.

        Args:
            campaign_id: The only campaign of this scene so far.
            audience: How many it was to.

        Returns:
            How many are in which state.
        """
        counts = self.campaign(campaign_id)["counts"]
        assert counts["audience"] == sum(counts[state] for state in FIVE)
        assert audience is None or counts["audience"] == audience
        rows = self.recipients(campaign_id)
        named = [one["customerId"] for one in rows if one["customerId"] is not None]
        assert len(named) == len(set(named)), "somebody is in two states"
        by_state = Counter(one["state"] for one in rows)
        assert {state: by_state[state] for state in FIVE} == {one: counts[one] for one in FIVE}
        assert all(one["reason"] for one in rows if one["state"] not in ("waiting", "accepted"))
        got = Counter(one.to for one in self.mails())
        assert [address for address, mails in got.items() if mails > 1] == [], "mailed twice"
        for address in {one["email"] for one in rows if one["email"]}:
            # Two customers can have one address, and the mail goes to one of them.
            states = {one["state"] for one in rows if one["email"] == address}
            if "accepted" in states:
                assert got[address] == 1, f"{address} is accepted without a mail"
            elif "uncertain" not in states:
                assert got[address] == 0, f"{address} is {states} and has a mail"
        keys = [one.key for one in self.mails()]
        assert len(keys) == len(set(keys))
        return by_state

    def mails(self) -> list[Taken]:
        """Return the mails of this scene's people, in order."""
        return [one for one in self.post.server.mails if self.mark in one.to]

    def state_of(self, campaign_id: str, address: str) -> tuple[str, str | None]:
        """Return what became of the mail to an address, and why."""
        (found,) = [one for one in self.recipients(campaign_id) if one["email"] == address]
        return found["state"], found["reason"]

    def settled(self, campaign_id: str, address: str, state: str) -> None:
        """Wait until the mail to an address is in a state."""

        def is_so() -> None:
            assert self.state_of(campaign_id, address)[0] == state

        eventually(is_so)


def _fail(message: str) -> NoReturn:
    # Not an AssertionError, which would be waited for.
    raise RuntimeError(message)
