"""Events, what they were told from, and their receivers; the history becomes events.

A migration says what the tables were like then, and stays as it is when :mod:`model.tables` changes: nothing here is
taken from there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    _create_events()
    op.drop_table('history')
    _create_readers()
    _create_webhooks()


def _create_events() -> None:
    op.create_table(
        'events',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('target', sa.String(255), nullable=False),
        sa.Column('hash', sa.String(255), nullable=False),
        sa.Column('at', sa.Double, nullable=False),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('name', sa.Text, nullable=False),
        sa.Column('detail', sa.Text, nullable=False),
        sa.Column('data', sa.Text, nullable=False),
        sa.Column('who', sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index('events_of', 'events', ['target', 'hash', 'id'])
    op.execute(
        'INSERT INTO events (id, target, hash, at, kind, name, detail, data, who) '
        "SELECT id, target, hash, at, kind, '', detail, '{}', who FROM history ORDER BY id"
    )
    if op.get_bind().dialect.name == 'postgresql':  # numbers were given by us, so its sequence does not know
        op.execute(
            "SELECT setval(pg_get_serial_sequence('events', 'id'), coalesce(max(id), 0) + 1, false) FROM events"
        )


def _create_readers() -> None:
    op.create_table(
        'event_states',
        sa.Column('target', sa.String(255), primary_key=True),
        sa.Column('hash', sa.String(255), primary_key=True),
        sa.Column('value', sa.Text, nullable=False),
    )
    op.create_table(
        'leases',
        sa.Column('name', sa.String(64), primary_key=True),
        sa.Column('holder', sa.Text, nullable=False),
        sa.Column('until', sa.Double, nullable=False),
    )
    op.create_table(
        'positions',
        sa.Column('name', sa.String(64), primary_key=True),
        sa.Column('position', sa.BigInteger, nullable=False),
    )


def _create_webhooks() -> None:
    op.create_table(
        'webhooks',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('name', sa.String(64), nullable=False, unique=True),
        sa.Column('style', sa.String(16), nullable=False),
        sa.Column('url', sa.Text, nullable=False),
        sa.Column('secret', sa.Text, nullable=False),
        sa.Column('options', sa.Text, nullable=False),
        sa.Column('kinds', sa.Text, nullable=False),
        sa.Column('query', sa.Text, nullable=False),
        sa.Column('state', sa.String(16), nullable=False),
        sa.Column('notice', sa.Text, nullable=False),
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
    op.create_table(
        'deliveries',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('webhook_id', sa.Integer, sa.ForeignKey('webhooks.id', ondelete='CASCADE'), nullable=False),
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
        sa.Column('error', sa.Text, nullable=False),
        sa.Column('reply', sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index('deliveries_of', 'deliveries', ['webhook_id', 'id'])
    op.create_index('deliveries_in', 'deliveries', ['webhook_id', 'state', 'id'])
