"""What this installation is set to, and what is still to be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm.core.roles import Role
from crm.entrypoints.answers.settings import SettingsShown
from crm.entrypoints.callables.call import Call, Caller
from crm.entrypoints.callables.requests import NoArguments
from crm.firebase import app as firebase_app
from crm.runtime import mailing
from crm.runtime.services import Services
from crm.setup.telling import told


def _settings(services: Services, _caller: Caller, _request: NoArguments) -> Mapping[str, object]:
    return {
        "settings": told(
            services.settings,
            sends=mailing.is_set_up(services.settings),
            address=services.function_url,
            documents=firebase_app.documents_url(),
        )
    }


CALLS: Final[Mapping[str, Call[Any]]] = {
    "get_settings": Call(Role.VIEWER, NoArguments, SettingsShown, _settings),
}
