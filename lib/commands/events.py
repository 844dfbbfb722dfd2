"""``pyrotorrent.py events``: prints what happens as JSON lines, and records it itself where no server does."""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import simplejson

from lib import config as configuration
from lib import targets
from lib.config import Config
from lib.errors import UnknownName
from lib.logs import set_up
from lib.texts import whole_number
from model.database import open_database
from model.events.eventfilter import EventFilter
from model.events.eventlog import EventLog
from model.events.eventreader import EventReader
from model.events.recorder import Recorder, RecorderSettings
from model.hub import Hub
from model.leases import Leases

AT_ONCE = 100  # events that are read at a time
LOOK = 0.5  # seconds between two looks at our reader and at the lease
CLOSING = 2.0  # seconds for writing down what is known and letting go of the clients


def number(text: str) -> int:
    """The number of an event, for argparse."""
    found = whole_number(text)
    if found is None:
        raise ArgumentTypeError(f'“{text}” is not the number of an event, a whole number from 0 on')
    return found


def options(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument(
        '--after', type=number, metavar='N', help='begin after this event (default: with the next)'
    )
    parser.add_argument('--kinds', default='', metavar='KIND,KIND', help='only these kinds')
    parser.add_argument('--query', default='', help='only torrents that this search means')
    parser.add_argument('--target', default='', metavar='NAME', help='only this client')
    parser.add_argument(
        '--no-follow',
        action='store_true',
        help='print what is in the log (default: from its beginning) and end',
    )


def run(options: Namespace) -> int:
    """Print events until nobody reads them, or until Ctrl-C."""
    config = configuration.load(options.config)
    set_up('', 'WARNING')
    if options.target and options.target not in config.targets:
        raise UnknownName('client', options.target, config.targets, field='target')
    kinds = [kind.strip() for kind in options.kinds.split(',') if kind.strip()]
    wanted = EventFilter(kinds, options.target, options.query)
    log = EventLog(open_database(config, make=False), kept=config.EVENTS_KEPT)
    after = 0 if options.after is None and options.no_follow else options.after
    reader = EventReader(log, wanted, after)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if options.no_follow:
            _print_new(reader)
            return 0
        with _Standin(config, log).ready() as standin:
            while not _is_left():
                standin.look()
                _print_new(reader)
                reader.wait(LOOK)
    except BrokenPipeError:
        # Nor is there anybody for what Python would still write at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _print_new(reader: EventReader) -> None:
    while reader.behind:
        if reader.gap():
            print(f'pyrotorrent: events up to {reader.at} are forgotten', file=sys.stderr, flush=True)
        for event in reader.next(AT_ONCE):
            print(simplejson.dumps(event.public()), flush=True)


def _is_left() -> bool:
    """Whether nobody reads what we print, as far as that shows without printing."""
    poll = select.poll()
    poll.register(sys.stdout.fileno(), 0)
    return any(told & (select.POLLERR | select.POLLHUP) for _, told in poll.poll(0))


class _Standin:
    """Follows the clients and records, from the moment on when no server does."""

    def __init__(self, config: Config, log: EventLog) -> None:
        targets.configure(config)
        self._hub = Hub.from_targets(config)
        self._recorder = Recorder(self._hub, log, Leases(log.engine), settings=RecorderSettings.of(config))
        self._works = False

    @contextmanager
    def ready(self) -> Iterator[_Standin]:
        try:
            yield self
        finally:
            self._recorder.close(CLOSING)
            self._hub.close(CLOSING)

    def look(self) -> None:
        if not self._works and self._recorder.follow():
            self._works = True
            self._hub.start(watched=True)  # somebody looks: who runs the command
            self._recorder.start()
