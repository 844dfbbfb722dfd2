"""The types of arguments, and how objects are named to rTorrent."""

from __future__ import annotations

import pytest

from lib.errors import UsageError
from lib.methods import arguments, check, find, subjects

HASH = '8EB5801B88D34D50A6E7594B6678A2CF6224766E'

GOOD: dict[str, list[object]] = {
    'flag': [0, 1, True, False],
    'count': [0, 50, 2**16 - 1],
    'positive': [1],
    'numwant': [-1, 0],
    'size': [0, 2**63 - 1],
    'rate': [0, 20480, 2**32 - 1],
    'port': [1, 65535],
    'group': [0, 32],
    'priority': [0, 3],
    'file_priority': [0, 2],
    'text': ['', 'a\tb\nc', '$execute.nothrow=x', '"q";(x){y},z\\', '😀\u202e', 'x' * 4096],
    'key': ['a', 'tm_loaded', 'A.b-C_9', 'x' * 64],
    'throttle': ['', 'slow', 'NULL'],
    'throttle_name': ['slow'],
    'directory': ['/', '/srv/data', '/srv/a b/$x/..c', '/~'],
    'view': ['main', 'my view', '$x'],
    'address': ['0.0.0.0', '2001:db8::1'],
    'endpoint': ['192.0.2.1:6881', '[2001:db8::1]:1'],
    'port_range': ['6881-6881', '1-65535'],
    'tracker_url': [
        'http://tracker.example/announce',
        'udp://t.example:6969',
        'https://[2001:db8::1]:8/a?k=%20',
    ],
    'encryption': ['require_RC4', 'handshake_allow'],
    'connection': ['leech', 'initial_seed'],
    'dht_mode': ['disable', 'on'],
}

HOSTILE: list[object] = [None, [], {}, 1.5, b'bytes', ['a'], {'a': 1}, float('nan'), 2**63, -(2**63) - 1]
TEXTS: list[object] = ['', '1', 'x\0', 'x\r', '\x1b', '\ud800', '\uffff', 'x' * 5000]

BAD: dict[str, list[object]] = {
    'flag': [2, -1, *TEXTS],
    'count': [-1, 2**16, True, *TEXTS],
    'positive': [0, *TEXTS],
    'numwant': [-2, 2**16, *TEXTS],
    'size': [-1, True, *TEXTS],
    'rate': [-1, 2**32, *TEXTS],
    'kib': [-1, 2**22 + 1, *TEXTS],
    'port': [0, 65536, *TEXTS],
    'group': [-1, 33, *TEXTS],
    'priority': [-5, 4, 99, *TEXTS],
    'file_priority': [3, *TEXTS],
    'text': [1, True, *TEXTS[2:]],
    'label': [1, '😀' * 400, *TEXTS[2:]],
    'key': [
        1,
        *TEXTS[2:],
        '',
        'a b',
        'a,b',
        'a=b',
        '$a',
        'a;b',
        'a\n',
        'é',
        'x' * 65,
        'a"',
        '{a}',
        '(a)',
        'a$b',
    ],
    'throttle': [0, 'a b', '$x', *TEXTS[2:]],
    'throttle_name': ['', '$x', *TEXTS[2:]],
    'directory': ['', 'srv', './x', '~', '~/x', '/a/../b', '/..', '/a\nb', '/a\0b', '/\x7f', '/\x85', *TEXTS],
    'view': [0, '', 'x' * 256, *TEXTS[2:]],
    'address': [0, 'localhost', '1.2.3', '127.1', '0x7f.1', '192.0.2.1:80', '1.2.3.4 ', *TEXTS],
    'endpoint': [
        '192.0.2.1',
        'host:1',
        '192.0.2.1:0',
        '192.0.2.1:65536',
        '192.0.2.1:+1',
        '1:2:3',
        ':1',
        *TEXTS,
    ],
    'port_range': ['6881', '2-1', '0-1', '1-65536', '1-2-3', ' 1-2', '1-2\n', '١-٢', *TEXTS],
    'tracker_url': [
        *(
            'dht://',
            'file:///etc/passwd',
            'ftp://x/',
            'udp://x:99999',
            'http://',
            'http://x:0/',
            'http://x y/',
        ),
        *(
            'http://x/\r\n',
            'http://x\\y/',
            'HTTP:/x',
            '//x/a',
            'http://-x/',
            'http://[::1/',
            'http://ü.example/',
        ),
        *('http://x/' + 'a' * 2048, 'http://[1.2.3.4]/', *TEXTS),
    ],
    'encryption': ['a b', 'a;b', '$a', *TEXTS[2:], ''],
    'connection': ['seeds', 'metadata', *TEXTS],
    'dht_mode': ['Auto', *TEXTS],
}


