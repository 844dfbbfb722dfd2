"""The pages without scripts: list, form, log; everything people do with a webhook."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import pytest

from model.tables import webhooks
from model.webhooks.receivers import Webhooks
from tests.intake.servers import http
from tests.web.site import Browser, Site
from tests.webhook_pages.conftest import ADDRESS, LOOPBACK, MAILS, Build, Make, People, deliver, form
from tests.webhooks.endpoint import Endpoint, status


def text_of(page: str) -> str:
    """The words of a page's main part."""
    main = re.search('<main.*</main>', page, re.DOTALL)
    assert main
    return html.unescape(re.sub(r'\s+', ' ', re.sub('<[^>]*>', ' ', main[0])))


def test_without_any_the_page_says_what_they_are_for(browser: Browser) -> None:
    said = text_of(browser.get('/webhooks').text)
    assert 'A webhook tells another program or service when something happens' in said
    assert 'Add a webhook' in said


def test_the_menu_leads_administrators_to_them(people: People) -> None:
    assert 'href="/webhooks"' in people.browser().get('/').text
    assert 'href="/webhooks"' not in people.browser('write').get('/').text


@pytest.mark.parametrize(
    ('sent', 'shown'),
    [
        (form(url=ADDRESS, authorization='Bearer abc'), 'JSON, signed · hooks.example.org'),
        (form('ntfy', url='https://ntfy.sh/topic', token='tk_1', priority='4'), 'ntfy · ntfy.sh'),
        (form('gotify', url='https://gotify.example.org', token='A1'), 'Gotify · gotify.example.org'),
        (form('discord', url='https://discord.com/api/webhooks/1/abc'), 'Discord · discord.com'),
        (form('slack', url='https://hooks.slack.com/services/T/B/x'), 'Slack · hooks.slack.com'),
        (form('telegram', token='1:abc', chat='-100'), 'Telegram · api.telegram.org'),
        (form('email', to='meret@example.org'), 'E-mail · meret@example.org'),
    ],
    ids=lambda value: value['style'] if isinstance(value, dict) else '',
)
def test_one_of_each_style_is_made_by_the_form(browser: Browser, sent: dict[str, Any], shown: str) -> None:
    answer = browser.post('/webhooks/new', sent | {'query': 'label=linux'})
    assert answer.status_code == 200, text_of(answer.text)
    listed = text_of(browser.get('/webhooks').text)
    assert shown in listed
    assert 'download complete, error' in listed
    assert 'label=linux' in listed
    assert 'active' in listed


def test_one_that_never_succeeded_says_that_it_is_trying(site: Site, browser: Browser, make: Make) -> None:
    hook = make()
    assert 'nothing sent yet' in text_of(browser.get('/webhooks').text)
    with site.services.engine.begin() as connection:
        connection.execute(webhooks.update().where(webhooks.c.id == hook.id).values(failures=3))
    assert 'not delivered yet · tries 3' in text_of(browser.get('/webhooks').text)


def test_only_the_fields_of_the_chosen_style_count(site: Site, browser: Browser) -> None:
    sent = form('slack', url='https://hooks.slack.com/x') | {'ntfy.url': 'nonsense', 'ntfy.token': '\x00'}
    assert browser.post('/webhooks/new', sent).status_code == 200
    [made] = site.services.webhooks.all()
    assert (made.url, made.options, made.secrets) == ('https://hooks.slack.com/x', {}, ())


def test_the_secret_is_shown_once(site: Site, browser: Browser) -> None:
    shown = re.search(r'id="new-secret">([^<]+)<', browser.post('/webhooks/new', form(url=ADDRESS)).text)
    [made] = site.services.webhooks.all()
    assert shown and shown[1] == site.services.webhooks.secret(made.id)
    for path in ('/webhooks', f'/webhooks/{made.id}', f'/webhooks/{made.id}/edit'):
        page = browser.get(path).text
        assert shown[1] not in page
        assert 'secret-path' not in page
        assert 'hidden"' not in page.replace('type="hidden"', '')


def test_what_signs_nothing_shows_no_secret(browser: Browser) -> None:
    answer = browser.post('/webhooks/new', form('slack', url='https://hooks.slack.com/x'))
    assert 'new-secret' not in answer.text
    assert 'New secret' not in answer.text


