"""What a handler gets: the request, who sends it, and the ways to answer."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import simplejson
from werkzeug import Request, Response
from werkzeug.routing import MapAdapter

from lib import format as formats
from lib.web import csrf, locale
from lib.web.services import Services
from lib.web.sessions import SessionData
from model.backends.base import Backend

THEMES = ('system', 'light', 'dark')


@dataclass(frozen=True)
class Identity:
    """Who sends the request.

    :ivar role: ``read``, ``write`` or ``admin``.
    :ivar via: ``session``, ``token``, or ``local`` where nobody has to log in.
    :ivar token_id: which token it is.
    :ivar administers: it may write and is an administrator's. Its role is ``write`` all the same: what the API has for
        administrators is open to it, pages and accounts are not.
    """

    user_id: int | None
    name: str
    role: str
    via: str
    token_id: int | None = None
    administers: bool = False

    @property
    def can_write(self) -> bool:
        return self.role in ('write', 'admin')

    @property
    def is_admin(self) -> bool:
        return self.role == 'admin'


@dataclass
class Context:
    """One request on its way through a handler."""

    request: Request
    services: Services
    adapter: MapAdapter
    identity: Identity | None = None
    session: SessionData | None = None
    flash: list[tuple[str, str]] = field(default_factory=list)

    @property
    def here(self) -> str:
        """The address of this page, for coming back to it, without what it said of the form before."""
        kept = [(key, value) for key, value in self.request.args.items(multi=True) if key not in ('did', 'n')]
        query = f'?{urlencode(kept)}' if kept else ''
        return f'{self.request.root_path}{self.request.path}{query}'

    @property
    def binary(self) -> bool:
        """Whether sizes are in KiB and MiB."""
        return self.services.config.SIZE_UNITS == 'binary'

    @property
    def who(self) -> Identity:
        """The identity, on routes that are not public."""
        assert self.identity is not None
        return self.identity

    def url(self, endpoint: str, /, **values: Any) -> str:
        """The path of a route; values that are not part of it become its query."""
        return self.adapter.build(
            endpoint, {key: value for key, value in values.items() if value not in (None, '')}
        )

    def backend(self, target: str) -> Backend:
        """The client of that name. NotFound where there is none."""
        return self.services.hub.get(target)

    def render(self, template: str, status: int = 200, /, **values: Any) -> Response:
        """Answer with a page."""
        page = self.services.templates.get_template(template).render(self._globals() | values)
        return Response(page, status, mimetype='text/html')

    def json(self, value: object, status: int = 200) -> Response:
        """Answer with JSON."""
        return Response(simplejson.dumps(value), status, content_type='application/json; charset=utf-8')

    def go(self, endpoint: str, /, **values: Any) -> Response:
        """Answer with “see there” after a form was taken."""
        return self.go_to(self.url(endpoint, **values))

    def go_to(self, path: str) -> Response:
        """Answer with “see there” to a path of our own."""
        response = Response(status=303)
        response.headers['Location'] = path
        response.autocorrect_location_header = False
        return response

    def local(self, path: str | None) -> str:
        """``path`` where it is one of our own pages, else the overview: what a ``next`` field may hold."""
        home = self.url('overview')
        parts = urlsplit(path or '')
        odd = any(char in (path or '') for char in '\\\t\r\n') or (path or '').startswith('//')
        if not path or odd or parts.scheme or parts.netloc or not path.startswith(home):
            return home
        return path

    @property
    def theme(self) -> str:
        chosen = self.request.cookies.get('pyrotorrent_theme', '')
        return chosen if chosen in THEMES else 'system'

    def _globals(self) -> dict[str, Any]:
        return {
            'url': self.url,
            'static': self.services.assets.url,
            'csrf': csrf.masked(self.session.csrf) if self.session else '',
            'user': self.identity,
            'targets': list(self.services.hub.backends),
            'flash': self.flash,
            'here': self.here,
            'theme': self.theme,
            'language': locale.spoken(self),
            'units': self.services.config.SIZE_UNITS,
            'now': int(time.time()),
            'fmt': formats,
        }
