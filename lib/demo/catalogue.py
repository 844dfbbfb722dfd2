"""What the demo shows: names, sizes, who has it and who wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MB = 1_000_000
HOME = 'home'
SEEDBOX = 'seedbox'


@dataclass(frozen=True)
class Entry:
    """One torrent of the demo.

    :ivar content: size in bytes, or sizes by path.
    :ivar seeds: the rTorrents that have all of it.
    :ivar taker: the one that downloads it, empty for none.
    :ivar rate: the most the taker downloads, in KiB/s.
    :ivar have: share that the taker has at the start.
    :ivar tracker: ``''`` for the demo's own, ``'silent'`` for one that nobody answers, ``'refuses'`` for one that
        does not know the torrent.
    """

    name: str
    content: int | Mapping[str, int]
    seeds: tuple[str, ...] = ()
    taker: str = ''
    rate: int = 0
    have: float = 0.0
    label: str = ''
    stopped: bool = False
    tracker: str = ''

    @property
    def throttle(self) -> str:
        """Name of the throttle group that holds ``rate``."""
        return f'demo{self.rate}'


_FILM = {
    'Big Buck Bunny/big_buck_bunny_1080p.mp4': 62 * MB,
    'Big Buck Bunny/big_buck_bunny.srt': 9_412,
    'Sintel/sintel_1080p.mkv': 48 * MB,
    'Sintel/subtitles/sintel.de.srt': 11_204,
    'Sintel/subtitles/sintel.en.srt': 10_873,
    'Sintel/subtitles/sintel.es.srt': 11_518,
    'LICENSE.txt': 18_651,
}
_BOOK = {f'mobydick_{chapter:03}_melville_64kb.mp3': (3 + chapter % 4) * MB for chapter in range(1, 9)}
_FONTS = {
    f'{family}/{family}-{weight}.otf': 180_000
    for family in ('Inter', 'Vollkorn', 'FiraCode')
    for weight in ('Regular', 'Italic', 'Bold')
}

ENTRIES = (
    Entry('debian-13.2.0-amd64-netinst.iso', 96 * MB, (SEEDBOX,), HOME, 340, 0.12, 'linux'),
    Entry('void-live-x86_64-20250202-xfce.iso', 118 * MB, (SEEDBOX,), HOME, 210, 0.55, 'linux'),
    Entry('Blender Open Movies', _FILM, (SEEDBOX,), HOME, 420, 0.31, 'films'),
    Entry('tails-amd64-7.2.img', 58 * MB, (SEEDBOX,), HOME, 95, 0.78),
    Entry('archlinux-2026.11.01-x86_64.iso', 84 * MB, (HOME,), SEEDBOX, 180, 0.05, 'linux'),
    Entry('librivox-moby-dick', _BOOK, (HOME,), SEEDBOX, 110, 0.42, 'audiobooks'),
    Entry('alpine-standard-3.22.2-x86_64.iso', 340 * MB, (HOME, SEEDBOX), label='linux'),
    Entry('FreeBSD-15.0-RELEASE-amd64-bootonly.iso', 415 * MB, (SEEDBOX,), label='bsd'),
    Entry('OpenStreetMap-planet-extract-2026-10', 760 * MB, (HOME,), label='data'),
    Entry('open-font-collection', _FONTS, (HOME,)),
    Entry('NetBSD-10.1-amd64.iso', 640 * MB, (SEEDBOX,), label='bsd', stopped=True),
    Entry(
        'gutenberg-2026-best-of.zip', 220 * MB, taker=HOME, rate=210, have=0.64, label='books', stopped=True
    ),
    Entry('openbsd-install78.img', 710 * MB, taker=HOME, rate=210, label='bsd', tracker='silent'),
    Entry('haiku-r1beta5-x86_64-anyboot.iso', 150 * MB, (SEEDBOX,), tracker='refuses'),
)
