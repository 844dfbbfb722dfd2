"""The whole application over a backend of somebody's own that answers nonsense: it is contained, told and logged."""

from __future__ import annotations

import html
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
import simplejson

from lib import config, errors, targets
from lib.errors import BadReply
from lib.web import failures
from lib.wire.dial import NotSent
from model import actions
from model.backends.base import Added, AddRequest, Detail, Facts, PeerRow, WholeWatch
from model.backends.conformance import Kit, checks, run
from model.backends.foreign import MOST_CALLS, MOST_TOLD, ForeignBackend
from model.backends.load import make_backend
from model.backends.simple_values import MOST, clean
from tests.backends.clients import TWO, Plain
from tests.backends.odd import FIRST, OF_TORRENT, Hostile, Odd
from tests.live_page.synthetic import Synthetic, made
from tests.rig import wait_for
from tests.web.site import Site

OTHER = TWO.upper()
#: Where is shown what a method tells: pages (p) and addresses of the API (a).
ADDRESSES = {
    'detail': ('p', 'p?tab=files', 'p/file/0'),
    'facts': ('a',),
    'files': ('a/files',),
    'peers': ('a/peers',),
    'trackers': ('a/trackers',),
    'pieces': ('a/pieces',),
    'row': ('p/metainfo',),
}
CALM = {200, 400, 403, 404, 409, 502, 503, 504}


class Broken(Exception):
    """Cannot even be told."""

    def __str__(self) -> str:
        raise RuntimeError('no words')


class Lies:
    """Breaks whoever looks at it."""

    __class__ = property(lambda self: (_ for _ in ()).throw(RuntimeError('looked at')))  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        raise RuntimeError('compared')

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        raise RuntimeError('shown')


class Text(str):
    """A text that is none."""

    def __str__(self) -> str:
        raise RuntimeError('read')

    __format__ = __repr__ = __str__  # type: ignore[assignment]


def raises(error: BaseException) -> Odd:
    def act(real: Callable[[], Any]) -> Any:
        raise error

    return act


def returns(value: Any) -> Odd:
    return lambda real: value() if callable(value) and not isinstance(value, type) else value


def _endless() -> Iterator[Any]:
    yield None
    raise KeyError('later')


ODD: dict[str, Odd] = {
    **{
        f'returns {value!r:.40}': returns(value)
        for value in (None, 7, -1, float('nan'), 'x', b'x', [], {}, [None], (), {1: 2})
    },
    'returns a lie': returns(Lies),
    'returns a type': lambda real: Facts,
    'a generator that raises': lambda real: _endless(),
    'a list of lies': lambda real: [Lies()],
    'a million rows': lambda real: [None] * 1_000_000,
    **{
        f'raises {type(error).__name__} {number}': raises(error)
        for number, error in enumerate(
            (
                KeyError('x'), ValueError('\ud800\x1b[31m'), SystemExit(1), KeyboardInterrupt(), GeneratorExit(),
                StopIteration(), RecursionError(), MemoryError(), Broken(), ConnectionRefusedError('nobody'),
                TimeoutError('late'), OSError(5, 'x'), errors.Conflict('\ud800'), errors.NotFound(), errors.NotFound(7),
                errors.Conflict(Text('x')), errors.ConfigError('x'), errors.BadLogin('x'), errors.StateError('x'),
                errors.TooMuch('x', retry_after=1), errors.UsageError('x', field=object()),  # type: ignore[arg-type]
                errors.Fault(-1, 'No.'), errors.BadReply('x' * 100_000),
                type('Own', (errors.Conflict,), {'code': object()})('x'),
            )
        )
    },
}  # fmt: skip
#: What a value of any field is changed to.
WRONG: tuple[Any, ...] = (
    None,
    'x\ud800\x00',
    b'x',
    10**400,
    -(10**400),
    -1,
    float('nan'),
    float('inf'),
    [],
    {},
    Lies(),
    Text('x'),
)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    entries = {'odd': {'client': Hostile, 'options': {'password': 'hunter2!'}}, 'mine': {'client': Plain}}
    values = {
        'rtorrent_config': entries,
        'STATE_DIR': str(tmp_path / 'state'),
        'RPC_TIMEOUT': 30.0,
        'DOWNLOAD_ROOTS': ['/srv'],
    }
    site = Site(config.make(values))
    yield site
    site.services.close()
    targets.reset()


