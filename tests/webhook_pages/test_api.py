"""The REST API of webhooks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.intake.servers import http
from tests.web.site import Program, Site
from tests.webhook_pages.conftest import ADDRESS, Build, Make, People, deliver
from tests.webhooks.endpoint import Endpoint

NEW = {
    'name': 'phone', 'style': 'ntfy', 'url': 'https://ntfy.sh/my-topic', 'kinds': ['finished'], 'query': 'ratio>2',
    'options': {'token': 'tk_secret', 'priority': '4'},
}  # fmt: skip


@pytest.fixture
def program(people: People, site: Site) -> Program:
    """An administrator's, with a token that may write."""
    return people.program()


def error_of(answer: Any) -> tuple[int, str, str]:
    error = answer.json['error']
    return answer.status_code, error['code'], error['details'].get('field', '')


def test_one_is_made_read_changed_and_removed(program: Program) -> None:
    answer = program.call('POST', '/webhooks', NEW)
    assert answer.status_code == 201
    made = answer.json
    assert {key: made[key] for key in ('name', 'style', 'kinds', 'query', 'state', 'source', 'waiting', 'last')} == {
        'name': 'phone', 'style': 'ntfy', 'kinds': ['finished'], 'query': 'ratio>2', 'state': 'active',
        'source': 'page', 'waiting': 0, 'last': None,
    }  # fmt: skip
    assert (made['address'], made['options'], made['secrets']) == ('ntfy.sh', {'priority': '4'}, ['token'])
    path = f'/webhooks/{made["id"]}'
    assert program.get(path) == made
    assert program.get('/webhooks') == {'webhooks': [made]}
    changed = program.call('PATCH', path, {'name': 'tablet', 'kinds': []}).json
    assert (changed['name'], changed['kinds'], changed['secrets']) == ('tablet', [], ['token'])
    assert program.call('DELETE', path).json == {'id': made['id']}
    assert program.call('GET', path).status_code == 404
    assert program.call('DELETE', path).status_code == 404


def test_secrets_and_whole_addresses_are_never_told_again(site: Site, program: Program) -> None:
    made = program.call('POST', '/webhooks', {'name': 'x', 'style': 'json', 'url': ADDRESS}).json
    secret = site.services.webhooks.secret(made['id'])
    assert made['secret'] == secret
    program.call('POST', '/webhooks', NEW)
    path = f'/webhooks/{made["id"]}'
    answers = [program.call('GET', place) for place in ('/webhooks', path, f'{path}/deliveries')]
    answers += [program.call('POST', f'{path}/{act}') for act in ('pause', 'resume', 'discard')]
    answers += [program.call('PATCH', path, {'name': 'y'})]
    for answer in answers:
        assert answer.status_code == 200
        assert not [
            word for word in (secret, 'secret-path', 'hidden', 'my-topic', 'tk_secret') if word in answer.text
        ]


def test_an_option_is_taken_away_by_null(program: Program) -> None:
    path = f'/webhooks/{program.call("POST", "/webhooks", NEW).json["id"]}'
    kept = program.call('PATCH', path, {'options': {'token': ''}}).json
    assert (kept['secrets'], kept['options']) == (['token'], {'priority': '4'})
    gone = program.call('PATCH', path, {'options': {'token': None, 'priority': None}}).json
    assert (gone['secrets'], gone['options']) == ([], {})


def test_the_secret_is_ones_own_or_made_and_can_be_replaced(site: Site, program: Program) -> None:
    own = 'a secret of 32 characters, really'.replace(' ', '-')
    body = {'name': 'x', 'style': 'json', 'url': ADDRESS, 'secret': own}
    made = program.call('POST', '/webhooks', body).json
    assert site.services.webhooks.secret(made['id']) == own
    new = program.call('POST', f'/webhooks/{made["id"]}/secret').json
    assert new == {'id': made['id'], 'secret': site.services.webhooks.secret(made['id'])}
    assert new['secret'] != own


