"""Logins of browsers (AUTH-4, AUTH-9, AUTH-10, AUTH-15)."""

from __future__ import annotations

import os
import pickletools
import re
import stat
import threading
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from lib.config import Config, make
from lib.errors import ConfigError, StateError
from lib.web import sessions
from lib.web.sessionoptions import beaker_options
from model import statedir
from model.users import User

ANN = User(7, 'ann', 'admin', 1234)
SHARED_HEADERS = [
    ('Content-Type', 'text/plain')
]  # as a careless application has them: one list for all answers


@dataclass
class Answer:
    text: str
    headers: list[tuple[str, str]]

    @property
    def cookie(self) -> str:
        """What a browser sends back."""
        return next(
            value.strip().split(';')[0] for name, value in self.headers if name.lower() == 'set-cookie'
        )

    @property
    def flags(self) -> dict[str, str]:
        value = next(value for name, value in self.headers if name.lower() == 'set-cookie')
        morsel = next(iter(SimpleCookie(value.strip()).values()))
        return {name: part for name, part in morsel.items() if part}

    @property
    def sets_cookie(self) -> bool:
        return any(name.lower() == 'set-cookie' for name, _ in self.headers)


class Site:
    """An application that logs in, logs out and says who it is, behind the sessions of ``config``."""

    def __init__(self, config: Config, clock=None) -> None:
        options = {'clock': clock} if clock else {}
        self.app = sessions.wrap(self.inner, config, statedir.secret(config), **options)
        self.files = Path(config.STATE_DIR) / 'sessions'

    def inner(self, environ, start_response):
        path, text = environ['PATH_INFO'], ''
        if path == '/login':
            sessions.login(environ, ANN)
        elif path == '/logout':
            sessions.logout(environ)
        else:
            found = sessions.current(environ)
            text = f'{found.user_id} {found.epoch} {found.csrf}' if found else ''
        start_response('200 OK', SHARED_HEADERS)
        return [text.encode()]

    def get(self, path: str, cookie: str = '', scheme: str = 'http') -> Answer:
        environ = {'REQUEST_METHOD': 'GET', 'PATH_INFO': path, 'wsgi.url_scheme': scheme}
        if cookie:
            environ['HTTP_COOKIE'] = cookie
        self.environ = environ
        headers: list[tuple[str, str]] = []
        body = self.app(environ, lambda status, given, exc_info=None: headers.extend(given))
        return Answer(b''.join(body).decode(), headers)

    def stored(self) -> list[Path]:
        return [path for path in self.files.rglob('*') if path.is_file()]


@pytest.fixture
def site(config, clock):
    return Site(config, clock)


def test_a_login_is_known_again(site):
    cookie = site.get('/login').cookie
    user_id, epoch, csrf = site.get('/', cookie).text.split()
    assert (int(user_id), int(epoch)) == (ANN.id, ANN.epoch)
    assert re.fullmatch(r'[A-Za-z0-9_-]{43}', csrf)
    assert site.get('/', cookie).text.split()[2] == csrf


def test_each_session_has_its_own_form_token(site):
    tokens = {site.get('/', site.get('/login').cookie).text.split()[2] for _ in range(3)}
    assert len(tokens) == 3


def test_the_flags_of_the_cookie(site):
    flags = site.get('/login').flags
    assert flags.pop('expires').endswith('GMT')
    assert flags == {'httponly': True, 'path': '/', 'samesite': 'Lax'}
    assert site.get('/login', scheme='https').flags['secure'] is True


def test_behind_a_prefix_the_cookie_stays_below_it(tmp_path):
    site = Site(make({'STATE_DIR': str(tmp_path / 'state'), 'BASE_URL': '/torrent'}))
    answer = site.get('/login')
    assert answer.flags['path'] == '/torrent'
    assert answer.cookie.startswith('pyrotorrent_torrent_')


def test_the_name_of_the_cookie_is_its_installations(tmp_path):
    """Browsers send the cookies of a host to all its ports."""
    names = set()
    for number, values in enumerate(
        ({}, {}, {'HTTP_PORT': 8001}, {'BASE_URL': '/a/b.c'}, {'BASE_URL': '/a'})
    ):
        site = Site(make({'STATE_DIR': str(tmp_path / str(number)), **values}))
        names.add(site.get('/login').cookie.split('=')[0])
    assert len(names) == 5
    assert all(re.fullmatch('pyrotorrent_[A-Za-z0-9_-]+', name) for name in names)


