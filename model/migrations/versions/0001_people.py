"""Users, tokens, one-time links, login attempts, and notes about the clients."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None


def upgrade() -> None:
    op.create_table(
        'users',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('name', sa.Text, nullable=False),
        sa.Column('folded', sa.Text, nullable=False, unique=True),
        sa.Column('password', sa.Text, nullable=False),
        sa.Column('role', sa.String(8), nullable=False),
        sa.Column('epoch', sa.BigInteger, nullable=False),
        sa.Column('created', sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        'tokens',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id', ondelete='CASCADE'), nullable=False),
        sa.Column('hash', sa.String(64), nullable=False, unique=True),
        sa.Column('label', sa.Text, nullable=False),
        sa.Column('write', sa.Boolean, nullable=False),
        sa.Column('created', sa.BigInteger, nullable=False),
        sa.Column('last_used', sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index('ix_tokens_user_id', 'tokens', ['user_id'])
    op.create_table(
        'links',
        sa.Column('hash', sa.String(64), primary_key=True),
        sa.Column('purpose', sa.String(8), nullable=False),
        sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id', ondelete='CASCADE')),
        sa.Column('slot', sa.String(8), unique=True),
        sa.Column('expires', sa.BigInteger, nullable=False),
        sa.Column('used', sa.BigInteger),
    )
    op.create_index('ix_links_user_id', 'links', ['user_id'])
    op.create_table(
        'attempts',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('account', sa.String(64), nullable=False),
        sa.Column('address', sa.String(64), nullable=False),
        sa.Column('at', sa.Double, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index('ix_attempts_at', 'attempts', ['at'])
    op.create_index('attempts_of', 'attempts', ['address', 'account', 'at'])
    op.create_table(
        'notes',
        sa.Column('target', sa.String(255), primary_key=True),
        sa.Column('name', sa.String(64), primary_key=True),
        sa.Column('value', sa.Text, nullable=False),
        sa.Column('at', sa.Double, nullable=False),
    )
