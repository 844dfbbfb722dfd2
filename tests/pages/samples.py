"""Every page with made-up contents, as the handlers would fill it: plain, empty, and hostile."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from lib import format as fmt
from lib.web import filetree, hookforms, hookview, present
from lib.web.locale import Spoken
from lib.web.shared import SharedFile
from lib.web.templating import make_environment
from model import sorting
from model.backends.base import CAPABILITIES, FileRow
from model.fields import LIST
from model.sorting import Sort

ENVIRONMENT = make_environment()
NOW = 1_763_640_000

#: Text that must come out as text, wherever it goes in.
HOSTILE = (
    '<img src=x onerror=alert(1)>',
    '"><svg/onload=alert(1)>',
    "'-alert(1)-'",
    '{{7*7}}',
    '</script><script>alert(1)</script>',
    'javascript:alert(1)',
    '&lt;b&gt;',
    '\u202egnp.exe',
    'Z' + '\u0301' * 200,
    'x' * 1000,
    '" autofocus onfocus="alert(1)',
)


def url(name: str, **values: Any) -> str:
    """An address as the router would make it: what is empty is left out."""
    given = {key: value for key, value in values.items() if value not in (None, '')}
    return f'/{name}' + (f'?{urlencode(given)}' if given else '')


def person(role: str = 'admin', via: str = 'session', name: str = 'meret') -> SimpleNamespace:
    return SimpleNamespace(name=name, role=role, via=via, can_write=role != 'read', is_admin=role == 'admin')


def shared(**values: Any) -> dict[str, Any]:
    """The names that every template may use."""
    return {
        'url': url,
        'static': lambda path: f'/static/{path}',
        'csrf': 'the-token',
        'user': person(),
        'targets': ['home', 'seedbox'],
        'flash': [],
        'theme': 'system',
        'now': NOW,
        'fmt': fmt,
        'here': '/?view=main',
        'language': Spoken('en', 'auto', [('en', 'English'), ('de', 'Deutsch')], ''),
    } | values


def render(template: str, **values: Any) -> str:
    return ENVIRONMENT.get_template(template).render(**values)


def list_row(number: int = 1, **values: Any) -> tuple[Any, ...]:
    """A row as a backend gives it: a torrent that downloads, unless *values* say otherwise."""
    fields = {
        'hash': f'{number:040X}',
        'name': f'debian-{number}.iso',
        'size_bytes': 4 << 30,
        'completed_bytes': 1 << 30,
        'down_rate': 3 << 20,
        'up_rate': 0,
        'ratio': 120,
        'state': 1,
        'is_open': True,
        'is_active': True,
        'hashing': 0,
        'complete': False,
        'message': '',
        'label': 'linux',
        'peers_connected': 14,
        'peers_complete': 3,
        'added': NOW - 7200,
        'left_bytes': 3 << 30,
    } | values
    return tuple(fields.get(field.key) for field in LIST)


def rows(items: list[tuple[Any, ...]], target: str = 'home') -> list[present.Row]:
    return present.rows(items, target, prefix='', now=NOW)


def status(name: str = 'home', ok: bool = True, error: str = '', remedy: str = '') -> present.TargetStatus:
    return present.TargetStatus(
        name, ok, error, remedy, 'now', '3.0 MiB/s', '–', '1.2 TiB', f'/?target={name}'
    )


def overview(items: list[tuple[Any, ...]], **values: Any) -> dict[str, Any]:
    def link(sort: Sort) -> str:
        return url('overview', sort=sorting.text_of(sort))

    view = values.get('view', 'main')
    return (
        shared(
            rows=rows(items),
            groups=[status('home'), status('seedbox')],
            view=view,
            views=[
                present.View(name, None, f'/?view={name}', name == view)
                for name in ('main', 'started', 'seeding')
            ],
            sort='name',
            descending=False,
            columns=present.columns(sorting.DEFAULT, link),
            page=1,
            pages=[],
            total=len(items),
            known=len(items),
            totals={'down': '3.0 MiB/s', 'up': '–'},
            query='',
            query_fields=['name', 'ratio'],
            wrong=None,
            target='',
            capabilities={'home': sorted(CAPABILITIES)},
        )
        | values
    )


def torrent(tab: str = 'general', text: str = 'a text', **values: Any) -> dict[str, Any]:
    """A torrent's page with *text* wherever text from outside goes."""
    # A slash would make directories, and other text another order.
    part = 'd ' + text.replace('/', '_')
    files = [
        FileRow(0, 'README', 1200, 1200, 1.0, 1),
        FileRow(1, f'{part}/{part}.mpg', 900, 300, 0.33, 2),
        FileRow(2, 'a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/deep', 900, 0, 0.0, 0),
    ]
    peer = SimpleNamespace(
        address='203.0.113.7:51413', client=text, flags='', flag_words='encrypted', done='43 %', percent=43,
        down='1.0 MiB/s', up='–', downloaded='12.3 MiB', uploaded='0 B',
    )  # fmt: skip
    tracker = SimpleNamespace(
        index=0, url=text, type='http', on=True, state='failed', said='failed 3 times', seeds='52', leeches='3',
        downloaded='10', last='–', next='2026-01-31 14:05',
    )  # fmt: skip
    names = ('general', 'files', 'peers', 'trackers')
    return (
        shared(
            t=rows([list_row(name=text, message=text, label=text)])[0],
            tab=tab,
            tabs=[(name, f'/torrent?tab={name}', name == tab) for name in names],
            did='',
            can=CAPABILITIES,
            detail=[('Transfer', [('Downloaded', '1.0 GiB'), (text, text)])],
            files=filetree.tree(files, lambda file: f'/file/{file.index}' if file.progress == 1 else ''),
            peers=[peer],
            trackers=[tracker],
            values={'label': text, 'priority': 2, 'throttle': text, 'directory': text},
            metainfo_url='/metainfo',
        )
        | values
    )


