"""What may not be shown: passwords in addresses, and whatever a secret-sounding name holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

MASK = '•••'
_PASSWORD = re.compile(r'(://[^:/@\s]*):\S*@')
_BEHIND_HOST = re.compile(r'(://[^/?#\s]+)[/?#]\S+')
_WORDS = 'secret|pass|key|token|auth|credential|cookie'
_NAMES = re.compile(_WORDS, re.IGNORECASE)
_QUERY = re.compile(rf'([?&][^=&\s]*(?:{_WORDS})[^=&\s]*=)[^&\s]+', re.IGNORECASE)
_LEAST = 4  # characters of a secret that is looked for in other texts


def masked(value: Any, name: str = '') -> Any:
    """``value`` of the setting ``name`` without its secrets."""
    if _NAMES.search(name) and value not in (None, '', True, False):
        return MASK
    if isinstance(value, dict):
        return {key: masked(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return masked_text(value) if isinstance(value, str) else value


def hosts_only(value: Any) -> Any:
    """``value`` with addresses cut behind the host: those of webhooks hold secrets in paths and queries."""
    if isinstance(value, dict):
        return {key: hosts_only(item) for key, item in value.items()}
    return _BEHIND_HOST.sub(rf'\1/{MASK}', value) if isinstance(value, str) else value


def masked_text(text: str, known: tuple[str, ...] = ()) -> str:
    """``text`` without passwords in addresses, and without the secrets of ``known``."""
    for secret in known:
        text = text.replace(secret, MASK)
    return _QUERY.sub(rf'\1{MASK}', _PASSWORD.sub(rf'\1:{MASK}@', text))


def secrets_of(options: Mapping[str, Any]) -> tuple[str, ...]:
    """The secrets among the options of a client, the longest first; short ones could be part of any word."""
    found = {text for key, value in options.items() if _NAMES.search(key) for text in _texts(value)}
    return tuple(sorted(found, key=len, reverse=True))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from [value] if len(value) >= _LEAST else []
    elif isinstance(value, Mapping):
        yield from (text for item in value.values() for text in _texts(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in _texts(item))
