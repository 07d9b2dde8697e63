"""What this installation is set to, what it keeps of people, and what is still to be done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from crm.core.errors import Refusal
from crm.core.roles import Role
from crm.entrypoints.answers.settings import ProcessingRecordShown, SettingsShown, SetupShown
from crm.entrypoints.callables.call import Call, Caller
from crm.entrypoints.callables.requests import NoArguments
from crm.firebase import app as firebase_app
from crm.privacy.processing_record import record_data
from crm.runtime import mailing
from crm.runtime.services import Services
from crm.setup.checks import checked
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


def _record(services: Services, _caller: Caller, _request: NoArguments) -> Mapping[str, object]:
    return {"record": record_data(services.settings)}


def _setup(services: Services, _caller: Caller, _request: NoArguments) -> Mapping[str, object]:
    try:
        mailing.check(services.settings)
        mail = None
    except Refusal as refused:
        mail = refused.message
    found = checked(
        services.runner,
        services.staff(),
        mail=mail,
        unsubscribe=services.function_url("unsubscribe"),
    )
    return {"checks": [one.to_data() for one in found]}


CALLS: Final[Mapping[str, Call[Any]]] = {
    "get_settings": Call(Role.VIEWER, NoArguments, SettingsShown, _settings),
    "get_setup": Call(Role.VIEWER, NoArguments, SetupShown, _setup),
    "get_processing_record": Call(Role.ADMIN, NoArguments, ProcessingRecordShown, _record),
}
