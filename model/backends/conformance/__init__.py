"""Whether a backend keeps its promises: checks to run on a client of one's own, from the command line or with pytest.

::

    from model.backends.conformance import Kit, checks

    @pytest.fixture
    def kit():
        with Kit(make_backend(TargetSpec('mine', 'client', client=MyClient))) as kit:
            yield kit

    @pytest.mark.parametrize('check', checks(write=True), ids=str)
    def test_it_conforms(check, kit):
        check(kit)

A check that does not apply to what the client claims is skipped. Checks that write add a torrent of their own, whose
data exists nowhere, do to that one what is checked, and remove it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from model.backends.conformance import adding, listing, rules, torrents, verbs, whole
from model.backends.conformance.kit import Check, Failed, Kit, NotTried

__all__ = ['Check', 'Failed', 'Kit', 'NotTried', 'Result', 'checks', 'run']


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a check. ``state`` is ``kept``, ``broken`` or ``not tried``; ``message`` says why."""

    check: Check
    state: str
    message: str = ''


def checks(*, write: bool = False) -> tuple[Check, ...]:
    """The checks, in the order in which they are best run.

    :param write: those as well that change something.
    """
    looking = listing.CHECKS + torrents.CHECKS + whole.CHECKS
    return looking + adding.CHECKS + verbs.CHECKS + rules.CHECKS if write else looking


def run(kit: Kit, wanted: Iterable[Check]) -> Iterator[Result]:
    """Run checks, one result each; whatever a backend does is the result of that check."""
    for check in wanted:
        try:
            check(kit)
        except NotTried as reason:
            yield Result(check, 'not tried', str(reason))
        except Failed as failure:
            yield Result(check, 'broken', str(failure))
        except Exception as error:
            yield Result(check, 'broken', f'{type(error).__name__}: {error}')
        else:
            yield Result(check, 'kept')
