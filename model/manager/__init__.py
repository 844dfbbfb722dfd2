"""pyroTorrent for programs: ``from model.manager import Manager``."""

from model.manager.manager import Manager, Torrent

__all__ = ['Manager', 'Torrent']
