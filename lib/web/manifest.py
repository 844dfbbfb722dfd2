"""``/manifest.webmanifest``: what makes the pages an application of the phone or the desk: its name, its icons, what it
takes from other applications.

It is not a static file because its paths begin with BASE_URL; and everybody may have it, since browsers fetch it
without cookies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import simplejson
from werkzeug import Response

if TYPE_CHECKING:
    from lib.web.context import Context

TYPE = 'application/manifest+json'
TORRENT = 'application/x-bittorrent'
PAPER, INK = '#ffffff', '#16181a'
ICONS = (
    ('img/icon-192.png', '192x192', 'image/png', 'any'),
    ('img/icon-512.png', '512x512', 'image/png', 'any'),
    ('img/icon-maskable-512.png', '512x512', 'image/png', 'maskable'),
    ('img/icon-maskable.svg', 'any', 'image/svg+xml', 'maskable'),
    ('img/icon.svg', 'any', 'image/svg+xml', 'any'),
)


def show(context: Context) -> Response:
    """Answer with the manifest."""
    response = Response(simplejson.dumps(_manifest(context)), content_type=TYPE)
    response.headers['Cache-Control'] = 'public, max-age=3600'
    return response


def _manifest(context: Context) -> dict[str, Any]:
    home, add = context.url('overview'), context.url('add')
    icons = [
        {'src': context.services.assets.url(name), 'sizes': sizes, 'type': kind, 'purpose': purpose}
        for name, sizes, kind, purpose in ICONS
    ]
    return {
        'id': home,
        'name': 'pyroTorrent',
        'short_name': 'pyroTorrent',
        'description': 'Torrents of your rTorrents, in one list.',
        'start_url': home,
        'scope': home,
        'display': 'standalone',
        'background_color': PAPER,
        'theme_color': INK,
        'categories': ['utilities'],
        'icons': icons,
        'shortcuts': [{'name': 'Add torrents', 'short_name': 'Add', 'url': add, 'icons': icons[:1]}],
        'protocol_handlers': [{'protocol': 'magnet', 'url': f'{add}?url=%s'}],
        'file_handlers': [{'action': add, 'accept': {TORRENT: ['.torrent']}}],
        'share_target': {
            'action': context.url('shared'),
            'method': 'POST',
            'enctype': 'multipart/form-data',
            'params': {
                'title': 'title',
                'text': 'text',
                'url': 'url',
                'files': [{'name': 'torrent', 'accept': [TORRENT, '.torrent', 'application/octet-stream']}],
            },
        },
    }