def test_two_installations_on_one_host_do_not_log_each_other_out(tmp_path):
    one, other = (Site(make({'STATE_DIR': str(tmp_path / name)})) for name in ('one', 'other'))
    jar = f'{one.get("/login").cookie}; {other.get("/login").cookie}'
    assert one.get('/', jar).text
    assert other.get('/', jar).text


def test_requests_without_our_cookie_leave_nothing(site):
    for cookie in ('', 'theme=dark', 'pyrotorrent=x', 'pyrotorrent_8000=x', ';;;', '='):
        answer = site.get('/', cookie)
        assert answer.text == ''
        assert not answer.sets_cookie
        looked = site.environ['beaker.session'].accessed()
        assert not looked
    assert site.stored() == []


def test_made_up_cookies_leave_nothing(site):
    name, value = site.get('/login').cookie.split('=')
    before = site.stored()
    made_up = [
        'attackerchosen123',
        value[:-1],
        value[:-1] + 'g',
        value[40:],
        '',
        'x' * 5000,
        '../../secret',
        '"',
        'a\\',
    ]
    for each in made_up:
        answer = site.get('/', f'{name}={each}')
        assert answer.text == ''
        assert not answer.sets_cookie
    assert site.stored() == before


def test_a_planted_cookie_is_not_kept_at_login(site):
    """Fixation: neither a made-up number nor a real one of somebody else becomes the session."""
    planted = site.get('/login').cookie
    name = planted.split('=')[0]
    for before in (planted, f'{name}=attackerchosen123'):
        after = site.get('/login', before).cookie
        assert after != before
        assert site.get('/', after).text
        assert site.get('/', before).text == ''


def test_logging_in_again_ends_the_session_before(site):
    old = site.get('/login').cookie
    new = site.get('/login', old).cookie
    assert site.get('/', new).text
    assert site.get('/', old).text == ''


def test_after_logout_the_cookie_is_dead_and_taken_back(site):
    cookie = site.get('/login').cookie
    answer = site.get('/logout', cookie)
    assert 'expires' in answer.flags and '=' in answer.cookie
    assert site.get('/', cookie).text == ''
    assert site.get('/', answer.cookie).text == ''


def test_logout_of_nobody_leaves_nothing(site):
    site.get('/logout')
    assert site.stored() == []


def test_logout_is_heard_in_every_process(site, start):
    code = """
import sys
from lib.web import sessions
from model import statedir
def inner(environ, start_response):
    print(sessions.current(environ) is not None, flush=True)
    return []
app = sessions.wrap(inner, config, statedir.secret(config), lambda: 1_800_000_000.0)
for line in sys.stdin:
    app({'HTTP_COOKIE': line.strip(), 'wsgi.url_scheme': 'http'}, None)
"""
    other = start(code)

    def ask(cookie: str) -> str:
        other.stdin.write(f'{cookie}\n')
        other.stdin.flush()
        return other.stdout.readline().strip()

    cookie = site.get('/login').cookie
    assert ask(cookie) == 'True'
    site.get('/logout', cookie)
    assert ask(cookie) == 'False'


def test_a_request_under_way_does_not_revive_a_session(config, clock):
    """One thread has read the session and answers only after another has logged it out."""
    read, ended = threading.Event(), threading.Event()

    class Slow(Site):
        def inner(self, environ, start_response):
            if environ['PATH_INFO'] == '/slow':
                assert sessions.current(environ) is not None
                read.set()
                assert ended.wait(60)
            return super().inner(environ, start_response)

    site = Slow(config, clock)
    cookie = site.get('/login').cookie
    thread = threading.Thread(target=site.get, args=('/slow', cookie))
    thread.start()
    assert read.wait(60)
    site.get('/logout', cookie)
    ended.set()
    thread.join()
    assert site.get('/', cookie).text == ''