def hostile(site: Site) -> Hostile:
    backend = site.services.hub.get('odd')
    assert isinstance(backend, ForeignBackend)
    assert isinstance(backend.own, Hostile)
    return backend.own


class Reader:
    """Asks all addresses that tell of a torrent."""

    def __init__(self, site: Site) -> None:
        self.site, self.browser, self.program = site, site.browser('ada'), site.program('robot')

    def statuses(self, of: str = FIRST, method: str = '') -> dict[str, int]:
        """The status of each address, or of those that need this method."""
        self.site.services.trees.forget(('odd', of))
        wanted = ADDRESSES[method] if method else {each for all in ADDRESSES.values() for each in all}
        return {each: self.ask(each, of).status_code for each in sorted(wanted)}

    def ask(self, address: str, of: str = FIRST) -> Any:
        place = f'/torrent/odd/{of}{address[1:]}'
        return (
            self.browser.get(place)
            if address[0] == 'p'
            else self.program.call('GET', f'/torrents/odd/{of}{address[1:]}')
        )


def odd_fields(good: Any) -> Iterator[Any]:
    """``good`` with each of its values changed, one at a time; of lists and rows within it the first."""
    if is_dataclass(good) and not isinstance(good, type):
        for field in fields(good):
            value = getattr(good, field.name)
            within = value if (value and isinstance(value, list | tuple)) or is_dataclass(value) else None
            for wrong in (*WRONG, *(odd_fields(within) if within is not None else ())):
                yield replace(good, **{field.name: wrong})
    elif isinstance(good, list | tuple):
        for at in range(len(good) if isinstance(good, tuple) else min(1, len(good))):
            for wrong in (
                *WRONG,
                *(odd_fields(good[at]) if is_dataclass(good[at]) or isinstance(good[at], tuple) else ()),
            ):
                yield type(good)([*good[:at], wrong, *good[at + 1 :]])
    elif isinstance(good, dict):
        for key in [*good, 'new', 7]:
            yield from ({**good, key: wrong} for wrong in WRONG)


@pytest.mark.parametrize('method', OF_TORRENT)
def test_nonsense_about_one_torrent_stays_with_it(site: Site, method: str) -> None:
    own, reader = hostile(site), Reader(site)
    assert 200 in reader.statuses(method=method).values() or method == 'row'
    before = reader.statuses(OTHER)
    for name, odd in ODD.items():
        own.odd[method] = odd
        told = reader.statuses(method=method)
        assert set(told.values()) <= CALM, (name, told)
    own.odd[method] = returns(None)
    assert set(reader.statuses(method=method).values()) == {502}
    assert reader.statuses(OTHER) == before
    assert reader.program.get(f'/torrents/mine/{FIRST}')['row']['name'] == 'torrent aaaa'


@pytest.mark.parametrize('method', [*OF_TORRENT, 'globals', 'overview', 'settings', 'encryption'])
def test_every_value_is_what_it_has_to_be_or_refused_with_its_name(method: str) -> None:
    own = Hostile('odd')
    args = (FIRST,) if method in OF_TORRENT else ()
    good, asked = getattr(own, method)(*args), ForeignBackend(own)
    assert getattr(asked, method)(*args) == good
    refused = 0
    for wrong in odd_fields(good):
        own.odd[method] = lambda real, wrong=wrong: wrong  # type: ignore[misc]
        try:
            told = getattr(asked, method)(*args)
        except BadReply as error:
            assert str(error).startswith(f'odd: Hostile.{method}'), error
            assert clean(str(error)) == str(error)
            refused += 1
        else:
            simplejson.dumps(_json(told), allow_nan=False).encode()
    assert refused > 20


