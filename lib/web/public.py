"""What everybody may have: the static files, the icon, and the word that the process answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug import Response
from werkzeug.exceptions import NotFound
from werkzeug.utils import redirect

if TYPE_CHECKING:
    from lib.web.context import Context

FOR_EVER = 'public, max-age=31536000, immutable'


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
