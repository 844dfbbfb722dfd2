"""Real Transmissions. Each takes a second to start, so the tests of a module share one where they can."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from model.backends.transmission import TransmissionBackend
from tests.events.conftest import engine
from tests.panel.conftest import visit
from tests.rig.transmission import Transmission, TransmissionFactory

__all__ = ['backend', 'daemon', 'engine', 'start_transmission', 'visit']


@pytest.fixture(scope='module')
def start_transmission() -> Iterator[TransmissionFactory]:
    """``start_transmission(rpc_port=…, …)`` starts a private one that lives as long as the test module."""
    factory = TransmissionFactory()
    yield factory
    factory.close()


@pytest.fixture(scope='module')
def daemon(start_transmission: TransmissionFactory) -> Transmission:
    """The one of the module."""
    return start_transmission()


@pytest.fixture
def backend(daemon: Transmission) -> TransmissionBackend:
    """A backend on it."""
    return daemon.backend()
