"""What an attacker has: the REST APIs that the client SDKs use, and a token of its own or none.

A `Client` is bound by the host's rules and ours, by Firebase Auth, and by nothing else. It keeps
every answer that it was given (`heard`), so that a test can look for a victim in all of them.
"""

from __future__ import annotations

import codecs
import json
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from crm.config.settings import settings
from crm.entrypoints.callables.dispatch import CALLS
from suite.running import Suite
from testing.answers import held
from testing.auth import PASSWORD
from testing.patience import PATIENCE, eventually

OWNER = "owner"  # the emulators' token for whom nothing binds: the host's own backend


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def reason(self) -> str | None:
        """The stable reason of a refused call; None where it was not refused."""
        error = self.json.get("error")
        found: str | None = error.get("details", {}).get("reason", "none") if error else None
        return found

    @property
    def data(self) -> Any:
        return self.json["result"]


@dataclass
class Client:
    """Somebody at a browser's console.

    Attributes:
        suite: Where everything is.
        token: Its ID token; None for a guest.
        uid: The uid of its account, also when that is gone.
        email: The address that it signed up with.
        tenant: The Identity Platform tenant that it signs up with; None for the project itself.
        heard: The text of every answer that it was given.
    """

    suite: Suite
    token: str | None = None
    uid: str = ""
    email: str = ""
    tenant: str | None = None
    heard: list[str] = field(default_factory=list)

    # --- Firebase Auth ---

    def sign_up(self, email: str | None = None) -> Client:
        """Make an account with an address that nobody has verified."""
        self.email = email or f"{uuid.uuid4().hex}@attacker.example"
        asked = {"email": self.email, "password": PASSWORD}
        return self._signed_in(self.auth("signUp", **asked))

    def anonymous(self) -> Client:
        return self._signed_in(self.auth("signUp"))

    def by_provider(self, provider: str, **claims: object) -> Client:
        """Sign in with what a provider says of somebody."""
        told = {"sub": uuid.uuid4().hex, **claims}
        body = urlencode({"id_token": json.dumps(told), "providerId": provider})
        asked = {"postBody": body, "requestUri": "http://localhost"}
        return self._signed_in(self.auth("signInWithIdp", **asked))

    def sign_in(self, email: str | None = None) -> Client:
        asked = {"email": email or self.email, "password": PASSWORD}
        return self._signed_in(self.auth("signInWithPassword", **asked))

    def verify(self, email: str | None = None) -> Client:
        """Follow the link of the mail that came to the own address, and sign in again."""
        self.auth("sendOobCode", requestType="VERIFY_EMAIL", idToken=self.token)
        self.auth("update", oobCode=self._mailed("VERIFY_EMAIL", email or self.email))
        return self.sign_in(email)

    def change_address(self, email: str) -> Answer:
        """Give the own account another address, which is not verified then."""
        answer = self.auth("update", idToken=self.token, email=email)
        if answer.status == 200:
            self.email = email
            self.sign_in()
        return answer

    def delete_account(self) -> Client:
        assert self.auth("delete", idToken=self.token).status == 200
        return self

    def auth(self, act: str, **body: object) -> Answer:
        if self.tenant and act != "delete":
            body["tenantId"] = self.tenant
        url = f"http://{self.suite.auth_host}/identitytoolkit.googleapis.com/v1/accounts:{act}"
        return self.send(f"{url}?key=any", "POST", {**body, "returnSecureToken": True}, token=None)

    def _signed_in(self, answer: Answer) -> Client:
        assert answer.status == 200, answer.text
        self.token, self.uid = answer.json["idToken"], answer.json["localId"]
        return self

    def _mailed(self, kind: str, address: str) -> str:
        """Read the own mailbox."""
        tenant = f"/tenants/{self.tenant}" if self.tenant else ""
        path = f"emulator/v1/projects/{self.suite.project}{tenant}/oobCodes"
        with urllib.request.urlopen(f"http://{self.suite.auth_host}/{path}") as response:
            codes = json.load(response)["oobCodes"]
        found: list[str] = [
            one["oobCode"]
            for one in codes
            if (one["requestType"], one["email"]) == (kind, address.lower())
        ]
        return found[-1]

    # --- Firestore, under rules ---

    def set(self, path: str, data: dict[str, object]) -> Answer:
        """Write a whole document, whether or not it is there."""
        return self._write(self._document(path), "PATCH", {"fields": fields(data)})

    def create(self, path: str, data: dict[str, object]) -> Answer:
        """Write a document that is not there yet."""
        url = f"{self._document(path)}?currentDocument.exists=false"
        return self._write(url, "PATCH", {"fields": fields(data)})

    def get(self, path: str) -> Answer:
        return self.send(self._document(path))

    def delete(self, path: str) -> Answer:
        return self._write(self._document(path), "DELETE")

    def query(
        self,
        collection: str,
        where: tuple[str, str, object] | None = None,
        everywhere: bool = False,
    ) -> Answer:
        source = {"collectionId": collection, "allDescendants": everywhere}
        query: dict[str, object] = {"from": [source], "limit": 5}
        if where:
            name, op, asked = where
            query["where"] = {
                "fieldFilter": {"field": {"fieldPath": name}, "op": op, "value": value(asked)}
            }
        return self.send(f"{self._root}:runQuery", "POST", {"structuredQuery": query})

    def _write(self, url: str, method: str, body: object = None) -> Answer:
        """Write, and again what was aborted: nobody may wait long (`testing.client`)."""

        def not_aborted() -> Answer:
            answer = self.send(url, method, body)
            assert answer.status != 409 or answer.json["error"]["status"] != "ABORTED"
            return answer

        return eventually(not_aborted)

    @property
    def _root(self) -> str:
        path = f"v1/projects/{self.suite.project}/databases/(default)/documents"
        return f"http://{self.suite.firestore_host}/{path}"

    def _document(self, path: str) -> str:
        return f"{self._root}/{quote(path)}"

    # --- Functions ---

    def call(self, function: str, /, **data: object) -> Answer:
        url = self.suite.function_url(function, settings().region)
        answer = self.send(url, "POST", {"data": data})
        if function in CALLS and answer.status == 200:
            held(function, answer.data)
        return answer

    def csv(self, **parameters: str) -> Answer:
        url = self.suite.function_url("export_segment_csv", settings().region)
        return self.send(f"{url}?{urlencode(parameters)}")

    def send(
        self, url: str, method: str = "GET", body: object = None, token: str | None = "own"
    ) -> Answer:
        """Send a request, with the own token where it is not said otherwise."""
        request = urllib.request.Request(url, method=method)
        bearer = self.token if token == "own" else token
        if bearer is not None:
            request.add_header("Authorization", f"Bearer {bearer}")
        data = None
        if body is not None:
            plain = isinstance(body, bytes)
            kind = "application/x-www-form-urlencoded" if plain else "application/json"
            request.add_header("Content-Type", kind)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, data, timeout=PATIENCE) as response:
                answer = Answer(response.status, text_of(response.read()))
        except urllib.error.HTTPError as error:
            with error:
                answer = Answer(error.code, text_of(error.read()))
        self.heard.append(answer.text)
        return answer


def text_of(body: bytes) -> str:
    """Read what was answered; a file for Excel is in UTF-16, and says so."""
    return body.decode("utf-16" if body.startswith(codecs.BOM_UTF16_LE) else "utf-8")


def value(given: object) -> dict[str, object]:
    """Write a value as Firestore's REST API does."""
    match given:
        case None:
            return {"nullValue": None}
        case bool():
            return {"booleanValue": given}
        case int():
            return {"integerValue": str(given)}
        case float():
            return {"doubleValue": given}
        case str():
            return {"stringValue": given}
        case datetime():
            return {"timestampValue": given.isoformat()}
        case dict():
            return {"mapValue": {"fields": fields(given)}}
        case list():
            return {"arrayValue": {"values": [value(one) for one in given]}}
    raise TypeError(type(given))


def fields(data: dict[str, Any]) -> dict[str, object]:
    return {name: value(one) for name, one in data.items()}
