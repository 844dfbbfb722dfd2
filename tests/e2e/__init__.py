"""A person's way through the program: Chromium, lighttpd, spawn-fcgi, flup, and two real rTorrents."""