def test_the_cases_cover_every_type() -> None:
    assert {*GOOD, 'label', 'kib'} == set(BAD) == set(arguments.TYPES)


@pytest.mark.parametrize(
    ('kind', 'value'), [(kind, value) for kind, values in GOOD.items() for value in values]
)
def test_a_good_value_is_sent_as_it_is(kind: str, value: object) -> None:
    sent = arguments.TYPES[kind][0](value)
    assert sent == value
    assert type(sent) in (int, str)


@pytest.mark.parametrize(
    ('kind', 'value'), [(kind, value) for kind, values in BAD.items() for value in [*values, *HOSTILE]]
)
def test_a_bad_value_is_refused(kind: str, value: object) -> None:
    with pytest.raises(ValueError, match=r'\w'):
        arguments.TYPES[kind][0](value)


def test_a_label_is_encoded_as_a_browser_would() -> None:
    assert check(find('torrent', 'set_label'), ["Ä b/c!~*'()-_."]) == ["%C3%84%20b%2Fc!~*'()-_."]
    assert check(find('torrent', 'set_label'), ['$x;y,"z"']) == ['%24x%3By%2C%22z%22']


@pytest.mark.parametrize(
    ('name', 'args', 'words'),
    [
        ('get_name', ['x'], 'takes no argument; 1 given'),
        ('set_custom', ['k'], 'takes key, text; 1 given'),
        ('set_custom', ['k', 'v', 'w'], 'takes key, text; 3 given'),
        ('set_priority', [9], 'Argument 1 of set_priority must be a priority, a whole number from 0 to 3'),
    ],
)
def test_errors_say_what_is_taken(name: str, args: list[object], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        check(find('torrent', name), args, 'attributes[2]')
    assert caught.value.field == 'attributes[2]'


def test_words_of_the_encryption_policy_are_one_to_sixteen() -> None:
    method = find('rtorrent', 'set_encryption')
    assert check(method, ['none', 'enable_retry']) == ['none', 'enable_retry']
    # Without words rTorrent would set “none”.
    for words in ([], ['x'] * 17):
        with pytest.raises(UsageError):
            check(method, words)


def test_constants_of_the_table_are_not_for_callers() -> None:
    assert check(find('peer', 'ban'), []) == [1]
    assert check(find('rtorrent', 'disable_trackers'), []) == [0]
    with pytest.raises(UsageError):
        check(find('peer', 'ban'), [0])


def test_subjects() -> None:
    assert subjects.torrent(HASH.lower()) == HASH
    assert subjects.file(HASH, 0) == f'{HASH}:f0'
    assert subjects.tracker(HASH, 12) == f'{HASH}:t12'
    assert subjects.peer(HASH, 'ab' * 20) == f'{HASH}:p{"AB" * 20}'


@pytest.mark.parametrize(
    'value',
    [
        *(
            '',
            HASH[1:],
            HASH + 'A',
            HASH + ':f0',
            HASH + ':t0',
            HASH + '\n',
            ' ' + HASH[1:],
            'G' * 40,
            '٣' * 40,
        ),
        *(None, 0, [HASH], {'hash': HASH}, HASH.encode(), '$' + HASH[1:]),
    ],
)
def test_only_forty_hexadecimal_digits_name_a_torrent(value: object) -> None:
    for use in (
        lambda: subjects.torrent(value),
        lambda: subjects.file(value, 0),
        lambda: subjects.tracker(value, 0),
        lambda: subjects.peer(value, HASH),
        lambda: subjects.peer(HASH, value),
    ):
        with pytest.raises(UsageError, match='40 hexadecimal digits'):
            use()


@pytest.mark.parametrize('value', [-1, 10_000_000, 2**32, '0', True, None, 1.0, [0], '0:f1'])
def test_only_small_whole_numbers_name_a_file_or_tracker(value: object) -> None:
    for use in (subjects.file, subjects.tracker):
        with pytest.raises(UsageError, match='whole number'):
            use(HASH, value)


def test_a_throttles_rate_is_sent_as_text() -> None:
    assert check(find('rtorrent', 'set_throttle_up'), ['slow', 100]) == ['slow', '100']
