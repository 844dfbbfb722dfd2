"""Bytes to and from a torrent client: addresses, transports, the XML-RPC codec, and ``Rpc`` that joins them."""
