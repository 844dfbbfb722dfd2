"""The WSGI application: routes, pages, the JSON API, sessions and files; and the servers it runs in."""
