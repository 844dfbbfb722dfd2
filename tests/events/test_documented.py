"""The page on events and the words for people know the kinds there are."""

from __future__ import annotations

import re
from pathlib import Path

from lib.web.kindwords import SENTENCES
from model.backends.rtorrent_feed import _ERASED, _EVENTS, Feed
from model.events.happenings import KINDS

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / 'docs' / 'events.rst').read_text()


def test_the_page_has_a_line_for_each_kind_in_order() -> None:
    table = TEXT.split('The kinds\n')[1].split('What is promised')[0]
    assert re.findall(r'^``(\w+)`` +', table, re.MULTILINE) == list(KINDS)


def test_people_have_words_for_each_kind() -> None:
    script = (ROOT / 'static' / 'js' / 'eventwords.js').read_text()
    words = script.split('const KINDS = {')[1].split('\n};')[0]
    assert set(re.findall(r'\b([a-z_]+): (?:\(\w*\) =>)', words)) == set(KINDS)
    assert set(SENTENCES) == set(KINDS) - {'did'}


def test_nothing_runs_on_rtorrents_events_but_what_the_page_says() -> None:
    feed = Feed(1, 0, '0' * 16)
    commands = {
        tuple(args[1:]) for name, args in feed.install(frozenset(_EVENTS)) if name == 'method.set_key'
    }
    shown = 'pyro_gone_N.set=(cat,(pyro_gone_N),(d.hash)," ")'
    assert {command for event, _, command in commands if event != _ERASED} == {'view.set_visible=pyro_feed_1'}
    assert (_ERASED, '~zz_pyro_1', shown.replace('_N', '_1')) in commands
    assert shown.replace('"', '\\"') in TEXT
    assert '"view.set_visible=pyro_feed_N"' in TEXT
