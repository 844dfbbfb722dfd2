"""What there is: rTorrent, torrents, files, peers, trackers, users, and what may be done with them."""
