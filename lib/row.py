"""The rows that the query builders answer with."""

from __future__ import annotations

from typing import Any


class Row(dict[str, Any]):
    """A dict whose values can also be read as attributes: ``row['get_name']`` and ``row.get_name``."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(
                f'This row has no “{name}”; it has {", ".join(self) or "nothing"}.'
            ) from None
