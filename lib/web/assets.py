"""The static files: read once, known by a closed list of names, cached by browsers for ever under a hash in the URL."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path
from typing import TYPE_CHECKING

from werkzeug import Response
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect

if TYPE_CHECKING:
    from lib.web.context import Context

STATIC = Path(__file__).resolve().parent.parent.parent / 'static'
FOR_EVER = 'public, max-age=31536000, immutable'
# Not left to the machine's own tables: browsers refuse a module of another type under nosniff.
TYPES = {
    '.js': 'text/javascript',
    '.css': 'text/css',
    '.svg': 'image/svg+xml',
    '.webmanifest': 'application/manifest+json',
}


class Assets:
    """:ivar version: a hash over all files; it is part of their URLs."""

    def __init__(self, base: str, *, hashed_path: bool) -> None:
        files = sorted(path for path in STATIC.rglob('*') if path.is_file())
        self._files = {path.relative_to(STATIC).as_posix(): path.read_bytes() for path in files}
        digest = hashlib.sha256()
        for name, data in self._files.items():
            digest.update(f'{name} {len(data)} '.encode() + data)
        self.version = digest.hexdigest()[:12]
        self._base = base
        self._hashed_path = hashed_path

    def url(self, name: str) -> str:
        """The URL of a static file, e.g. of ``css/main.css``."""
        if self._hashed_path:
            return f'{self._base}/{self.version}/{name}'
        return f'{self._base}/{name}?v={self.version}'

    def get(self, name: str) -> tuple[bytes, str]:
        """Content and type of a static file.

        :raises KeyError: there is none of this name.
        """
        suffix = Path(name).suffix
        return self._files[name], TYPES.get(suffix) or mimetypes.guess_type(name)[
            0
        ] or 'application/octet-stream'


def static(context: Context, path: str) -> Response:
    """Answer with a static file; with the present hash in its path it may be kept for ever."""
    assets = context.services.assets
    version, _, name = path.partition('/')
    current = version == assets.version
    try:
        data, kind = assets.get(name if current else path)
    except KeyError:
        raise NotFound('There is no such file.') from None
    response = Response(data, mimetype=kind)
    response.headers['Cache-Control'] = FOR_EVER if current else 'no-cache'
    response.set_etag(assets.version)
    return response.make_conditional(context.request)


def favicon(context: Context) -> Response:
    """Browsers ask for this name whatever the page says."""
    return redirect(context.services.assets.url('img/favicon.svg'), 302)


def health(context: Context) -> Response:
    """Say that the process answers, and nothing else."""
    return Response('ok\n', mimetype='text/plain')
