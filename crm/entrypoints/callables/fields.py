"""Own fields of customers: which there are, and what staff write into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm.config.fields import MAX_FIELDS, is_name
from crm.core.ids import CustomerId
from crm.core.roles import Role
from crm.entrypoints.answers.staff_words import FieldsSet, OwnFields
from crm.entrypoints.callables.call import Call, Caller
from crm.entrypoints.callables.requests import NoArguments, Request
from crm.fields.plan import WriteFields
from crm.runtime.services import Services


def _names(given: dict[str, object]) -> dict[str, object]:
    if all(map(is_name, given)):
        return given
    raise PydanticCustomError("field-names", "must have names of own fields, as crm.toml has them")


Given = Annotated[
    dict[str, object], Field(min_length=1, max_length=MAX_FIELDS), AfterValidator(_names)
]


class FieldsRequest(Request):
    """`set_fields`: values by the names of fields; null empties one."""

    customer_id: CustomerId
    fields: Given


def _set(services: Services, _caller: Caller, request: FieldsRequest) -> Mapping[str, object]:
    plan, _ = services.runner.run(WriteFields(request.customer_id, request.fields))
    return {"fields": plan.result}


def _list(services: Services, _caller: Caller, _request: NoArguments) -> Mapping[str, object]:
    return {
        "fields": [
            {
                "name": name,
                "type": own.type,
                "label": own.label,
                "purpose": own.purpose,
                "choices": list(own.choices),
                "writable": own.from_ is None,
            }
            for name, own in services.runner.settings.fields.items()
        ]
    }


CALLS: Final[Mapping[str, Call[Any]]] = {
    "list_fields": Call(Role.VIEWER, NoArguments, OwnFields, _list),
    "set_fields": Call(Role.EDITOR, FieldsRequest, FieldsSet, _set),
}
