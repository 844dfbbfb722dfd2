"""What the search box offers."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lib.errors import QueryError
from model import query
from model.complete import MOST, complete
from model.fields import STATES
from model.snapshot import Snapshot
from tests.core.rows import filled, row


def some() -> Snapshot:
    return filled(
        home=[
            row('a', label='Linux', tracker='tracker.example.org', directory='/srv/iso/'),
            row('b', label='Linux', tracker='other.example.net', directory='/srv/my films'),
            row('c', label='to keep', message='what "is" this?', directory='/srv/[x]'),
        ],
        box=[row('d', label='Lime*')],
    )


def offered(text: str, at: int | None = None) -> list[str]:
    """What the text could become."""
    found = complete(text, len(text) if at is None else at, some())
    return [text[: found.start] + item.text + text[found.end :] for item in found.items]


@pytest.mark.parametrize(
    ('text', 'expected'),
    [
        ('lab', ['label=']),
        ('LAB', ['label=']),
        ('ra', ['ratio>']),
        ('add', ['added<']),
        ('x label=', ['x label=Linux', 'x label=Lime\\*', 'x label="to keep"']),
        ('label=li', ['label=Linux', 'label=Lime\\*']),
        ('label=keep', ['label="to keep"']),
        ('label="to', ['label="to keep"']),
        ('[ label!=lin', ['[ label!=Linux']),
        ('!label=lin', ['!label=Linux']),
        ('(tracker=other', ['(tracker=other.example.net']),
        ('target=', ['target=home', 'target=box']),
        ('directory=/srv/', ['directory="/srv/[x]"', 'directory="/srv/iso/"', 'directory="/srv/my films"']),
        ('message=w', ['message="what \\"is\\" this\\?"']),
        ('state=se', ['state=seeding']),
        ('private=', ['private=yes', 'private=no']),
        ('prio>', ['prio>off', 'prio>low', 'prio>normal', 'prio>high']),
        ('added<1', ['added<1h', 'added<1d', 'added<1w', 'added<1M']),
        ('added=', []),
        ('size>1g', ['size>1g']),
        ('private', ['private=', 'private!=']),
        ('a O', ['a OR']),
        ('name=x', []),
        ('name=/x', []),
        ('label=/x', []),
        ('nofield=', []),
        ('"lab', []),
        ('zzz', []),
    ],
)
def test_offers(text: str, expected: list[str]) -> None:
    assert offered(text)[: max(len(expected), 1)] == expected


def test_an_empty_box_offers_fields() -> None:
    assert offered('')[:4] == ['name=', 'hash=', 'state=', 'label=']
    assert len(offered('a ')) == MOST


def test_every_state_is_offered() -> None:
    assert offered('state=') == [f'state={state}' for state in STATES]


def test_the_part_at_the_cursor_is_completed_and_the_rest_stays() -> None:
    assert offered('lab ratio>2', 3) == ['label= ratio>2']
    assert offered('label=LInux ratio>2', 8) == ['label=Linux ratio>2', 'label=Lime\\* ratio>2']
    assert offered('lab=x', 3) == ['label=x']
    assert offered('label="to x" y', 9) == ['label="to keep" y']


def test_what_is_too_long_offers_nothing() -> None:
    assert complete('x' * 1001, 4, some()).items == ()
    assert complete('lab', -5, some()).start == 0
    assert complete('lab', 99, some()).end == 3


@settings(deadline=None)
@given(st.text(alphabet=' []()!"\\/=<>*?lab"el=stORN', max_size=40), st.integers(0, 40))
def test_any_text_can_be_asked_about(text: str, at: int) -> None:
    found = complete(text, at, some())
    assert 0 <= found.start <= found.end <= len(text)


@settings(deadline=None)
@example('=')
@example('>a')
@given(st.text(min_size=1, max_size=10).filter(lambda text: text.strip() == text and '\0' not in text))
def test_a_value_that_is_taken_means_the_torrents_that_have_it(label: str) -> None:
    snapshot = filled(home=[row('a', label=label), row('b', label='x' + label)])
    found = complete('label=', 6, snapshot)
    texts = [item.text for item in found.items]
    assert len(texts) == 2
    _, rows = snapshot.all()
    for text in texts:
        try:
            means = query.compiled(f'label={text}')
        except QueryError as error:
            pytest.fail(f'{text}: {error}')
        assert sum(map(means, rows)) == 1
