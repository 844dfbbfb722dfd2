"""Text goes out compressed to whoever takes it: over a slow line a page of the list is a fifth of its size.

Secrets beside text that a stranger may choose could be guessed from the size of the answers (BREACH); that is why the
token of the forms is masked anew in each page (:func:`lib.web.csrf.masked`). Nothing else in a page is secret.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from werkzeug import Request, Response

LEAST = 1400  # bytes; less goes into one packet anyway
_TEXT = frozenset(
    {
        'text/html',
        'text/css',
        'text/javascript',
        'text/plain',
        'application/json',
        'application/manifest+json',
        'image/svg+xml',
    }
)
_FAST, _SMALL = 1, 9


def compress(response: Response, request: Request) -> Response:
    """The response, compressed where it is text, long enough, and the client takes gzip."""
    if response.mimetype not in _TEXT or response.is_streamed or 'Content-Encoding' in response.headers:
        return response
    response.vary.add('Accept-Encoding')
    if response.status_code == 206 or not _takes_gzip(request):
        return response
    data = response.get_data()
    if len(data) < LEAST:
        return response
    for_ever = response.cache_control.immutable
    response.set_data(_kept(data) if for_ever else gzip.compress(data, _FAST, mtime=0))
    response.headers['Content-Encoding'] = 'gzip'
    etag, _ = response.get_etag()
    if etag:
        response.set_etag(etag, weak=True)  # not the same bytes for everybody
    return response


def _takes_gzip(request: Request) -> bool:
    return request.accept_encodings['gzip'] > 0


@lru_cache(maxsize=256)
def _kept(data: bytes) -> bytes:
    """A static file, compressed once as far as it goes."""
    return gzip.compress(data, _SMALL, mtime=0)