def _json(value: Any) -> Any:
    """A value as pages and programs get it; a number that neither can show is none."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    if isinstance(value, dict):
        return {key: _json(each) for key, each in value.items()}
    assert value is None or type(value) in (str, int, float, bool, bytes), value
    assert type(value) is not str or clean(value) == value
    assert type(value) is not int or abs(value) <= MOST
    return value.hex() if type(value) is bytes else value


@pytest.mark.parametrize(
    ('method', 'odd', 'words'),
    [
        ('files', lambda real: [replace(real()[0], index=1)], r'files\[0\]\.index = 1 \(int\); count from 0'),
        ('trackers', lambda real: [*real(), *real()], r'trackers\[1\]\.index = 0 \(int\); count from 0'),
        (
            'files',
            lambda real: [replace(real()[0], path='a/../../b')],
            r'a path lies below the torrent’s directory',
        ),
        (
            'files',
            lambda real: [replace(real()[0], path='/etc/passwd')],
            r'a path lies below the torrent’s directory',
        ),
        ('pieces', lambda real: replace(real(), done=11), r'11 of 10 pieces as done'),
        ('pieces', lambda real: replace(real(), bits=b''), r'0 bytes of bits for 10 pieces'),
        ('row', lambda real: (OTHER, *real()[1:]), r'return the torrent that was asked for'),
        (
            'facts',
            lambda real: replace(real(), extra=dict.fromkeys(map(str, range(9999)))),
            r'more than 2,000 values',
        ),
        (
            'facts',
            lambda real: replace(real(), extra={'comment': 7}),
            r"extra\['comment'\] = 7 \(int\); it has to be None or",
        ),
    ],
)
def test_values_have_to_fit_each_other(method: str, odd: Odd, words: str) -> None:
    own = Hostile('odd')
    own.odd[method] = odd
    with pytest.raises(BadReply, match=words):
        getattr(ForeignBackend(own), method)(FIRST)


def test_who_asks_is_told_which_client_and_method_and_the_log_once(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    own, reader = hostile(site), Reader(site)
    own.odd['detail'] = lambda real: replace(real(), files=[replace(real().files[0], size='<b>big')])
    sentence = (
        "odd: Hostile.detail() returned with files[0].size = '<b>big' (str); it has to be a whole number (int) from 0 "
        'to 2⁶².'
    )
    for _ in range(3):
        page = reader.ask('p')
        assert page.status_code == 502
        assert html.escape(sentence) in page.text.replace('&#39;', '&#x27;')
    looking = site.browser('eve', 'read').get(f'/torrent/odd/{FIRST}')
    assert (looking.status_code, 'big' in looking.text) == (502, False)
    assert 'answered with something that makes no sense' in looking.text
    assert [each.getMessage() for each in caplog.records if each.name == 'model.backends.foreign'] == [
        sentence
    ]
    own.odd['files'] = raises(ValueError('hunter2! was wrong'))
    told = reader.ask('a/files').json['error']
    assert (told['code'], 'hunter2!' in caplog.text) == ('bad_reply', False)
    assert '••• was wrong (odd.py, line ' in caplog.text
    for number in range(MOST_TOLD + 50):
        own.odd['files'] = raises(ValueError(f'number {number}'))
        with pytest.raises(BadReply):
            site.services.hub.get('odd').files(FIRST)
    assert len([each for each in caplog.records if each.name == 'model.backends.foreign']) == MOST_TOLD


def test_nonsense_about_the_client_leaves_the_others_alone(site: Site) -> None:
    own, browser, program = hostile(site), site.browser('ada'), site.program('robot')
    page, limits = partial(browser.get, '/settings/odd'), partial(program.call, 'GET', '/targets/odd/limits')
    asks: dict[str, tuple[Callable[[], Any], ...]] = {
        'globals': (page,),
        'settings': (page, limits),
        'encryption': (page,),
        'set_settings': (partial(program.call, 'PATCH', '/targets/odd/limits', {'down_limit': 4096}),),
        'set_encryption': (partial(browser.post, '/settings/odd/encryption', {'word': 'tolerated'}),),
    }
    for method, wanted in asks.items():
        for name, odd in ODD.items():
            own.odd = {method: odd}
            statuses = {ask().status_code for ask in wanted}
            assert statuses <= CALM | {303}, (method, name, statuses)
    assert browser.get('/settings/mine').status_code == 200


@pytest.mark.parametrize(
    ('odd', 'state'),
    [
        (returns(None), 'unknown'),
        (returns(list), 'unknown'),
        (lambda real: [*real(), *real()], 'unknown'),
        (lambda real: [replace(real()[0], hash=OTHER)], 'unknown'),
        (lambda real: [replace(real()[0], state='perhaps')], 'unknown'),
        (lambda real: [replace(real()[0], state='failed')], 'unknown'),
        (lambda real: [replace(real()[0], error=errors.Conflict('x'))], 'unknown'),
        (lambda real: [replace(real()[0], state='failed', error=errors.Conflict('\ud800'))], 'failed'),
        (raises(SystemExit()), 'unknown'),
        (raises(errors.Conflict('The disk is full.')), 'failed'),
        (raises(errors.ConnectError('Nobody is there.')), 'failed'),
    ],
)
def test_what_became_of_a_verb_is_not_known_where_it_was_not_said(site: Site, odd: Odd, state: str) -> None:
    own = hostile(site)
    browser, program = site.browser('ada'), site.program('robot')
    program.get('/torrents')
    own.odd['perform'] = odd
    names = [f'odd/{FIRST}', f'mine/{FIRST}']
    outcomes = actions.run_many(site.services.hub, [('odd', FIRST), ('mine', FIRST)], 'pause')
    assert [each.state for each in outcomes] == [state, 'done']
    job = program.call('POST', '/actions', {'verb': 'pause', 'select': {'torrents': names}}).json
    assert (job['done'], job['unknown'], job['failed_count']) == (
        1,
        int(state == 'unknown'),
        int(state == 'failed'),
    )
    answer = browser.post(f'/torrent/odd/{FIRST}/set', {'verb': 'label', 'label': 'x'})
    assert answer.status_code in {409, 502, 503}


@pytest.mark.parametrize('name', [name for name in ODD if 'NotFound' not in name])
def test_what_was_added_is_made_sure_of(name: str) -> None:
    own = Hostile('odd')
    asked = ForeignBackend(own)
    own.odd['add'] = ODD[name]
    with pytest.raises(errors.PyroError) as caught:
        asked.add(AddRequest(FIRST, 'x', b'd'))
    assert failures.status_of(caught.value) in CALM
    own.odd['add'] = returns(Added(OTHER, 'x', False))
    with pytest.raises(BadReply, match='of the request'):
        asked.add(AddRequest(FIRST, 'x', b'd'))


def test_one_that_hangs_keeps_nobody_for_long_and_answers_again() -> None:
    own, release, inside = Hostile('odd'), threading.Event(), threading.Semaphore(0)

    def hang(real: Callable[[], Any]) -> Any:
        inside.release()
        release.wait(300)
        return real()

    own.odd['files'] = hang
    with pytest.raises(errors.TimedOut, match=r'^odd: Hostile\.files did not return within 1 seconds'):
        ForeignBackend(own, timeout=1.0).files(FIRST)
    asked = ForeignBackend(own, timeout=300.0)
    waiting = [threading.Thread(target=asked.files, args=(FIRST,), daemon=True) for _ in range(MOST_CALLS)]
    for thread in waiting:
        thread.start()
    assert all(inside.acquire(timeout=120) for _ in range(MOST_CALLS + 1))
    with pytest.raises(NotSent, match=r'^odd: Hostile still has not returned from an earlier call'):
        asked.peers(FIRST)
    release.set()
    for thread in waiting:
        thread.join(120)
    assert asked.peers(FIRST)


def test_a_question_that_hangs_is_not_asked_again_meanwhile() -> None:
    own, release, inside = Hostile('odd'), threading.Event(), threading.Semaphore(0)
    own.odd['files'] = lambda real: inside.release() or (release.wait(300) and real())
    asked = ForeignBackend(own, timeout=1.0)
    for _ in range(3 * MOST_CALLS):
        with pytest.raises(errors.TimedOut):
            asked.files(FIRST)
    assert inside.acquire(timeout=120)
    assert not inside.acquire(blocking=False)
    assert ForeignBackend(own, timeout=300.0).files(OTHER)
    release.set()
    wait_for(lambda: asked.peers(OTHER) and _answers(asked), 60, 'the answer of one that hung')


def _answers(asked: ForeignBackend) -> bool:
    try:
        return bool(asked.files(FIRST))
    except errors.TimedOut:
        return False


class Bare(Synthetic):
    """Tells the parts of its torrents by detail() only."""

    def __init__(self, answer: Detail) -> None:
        super().__init__('bare', 1)
        self.answer = answer

    def detail(self, info_hash: str) -> Detail:
        return self.answer


def test_a_part_of_a_detail_may_be_right_where_another_is_wrong() -> None:
    row, wrong = made(1), cast('list[PeerRow]', [None])
    bare = ForeignBackend(Bare(Detail(row, [], wrong, [], {'comment': 'fine'})))
    assert bare.files(row[0]) == bare.trackers(row[0]) == []
    assert bare.facts(row[0]) == Facts(row, {'comment': 'fine'})
    for ask in (bare.peers, bare.detail):
        with pytest.raises(
            BadReply, match=r'^bare: Bare\.detail\(\) returned with peers\[0\] = None; it has to be a PeerRow'
        ):
            ask(row[0])
    for name in ('facts', 'files', 'peers', 'trackers', 'detail'):
        with pytest.raises(BadReply, match=r'^bare: Bare\.detail\(\) returned None; return a Detail\.$'):
            getattr(ForeignBackend(Bare(None)), name)(row[0])


def test_a_watch_is_asked_by_the_poller_alone() -> None:
    own, wanted = Hostile('odd'), []

    class Slow(WholeWatch):
        def want(self, hashes: Iterable[str]) -> None:
            wanted.append(sorted(hashes))
            raise KeyError('want')

    own.odd['watch'] = lambda real: Slow(own)
    watch = ForeignBackend(own).watch()
    assert len(watch.tick().rows) == 2
    watch.want([FIRST])
    watch.want([OTHER])
    assert wanted == []
    with pytest.raises(KeyError):
        watch.tick()
    assert wanted == [[FIRST, OTHER]]
    assert watch.tick().whole
    for error in (errors.Conflict('\ud800'), type('Own', (errors.WireError,), {})('x')):
        own.odd['overview'] = raises(error)
        with pytest.raises(BadReply, match=r'^odd: \w+\.tick\(\) raised'):
            watch.tick()


@pytest.mark.parametrize(
    'method', ['files', 'peers', 'trackers', 'pieces', 'globals', 'settings', 'encryption']
)
def test_the_kit_says_it_in_the_same_words(method: str) -> None:
    own = Hostile('odd')
    own.odd[method] = returns(7)
    with pytest.raises(BadReply) as caught:
        getattr(ForeignBackend(own), method)(*((FIRST,) if method in OF_TORRENT else ()))
    found = {result.check.name: result for result in run(Kit(own), checks())}[method]
    assert (found.state, found.message) == ('broken', str(caught.value))


def test_choices_are_words() -> None:
    kind = type('Own', (Hostile,), {'choices': {'dht': 'on'}})
    [spec] = config.make({'rtorrent_config': {'odd': {'client': kind}}}).targets.values()
    with pytest.raises(errors.ConfigError, match='sets choices wrongly'):
        make_backend(spec)
