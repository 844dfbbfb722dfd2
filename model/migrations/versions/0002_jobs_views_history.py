"""Actions on many torrents, saved views, and what happened to torrents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'


def _user() -> sa.Column[int]:
    return sa.Column('user_id', sa.Integer, sa.ForeignKey('users.id', ondelete='CASCADE'))


def upgrade() -> None:
    op.create_table(
        'jobs',
        sa.Column('id', sa.String(32), primary_key=True),
        _user(),
        sa.Column('verb', sa.String(32), nullable=False),
        sa.Column('state', sa.String(16), nullable=False),
        sa.Column('total', sa.Integer, nullable=False),
        sa.Column('done', sa.Integer, nullable=False),
        sa.Column('failed', sa.Integer, nullable=False),
        sa.Column('unknown', sa.Integer, nullable=False),
        sa.Column('failures', sa.Text, nullable=False),
        sa.Column('process', sa.Text, nullable=False),
        sa.Column('started', sa.Double, nullable=False),
        sa.Column('updated', sa.Double, nullable=False),
    )
    op.create_index('ix_jobs_user_id', 'jobs', ['user_id'])
    op.create_index('ix_jobs_state', 'jobs', ['state'])
    op.create_index('ix_jobs_updated', 'jobs', ['updated'])
    op.create_table(
        'views',
        sa.Column('id', sa.Integer, primary_key=True),
        _user(),
        sa.Column('owner', sa.Integer, nullable=False),
        sa.Column('name', sa.Text, nullable=False),
        sa.Column('address', sa.Text, nullable=False),
        sa.Column('changed', sa.BigInteger, nullable=False),
        sa.UniqueConstraint('owner', 'name', name='one_of_a_name'),
    )
    op.create_index('ix_views_user_id', 'views', ['user_id'])
    op.create_table(
        'history',
        sa.Column('id', sa.Integer, primary_key=True),
        sa.Column('target', sa.String(255), nullable=False),
        sa.Column('hash', sa.String(40), nullable=False),
        sa.Column('at', sa.Double, nullable=False),
        sa.Column('kind', sa.String(16), nullable=False),
        sa.Column('detail', sa.Text, nullable=False),
        sa.Column('who', sa.Text),
        sqlite_autoincrement=True,
    )
    op.create_index('history_of', 'history', ['target', 'hash', 'id'])
