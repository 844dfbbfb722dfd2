"""``conform``: whether a client keeps the promises of a backend, told check by check."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from lib import config as configuration
from lib import targets
from lib.errors import ConfigError, UnknownName
from model.actions import check_hash
from model.backends.base import Backend
from model.backends.conformance import Check, Kit, Result, checks, run
from model.backends.load import make_backend

_WORDS = {'kept': ('ok', 'green'), 'broken': ('NOT', 'red'), 'not tried': ('–', 'dim')}


def conform(options: Namespace) -> int:
    """Run the checks on one configured client; 1 where a promise is broken."""
    console = Console(soft_wrap=True, highlight=False)
    effective = configuration.load(options.config)
    specs = effective.targets
    if options.name not in specs:
        raise UnknownName('client', options.name, specs)
    targets.configure(effective)
    backend = make_backend(specs[options.name], effective)
    own = check_hash(options.torrent) if options.torrent else ''
    wanted = _wanted(options)
    if any(check.writes for check in wanted) and not (options.yes or _agreed(backend, own)):
        console.print('Nothing was done.')
        return 1
    with Kit(backend, own=own) as kit:
        results: list[Result] = []
        for result in run(kit, wanted):
            _show(console, result, {each.message: each.check.name for each in reversed(results)})
            results.append(result)
    counts = Counter(result.state for result in results)
    told = ', '.join(f'{counts[state]} {state}' for state in _WORDS)
    console.print(Text(f'{backend.name} ({backend.kind}): {told}, of {len(results)}.'))
    return 1 if counts['broken'] else 0


def _wanted(options: Namespace) -> list[Check]:
    known = {check.name: check for check in checks(write=options.write)}
    for name in options.only or ():
        if name not in known:
            raise UnknownName('check', name, known)
    return [check for check in known.values() if not options.only or check.name in options.only]


def _agreed(backend: Backend, own: str) -> bool:
    """Whether somebody at the terminal agrees to what is about to happen."""
    what = 'Torrents whose names begin with “pyrotorrent-check” will be added, changed and removed'
    if own:
        what = f'The torrent {own} will be started, stopped, changed and removed'
    print(f'{what} in {backend.name}, and its limits changed for a moment. No other torrent is touched.')
    if not sys.stdin.isatty():
        raise ConfigError('There is no terminal to ask at. Say --yes to agree beforehand.')
    return input('Go on? [y/N] ').strip().lower() in ('y', 'yes')


def _show(console: Console, result: Result, told: Mapping[str, str]) -> None:
    """Print a result. A failure that breaks many checks is told in full at the first, which ``told`` names."""
    word, style = _WORDS[result.state]
    line = Text.assemble((f'{word:<4}', style), result.check.name)
    broken = result.state == 'broken'
    if broken and result.message in told:
        line.append(f': the same as “{told[result.message]}”.')
    elif result.message:
        line.append(f': {result.message}')
    if broken:
        line.append(f'\n    Why it matters: {result.check.why}')
    console.print(line)
