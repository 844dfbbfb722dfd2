"""Drives an application as a browser or a program would, without a server between."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from wsgiref.validate import validator

import simplejson
from werkzeug import test
from werkzeug.test import TestResponse

from lib.config import Config
from lib.web.app import create_app
from lib.web.services import make_services
from tests.rig.state import prepared
from tests.rig.templates import share

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PASSWORD = 'correct horse battery'
QUERY = 'tests.web.query'  # where the query waits in the environment
HTML = {'Accept': 'text/html,application/xhtml+xml,*/*;q=0.8'}


def checked(app: WSGIApplication) -> WSGIApplication:
    """``app`` with every rule of WSGI checked on the way in and out."""
    strict = validator(app)

    def passing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return strict(environ, start_response)

    return passing


class Client(test.Client):
    """Reads every answer to its end and closes it, as a server does."""

    def __init__(self, app: WSGIApplication, **options: Any) -> None:
        super().__init__(_received(app), **options)

    def run_wsgi_app(self, environ: WSGIEnvironment, buffered: bool = False) -> Any:
        # For its cookies the library decodes the whole address, twice, which takes long where it has a megabyte.
        sent = {**environ, QUERY: environ['QUERY_STRING'], 'QUERY_STRING': ''}
        return super().run_wsgi_app(sent, buffered)

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault('environ_overrides', {'REMOTE_ADDR': '127.0.0.1'})
        return super().open(*args, buffered=True, **kwargs)


def _received(app: WSGIApplication) -> WSGIApplication:
    """``app`` with the address as it was sent, and without the library's request, which no server has."""

    def passing(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop('werkzeug.request', None)
        environ['QUERY_STRING'] = environ.pop(QUERY)
        return app(environ, start_response)

    return passing


class Site:
    """:ivar services: what the application works with, to look behind the pages."""

    def __init__(self, settings: Config) -> None:
        self.config = settings
        self.services = make_services(prepared(settings))
        share(self.services.templates)
        self.app = checked(create_app(settings, self.services))

    def browser(self, name: str = '', role: str = 'admin') -> Browser:
        """A browser; with ``name`` it is logged in to a new account of that name."""
        browser = Browser(self)
        if name:
            self.services.users.add(name, PASSWORD, role)
            answer = browser.post('/login', {'name': name, 'password': PASSWORD})
            assert answer.status_code == 303, answer.text
        return browser

    def program(self, name: str, role: str = 'admin', *, write: bool = True) -> Program:
        """A program with a token of a new account."""
        user = self.services.users.add(name, PASSWORD, role)
        return Program(self, self.services.tokens.add(user, 'test', write))


class Browser:
    """Sends what a browser sends: cookies, Accept, Origin, and the hidden token of the last page's forms."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.client = Client(site.app)
        self.csrf = ''

    def get(self, path: str, **headers: str) -> TestResponse:
        answer = self.client.get(self.site.config.BASE_URL + path, headers={**HTML, **headers})
        found = (
            re.search(r'name="csrf" value="([^"]+)"', answer.text) if answer.mimetype == 'text/html' else None
        )
        self.csrf = found[1] if found else self.csrf
        return answer

    def post(self, path: str, form: dict[str, Any], **headers: str) -> TestResponse:
        if not self.csrf and path != '/login':
            self.get('/')
        sent = {
            **HTML,
            'Origin': 'http://localhost',
            **{key.replace('_', '-'): value for key, value in headers.items()},
        }
        data = {'csrf': self.csrf, **form}
        return self.client.post(self.site.config.BASE_URL + path, data=data, headers=sent)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """The answer of the REST API, asked as a page's script does."""
        if not self.csrf:
            self.get('/account')
        sent = {'Origin': 'http://localhost', 'X-CSRF-Token': self.csrf, **headers}
        return call(self.client, self.site, method, path, body, sent)


def call(
    client: Client, site: Site, method: str, path: str, body: Any, headers: dict[str, str]
) -> TestResponse:
    """Ask the REST API; ``path`` is below ``/api/v1``, ``body`` becomes JSON unless it is None or bytes."""
    more: dict[str, Any] = {}
    if body is not None:
        more['data'] = body if isinstance(body, bytes) else simplejson.dumps(body)
        headers = {'Content-Type': 'application/json', **headers}
    return client.open(f'{site.config.BASE_URL}/api/v1{path}', method=method, headers=headers, **more)


class Program:
    """Sends what a script sends: a token and JSON."""

    def __init__(self, site: Site, token: str = '') -> None:
        self.site = site
        self.client = Client(site.app, use_cookies=False)
        self.headers = {'Authorization': f'Bearer {token}'} if token else {}

    def send(self, items: Any, **headers: str) -> TestResponse:
        """The answer to a JSON body."""
        return self.client.post(
            self.site.config.BASE_URL + '/api',
            data=simplejson.dumps(items),
            headers={**self.headers, 'Content-Type': 'application/json', **headers},
        )

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """The answer of the REST API."""
        return call(self.client, self.site, method, path, body, {**self.headers, **headers})

    def get(self, path: str, **query: Any) -> Any:
        """What the REST API says, which has to be 200."""
        answer = self.call('GET', f'{path}?{urlencode(query, doseq=True)}' if query else path)
        assert answer.status_code == 200, answer.text
        return answer.json

    def ask(self, *items: Any) -> Any:
        """The results of items, which have to be answered with 200."""
        answer = self.send(list(items))
        assert answer.status_code == 200, answer.text
        return answer.json
