"""Attacks on the whole application: what a stranger, a reader, a torrent or a web page may try."""