def settings(text: str = 'a text', **values: Any) -> dict[str, Any]:
    def field(
        key: str, kind: str, value: str, choices: tuple[str, ...] = (), writable: bool = True
    ) -> dict[str, Any]:
        return {
            'key': key, 'label': key, 'help': text, 'unit': 'KiB/s' if kind == 'rate' else '', 'kind': kind,
            'choices': choices, 'value': value, 'writable': writable,
        }  # fmt: skip

    return shared(
        target=text,
        tabs=[(text, '/settings/home', True), ('seedbox', '/settings/seedbox', False)],
        error=text,
        wrong='up_limit',
        did='',
        groups=[
            ('Rates', [field('up_limit', 'rate', '2048'), field('port', 'count', '51413', writable=False)]),
            ('Finding peers', [field('dht', 'choice', 'auto', ('off', 'auto', 'on'))]),
        ],
        encryption={
            'style': 'flags', 'words': [('allow_incoming', text, True), ('require', '', False)], 'last': text,
            'last_at': '2026-01-31 14:05', 'confirmed': None,
        },
        facts=[('Host', text)],
        can=CAPABILITIES,
    ) | values  # fmt: skip


def account(text: str = 'a text', **values: Any) -> dict[str, Any]:
    return (
        shared(
            error='',
            new_token='',
            has_account=True,
            tokens=[SimpleNamespace(id=1, label=text, write=True, last_used=NOW - 7200)],
            users=[
                SimpleNamespace(id=1, name='meret', role='admin'),
                SimpleNamespace(id=2, name=text, role='read'),
            ],
            roles=('read', 'write', 'admin'),
            did='',
            words={'password': 'The password is changed.'},
        )
        | values
    )


def webhook(text: str, state: str = 'active', **values: Any) -> dict[str, Any]:
    looks = {'active': 'seeding', 'paused': 'paused', 'broken': 'error'}
    return {
        'id': 1, 'name': text, 'url': '/webhook', 'style': 'JSON', 'address': text, 'configured': False,
        'kinds': ['finished', 'error'], 'query': text, 'state': hookview.State(state, 'ok', f's-{looks[state]}'),
        'sends': state == 'active', 'notice': text if state == 'broken' else '',
        'lacks': text if state == 'active' else '', 'waiting': 3, 'dropped': 2,
        'failures': 2, 'signed': True, 'options': [('Priority', text)], 'last': None,
    } | values  # fmt: skip


