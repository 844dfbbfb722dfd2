"""Reads a stream of events as a browser does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import simplejson
from werkzeug.test import EnvironBuilder, run_wsgi_app

from tests.web.site import Browser, Program, Site

MOST = 1000  # pieces


@dataclass
class Told:
    """What stands between two blank lines."""

    id: str = ''
    event: str = ''
    data: Any = None


def blocks(pieces: Iterable[bytes]) -> Iterator[Told]:
    """The events of a stream, and numbers that come alone."""
    found, rest = Told(), b''
    for piece in pieces:
        *lines, rest = (rest + piece).split(b'\n')
        for line in map(bytes.decode, lines):
            name, _, value = line.partition(': ')
            if not line:
                yield found
                found = Told()
            elif name == 'data':
                found.data = simplejson.loads(value)
            elif name in ('id', 'event'):
                setattr(found, name, value)


class Listener:
    """A stream of a site in this process.

    :ivar pieces: what was sent, as it was sent.
    """

    def __init__(
        self, site: Site, path: str = '/events', headers: dict[str, str] | None = None, **environ: Any
    ) -> None:
        made = EnvironBuilder(
            f'/api/v1{path}', headers={'Accept': 'text/event-stream', **(headers or {})},
            environ_overrides={'REMOTE_ADDR': '127.0.0.1', **environ},
        ).get_environ()  # fmt: skip
        self._app_iter, self.status, self.headers = run_wsgi_app(site.app, made)
        self.pieces: list[bytes] = []
        self._blocks = blocks(self._kept())

    def _kept(self) -> Iterator[bytes]:
        for piece in self._app_iter:
            self.pieces.append(piece)
            assert len(self.pieces) < MOST, 'the stream does not end'
            yield piece

    def next(self) -> Told:
        """The next event."""
        return next(each for each in self._blocks if each.event)

    def rest(self) -> list[Told]:
        """All until the stream ends, and it is closed."""
        found = list(self._blocks)
        self.close()
        return found

    def close(self) -> None:
        self._app_iter.close()  # type: ignore[attr-defined]


def of_program(program: Program, path: str = '/events', **headers: str) -> Listener:
    """A stream that a program with a token opens."""
    return Listener(
        program.site,
        path,
        {**program.headers, **{key.replace('_', '-'): value for key, value in headers.items()}},
    )


def of_browser(browser: Browser, path: str = '/events') -> Listener:
    """A stream that a page opens, with the cookie of its session."""
    cookies = browser.client._cookies or {}
    sent = '; '.join(f'{cookie.key}={cookie.value}' for cookie in cookies.values())
    return Listener(browser.site, path, {'Cookie': sent})
