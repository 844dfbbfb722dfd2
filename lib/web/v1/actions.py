"""Actions on any number of torrents, asked about before and followed afterwards."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any

from werkzeug import Response

from lib.errors import Conflict, NotFound, UsageError
from lib.web import failures, guard
from lib.web.v1 import selection
from lib.web.v1.call import Call
from model import actions
from model.bulk import Caller, Chosen
from model.fields import AT
from model.jobs import Job

if TYPE_CHECKING:
    from lib.web.context import Context

NAMES = 20  # of a preview


def preview(call: Call) -> dict[str, Any]:
    """What an action would be done to, for asking before."""
    verb = actions.find(call.body['verb'])
    found = selection.items(call.context, call.body['select'])
    snapshot = call.context.services.hub.snapshot
    rows = [snapshot.get(item.target, item.hash) for item in found]
    return {
        'verb': verb.name,
        'label': verb.label,
        'destructive': verb.destructive,
        'help': verb.help,
        'count': len(found),
        'digest': _digest(found),
        'bytes': sum(row[AT['size_bytes']] or 0 for row in rows if row),
        'targets': dict(Counter(item.target for item in found)),
        'names': [item.name or item.hash for item in found[:NAMES]],
    }


def begin(call: Call) -> Response:
    """Do a verb to the selected torrents."""
    verb, body, context = actions.find(call.body['verb']), call.body, call.context
    args = actions.checked(verb, body.get('args', {}))
    if verb.destructive and body.get('sure') is not True:
        raise UsageError(f'“{verb.label}” cannot be taken back. Send "sure": true.', field='sure')
    found = selection.items(context, body['select'])
    _check_count(body, found)
    job = context.services.bulk.begin(_caller(context), verb.name, args, found)
    if job.state == 'done':
        context.services.hub.poke({item.target for item in found}, wait=1.0)
    return context.json(as_json(job), 202 if job.state == 'running' else 200)


def _check_count(body: Any, found: list[Chosen]) -> None:
    expected, seen = body.get('expect'), body.get('digest')
    if expected is not None and len(found) != expected:
        raise Conflict(
            f'These are {len(found)} torrents by now, and not {expected}. Nothing was done; look again before '
            'you confirm.'
        )
    if seen is not None and seen != _digest(found):
        raise Conflict(
            'These are other torrents by now, though as many. Nothing was done; look again before you confirm.'
        )


def _digest(found: list[Chosen]) -> str:
    """Tells a set of torrents from any other."""
    names = sorted(f'{item.target}/{item.hash}' for item in found)
    return hashlib.sha256('\n'.join(names).encode()).hexdigest()[:32]


def _caller(context: Context) -> Caller:
    who, services = context.who, context.services
    return Caller(
        who.user_id,
        who.name,
        lambda: guard.still_may(services, who, 'write'),
        lambda error: failures.words_of(error, admin=who.is_admin),
    )


def progress(call: Call) -> dict[str, Any]:
    """How far a job is; the own ones only, for administrators all."""
    job, who = call.context.services.bulk.jobs.get(call.path['job']), call.context.who
    if job is None or (job.user_id != who.user_id and not who.is_admin):
        raise NotFound('There is no such job (any more).')
    return as_json(job)


def as_json(job: Job) -> dict[str, Any]:
    """A job as JSON."""
    return {
        'job': job.id,
        'verb': job.verb,
        'state': job.state,
        'total': job.total,
        'done': job.done,
        'failed_count': job.failed,
        'unknown': job.unknown,
        'failed': [
            {
                'target': each.target, 'hash': each.hash, 'name': each.name or each.hash, 'state': each.state,
                'code': each.code, 'message': each.message,
            }
            for each in job.failures
        ],
        'started': job.started,
        'updated': job.updated,
    }  # fmt: skip
