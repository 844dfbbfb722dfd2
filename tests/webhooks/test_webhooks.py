"""The table of receivers: what may be in it, what is shown of it, and what the configuration puts there."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib import config
from lib.errors import ConfigError, Conflict, NotFound, QueryError, UsageError
from model.webhooks.receivers import MAX_WEBHOOKS, STYLES, Webhooks
from tests.rig.postgres import BOTH
from tests.webhooks.conftest import Stage

JSON = {'name': 'a', 'style': 'json', 'url': 'https://a.example/x'}
SECRETS = {
    'json': {'url': 'https://h.example/SECRET', 'options': {'authorization': 'Bearer SECRET'}},
    'ntfy': {'url': 'https://ntfy.sh/SECRET', 'options': {'token': 'SECRET'}},
    'gotify': {'url': 'https://g.example:8443/SECRET', 'options': {'token': 'SECRET'}},
    'discord': {'url': 'https://discord.com/api/webhooks/1/SECRET?x=SECRET#SECRET'},
    'slack': {'url': 'https://hooks.slack.com/services/T/B/SECRET'},
    'telegram': {'options': {'token': '1:SECRET', 'chat': '@linux'}},
    'email': {'options': {'to': 'a@example.org'}},
}


@pytest.mark.parametrize('style', STYLES)
def test_secrets_are_not_shown(stage: Stage, style: str, caplog: pytest.LogCaptureFixture) -> None:
    hook = stage.hooks.create({'name': 'a', 'style': style, **SECRETS[style]})

    assert 'SECRET' not in repr(hook)
    assert 'SECRET' not in hook.masked
    assert 'SECRET' not in str(dict(hook.options))
    assert stage.hooks.secret(hook.id) not in repr(hook)
    delivery = stage.hooks.test(hook.id) if style in ('json', 'email') else None
    assert delivery is None or 'SECRET' not in repr(delivery)
    assert 'SECRET' not in caplog.text


@BOTH
def test_what_is_made_can_be_read(stage: Stage) -> None:
    made = stage.hooks.create(
        {**JSON, 'name': ' B ', 'kinds': ['finished', 'finished'], 'query': ' ratio>1 ', 'options': {}}
    )
    other = stage.hooks.create({'name': 'a', 'style': 'telegram', 'options': {'token': '1:x', 'chat': '-5'}})

    assert stage.hooks.get(made.id) == made
    assert stage.hooks.all() == [other, made]
    assert (made.name, made.kinds, made.query, made.state) == ('B', ('finished',), 'ratio>1', 'active')
    assert (made.masked, made.source, made.waiting, made.last) == ('a.example', 'page', 0, None)
    assert (other.masked, other.secrets, dict(other.options)) == (
        'api.telegram.org',
        ('token',),
        {'chat': '-5'},
    )
    assert len({stage.hooks.secret(hook.id) for hook in (made, other)}) == 2
    assert all(len(stage.hooks.secret(hook.id)) == 43 for hook in (made, other))


CHAT = {'token': 'x', 'chat': '1'}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({'name': ''}, 'name'),
    ({'name': 'x' * 61}, 'name'),
    ({'name': 'a\nb'}, 'name'),
    ({'name': 5}, 'name'),
    ({'style': 'fax'}, 'style'),
    ({'style': None}, 'style'),
    ({'url': ''}, 'url'),
    ({'url': 'ftp://a.example/'}, 'url'),
    ({'url': 'https://me:geheim@a.example/'}, 'url'),
    ({'url': 'http://localhost/'}, 'url'),
    ({'url': 'http://10.0.0.1/'}, 'url'),
    ({'url': 'http://127.1/'}, 'url'),
    ({'url': 'http://127。0．0｡1/'}, 'url'),
    ({'url': 'http://localhost。/'}, 'url'),
    ({'url': 'http://[::1]:80/'}, 'url'),
    ({'url': ['http://a.example/']}, 'url'),
    ({'kinds': ['fnished']}, 'kinds'),
    ({'kinds': ['did']}, 'kinds'),
    ({'kinds': 'finished'}, 'kinds'),
    ({'kinds': [1]}, 'kinds'),
    ({'kinds': 7}, 'kinds'),
    ({'query': 7}, 'query'),
    ({'options': 7}, 'options'),
    ({'options': {'autorization': 'x'}}, 'options.autorization'),
    ({'options': {'authorization': 'a\r\nX: y'}}, 'options.authorization'),
    ({'options': {'authorization': 'a {name}'}}, 'options.authorization'),
    ({'options': {'authorization': 'ä'}}, 'options.authorization'),
    ({'options': {'authorization': 'x' * 501}}, 'options.authorization'),
    ({'options': {'authorization': 5}}, 'options.authorization'),
    ({'secret': 'short'}, 'secret'),
    ({'secret': 'x' * 201}, 'secret'),
    ({'secret': 'ä' * 20}, 'secret'),
    ({'state': 'active'}, 'state'),
    ({'style': 'ntfy', 'url': 'https://ntfy.sh/'}, 'url'),
    ({'style': 'ntfy', 'url': 'https://ntfy.sh/a/b'}, 'url'),
    ({'style': 'ntfy', 'url': 'https://ntfy.sh/a', 'options': {'priority': '6'}}, 'options.priority'),
    (
        {'style': 'gotify', 'url': 'https://push.example.org', 'options': {'token': 'x', 'priority': '0000000009999'}},
        'options.priority',
    ),
    ({'style': 'ntfy', 'url': 'https://ntfy.sh/a', 'options': {'token': 'a b'}}, 'options.token'),
    ({'style': 'gotify'}, 'options.token'),
    ({'style': 'telegram', 'options': {'token': '1:x', 'chat': '1'}}, 'url'),
    ({'style': 'telegram', 'url': '', 'options': {'token': '1/../x', 'chat': 'x'}}, 'options.chat'),
    ({'style': 'telegram', 'url': '', 'options': {**CHAT, 'server': 'http://[::1]'}}, 'options.server'),
    ({'style': 'telegram', 'url': '', 'options': {**CHAT, 'server': 'x'}}, 'options.server'),
    ({'style': 'email', 'url': ''}, 'options.to'),
    ({'style': 'email', 'url': '', 'options': {'to': 'a@b, c'}}, 'options.to'),
    ({'style': 'email', 'url': '', 'options': {'to': 'a@b\r\nBcc: c@d'}}, 'options.to'),
    ({'style': 'email', 'url': '', 'options': {'to': 'a <a@b>'}}, 'options.to'),
    ({'style': 'email', 'url': '', 'options': {'to': ','.join(['a@b'] * 11)}}, 'options.to'),
]  # fmt: skip


@pytest.mark.parametrize(('fields', 'field'), WRONG, ids=range(len(WRONG)))
def test_wrong_fields_are_named(make_stage: Callable[..., Stage], fields: dict[str, Any], field: str) -> None:
    stage = make_stage(WEBHOOK_ALLOWED_NETWORKS=[])

    with pytest.raises(UsageError) as caught:
        stage.hooks.create({**JSON, **fields})

    assert caught.value.field == field
    assert 'geheim' not in str(caught.value)
    assert stage.hooks.all() == []


def test_a_wrong_query_says_where(stage: Stage) -> None:
    with pytest.raises(QueryError) as caught:
        stage.hooks.create({**JSON, 'query': 'ratoi>1'})

    assert caught.value.nearest == 'ratio'


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=30),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)


@given(
    st.dictionaries(
        st.sampled_from(['name', 'style', 'url', 'options', 'kinds', 'query', 'secret', 'x']), VALUES
    ),
    st.sampled_from([*STYLES, None]),
)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_fields_are_they_are_made_or_refused(
    stage: Stage, fields: dict[str, Any], style: str | None
) -> None:
    with contextlib.suppress(UsageError, Conflict):
        stage.hooks.remove(stage.hooks.create(fields | ({'style': style} if style else {})).id)


def test_allowed_networks_are_allowed(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(WEBHOOK_ALLOWED_NETWORKS=['192.168.1.0/24'])

    stage.hooks.create({**JSON, 'url': 'http://192.168.1.9/'})
    with pytest.raises(UsageError, match='WEBHOOK_ALLOWED_NETWORKS'):
        stage.hooks.create({**JSON, 'name': 'b', 'url': 'http://192.168.2.9/'})


def test_what_is_not_given_stays(stage: Stage) -> None:
    hook = stage.hooks.create(
        {**JSON, 'options': {'authorization': 'one'}, 'kinds': ['finished'], 'query': 'a'}
    )
    secret = stage.hooks.secret(hook.id)
    stage.hooks.pause(hook.id)

    changed = stage.hooks.change(
        hook.id, {'name': 'b', 'url': '', 'options': {'authorization': ''}, 'kinds': []}
    )

    assert (changed.name, changed.url, changed.secrets) == ('b', JSON['url'], ('authorization',))
    assert (changed.kinds, changed.query, changed.state) == ((), 'a', 'paused')
    assert stage.hooks.secret(hook.id) == secret
    assert stage.hooks.change(hook.id, {'options': {'authorization': None}}).secrets == ()


def test_a_token_of_one_host_is_not_given_to_another(stage: Stage) -> None:
    hook = stage.hooks.create({**JSON, 'options': {'authorization': 'one'}})
    for fields in ({}, {'options': {}}, {'options': {'authorization': ''}}):
        with pytest.raises(UsageError) as caught:
            stage.hooks.change(hook.id, {'url': 'https://other.example/', **fields})
        assert caught.value.field == 'options.authorization'
    assert stage.hooks.change(hook.id, {'url': JSON['url'] + 'x'}).secrets == ('authorization',)
    gone = stage.hooks.change(hook.id, {'url': 'https://other.example/', 'options': {'authorization': None}})
    assert (gone.masked, gone.secrets) == ('other.example', ())
    bot = stage.hooks.create({'name': 'bot', 'style': 'telegram', 'options': {'token': '1:x', 'chat': '1'}})
    with pytest.raises(UsageError) as caught:
        stage.hooks.change(bot.id, {'options': {'server': 'https://other.example', 'chat': '1'}})
    assert caught.value.field == 'options.token'


def test_a_token_of_one_service_is_not_given_to_another(stage: Stage) -> None:
    hook = stage.hooks.create({'name': 'a', 'style': 'gotify', **SECRETS['gotify']})

    with pytest.raises(UsageError) as caught:
        stage.hooks.change(hook.id, {'style': 'ntfy', 'options': {}})
    assert caught.value.field == 'url'

    changed = stage.hooks.change(hook.id, {'style': 'ntfy', 'url': 'https://ntfy.sh/topic'})
    assert changed.secrets == ()


@BOTH
def test_names_are_given_once_and_there_is_a_most(stage: Stage) -> None:
    hooks = [stage.hooks.create({**JSON, 'name': str(number)}) for number in range(MAX_WEBHOOKS - 1)]
    with pytest.raises(Conflict, match='“3” already'):
        stage.hooks.create({**JSON, 'name': '3'})
    with pytest.raises(Conflict, match='“3” already'):
        stage.hooks.change(hooks[0].id, {'name': '3'})
    stage.hooks.create({**JSON, 'name': 'last'})
    with pytest.raises(Conflict, match='100 webhooks already'):
        stage.hooks.create({**JSON, 'name': 'more'})


@BOTH
def test_what_is_not_there_is_not_found(stage: Stage) -> None:
    hooks = stage.hooks
    one = stage.hook().id
    calls: list[Callable[[], object]] = [
        *(lambda call=call: call(99) for call in (hooks.get, hooks.remove, hooks.pause, hooks.resume)),
        *(lambda call=call: call(99) for call in (hooks.secret, hooks.rotate, hooks.deliveries, hooks.test)),
        *(lambda: hooks.change(99, {}), lambda: hooks.retry(99, 1), lambda: hooks.retry(one, 1)),
        lambda: hooks.discard(99),
    ]
    for call in calls:
        with pytest.raises(NotFound):
            call()


@BOTH
def test_what_waits_is_not_queued_twice(stage: Stage) -> None:
    hook = stage.hook()
    stage.tell('a')
    stage.collect()
    [delivery] = stage.hooks.deliveries(hook.id)

    with pytest.raises(Conflict):
        stage.hooks.retry(hook.id, delivery.id)


def test_the_log_is_read_page_by_page(stage: Stage) -> None:
    hook = stage.hook()
    stage.tell(*'abcde')
    stage.collect()

    first = stage.hooks.deliveries(hook.id, limit=2)
    second = stage.hooks.deliveries(hook.id, before=first[-1].id, limit=2)

    assert [delivery.name for delivery in first + second] == ['e', 'd', 'c', 'b']


def configured(stage: Stage, hooks: dict[str, Any]) -> Webhooks:
    settings = config.make(
        {'STATE_DIR': stage.config.STATE_DIR, 'WEBHOOKS': hooks, 'WEBHOOK_ALLOWED_NETWORKS': ['127.0.0.0/8']}
    )
    made = Webhooks(stage.engine, settings, stage.clock)
    made.sync()
    return made


@BOTH
def test_the_configuration_makes_changes_and_removes_receivers(stage: Stage) -> None:
    stage.tell('before')
    first = configured(
        stage,
        {
            'phone': {'style': 'ntfy', 'url': 'https://ntfy.sh/a', 'priority': 4, 'kinds': ['finished']},
            'bot': {'style': 'telegram', 'token': '1:x', 'chat': -5},
        },
    )
    bot, phone = first.all()
    secret = first.secret(phone.id)
    assert (phone.source, dict(phone.options), phone.kinds) == ('config', {'priority': '4'}, ('finished',))
    assert dict(bot.options) == {'chat': '-5'}
    first.pause(phone.id)
    stage.tell('a')
    stage.collect()

    second = configured(stage, {'phone': {'style': 'ntfy', 'url': 'https://ntfy.sh/b', 'query': 'label=x'}})

    [changed] = second.all()
    assert (changed.id, changed.url, changed.query, changed.state) == (
        phone.id, 'https://ntfy.sh/b', 'label=x', 'paused',
    )  # fmt: skip
    assert (second.secret(phone.id), changed.waiting) == (secret, 1)
    assert configured(stage, {}).all() == []


def test_one_of_the_configuration_cannot_be_changed_elsewhere(stage: Stage) -> None:
    hooks = configured(stage, {'a': {'style': 'json', 'url': 'https://a.example/', 'secret': 'x' * 16}})
    [hook] = hooks.all()

    calls: list[Callable[[], object]] = [
        lambda: hooks.change(hook.id, {'name': 'b'}),
        lambda: hooks.remove(hook.id),
        lambda: hooks.rotate(hook.id),
    ]
    for call in calls:
        with pytest.raises(Conflict, match=r'config\.py'):
            call()
    assert hooks.pause(hook.id).state == 'paused'
    assert hooks.resume(hook.id).state == 'active'
    assert hooks.secret(hook.id) == 'x' * 16


@BOTH
def test_the_configuration_takes_its_name_and_loses_nothing_of_the_page(stage: Stage) -> None:
    hook = stage.hooks.create({**JSON, 'name': 'a'})

    made = configured(stage, {'a': {'style': 'json', 'url': 'https://b.example/'}}).all()

    assert {found.name: found.source for found in made} == {'a': 'config', 'a 2': 'page'}
    assert stage.hooks.get(hook.id).name == 'a 2'


@pytest.mark.parametrize(
    ('hooks', 'said'),
    [
        ({'a': {'style': 'fax'}}, r"WEBHOOKS\['a'\] will not do: There is no style “fax”"),
        ({'a': {'style': 'json', 'url': 'http://10.0.0.1/'}}, 'WEBHOOK_ALLOWED_NETWORKS'),
        ({'a': {'style': 'json', 'url': 'https://a.example/', 'tokn': 'x'}}, 'no option “tokn”'),
        ({'a': {'style': 'json', 'url': 'https://a.example/', 'query': 'ratoi>1'}}, 'Did you mean “ratio”'),
        ({'a\n': {'style': 'json', 'url': 'https://a.example/'}}, 'begins or ends with a blank'),
        ({'a\nb': {'style': 'json', 'url': 'https://a.example/'}}, 'The name of a webhook'),
        ({'a': 'https://a.example/'}, 'write names with a dict each'),
        ({1: {}}, 'write names with a dict each'),
        ({str(number): {} for number in range(101)}, '101 receivers; there can be 100'),
    ],
)
def test_a_wrong_configuration_is_said_at_the_start(stage: Stage, hooks: dict[Any, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        configured(stage, hooks)


@pytest.mark.parametrize('name', ['SMTP_PASSWORD', 'SMTP_USER'])
def test_a_login_that_cannot_be_is_refused_without_being_repeated(name: str) -> None:
    with pytest.raises(ConfigError, match='ASCII') as caught:
        config.make({name: 'geheim\r\nü'})

    assert 'geheim' not in str(caught.value)


def test_a_sender_of_mails_is_an_address() -> None:
    for wrong in ('me', 'Me <me@example.org>', 'me@example.org\r\nBcc: x@example.org'):
        with pytest.raises(ConfigError, match='SMTP_FROM'):
            config.make({'SMTP_FROM': wrong})
    assert config.make({'SMTP_FROM': 'me+x@example.org'}).SMTP_FROM == 'me+x@example.org'
