"""The pages as text: their fixed hooks, their forms, and that nothing from outside becomes markup."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from lib.web import present
from lib.web.routes import BY_NAME
from model import sorting
from model.fields import STATES
from tests.pages import samples

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = sorted((ROOT / 'templates').glob('*.html'))
SCRIPTS = sorted((ROOT / 'static' / 'js').glob('*.js'))
PAGES = samples.pages()

VOID = {'meta', 'link', 'input', 'br', 'hr', 'img', 'use', 'path', 'circle'}


class Page(HTMLParser):
    """A page taken apart: its elements as (tag, attributes, tags above), and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], tuple[str, ...]]] = []
        self.text = ''
        self.closed_wrongly: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or '' for name, value in attrs}, tuple(self._open)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or '' for name, value in attrs}, tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.closed_wrongly.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        return [
            attrs
            for name, attrs, _ in self.elements
            if name == tag and all(attrs.get(key.rstrip('_')) == value for key, value in wanted.items())
        ]


def page(name: str, text: str = 'a text') -> Page:
    template, values = samples.pages(text)[name]
    return Page(samples.render(template, **values))


def overview(*items: tuple[Any, ...], **values: Any) -> Page:
    return Page(samples.render('overview.html', **samples.overview(list(items), **values)))


def cells(html: str) -> list[str]:
    return [re.sub('<[^>]*>', '', cell) for cell in re.findall(r'<td[^>]*>(.*?)</td>', html, re.S)]


# Safety


@pytest.mark.parametrize('name', PAGES)
@pytest.mark.parametrize('payload', samples.HOSTILE, ids=range(len(samples.HOSTILE)))
def test_text_from_outside_changes_no_markup(name: str, payload: str) -> None:
    plain, hostile = page(name), page(name, payload)
    assert [tag for tag, _, _ in hostile.elements] == [tag for tag, _, _ in plain.elements]
    assert [sorted(attrs) for _, attrs, _ in hostile.elements] == [
        sorted(attrs) for _, attrs, _ in plain.elements
    ]


@pytest.mark.parametrize('name', PAGES)
def test_links_and_forms_lead_to_places_of_ours(name: str) -> None:
    for _, attrs, _ in page(name, 'javascript:alert(1)').elements:
        for key in ('href', 'action', 'src', 'formaction'):
            assert attrs.get(key, '/').startswith(('/', '#')), attrs