@pytest.mark.parametrize(
    ('change', 'expected'),
    [
        ({'name': ''}, (400, 'bad_input', 'name')),
        ({'name': 'a\r\nb'}, (400, 'bad_input', 'name')),
        ({'style': 'fax'}, (400, 'unknown_name', 'style')),
        ({'style': ['ntfy']}, (400, 'bad_input', 'style')),
        ({'url': 'http://127.0.0.1.:5000/'}, (201, '', '')),  # allowed here, see LOOPBACK
        ({'url': 'http://10.1.2.3/t'}, (400, 'bad_input', 'url')),
        ({'url': 'file:///etc/passwd'}, (400, 'bad_input', 'url')),
        ({'url': 'https://ntfy.sh/t\r\nHost: x'}, (400, 'bad_input', 'url')),
        ({'url': 'https://user:password@ntfy.sh/t'}, (400, 'bad_input', 'url')),
        ({'kinds': ['nonsense']}, (400, 'unknown_name', 'kinds[0]')),
        ({'kinds': ['did']}, (400, 'unknown_name', 'kinds[0]')),
        ({'query': 'ratio>x'}, (400, 'bad_query', 'query')),
        ({'options': {'token': 'a\r\nX: y'}}, (400, 'bad_input', 'options.token')),
        ({'options': {'priority': '6'}}, (400, 'bad_input', 'options.priority')),
        ({'options': {'priority': 4}}, (400, 'bad_input', 'options.priority')),
        ({'options': {'chat': '1'}}, (400, 'unknown_name', 'options.chat')),
        ({'options': {'evil': '1'}}, (400, 'unknown_name', 'options.evil')),
        ({'secret': 'short'}, (400, 'bad_input', 'secret')),
        ({'state': 'paused'}, (400, 'unknown_name', 'state')),
        ({'source': 'config'}, (400, 'unknown_name', 'source')),
    ],
)
def test_what_is_wrong_is_refused_and_the_field_named(
    site: Site, program: Program, change: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    if expected[0] == 201:
        change = {**change, 'url': 'http://127.0.0.1:5000/topic'}
        assert program.call('POST', '/webhooks', {**NEW, **change}).status_code == 201
        return
    assert error_of(program.call('POST', '/webhooks', {**NEW, **change})) == expected
    assert site.services.webhooks.all() == []
    path = f'/webhooks/{program.call("POST", "/webhooks", NEW).json["id"]}'
    before = program.get(path)
    if 'name' not in change or change['name']:
        assert error_of(program.call('PATCH', path, change)) == expected
    assert program.get(path) == before


def test_two_of_one_name_and_too_little_are_refused(program: Program) -> None:
    program.call('POST', '/webhooks', NEW)
    assert error_of(program.call('POST', '/webhooks', NEW)) == (409, 'conflict', '')
    assert error_of(program.call('POST', '/webhooks', {'name': 'x'})) == (400, 'bad_input', 'style')
    assert error_of(program.call('POST', '/webhooks', {'name': 'x', 'style': 'json'}))[0] == 400


def test_a_test_answers_what_the_receiver_said(program: Program, make: Make, endpoint: Endpoint) -> None:
    path = f'/webhooks/{make(url=endpoint.url()).id}'
    done = program.call('POST', f'{path}/test').json
    assert (done['state'], done['status'], done['kind'], done['error']) == ('done', 204, 'test', '')
    endpoint.answer = lambda _got: http(b'go away', '403 Forbidden')
    failed = program.call('POST', f'{path}/test').json
    assert (failed['state'], failed['status'], failed['reply']) == ('failed', 403, 'go away')
    assert failed['error']
    assert program.get(path)['last']['id'] == failed['id']


def test_a_test_of_what_is_private_says_so(build: Build) -> None:
    before = build({'WEBHOOK_ALLOWED_NETWORKS': ['127.0.0.0/8']})
    hook = before.services.webhooks.create({'name': 'x', 'style': 'json', 'url': 'http://127.0.0.1:9/'})
    program = build({}).program('robot')
    answer = program.call('POST', f'/webhooks/{hook.id}/test').json
    assert (answer['state'], answer['status']) == ('failed', None)
    assert 'WEBHOOK_ALLOWED_NETWORKS' in answer['error']


def test_pause_resume_and_discard(site: Site, program: Program, make: Make) -> None:
    hook = make()
    deliver(site, hook, 3)
    path = f'/webhooks/{hook.id}'
    assert program.call('POST', f'{path}/pause').json['state'] == 'paused'
    assert program.call('POST', f'{path}/resume').json['state'] == 'active'
    assert program.call('POST', f'{path}/discard').json['waiting'] == 0
    assert {item['state'] for item in program.get(f'{path}/deliveries')['deliveries']} == {'dropped'}


def test_the_log_is_told_in_pages(site: Site, program: Program, make: Make) -> None:
    hook = make()
    deliver(site, hook, 25, state='done', status=200, ended=1.0, tries=1)
    path, seen, before = f'/webhooks/{hook.id}/deliveries', list[int](), None
    while True:
        page = program.get(path, limit=10, **({'before': before} if before else {}))
        seen += [item['id'] for item in page['deliveries']]
        before = page['next']
        if before is None:
            break
    assert len(seen) == 25 and seen == sorted(seen, reverse=True)
    for wrong in ({'limit': 0}, {'limit': 501}, {'before': 0}, {'before': 'x'}):
        assert (
            program.call('GET', path + '?' + '&'.join(f'{k}={v}' for k, v in wrong.items())).status_code
            == 400
        )


def test_one_of_the_log_is_sent_again(site: Site, program: Program, make: Make) -> None:
    hook, other = make(), make('other')
    deliver(site, hook, state='failed', ended=1.0, tries=12, error='no')
    [item] = program.get(f'/webhooks/{hook.id}/deliveries')['deliveries']
    place = f'deliveries/{item["id"]}/retry'
    assert program.call('POST', f'/webhooks/{other.id}/{place}').status_code == 404
    again = program.call('POST', f'/webhooks/{hook.id}/{place}').json
    assert (again['state'], again['uid'], again['tries']) == ('waiting', item['uid'], 0)
    assert program.call('POST', f'/webhooks/{hook.id}/{place}').status_code == 409


def test_one_of_config_py_cannot_be_changed(build: Build) -> None:
    site = build({'WEBHOOKS': {'backup': {'style': 'json', 'url': ADDRESS, 'secret': 'x' * 32}}})
    site.services.webhooks.sync()
    program = site.program('robot')
    [hook] = program.get('/webhooks')['webhooks']
    assert hook['source'] == 'config'
    path = f'/webhooks/{hook["id"]}'
    for method, place, body in (
        ('PATCH', path, {'name': 'x'}),
        ('DELETE', path, None),
        ('POST', f'{path}/secret', None),
    ):
        assert program.call(method, place, body).status_code == 409
    assert program.call('POST', f'{path}/pause').status_code == 200
