"""Following real rTorrents."""
