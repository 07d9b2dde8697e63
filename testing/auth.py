"""People with accounts at the Auth emulator, and the ID tokens that a client would get there."""

from __future__ import annotations

import json
import os
import urllib.request
import uuid
from dataclasses import dataclass
from typing import Any

from testing.patience import PATIENCE

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    """An account: what its owner signs in with."""

    uid: str
    email: str
    password: str = PASSWORD


def sign_up(
    claims: object = None,
    email: str | None = None,
    verified: bool = True,
    project: str | None = None,
) -> Person:
    """Make an account; `claims` as the Admin SDK would set them."""
    address = email or f"{uuid.uuid4().hex}@example.com"
    accounts = f"projects/{project or os.environ['GCLOUD_PROJECT']}/accounts"
    uid = _call(accounts, {"email": address, "password": PASSWORD}, owner=True)["localId"]
    _call(f"{accounts}:update", {"localId": uid, "emailVerified": verified}, owner=True)
    if claims is not None:
        set_claims(uid, claims, project)
    return Person(uid, address)


def set_claims(uid: str, claims: object, project: str | None = None) -> None:
    """Give an account these custom claims, in place of those that it had."""
    path = f"projects/{project or os.environ['GCLOUD_PROJECT']}/accounts:update"
    _call(path, {"localId": uid, "customAttributes": json.dumps(claims)}, owner=True)


def id_token(person: Person) -> str:
    """Sign in as the client SDKs do."""
    body = {"email": person.email, "password": person.password, "returnSecureToken": True}
    token: str = _call("accounts:signInWithPassword?key=any", body)["idToken"]
    return token


def claims_of(person: Person) -> dict[str, Any]:
    """Look up the custom claims that an account has now."""
    path = f"projects/{os.environ['GCLOUD_PROJECT']}/accounts:lookup"
    (account,) = _call(path, {"localId": [person.uid]}, owner=True)["users"]
    claims: dict[str, Any] = json.loads(account.get("customAttributes", "{}"))
    return claims


def follow_verification_link(person: Person) -> None:
    """Follow the link of the newest mail that has an address verified, as its owner does."""
    host = os.environ["FIREBASE_AUTH_EMULATOR_HOST"]
    url = f"http://{host}/emulator/v1/projects/{os.environ['GCLOUD_PROJECT']}/oobCodes"
    with urllib.request.urlopen(url, timeout=PATIENCE) as response:
        mails = json.load(response)["oobCodes"]
    codes = [
        one["oobCode"]
        for one in mails
        if one["email"] == person.email and one["requestType"] == "VERIFY_EMAIL"
    ]
    _call("accounts:update?key=any", {"oobCode": codes[-1]})


def keep_old_sessions(person: Person) -> None:
    """Have sessions count that began long before the account was made."""
    path = f"projects/{os.environ['GCLOUD_PROJECT']}/accounts:update"
    _call(path, {"localId": person.uid, "validSince": "1"}, owner=True)


def _call(path: str, body: object, *, owner: bool = False) -> Any:
    host = os.environ["FIREBASE_AUTH_EMULATOR_HOST"]
    request = urllib.request.Request(
        f"http://{host}/identitytoolkit.googleapis.com/v1/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"} | ({"Authorization": "Bearer owner"} if owner else {}),
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        return json.load(response)
