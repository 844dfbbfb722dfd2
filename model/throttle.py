"""Counts wrong passwords, in the database, so that all processes count together and a restart forgets nothing.

Every attempt is written down *before* its password is looked at, and taken back when it was right: a thousand
attempts at the same moment get no more tries than a thousand in a row. A right password takes back only itself:
who logs in again and again does not clear the count of somebody who guesses.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import Engine

from lib.errors import TooManyAttempts
from lib.words import said, said_n
from model.database import new_id, reading, writing
from model.tables import attempts

WINDOW = 15 * 60.0  # seconds an attempt counts
PER_ACCOUNT = 5  # wrong passwords for one account from one address
PER_ADDRESS = 25  # wrong passwords from one address, whatever the account
_CLOCK_SLACK = 60.0  # an attempt from further in the future was noted before the clock was put back


class Throttle:
    """:param clock: Unix time in seconds; the wall clock, since other processes share the figures."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._clock = clock

    def check(self, account: str, address: str) -> None:
        """Refuse what :meth:`begin` would refuse, at the cost of a look.

        :raises TooManyAttempts: the attempt must not be heard, whatever its password.
        """
        self._refuse(_account(account), _address(address), own=0)

    def begin(self, account: str, address: str) -> int:
        """Note an attempt; its number is for :meth:`take_back`.

        :raises TooManyAttempts: the attempt must not be heard, whatever its password.
        """
        account, address, now = _account(account), _address(address), self._clock()
        with writing(self._engine) as connection:
            connection.execute(attempts.delete().where(~_counts(now)))
            made = connection.execute(attempts.insert().values(account=account, address=address, at=now))
            number = new_id(made)
        # Committed before it is counted: of several at once, the later ones see the earlier ones on any database.
        try:
            self._refuse(account, address, own=1)
        except TooManyAttempts:
            self.take_back(number)  # an attempt that was not heard does not prolong the wait
            raise
        return number

    def take_back(self, number: int) -> None:
        """The attempt was none: its password was right, or was not looked at."""
        with writing(self._engine) as connection:
            connection.execute(attempts.delete().where(attempts.c.id == number))

    def _refuse(self, account: str, address: str, own: int) -> None:
        """:param own: how many of the attempts noted are the present one."""
        from_here = attempts.c.address == address
        wait = max(
            self._wait(PER_ACCOUNT + own, from_here & (attempts.c.account == account)),
            self._wait(PER_ADDRESS + own, from_here),
        )
        if wait > 0:
            raise TooManyAttempts(
                said('Too many wrong passwords. Wait %(time)s before you try again.', time=_words(wait)),
                retry_after=wait,
            )

    def _wait(self, limit: int, which: sa.ColumnElement[bool]) -> int:
        """Seconds until fewer than ``limit`` attempts count; 0 where it is so now."""
        now = self._clock()
        latest = sa.select(attempts.c.at).where(which, _counts(now)).order_by(attempts.c.id.desc())
        with reading(self._engine) as connection:
            times: list[float] = [row.at for row in connection.execute(latest.limit(limit))]
        if len(times) < limit:
            return 0
        return min(math.ceil(WINDOW), max(1, math.ceil(times[-1] + WINDOW - now)))


def _counts(now: float) -> sa.ColumnElement[bool]:
    return attempts.c.at.between(now - WINDOW, now + _CLOCK_SLACK)


def _account(name: str) -> str:
    # Hashed, since people type their password into the field for the name now and then.
    return hashlib.blake2b(name.encode('utf-8', 'replace'), digest_size=16).hexdigest()


def _address(text: str) -> str:
    """One sender: an IPv4 address, or the network of 2⁶⁴ addresses that an IPv6 customer has to himself."""
    try:
        found = ipaddress.ip_address(text.partition('%')[0])
    except ValueError:
        return text[:64]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _words(seconds: int) -> str:
    if seconds < 90:
        return said_n('%(num)s second', '%(num)s seconds', seconds)
    return said_n('%(num)s minute', '%(num)s minutes', math.ceil(seconds / 60))
