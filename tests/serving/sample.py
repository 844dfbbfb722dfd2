"""A small WSGI application and the program that serves it, for the tests of this directory."""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import resource
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote
from wsgiref.validate import validator

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from flup.server.fcgi import WSGIServer

from lib.errors import ConfigError
from lib.web import prefix
from lib.web.fcgi import serve_fcgi
from lib.web.server import serve_http

PIECE = b'x' * 65536


def app(environ, start_response):
    """Find the page by the first part of PATH_INFO."""
    page = PAGES.get(environ['PATH_INFO'].strip('/').partition('/')[0], missing)
    return page(environ, start_response)


def text(start_response, body, status='200 OK', *more):
    body = body.encode() if isinstance(body, str) else body
    start_response(status, [('Content-Type', 'text/plain'), ('Content-Length', str(len(body))), *more])
    return [body]


def chunked(start_response):
    start_response('200 OK', [('Content-Type', 'text/plain')])


def missing(environ, start_response):
    return text(start_response, 'no such page', '404 Not Found')


def hello(environ, start_response):
    return text(start_response, 'hello')


def env(environ, start_response):
    seen = {name: value for name, value in environ.items() if isinstance(value, str)}
    return text(start_response, json.dumps(seen))


def wait(environ, start_response):
    """Open the FIFO named by the query, which the test opens when it wants to, and answer what comes through."""
    with open(unquote(environ['QUERY_STRING'])) as fifo:
        return text(start_response, fifo.read())


def slow(environ, start_response):
    time.sleep(float(environ['QUERY_STRING']))
    return text(start_response, 'slow')


def echo(environ, start_response):
    body = environ['wsgi.input'].read(-1)
    return text(start_response, f'{len(body)} {hashlib.sha256(body).hexdigest()}')


def lines(environ, start_response):
    source = environ['wsgi.input']
    return text(
        start_response, repr([source.readline(3), source.readline(), source.readline(100), source.read(-1)])
    )


def big(environ, start_response):
    return text(start_response, b'y' * int(environ['QUERY_STRING']))


def pieces(environ, start_response):
    chunked(start_response)
    return iter([PIECE] * int(environ['QUERY_STRING']))


def stream(environ, start_response):
    """Endless; leaves a file when it is closed."""
    chunked(start_response)

    def ticks():
        try:
            while True:
                yield b'tick\n'
                time.sleep(0.02)
        finally:
            Path(unquote(environ['QUERY_STRING'])).write_text('closed')

    return ticks()


def fail_before(environ, start_response):
    raise RuntimeError('secret detail')


def fail_in_head(environ, start_response):
    return text(start_response, 'x', '200 OK', ('X-Bad', 'a\r\nSet-Cookie: evil=1'))


def fail_after(environ, start_response):
    chunked(start_response)

    def body():
        yield PIECE
        yield PIECE
        raise RuntimeError('secret detail')

    return body()


def fail_later(environ, start_response):
    """Fail once the FIFO named by the query is opened and closed."""
    chunked(start_response)

    def body():
        yield PIECE
        Path(unquote(environ['QUERY_STRING'])).read_text()
        raise RuntimeError('secret detail')

    return body()


def fail_promised(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(3 * len(PIECE)))])

    def body():
        yield PIECE
        raise RuntimeError('secret detail')

    return body()


def short(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '100')])
    return [b'ten bytes.']


def child(environ, start_response):
    """What a child process finds on the standard input it inherits."""
    found = subprocess.run(['readlink', '/proc/self/fd/0'], capture_output=True, text=True, check=True)
    return text(start_response, found.stdout.strip())


def complain(environ, start_response):
    environ['wsgi.errors'].write('a complaint\n')
    return text(start_response, 'complained')


def cookies(environ, start_response):
    return text(start_response, 'two', '200 OK', ('Set-Cookie', 'a=1'), ('Set-Cookie', 'b=2'))


def pid(environ, start_response):
    return text(start_response, str(os.getpid()))


PAGES = {
    'hello': hello, 'env': env, 'wait': wait, 'slow': slow, 'echo': echo, 'lines': lines, 'big': big,
    'pieces': pieces, 'stream': stream, 'fail-before': fail_before, 'fail-in-head': fail_in_head,
    'fail-after': fail_after, 'fail-later': fail_later, 'fail-promised': fail_promised, 'short': short, 'child': child,
    'complain': complain, 'cookies': cookies, 'pid': pid,
}  # fmt: skip


def main():
    options = argparse.ArgumentParser()
    options.add_argument('--http', action='store_true')
    options.add_argument('--flup', action='store_true', help='flup alone on standard input, to compare with')
    options.add_argument('--host', default='127.0.0.1')
    options.add_argument('--port', type=int, default=0)
    options.add_argument('--bind')
    options.add_argument('--mode', type=lambda text: int(text, 8))
    options.add_argument('--threads', type=int, default=8)
    options.add_argument('--queue', type=int, default=1024)
    options.add_argument('--grace', type=float, default=10.0)
    options.add_argument('--max-body', type=int, default=1 << 26)
    options.add_argument('--prefix', default='')
    options.add_argument('--files', type=int)
    options.add_argument('--log')
    options.add_argument('--validate', action='store_true')
    given = options.parse_args()
    logging.basicConfig(filename=given.log, level=logging.DEBUG)
    if given.files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (given.files, given.files))
    served = prefix.under(validator(app) if given.validate else app, given.prefix)
    say = lambda address: print(address, flush=True)  # noqa: E731
    try:
        if given.flup:
            say('flup')
            WSGIServer(served).run()
        elif given.http:
            serve_http(
                served,
                host=given.host,
                port=given.port,
                threads=given.threads,
                max_body=given.max_body,
                ready=say,
            )
        else:
            serve_fcgi(
                served,
                bind=given.bind,
                mode=given.mode,
                threads=given.threads,
                queue=given.queue,
                grace=given.grace,
                ready=say,
            )
    except ConfigError as error:
        sys.exit(str(error))


if __name__ == '__main__':
    main()
