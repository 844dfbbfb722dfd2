"""SCRIPT_NAME and PATH_INFO under ``BASE_URL``, whatever the web server makes of them.

Web servers split the path at the prefix, at another place, not at all, or, with the whole-URL rewrite of
pyroTorrent's first documentation, hide it: then only REQUEST_URI has it. The application sees one form.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from lib.web import headers

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ORIGIN = re.compile(r'^[a-zA-Z]+://[^/]*')  # of the absolute form that clients send to proxies
_SCRIPT_SUFFIXES = ('.tfcgi', '.fcgi')


def under(app: WSGIApplication, base_url: str) -> WSGIApplication:
    """``app`` with SCRIPT_NAME set to the prefix and PATH_INFO to the rest; what lies outside is answered 404.

    :param base_url: ``''`` or ``'/'`` for the root, else as ``/torrent``.
    """
    return _Prefix(app, base_url)


class _Prefix:
    def __init__(self, app: WSGIApplication, base_url: str) -> None:
        self._app = app
        self._prefix = base_url.strip('/') and '/' + base_url.strip('/')

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = self._find(environ)
        if path is None:
            return _outside(environ, start_response, self._prefix)
        environ['SCRIPT_NAME'] = self._prefix
        environ['PATH_INFO'] = path
        return self._app(environ, start_response)

    def _find(self, environ: WSGIEnvironment) -> str | None:
        """The path below the prefix, or ``None`` when the request lies outside."""
        script = environ.get('SCRIPT_NAME', '')
        whole = script + environ.get('PATH_INFO', '') or '/'
        if self._prefix or not _is_script(script, environ):
            path = self._inside(_normal(whole))
            if path is not None:
                return path
        raw = environ.get('REQUEST_URI', '')
        path = self._inside(_normal(_decoded(raw)))
        if path is not None and not environ.get('QUERY_STRING'):
            environ['QUERY_STRING'] = raw.partition('?')[2].partition('#')[0]
        return path

    def _inside(self, path: str) -> str | None:
        if '\0' in path or not path.startswith('/'):
            return None
        if path == self._prefix:
            return ''
        if path.startswith(self._prefix + '/'):
            return path[len(self._prefix) :]
        return None


def _is_script(script: str, environ: WSGIEnvironment) -> bool:
    """Whether the web server put the name of a script in place of the path (served at the root only)."""
    return script.endswith(_SCRIPT_SUFFIXES) and bool(environ.get('REQUEST_URI'))


def _decoded(uri: str) -> str:
    """The path of a request target, decoded; WSGI's latin-1 in and out."""
    path = _ORIGIN.sub('', uri.partition('?')[0])
    return unquote_to_bytes(path.encode('latin-1')).decode('latin-1')


def _normal(path: str) -> str:
    """Without ``//``, ``.`` and ``..``, as lighttpd and nginx hand paths on; a slash at the end stays."""
    if not path.startswith('/'):
        return path
    directory = path.endswith(('/', '/.', '/..'))
    plain = '/' + posixpath.normpath(path).lstrip('/')
    return plain + '/' if directory and plain != '/' else plain


def _outside(environ: WSGIEnvironment, start_response: StartResponse, prefix: str) -> Iterable[bytes]:
    where = prefix or '/'
    body = f'Not found. pyroTorrent is served below {where} here (BASE_URL in config.py).\n'.encode()
    start_response(
        '404 Not Found',
        [
            ('Content-Type', 'text/plain; charset=utf-8'),
            ('Content-Length', str(len(body))),
            *headers.ALWAYS.items(),
        ],
    )
    return [] if environ.get('REQUEST_METHOD') == 'HEAD' else [body]
