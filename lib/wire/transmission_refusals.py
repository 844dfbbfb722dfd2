"""What Transmission, or whatever answers in its place, says instead of an answer, as errors with a remedy."""

from __future__ import annotations

from transmission_rpc import TransmissionError

from lib.errors import BadReply, Fault, NotPermitted, TimedOut, WireError
from lib.texts import UNFIT
from lib.wire.url import Address
from lib.words import N_, said

PATH = '/transmission/rpc'
_MOST = 300  # characters of its words


class Refusal(Fault):
    """Transmission did not do what was asked and said why, in ``text``."""

    def __init__(self, text: str, *, target: str = '') -> None:
        super().__init__(0, text, target=target)
        self.args = (said('Transmission answered: %(text)s', text=self.text),)


class NotTransmission(BadReply):
    """A web server answered that has no Transmission there; it did nothing."""

    @property
    def sent(self) -> bool:
        return False


_UNREACHED = N_(
    'The web server %(address)s does not reach its Transmission (%(status)s). Look whether it runs.'
)
_BY_STATUS: dict[int, tuple[type[WireError], str]] = {
    401: (
        NotPermitted,
        N_(
            '%(address)s refuses user name and password (401). Give the rpc-username and rpc-password of its '
            'settings.json as user and password of this client.'
        ),
    ),
    403: (
        NotPermitted,
        N_(
            '%(address)s forbids our address (403). Add it to rpc-whitelist in its settings.json; after many '
            'wrong passwords, restart Transmission.'
        ),
    ),
    421: (
        NotPermitted,
        N_(
            '%(address)s does not answer to the name %(host)s (421). Use its IP address, or add the name to '
            'rpc-host-whitelist in its settings.json.'
        ),
    ),
    502: (NotTransmission, _UNREACHED),
    503: (NotTransmission, _UNREACHED),
    504: (TimedOut, N_('The web server %(address)s waited in vain for Transmission (504).')),
}
_BROKEN = (BadReply, N_('%(address)s answered with the status %(status)s.'))
_ELSEWHERE = (
    NotTransmission,
    N_(
        '%(address)s knows no Transmission at this path (%(status)s). Check the path, which is %(path)s unless '
        'rpc-url in its settings.json says otherwise.'
    ),
)


def by_status(status: int, address: Address) -> WireError:
    """The error for an answer of HTTP that carries no answer of Transmission's."""
    kind, text = _BY_STATUS.get(status, _BROKEN if status >= 500 else _ELSEWHERE)
    return kind(said(text, address=address, host=address.host, status=status, path=PATH))


def by_result(error: TransmissionError) -> WireError:
    """The error for an answer that the library did not take: Transmission's own words, where it has any."""
    response = error.response
    text = response.get('result') if isinstance(response, dict) else None
    if not isinstance(text, str) or text == 'success':
        return nonsense()
    return Refusal(' '.join(UNFIT.sub(' ', text).split())[:_MOST])


def nonsense() -> BadReply:
    """The error for an answer that is none of Transmission's."""
    return BadReply(
        said(
            'What answers here does not answer as Transmission does. Check host, port and path; the path is '
            '%(path)s unless rpc-url in its settings.json says otherwise.',
            path=PATH,
        )
    )
