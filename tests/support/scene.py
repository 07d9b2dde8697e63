"""Whom the attackers in `tests/suite/attacks` are after, in the project where functions fire."""

from __future__ import annotations

import json
import time
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.cloud.firestore import FieldFilter

from crm.db.collections import ALL
from crm.runtime import services as runtime
from suite.launch import ROOT
from suite.running import Suite
from testing.auth import Person, id_token, sign_up
from testing.client import PatientClient
from testing.hosts import item, order
from testing.patience import PATIENCE
from tests.support.attacking import OWNER, Client

HOST_RULES = """
    match /users/{uid} {
      allow read, write: if request.auth != null && request.auth.uid == uid;
    }
    match /orders/{orderId} {
      allow create: if request.resource.data.get('userId', null) == null
        || (request.auth != null && request.resource.data.userId == request.auth.uid);
      allow read: if request.auth != null && resource.data.get('userId', null) == request.auth.uid;
    }
"""
"""The two usual ones: the own document of the user, any field; an order by a guest, or of one's own
uid, any field too."""


@dataclass(frozen=True)
class Victim:
    """Somebody who has done nothing but buy.

    Attributes:
        mark: In the name, the order ids and the events; no attacker knows it.
        email: The address, which everybody knows.
        customer_id: The customer.
        person: The account; None for a guest.
    """

    mark: str
    email: str
    customer_id: str
    person: Person | None = None

    @property
    def uid(self) -> str:
        return self.person.uid if self.person else ""

    @property
    def name(self) -> str:
        return f"Grace {self.mark}"

    @property
    def order_id(self) -> str:
        return f"{self.mark}-0"

    def found_in(self, answers: list[str]) -> list[str]:
        """Return what of the victim an attacker was told that the attacker had not known."""
        told = "\n".join(answers).replace("\\u002d", "-")
        return [secret for secret in (self.mark, self.customer_id) if secret in told]