def webhook_pages(text: str) -> dict[str, tuple[str, dict[str, Any]]]:
    good, bad = (
        hookview.State(word, 'ok', look) for word, look in (('delivered', 's-seeding'), ('failed', 's-error'))
    )
    sent = {
        'id': 7, 'kind': 'finished', 'name': text, 'time': '2026-01-31 14:05', 'age': '3 min ago', 'state': good,
        'next': '', 'tries': '1', 'words': 'status 200', 'reply': '', 'again': False,
    }  # fmt: skip
    lost = sent | {
        'id': 6,
        'state': bad,
        'next': 'next try in 5 min',
        'words': text,
        'reply': text,
        'again': True,
    }
    hooks = [
        webhook(text, last={'state': good, 'words': text}),
        webhook(text, 'broken', configured=True, kinds=[], query=''),
        webhook(text, 'paused', waiting=0),
    ]
    one = {
        'hook': hooks[0],
        'deliveries': [sent, lost],
        'older': '/older',
        'newest': '/newest',
        'did': '',
        'error': text,
    }
    told = {'state': bad, 'title': 'The test did not work', 'words': text, 'reply': text}
    broken = {**one, 'hook': hooks[1], 'deliveries': [], 'older': '', 'newest': '', 'error': ''}
    style = {'chosen': True, 'name': 'json', 'label': 'JSON', 'help': text, 'lacking': ''}
    asked = [
        hookforms.Field('json-url', 'json.url', text, text, text, address=True, required=True, error=text),
        hookforms.Field('json-token', 'json.token', text, '', text, secret=True, kept=text, removable=True),
    ]
    form = {
        'title': text, 'action': '/edit', 'back': '/back', 'yes': 'Save', 'error': text,
        'name': hookforms.Field('hook-name', 'name', 'Name', text, required=True, error=text),
        'styles': [
            style | {'fields': asked},
            style | {'name': 'slack', 'chosen': False, 'label': 'Slack', 'fields': [], 'lacking': text},
        ],
        'kinds': [{'name': 'finished', 'words': text, 'meaning': text, 'chosen': True}],
        'kinds_error': text, 'query': text,
        'wrong': present.WrongQuery(text, 3, 'ra', text, ''),
    }  # fmt: skip
    return {
        'webhooks': ('webhooks.html', shared(hooks=hooks, did='')),
        'no webhooks': ('webhooks.html', shared(hooks=[], did=text)),
        'webhook': ('webhook.html', shared(secret=text, result=told, **one)),
        'broken webhook': ('webhook.html', shared(secret='', result=None, **broken)),
        'webhook form': ('webhook_form.html', shared(**form)),
    }


def pages(text: str = 'a text') -> dict[str, tuple[str, dict[str, Any]]]:
    """All pages by name: template and context, with *text* wherever text from outside goes."""
    guest = shared(user=None)
    bad = status(text, ok=False, error=text, remedy=text)
    item = list_row(2, name=text, message=text, label=text, down_rate=0, peers_connected=0)
    links = present.pages(600, 2, 150, lambda number: f'/?page={number}')
    bad_item = {'ok': False, 'name': text, 'text': text, 'url': ''}
    good_item = {'ok': True, 'name': text, 'text': text, 'url': '/t'}
    adding = {
        'error': text,
        'target': 'home',
        'links': text,
        'label': text,
        'directory': text,
        'files': [SharedFile(text, b'x' * 2000)],
        'takers': [('home', ['add', 'add_directory', 'label', 'magnet']), (text, ['add'])],
    }
    asking = {'title': text, 'consequences': [text], 'names': [text], 'yes': text, 'no_url': '/'}
    wrong = {'status': 404, 'title': text, 'message': text, 'remedy': text, 'detail': text}
    told = [('error', text), ('info', text)]
    found = {
        'list': ('overview.html', overview([list_row(), item], groups=[status(), bad], pages=links)),
        'empty': ('overview.html', overview([])),
        'no match': ('overview.html', overview([], query=text, known=7, view=text)),
        'empty view': ('overview.html', overview([], view=text)),
        'all down': ('overview.html', overview([], groups=[bad])),
        'login': ('login.html', guest | {'next': text, 'name': text, 'error': text, 'no_users': True}),
        'first': ('first.html', guest | {'name': text, 'error': text}),
        'once': ('once.html', guest | {'name': text}),
        'add': ('add.html', shared(start=True, max_bytes='16.0 MiB', **adding)),
        'results': ('results.html', shared(title='Add', back='/add', items=[bad_item, good_item])),
        'confirm': ('confirm.html', shared(action='/act', fields=[('sel', text)], **asking)),
        'settings': ('settings.html', settings(text)),
        'account': ('account.html', account(text, new_token=text, flash=told)),
        'error': ('error.html', guest | wrong),
    }
    tabs = ('general', 'files', 'peers', 'trackers')
    found |= webhook_pages(text)
    return found | {f'torrent {tab}': ('torrent.html', torrent(tab, text)) for tab in tabs}
