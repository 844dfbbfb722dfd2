"""What a link, an image or a preview can cause: GET, HEAD and OPTIONS change nothing anywhere."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from lib.web.routes import ROUTES
from model.tables import attempts, links, tokens, users
from tests.attack.conftest import Tap
from tests.core.support import loaded
from tests.rig import Rtorrent
from tests.web.site import Browser, Client, Site


def filled(path: str, info_hash: str, token: str) -> str:
    path = path.replace('<target>', 'home').replace('<hash>', info_hash).replace('<int:index>', '0')
    return path.replace('<token>', token).replace('<path:path>', 'css/base.css')


def contents(site: Site) -> list[object]:
    """All that is kept about people."""
    with site.services.engine.connect() as connection:
        return [connection.execute(sa.select(table)).all() for table in (users, links, attempts, tokens)]


@pytest.mark.parametrize('method', ['GET', 'HEAD', 'OPTIONS'])
def test_nothing_is_changed_by_asking(site: Site, rtorrent: Rtorrent, tap: Tap, method: str) -> None:
    made = loaded(rtorrent)
    admin, stranger = site.browser('ada'), Browser(site)
    user = site.services.users.find('ada')
    assert user is not None
    token = site.services.links.create('login', user.id, 60)
    before = contents(site)
    query = (
        '?verb=erase&sure=yes&theme=dark&name=x&password=y&label=z&links=http://127.0.0.1/&csrf=' + admin.csrf
    )
    for route in ROUTES:
        path = filled(route.path, made.info_hash, token)
        for browser in (admin, stranger):
            answer = browser.client.open(path + query, method=method, headers={'Origin': 'http://localhost'})
            assert answer.status_code < 500
            assert 'Access-Control-Allow-Origin' not in answer.headers
            assert 'pyrotorrent' not in answer.headers.get('Set-Cookie', ''), path
    assert contents(site) == before
    assert tap.writes() == []
    assert rtorrent.call('d.name', made.info_hash) == made.name
    assert admin.get('/').status_code == 200


def test_a_preview_does_not_use_up_a_login_link(site: Site) -> None:
    user = site.services.users.add('ada', 'correct horse battery', 'admin')
    token = site.services.links.create('login', user.id, 60)
    for _ in range(3):
        assert Client(site.app).head(f'/once/{token}').status_code == 200
    assert site.browser().post(f'/once/{token}', {'csrf': ''}).status_code == 303


def test_asking_for_the_head_of_the_login_is_no_attempt(site: Site) -> None:
    site.services.users.add('ada', 'correct horse battery', 'admin')
    for _ in range(40):
        assert Client(site.app).head('/login').status_code == 200
    answer = site.browser().post('/login', {'name': 'ada', 'password': 'correct horse battery'})
    assert answer.status_code == 303
