from __future__ import annotations

import contextlib
import xmlrpc.client
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.errors import BadReply, Fault, MethodMissing, NoSuchTorrent, UsageError, WireError
from lib.wire import expat, scan, table
from lib.wire import xmlrpc as codec
from lib.wire.table import Unusual
from tests.wire.fakes import fault, text, xml
from tests.wire.rendering import (
    INTEGERS,
    STRINGS,
    VALUES,
    compact,
    lines,
    loose,
    mutilate,
    reference,
    tables,
    theirs,
)

REPLIES = sorted((Path(__file__).parent / 'replies').glob('*.xml'))


# Requests


def _as_sent(value: Any) -> Any:
    """Text with characters beyond 16 bits goes as bytes, since xmlrpc-c takes no such text."""
    if isinstance(value, str):
        return value.encode() if any(ord(char) > 0xFFFF for char in value) else value
    if isinstance(value, list):
        return [_as_sent(item) for item in value]
    return {key: _as_sent(item) for key, item in value.items()} if isinstance(value, dict) else value


@given(VALUES, STRINGS)
def test_a_request_says_exactly_what_was_meant(value: Any, words: str) -> None:
    params, method = xmlrpc.client.loads(codec.dumps('d.custom.set', ['', value, words]))
    assert method == 'd.custom.set'
    assert theirs(list(params)) == ['', _as_sent(value), _as_sent(words)]


def test_a_request_byte_for_byte() -> None:
    assert (
        codec.dumps('m.n', ['é', 5, -(2**31), 2**31, True, b'\0', [1], {'a': ''}])
        == (
            '<?xml version="1.0"?>\n<methodCall><methodName>m.n</methodName><params>'
            '<param><value><string>é</string></value></param><param><value><i4>5</i4></value></param>'
            '<param><value><i4>-2147483648</i4></value></param><param><value><i8>2147483648</i8></value></param>'
            '<param><value><i4>1</i4></value></param><param><value><base64>AA==</base64></value></param>'
            '<param><value><array><data><value><i4>1</i4></value></data></array></value></param>'
            '<param><value><struct><member><name>a</name><value><string></string></value></member></struct></value></param>'
            '</params></methodCall>'
        ).encode()
    )


def test_several_calls_are_structs_of_method_name_and_then_params() -> None:
    body = codec.multicall_dumps([('a', ['x', 1]), ('b', [])])
    assert xmlrpc.client.loads(body) == (
        ([{'methodName': 'a', 'params': ['x', 1]}, {'methodName': 'b', 'params': []}],),
        'system.multicall',
    )
    for member in body.split(b'<struct>')[1:]:
        assert member.startswith(b'<member><name>methodName</name>')
        assert b'<member><name>params</name>' in member


@pytest.mark.parametrize(
    'value',
    [
        2**63,
        -(2**63) - 1,
        1.5,
        None,
        object(),
        'a\0b',
        '\x1b',
        '\ud800',
        '\ufffe',
        {'\0': 1},
        {1: 2},
        ['ok', ['\x07']],
    ],
)
def test_values_that_cannot_be_carried_are_refused(value: Any) -> None:
    with pytest.raises(UsageError):
        codec.dumps('m', [value])


def test_nesting_without_end_is_refused() -> None:
    value: list[Any] = []
    value.append(value)
    with pytest.raises(UsageError, match='nested'):
        codec.dumps('m', [value])


@pytest.mark.parametrize('name', ['', ' ', 'a b', 'a<b', 'a&b', 'ä', 'a\n', 'x' * 201])
def test_names_that_are_none_are_refused(name: str) -> None:
    for attempt in (lambda: codec.dumps(name, []), lambda: codec.multicall_dumps([(name, [])])):
        with pytest.raises(UsageError):
            attempt()


# Replies


@pytest.mark.parametrize('style', [compact, lines, loose])
@given(value=VALUES)
def test_replies_mean_what_xmlrpc_client_says(style: Any, value: Any) -> None:
    reply = style(value).encode()
    assert repr(codec.loads(reply)) == repr(reference(reply))


