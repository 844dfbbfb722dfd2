"""How things are done: wire, method tables, query builders, web. See docs/design.rst for the rooms."""
