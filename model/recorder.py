"""Follows the snapshot and writes down what happened."""

from __future__ import annotations

from dataclasses import dataclass

from lib.config import Config
from model.eventlog import EventLog
from model.hub import Hub
from model.leases import Leases


@dataclass(frozen=True, slots=True)
class RecorderSettings:
    """:ivar stalled_after: seconds; 0 = never.
    :ivar ratios: those whose reaching is told.
    :ivar disk_low: bytes; 0 = never.
    """

    stalled_after: float = 600.0
    ratios: tuple[float, ...] = (1.0, 2.0)
    disk_low: int = 5 * 2**30

    @classmethod
    def of(cls, config: Config) -> RecorderSettings:
        return cls(config.STALLED_AFTER, tuple(config.EVENT_RATIOS), config.DISK_LOW)


class Recorder:
    """One thread, in one process at a time: whoever holds the lease ``recorder`` of the database.

    :param every_field: tell of every field that changed, not of lasting ones only.
    """

    def __init__(
        self,
        hub: Hub,
        log: EventLog,
        leases: Leases,
        *,
        settings: RecorderSettings | None = None,
        every_field: bool = False,
    ) -> None:
        self._hub = hub
        self._log = log
        self._leases = leases
        self._settings = settings or RecorderSettings()
        self._every_field = every_field

    def start(self) -> None:
        """Begin to follow the snapshot, in a thread of its own."""

    def close(self) -> None:
        """End the thread; what is known is written first."""

    def follow(self) -> None:
        """Take one look, and write down what is new."""
