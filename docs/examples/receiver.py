"""Prints what happens, once and only if it is true: SECRET=… python receiver.py 8080"""

import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

seen = set()


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        names = ('Timestamp', 'Delivery', 'Signature')
        stamp, uid, signature = (self.headers.get(f'X-PyroTorrent-{name}', '') for name in names)
        key, signed = os.environ['SECRET'].encode(), f'{stamp}.{uid}.'.encode() + body
        expected = 'sha256=' + hmac.new(key, signed, hashlib.sha256).hexdigest()
        genuine = hmac.compare_digest(expected, signature) and abs(time.time() - int(stamp)) <= 300
        if genuine and uid not in seen:
            seen.add(uid)
            event = json.loads(body)['event']
            print(event['kind'], event['name'], flush=True)
        self.send_response(204 if genuine else 403)
        self.end_headers()


if __name__ == '__main__':
    server = HTTPServer(('127.0.0.1', int(sys.argv[1])), Receiver)
    print(f'http://127.0.0.1:{server.server_port}/', flush=True)
    server.serve_forever()
