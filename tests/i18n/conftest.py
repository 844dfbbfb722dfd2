"""The live list for readers of other languages, on the stage of tests/live_page."""

from __future__ import annotations

from tests.live_page.conftest import serve, visit

__all__ = ['serve', 'visit']
