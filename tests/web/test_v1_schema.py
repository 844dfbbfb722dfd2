"""``openapi.json`` and what the API really does: requests made up from it, against a real rTorrent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import allow_header_conformance, ignored_auth, positive_data_acceptance

from lib import config, targets
from lib.web.app import create_app
from lib.web.v1 import openapi
from lib.web.v1.routes import OPERATIONS
from lib.web.v1.schema import check
from model.events.eventlog import Event
from tests.rig import make
from tests.rig.factory import Factory
from tests.web.site import Program, Site

#: What is valid by the schema may still be refused, as a search that makes no sense is; a path with a variable also
#: matches those without; and the token is sent in any case (tests/attack tries without).
LEFT_OUT = [positive_data_acceptance, allow_header_conformance, ignored_auth]


class Rig:
    def __init__(self, factory: Factory, state: Path) -> None:
        self.rtorrent = factory('0.9.8')
        self.made = make(
            self.rtorrent.downloads,
            'tree',
            {'a/b': 70_000, 'c': 300_000},
            announce='http://127.0.0.1:1/key/a',
        )
        values = {'rtorrent_config': {'home': {'url': self.rtorrent.url}}, 'STATE_DIR': str(state)}
        self.site = Site(config.make(values))
        self.program: Program = self.site.program('robot')
        told = {'torrent': {'name': 'tree'}, 'diff': {'label': ['', 'linux']}}
        moment = time.time()
        self.site.services.events.add(
            [
                Event(0, moment, 'home', self.made.info_hash, 'updated', 'tree', data=told),
                Event(0, moment, 'home', '', 'offline', 'home', 'refused'),
            ]
        )

    def settle(self) -> None:
        """Have the torrent, whatever was done before."""
        if self.made.info_hash not in self.rtorrent.hashes():
            self.rtorrent.load(self.made.seed, self.made.info_hash)


@pytest.fixture(scope='module')
def rig(start_shared_rtorrent: Factory, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    made = Rig(start_shared_rtorrent, tmp_path_factory.mktemp('state'))
    running[:] = [create_app(made.site.config, made.site.services)]
    yield made
    made.site.services.close()
    targets.reset()


#: The application of the running test; the schema is read before there is one.
running: list[Any] = []


def app(environ: Any, start_response: Any) -> Any:
    environ['REMOTE_ADDR'] = '127.0.0.1'
    return running[0](environ, start_response)


schema = schemathesis.openapi.from_dict(openapi.document(OPERATIONS, '/api/v1'))
schema.app = app


@schema.parametrize()
@settings(
    max_examples=12, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
def test_every_answer_is_as_described(rig: Rig, case: Any) -> None:
    rig.settle()
    given = case.path_parameters or {}
    if given.get('hash', 'A')[:1] in '01234567':  # else hardly any would name the torrent that is there
        given['hash'] = rig.made.info_hash
    if 'target' in given and given.get('hash') == rig.made.info_hash:
        given['target'] = 'home'
    if str((case.query or {}).get('wait', '')).isdigit():
        case.query['wait'] = 0  # nothing happens here
    # The checks read the body as it comes.
    response = case.call(headers={**rig.program.headers, 'Accept-Encoding': 'identity'})
    if response.status_code == 413:  # what has too many items for the schema is too large before that
        assert response.json()['error']['code'] == 'too_large'
    else:
        case.validate_response(response, excluded_checks=LEFT_OUT)


def test_the_document_says_what_the_table_says(rig: Rig) -> None:
    told = rig.program.get('/openapi.json')
    assert told['openapi'] == '3.1.0'
    assert told['servers'] == [{'url': '/api/v1'}]
    found = {(path, method.upper()) for path, item in told['paths'].items() for method in item}
    assert len(found) == len(OPERATIONS)
    for item in told['paths'].values():
        for operation in item.values():
            assert operation['summary']
            assert operation['x-role'] in ('read', 'write', 'admin')


@pytest.mark.parametrize('operation', OPERATIONS, ids=lambda operation: operation.name)
def test_every_schema_is_one_that_is_checked(operation: Any) -> None:
    for schema in (*operation.query.values(), *([operation.body] if operation.body else [])):
        walk(schema)


def walk(schema: dict[str, Any]) -> None:
    """Meet every part of a schema: check() refuses words that it does not know."""
    bare = {
        key: value for key, value in schema.items() if key not in ('type', 'enum', 'properties', 'required')
    }
    check({**bare, 'minProperties': 0} if 'minProperties' in bare else bare, None)
    for part in schema.get('properties', {}).values():
        walk(part)
    if 'items' in schema:
        walk(schema['items'])
