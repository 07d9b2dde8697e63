"""The operator's command, `python -m crm`.

A command raises what the use cases raise; the group turns it into one sentence and exit status 1.
"""

from __future__ import annotations

import platform

import click

import crm
from crm.entrypoints.commands import (
    audit,
    console,
    doctor,
    erasures,
    importing,
    install,
    key,
    mail,
    mapping,
    staff,
    uninstall,
    upkeep,
)
from crm.entrypoints.commands.command import HELP, Group, project_option


@click.group(cls=Group, context_settings=HELP)
@click.version_option(
    crm.__version__,
    prog_name="crm-lite",
    message=f"%(prog)s %(version)s, Python {platform.python_version()}",
)
def cli() -> None:
    """Operate CRM-Lite on the Firebase project that --project or GCLOUD_PROJECT names.

    Emulators are used where FIRESTORE_EMULATOR_HOST and FIREBASE_AUTH_EMULATOR_HOST name them,
    else production with Application Default Credentials.
    """


cli.params.insert(0, project_option())

for _command in (
    *(staff.grant, staff.revoke, staff.roles),
    *(upkeep.rebuild, upkeep.sweep, upkeep.verify, audit.verify_audit),
    *(erasures.list_erasures, erasures.reapply_erasures, erasures.personal_data),
    importing.import_contacts,
    *(install.init, install.upgrade, uninstall.uninstall, doctor.doctor, console.console),
    *(key.rotate_key, mapping.mapping, mail.check_sender),
):
    cli.add_command(_command)