@pytest.mark.parametrize('path', TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_inline_script_or_style_or_trusts_text(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r'<style|\sstyle=|\son[a-z]+\s*=|javascript:', source, re.I)
    assert not re.search(r'\|\s*safe|Markup\(|autoescape', source)
    assert all('src=' in tag for tag in re.findall(r'<script[^>]*>', source))


@pytest.mark.parametrize('path', SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_of_text(path: Path) -> None:
    assert not re.search(
        r'innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(', path.read_text()
    )


@pytest.mark.parametrize('name', PAGES)
def test_every_form_that_changes_something_carries_the_token(name: str) -> None:
    template, values = PAGES[name]
    html = samples.render(template, **values)
    forms = re.findall(r'<form[^>]*method="post".*?</form>', html, re.S)
    assert all('name="csrf" value="the-token"' in form for form in forms)
    assert len(forms) == len(re.findall('method="post"', html))


# Sound markup


@pytest.mark.parametrize('name', PAGES)
def test_markup_is_closed_and_ids_are_unique(name: str) -> None:
    parsed = page(name)
    assert parsed.closed_wrongly == []
    ids = Counter(attrs['id'] for _, attrs, _ in parsed.elements if 'id' in attrs)
    assert [name for name, times in ids.items() if times > 1] == []
    for _, attrs, _ in parsed.elements:
        for key in ('for', 'aria-labelledby', 'aria-describedby'):
            assert all(name in ids for name in attrs.get(key, '').split()), attrs


@pytest.mark.parametrize('name', PAGES)
def test_every_field_has_a_name_people_can_hear(name: str) -> None:
    parsed = page(name)
    labelled = {attrs['for'] for attrs in parsed.all('label') if 'for' in attrs}
    for tag, attrs, above in parsed.elements:
        if tag in ('input', 'select', 'textarea') and attrs.get('type') != 'hidden':
            named = attrs.get('id') in labelled or 'label' in above or 'aria-label' in attrs
            assert named or attrs.get('aria-hidden') == 'true', attrs


@pytest.mark.parametrize('name', PAGES)
def test_every_page_has_one_heading_one_main_and_a_title(name: str) -> None:
    parsed = page(name)
    assert len(parsed.all('h1')) == len(parsed.all('main')) == 1
    assert parsed.all('a', class_='skip') == [{'class': 'skip', 'href': '#main'}]
    assert ' · pyroTorrent' in parsed.text


@pytest.mark.parametrize('name', PAGES)
def test_every_icon_is_in_the_sprite(name: str) -> None:
    parsed = page(name)
    drawn = {f'#{attrs["id"]}' for attrs in parsed.all('symbol')}
    assert {attrs['href'] for attrs in parsed.all('use')} <= drawn


def test_every_state_has_an_icon_and_a_colour() -> None:
    drawn = {attrs['id'] for attrs in page('list').all('symbol')}
    css = (ROOT / 'static/css/base.css').read_text()
    assert {f'i-{icon}' for icon in present.ICONS.values()} <= drawn
    assert set(present.ICONS) == set(STATES)
    assert [state for state in STATES if f'.s-{state}' not in css] == []


def test_every_static_file_that_is_named_exists() -> None:
    named = {
        name for path in TEMPLATES for name in re.findall(r"'((?:css|js|img)/[\w./-]+)'", path.read_text())
    }
    assert {'css/tokens.css', 'js/main.js', 'img/favicon.svg'} <= named
    assert [name for name in named if not (ROOT / 'static' / name).is_file()] == []


def test_every_address_is_in_the_route_map() -> None:
    named = {name for path in TEMPLATES for name in re.findall(r"url\('(\w+)'", path.read_text())}
    assert named - set(BY_NAME) == set()


# The list


def test_the_fixed_hooks_of_the_list() -> None:
    parsed = overview(samples.list_row(1), samples.list_row(2), total=1350)
    assert parsed.all('table', id='torrents')
    found = [attrs for attrs in parsed.all('tr') if 'data-hash' in attrs]
    assert [(row['data-hash'], row['data-target']) for row in found] == [
        (f'{n:040X}', 'home') for n in (1, 2)
    ]
    assert 'id="torrent-count">1,350<' in _html(total=1350)
    assert parsed.all('input', type='search', name='q')
    assert [box['value'] for box in parsed.all('input', name='sel')] == [f'home/{n:040X}' for n in (1, 2)]


def _html(*items: tuple[Any, ...], **values: Any) -> str:
    return samples.render('overview.html', **samples.overview(list(items) or [samples.list_row()], **values))


def test_a_row_says_state_figures_and_times() -> None:
    assert cells(_html())[1:] == [
        'downloading', '4.0 GiB', '25 %', '3.0 MiB/s', '–', '17 min', 'ratio 0.12', '3/14', 'linux', '2 h',
    ]  # fmt: skip


def test_a_complete_torrent_is_done_and_has_no_bar() -> None:
    html = _html(samples.list_row(complete=True, completed_bytes=4 << 30, down_rate=0, up_rate=2048))
    assert cells(html)[1:7] == ['seeding', '4.0 GiB', 'done', '–', '2.0 KiB/s', '–']
    assert '<progress' not in html


def test_a_failed_torrent_says_why_instead_of_its_rates() -> None:
    html = _html(samples.list_row(message='No space left on device', down_rate=0))
    assert cells(html)[1:5] == ['error', '4.0 GiB', '25 %', 'No space left on device']
    assert len(re.findall('colspan="3"', html)) == 1


def test_a_failed_torrent_that_moves_shows_its_rates_all_the_same() -> None:
    html = _html(samples.list_row(message='No space left on device', down_rate=3 << 20))
    assert cells(html)[1:5] == ['error', '4.0 GiB', '25 %', '3.0 MiB/s']


def test_what_a_client_does_not_know_is_a_dash() -> None:
    unknown = dict.fromkeys(
        ('size_bytes', 'ratio', 'peers_connected', 'peers_complete', 'added', 'label', 'message')
    )
    assert cells(_html(samples.list_row(**unknown)))[2:] == [
        '–', '0 %', '3.0 MiB/s', '–', '17 min', 'ratio –', '–', '', '–',
    ]  # fmt: skip


def test_cells_stand_below_their_heads() -> None:
    html = _html()
    heads = re.findall(r'<th scope="col" class="c-(\w+)', html)
    body = re.findall(r'<t[dh][^>]* ?class="c-(\w+)', html.partition('<tbody>')[2].partition('</tr>')[0])
    assert heads == [key for key, _, _ in present.COLUMNS]
    assert body == ['sel', *heads]


def test_a_long_name_is_clipped_and_its_row_still_opens() -> None:
    row = samples.rows([samples.list_row(name='x' * 1_000_000, message='y' * 1_000_000)])[0]
    assert (len(row.name), len(row.message)) == (present.NAME_LENGTH, present.MESSAGE_LENGTH)
    assert row.url == f'/torrent/home/{1:040X}'


def test_a_torrent_without_a_name_shows_its_hash() -> None:
    assert samples.rows([samples.list_row(name='')])[0].name == f'{1:040X}'


def test_a_target_is_quoted_in_addresses() -> None:
    assert samples.rows([samples.list_row()], 'a/b?c')[0].url.startswith('/torrent/a%2Fb%3Fc/')


def test_the_sorted_column_says_so_and_turns_round() -> None:
    columns = present.columns((('down', True),), sorting.text_of)
    by_key = {column.key: column for column in columns}
    assert (by_key['down'].current, by_key['down'].url) == ('desc', 'down')
    assert (by_key['name'].current, by_key['name'].url) == (None, 'name')
    assert by_key['size'].url == '-size'
    html = _html(columns=columns)
    assert re.findall(r'class="c-(\w+)[^"]*" aria-sort="(\w+)"', html) == [('down', 'descending')]


@pytest.mark.parametrize(
    ('total', 'page', 'numbers'),
    [(0, 1, []), (150, 1, []), (151, 1, [1, 2]), (3000, 10, [1, 8, 9, 10, 11, 12, 20])],
)
def test_pages_lead_to_the_ends_and_around(total: int, page: int, numbers: list[int]) -> None:
    links = present.pages(total, page, 150, str)
    assert [link.number for link in links] == numbers
    assert [link.number for link in links if link.current] == ([page] if numbers else [])


def test_rates_of_several_clients_are_added_and_unknown_ones_left_out() -> None:
    assert present.totals([(1024, None), (1024, 0)]) == ('2.0 KiB/s', '–')
    assert present.totals([]) == ('–', '–')


# Empty, failed, forbidden


def test_the_first_look_says_how_to_add() -> None:
    parsed = page('empty')
    assert 'No torrents yet' in parsed.text
    assert parsed.all('a', href='/add')


def test_a_search_without_result_leads_out_again() -> None:
    parsed = overview(query='xyz', known=1350, view='seeding')
    assert 'None of 1,350 torrents matches “xyz”' in parsed.text
    assert parsed.all('a', href='/overview?view=seeding')
    assert parsed.all('a', href='/overview?q=xyz')


def test_a_target_that_is_down_hides_nobody_elses_torrents() -> None:
    bad = samples.status(
        'nas', ok=False, error='There is no socket at /run/rt.sock.', remedy='Start rTorrent.'
    )
    parsed = overview(samples.list_row(), groups=[samples.status(), bad])
    assert 'nas does not answer' in ' '.join(parsed.text.split())
    assert 'There is no socket at /run/rt.sock.' in parsed.text
    assert 'Start rTorrent.' in parsed.text
    assert 'debian-1.iso' in parsed.text
    assert parsed.all('link', id='favicon')[0]['href'] == '/static/img/favicon-error.svg'


def test_a_list_that_nobody_could_be_asked_for_is_not_called_empty() -> None:
    assert 'No client answers' in page('all down').text
    assert 'No torrents yet' not in page('all down').text


def test_a_reader_is_offered_nothing_to_change() -> None:
    reader = samples.person('read')
    parsed = overview(samples.list_row(), user=reader)
    assert parsed.all('button', name='verb') == []
    assert parsed.all('a', href='/add') == []
    for tab in ('general', 'files', 'trackers'):
        html = samples.render('torrent.html', **samples.torrent(tab, user=reader))
        assert re.findall(r'action="(/torrent\w*)', html) == []
    fields = Page(samples.render('settings.html', **samples.settings(user=reader)))
    assert all('disabled' in attrs for attrs in fields.all('input') if attrs.get('type') != 'hidden')
    assert fields.all('button', class_='primary') == []


def test_without_a_login_there_is_no_account_to_leave() -> None:
    parsed = overview(samples.list_row(), user=samples.person(via='local'))
    assert parsed.all('form', action='/logout') == []
    assert parsed.all('a', href='/account') == []


def test_removing_is_confirmed_with_the_safe_way_in_focus() -> None:
    parsed = page('confirm')
    assert [attrs['id'] for _, attrs, _ in parsed.elements if 'autofocus' in attrs] == ['no']


@pytest.mark.parametrize('theme', ['system', 'light', 'dark'])
def test_a_pinned_theme_is_in_the_page(theme: str) -> None:
    parsed = overview(samples.list_row(), theme=theme)
    assert parsed.all('html')[0]['data-theme'] == theme
    assert [attrs['value'] for attrs in parsed.all('button', aria_pressed='true')] in ([theme], [])
