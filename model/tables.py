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
