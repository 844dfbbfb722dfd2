"""What can be asked of and done to one connected peer (``p.*``). Peers choose much of this text themselves."""

from __future__ import annotations

from lib.methods.base import read, table, write

# One line per method, so that a line can be found and compared.
# fmt: off
METHODS = table(
    'peer',
    read('get_id', 'p.id p.get_id', 'str', 'Peer id: 40 hexadecimal digits; it names the peer here.'),
    read('get_id_html', 'p.id_html p.get_id_html', 'str', 'Peer id, percent-encoded.'),
    read('get_address', 'p.address p.get_address', 'str', 'IP address.'),
    read('get_port', 'p.port p.get_port', 'int', 'Port.'),
    read('get_client_version', 'p.client_version p.get_client_version', 'str', 'Name of its client.'),
    read('get_options_str', 'p.options_str p.get_options_str', 'str', 'Reserved bits of its handshake.'),
    read('get_completed_percent', 'p.completed_percent p.get_completed_percent', 'int', 'How much it has, in %.'),
    read('get_download_rate', 'p.down_rate p.get_down_rate', 'int', 'Rate from it in bytes per second.'),
    read('get_upload_rate', 'p.up_rate p.get_up_rate', 'int', 'Rate to it in bytes per second.'),
    read('get_peer_rate', 'p.peer_rate p.get_peer_rate', 'int', 'Its own download rate, estimated.'),
    read('get_download_total', 'p.down_total p.get_down_total', 'int', 'Bytes from it.'),
    read('get_upload_total', 'p.up_total p.get_up_total', 'int', 'Bytes to it.'),
    read('get_peer_total', 'p.peer_total p.get_peer_total', 'int', 'Bytes it has downloaded, estimated.'),
    read('is_encrypted', 'p.is_encrypted', 'flag', 'Whether the connection is encrypted.'),
    read('is_obfuscated', 'p.is_obfuscated', 'flag', 'Whether the handshake was obfuscated.'),
    read('is_incoming', 'p.is_incoming', 'flag', 'Whether the peer made the connection.'),
    read('is_snubbed', 'p.is_snubbed p.snubbed', 'flag', 'Whether we send it nothing.'),
    read('is_banned', 'p.banned', 'flag', 'Whether it is banned.'),
    read('is_preferred', 'p.is_preferred', 'flag', 'Whether the address filter prefers it.'),
    read('is_unwanted', 'p.is_unwanted', 'flag', 'Whether the address filter does not want it.'),
    write('set_snubbed', 'p.snubbed.set', 'Send it nothing, or send again.', 'flag'),
    write('ban', 'p.banned.set', 'Ban it; rTorrent cannot take a ban back.', '=1'),
    write('disconnect', 'p.disconnect', 'Disconnect it now.'),
    write('disconnect_delayed', 'p.disconnect_delayed', 'Disconnect it soon.'),
)