def test_a_login_ends_after_its_lifetime_however_busy(site, config, clock):
    cookie = site.get('/login').cookie
    for _ in range(10):
        clock.now += config.SESSION_LIFETIME / 10
        assert site.get('/', cookie).text
    clock.now += 1
    assert site.get('/', cookie).text == ''


def test_a_shorter_timeout_of_the_seeds_kind_counts(tmp_path, clock):
    values = {'STATE_DIR': str(tmp_path / 'state'), 'session_options': {'session.timeout': 1800}}
    site = Site(make(values), clock)
    cookie = site.get('/login').cookie
    clock.now += 1800
    assert site.get('/', cookie).text
    clock.now += 1
    assert site.get('/', cookie).text == ''


def test_answers_do_not_share_their_headers(site):
    """Beaker adds its cookie to the list it is given: the next visitor would get this one's login."""
    before = list(SHARED_HEADERS)
    assert site.get('/login').sets_cookie
    assert before == SHARED_HEADERS
    assert not site.get('/').sets_cookie


def test_looking_writes_nothing(site):
    cookie = site.get('/login').cookie
    before = {path: path.stat().st_mtime_ns for path in site.stored()}
    for _ in range(5):
        assert not site.get('/', cookie).sets_cookie
    assert {path: path.stat().st_mtime_ns for path in site.stored()} == before


def test_the_files_are_out_of_reach_and_hold_no_pickled_objects(site):
    site.get('/login')
    assert stat.S_IMODE(site.files.stat().st_mode) == 0o700
    for path in site.files.rglob('*.cache'):
        words = {operation.name for operation, _, _ in pickletools.genops(path.read_bytes())}
        assert not words & {'GLOBAL', 'STACK_GLOBAL', 'REDUCE', 'BUILD'}


def test_an_open_session_directory_is_refused(config):
    Site(config)
    (Path(config.STATE_DIR) / 'sessions').chmod(0o755)
    with pytest.raises(StateError, match='open to other users'):
        Site(config)


@pytest.mark.filterwarnings('ignore:Invalidating corrupt session')
@pytest.mark.parametrize('content', [b'', b'\0' * 100, b'{}', None])
def test_a_damaged_session_is_no_session(site, content):
    cookie = site.get('/login').cookie
    for path in site.files.rglob('*.cache'):
        path.write_bytes(path.read_bytes()[:-20] if content is None else content)
    assert site.get('/', cookie).text == ''
    assert site.get('/', site.get('/login', cookie).cookie).text


def test_a_disk_that_takes_nothing_fails_the_login_in_words(outside_config, clock, as_ordinary_user):
    site = Site(outside_config, clock)
    site.files.chmod(0o500)
    said = as_ordinary_user(lambda: site.get('/login').text, Path(outside_config.STATE_DIR))
    assert said == (
        f'StateError: The sessions in {site.files} cannot be used: Permission denied. Check the disk and the owner '
        'of that directory.'
    )


def test_a_file_system_gone_read_only_keeps_those_who_are_in(outside_config, clock, as_ordinary_user):
    site = Site(outside_config, clock)
    cookie = site.get('/login').cookie
    for path in (site.files, *site.files.rglob('*')):
        path.chmod(0o500 if path.is_dir() else 0o400)
    said = as_ordinary_user(lambda: site.get('/', cookie).text, Path(outside_config.STATE_DIR))
    assert said.startswith(f'{ANN.id} {ANN.epoch} ')


def age(paths: list[Path], seconds: float) -> None:
    for path in paths:
        os.utime(path, (time.time() - seconds, time.time() - seconds))


def test_the_sweeper_takes_what_is_over_and_leaves_what_is_not(site, config):
    old = site.get('/login').cookie
    leftover = site.stored()
    age(leftover, config.SESSION_LIFETIME + 60)
    new = site.get('/login').cookie
    foreign = site.files / 'notes.txt'
    foreign.write_text('')
    age([foreign], 10 * config.SESSION_LIFETIME)
    assert sessions.sweep(site.files, time.time() - config.SESSION_LIFETIME) == len(leftover)
    assert not set(leftover) & set(site.stored())
    assert foreign.exists()
    assert site.get('/', new).text
    assert site.get('/', old).text == ''


