"""What the handlers work with, made once at the start of the process and handed to each request."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment
from sqlalchemy import Engine

from lib import targets
from lib.config import Config
from lib.web.assets import Assets
from lib.web.templating import make_environment
from model import statedir
from model.bulk import Bulk
from model.database import open_database
from model.filetrees import FileTrees
from model.history import History
from model.hub import Hub
from model.links import Links
from model.notes import Notes
from model.saved import Saved
from model.tokens import Tokens
from model.users import Users


@dataclass(frozen=True)
class Services:
    """:ivar secret: the key that signs session cookies, 32 bytes."""

    config: Config
    hub: Hub
    engine: Engine
    users: Users
    tokens: Tokens
    links: Links
    notes: Notes
    assets: Assets
    templates: Environment
    secret: bytes
    trees: FileTrees
    bulk: Bulk
    saved: Saved
    history: History

    def close(self) -> None:
        """End the threads that work beside the requests."""
        self.history.close()
        self.hub.close()


def make_services(config: Config) -> Services:
    """Open the state directory and the database, and make the connections of ``config`` (nothing is sent yet).

    :raises ConfigError: a setting, the state directory or the database will not do.
    """
    statedir.prepare(config)
    targets.configure(config)
    engine = open_database(config)
    assets = Assets(config.static_url, hashed_path=not config.STATIC_URL)
    hub = Hub.from_targets(config)
    history = History(engine, hub)
    history.start()
    return Services(
        config=config,
        hub=hub,
        engine=engine,
        users=Users(engine),
        tokens=Tokens(engine),
        links=Links(engine),
        notes=Notes(engine),
        assets=assets,
        templates=make_environment(),
        secret=statedir.secret(config),
        trees=FileTrees(),
        bulk=Bulk(engine, hub),
        saved=Saved(engine),
        history=history,
    )
