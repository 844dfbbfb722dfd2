"""What the commands of ``pyrotorrent.py`` do; the command line itself is there."""
