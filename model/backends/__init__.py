"""What pyroTorrent can talk to: one contract (:mod:`.base`), one module per kind of client."""
