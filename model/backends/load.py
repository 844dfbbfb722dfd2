"""From what is configured to a backend of its kind."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

from lib import targets
from lib.config import Config
from lib.errors import ConfigError
from lib.masking import masked_text, secrets_of
from lib.targetspecs import TargetSpec
from lib.wire.rpc import Rpc
from model.backends import answers
from model.backends.base import CAPABILITIES, Backend
from model.backends.foreign import ForeignBackend
from model.backends.rtorrent import RTorrentBackend
from model.backends.simple import SimpleBackend
from model.backends.transmission import TransmissionBackend

_TIMEOUT = 10.0  # seconds


def make_backend(
    spec: TargetSpec, config: Config | None = None, connection: Callable[[str], Rpc] = targets.connection
) -> Backend:
    """The backend of one configured client; nothing is sent yet, unless a user's class does so when it is made.

    :param config: the other settings, such as how long a client may take.
    :param connection: finds the connection of an rTorrent by its name; those of the process, if not given.
    :raises ConfigError: it cannot be made of this; says why.
    """
    timeout = config.RPC_TIMEOUT if config else _TIMEOUT
    if spec.kind == 'rtorrent':
        return RTorrentBackend(connection(spec.name), socket=_socket(spec.url))
    if spec.kind == 'transmission':
        return TransmissionBackend(spec.name, url=spec.url, timeout=timeout, **spec.options)
    kind = spec.client if isinstance(spec.client, type) else _class(spec, config)
    if issubclass(kind, Backend):
        return ForeignBackend(_whole(spec, kind), spec.options, timeout=timeout)
    return SimpleBackend(spec.name, kind, spec.options, timeout=timeout)


def _socket(url: str) -> str:
    """The path in the URL of a unix socket, else ``''``."""
    return unquote(url.removeprefix('scgi://')) if url.startswith('scgi:///') else ''


def _class(spec: TargetSpec, config: Config | None) -> type:
    """The class that ``module:Class`` names; the module may lie beside ``config.py``."""
    place = str(spec.client)
    where = f"rtorrent_config[{spec.name!r}]['client'] = {place!r}"
    module_name, _, name = place.partition(':')
    _search_beside(config)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and module_name.split('.')[0] == error.name.split('.')[0]:
            raise ConfigError(
                f'{where}: there is no module {module_name}. Put {module_name.replace(".", "/")}.py beside '
                'config.py, or install it where pyroTorrent is installed.'
            ) from error
        raise ConfigError(f'{where}: {module_name} needs the module {error.name}; install it.') from error
    except BaseException as error:  # somebody's code: even SystemExit
        raise ConfigError(
            f'{where}: {module_name} cannot be imported: {type(error).__name__}: {str(error)[:300]}'
        ) from error
    kind = getattr(module, name, None)
    if not isinstance(kind, type):
        classes = [key for key, value in vars(module).items() if isinstance(value, type) and key[0] != '_']
        has = f'it has {", ".join(sorted(classes)[:10])}' if classes else 'it has none'
        raise ConfigError(f'{where}: there is no class {name} in {module.__file__ or module_name}; {has}.')
    return kind


def _search_beside(config: Config | None) -> None:
    """Have modules beside the configuration found; last of all, so that none hides another."""
    place = str(Path(config.source).resolve().parent) if config and config.source else ''
    if place and place not in sys.path:
        sys.path.append(place)


def _whole(spec: TargetSpec, kind: type[Backend]) -> Backend:
    """A backend that keeps the whole contract by itself (:mod:`.base`); it is made with its name and the options."""
    where = f'rtorrent_config[{spec.name!r}]: the class {kind.__name__}'
    missing = sorted(getattr(kind, '__abstractmethods__', ()))
    if inspect.isabstract(kind):
        raise ConfigError(f'{where} lacks {", ".join(missing)}; model/backends/base.py tells what they do.')
    make: Callable[..., Backend] = kind  # what it is made with is its own business
    try:
        backend = make(spec.name, **spec.options)
    except (Exception, SystemExit) as error:
        why = masked_text(str(error)[:300], secrets_of(spec.options))
        raise ConfigError(
            f'{where} cannot be made with a name and its options: {type(error).__name__}: {why}'
        ) from None
    wrong = [
        key
        for key, fits in (
            ('name', getattr(backend, 'name', None) == spec.name),
            ('kind', isinstance(getattr(backend, 'kind', None), str)),
            ('capabilities', _capable(getattr(backend, 'capabilities', None))),
            ('choices', answers.choices(getattr(backend, 'choices', None))),
        )
        if not fits
    ]
    if wrong:
        raise ConfigError(
            f'{where} sets {", ".join(wrong)} wrongly: name is the first argument, kind a text, capabilities a '
            'frozenset of words of model.backends.base.CAPABILITIES, and choices a mapping of tuples of texts.'
        )
    return backend


def _capable(found: object) -> bool:
    return isinstance(found, frozenset) and found <= CAPABILITIES
