"""The web app that a page signs in with: found, chosen, and asked for where there is none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import requests
from google.auth import exceptions as credentials

from crm.core.errors import ConfigError, Transient
from crm.firebase import web_apps
from crm.firebase.web_apps import API, web_app_config

WEB = "projects/my-shop/webApps"


class Management:
    """Answers as the Firebase Management API does, and keeps what it was asked."""

    def __init__(self, answers: Mapping[str, Any]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, dict[str, str]]] = []

    def get(self, url: str, *, params: dict[str, str], **_: float) -> requests.Response:
        path = url.removeprefix(f"{API}/")
        self.asked.append((path, params))
        answer = requests.Response()
        found = self.answers[f"{path}?{params['pageToken']}" if "pageToken" in params else path]
        if isinstance(found, Exception):
            raise found
        if isinstance(found, int):
            answer.status_code = found
        else:
            answer.status_code = 200
            answer.json = lambda **_: found  # type: ignore[method-assign]
        return answer


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("GCLOUD_PROJECT", "my-shop")

    def answering(answers: Mapping[str, Any]) -> Management:
        api = Management(answers)
        monkeypatch.setattr(web_apps, "_session", lambda: api)
        return api

    return answering


def app(number: int, name: str = "Shop", state: str = "ACTIVE") -> dict[str, str]:
    return {"appId": f"1:2:web:{number}", "displayName": name, "state": state}


def config(number: int) -> dict[str, str]:
    return {"projectId": "my-shop", "apiKey": f"k{number}"}


def test_the_first_web_app_is_taken(asked: Any) -> None:
    answers = {
        WEB: {"apps": [app(0, state="DELETED"), app(1), app(2)]},
        f"{WEB}/1:2:web:1/config": config(1),
    }
    api = asked(answers)
    assert web_app_config() == config(1)
    assert api.asked == [(WEB, {"pageSize": "100"}), (f"{WEB}/1:2:web:1/config", {})]


def test_the_consoles_own_one_is_preferred_on_any_page(asked: Any) -> None:
    asked(
        {
            WEB: {"apps": [app(1)], "nextPageToken": "t"},
            f"{WEB}?t": {"apps": [app(2), app(3, "CRM-Lite")]},
            f"{WEB}/1:2:web:3/config": config(3),
        }
    )
    assert web_app_config() == config(3)


def test_without_a_web_app_the_command_that_makes_one_is_named(asked: Any) -> None:
    asked({WEB: {}})
    with pytest.raises(
        ConfigError, match="`firebase apps:create WEB CRM-Lite --project my-shop`, then"
    ):
        web_app_config()


@pytest.mark.parametrize(
    ("answer", "error", "sentence"),
    [
        (404, ConfigError, "There is no Firebase project my-shop"),
        (403, ConfigError, "Firebase Viewer.*gcloud services enable firebase.googleapis.com"),
        (401, ConfigError, "Firebase Viewer"),
        (500, Transient, "did not answer"),
        (429, Transient, "did not answer"),
        (requests.ConnectionError(), Transient, "did not answer"),
        (requests.Timeout(), Transient, "did not answer"),
        (credentials.TransportError(), Transient, "did not answer"),  # type: ignore[no-untyped-call]
        (credentials.RefreshError(), ConfigError, "no usable credentials"),  # type: ignore[no-untyped-call]
        (
            credentials.DefaultCredentialsError(),  # type: ignore[no-untyped-call]
            ConfigError,
            "no usable credentials",
        ),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    asked: Any, answer: object, error: type[Exception], sentence: str
) -> None:
    asked({WEB: answer})
    with pytest.raises(error, match=sentence):
        web_app_config()


def test_a_defect_passes_as_it_is(asked: Any) -> None:
    asked({WEB: KeyError("x")})
    with pytest.raises(KeyError):
        web_app_config()
