"""The tables of the state database, as the newest migration leaves them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()

#: Of rows. SQLite numbers its rows by itself, in 64 bits, where the column is called INTEGER.
NUMBER = sa.BigInteger().with_variant(sa.Integer, 'sqlite')


class Words(sa.TypeDecorator[str]):
    """Text from outside. PostgreSQL takes no NUL in it, whether to keep it or to look for it."""

    impl: Any = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        return value if value is None else value.replace('\0', '\N{REPLACEMENT CHARACTER}')


class Name(Words):
    """The same, of bounded length."""

    impl = sa.String
    cache_ok = True


# Numbers of removed accounts are not given out again: an old session or token must not become somebody else's.
users = sa.Table(
    'users',
    metadata,
    sa.Column('id', NUMBER, primary_key=True),
    sa.Column('name', sa.Text, nullable=False),
    sa.Column('folded', sa.Text, nullable=False, unique=True),
    sa.Column('password', sa.Text, nullable=False),
    sa.Column('role', sa.String(8), nullable=False),
    sa.Column('epoch', sa.BigInteger, nullable=False),
    sa.Column('created', sa.BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

tokens = sa.Table(
    'tokens',
    metadata,
    sa.Column('id', NUMBER, primary_key=True),
    sa.Column('user_id', NUMBER, sa.ForeignKey('users.id', ondelete='CASCADE'), nullable=False, index=True),
    sa.Column('hash', sa.String(64), nullable=False, unique=True),
    sa.Column('label', sa.Text, nullable=False),
    sa.Column('write', sa.Boolean, nullable=False),
    sa.Column('created', sa.BigInteger, nullable=False),
    sa.Column('last_used', sa.BigInteger),
    sqlite_autoincrement=True,
)

# ``slot`` is 'setup' in the one link that may make the first account, and NULL in all others.
links = sa.Table(
    'links',
    metadata,
    sa.Column('hash', sa.String(64), primary_key=True),
    sa.Column('purpose', sa.String(8), nullable=False),
    sa.Column('user_id', NUMBER, sa.ForeignKey('users.id', ondelete='CASCADE'), index=True),
    sa.Column('slot', sa.String(8), unique=True),
    sa.Column('expires', sa.BigInteger, nullable=False),
    sa.Column('used', sa.BigInteger),
)

attempts = sa.Table(
    'attempts',
    metadata,
    sa.Column('id', NUMBER, primary_key=True),
    sa.Column('account', sa.String(64), nullable=False),
    sa.Column('address', sa.String(64), nullable=False),
    sa.Column('at', sa.Double, nullable=False, index=True),
    sa.Index('attempts_of', 'address', 'account', 'at'),
    sqlite_autoincrement=True,
)

# What we did to a client and want to remember, e.g. the encryption policy last set.
notes = sa.Table(
    'notes',
    metadata,
    sa.Column('target', sa.String(255), primary_key=True),
    sa.Column('name', sa.String(64), primary_key=True),
    sa.Column('value', sa.Text, nullable=False),
    sa.Column('at', sa.Double, nullable=False),
)

# Actions on many torrents, for all processes to see. ``failures`` is JSON, ``process`` says who carries it out.
jobs = sa.Table(
    'jobs',
    metadata,
    sa.Column('id', Name(32), primary_key=True),
    sa.Column('user_id', NUMBER, sa.ForeignKey('users.id', ondelete='CASCADE'), index=True),
    sa.Column('verb', sa.String(32), nullable=False),
    sa.Column('state', sa.String(16), nullable=False, index=True),
    sa.Column('total', sa.Integer, nullable=False),
    sa.Column('done', sa.Integer, nullable=False),
    sa.Column('failed', sa.Integer, nullable=False),
    sa.Column('unknown', sa.Integer, nullable=False),
    sa.Column('failures', sa.Text, nullable=False),
    sa.Column('process', sa.Text, nullable=False),
    sa.Column('started', sa.Double, nullable=False),
    sa.Column('updated', sa.Double, nullable=False, index=True),
)

# Addresses of the list that an account gave a name. ``owner`` is the account, 0 where nobody logs in.
views = sa.Table(
    'views',
    metadata,
    sa.Column('id', NUMBER, primary_key=True),
    sa.Column('user_id', NUMBER, sa.ForeignKey('users.id', ondelete='CASCADE'), index=True),
    sa.Column('owner', NUMBER, nullable=False),
    sa.Column('name', Words, nullable=False),
    sa.Column('address', Words, nullable=False),
    sa.Column('changed', sa.BigInteger, nullable=False),
    sa.UniqueConstraint('owner', 'name', name='one_of_a_name'),
)

# What happened, in order: of torrents, and with hash '' of clients. ``data`` is JSON; ``who`` is the account that did
# it, NULL where the client says no more than that it is so. Numbers are not given out again: readers go on from them.
events = sa.Table(
    'events',
    metadata,
    sa.Column('id', NUMBER, primary_key=True),
    sa.Column('target', Name(255), nullable=False),
    sa.Column('hash', Name(255), nullable=False),
    sa.Column('at', sa.Double, nullable=False),
    sa.Column('kind', sa.String(16), nullable=False),
    sa.Column('name', Words, nullable=False),
    sa.Column('detail', Words, nullable=False),
    sa.Column('data', sa.Text, nullable=False),
    sa.Column('who', Words),
    sa.Index('events_of', 'target', 'hash', 'id'),
    sqlite_autoincrement=True,
)

# What the newest event was told from, so that a restart neither repeats nor loses one. ``value`` is JSON.
event_states = sa.Table(
    'event_states',
    metadata,
    sa.Column('target', sa.String(255), primary_key=True),
    sa.Column('hash', sa.String(255), primary_key=True),
    sa.Column('value', sa.Text, nullable=False),
)

# Work that one process at a time may do. ``holder`` as model.process.name, ``until`` in Unix seconds.
leases = sa.Table(
    'leases',
    metadata,
    sa.Column('name', sa.String(64), primary_key=True),
    sa.Column('holder', sa.Text, nullable=False),
    sa.Column('until', sa.Double, nullable=False),
)

# How far readers of the log have come that have a name: the last event they dealt with.
positions = sa.Table(
    'positions',
    metadata,
    sa.Column('name', sa.String(64), primary_key=True),
    sa.Column('position', sa.BigInteger, nullable=False),
)

# Receivers of events. ``options`` and ``kinds`` are JSON; ``cursor`` is the last event that was looked at for it,
# ``failures`` how many tries failed since the last good one, ``failing`` since when they do, ``due`` when the next
# may be made, ``dropped`` how many deliveries its full queue lost.
webhooks = sa.Table(
    'webhooks',
    metadata,
    sa.Column('id', NUMBER, primary_key=True),
    sa.Column('name', sa.String(64), nullable=False, unique=True),
    sa.Column('style', sa.String(16), nullable=False),
    sa.Column('url', sa.Text, nullable=False),
    sa.Column('secret', sa.Text, nullable=False),
    sa.Column('options', sa.Text, nullable=False),
    sa.Column('kinds', sa.Text, nullable=False),
    sa.Column('query', sa.Text, nullable=False),
    sa.Column('state', sa.String(16), nullable=False),
    sa.Column('notice', Words, nullable=False),
    sa.Column('failures', sa.Integer, nullable=False),
    sa.Column('failing', sa.Double),
    sa.Column('due', sa.Double, nullable=False),
    sa.Column('dropped', sa.Integer, nullable=False),
    sa.Column('cursor', sa.BigInteger, nullable=False),
    sa.Column('source', sa.String(8), nullable=False),
    sa.Column('created', sa.Double, nullable=False),
    sa.Column('changed', sa.Double, nullable=False),
    sqlite_autoincrement=True,
)

# What is to be sent to them, and what became of it. ``uid`` stays the same however often it is tried.
deliveries = sa.Table(
    'deliveries',
    metadata,
    sa.Column('id', NUMBER, primary_key=True),
    sa.Column('webhook_id', NUMBER, sa.ForeignKey('webhooks.id', ondelete='CASCADE'), nullable=False),
    sa.Column('uid', sa.String(32), nullable=False),
    sa.Column('event_id', sa.BigInteger, nullable=False),
    sa.Column('event', sa.Text, nullable=False),
    sa.Column('state', sa.String(16), nullable=False),
    sa.Column('tries', sa.Integer, nullable=False),
    sa.Column('due', sa.Double, nullable=False),
    sa.Column('created', sa.Double, nullable=False),
    sa.Column('ended', sa.Double),
    sa.Column('status', sa.Integer),
    sa.Column('took', sa.Double),
    sa.Column('error', Words, nullable=False),
    sa.Column('reply', Words, nullable=False),
    sa.Index('deliveries_of', 'webhook_id', 'id'),
    sa.Index('deliveries_in', 'webhook_id', 'state', 'id'),
    sqlite_autoincrement=True,
)
