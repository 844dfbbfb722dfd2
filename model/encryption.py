"""The encryption policy: which words a client takes, which of them contradict each other, and what was last set.

rTorrent before 0.16.18 can set a policy and not tell which one is set. So we note what we set, and say that it is only
that: the client may have been restarted or set by others since.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lib.errors import UnknownName, UsageError
from lib.words import N_
from model.backends.rtorrent_settings import FLAG_WORDS, LEVEL_WORDS
from model.backends.transmission_settings import MODE_WORDS

if TYPE_CHECKING:
    from model.hub import Hub

NOTE = 'encryption'

#: What each word does, for people.
MEANING: dict[str, str] = {
    'none': N_('no encryption at all'),
    'allow_incoming': N_('accept encrypted connections of others'),
    'try_outgoing': N_('ask for encryption in our own connections'),
    'require': N_('refuse connections without an encrypted handshake'),
    'require_RC4': N_('refuse connections whose data is not encrypted too'),
    'enable_retry': N_('after a failure try once more the other way, plain or encrypted'),
    'prefer_plaintext': N_('after an encrypted handshake leave the data plain where the peer lets us choose'),
    'handshake_deny': N_('no encrypted handshakes'),
    'handshake_allow': N_('encrypted handshakes where the peer begins them'),
    'handshake_prefer': N_('encrypted handshakes first, plain ones if that fails'),
    'handshake_require': N_('encrypted handshakes only'),
    'stream_deny': N_('no encryption of the data'),
    'stream_allow': N_('encryption of the data where the peer wants it'),
    'stream_prefer': N_('encryption of the data where the peer can'),
    'stream_require': N_('encryption of all data'),
    'tolerated': N_('encrypted connections where the peer begins them'),
    'preferred': N_('encrypted connections first, plain ones if that fails'),
    'required': N_('encrypted connections only'),
}


class NoteStore(Protocol):
    """Keeps what we did to a client where the client itself cannot tell."""

    def get(self, target: str, key: str) -> tuple[str, float] | None:
        """The value and when it was put (Unix seconds), None where there is none."""

    def put(self, target: str, key: str, value: str) -> None:
        """Keep a value with the present time."""


@dataclass(frozen=True, slots=True)
class Preset:
    """A policy people can choose by what it means."""

    key: str
    label: str
    words: tuple[str, ...]


PRESETS: dict[str, tuple[Preset, ...]] = {
    'flags': (
        Preset('off', 'No encryption', ('none',)),
        Preset(
            'allow', 'Accept it, do not ask for it', ('allow_incoming', 'enable_retry', 'prefer_plaintext')
        ),
        Preset('prefer', 'Prefer it, fall back to plain', ('allow_incoming', 'try_outgoing', 'enable_retry')),
        Preset(
            'require',
            'Encrypted connections only',
            ('require', 'require_RC4', 'allow_incoming', 'try_outgoing'),
        ),
    ),
    'levels': (
        Preset('off', 'No encryption', ('handshake_deny', 'stream_deny')),
        Preset('allow', 'Accept it, do not ask for it', ('handshake_allow', 'stream_allow')),
        Preset('prefer', 'Prefer it, fall back to plain', ('handshake_prefer', 'stream_prefer')),
        Preset('require', 'Encrypted connections only', ('handshake_require', 'stream_require')),
    ),
    'modes': (
        Preset('allow', 'Accept it, do not ask for it', ('tolerated',)),
        Preset('prefer', 'Prefer it, fall back to plain', ('preferred',)),
        Preset('require', 'Encrypted connections only', ('required',)),
    ),
}


@dataclass(frozen=True, slots=True)
class LastSet:
    """The words we last set, and when (Unix seconds)."""

    words: tuple[str, ...]
    at: float


@dataclass(frozen=True, slots=True)
class Policy:
    """What is known about a client's encryption policy.

    :ivar style: ``flags``, ``levels`` or ``modes``: which words the client takes.
    :ivar words: all of them.
    :ivar last: what we last set, None where we never did.
    :ivar confirmed: what the client itself says is set; None where it cannot.
    """

    style: str
    words: tuple[str, ...]
    presets: tuple[Preset, ...]
    last: LastSet | None
    confirmed: str | None


def last_set(notes: NoteStore, target: str) -> LastSet | None:
    """What we last set, None where we never did."""
    note = notes.get(target, NOTE)
    return LastSet(tuple(note[0].split(',')), note[1]) if note else None


def policy(hub: Hub, notes: NoteStore, target: str) -> Policy:
    """What is known about a client's policy, in one request.

    :raises NotFound: there is no such client.
    :raises WireError: it did not answer.
    """
    state = hub.get(target).encryption()
    return Policy(
        style=state.style,
        words=state.words,
        presets=PRESETS[state.style],
        last=last_set(notes, target),
        confirmed=state.confirmed,
    )


def set_policy(hub: Hub, notes: NoteStore, target: str, words: Sequence[str]) -> Policy:
    """Set the policy, note it and read it back.

    :raises UsageError: no words, unknown ones, or ones that contradict each other; nothing is sent.
    :raises WireError: the client did not answer; nothing is noted, since it is not known what is set.
    """
    backend = hub.get(target)
    checked = check(words, backend.encryption().style)
    backend.set_encryption(checked)
    notes.put(target, NOTE, ','.join(checked))
    return policy(hub, notes, target)


def check(words: Sequence[str], style: str) -> tuple[str, ...]:
    """``words`` without repetitions, in a fixed order.

    :raises UsageError: as :func:`set_policy`.
    """
    known = KNOWN[style]
    for word in words:
        if word not in known:
            raise UnknownName('word for the encryption policy', str(word), known, field='encryption')
    chosen = tuple(word for word in known if word in words)
    if not chosen:
        raise UsageError('Choose at least one word for the encryption policy.', field='encryption')
    problem = _PROBLEMS[style](chosen)
    if problem:
        raise UsageError(problem, field='encryption')
    return chosen


KNOWN: dict[str, tuple[str, ...]] = {'flags': FLAG_WORDS, 'levels': LEVEL_WORDS, 'modes': MODE_WORDS}


def _flags_problem(words: Sequence[str]) -> str:
    chosen = set(words)
    if 'none' in chosen and len(chosen) > 1:
        return '“none” turns encryption off, so no other word goes with it.'
    if 'prefer_plaintext' in chosen and 'require_RC4' in chosen:
        return '“prefer_plaintext” and “require_RC4” contradict each other.'
    if {'require', 'require_RC4'} & chosen and not {'allow_incoming', 'try_outgoing'} & chosen:
        return (
            'Encryption would be required and neither accepted (“allow_incoming”) nor offered (“try_outgoing”): '
            'no peer could connect. Add at least one of the two.'
        )
    return ''


def _levels_problem(chosen: tuple[str, ...]) -> str:
    levels: dict[str, str] = {}
    for word in chosen:
        part, _, level = word.partition('_')
        if part in levels:
            return f'“{part}_{levels[part]}” and “{word}” contradict each other.'
        levels[part] = level
    missing = {'handshake', 'stream'} - levels.keys()
    if missing:
        return f'Choose a level for the {missing.pop()} too.'
    if levels['handshake'] == 'deny' and levels['stream'] in ('prefer', 'require'):
        return 'An encrypted stream needs an encrypted handshake, which “handshake_deny” rules out.'
    return ''


def _modes_problem(chosen: Sequence[str]) -> str:
    return '' if len(chosen) == 1 else f'“{chosen[0]}” and “{chosen[1]}” contradict each other.'


_PROBLEMS = {'flags': _flags_problem, 'levels': _levels_problem, 'modes': _modes_problem}
