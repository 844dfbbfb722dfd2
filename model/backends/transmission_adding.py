"""Adding a torrent to Transmission so that it is known to be there."""

from __future__ import annotations

from lib.errors import BadReply, Conflict, PyroError, WireError
from lib.wire.transmission import Link
from lib.wire.transmission_refusals import Refusal
from lib.words import said
from model.backends import transmission_rows as rows
from model.backends.base import Added, AddRequest
from model.backends.transmission_values import hash_of, text
from model.backends.transmission_verbs import Ids, labels


def add(link: Link, request: AddRequest) -> Added:
    """Add ``request``; one that is there already is left as it is.

    :raises Conflict: Transmission did not take it.
    :raises WireError: it did not answer; TimedOut says that it may have been added.
    """
    there = _name(link, request)
    if there is not None:
        return Added(request.info_hash, there, existed=True)
    warnings = list[str]()
    try:
        _send(link, request)
    except Refusal as error:
        raise Conflict(said('Transmission did not take it: %(text)s', text=error.text)) from error
    except WireError as error:
        if not error.sent or _name_or_none(link, request) is None:
            raise
    name = _name(link, request)
    if name is None:
        raise BadReply(
            'Transmission said that it added the torrent, and does not have it.', target=link.target
        )
    if request.label:
        warnings += _labelled(link, request)
    return Added(request.info_hash, name, existed=False, warnings=tuple(warnings))


def _send(link: Link, request: AddRequest) -> None:
    link.ask(
        lambda client: client.add_torrent(
            request.magnet if request.data is None else request.data,
            paused=not request.start,
            download_dir=request.directory or None,
        )
    )


def _labelled(link: Link, request: AddRequest) -> list[str]:
    """Set the label, which 3.00 does not take along with the torrent; what to say if that failed."""
    ids: Ids = [request.info_hash.lower()]
    try:
        link.ask(lambda client: client.change_torrent(ids, labels=labels(request.label)))
    except WireError as error:
        return [said('It was added, but without its label: %(error)s', error=error)]
    return []


def _name(link: Link, request: AddRequest) -> str | None:
    """The name of the torrent in Transmission, None where it is not there."""
    for torrent in rows.ask(link, ('name',), [request.info_hash.lower()]):
        if hash_of(torrent) == request.info_hash:
            return text(torrent.get('name')) or request.name
    return None


def _name_or_none(link: Link, request: AddRequest) -> str | None:
    try:
        return _name(link, request)
    except PyroError:
        return None
