"""What can be asked of and done to one file of a torrent (``f.*``).

A changed priority takes effect with the torrent’s ``update_priorities``.
"""

from __future__ import annotations

from lib.methods.base import read, table, write

# One line per method, so that a line can be found and compared.
# fmt: off
METHODS = table(
    'file',
    read('get_path', 'f.path f.get_path', 'str', 'Path inside the torrent.'),
    read('get_path_components', 'f.path_components f.get_path_components', 'list', 'The parts of the path.'),
    read('get_path_depth', 'f.path_depth f.get_path_depth', 'int', 'Number of parts of the path.'),
    read('get_frozen_path', 'f.frozen_path f.get_frozen_path', 'str', 'Path on disk; empty until opened.'),
    read('get_size_bytes', 'f.size_bytes f.get_size_bytes', 'int', 'Size in bytes.'),
    read('get_size_chunks', 'f.size_chunks f.get_size_chunks', 'int', 'Chunks it lies in.'),
    read('get_completed_chunks', 'f.completed_chunks f.get_completed_chunks', 'int', 'Finished chunks of these.'),
    read('get_offset', 'f.offset f.get_offset', 'int', 'Where it begins in the torrent’s data, in bytes.'),
    read('get_range_first', 'f.range_first f.get_range_first', 'int', 'Its first chunk.'),
    read('get_range_second', 'f.range_second f.get_range_second', 'int', 'The chunk after its last one.'),
    read('get_priority', 'f.priority f.get_priority', 'int', '0 not wanted, 1 normal, 2 high.'),
    read('get_last_touched', 'f.last_touched f.get_last_touched', 'int', 'Last use, microseconds since 1970.'),
    read('is_open', 'f.is_open', 'flag', 'Whether it is open.'),
    read('is_created', 'f.is_created', 'flag', 'Whether it is on the disk.'),
    read('is_create_queued', 'f.is_create_queued', 'flag', 'Whether it will be created.'),
    read('is_resize_queued', 'f.is_resize_queued', 'flag', 'Whether it will be resized.'),
    read('get_prioritize_first', 'f.prioritize_first', 'flag', 'Whether its first chunks come first.'),
    read('get_prioritize_last', 'f.prioritize_last', 'flag', 'Whether its last chunks come first.'),
    read('get_match_depth_next', 'f.match_depth_next', 'int', 'Parts of the path shared with the next file.'),
    read('get_match_depth_prev', 'f.match_depth_prev', 'int', 'Parts of the path shared with the file before.'),
    write('set_priority', 'f.priority.set f.set_priority', 'Set the priority, 0 to 2.', 'file_priority'),
    write('enable_prioritize_first', 'f.prioritize_first.enable', 'Fetch its first chunks first.'),
    write('disable_prioritize_first', 'f.prioritize_first.disable', 'Do not fetch its first chunks first.'),
    write('enable_prioritize_last', 'f.prioritize_last.enable', 'Fetch its last chunks first.'),
    write('disable_prioritize_last', 'f.prioritize_last.disable', 'Do not fetch its last chunks first.'),
)
