"""The WSGI application: a request passes the checks, finds its route, is answered; an error is answered as well."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug import Request, Response
from werkzeug.exceptions import MethodNotAllowed, NotFound, Unauthorized

from lib import errors, translate
from lib.config import Config
from lib.errors import PyroError, TooMuch
from lib.translate import gettext
from lib.web import failures, guard, headers, hosts, locale, prefix, sessions
from lib.web.compress import compress
from lib.web.context import Context
from lib.web.route import Route
from lib.web.routes import BY_NAME, MAP
from lib.web.services import Services, make_services
from lib.words import N_

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger(__name__)

# One-time links are as good as passwords, and an error does not use them up.
_SECRET = re.compile(r'(/(?:first|once)/).*', re.DOTALL)
MAX_FIELDS = 5000
MAX_FIELD_BYTES = 1 << 20
SMALL_BODY = 4 << 20  # bytes; only the form that takes files may send MAX_UPLOAD_BYTES


class Application:
    """The application inside the session and prefix layers; ``create_app`` puts them around it."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        answer: Iterable[bytes] = headers.secure(self.respond(environ))(environ, start_response)
        return answer

    def respond(self, environ: WSGIEnvironment) -> Response:
        """The answer to one request; never raises."""
        request = Request(environ)
        request.max_content_length = self.services.config.MAX_UPLOAD_BYTES
        request.max_form_parts = MAX_FIELDS
        request.max_form_memory_size = MAX_FIELD_BYTES
        # The server name is only for absolute URLs, which we never build; the Host header stays out of answers.
        adapter = MAP.bind('localhost', environ.get('SCRIPT_NAME') or '/', path_info=request.path)
        context = Context(request, self.services, adapter)
        with translate.using(locale.negotiate(request)):
            try:
                response = self._handle(context)
            except Exception as error:
                response = self._failed(context, error)
        return compress(response, request)

    def _handle(self, context: Context) -> Response:
        hosts.check(context.request.environ, self.services.config.ALLOWED_HOSTS)
        guard.identify(context)
        route, values = self._match(context)
        if not route.files:
            context.request.max_content_length = SMALL_BODY
        if route.files or route.harmless:
            context.request.max_form_memory_size = SMALL_BODY  # shared files travel in the form
        guard.authorise(context, route)
        response: Response = route.handler(context, **values)
        return response

    def _match(self, context: Context) -> tuple[Route, dict[str, object]]:
        """The route of the request. Who is not logged in learns nothing about which paths exist."""
        try:
            name, values = context.adapter.match(method=context.request.method)
        except (NotFound, MethodNotAllowed) as error:
            if context.identity is None:
                raise Unauthorized('Please log in.') from None
            if isinstance(error, NotFound):
                raise errors.NotFound('There is no such page.') from None
            raise
        return BY_NAME[name], dict(values)

    def _failed(self, context: Context, error: Exception) -> Response:
        status = failures.status_of(error)
        if status >= 500:
            path = _SECRET.sub(r'\1…', context.request.path[:200])
            refused = isinstance(error, TooMuch)  # that there is no room is no fault
            log.log(
                logging.INFO if refused else logging.ERROR,
                '%s %s: %s',
                context.request.method,
                path,
                type(error).__name__,
            )
        if status == 500:
            log.error('The cause:', exc_info=error)
        return _answer(context, error, status)


def _answer(context: Context, error: Exception, status: int) -> Response:
    """An error as a page or as JSON, whatever the client wants to read."""
    wants_page = _wants_page(context)
    if status == 401 and wants_page and context.request.method == 'GET' and isinstance(error, Unauthorized):
        return context.go('login', next=context.here)
    admin = context.identity is not None and context.identity.is_admin
    if wants_page:
        message = failures.words_of(error, admin=admin)
        response = context.render('error.html', status, **_page(error, status, message))
    else:
        response = context.json(failures.body_of(error, admin=admin), status)
    if isinstance(error, TooMuch):
        response.headers['Retry-After'] = str(error.retry_after)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers['Allow'] = ', '.join(sorted(error.valid_methods))
    if status == 401:
        response.headers['WWW-Authenticate'] = 'Bearer realm="pyroTorrent"'
    return response


def _wants_page(context: Context) -> bool:
    if context.request.path == '/api' or context.request.path.startswith('/api/'):
        return False
    accept = context.request.accept_mimetypes
    return accept.best_match(('text/html', 'application/json'), 'application/json') == 'text/html'


#: What a page of an error is called.
TITLES = {
    400: N_('That did not work'),
    401: N_('Not logged in'),
    403: N_('Not allowed'),
    404: N_('Not found'),
    409: N_('Not now'),
    413: N_('Too large'),
    429: N_('Too many attempts'),
    502: N_('The torrent client gave no proper answer'),
    503: N_('The torrent client is not reachable'),
    504: N_('The torrent client did not answer in time'),
}
UNFORESEEN = N_('Something went wrong')


def _page(error: Exception, status: int, message: str) -> dict[str, object]:
    detail = getattr(error, 'field', '') if isinstance(error, PyroError) else ''
    title = gettext(TITLES.get(status, UNFORESEEN))
    # The answer to a forged request must not hold the token that it lacked.
    return {'status': status, 'title': title, 'message': message, 'remedy': '', 'detail': detail, 'csrf': ''}


def create_app(config: Config, services: Services | None = None) -> WSGIApplication:
    """The whole application for ``config``, ready for a server.

    :raises ConfigError: a setting, the state directory or the database will not do.
    """
    services = services or make_services(config)
    inner = sessions.wrap(Application(services), config, services.secret)

    def behind_proxy(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        hosts.believe_proxy(environ, config.TRUSTED_PROXIES)
        return inner(environ, start_response)

    return prefix.under(behind_proxy, config.BASE_URL)
