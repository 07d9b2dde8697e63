"""Find the Firestore emulator's jar, and make it one that `java -jar` starts."""

import os
import shutil
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from suite.errors import SuiteError

MAIN_CLASS = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
IN_THE_CLOUD_CLI = Path("platform/cloud-firestore-emulator/cloud-firestore-emulator.jar")
"""Where `gcloud components install cloud-firestore-emulator` puts it, under the CLI's root."""

CLI_ROOTS = (
    "/usr/lib/google-cloud-sdk",
    "/usr/share/google-cloud-sdk",
    "/snap/google-cloud-cli/current",
    "/opt/homebrew/share/google-cloud-sdk",
    "/usr/local/share/google-cloud-sdk",
    "~/google-cloud-sdk",
)
_MANIFEST = "META-INF/MANIFEST.MF"
_LINE_BYTES = 72
"""The longest line of a manifest, its end not counted (the JAR file specification)."""


def find_jar(
    folder: Path, env: Mapping[str, str] | None = None, roots: Iterable[str] = CLI_ROOTS
) -> Path | None:
    """Find a jar that starts the Firestore emulator.

    Looked at in this order: FIRESTORE_EMULATOR_BINARY_PATH, the Google Cloud CLI's copy.

    Args:
        folder: Where a launcher may be written; outside the functions' source.
        env: The environment; the process's own by default.
        roots: Where the Google Cloud CLI may be, beside CLOUDSDK_ROOT and `gcloud` on PATH.

    Returns:
        The jar, or None: firebase-tools then downloads its own.

    Raises:
        SuiteError: FIRESTORE_EMULATOR_BINARY_PATH is set to something that is no jar.

    """
    env = os.environ if env is None else env
    asked_for = env.get("FIRESTORE_EMULATOR_BINARY_PATH")
    if asked_for:
        jar = Path(asked_for)
        if not zipfile.is_zipfile(jar):
            raise SuiteError(
                f"FIRESTORE_EMULATOR_BINARY_PATH is {jar}, which is no jar: "
                "set it to the Firestore emulator's jar, or unset it."
            )
        return _startable(jar, folder)
    for root in _cli_roots(env, roots):
        jar = root / IN_THE_CLOUD_CLI
        if zipfile.is_zipfile(jar):
            return _startable(jar, folder)
    return None


def launcher_manifest(jar: Path) -> str:
    """Write the manifest of a jar that starts the emulator in another jar."""
    headers = (
        "Manifest-Version: 1.0",
        f"Main-Class: {MAIN_CLASS}",
        f"Class-Path: {jar.resolve().as_uri()}",
    )
    return "".join(_wrapped(header) for header in headers) + "\r\n"


def _cli_roots(env: Mapping[str, str], roots: Iterable[str]) -> list[Path]:
    found = [Path(root).expanduser() for root in roots]
    gcloud = shutil.which("gcloud", path=env.get("PATH", ""))
    if gcloud:
        found.insert(0, Path(gcloud).resolve().parent.parent)
    if env.get("CLOUDSDK_ROOT"):
        found.insert(0, Path(env["CLOUDSDK_ROOT"]))
    return found


def _startable(jar: Path, folder: Path) -> Path:
    with zipfile.ZipFile(jar) as archive:
        try:
            manifest = archive.read(_MANIFEST)
        except KeyError:
            manifest = b""
    if b"Main-Class:" in manifest:
        return jar
    launcher = folder / "firestore-emulator.jar"
    with zipfile.ZipFile(launcher, "w") as archive:
        archive.writestr(_MANIFEST, launcher_manifest(jar))
    return launcher


def _wrapped(header: str) -> str:
    # A URL is ASCII, so that characters are bytes; a continued line begins with a space.
    lines = [header[:_LINE_BYTES]]
    rest = header[_LINE_BYTES:]
    while rest:
        lines.append(" " + rest[: _LINE_BYTES - 1])
        rest = rest[_LINE_BYTES - 1 :]
    return "".join(line + "\r\n" for line in lines)
