"""What a receiver of some style is sent for an event.

Names, labels and messages come from strangers. In each format they are made to be text and nothing else: no markup, no
link, nobody called.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lib import format as figures
from lib.texts import CONTROLS, LINE_SEPARATORS, SURROGATES

TELEGRAM = 'https://api.telegram.org'
MAX_NAME, MAX_DETAIL = 200, 300  # characters, as people read them

TITLES = {
    'added': 'Added',
    'removed': 'Removed',
    'updated': 'Changed',
    'started': 'Started',
    'stopped': 'Stopped',
    'paused': 'Paused',
    'resumed': 'Resumed',
    'checking': 'Checking',
    'checked': 'Checked',
    'finished': 'Finished',
    'error': 'Error',
    'tracker_error': 'Tracker error',
    'stalled': 'Stalled',
    'label': 'Label',
    'moved': 'Moved',
    'ratio': 'Ratio',
    'disk_low': 'Disk low',
    'offline': 'Offline',
    'online': 'Online again',
    'webhook': 'Webhook paused',
    'test': 'Test',
}
_BAD = ('error', 'tracker_error', 'stalled', 'disk_low', 'offline', 'webhook')

# Control characters, separators of lines, and characters that are not seen or turn the rest of the line around.
_ODD = re.compile(
    rf'[{CONTROLS}{LINE_SEPARATORS}{SURROGATES}'
    r'\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]+'
)
_MARKDOWN = re.compile(r'([\\*_~`|<>\[\]#:])')  # as few as will do: notices on phones show the backslashes
_NOTHING = '\u200b'  # a space without width: shows nothing, and parts what belongs together


@dataclass(frozen=True, slots=True)
class Request:
    """One POST."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes


@dataclass(frozen=True, slots=True)
class Words:
    """An event for people: what kind of thing happened, to whom, and what more there is to say.

    :ivar text: “NAME (1.4 GiB, home) – detail”.
    """

    title: str
    text: str

    @property
    def line(self) -> str:
        """All of it: “Finished: NAME (1.4 GiB, home)”."""
        return f'{self.title}: {self.text}' if self.text else self.title


def plain(text: object, most: int) -> str:
    """One line of what can be seen, not longer than ``most`` characters."""
    return figures.clip(' '.join(_ODD.sub(' ', str(text or '')).split()), most)


def words(event: Mapping[str, Any], *, binary: bool = True) -> Words:
    """An event for people.

    :param binary: sizes in KiB and MiB, else in kB and MB.
    """
    torrent = event.get('torrent')
    size = torrent.get('size_bytes') if isinstance(torrent, Mapping) else None
    target, name = plain(event.get('target'), MAX_NAME), plain(event.get('name'), MAX_NAME)
    known = [figures.size(size, binary=binary)] if isinstance(size, int) and size > 0 else []
    if target and target != name:
        known.append(target)
    what = f'{name} ({", ".join(known)})' if name and known else name or ', '.join(known)
    text = ' – '.join(part for part in (what, _detail(event)) if part)
    return Words(TITLES.get(str(event.get('kind')), 'Event'), text)


def _detail(event: Mapping[str, Any]) -> str:
    detail = plain(event.get('detail'), MAX_DETAIL)
    if detail == plain(event.get('name'), MAX_DETAIL):
        return ''
    if event.get('kind') == 'stalled' and detail.isdecimal():
        return f'nothing came for {figures.duration(int(detail))}'
    return detail


def make(
    style: str,
    url: str,
    options: Mapping[str, str],
    event: Mapping[str, Any],
    uid: str,
    *,
    binary: bool = True,
) -> Request:
    """The request for a receiver of any style but ``email``."""
    made, headers, body = _MAKE[style](url, options, Message(event, uid, words(event, binary=binary)))
    content = json.dumps(body, ensure_ascii=False).encode('utf-8', 'replace')
    return Request(made, {'Content-Type': 'application/json; charset=utf-8', **headers}, content)


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: an event, under which number, in which words."""

    event: Mapping[str, Any]
    uid: str
    words: Words


Parts = tuple[str, dict[str, str], dict[str, Any]]


def _json(url: str, options: Mapping[str, str], message: Message) -> Parts:
    headers = {'Authorization': options['authorization']} if 'authorization' in options else {}
    return url, headers, {'id': message.event.get('id', 0), 'delivery': message.uid, 'event': message.event}


def _ntfy(url: str, options: Mapping[str, str], message: Message) -> Parts:
    parts = urlsplit(url)
    body: dict[str, Any] = {
        'topic': parts.path.strip('/'),
        'title': message.words.title,
        'message': message.words.text or message.words.title,
        'tags': [_tag(message.event)],
    }
    if 'priority' in options:
        body['priority'] = int(options['priority'])
    headers = {'Authorization': f'Bearer {options["token"]}'} if 'token' in options else {}
    return f'{parts.scheme}://{parts.netloc}/', headers, body


def _tag(event: Mapping[str, Any]) -> str:
    """The short name of a little picture."""
    if event.get('kind') in _BAD:
        return 'warning'
    return 'white_check_mark' if event.get('kind') == 'finished' else 'arrows_counterclockwise'


def _gotify(url: str, options: Mapping[str, str], message: Message) -> Parts:
    body = {
        'title': message.words.title,
        'message': message.words.text or message.words.title,
        'priority': int(options.get('priority', '5')),
        'extras': {'client::display': {'contentType': 'text/plain'}},
    }
    return url.rstrip('/') + '/message', {'X-Gotify-Key': options['token']}, body


def _discord(url: str, options: Mapping[str, str], message: Message) -> Parts:
    text = uncalled(_MARKDOWN.sub(r'\\\1', message.words.text))
    body = {
        'content': f'**{message.words.title}**: {text}',
        'username': 'pyroTorrent',
        'allowed_mentions': {'parse': []},
        'flags': 4,  # no previews of links
    }
    return url, {}, body


def _slack(url: str, options: Mapping[str, str], message: Message) -> Parts:
    # Mattermost takes the same and reads Markdown in it whatever we say: a link or picture there is taken apart.
    text = uncalled(message.words.line).replace('](', f']{_NOTHING}(').replace('`', "'")
    for sign, entity in (('&', '&amp;'), ('<', '&lt;'), ('>', '&gt;')):
        text = text.replace(sign, entity)
    return url, {}, {'text': text, 'mrkdwn': False, 'unfurl_links': False, 'unfurl_media': False}


def _telegram(url: str, options: Mapping[str, str], message: Message) -> Parts:
    body: dict[str, Any] = {
        'chat_id': options['chat'],
        'text': uncalled(message.words.line),  # without a parse mode it is plain text
        'link_preview_options': {'is_disabled': True},
    }
    if 'thread' in options:
        body['message_thread_id'] = int(options['thread'])
    return f'{options.get("server", TELEGRAM)}/bot{options["token"]}/sendMessage', {}, body


def uncalled(text: str) -> str:
    """Without names that would call somebody: “@everyone” becomes a word."""
    return text.replace('@', f'@{_NOTHING}')


_MAKE: dict[str, Callable[[str, Mapping[str, str], Message], Parts]] = {
    'json': _json,
    'ntfy': _ntfy,
    'gotify': _gotify,
    'discord': _discord,
    'slack': _slack,
    'telegram': _telegram,
}
