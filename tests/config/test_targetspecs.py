"""What may stand in ``rtorrent_config``, and what is said of the rest."""

from __future__ import annotations

from typing import Any

import pytest

from lib import config, targets
from lib.errors import ConfigError, UnknownName, UsageError
from lib.masking import masked
from lib.targetspecs import TargetSpec, target_specs

USUAL = 'http://box:9091/transmission/rpc'


def spec(entry: object) -> TargetSpec:
    return target_specs({'home': entry})['home']


@pytest.mark.parametrize(
    ('entry', 'url', 'user', 'password'),
    [
        ({'transmission': {'host': 'box'}}, USUAL, '', ''),
        (
            {'transmission': {'host': '::1', 'port': 90, 'path': '/t/rpc', 'user': 'u', 'password': 'p:/@'}},
            'http://[::1]:90/t/rpc',
            'u',
            'p:/@',
        ),
        ({'transmission': {'host': 'box', 'tls': True}}, 'https://box:443/transmission/rpc', '', ''),
        ({'url': 'transmission://box'}, USUAL, '', ''),
        ({'url': 'transmission://box/'}, USUAL, '', ''),
        ({'url': 'transmission://u:p%40%2F@box:1/x'}, 'http://box:1/x', 'u', 'p@/'),
        ({'url': 'transmission+https://u:p@box'}, 'https://box:443/transmission/rpc', 'u', 'p'),
    ],
)
def test_forms_of_a_transmission(entry: dict[str, Any], url: str, user: str, password: str) -> None:
    found = spec(entry)
    assert (found.kind, found.url, dict(found.options)) == (
        'transmission',
        url,
        {'user': user, 'password': password},
    )


class Mine:
    """A class of somebody's."""


@pytest.mark.parametrize('client', ['mymodule:MyClient', 'a.b_c:D', Mine])
def test_a_client_of_ones_own(client: object) -> None:
    found = spec({'client': client, 'options': {'port': 6800, 'secret': 'x'}, 'interval': 2})
    assert (found.kind, found.client, found.options, found.interval) == (
        'client',
        client,
        {'port': 6800, 'secret': 'x'},
        2.0,
    )
    assert not spec({'client': client}).options


@pytest.mark.parametrize(
    'entry',
    [
        {'url': 'scgi:///x', 'interval': 0.2},
        {'scgi': {'host': 'x', 'port': 1}, 'interval': 0.2},
        {'transmission': {'host': 'x'}, 'interval': 0.2},
        {'url': 'transmission://x', 'interval': 0.2},
        {'client': 'a:B', 'interval': 0.2},
    ],
)
def test_every_form_takes_an_interval(entry: dict[str, Any]) -> None:
    assert spec(entry).interval == 0.2
    assert spec({key: value for key, value in entry.items() if key != 'interval'}).interval is None


def test_the_flat_form_takes_an_interval() -> None:
    [found] = target_specs({'host': 'box', 'port': 80, 'url': '', 'interval': 3}).values()
    assert (found.url, found.interval) == ('http://box:80/RPC2', 3.0)


