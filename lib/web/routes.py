"""The whole route map on one screen: path, name, handler, methods, who may, and how its errors look.

The REST API has a screen of its own, :mod:`lib.web.v1.routes`.
"""

from __future__ import annotations

from werkzeug.routing import Map, Rule

from lib.web import (
    account,
    add,
    api,
    download,
    events,
    locale,
    login,
    manifest,
    overview,
    public,
    settings,
    shared,
    torrent,
    webhooks,
)
from lib.web.route import BOTH, READ, WRITE, Route
from lib.web.v1.routes import ROUTES as V1

T = '/torrent/<target>/<hash>'

ROUTES = (
    Route('/', 'overview', overview.show, READ, 'read'),
    Route('/torrents', 'torrents_action', overview.act, WRITE, 'write'),
    Route(T, 'torrent', torrent.show, READ, 'read'),
    Route(f'{T}/set', 'torrent_set', torrent.change, WRITE, 'write'),
    Route(f'{T}/files', 'torrent_files', torrent.files, WRITE, 'write'),
    Route(f'{T}/trackers', 'torrent_trackers', torrent.trackers, WRITE, 'write'),
    Route(f'{T}/metainfo', 'torrent_metainfo', download.metainfo, READ, 'read', 'file'),
    Route(f'{T}/file/<int:index>', 'torrent_file', download.file, READ, 'read', 'file'),
    Route('/add', 'add', add.page, BOTH, 'write', files=True),
    Route('/add/shared', 'shared', shared.take, WRITE, 'public', harmless=True),
    Route('/settings', 'settings', settings.first, READ, 'read'),
    Route('/settings/<target>', 'settings_target', settings.page, READ, 'read'),
    Route('/settings/<target>/limits', 'settings_limits', settings.limits, WRITE, 'write'),
    Route('/settings/<target>/encryption', 'settings_encryption', settings.encryption, WRITE, 'write'),
    Route('/account', 'account', account.page, READ, 'read'),
    Route('/account/password', 'account_password', account.password, WRITE, 'read'),
    Route('/account/tokens', 'account_tokens', account.add_token, WRITE, 'read'),
    Route('/account/tokens/revoke', 'account_revoke', account.revoke_token, WRITE, 'read'),
    Route('/account/users', 'account_users', account.add_user, WRITE, 'admin'),
    Route('/account/users/role', 'account_role', account.set_role, WRITE, 'admin'),
    Route('/account/users/remove', 'account_remove', account.remove_user, WRITE, 'admin'),
    Route('/events', 'events', events.show, READ, 'read'),
    Route('/webhooks', 'webhooks', webhooks.show, READ, 'admin'),
    Route('/webhooks/new', 'webhook_new', webhooks.new, BOTH, 'admin'),
    Route('/webhooks/<id>', 'webhook', webhooks.one, READ, 'admin'),
    Route('/webhooks/<id>/edit', 'webhook_edit', webhooks.edit, BOTH, 'admin'),
    Route('/webhooks/<id>/test', 'webhook_test', webhooks.test, WRITE, 'admin'),
    Route('/webhooks/<id>/pause', 'webhook_pause', webhooks.pause, WRITE, 'admin'),
    Route('/webhooks/<id>/resume', 'webhook_resume', webhooks.resume, WRITE, 'admin'),
    Route('/webhooks/<id>/secret', 'webhook_secret', webhooks.rotate, WRITE, 'admin'),
    Route('/webhooks/<id>/discard', 'webhook_discard', webhooks.discard, WRITE, 'admin'),
    Route('/webhooks/<id>/remove', 'webhook_remove', webhooks.remove, WRITE, 'admin'),
    Route('/webhooks/<id>/retry', 'webhook_retry', webhooks.retry, WRITE, 'admin'),
    Route('/theme', 'theme', account.theme, WRITE, 'read'),
    Route('/language', 'language', locale.choose, WRITE, 'public'),
    Route('/words/<code>/<version>', 'words', locale.script, READ, 'public', 'file'),
    Route('/login', 'login', login.page, BOTH, 'public'),
    Route('/logout', 'logout', login.logout, WRITE, 'read'),
    Route('/first/<token>', 'first', login.first, BOTH, 'public'),
    Route('/once/<token>', 'once', login.once, BOTH, 'public'),
    Route('/api', 'api', api.run, WRITE, 'read', 'api'),
    *V1,
    Route('/manifest.webmanifest', 'manifest', manifest.show, READ, 'public', 'file'),
    Route('/health', 'health', public.health, READ, 'public', 'api'),
    Route('/favicon.ico', 'favicon', public.favicon, READ, 'public', 'file'),
    Route('/static/<path:path>', 'static', public.static, READ, 'public', 'file'),
)

BY_NAME = {route.name: route for route in ROUTES}
MAP = Map(
    [Rule(route.path, endpoint=route.name, methods=route.methods, strict_slashes=False) for route in ROUTES],
    merge_slashes=False,
)