def test_a_login_sweeps(config):
    first = Site(config)
    first.get('/login')
    leftover = first.stored()
    age(leftover, config.SESSION_LIFETIME + sessions.SWEEP_EVERY + 60)
    first.get('/login')  # it has just swept, and waits an hour
    assert set(leftover) <= set(first.stored())
    second = Site(config)
    cookie = second.get('/login').cookie
    assert not set(leftover) & set(second.stored())
    assert second.get('/', cookie).text


def options(tmp_path: Path, given: dict[str, object], **more: object) -> dict[str, object]:
    config = make({'STATE_DIR': str(tmp_path / 'state'), 'session_options': given, **more})
    return beaker_options(config, statedir.secret(config))


@pytest.mark.parametrize(
    ('given', 'says'),
    [
        ({'session.httponly': False}, 'scripts could read'),
        ({'session.httponly': 'false'}, 'scripts could read'),
        ({'session.secure': False}, 'leave it out'),
        ({'session.secret': 'development key'}, 'at least 32'),
        ({'session.secret': ''}, 'Empty strings'),
        ({'session.secret': 'x' * 31}, 'at least 32'),
        ({'session.samesite': None}, 'Lax or Strict'),
        ({'session.samesite': 'None'}, 'Lax or Strict'),
        ({'session.data_serializer': 'pickle'}, 'pickle can run'),
        ({'session.type': 'cookie'}, 'cannot be ended'),
        ({'session.auto': True}, 'leave a file'),
        ({'session.save_accessed_time': True}, 'revive'),
        ({'session.use_cookies': False}, 'no other way'),
        ({'session.cookie_domain': '.example.org'}, 'other hosts'),
        ({'session.cookie_path': '/elsewhere'}, 'no page below'),
        ({'session.key': 'a b'}, 'letters, digits'),
        ({'session.key': 'x; Domain=evil'}, 'letters, digits'),
        ({'session.encrypt_key': 'x' * 32}, 'validate_key'),
        ({'session.timeout': 'soon'}, 'must be an integer'),
        ({'session.htponly': True}, 'Did you mean “session.httponly”'),
        ({'cookie_expires': True}, 'Did you mean “session.cookie_expires”'),
        ({'beaker.session.httponly': False}, 'scripts could read'),
    ],
    ids=str,
)
def test_options_that_are_not_safe_or_not_known_are_refused(tmp_path, given, says):
    with pytest.raises(ConfigError) as caught:
        options(tmp_path, given)
    assert says in str(caught.value)
    assert 'development key' not in str(caught.value)


def test_the_seeds_options_stay_valid(tmp_path):
    made = options(tmp_path, {'session.cookie_expires': True, 'session.type': 'file', 'session.auto': False})
    assert made['cookie_expires'] is True
    site = Site(
        make({'STATE_DIR': str(tmp_path / 'state'), 'session_options': {'session.cookie_expires': True}})
    )
    assert 'expires' not in site.get('/login').flags


def test_what_may_be_chosen(tmp_path):
    given = {
        'session.data_dir': str(tmp_path / 'elsewhere'),
        'session.key': 'mine',
        'session.samesite': 'Strict',
        'session.secret': 's' * 40,
        'session.httponly': 'true',
        'session.cookie_path': '/',
    }
    config = make({'STATE_DIR': str(tmp_path / 'state'), 'session_options': given, 'BASE_URL': '/torrent'})
    site = Site(config)
    answer = site.get('/login')
    assert answer.cookie.startswith('mine=')
    assert (answer.flags['samesite'], answer.flags['path']) == ('Strict', '/')
    assert stat.S_IMODE((tmp_path / 'elsewhere').stat().st_mode) == 0o700
    assert list((tmp_path / 'elsewhere').rglob('*.cache'))
    assert site.get('/', answer.cookie).text


def test_a_session_is_good_in_memory_too(tmp_path):
    site = Site(make({'STATE_DIR': str(tmp_path / 'state'), 'session_options': {'session.type': 'memory'}}))
    cookie = site.get('/login').cookie
    assert site.get('/', cookie).text
    site.get('/logout', cookie)
    assert site.get('/', cookie).text == ''
