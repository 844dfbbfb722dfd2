"""``config`` and ``check``: what is set, and what answers."""

from __future__ import annotations

from argparse import Namespace

from rich.console import Console
from rich.text import Text

from lib import config as configuration
from lib import targets
from lib.errors import PyroError
from lib.masking import hosts_only, masked
from lib.targetspecs import TargetSpec
from model.backends.load import make_backend
from model.rtorrent import RTorrent
from model.webhooks import hookconfig
from model.webhooks.receivers import MAX_WEBHOOKS


def config(options: Namespace) -> None:
    """Print every setting with its effective value."""
    console = Console(soft_wrap=True, highlight=False)
    effective = configuration.load(options.config)
    console.print(Text(f'# from {effective.source or "the defaults; there is no config.py"}'))
    for field in configuration.table():
        value = getattr(effective, field.name)
        if field.metadata['secret']:
            value = masked(value, field.name)
        if field.name == 'WEBHOOKS':
            value = hosts_only(value)
        console.print(Text(f'{field.name} = {configuration.written(field.name, value)}'))


def check(options: Namespace) -> int:
    """Connect to every target, and look at WEBHOOKS; 1 where one does not answer or will not do."""
    console = Console(soft_wrap=True, highlight=False)
    effective = configuration.load(options.config)
    targets.configure(effective)
    failed = 0
    for name, spec in effective.targets.items():
        try:
            console.print(Text(f'{name}: {_version(spec, effective)}'))
        except PyroError as error:
            failed += 1
            what = 'libTorrent' if spec.kind == 'rtorrent' else 'the client'
            wrong = f'Failed to connect to {what}: ' if spec.kind != 'client' else ''
            console.print(Text(f'{name}: {wrong}{error}'))
    if not effective.targets:
        console.print(
            Text('No rTorrent is configured. Set rtorrent_config in config.py (see config.py.example).')
        )
    try:
        hookconfig.configured(effective, MAX_WEBHOOKS)
    except PyroError as error:
        failed += 1
        console.print(Text(str(error)))
    return 1 if failed or not effective.targets else 0


def _version(spec: TargetSpec, effective: configuration.Config) -> str:
    if spec.kind == 'rtorrent':
        return f'libTorrent version: {RTorrent(spec.name).get_libtorrent_version()}'
    backend = make_backend(spec, effective)
    if spec.kind == 'client':
        backend.overview()  # what a class of somebody's returns is judged when it is read
    return f'{backend.kind}: {backend.globals().client_version or "answers"}'
