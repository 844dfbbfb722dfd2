"""What the kinds of events mean, for people. Programs are told by :data:`model.events.happenings.KINDS`."""

from __future__ import annotations

from lib.words import N_

#: All that a stream, a webhook or a listener can be sent.
SENTENCES = {
    'added': N_('A torrent was added.'),
    'removed': N_('A torrent was removed.'),
    'finished': N_('All its data has been downloaded.'),
    'error': N_('A torrent has an error.'),
    'tracker_error': N_('A tracker complains.'),
    'stalled': N_('It downloads, but nothing has come for a while.'),
    'ratio': N_('It has reached a ratio.'),
    'started': N_('It was started.'),
    'stopped': N_('It was stopped.'),
    'paused': N_('It was paused.'),
    'resumed': N_('It goes on after a pause.'),
    'checking': N_('A check of its data began.'),
    'checked': N_('The check of its data is over.'),
    'label': N_('It has another label.'),
    'moved': N_('It is saved in another directory.'),
    'updated': N_('Any lasting field changed. This comes often.'),
    'disk_low': N_('Little space is left where a client saves.'),
    'offline': N_('A client does not answer.'),
    'online': N_('A client answers again.'),
    'webhook': N_('A webhook failed for long and was paused.'),
}