def test_a_new_secret_is_asked_for_and_replaces_the_old(site: Site, browser: Browser, make: Make) -> None:
    hook = make()
    old = site.services.webhooks.secret(hook.id)
    assert 'Make a new secret?' in browser.post(f'/webhooks/{hook.id}/secret', {}).text
    assert site.services.webhooks.secret(hook.id) == old
    answer = browser.post(f'/webhooks/{hook.id}/secret', {'sure': 'yes'})
    new = site.services.webhooks.secret(hook.id)
    assert new != old and new in answer.text


@pytest.mark.parametrize(
    ('sent', 'where', 'words'),
    [
        (form(url=ADDRESS, name=''), 'hook-name', '1 to 60 plain characters'),
        (form(url=ADDRESS, name='a\r\nX-Evil: 1'), 'hook-name', '1 to 60 plain characters'),
        (form(url='ftp://x.example'), 'hook-json-url', 'http'),
        (form(url=''), 'hook-json-url', 'empty'),
        (form(url='http://127.0.0.9.nip.example\r\nX: y'), 'hook-json-url', 'control characters'),
        (form(url='http://10.0.0.1/'), 'hook-json-url', 'which is not reached from here'),
        (form(url='http://[::1]/'), 'hook-json-url', 'WEBHOOK_ALLOWED_NETWORKS'),
        (form(url=ADDRESS, authorization='Bearer x\r\nX-Evil: 1'), 'hook-json-authorization', 'plain'),
        (form(url=ADDRESS, authorization='{name}'), 'hook-json-authorization', 'braces'),
        (form('gotify', url='https://g.example'), 'hook-gotify-token', 'needed'),
        (form('ntfy', url='https://ntfy.sh/t', priority='9'), 'hook-ntfy-priority', '1 to 5'),
        (form('email', to='nobody'), 'hook-email-to', 'not an e-mail address'),
        (form('email', to='a@b.example\r\nBcc: c@d.example'), 'hook-email-to', 'plain'),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(
    site: Site, browser: Browser, sent: dict[str, Any], where: str, words: str
) -> None:
    answer = browser.post('/webhooks/new', sent | {'query': 'label=linux', 'kind': ['moved']})
    assert answer.status_code == 400
    help_text = re.search(f'<p class="help" id="{where}-help">(.*?)</p>', answer.text, re.DOTALL)
    assert help_text and words in html.unescape(help_text[1])
    field = re.search(f'<input id="{where}"[^>]*>', answer.text)
    assert field and 'aria-invalid="true"' in field[0]
    assert answer.text.count('aria-invalid="true"') == 1
    assert 'value="label=linux"' in answer.text
    assert re.findall('name="kind" value="(.*?)" checked', answer.text) == ['moved']
    assert f'name="style" value="{sent["style"]}" checked' in answer.text
    for value in sent.values():
        if isinstance(value, str) and value.isprintable():
            assert html.escape(value) in answer.text
    assert site.services.webhooks.all() == []


def test_a_search_that_is_wrong_is_marked_where_it_is(browser: Browser) -> None:
    answer = browser.post('/webhooks/new', form(url=ADDRESS, query='ratio>zwei'))
    assert answer.status_code == 400
    assert 'ratio&gt;<mark>zwei</mark>' in answer.text
    assert '(Character 7.)' in answer.text


def test_no_event_no_style_and_a_taken_name_are_said(browser: Browser, make: Make) -> None:
    make('script')
    for sent, words in (
        (form(url=ADDRESS, kind=[]), 'Tick one event at least.'),
        (form(url=ADDRESS, kind=['nonsense']), 'There is no kind of event “nonsense”'),
        (form(url=ADDRESS) | {'style': ''}, 'Choose where the events are to go.'),
        (form(url=ADDRESS) | {'style': 'fax'}, 'Choose where the events are to go.'),
        (form(url=ADDRESS), 'There is a webhook “script” already.'),
    ):
        answer = browser.post('/webhooks/new', sent)
        assert answer.status_code in (400, 409)
        assert words in text_of(answer.text)


def test_a_change_keeps_the_address_and_the_secrets_that_are_not_typed(
    site: Site, browser: Browser, make: Make
) -> None:
    hook = make(
        'phone', style='ntfy', url='https://ntfy.sh/topic', options={'token': 'tk_secret', 'priority': '4'}
    )
    page = browser.get(f'/webhooks/{hook.id}/edit').text
    assert 'tk_secret' not in page and 'ntfy.sh/topic"' not in page
    assert 'It stays at ntfy.sh unless you type another.' in page
    sent = form('ntfy', name='tablet', url='', token='', priority='')
    assert (
        browser.post(f'/webhooks/{hook.id}/edit', sent).headers['Location']
        == f'/webhooks/{hook.id}?did=changed'
    )
    now = site.services.webhooks.get(hook.id)
    assert (now.name, now.url, now.secrets, now.options) == (
        'tablet',
        'https://ntfy.sh/topic',
        ('token',),
        {},
    )
    browser.post(f'/webhooks/{hook.id}/edit', sent | {'without.ntfy.token': '1'})
    assert site.services.webhooks.get(hook.id).secrets == ()


def test_a_change_that_is_wrong_changes_nothing(site: Site, browser: Browser, make: Make) -> None:
    hook = make()
    answer = browser.post(f'/webhooks/{hook.id}/edit', form(name='other', url='http://192.168.1.1/'))
    assert answer.status_code == 400
    assert 'value="http://192.168.1.1/"' in answer.text
    assert site.services.webhooks.get(hook.id) == hook


def test_another_style_takes_no_secret_of_the_old_along(site: Site, browser: Browser, make: Make) -> None:
    hook = make('phone', style='ntfy', url='https://ntfy.sh/topic', options={'token': 'tk_secret'})
    answer = browser.post(f'/webhooks/{hook.id}/edit', form('gotify', url='https://evil.example', token=''))
    assert answer.status_code == 400
    browser.post(f'/webhooks/{hook.id}/edit', form('slack', url='https://hooks.slack.com/x'))
    assert site.services.webhooks.get(hook.id).secrets == ()


def test_pause_resume_and_drop(site: Site, browser: Browser, make: Make) -> None:
    hook = make()
    deliver(site, hook, 3)
    assert (
        browser.post(f'/webhooks/{hook.id}/pause', {}).headers['Location']
        == f'/webhooks/{hook.id}?did=paused'
    )
    page = text_of(browser.get(f'/webhooks/{hook.id}?did=paused').text)
    assert 'What happens meanwhile waits.' in page and 'Resume' in page
    asked = text_of(browser.post(f'/webhooks/{hook.id}/discard', {}).text)
    assert '3 deliveries that wait are never sent.' in asked
    assert site.services.webhooks.get(hook.id).waiting == 3
    browser.post(f'/webhooks/{hook.id}/discard', {'sure': 'yes'})
    assert site.services.webhooks.get(hook.id).waiting == 0
    browser.post(f'/webhooks/{hook.id}/resume', {})
    assert site.services.webhooks.get(hook.id).state == 'active'


def test_one_that_was_given_up_says_why(site: Site, browser: Browser, make: Make) -> None:
    hook = make()
    site.services.webhooks._set(hook.id, {'state': 'broken', 'notice': 'It failed for three days.'})
    for path in ('/webhooks', f'/webhooks/{hook.id}'):
        said = text_of(browser.get(path).text)
        assert 'broken' in said and 'It failed for three days.' in said


def test_removing_asks_first(site: Site, browser: Browser, make: Make) -> None:
    hook = make('backup')
    deliver(site, hook)
    asked = text_of(browser.post(f'/webhooks/{hook.id}/remove', {}).text)
    assert 'Remove the webhook?' in asked and 'backup' in asked and 'One delivery that waits' in asked
    assert site.services.webhooks.all()
    answer = browser.post(f'/webhooks/{hook.id}/remove', {'sure': 'yes'})
    assert answer.headers['Location'] == '/webhooks?did=removed'
    assert site.services.webhooks.all() == []
    assert browser.get(f'/webhooks/{hook.id}').status_code == 404


def test_a_test_shows_what_the_receiver_answered(browser: Browser, make: Make, endpoint: Endpoint) -> None:
    hook = make(url=endpoint.url('/in'))
    said = text_of(browser.post(f'/webhooks/{hook.id}/test', {}).text)
    assert re.search(r'The receiver took the test status 204 · \d+ ms', said)
    assert endpoint.got[0].headers['x-pyrotorrent-event'] == 'test'
    endpoint.answer = lambda _got: http(b'no such hook', '404 Not Found')
    said = text_of(browser.post(f'/webhooks/{hook.id}/test', {}).text)
    assert 'The test did not work' in said and '404' in said and 'It said: no such hook' in said
    assert 'test pyroTorrent' in text_of(browser.get(f'/webhooks/{hook.id}').text)


def test_a_test_of_a_private_address_says_why_it_is_refused(build: Build, endpoint: Endpoint) -> None:
    before = build(LOOPBACK)
    hook = before.services.webhooks.create({'name': 'x', 'style': 'json', 'url': endpoint.url()})
    site = build({'WEBHOOK_ALLOWED_NETWORKS': []})  # the same database
    said = text_of(site.browser('ada').post(f'/webhooks/{hook.id}/test', {}).text)
    assert 'The test did not work' in said
    assert '“127.0.0.1” is an address of this machine or a private network' in said
    assert 'WEBHOOK_ALLOWED_NETWORKS' in said
    assert endpoint.got == []


def test_the_log_says_what_became_of_each(site: Site, browser: Browser, make: Make) -> None:
    hook = make()
    deliver(site, hook, state='done', status=200, tries=1, ended=1_750_000_001.0, took=0.2, reply='thanks')
    deliver(site, hook, state='failed', status=500, tries=12, error='Status 500.', name='plan9')
    deliver(site, hook, tries=2, error='The server does not answer.', due=9_999_999_999.0)
    said = text_of(browser.get(f'/webhooks/{hook.id}').text)
    assert 'waiting next try in' in said and 'The server does not answer.' in said
    assert 'plan9 failed 12 Status 500.' in said
    assert 'delivered 1 status 200 thanks' in said


def test_one_that_failed_is_tried_again_one_that_waits_is_not(
    site: Site, browser: Browser, make: Make
) -> None:
    hook = make()
    deliver(site, hook, state='failed', ended=1.0, tries=12)
    deliver(site, hook)
    [waits, failed] = site.services.webhooks.deliveries(hook.id)
    page = browser.get(f'/webhooks/{hook.id}').text
    assert re.findall('name="delivery" value="(.*?)"', page) == [str(failed.id)]
    answer = browser.post(f'/webhooks/{hook.id}/retry', {'delivery': str(failed.id)})
    assert answer.headers['Location'] == f'/webhooks/{hook.id}?did=again'
    assert site.services.webhooks.get(hook.id).waiting == 2
    assert browser.post(f'/webhooks/{hook.id}/retry', {'delivery': str(waits.id)}).status_code == 409
    assert browser.post(f'/webhooks/{hook.id}/retry', {'delivery': 'x'}).status_code == 404


def test_the_log_has_pages(site: Site, browser: Browser, make: Make) -> None:
    hook = make()
    deliver(site, hook, 120, state='done', ended=1.0)
    seen, path = [], f'/webhooks/{hook.id}'
    for rows, links in ((50, ['Older']), (50, ['Newest', 'Older']), (20, ['Newest'])):
        page = browser.get(path).text
        seen += re.findall('<tr data-key="(.*?)">', page)
        assert len(seen) % 50 == rows % 50
        found = dict(re.findall('<a href="([^"]*)">(Newest|Older)</a>', page))
        assert list(found.values()) == links
        path = html.unescape(next((link for link, word in found.items() if word == 'Older'), path))
    assert len(set(seen)) == 120
    assert browser.get(f'/webhooks/{hook.id}?before=nonsense').status_code == 404


def test_one_of_config_py_is_shown_and_cannot_be_changed_here(build: Build) -> None:
    site = build({'WEBHOOKS': {'backup': {'style': 'json', 'url': ADDRESS, 'secret': 'x' * 32}}})
    site.services.webhooks.sync()
    browser = site.browser('ada')
    [hook] = site.services.webhooks.all()
    assert 'config.py' in text_of(browser.get('/webhooks').text)
    page = browser.get(f'/webhooks/{hook.id}').text
    assert 'stands in config.py ( WEBHOOKS ) and is changed there' in text_of(page)
    for act in ('edit', 'remove', 'secret'):
        assert f'/webhooks/{hook.id}/{act}"' not in page
        sent = form(url=ADDRESS) | {'sure': 'yes'}
        assert browser.post(f'/webhooks/{hook.id}/{act}', sent).status_code == 409
    assert browser.get(f'/webhooks/{hook.id}/edit').status_code == 409
    assert browser.post(f'/webhooks/{hook.id}/pause', {}).status_code == 303


def test_without_a_mail_server_mail_is_refused_and_the_remedy_is_said(build: Build) -> None:
    site = build({})
    browser, program = site.browser('ada'), site.program('robot', 'admin', write=True)
    remedy, mails = 'Set SMTP_HOST and SMTP_FROM in config.py', form('email', to='a@example.org')
    assert remedy in text_of(browser.get('/webhooks/new').text)  # before anything is typed
    answer = browser.post('/webhooks/new', mails)
    assert (answer.status_code, remedy in text_of(answer.text)) == (400, True)
    told = program.call(
        'POST', '/webhooks', {'name': 'post', 'style': 'email', 'options': {'to': 'a@example.org'}}
    )
    assert (told.status_code, told.json['error']['details']) == (400, {'field': 'style'})
    assert remedy in told.json['error']['message']
    assert site.services.webhooks.all() == []


def test_what_went_wrong_is_said_in_the_readers_language(
    browser: Browser, make: Make, endpoint: Endpoint
) -> None:
    hook = make(url=endpoint.url())
    endpoint.answer = status(500)
    browser.post(f'/webhooks/{hook.id}/test', {})
    for path in ('/webhooks', f'/webhooks/{hook.id}'):
        page = text_of(browser.get(path, **{'Accept-Language': 'de'}).text)
        assert 'Der Empfänger antwortete mit Status 500' in page


def test_kinds_of_events_are_words_of_the_readers_language(site: Site, browser: Browser, make: Make) -> None:
    hook = make(kinds=['finished', 'disk_low'])
    make('all', kinds=[])
    deliver(site, hook, state='failed', ended=1.0, tries=12)
    german = {'Accept-Language': 'de'}
    listed = text_of(browser.get('/webhooks', **german).text)
    assert 'fertig geladen, wenig Platz' in listed and 'alle außer „geändert“' in listed
    own = text_of(browser.get(f'/webhooks/{hook.id}', **german).text)
    assert 'fertig geladen, wenig Platz' in own and 'fertig geladen haiku-r1beta5' in own
    form = text_of(browser.get('/webhooks/new', **german).text)
    assert 'fertig geladen Alle seine Daten' in form
    # What programs call them stands in the form, and nowhere else.
    assert 'finished' not in listed + own and 'finished' in form and 'disk_low' in form


def test_one_whose_mail_server_was_taken_away_says_so(build: Build) -> None:
    site = build({})
    before = Webhooks(site.services.engine, replace(site.services.config, **MAILS))
    hook = before.create({'name': 'post', 'style': 'email', 'options': {'to': 'a@example.org'}})
    browser = site.browser('ada')
    for path in ('/webhooks', f'/webhooks/{hook.id}'):
        assert 'No mail server is configured.' in text_of(browser.get(path).text)


@pytest.mark.parametrize('number', ['0', '99', '-1', '1e3', '９', '9' * 30, 'x', '%00'])
def test_a_number_that_is_none(browser: Browser, number: str) -> None:
    assert browser.get(f'/webhooks/{number}').status_code == 404
    assert browser.post(f'/webhooks/{number}/pause', {}).status_code == 404


def test_a_redirect_is_not_followed(browser: Browser, make: Make, endpoint: Endpoint) -> None:
    hook = make(url=endpoint.url())
    endpoint.answer = status(302, Location=endpoint.url('/elsewhere'))
    said = text_of(browser.post(f'/webhooks/{hook.id}/test', {}).text)
    assert 'The test did not work' in said and '302' in said
    assert len(endpoint.got) == 1
