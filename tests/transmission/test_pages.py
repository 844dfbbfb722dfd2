"""Pages of a Transmission, beside those that all clients have."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lib import config, targets
from tests.transmission.fake import SESSION, answers
from tests.web.site import Site
from tests.wire.fakes import Server


def reply(request: dict[str, Any]) -> Any:
    if request['method'] == 'torrent-get':
        return {'torrents': [], 'removed': []}
    return {**SESSION, 'dht-enabled': True, 'lpd-enabled': False}


def test_only_the_choices_that_it_has_are_offered_and_explained(tmp_path: Path) -> None:
    with Server(answers(reply)) as server:
        entry = {'transmission': {'host': '127.0.0.1', 'port': server.port}}
        site = Site(config.make({'rtorrent_config': {'box': entry}, 'STATE_DIR': str(tmp_path)}))
        page = site.browser('ada').get('/settings/box').text
        site.services.close()
        targets.reset()
    dht = re.search(r'name="dht".*?<label', page, re.DOTALL)
    assert dht is not None
    assert re.findall(r'<option[^>]*>(\w+)', dht[0]) == ['off', 'on']
    assert 'auto' not in dht[0]
    assert 'Asks the local network for peers.' in page
