"""The tables of the state database, as the newest migration leaves them."""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

# Numbers of removed accounts are not given out again: an old session or token must not become somebody else's.
users = sa.Table(
    'users',
    metadata,
    sa.Column('id', sa.Integer, primary_key=True),
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
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column(
        'user_id', sa.Integer, sa.ForeignKey('users.id', ondelete='CASCADE'), nullable=False, index=True
    ),
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
    sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id', ondelete='CASCADE'), index=True),
    sa.Column('slot', sa.String(8), unique=True),
    sa.Column('expires', sa.BigInteger, nullable=False),
    sa.Column('used', sa.BigInteger),
)

attempts = sa.Table(
    'attempts',
    metadata,
    sa.Column('id', sa.Integer, primary_key=True),
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
    sa.Column('id', sa.String(32), primary_key=True),
    sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id', ondelete='CASCADE'), index=True),
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
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id', ondelete='CASCADE'), index=True),
    sa.Column('owner', sa.Integer, nullable=False),
    sa.Column('name', sa.Text, nullable=False),
    sa.Column('address', sa.Text, nullable=False),
    sa.Column('changed', sa.BigInteger, nullable=False),
    sa.UniqueConstraint('owner', 'name', name='one_of_a_name'),
)

# What happened to torrents. ``who`` is the account that did it, NULL where the client says no more than that it is so.
history = sa.Table(
    'history',
    metadata,
    sa.Column('id', sa.Integer, primary_key=True),
    sa.Column('target', sa.String(255), nullable=False),
    sa.Column('hash', sa.String(40), nullable=False),
    sa.Column('at', sa.Double, nullable=False),
    sa.Column('kind', sa.String(16), nullable=False),
    sa.Column('detail', sa.Text, nullable=False),
    sa.Column('who', sa.Text),
    sa.Index('history_of', 'target', 'hash', 'id'),
    sqlite_autoincrement=True,
)
