"""The host's own collections with personal data, declared as `crm.toml` maps them."""

from __future__ import annotations

from crm.config.settings import Settings
from crm.config.sources import Source
from crm.privacy.registry import Collection, ErasureAction, Fields


def host(settings: Settings) -> tuple[Collection, ...]:
    """Return the host's collections, as `crm.toml` maps them."""
    orders, users = settings.orders, settings.users
    kept: ErasureAction = "deleted" if settings.erasure.orders == "delete" else "kept"
    gone: ErasureAction = {"delete": "deleted", "keep": "kept"}.get(  # type: ignore[assignment]
        settings.erasure.orders, "redacted"
    )
    rules = settings.erasure
    basis = f"{rules.basis}; {rules.keep_years} years from the end of the newest one's year"
    named = (
        (orders.fields.email, "address"),
        (orders.fields.user_id, "Firebase Auth uid"),
        (orders.fields.name, "name"),
        (orders.fields.phone, "phone"),
    )
    personal = [(" ".join(_paths(sources)), what) for sources, what in named]
    personal += [(".".join(path), "as crm.toml says") for path in rules.order_fields]
    why = basis if gone == "kept" else ""
    # The id of a document cannot be changed; the ledger's rows and a sweep's cuts have it too.
    placed = Fields("{uid}", "Firebase Auth uid, in the path alone", "shown", "kept", basis)
    return (
        Collection(
            orders.path,
            "the host's orders: what was bought, and by whom",
            "through the ledger (`crmOrders`)",
            (
                *(Fields(paths, what, "shown", gone, why) for paths, what in personal if paths),
                *((placed,) if orders.hold_uid else ()),
                Fields(
                    "**",
                    "everything else in the document: sums, status, dates, items",
                    "shown",
                    kept,
                    basis if kept == "kept" else "",
                ),
            ),
        ),
        Collection(
            users.path,
            "the host's users",
            "by the document's id, the uid",
            (Fields("**", "the whole document", "shown", "deleted"),),
        ),
        Collection(
            "Firebase Authentication",
            "accounts that people sign in with",
            "by the uid",
            (Fields("**", "the whole account", "shown", "deleted"),),
        ),
    )


def _paths(sources: tuple[Source, ...]) -> list[str]:
    places = (path for one in sources for path in one.places)
    return [".".join(path) for path in places if not path[0].startswith("{")]