@pytest.mark.parametrize('style', [compact, lines])
@given(table=tables())
def test_tables_are_read_the_quick_way(style: Any, table: list[tuple[Any, ...]]) -> None:
    reply = style(table)
    with contextlib.suppress(Unusual):
        assert scan.parse(reply, 1) == table
    if all(abs(cell) < 10**18 for row in table for cell in row if isinstance(cell, int)):
        assert scan.parse(reply, 1) == table
    assert codec.rows(reply.encode()) == table == [tuple(row) for row in reference(reply.encode())]
    assert codec.multicall_loads(style([[table], [7]]).encode()) == [table, 7]


@settings(max_examples=1500)
@given(st.sampled_from([compact, lines]), tables() | VALUES, st.randoms(use_true_random=False))
def test_what_the_quick_parser_takes_the_complete_one_takes_just_so(
    style: Any, value: Any, random: Random
) -> None:
    damaged = mutilate(style(value), random)
    try:
        quick = scan.parse(damaged)
    except (Unusual, scan.FaultReply):
        return
    except BadReply:
        with pytest.raises(BadReply):
            expat.parse(damaged)
        return
    assert repr(quick) == repr(expat.parse(damaged))


DAMAGED = st.tuples(VALUES, st.randoms()).map(lambda drawn: mutilate(lines(drawn[0]), drawn[1]))


@given(st.binary() | (STRINGS | DAMAGED).map(str.encode))
def test_only_errors_of_ours_for_any_bytes(reply: bytes) -> None:
    for read in codec.loads, codec.rows, codec.multicall_loads:
        with contextlib.suppress(WireError):
            read(reply)


@pytest.mark.parametrize('path', REPLIES, ids=lambda path: path.stem)
def test_recorded_replies(path: Path) -> None:
    reply = path.read_bytes()
    try:
        expected = reference(reply)
    except xmlrpc.client.Fault as wanted:
        with pytest.raises(Fault) as caught:
            codec.loads(reply)
        assert (caught.value.fault_code, caught.value.text) == (wanted.faultCode, wanted.faultString)
        return
    assert repr(codec.loads(reply)) == repr(expected) == repr(scan.parse(reply.decode()))
    assert repr(expat.parse(reply.decode())) == repr(expected)


def test_there_are_recorded_replies_of_both_versions() -> None:
    assert {path.stem.rpartition('-')[2] for path in REPLIES} == {'0.9.8', '0.16'}
    assert len(REPLIES) == 26


# Bytes that do not belong


ROW = '<value><array><data><value><string>%s</string></value><value><i8>1</i8></value></data></array></value>'


def poisoned(bad: bytes) -> list[tuple[Any, ...]]:
    good, other = ROW % 'good é', ROW % 'tab\there'
    reply = xml(f'<value><array><data>{good}{ROW % "@@"}{other}</data></array></value>')
    return codec.rows(reply.replace(b'@@', b'a' + bad + b'b'))


@pytest.mark.parametrize('code', [*range(1, 9), 11, 12, *range(14, 32)])
def test_a_control_byte_costs_one_character(code: int) -> None:
    assert poisoned(bytes([code])) == [('good é', 1), ('a\ufffdb', 1), ('tab\there', 1)]


@pytest.mark.parametrize(
    ('bad', 'shown'),
    [
        (b'\0', '\ufffd'),
        (b'\xff', '\ufffd'),
        (b'\xed\xa0\x80', '\ufffd' * 3),
        (b'\xf5', '\ufffd'),
        (b'\xc3', '\ufffd'),
        (b'\xe9t\xe9', '\ufffdt\ufffd'),
        (b'\xef\xbf\xbe', '\ufffd'),
        (b'\xef\xbf\xbf', '\ufffd'),
        (b'\x7f', '\x7f'),
        (b'\xf0\x9f\x98\x80', '😀'),
        (b'\x01\xff&lt;\x02', '\ufffd\ufffd<\ufffd'),
    ],
)
def test_illegal_bytes_cost_themselves_only(bad: bytes, shown: str) -> None:
    assert poisoned(bad) == [('good é', 1), (f'a{shown}b', 1), ('tab\there', 1)]


