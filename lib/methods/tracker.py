"""What can be asked of and done to one tracker of a torrent (``t.*``). Times are Unix seconds."""

from __future__ import annotations

from lib.methods.base import read, table, write

# One line per method, so that a line can be found and compared.
# fmt: off
METHODS = table(
    'tracker',
    read('get_url', 't.url t.get_url', 'str', 'URL; may hold a passkey.'),
    read('get_group', 't.group t.get_group', 'int', 'Group; one tracker of each group is used.'),
    read('get_id', 't.id t.get_id', 'str', 'Id that the tracker gave.'),
    read('get_type', 't.type t.get_type', 'int', '1 HTTP, 2 UDP, 3 DHT.'),
    read('is_enabled', 't.is_enabled', 'flag', 'Whether it may be asked.'),
    read('is_open', 't.is_open', 'flag', 'Whether it is being asked now.'),
    read('is_busy', 't.is_busy', 'flag', 'Whether a request to it is under way.'),
    read('is_usable', 't.is_usable', 'flag', 'Whether it can be asked.'),
    read('is_extra_tracker', 't.is_extra_tracker', 'flag', 'Whether it was added by hand.'),
    read('can_scrape', 't.can_scrape t.is_scrapable', 'flag', 'Whether it answers scrapes.'),
    read('get_latest_event', 't.latest_event', 'int', 'Number of the last event told to it.'),
    read('get_latest_new_peers', 't.latest_new_peers', 'int', 'New peers in its last answer.'),
    read('get_latest_sum_peers', 't.latest_sum_peers', 'int', 'Peers in its last answer.'),
    read('get_min_interval', 't.min_interval t.get_min_interval', 'int', 'Least seconds between questions.'),
    read('get_normal_interval', 't.normal_interval t.get_normal_interval', 'int', 'Seconds between questions.'),
    read('get_success_counter', 't.success_counter', 'int', 'Answers so far.'),
    read('get_success_time_last', 't.success_time_last', 'int', 'Its last answer, or 0.'),
    read('get_success_time_next', 't.success_time_next', 'int', 'When it is asked next, after an answer, or 0.'),
    read('get_failed_counter', 't.failed_counter', 'int', 'Failures since the last answer.'),
    read('get_failed_time_last', 't.failed_time_last', 'int', 'Its last failure, or 0.'),
    read('get_failed_time_next', 't.failed_time_next', 'int', 'When it is asked next, after a failure, or 0.'),
    read('get_activity_time_last', 't.activity_time_last', 'int', 'When it was last asked, or 0.'),
    read('get_activity_time_next', 't.activity_time_next', 'int', 'When it is asked next, or 0.'),
    read('get_scrape_complete', 't.scrape_complete t.get_scrape_complete', 'int', 'Seeders, by its last scrape.'),
    read('get_scrape_incomplete', 't.scrape_incomplete', 'int', 'Leechers, by its last scrape.'),
    read('get_scrape_downloaded', 't.scrape_downloaded', 'int', 'Downloads, by its last scrape.'),
    read('get_scrape_counter', 't.scrape_counter', 'int', 'Scrapes so far.'),
    read('get_scrape_time_last', 't.scrape_time_last t.get_scrape_time_last', 'int', 'Its last scrape, or 0.'),
    write('enable', 't.enable', 'Let it be asked.'),
    write('disable', 't.disable', 'Do not ask it any more.'),
    write('set_enabled', 't.is_enabled.set t.set_enabled', 'Let it be asked (1) or not (0).', 'flag'),
)
