"""A reference into another project's database is read, and written back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud.firestore import Client
from google.cloud.firestore_v1 import _helpers as library
from google.cloud.firestore_v1.types import document

from crm.firebase.store import FirestoreStore
from crm.host.values import reference
from crm.privacy.json_values import json_value

Anybody: Any = AnonymousCredentials


@pytest.mark.parametrize("project", ["here", "staging"])
def test_a_reference_to_any_database(project: str) -> None:
    client = Client(project="here", credentials=Anybody())
    FirestoreStore(client)
    name = f"projects/{project}/databases/(default)/documents/shops/s1/desks/d1"
    fields = {"shop": document.Value(reference_value=name), "n": document.Value(integer_value=1)}
    helpers: Any = library
    read = helpers.decode_dict(fields, client)
    assert read["n"] == 1
    assert reference(read["shop"]) == ("shops/s1/desks/d1", "d1")
    assert json_value(read["shop"]) == {"referenceValue": "shops/s1/desks/d1"}
    assert helpers.encode_dict(read) == fields
    assert (read["shop"] == client.document("shops/s1/desks/d1")) is (project == "here")
    assert hash(read["shop"]) == hash(helpers.decode_dict(fields, client)["shop"])
