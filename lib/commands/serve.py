"""``run``, ``http`` and ``fcgi``: start the application in a server."""

from __future__ import annotations

import dataclasses
import logging
import os
import signal
import socket
import stat
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from lib import config as configuration
from lib.config import Config
from lib.demo import Demo
from lib.errors import ConfigError
from lib.logs import set_up
from lib.web import hosts, server
from lib.web.app import create_app
from lib.web.fcgi import serve_fcgi
from lib.web.services import Services, make_services

log = logging.getLogger(__name__)

SETUP_LINK = 24 * 3600  # seconds a link for the first account is good for
LOGIN_LINK = 3600
CLOSING = 2.0  # seconds for letting go of the clients


def is_spawned() -> bool:
    """Whether standard input is a listening socket, as a FastCGI spawner leaves it."""
    try:
        if not stat.S_ISSOCK(os.fstat(0).st_mode):
            return False
        with socket.socket(fileno=os.dup(0)) as inherited:
            return bool(inherited.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
    except OSError:
        return False


def complain(message: str) -> None:
    """Say why nothing was started: to the terminal, and to a log file, since a spawner throws the terminal away."""
    print(f'pyrotorrent: {message}', file=sys.stderr)
    # A log that goes to the terminal would say the same again.
    if any(isinstance(handler, logging.FileHandler) for handler in logging.getLogger().handlers):
        log.error('%s', message)


def fcgi(options: Namespace) -> None:
    """Serve FastCGI on ``--bind`` or on the inherited socket."""
    config = _load(options)
    if options.bind and not config.USE_AUTH and '/' not in options.bind:
        _refuse_open(options.bind.rpartition(':')[0])
    services = make_services(config)
    _announce_setup(services, config.BASE_URL or '/')
    with _following(services):
        serve_fcgi(
            create_app(config, services),
            bind=options.bind,
            mode=config.FCGI_SOCKET_MODE,
            threads=config.THREADS + config.MAX_STREAMS,
            ending=services.streams.close,
            queue=config.FCGI_QUEUE,
            grace=config.FCGI_GRACE,
        )


def http(options: Namespace) -> None:
    """Serve with the embedded server."""
    config = _load(options)
    changed = {'HTTP_HOST': options.host, 'HTTP_PORT': options.port}
    config = dataclasses.replace(
        config, **{name: value for name, value in changed.items() if value is not None}
    )
    _serve(config)


def run(options: Namespace) -> None:
    """``make run``: serve the configuration, or the demonstration where there is none."""
    if configuration.find(options.config, os.environ) is not None:
        options.host = None
        http(options)
        return
    signal.signal(signal.SIGTERM, _terminated)
    with tempfile.TemporaryDirectory(prefix='pyrotorrent-') as directory, Demo(Path(directory)) as demo:
        values = {
            'rtorrent_config': demo.rtorrent_config,
            'STATE_DIR': f'{directory}/state',
            'DOWNLOAD_ROOTS': demo.download_roots,
            'HTTP_PORT': 8000 if options.port is None else options.port,
            # Whoever tries it has receivers of his own here, and it is reached from here only.
            'WEBHOOK_ALLOWED_NETWORKS': ['127.0.0.0/8'],
        }
        file = Path(directory, 'config.py')
        file.write_text(''.join(f'{name} = {value!r}\n' for name, value in values.items()), encoding='utf-8')
        set_up('', 'WARNING')
        _serve(configuration.make(values), demo=file)


def _terminated(number: int, frame: FrameType | None) -> None:
    # Raised in the main thread so that every “with” around the demonstration ends what it started.
    sys.exit(0)


def _load(options: Namespace) -> Config:
    config = configuration.load(options.config)
    set_up(config.LOG_FILE, config.LOG_LEVEL)
    return config


def _serve(config: Config, *, demo: Path | None = None) -> None:
    if not config.USE_AUTH:
        _refuse_open(config.HTTP_HOST)
    services = make_services(config)

    def ready(address: str) -> None:
        base = address + config.BASE_URL
        link = _demo_link(services) if demo else _setup_link(services)
        if demo:
            print('\n  pyroTorrent runs with demonstration torrents. Open this link; it logs in once:')
            print(
                f'\n  {base}{link}\n\n  Every command reaches it by its configuration; this one makes another link:'
            )
            print(f'\n  {sys.executable} {sys.argv[0]} --config {demo} user link demo')
            print('\n  Ctrl-C ends it and leaves nothing behind.\n', flush=True)
        elif link:
            print(f'\n  Nobody has an account yet. Make the first one here:\n\n  {base}{link}\n', flush=True)
        else:
            print(f'pyroTorrent serves {base}/', flush=True)

    app = create_app(config, services)
    with _following(services):
        server.serve_http(
            app,
            host=config.HTTP_HOST,
            port=config.HTTP_PORT,
            threads=config.THREADS + config.MAX_STREAMS,
            ending=services.streams.close,
            max_body=config.MAX_UPLOAD_BYTES,
            ready=ready,
        )


@contextmanager
def _following(services: Services) -> Iterator[None]:
    """Inside, all clients are followed whether somebody looks or not."""
    services.start()
    try:
        yield
    finally:
        services.dispatcher.close(CLOSING)
        services.recorder.close(CLOSING)
        services.hub.close(CLOSING)


def _refuse_open(address: str) -> None:
    if address != 'localhost' and not hosts.is_loopback(address.strip('[]')):
        raise ConfigError(
            f'USE_AUTH = False works on a loopback address only, and this would listen on {address}: anybody who '
            'reaches it could run programs through your rTorrent. Leave the login on, or listen on 127.0.0.1.'
        )


def _setup_link(services: Services) -> str:
    """The path of a one-time link that makes the first account; ``''`` where there are accounts."""
    if not services.config.USE_AUTH or services.users.count():
        return ''
    return '/first/' + services.links.create('setup', None, SETUP_LINK)


def _announce_setup(services: Services, base: str) -> None:
    link = _setup_link(services)
    if link:
        text = f'Nobody has an account yet. Make one with “pyrotorrent user add NAME”, or open {base.rstrip("/")}{link}'
        print(text, file=sys.stderr, flush=True)


def _demo_link(services: Services) -> str:
    """An account with a password that nobody knows, and a link into it."""
    user = services.users.add('demo', os.urandom(24).hex(), 'admin')
    return '/once/' + services.links.create('login', user.id, LOGIN_LINK)
