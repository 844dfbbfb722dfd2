"""One row of the route map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

READ = ('GET',)
WRITE = ('POST',)
BOTH = ('GET', 'POST')


@dataclass(frozen=True)
class Route:
    """``access`` is the least role: public, read, write or admin; a page that shows a form to readers checks the right
    to write itself. ``kind`` is page, api or file and decides how errors look. ``files``: whether its body may be as
    large as ``MAX_UPLOAD_BYTES``. What is ``harmless`` changes nothing and tells the sender only what it sent, so its
    POST may come from anywhere."""

    path: str
    name: str
    handler: Callable[..., Any]
    methods: tuple[str, ...]
    access: str
    kind: str = 'page'
    files: bool = False
    harmless: bool = False