@pytest.mark.parametrize('bad', [b'\x01', b'\xff', b'\xef\xbf\xbe'])
def test_one_bad_byte_leaves_the_table_to_the_quick_parser(
    bad: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = table.read
    attempts: list[bool] = []

    def watch(text: str, at: int, blank: str) -> Any:
        """Whether each attempt at a table took it; one that gives up has to do so before any row is read alone."""
        attempts.append(False)
        taken = read(text, at, blank)
        attempts[-1] = taken is not None
        return taken

    monkeypatch.setattr(expat, 'parse', None)
    monkeypatch.setattr(table, 'read', watch)
    assert len(poisoned(bad)) == 3
    assert attempts in ([False, True], [True])


def test_a_byte_order_mark_is_no_harm() -> None:
    assert codec.loads(b'\xef\xbb\xbf' + text('x')) == 'x'


@pytest.mark.parametrize('style', [compact, lines])
def test_a_reply_that_is_cut_off_anywhere_is_a_bad_reply(style: Any) -> None:
    reply = style([('a', 1), ('b', 2)]).rstrip().encode()
    for end in range(len(reply)):
        with pytest.raises(BadReply):
            codec.loads(reply[:end])


@pytest.mark.parametrize(
    ('reply', 'said'),
    [
        (b'', 'is empty'),
        (b'\r\n', 'is empty'),
        (b'<html><body>hello</body></html>', 'not XML-RPC'),
        (b'{"result": 1}', 'not XML-RPC'),
        (b'\x1f\x8b\x08', 'not XML-RPC'),
        (b'<methodResponse><params><param><value><i8>', 'cut off'),
        (b'<methodResponse><params></value>', 'not well-formed'),
        (b'<methodResponse><params/></methodResponse>', '0 values'),
        (b'<methodCall/>', 'not XML-RPC'),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><methodResponse/>', 'document type'),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><methodResponse/>', 'document type'),
        (b'<?xml version="1.0" encoding="latin-1"?><methodResponse/>', 'only UTF-8'),
        (xml('<value><nil/></value>'), 'nil'),
        (xml('<value><i8>1.5</i8></value>'), '1.5'),
        (xml('<value><i8></i8></value>'), 'none of 64 bits'),
        (xml('<value><i8>1_000</i8></value>'), '1_000'),
        (xml('<value><i8>9223372036854775808</i8></value>'), '64 bits'),
        (xml('<value><i8>1,2</i8></value>'), '1,2'),
        (xml('<value><i8>true</i8></value>'), 'true'),
        (xml('<value><boolean>2</boolean></value>'), 'boolean'),
        (xml('<value><double>nan</double></value>'), 'double'),
        (xml('<value><double>1e999</double></value>'), 'double'),
        (xml('<value><base64>a</base64></value>'), 'base64'),
        (xml('<value><i8>1</i8><i8>2</i8></value>'), 'more than one'),
        (xml('<value>1</value><value>2</value>'), '2 values'),
        (xml('<value><array><value>1</value></array></value>'), '“value”'),
        (xml('<value><struct><member><value>1</value></member></struct></value>'), 'lacks its name'),
        (xml('<value><string><b/></string></value>'), '“b”'),
        (b'<methodResponse><fault><value>1</value></fault></methodResponse>', 'without code'),
    ],
)
def test_bad_replies_say_what_is_wrong(reply: bytes, said: str) -> None:
    with pytest.raises(BadReply, match=said) as caught:
        codec.loads(reply)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize('depth', [33, 40, 2000, 100_000])
