"""The settings table and the loader of config.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib import config
from lib.errors import ConfigError


def write(tmp_path: Path, text: str) -> str:
    file = tmp_path / 'config.py'
    file.write_text(text)
    return str(file)


def test_the_seeds_file_is_valid(tmp_path: Path) -> None:
    loaded = config.load(
        write(
            tmp_path,
            """
            # Place all your globals here
BASE_URL = '/torrent'
STATIC_URL = '/static/torrent'
rtorrent_config = {'host': '192.168.1.70', 'port': 80, 'url': ''}
session_options = {'session.cookie_expires': True}
""".replace('            #', '#'),
        )
    )
    assert loaded.BASE_URL == '/torrent'
    assert loaded.static_url == '/static/torrent'
    assert [(spec.name, spec.url) for spec in loaded.targets.values()] == [
        ('rtorrent', 'http://192.168.1.70:80/RPC2')
    ]


@pytest.mark.parametrize(
    ('entry', 'url'),
    [
        ({'scgi': {'unix-socket': '/run/rt.sock'}}, 'scgi:///run/rt.sock'),
        ({'scgi': {'host': '127.0.0.1', 'port': 5000}}, 'scgi://127.0.0.1:5000'),
        ({'scgi': {'host': '::1', 'port': 5000}}, 'scgi://[::1]:5000'),
        ({'http': {'host': 'box', 'port': 8080, 'url': '/x/RPC2'}}, 'http://box:8080/x/RPC2'),
        ({'http': {'host': 'box', 'port': 8080, 'url': ''}}, 'http://box:8080/RPC2'),
        ({'url': 'https://u:p@box/RPC2'}, 'https://u:p@box/RPC2'),
    ],
)
def test_forms_of_a_target(entry: dict[str, object], url: str) -> None:
    assert config.make({'rtorrent_config': {'home': entry}}).targets['home'].url == url


@pytest.mark.parametrize(
    ('values', 'words'),
    [
        ({'BASE_ULR': '/x'}, ['BASE_ULR', 'BASE_URL']),
        ({'HERE': '/srv'}, ['HERE', 'Names of your own are written in small letters.']),
        ({'BASE_URL': '/a\r\nSet-Cookie: x'}, ['BASE_URL']),
        ({'BASE_URL': 'torrent'}, ['BASE_URL', '/torrent']),
        ({'HTTP_PORT': '80'}, ['HTTP_PORT', 'int']),
        ({'HTTP_PORT': 70000}, ['HTTP_PORT', '65535']),
        ({'USE_AUTH': 'no'}, ['USE_AUTH', 'bool']),
        ({'ALLOWED_HOSTS': ['http://x']}, ['ALLOWED_HOSTS', 'scheme']),
        ({'ALLOWED_HOSTS': [1]}, ['ALLOWED_HOSTS', 'string']),
        ({'TRUSTED_PROXIES': ['proxy']}, ['TRUSTED_PROXIES', 'network']),
        ({'DOWNLOAD_ROOTS': ['/']}, ['DOWNLOAD_ROOTS']),
        ({'DOWNLOAD_ROOTS': ['relative']}, ['DOWNLOAD_ROOTS', 'absolute']),
        ({'RPC_CONNECTIONS': 5}, ['RPC_CONNECTIONS', '4']),
        ({'SIZE_UNITS': 'si'}, ['SIZE_UNITS', 'decimal']),
        ({'USE_AUTH': False, 'ALLOWED_HOSTS': ['*']}, ['USE_AUTH', 'ALLOWED_HOSTS']),
        ({'rtorrent_config': {'home': {}}}, ['home', 'url']),
        ({'rtorrent_config': {'home': {'scgi': {'unix': '/x'}}}}, ['home', 'unix-socket']),
        ({'rtorrent_config': {'a/b': {'url': 'scgi:///x'}}}, ['a/b', 'name']),
        ({'rtorrent_config': {'home': {'http': {'host': 'x', 'port': '80'}}}}, ['home', 'port']),
        ({'rtorrent_config': {'home': {'http': {'host': 'x/../y', 'port': 80}}}}, ['home', 'host']),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(values: dict[str, object], words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        config.make(values)
    for word in words:
        assert word in str(caught.value)


def test_a_file_that_is_not_python_says_so(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='SyntaxError'):
        config.load(write(tmp_path, 'BASE_URL ='))


def test_a_named_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match='does not exist'):
        config.load(str(tmp_path / 'nothing.py'))
    with pytest.raises(ConfigError, match='does not exist'):
        config.load(None, {'PYROTORRENT_CONFIG': str(tmp_path / 'nothing.py')})


def test_the_environment_names_the_file(tmp_path: Path) -> None:
    file = write(tmp_path, "BASE_URL = '/here'")
    assert config.load(None, {'PYROTORRENT_CONFIG': file}).BASE_URL == '/here'


def test_lower_case_names_are_the_files_own(tmp_path: Path) -> None:
    assert config.load(write(tmp_path, "import os\nhome = '/x'\nBASE_URL = home")).BASE_URL == '/x'


def test_defaults_do_not_share_their_lists() -> None:
    config.make({}).ALLOWED_HOSTS.append('evil')
    assert 'evil' not in config.make({}).ALLOWED_HOSTS


def test_values_are_written_as_the_file_has_them() -> None:
    assert config.written('FCGI_SOCKET_MODE', config.Config().FCGI_SOCKET_MODE) == '0o660'
    assert config.written('FCGI_QUEUE', 0o660) == '432'
