"""What the handlers work with, made once at the start of the process and handed to each request."""

from __future__ import annotations

from dataclasses import dataclass

from jinja2 import Environment
from sqlalchemy import Engine

from lib import targets
from lib.config import Config
from lib.web.assets import Assets
from lib.web.streams import Streams
from lib.web.templating import make_environment
from model import statedir
from model.bulk import Bulk
from model.database import open_database
from model.events.acts import Acts
from model.events.eventlog import EventLog
from model.events.recorder import Recorder, RecorderSettings
from model.filetrees import FileTrees
from model.hub import Hub
from model.leases import Leases
from model.links import Links
from model.notes import Notes
from model.saved import Saved
from model.tokens import Tokens
from model.users import Users
from model.webhooks.dispatch import Dispatcher
from model.webhooks.receivers import Webhooks


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
    acts: Acts
    events: EventLog
    recorder: Recorder
    webhooks: Webhooks
    dispatcher: Dispatcher
    streams: Streams

    def start(self) -> None:
        """Follow all clients whether somebody looks or not, and do the work beside the requests: for servers."""
        self.hub.start()
        self.recorder.start()
        self.dispatcher.start()

    def close(self) -> None:
        """End the threads that work beside the requests."""
        self.streams.close()
        self.dispatcher.close()
        self.recorder.close()
        self.acts.close()
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
    log = EventLog(engine, kept=config.EVENTS_KEPT)
    webhooks = Webhooks(engine, config)
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
        acts=Acts(hub, log),
        events=log,
        streams=Streams(config.MAX_STREAMS),
        recorder=Recorder(hub, log, Leases(engine), settings=RecorderSettings.of(config)),
        webhooks=webhooks,
        dispatcher=Dispatcher(webhooks, log, Leases(engine)),
    )
