"""`CRM_MAIL`: where mails are handed over, as Symfony Mailer and `EMAIL_URL` write it. Pure.

Nothing here repeats a part of it in a message or a `repr`: it is a secret.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from crm.core.errors import ConfigError
from crm.mail.providers import PROVIDERS, UNSUPPORTED

Tls = Literal["starttls", "smtps", "off"]
"""TLS from the first byte, after STARTTLS (which then is demanded), or none."""

TIMEOUT: Final = 20.0
"""Seconds that one answer of a server may take."""

MAX_TIMEOUT: Final = 300.0
"""RFC 5321 (4.5.3.2) has a client wait five minutes for an answer, ten at the end of the text."""

SUBMISSION: Final = 587
SUBMISSIONS: Final = 465

EXAMPLE: Final = (
    "smtp://USER:PASSWORD@smtp.example.com:587, smtps://USER:PASSWORD@smtp.example.com:465 or"
    " anymail+postmark://KEY@default"
)

_SMTP: Final[Mapping[str, Tls]] = {
    "smtp": "starttls",
    "smtp+tls": "starttls",
    "submission": "starttls",
    "smtps": "smtps",
    "smtp+ssl": "smtps",
}

_DSN: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+._-]*)://"
    r"(?:(?P<login>[^/?#]*)@)?"
    r"(?P<host>\[[^\]@/?#]*\]|[^\[\]:@/?#]*)"
    r"(?::(?P<port>[^/?#]*))?"
    r"/?(?:\?(?P<query>[^?#/]*))?"
)

_LABEL: Final = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"

_HOST: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?")

_ENCODED: Final = "Write / ? # % in the user and the password as %2F %3F %23 %25, and no spaces."


@dataclass(frozen=True, slots=True)
class SmtpDsn:
    """An SMTP server.

    Attributes:
        host: Its name or its IP address.
        port: Its port.
        tls: How the connection is protected.
        user: Whom to log in as; None where no login is asked for.
        password: Their password.
        timeout: Seconds that one answer may take.
        local_domain: What `EHLO` says; None for the domain of the sender.
    """

    host: str
    port: int
    tls: Tls
    user: str | None = field(default=None, repr=False)
    password: str = field(default="", repr=False)
    timeout: float = TIMEOUT
    local_domain: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderDsn:
    """A provider's API, by way of django-anymail.

    Attributes:
        name: What anymail calls it, such as `postmark`.
        settings: What its backend is made with: keys, domain, options.
        timeout: Seconds that an answer may take.
    """

    name: str
    settings: Mapping[str, str] = field(repr=False)
    timeout: float = TIMEOUT


Dsn = SmtpDsn | ProviderDsn


def parsed(text: str) -> Dsn:
    """Return what `CRM_MAIL` says.

    Raises:
        ConfigError: It is wrong; the message says what to change, and repeats nothing of it.
    """
    text = text.strip()
    if not text:
        raise ConfigError(f"CRM_MAIL is empty: set it to {EXAMPLE}.")
    found = _DSN.fullmatch(text)
    if found is None or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ConfigError(f"CRM_MAIL is no address such as {EXAMPLE}. {_ENCODED}")
    scheme = found["scheme"].lower()
    login = _login(found["login"])
    options = _options(found["query"])
    if scheme in _SMTP:
        return _smtp(_SMTP[scheme], login, found["host"], found["port"], options)
    if scheme.startswith("anymail+"):
        name = scheme.removeprefix("anymail+").replace("-", "_")
        return _provider(name, login, found["host"], found["port"], options)
    raise ConfigError(f"CRM_MAIL begins with none of smtp:, smtps:, anymail+: write {EXAMPLE}.")


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _smtp(
    tls: Tls,
    login: tuple[str, str] | None,
    host: str,
    port_text: str | None,
    options: dict[str, str],
) -> SmtpDsn:
    host = _host(host)
    timeout = _timeout(options)
    local_domain = options.pop("local_domain", None)
    if local_domain is not None and not _HOST.fullmatch(local_domain):
        raise ConfigError("CRM_MAIL: local_domain is the name that EHLO says, such as example.com.")
    demanded = options.pop("tls", None)
    if demanded not in (None, "on", "off"):
        raise ConfigError("CRM_MAIL: write ?tls=off for a connection in the clear, or no tls.")
    _none_left(options, "tls, timeout, local_domain")
    port = _port(port_text, SUBMISSIONS if tls == "smtps" else SUBMISSION)
    if port == SUBMISSIONS:
        tls = "smtps"
    elif tls == "smtps" and port == SUBMISSION:
        raise ConfigError(
            "CRM_MAIL: port 587 begins in the clear and goes over to TLS: write smtp:// with 587,"
            " or smtps:// with 465."
        )
    if demanded == "off":
        if tls == "smtps":
            raise ConfigError("CRM_MAIL: smtps:// and ?tls=off contradict each other: drop one.")
        tls = "off"
    elif tls == "starttls" and demanded is None and login is None and is_loopback(host):
        tls = "off"
    if login is not None and not (login[0] and login[1]):
        raise ConfigError("CRM_MAIL: give both a user and a password, as USER:PASSWORD@.")
    user, password = login or (None, "")
    return SmtpDsn(host, port, tls, user, password, timeout, local_domain)


def _provider(
    name: str,
    login: tuple[str, str] | None,
    host: str,
    port_text: str | None,
    options: dict[str, str],
) -> ProviderDsn:
    if name in UNSUPPORTED:
        raise ConfigError(f"CRM_MAIL: {UNSUPPORTED[name]}")
    provider = PROVIDERS.get(name)
    if provider is None:
        raise ConfigError(f"CRM_MAIL: anymail+ knows {', '.join(sorted(PROVIDERS))}.")
    if port_text is not None:
        raise ConfigError("CRM_MAIL: a provider has no port: write anymail+NAME://KEY@default.")
    settings: dict[str, str] = {}
    given = tuple(part for part in login or () if part)
    if len(given) != len(provider.login):
        shape = ":".join(one.upper() for one in provider.login)
        raise ConfigError(f"CRM_MAIL: write anymail+{name}://{shape}@{provider.place}.")
    settings.update(zip(provider.login, given, strict=True))
    if host and host != "default":
        if provider.host is None:
            raise ConfigError(f"CRM_MAIL: write anymail+{name}://KEY@default.")
        name_of = provider.url or "{host}"
        settings[provider.host] = name_of.format(host=_host(host))
    timeout = _timeout(options)
    settings.update(provider.options(options))
    _none_left(options, ", ".join((*sorted(provider.known), "timeout")))
    missing = sorted(provider.needs - settings.keys())
    if missing:
        raise ConfigError(f"CRM_MAIL: {name} needs {', '.join(missing)}: {provider.how}")
    return ProviderDsn(name, settings, timeout)


def _login(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    user, _, password = text.partition(":")
    return _decoded(user), _decoded(password)


def _decoded(text: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise ConfigError(f"CRM_MAIL has a % that encodes nothing. {_ENCODED}")
    try:
        plain = re.sub(rb"%(..)", lambda one: bytes([int(one[1], 16)]), text.encode()).decode()
    except UnicodeError:
        plain = "\0"
    if re.search(r"[\x00-\x1f\x7f]", plain):
        raise ConfigError(f"CRM_MAIL has a % that encodes no character of a text. {_ENCODED}")
    return plain


def _options(text: str | None) -> dict[str, str]:
    options: dict[str, str] = {}
    for one in (text or "").split("&") if text else ():
        name, _, value = one.partition("=")
        name = _decoded(name).lower()
        if name in options:
            raise ConfigError("CRM_MAIL: an option behind the ? stands there twice: drop one.")
        options[name] = _decoded(value)
    return options


def _none_left(options: Mapping[str, str], known: str) -> None:
    if options:
        raise ConfigError(f"CRM_MAIL: behind the ? it knows {known}. {_ENCODED}")


def _host(text: str) -> str:
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            raise ConfigError("CRM_MAIL: what is in [ ] is no IPv6 address.") from None
    try:
        host = text if text.isascii() else text.encode("idna").decode()
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host) or len(host) > 253:
        raise ConfigError(f"CRM_MAIL has no host such as smtp.example.com. {_ENCODED}")
    return host.lower()


def _port(text: str | None, default: int) -> int:
    if text is None:
        return default
    if not re.fullmatch("[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise ConfigError(f"CRM_MAIL: the port is a number from 1 to 65535. {_ENCODED}")
    return int(text)


def _timeout(options: dict[str, str]) -> float:
    text = options.pop("timeout", None)
    if text is None:
        return TIMEOUT
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", text) or not 0 < float(text) <= MAX_TIMEOUT:
        raise ConfigError(f"CRM_MAIL: timeout is seconds, more than 0, at most {MAX_TIMEOUT:.0f}.")
    return float(text)
