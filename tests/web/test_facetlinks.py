"""The facets as links: a click chooses, leaves out, or undoes that."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from lib.web import facetlinks
from lib.web.facetlinks import Group, Value
from lib.web.listing import Ask
from model.choice import Choice

LINES = {
    'state': [('seeding', 7, 1 << 30), ('stopped', 2, 2048)],
    'label': [(f'label {at}', 30 - at, 10) for at in range(25)],
}


def groups(choice: Choice) -> dict[str, Group]:
    ask = Ask(choice, (('size', True),), 4)
    return {group.key: group for group in facetlinks.groups(LINES, {'label': 3}, ask, '/torrent/')}


def value(group: Group, name: str) -> Value:
    return next(each for each in group.values if each.value == name)


def args(url: str) -> dict[str, list[str]]:
    assert urlsplit(url).path == '/torrent/'
    return parse_qs(urlsplit(url).query)


def test_a_click_chooses_or_leaves_out_and_keeps_the_rest() -> None:
    seeding = value(groups(Choice('a b', included=(('label', 'x&y'),)))['state'], 'seeding')
    assert (seeding.count, seeding.size, seeding.state) == (7, '1.0 GiB', '')
    kept = {'q': ['a b'], 'sort': ['-size']}
    assert args(seeding.url) == {**kept, 'in': ['label:x&y', 'state:seeding']}
    assert args(seeding.exclude_url) == {**kept, 'in': ['label:x&y'], 'not': ['state:seeding']}


def test_a_click_on_what_is_chosen_undoes_it() -> None:
    state = groups(Choice(included=(('state', 'seeding'),), excluded=(('state', 'stopped'),)))['state']
    chosen, left_out = value(state, 'seeding'), value(state, 'stopped')
    assert (chosen.state, left_out.state) == ('in', 'out')
    assert args(chosen.url) == {'sort': ['-size'], 'not': ['state:stopped']}
    assert args(chosen.exclude_url) == {'sort': ['-size'], 'not': ['state:stopped', 'state:seeding']}
    assert args(left_out.exclude_url) == {'sort': ['-size'], 'in': ['state:seeding']}


def test_what_is_chosen_is_shown_even_where_no_torrent_has_it() -> None:
    gone = value(groups(Choice(included=(('tracker', 'gone.example'),)))['tracker'], 'gone.example')
    assert (gone.count, gone.state) == (0, 'in')
    last = value(groups(Choice(included=(('label', 'label 24'),)))['label'], 'label 24')
    assert last.count == 6


def test_the_most_frequent_values_are_shown_and_the_others_counted() -> None:
    label = groups(Choice())['label']
    assert (len(label.values), label.more) == (facetlinks.MOST, 25 + 3 - facetlinks.MOST)


def test_a_search_form_sends_along_what_is_chosen() -> None:
    ask = Ask(Choice('x', (('state', 'a'), ('state', 'b')), (), 'home'), (('size', True),), 3)
    assert facetlinks.fields(ask) == [
        ('target', 'home'), ('in', 'state:a'), ('in', 'state:b'), ('sort', '-size'),
    ]  # fmt: skip
