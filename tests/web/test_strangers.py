"""Nobody gets past the login: every route, every method, one site that strangers leave as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib.web.routes import ROUTES
from tests.rig.factory import Factory
from tests.web.conftest import building
from tests.web.site import Client, Site

METHODS = ('GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE')
#: What a stranger may see; a new route is closed unless it is added here.
PUBLIC = {'login', 'first', 'once', 'shared', 'health', 'favicon', 'manifest', 'static', 'language', 'words'}


def address(path: str) -> str:
    """A path of the route map with its variables filled in."""
    filled = path.replace('<target>', 'home').replace('<hash>', 'A' * 40).replace('<int:index>', '0')
    return filled.replace('<token>', 'x' * 43).replace('<path:path>', 'css/base.css')


@pytest.fixture(scope='module')
def closed(tmp_path_factory: pytest.TempPathFactory, start_shared_rtorrent: Factory) -> Iterator[Site]:
    """A site for strangers, who leave nothing in it: one for all routes and methods."""
    with building(tmp_path_factory.mktemp('closed')) as build:
        yield build(home=start_shared_rtorrent())


@pytest.mark.parametrize('method', METHODS)
@pytest.mark.parametrize(
    'route', [route for route in ROUTES if route.name not in PUBLIC], ids=lambda route: route.name
)
def test_a_stranger_is_stopped_at_every_route(closed: Site, route: object, method: str) -> None:
    rpc = closed.services.hub.backends['home'].rpc
    before = rpc.requests
    answer = Client(closed.app).open(
        address(route.path), method=method, headers={'Origin': 'http://localhost'}
    )
    assert answer.status_code in (401, 403) or answer.headers.get('Location', '').startswith('/login')
    assert rpc.requests == before


def test_the_public_routes_are_those_listed() -> None:
    assert {route.name for route in ROUTES if route.access == 'public'} == PUBLIC
