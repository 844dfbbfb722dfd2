"""A backend that keeps the whole contract, until a test has one of its methods answer something odd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.backends.clients import ONE
from tests.backends.everything import Everything

FIRST = ONE.upper()
OF_TORRENT = ('detail', 'facts', 'files', 'peers', 'trackers', 'pieces', 'row')
OF_CLIENT = (
    'views', 'rows', 'members', 'globals', 'overview', 'free_space_of', 'perform', 'add', 'settings',
    'set_settings', 'encryption', 'set_encryption', 'watch',
)  # fmt: skip
Odd = Callable[[Callable[[], Any]], Any]


class Hostile(Everything):
    """Methods that tell of a torrent are odd for the first one only.

    :ivar odd: what takes the place of a method, by its name; it is given the real one.
    """

    def __init__(self, name: str, password: str = '') -> None:
        super().__init__()
        self.name = name
        self.odd: dict[str, Odd] = {}


def _wrapped(method: str) -> Callable[..., Any]:
    real = getattr(Everything, method)

    def call(self: Hostile, *args: Any) -> Any:
        odd = self.odd.get(method)
        meant = method in OF_CLIENT or args[0] == FIRST
        return odd(lambda: real(self, *args)) if odd and meant else real(self, *args)

    return call


for _method in (*OF_TORRENT, *OF_CLIENT):
    setattr(Hostile, _method, _wrapped(_method))