def test_nesting_is_bounded(depth: int) -> None:
    opened, closed = '<value><array><data>' * depth, '</data></array></value>' * depth
    for reply in (xml(opened + closed), xml(opened)):
        with pytest.raises(BadReply):
            codec.loads(reply)


def test_the_nesting_of_a_table_among_several_calls_is_fine() -> None:
    value: Any = 1
    for _ in range(31):
        value = [value]
    assert codec.loads(lines(value).encode()) == value


def test_other_types_of_xmlrpc() -> None:
    assert codec.loads(xml('<value>plain &amp; simple</value>')) == 'plain & simple'
    assert codec.loads(xml('<value></value>')) == ''
    assert codec.loads(xml('<value><double> -1.5e2 </double></value>')) == -150.0
    assert codec.loads(xml('<value><int>+007</int></value>')) == 7
    assert codec.loads(xml('<value><string><![CDATA[<b>]]></string></value>')) == '<b>'


def test_numbers_with_zeros_in_front_in_a_table() -> None:
    table = lines([('a', 1), ('b', -1)]).replace('1<', '007<')
    assert scan.parse(table) == codec.loads(table.encode()) == [['a', 7], ['b', -7]]


def test_a_table_whose_rows_differ_is_a_table_all_the_same() -> None:
    table = [('a', 1), (2, 'b'), ('c',), (), ('d', ['e'])]
    assert codec.rows(lines(table).encode()) == [('a', 1), (2, 'b'), ('c',), (), ('d', ['e'])]


def test_a_table_of_hundreds_of_columns() -> None:
    table = [tuple(range(300)), tuple(map(str, range(300)))]
    assert codec.rows(lines(table).encode()) == table


def test_what_is_no_table() -> None:
    for value in 'text', 5, ['a'], [['a'], 'b'], {'a': 1}:
        with pytest.raises(BadReply, match='table'):
            codec.rows(lines(value).encode())
    assert codec.rows(lines([]).encode()) == []


# Faults


@pytest.mark.parametrize(
    ('code', 'words', 'kind'),
    [
        (-506, "Method 'nope' not defined", MethodMissing),
        (-32601, 'method not found', MethodMissing),
        (-503, 'Command "d.nosuch" does not exist.', MethodMissing),
        (-501, 'Could not find info-hash.', NoSuchTorrent),
        (-500, 'invalid parameters: info-hash not found', NoSuchTorrent),
        (-503, 'Wrong object type.', Fault),
    ],
)
def test_faults(code: int, words: str, kind: type[Fault]) -> None:
    for read in codec.loads, codec.rows, codec.multicall_loads:
        with pytest.raises(Fault) as caught:
            read(fault(code, words))
        assert type(caught.value) is kind
        assert (caught.value.fault_code, caught.value.text) == (code, words)


def test_the_text_of_a_fault_is_cleaned_and_short() -> None:
    with pytest.raises(Fault) as caught:
        codec.loads(fault(-503, 'a\x1b' + 'x' * 1_000_000))
    assert caught.value.text == 'a\ufffd' + 'x' * 498


def test_faults_among_several_results_stay_in_their_place() -> None:
    one = {'faultCode': -506, 'faultString': 'nope'}
    results = codec.multicall_loads(lines([[1], one, [['a', 'b']], [[]], [[['a', 1]]]]).encode())
    assert [results[0], *results[2:]] == [1, ['a', 'b'], [], [('a', 1)]]
    assert isinstance(results[1], MethodMissing)


@pytest.mark.parametrize(
    'value', ['x', {'a': 1}, [5], [[1, 2]], [[]], [{'faultCode': 1}], [{'faultCode': 'x'}]]
)
def test_results_that_are_none(value: Any) -> None:
    with pytest.raises(BadReply):
        codec.multicall_loads(lines(value).encode())


@given(INTEGERS)
def test_numbers_of_all_sizes(number: int) -> None:
    assert codec.rows(lines([[number]]).encode()) == [(number,)]