@pytest.mark.parametrize(
    ('entry', 'words'),
    [
        ('scgi:///x', ['mapping', 'url']),
        ({}, ['exactly one', 'transmission']),
        ({'url': 'scgi:///x', 'client': 'a:B'}, ['exactly one']),
        ({'url': 'scgi:///x', 'options': {}}, ["'options'", "'url'"]),
        ({'client': 'a:B', 'option': {}}, ["'option'"]),
        ({'client': 'a.B'}, ['module:Class', "'a.B'"]),
        ({'client': 'a:B()'}, ['module:Class']),
        ({'client': Mine()}, ['module:Class']),
        ({'client': 'a:B', 'options': [1]}, ['options', 'mapping']),
        ({'client': 'a:B', 'options': {1: 2}}, ['options', 'mapping']),
        ({'url': 'scgi:///x', 'interval': 0.1}, ['interval', '0.2', '0.1']),
        ({'url': 'scgi:///x', 'interval': True}, ['interval', 'True']),
        ({'url': 'scgi:///x', 'interval': '1'}, ['interval', "'1'"]),
        ({'url': 'scgi:///x', 'interval': float('nan')}, ['interval', 'nan']),
        ({'url': 7}, ["'url'", 'right type']),
        ({'transmission': 'box'}, ["'transmission'", 'right type']),
        ({'transmission': {}}, ["'host'"]),
        ({'transmission': {'host': 'box', 'unix-socket': '/x'}}, ['unix-socket', "'tls'"]),
        ({'transmission': {'host': 'box', 'port': '9091'}}, ["'port'", "'9091'"]),
        ({'transmission': {'host': 'box', 'tls': 1}}, ["'tls'", 'True or False']),
        ({'transmission': {'host': 'box', 'path': 'rpc'}}, ["'path'", '/transmission/rpc']),
        ({'transmission': {'host': 'box', 'user': 'a:b'}}, ["'user'", 'colon']),
        ({'url': 'transmission://'}, ['transmission://user']),
        ({'url': 'transmission://box:0'}, ['port']),
    ],
)
def test_a_wrong_entry_is_named_with_its_remedy(entry: object, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        spec(entry)
    for word in ["rtorrent_config['home']", *words]:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    'entry',
    [
        {'url': 'transmission://u:hunter2@box:x'},
        {'url': 'transmission://u:hunter2@box/?q'},
        {'url': 'transmission://u:hunter2@'},
        {'url': 'transmission://u:hunter2#@box'},
        {'url': 'transmission://u:hunter2@bo x'},
        {'transmission': {'host': 'u:hunter2@box'}},
        {'transmission': {'host': 'box', 'password': 'hunter2\n'}},
        {'transmission': {'host': 'box', 'password': ['hunter2']}},
    ],
)
def test_no_message_shows_a_password(entry: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        spec(entry)
    assert 'hunter2' not in str(caught.value)


def test_what_is_printed_of_a_specification_has_no_secrets() -> None:
    assert 'hunter2' not in repr(spec({'url': 'http://u:hunter2@box/RPC2'}))
    assert 'hunter2' not in repr(spec({'client': 'a:B', 'options': {'word': 'hunter2'}}))


@pytest.mark.parametrize(
    'value',
    [
        {'home': {'transmission': {'password': 'hunter2'}}},
        {'home': {'url': 'transmission://u:hunter2@box'}},
        {'home': {'url': 'transmission://u:a@hunter2@box'}},
        {'home': {'url': 'https://box/rpc?token=hunter2&x=1'}},
        {'home': {'client': 'a:B', 'options': {'secret': 'hunter2'}}},
        {'home': {'client': 'a:B', 'options': {'rpc_token': 'hunter2', 'passwd': b'hunter2'}}},
        {'home': {'client': 'a:B', 'options': {'servers': [{'auth': ('u', 'hunter2')}]}}},
    ],
)
def test_the_printed_configuration_masks_secrets(value: dict[str, Any]) -> None:
    shown = repr(masked(value, 'rtorrent_config'))
    assert 'hunter2' not in shown
    assert 'home' in shown


def test_only_rtorrents_get_a_connection() -> None:
    entries = {'own': {'client': Mine}, 'box': {'url': 'scgi:///x'}, 'tr': {'url': 'transmission://x'}}
    targets.configure(config.make({'rtorrent_config': entries}))
    try:
        assert targets.names() == ['box']
        assert list(targets.specs()) == ['own', 'box', 'tr']
        assert targets.connection().target == 'box'
        with pytest.raises(UsageError, match='“own” is no rTorrent'):
            targets.connection('own')
        with pytest.raises(UnknownName):
            targets.connection('nix')
        targets.configure(config.make({'rtorrent_config': {'own': {'client': Mine}}}))
        with pytest.raises(ConfigError, match='No rTorrent is configured'):
            targets.connection()
    finally:
        targets.reset()
