import pytest

from tests.support.signing_up import Door


@pytest.fixture(autouse=True)
def project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GCLOUD_PROJECT", "demo-sign-up")


@pytest.fixture
def door() -> Door:
    return Door()
