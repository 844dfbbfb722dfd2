"""The reader's language: what they chose in the menu (a cookie), else what the browser asks for, else English."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from werkzeug import Request, Response

from lib import translate
from lib.errors import NotFound, UnknownName
from lib.web.public import FOR_EVER
from lib.words import N_

if TYPE_CHECKING:
    from lib.web.context import Context

COOKIE = 'pyrotorrent_language'
#: The choice that takes the cookie away: the browser's own language.
AUTOMATIC = 'auto'
YEAR = 365 * 24 * 3600
MAX_HEADER = 500  # characters of Accept-Language; browsers send a tenth of that


class Spoken(NamedTuple):
    """:ivar code: the language of the page.
    :ivar choice: what the reader chose: a code, or :data:`AUTOMATIC`.
    :ivar all: code and own name of every language there is.
    :ivar script: where the scripts get their texts; ``''`` in English, where they have them.
    """

    code: str
    choice: str
    all: list[tuple[str, str]]
    script: str


def negotiate(request: Request) -> translate.Language:
    """The language to answer in. A program with a token reads English, whatever its library sends by itself."""
    if 'Authorization' in request.headers:
        return translate.language(translate.SOURCE)
    chosen = choice(request)
    if chosen != AUTOMATIC:
        return translate.language(chosen)
    if len(request.headers.get('Accept-Language', '')) > MAX_HEADER:
        return translate.language(translate.SOURCE)
    return translate.language(_wanted(request))


def _wanted(request: Request) -> str:
    """The browser's first language that we have. Who asks for en-GB before de is better served with en."""
    known = {code.lower(): code for code in translate.codes()}
    for tag, quality in request.accept_languages:
        found = known.get(tag.lower()) or known.get(tag.lower().partition('-')[0])
        if found and quality > 0:
            return found
    return translate.SOURCE


def choice(request: Request) -> str:
    """What the reader chose: a code, or :data:`AUTOMATIC`."""
    cookie = request.cookies.get(COOKIE, '')
    return cookie if cookie in translate.codes() else AUTOMATIC


def choose(context: Context) -> Response:
    """Keep the choice of the menu in a cookie of its own."""
    chosen = context.request.form.get('language', '')
    if chosen != AUTOMATIC and chosen not in translate.codes():
        raise UnknownName(N_('language'), chosen, translate.codes(), field='language')
    answer = context.go_to(context.local(context.request.form.get('next')))
    path = context.services.config.BASE_URL or '/'
    if chosen == AUTOMATIC:
        answer.delete_cookie(COOKIE, path=path)
        return answer
    answer.set_cookie(
        COOKIE,
        chosen,
        max_age=YEAR,
        path=path,
        secure=context.request.is_secure,
        httponly=True,
        samesite='Lax',
    )
    return answer


def spoken(context: Context) -> Spoken:
    """What the frame of every page needs to know of languages."""
    language = translate.current()
    address = context.url('words', code=language.code, version=language.version) if language.script else ''
    names = [(code, translate.name_of(code)) for code in translate.codes()]
    return Spoken(language.code, choice(context.request), names, address)


def script(context: Context, code: str, version: str) -> Response:
    """The texts of the scripts in one language. With the present hash in the address they may be kept for ever."""
    language = translate.language(code)
    if not language.script:
        raise NotFound('There is no such file.')
    response = Response(language.script, mimetype='application/json')
    current = language.code == code and language.version == version
    response.headers['Cache-Control'] = FOR_EVER if current else 'no-cache'
    return response
