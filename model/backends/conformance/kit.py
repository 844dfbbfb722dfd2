"""What a check works with: a backend, a torrent of its own, and words for what is wrong."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from unittest import SkipTest

from lib.bencode import Value, dumps
from lib.errors import BadReply, NotFound
from model import metainfo
from model.backends.base import Added, AddRequest, Backend, Outcome
from model.backends.foreign import ForeignBackend
from model.fields import INDEX, Row

PIECE = 16384
#: Path and bytes of each file of the torrent that the kit adds.
FILES: tuple[tuple[tuple[bytes, ...], int], ...] = (
    ((b'one', b'first.bin'), 40_000),
    ((b'second.bin',), 10_000),
)
#: Nobody listens there, so that nothing is ever downloaded.
TRACKER = b'http://127.0.0.1:9/announce'
PATIENCE = 15.0  # seconds for a client to show what it was told
_LOOK = 0.1
_SEVERAL = 20  # torrents that are looked at
STRANGER = 'DEAD' * 10  # an info hash that nobody has
FIXED = ('hash', 'name', 'size_bytes')  # what nobody changes
RATE = 64 * 1024  # bytes a second


class Failed(AssertionError):
    """A check failed; the text says what was expected, and what was found."""


class NotTried(SkipTest):
    """A check does not apply to this client; the text says why. pytest skips the test."""


def expect(condition: object, sentence: str) -> None:
    """:raises Failed: the condition does not hold."""
    if not condition:
        raise Failed(sentence)


@dataclass(frozen=True)
class Check:
    """One promise of the contract. Call it with a :class:`Kit`.

    :ivar why: what goes wrong for people where it is not kept.
    :ivar needs: the capability without which there is nothing to check.
    :ivar writes: whether it changes something in the client.
    """

    name: str
    why: str
    act: Callable[[Kit], None]
    needs: str = ''
    writes: bool = False

    def __call__(self, kit: Kit) -> None:
        """:raises Failed: the promise is not kept.
        :raises NotTried: it does not apply.
        """
        if self.needs and self.needs not in kit.backend.capabilities:
            raise NotTried(f'{kit.backend.name} does not claim “{self.needs}”.')
        try:
            self.act(kit)
        except BadReply as nonsense:  # in the words in which pages tell it
            raise Failed(str(nonsense)) from nonsense

    def __str__(self) -> str:
        return self.name


writing = partial(Check, writes=True)


def check(name: str, why: str, needs: str = '') -> Callable[[Callable[[Kit], None]], Check]:
    """Make a check that only looks of a function; see :class:`Check`."""
    return lambda act: Check(name, why, act, needs)


def of(row: Row, key: str) -> Any:
    """A value of a row."""
    return row[INDEX[key]]


@dataclass
class Kit:
    """A backend to check. As a context it leaves the client without the torrents it added.

    It is asked as pages ask it, so that what they would refuse (:mod:`model.backends.answers`) breaks the check that
    came upon it.

    :ivar own: the info hash of a torrent that was handed over for the checks, where the kit cannot add one; nothing
        else is written to.
    :ivar patience: seconds for the client to show what it was told.
    :ivar raw: the backend as it is, of whose texts nothing is cleaned.
    """

    backend: Backend
    own: str = ''
    patience: float = PATIENCE
    _added: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not isinstance(self.backend, ForeignBackend):
            self.backend = ForeignBackend(self.backend)
        self.raw = self.backend.own

    def __enter__(self) -> Kit:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove what the kit added."""
        there = [each for each in self._added if self.row(each) is not None]
        self._added.clear()
        if there:
            self.backend.perform('erase', there, {})

    def rows(self) -> dict[str, Row]:
        """The list as it is now, by info hash."""
        return {row[INDEX['hash']]: row for row in self.backend.overview().rows}

    def row(self, info_hash: str) -> Row | None:
        """A torrent in the list."""
        return self.rows().get(info_hash)

    def some(self) -> Row:
        """Any torrent of the client.

        :raises NotTried: it has none.
        """
        return self.several()[0]

    def several(self) -> list[Row]:
        """Some of its torrents.

        :raises NotTried: it has none.
        """
        rows = list(self.rows().values())
        if not rows:
            raise NotTried('The client has no torrent.')
        return rows[:_SEVERAL]

    def torrent(self) -> str:
        """The info hash of the torrent that may be written to; it is added where it is not there.

        :raises NotTried: the client can add none, and none was handed over.
        """
        rows = self.rows()
        if self.own:
            expect(self.own in rows, f'The torrent {self.own} is not in the list.')
            return self.own
        for info_hash in self._added:
            if info_hash in rows:
                return info_hash
        return self.add(self.request()).hash

    def request(self, *, tracker: bool = False, **more: Any) -> AddRequest:
        """A new torrent to add, stopped; its data exists nowhere.

        :param tracker: whether it has one. rTorrent 0.9.8 dies of ten announces in ten seconds, so most have none.
        :raises NotTried: the client can add none.
        """
        if 'add' not in self.backend.capabilities:
            raise NotTried(
                f'{self.backend.name} cannot add torrents: name one that may be changed and removed.'
            )
        found = metainfo.check(made(tracker=tracker), max_bytes=1 << 20)
        return AddRequest(found.info_hash, found.name, found.clean, **{'start': False, **more})

    def add(self, request: AddRequest) -> Added:
        """Add a torrent, which is removed in the end."""
        self._added.append(request.info_hash)
        return self.backend.add(request)

    def do(self, verb: str, args: Mapping[str, Any] | None = None, info_hash: str = '') -> None:
        """Do a verb to the own torrent.

        :raises Failed: it was not done.
        """
        target = info_hash or self.torrent()
        [outcome] = self.outcomes(verb, [target], args)
        expect(outcome.ok, f'“{verb}” came out as {outcome.state}: {outcome.message}')

    def outcomes(
        self, verb: str, hashes: Sequence[str], args: Mapping[str, Any] | None = None
    ) -> list[Outcome]:
        """What became of a verb, one outcome for each hash."""
        return self.backend.perform(verb, hashes, args or {})

    def until(self, what: str, test: Callable[[], object]) -> None:
        """Wait until a test holds.

        :param what: what is waited for, as the end of a sentence.
        :raises Failed: it does not come to hold.
        """
        deadline = time.monotonic() + self.patience
        while not test():
            expect(
                time.monotonic() < deadline, f'Within {self.patience:g} s it did not come to this: {what}.'
            )
            time.sleep(_LOOK)

    def gives(self, what: str, ask: Callable[[], object], value: object) -> None:
        """Wait until ``ask`` returns a value.

        :raises Failed: it does not come to that.
        """
        self.until(f'{what} is {value!r}', lambda: ask() == value)

    def shows(self, key: str, value: object, info_hash: str = '') -> None:
        """Wait until the list shows a value of the own torrent.

        :raises Failed: it does not.
        """
        target, seen = info_hash or self.torrent(), [object()]

        def test() -> bool:
            row = self.row(target)
            seen[0] = row[INDEX[key]] if row is not None else 'no torrent'
            return bool(seen[0] == value)

        try:
            self.until('', test)
        except Failed:
            raise Failed(f'The list has to show {key} = {value!r}, and shows {seen[0]!r}.') from None

    def missing(self, ask: Callable[[], object], what: str) -> None:
        """:raises Failed: asking for a torrent that is not there does not raise NotFound."""
        try:
            answer = ask()
        except NotFound:
            return
        raise Failed(
            f'{what} of a hash that is not there has to raise NotFound, and returned {answer!r:.80}.'
        )


def made(*, tracker: bool) -> bytes:
    """A new .torrent."""
    name = f'pyrotorrent-check-{os.urandom(4).hex()}'.encode()
    files: list[Value] = [{b'length': size, b'path': list(path)} for path, size in FILES]
    pieces = os.urandom(20 * -(-sum(size for _, size in FILES) // PIECE))
    info: Value = {b'name': name, b'files': files, b'piece length': PIECE, b'pieces': pieces, b'private': 1}
    return dumps({b'announce': TRACKER, b'info': info} if tracker else {b'info': info})
