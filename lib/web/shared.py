"""``/add/shared``: what another application hands over (a share, a drop of many files) becomes the filled-in form.

Such a request comes from outside, without our token and perhaps without a cookie, so it may do nothing: no client is
asked, nothing is stored. The files travel inside the form that it is answered with, and are added when that form is
sent, token and all. A browser that left the cookie out sends it with the page's own second attempt.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING

from werkzeug import Response
from werkzeug.exceptions import Unauthorized

from lib import format as fmt
from lib.errors import Denied, TooLarge, UsageError
from lib.words import said

if TYPE_CHECKING:
    from werkzeug import Request

    from lib.web.context import Context

MAX_FILES = 100
MAX_LINKS = 200
MAX_ADDRESS = 6000  # characters of links that an address may carry
_WORD = re.compile(r'magnet:\?[^\s<>"]+|https?://[^\s<>"]+', re.IGNORECASE)
_HASH = re.compile(r'(?<![0-9A-Za-z])(?:[0-9A-Fa-f]{40}|[A-Z2-7]{32})(?![0-9A-Za-z])', re.ASCII)


@dataclass(frozen=True)
class SharedFile:
    """A file that lies in a form: its name, its bytes, and both as the form carries them."""

    name: str
    data: bytes

    @property
    def value(self) -> str:
        return f'{base64.b64encode(self.data).decode()} {self.name}'

    @property
    def size(self) -> str:
        return fmt.size(len(self.data))


def carried_files(values: Iterable[str]) -> Iterator[SharedFile]:
    """The files that a form carries.

    :raises UsageError: a value is not what our own form had.
    """
    for value in values:
        data, _, name = value.partition(' ')
        try:
            yield SharedFile(fmt.clip(name, 200), base64.b64decode(data, validate=True))
        except (binascii.Error, ValueError):
            raise UsageError('A shared file did not arrive whole. Share it again.', field='torrent') from None


def links_in(*texts: str) -> list[str]:
    """The magnet links, web addresses and bare info hashes in what people share, each once, in order."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _WORD.finditer(text):
            found[match[0].rstrip('.,;)]}’”')] = None
        for match in _HASH.finditer(_WORD.sub(' ', text)):
            found[magnet_of(match[0])] = None
    return list(found)[:MAX_LINKS]


def is_hash(text: str) -> bool:
    """Whether a line is an info hash and nothing else, in hexadecimal digits or base 32."""
    return _HASH.fullmatch(text) is not None


def magnet_of(info_hash: str) -> str:
    """The magnet link of a bare info hash; its peers can only be found through DHT."""
    return f'magnet:?xt=urn:btih:{info_hash}'


def given(request: Request) -> str:
    """The links of an address or a form, one on each line: those for the field itself, and those among shared words."""
    values = request.values
    own = values.get('links', '')[:20000]
    words = [values.get(name, '')[:20000] for name in ('url', 'text', 'title')]
    return '\n'.join(filter(None, [own, *links_in(*words)]))


def take(context: Context) -> Response:
    """Answer what was shared with the form that holds it."""
    files = [*carried_files(context.request.form.getlist('kept')), *_uploaded(context)]
    links = given(context.request)
    if not files and len(links) <= MAX_ADDRESS:
        return context.go('add', links=links)
    if context.identity is None and 'again' in context.request.form:
        raise Unauthorized('Log in first, then share it again.')
    if context.identity is None:
        return context.render('shared.html', files=files, links=links)
    if not context.identity.can_write:
        raise Denied('This account may look but not add torrents.')
    return form(context, files=files, links=links)


def _uploaded(context: Context) -> Iterator[SharedFile]:
    uploads = uploaded(context.request)
    if len(uploads) > MAX_FILES:
        raise TooLarge(
            said(
                'At most %(max_files)s files at a time, please; these are %(count)s.',
                max_files=MAX_FILES,
                count=len(uploads),
            ),
            field='torrent',
        )
    for name, stream in uploads:
        yield SharedFile(name, stream.read())


def uploaded(request: Request) -> list[tuple[str, IO[bytes]]]:
    """The .torrent files of a form, by name, still to be read."""
    files = request.files.getlist('torrent')
    return [(fmt.clip(file.filename, 200), file.stream) for file in files if file.filename]


def form(
    context: Context, error: str = '', status: int = 200, *, files: Iterable[SharedFile] = (), links: str = ''
) -> Response:
    """The form for adding, filled in with what the request had; *error* says why it is shown again."""
    values = context.request.values
    return context.render(
        'add.html',
        status,
        error=error,
        target=values.get('target', ''),
        takers=_takers(context),
        links=links,
        files=list(files),
        label=values.get('label', '')[:255],
        directory=values.get('directory', '')[:1000],
        start=values.get('start', '' if error else '1') == '1',
        max_bytes=fmt.size(context.services.config.MAX_TORRENT_BYTES),
    )


def _takers(context: Context) -> list[tuple[str, list[str]]]:
    """The clients that torrents can be added to, each with what matters of its capabilities."""
    matters = frozenset({'add', 'magnet', 'label', 'add_directory'})
    backends = context.services.hub.backends.values()
    return [
        (backend.name, sorted(backend.capabilities & matters))
        for backend in backends
        if not backend.capabilities.isdisjoint({'add', 'magnet'})
    ]
