"""The application over clients of any kind, served by its own web server to a real browser."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

from lib import config, targets
from lib.web import server
from lib.web.app import create_app
from lib.web.services import make_services
from model.backends.base import Backend
from model.bulk import Bulk
from model.hub import Hub
from tests.rig.state import prepared
from tests.rig.templates import share


class Served:
    """:ivar url: where the list is."""

    def __init__(self, state: Path, *backends: Backend, **settings: object) -> None:
        self.backends = backends
        values = {'STATE_DIR': str(state), 'USE_AUTH': False, 'HTTP_PORT': 0, **settings}
        made = config.make(values)
        services, hub = make_services(prepared(made)), Hub(backends)
        share(services.templates)
        self.services = replace(services, hub=hub, bulk=Bulk(services.engine, hub))
        self.app = create_app(made, self.services)
        listening = server._listen('127.0.0.1', 0)
        self.url = f'http://127.0.0.1:{listening.getsockname()[1]}/'
        dispatcher = server.ThreadedTaskDispatcher()
        dispatcher.set_thread_count(6)
        self._server = server.Server(
            self.app,
            _sock=listening,
            dispatcher=dispatcher,
            sockinfo=(listening.family, listening.type, listening.proto, listening.getsockname()),
            bind_socket=False,
            clear_untrusted_proxy_headers=False,
        )
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.stop()
        self._thread.join(60)
        self.services.hub.close()
        self.services.engine.dispose()
        targets.reset()
