"""The static files: read once, known by a closed list of names, cached by browsers for ever under a hash in the URL."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent.parent / 'static'
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