class Scene:
    """The suite's own project, its host's rules in force, and its people."""

    def __init__(self, suite: Suite) -> None:
        self.suite = suite
        self.documents: Any = PatientClient(project=suite.project)
        self._hired: dict[str, Client] = {}
        self._put_rules()
        self.guest = self.a_guest()
        self.verified = self.a_user(verified=True)
        self.unverified = self.a_user(verified=False)
        self.victims = {
            "guest": self.guest,
            "verified user": self.verified,
            "unverified user": self.unverified,
        }

    def _put_rules(self) -> None:
        ours = ROOT.joinpath("firestore.rules").read_text(encoding="utf-8")
        above, marked, below = ours.partition("    // --- Your own rules: end")
        assert marked
        content = {"rules": {"files": [{"content": f"{above}{HOST_RULES}{marked}{below}"}]}}
        path = f"emulator/v1/projects/{self.suite.project}:securityRules"
        url = f"http://{self.suite.firestore_host}/{path}"
        answer = self.client().send(url, "PUT", content, token=OWNER)
        assert answer.status == 200, answer.text

    # --- People ---

    def client(self) -> Client:
        """Somebody without a token."""
        return Client(self.suite)

    def stranger(self) -> Client:
        """An attacker with a verified address, and nothing else."""
        return self.client().sign_up().verify()

    def staff(self, role: str) -> Client:
        person = sign_up({"crm": role})
        return Client(self.suite, id_token(person), person.uid, person.email)

    def hired(self, role: str) -> Client:
        """Somebody of a role, the same one for all tests."""
        if role not in self._hired:
            self._hired[role] = self.staff(role)
        return self._hired[role]

    def a_guest(self, **fields: Any) -> Victim:
        """A guest with two paid orders."""
        mark = uuid.uuid4().hex
        return self._bought(mark, f"guest.{mark[::-1]}@example.com", None, **fields)

    def a_user(self, verified: bool, **fields: Any) -> Victim:
        """A registered buyer with two paid orders."""
        mark = uuid.uuid4().hex
        person = sign_up(email=f"user.{mark[::-1]}@example.com", verified=verified)
        known = {"email": person.email, "name": f"Grace {mark}"}
        self.documents.document(f"users/{person.uid}").set(known)
        self.settle(f"users/{person.uid}")
        return self._bought(mark, person.email, person, **fields)

    def _bought(self, mark: str, email: str, person: Person | None, **fields: Any) -> Victim:
        for number in range(2):
            path = f"orders/{mark}-{number}"
            told = {
                "name": f"Grace {mark}",
                "phone": f"+1 555 {mark}",
                "userId": person.uid if person else None,
                "items": [item(f"event-{mark}", eventName=f"Evening {mark}")],
            }
            self.documents.document(path).set(order(email, **{**told, **fields}))
            self.settle(path)
        named = FieldFilter("userIds", "array_contains", person.uid) if person else None
        asked = named or FieldFilter("emails", "array_contains", email)
        (customer,) = self.documents.collection("customers").where(filter=asked).get()
        return Victim(mark, email, customer.id, person)

    # --- What becomes of it ---

    def settle(self, path: str) -> None:
        """Look at a document of the host now, as its event will; that may come before or after."""
        collection, _, document_id = path.partition("/")
        sync = runtime.services().sync
        if collection == "orders":
            sync.sync_order(document_id)
        else:
            sync.sync_user(document_id)

    def attack(self, client: Client, path: str, data: Mapping[str, Any]) -> None:
        """Let a client write what the rules allow, and the event of it take effect."""
        answer = client.set(path, dict(data))
        assert answer.status == 200, answer.text
        self.settle(path)

    def customer(self, customer_id: str) -> Any:
        return self.documents.document(f"customers/{customer_id}").get().to_dict()

    def customers_with(self, field: str, value: str) -> list[dict[str, Any]]:
        found = FieldFilter(field, "array_contains", value)
        if field == "contactEmail":
            found = FieldFilter(field, "==", value)
        return [
            one.to_dict()
            for one in self.documents.collection("customers").where(filter=found).get()
        ]

    def state(self, victim: Victim) -> dict[str, Any]:
        """Everything that is the victim's: documents, customer, records, account."""
        paths = [
            f"customers/{victim.customer_id}",
            f"orders/{victim.mark}-0",
            f"orders/{victim.mark}-1",
        ]
        paths += [f"users/{victim.uid}"] if victim.person else []
        paths += [f"crmOrders/{victim.mark}-0", f"crmOrders/{victim.mark}-1"]
        kept = {path: self.documents.document(path).get().to_dict() for path in paths}
        assert kept[paths[0]]
        return {**kept, "account": self.account(victim.uid) if victim.person else None}

    def jobs_of(self, uid: str) -> list[str]:
        """Return the ids of jobs that an account began."""
        begun = FieldFilter("actor", "==", runtime.services().keys.user(uid))
        return [one.id for one in self.documents.collection("crmJobs").where(filter=begun).get()]

    def account(self, uid: str) -> dict[str, Any] | None:
        """Return the lasting part of what Firebase Auth holds; None where there is none."""
        users = self.host_auth("accounts:lookup", {"localId": [uid]}).get("users")
        if not users:
            return None
        return {name: users[0].get(name) for name in ("email", "emailVerified", "disabled")}

    def host_auth(self, path: str, body: object, version: str = "v1") -> Any:
        """Do what the host's own backend may do in Firebase Auth."""
        url = f"http://{self.suite.auth_host}/identitytoolkit.googleapis.com/{version}"
        request = urllib.request.Request(
            f"{url}/projects/{self.suite.project}/{path}",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": f"Bearer {OWNER}"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return json.load(response)

    def change_account(self, uid: str, **changes: object) -> None:
        self.host_auth("accounts:update", {"localId": uid, **changes})

    def end_sessions(self, uid: str) -> None:
        """As `crm revoke`, a second after the sign-in: Auth keeps whole ones."""
        self.change_account(uid, validSince=str(int(time.time()) + 1))

    def tenant(self) -> str:
        """Return a tenant of Identity Platform, which somebody else may run."""
        made = self.host_auth("tenants", {"displayName": "t", "allowPasswordSignup": True}, "v2")
        name: str = made["name"].rpartition("/")[2]
        return name

    def one_of(self, collection: str) -> str:
        """Return the path of a document that is there, if any is; the guest's own, if one is."""
        if collection == "customers":
            return f"customers/{self.guest.customer_id}"
        if collection == "crmOrders":
            return f"crmOrders/{self.guest.order_id}"
        found = list(self.documents.collection(collection).limit(1).get())
        return f"{collection}/{found[0].id}" if found else f"{collection}/any"


OURS = sorted(ALL)
