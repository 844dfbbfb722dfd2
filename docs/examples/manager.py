import sys

from model.manager import Manager

with Manager({'home': {'url': sys.argv[1]}}) as manager:
    manager.add_listener(
        on_added=lambda torrent: print('added:', torrent.name, flush=True),
        on_finished=lambda torrent: print('finished:', torrent.name, torrent.length, flush=True),
        on_error=lambda error: print('trouble:', error, flush=True),
    )
    print([torrent.name for torrent in manager.get_all()], flush=True)
    manager.wait()
