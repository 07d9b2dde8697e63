"""Ports that no other suite of this machine gets."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from suite.errors import SuiteError

HOST = "127.0.0.1"
SERVICES = (
    "auth",
    "firestore",
    "firestore.websocket",
    "functions",
    "tasks",
    "eventarc",
    "hosting",
    "hub",
    "logging",
    "smtp",
    "mailbox",
)
FIRST_BLOCK = 20_000
"""Above what servers usually take, below what systems give to outgoing connections (32,768)."""

BLOCK = 300
"""Ports of one suite: its services, and one for every worker process of the functions."""

BLOCKS = 42


@dataclass(frozen=True)
class Ports:
    """The ports of one suite."""

    services: Mapping[str, int]
    first_worker: int
    last_worker: int


@contextmanager
def claimed_ports(asked_for: Mapping[str, int] | None = None) -> Iterator[Ports]:
    """Claim a block of ports for as long as the context lasts.

    The claim is a socket listening on the block's first port: it cannot be made twice, and it
    ends with the process, however that ends. Two suites therefore never race for a port.

    Args:
        asked_for: Ports that the user wants for services, by name.

    Raises:
        SuiteError: A port asked for is in use, a service is unknown, or every block is taken.

    """
    asked_for = dict(asked_for or {})
    for name, port in asked_for.items():
        if name not in SERVICES:
            raise SuiteError(f"There is no service {name!r}: choose from {', '.join(SERVICES)}.")
        if not is_free(port):
            raise SuiteError(
                f"Port {port}, asked for {name}, is in use: end what uses it or choose another."
            )
    claim, first = _claim_a_block()
    with claim:
        free = iter([port for port in range(first + 1, first + BLOCK) if is_free(port)])
        services = {name: asked_for.get(name) or next(free) for name in SERVICES}
        yield Ports(services, next(free), first + BLOCK - 1)


def is_free(port: int) -> bool:
    """Tell whether nothing listens on this port of the local address."""
    with socket.socket() as probe:
        # As the servers do: a port whose last connections are just ending is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True


def _claim_a_block() -> tuple[socket.socket, int]:
    for first in range(FIRST_BLOCK, FIRST_BLOCK + BLOCK * BLOCKS, BLOCK):
        claim = socket.socket()
        try:
            claim.bind((HOST, first))
            claim.listen(1)
        except OSError:
            claim.close()
            continue
        return claim, first
    raise SuiteError(
        f"No block of ports from {FIRST_BLOCK} up is free: end other suites of this machine."
    )
