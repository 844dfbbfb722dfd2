"""``make bench``: figures measured in one run, beside what they are compared with."""
