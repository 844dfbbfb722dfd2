"""People and state: accounts, tokens, links, logins, and the database below them."""
