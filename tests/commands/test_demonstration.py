"""What ``run`` leaves for the other commands where it shows the demonstration."""

from __future__ import annotations

from argparse import Namespace
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from lib import config as configuration
from lib.commands import serve
from lib.config import Config


def test_other_commands_reach_the_demonstration_by_its_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    served: list[Config] = []
    read: list[Config] = []

    def look(config: Config, *, demo: Path) -> None:
        served.append(config)
        read.append(configuration.load(str(demo)))

    shown = SimpleNamespace(
        rtorrent_config={'home': {'url': 'scgi:///run/demo.sock'}}, download_roots=[str(tmp_path)]
    )
    monkeypatch.setattr(configuration, 'find', lambda path, environ: Path(path) if path else None)
    monkeypatch.setattr(serve, 'Demo', lambda directory: nullcontext(shown))
    monkeypatch.setattr(serve, 'set_up', lambda *how: None)
    monkeypatch.setattr(serve.signal, 'signal', lambda *how: None)
    monkeypatch.setattr(serve, '_serve', look)
    serve.run(Namespace(config=None, host=None, port=8123))
    for name in ('rtorrent_config', 'STATE_DIR', 'DOWNLOAD_ROOTS', 'HTTP_PORT', 'WEBHOOK_ALLOWED_NETWORKS'):
        assert getattr(read[0], name) == getattr(served[0], name)
    assert served[0].HTTP_PORT == 8123
