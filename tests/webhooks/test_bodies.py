"""What each service is sent, and that a name is a name in all of them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib import mail
from lib.mail import MailServer
from model.events.eventlog import Event
from model.events.happenings import KINDS
from model.webhooks import bodies
from model.webhooks.sending import Sender

SERVER = MailServer('mail.example.org', 587, 'starttls', '', '', 'torrents@example.org')
OPTIONS = {
    'json': {},
    'ntfy': {'token': 'tk_1', 'priority': '4'},
    'gotify': {'token': 'g1', 'priority': '0'},
    'discord': {},
    'slack': {},
    'telegram': {'token': '12:ab', 'chat': '-100', 'thread': '7'},
}
NASTY = (
    'a\r\nX: y\n.\n@everyone <!channel> <@U1> **b** _c_ `d` [e](http://x) ![f](http://y) <b>&amp; '
    '\u202egnp.\x1b[0m {name} \U000e0041\u180e\u3164\ufffa'
)


def event(name: str = 'debian.iso', kind: str = 'finished', **fields: Any) -> dict[str, Any]:
    torrent = {'size_bytes': 1_503_238_553, 'name': name}
    return Event(7, 1.75e9, 'home', 'A' * 40, kind, name, data={'torrent': torrent}, **fields).public()


def sentence(told: dict[str, Any], **options: bool) -> str:
    return bodies.words(told, **options).line


def made(style: str, told: dict[str, Any], url: str = 'https://h.example/p/q') -> tuple[bodies.Request, Any]:
    request = bodies.make(style, url, OPTIONS[style], told, 'f' * 32)
    return request, json.loads(request.body)


def test_events_read_like_this() -> None:
    assert sentence(event()) == 'Finished: debian.iso (1.4 GiB, home)'
    assert sentence(event(kind='label', detail='linux')) == 'Label: debian.iso (1.4 GiB, home) – linux'
    assert sentence(event(kind='added', detail='debian.iso')) == 'Added: debian.iso (1.4 GiB, home)'
    assert sentence(event(kind='stalled', detail='600')).endswith(' – nothing came for 10 min')
    offline = Event(1, 1.0, 'home', '', 'offline', 'home', 'refused').public()
    assert sentence(offline) == 'Offline: home – refused'
    webhook = Event(1, 1.0, '', '', 'webhook', 'chat', 'It is gone.').public()
    assert sentence(webhook) == 'Webhook paused: chat – It is gone.'
    assert sentence(event(), binary=False) == 'Finished: debian.iso (1.5 GB, home)'
    assert set(bodies.TITLES) == set(KINDS) - {'did'} | {'test'}


def test_ntfy() -> None:
    request, body = made('ntfy', event(), 'https://ntfy.example:8443/topic')

    assert request.url == 'https://ntfy.example:8443/'
    assert request.headers['Authorization'] == 'Bearer tk_1'
    assert body == {
        'topic': 'topic',
        'title': 'Finished',
        'message': 'debian.iso (1.4 GiB, home)',
        'tags': ['white_check_mark'],
        'priority': 4,
    }


def test_gotify() -> None:
    request, body = made('gotify', event(), 'https://gotify.example/push/')

    assert request.url == 'https://gotify.example/push/message'
    assert request.headers['X-Gotify-Key'] == 'g1'
    assert body == {
        'title': 'Finished',
        'message': 'debian.iso (1.4 GiB, home)',
        'priority': 0,
        'extras': {'client::display': {'contentType': 'text/plain'}},
    }


def test_discord() -> None:
    request, body = made('discord', event(NASTY))

    assert request.url == 'https://h.example/p/q'
    assert body['allowed_mentions'] == {'parse': []}
    text = body['content'].removeprefix('**Finished**: ')
    assert '@everyone' not in text
    assert re.search(r'(?<!\\)[*_`<>\[\]~|#:]', text) is None
    assert len(body['content']) <= 2000


def test_slack() -> None:
    _, body = made('slack', event(NASTY))

    assert body['mrkdwn'] is False
    assert not set('<>') & set(body['text'])
    assert '&lt;!channel&gt;' in body['text']
    assert '@everyone' not in body['text']
    assert '](' not in body['text']


def test_telegram() -> None:
    request, body = made('telegram', event(NASTY))

    assert request.url == 'https://api.telegram.org/bot12:ab/sendMessage'
    assert '12:ab' not in repr(request)
    assert set(body) == {'chat_id', 'text', 'link_preview_options', 'message_thread_id'}  # no parse mode
    assert (body['chat_id'], body['message_thread_id']) == ('-100', 7)
    assert '@everyone' not in body['text']


def test_json_holds_the_event_as_it_is() -> None:
    told = event(NASTY)

    _, body = made('json', told)

    assert body == {'id': 7, 'delivery': 'f' * 32, 'event': told}


@pytest.mark.parametrize('style', OPTIONS)
def test_nothing_from_outside_is_in_a_header_or_an_address(style: str) -> None:
    plain, _ = made(style, event())
    nasty, _ = made(style, event(NASTY, kind='x\r\nY: z', detail=NASTY))

    assert (nasty.url, nasty.headers) == (plain.url, plain.headers)


@pytest.mark.parametrize('style', OPTIONS)
@given(name=st.text(max_size=50) | st.just('*' * 5000), detail=st.text(max_size=50) | st.just('@' * 5000))
@settings(max_examples=40, deadline=None)
def test_any_name_makes_one_line_of_bounded_length(style: str, name: str, detail: str) -> None:
    _, body = made(style, event(name, kind='error', detail=detail))

    if style == 'json':
        return
    text = next(body[key] for key in ('message', 'content', 'text') if key in body)
    assert 0 < len(text) <= 2000
    assert len(text.splitlines()) == 1
    assert not re.search(
        '[\x00-\x1f\u180e\u202a-\u202e\u2066-\u2069\u3164\ufff9-\ufffb\U000e0000-\U000e007f]', text
    )


@given(name=st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_a_mail_is_one_mail_whatever_the_name(name: str) -> None:
    line = sentence(event(name))
    letter = mail.compose(SERVER, ['a@example.org'], f'pyroTorrent: {line}', line, 'f' * 32)

    raw = letter.as_bytes()
    head = raw.partition(b'\r\n\r\n')[0]
    fields = {part.split(b':')[0].lower() for part in re.split(rb'\r\n(?![ \t])', head)}
    assert fields == {
        *(b'from', b'to', b'subject', b'date', b'message-id', b'auto-submitted', b'mime-version'),
        *(b'content-type', b'content-transfer-encoding'),
    }
    assert letter['Message-ID'] == f'<{"f" * 32}@example.org>'


def test_a_sender_never_raises(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    from lib import config
    from model.webhooks.sending import Receiver

    monkeypatch.setattr(bodies, 'make', lambda *_args, **_options: 1 // 0)
    receiver = Receiver(1, 'hook', 'json', 'http://127.0.0.1:1/', {}, 'secret')

    outcome = Sender(config.make({})).send(receiver, 'f' * 32, event())

    assert (outcome.verdict, str(outcome.error)) == ('again', 'It could not be sent. The log says more.')
    assert 'ZeroDivisionError' in caplog.text
