"""Torrents in events: fit for any reader, and small in the database."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from model.fields import COLUMNS, Row

MAX_TEXT = 500  # characters of any one text; a hostile name or message has a megabyte
_EMPTY = {'str': '', 'int': 0, 'bool': False, 'float': 0.0}
_KINDS = {column.key: column.type for column in COLUMNS if column.key != 'id'}
_KEYS = tuple(column.key for column in COLUMNS)
#: What stands beside the torrent in an event's row, and so not in its data.
_BESIDE = ('target', 'hash')
_URL = re.compile(r'\b([a-z][a-z0-9+.-]{0,20}://)([^\s/?#@]*@)?([^\s/?#]*)([/?#][^\s\]]*)?', re.IGNORECASE)
# Trackers repeat the personal key in what they complain of.
_SECRET = re.compile(r'(?<![0-9A-Za-z])(?=[0-9A-Za-z]*[0-9])(?=[0-9A-Za-z]*[A-Za-z])[0-9A-Za-z]{16,}')


def text(value: str) -> str:
    """A text that any database takes, of bounded length."""
    clipped = value if len(value) <= MAX_TEXT else value[: MAX_TEXT - 1] + '…'
    return clipped.replace('\0', '\N{REPLACEMENT CHARACTER}').encode('utf-8', 'replace').decode()


def message(value: str) -> str:
    """What a client or tracker said, without addresses' paths and what may be a personal key."""
    return _SECRET.sub('…', _URL.sub(_host_only, value[: 2 * MAX_TEXT]))


def _host_only(found: re.Match[str]) -> str:
    return found[1] + found[3] + ('/…' if found[4] and found[4] != '/' else found[4] or '')


def torrent(row: Row) -> dict[str, Any]:
    """The torrent of a snapshot's row: its columns by key but for its number, which other processes do not know."""
    return {key: plain(key, value) for key, value in zip(_KEYS, row, strict=True) if key != 'id'}


def plain(key: str, value: Any) -> Any:
    """The value of a column as JSON has it, whatever a client put there."""
    kind = _KINDS.get(key, '')
    if value is None:
        return None
    if kind == 'bool':
        return bool(value)
    if isinstance(value, str):
        return text(message(value) if key == 'message' else value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int) else text(str(value))


def pack(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of an event's data: a torrent without what is empty or stands beside it."""
    if not data.get('torrent'):
        return dict(data)
    short = {
        key: value
        for key, value in data['torrent'].items()
        if key not in _BESIDE and (value is None or value != _EMPTY.get(_KINDS.get(key, '')))
    }
    return {**data, 'torrent': short}


def unpack(stored: Mapping[str, Any], target: str, info_hash: str) -> dict[str, Any]:
    """The way back."""
    if not isinstance(stored.get('torrent'), dict):
        return dict(stored)
    whole = {key: _EMPTY[kind] for key, kind in _KINDS.items()}
    return {**stored, 'torrent': whole | {'target': target, 'hash': info_hash} | stored['torrent']}
