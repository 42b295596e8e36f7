"""An FTP server for the scenarios: ftp_server.py FOLDER PORT.

What was put and kept under its own name is written down in FOLDER/puts. While
FOLDER/refuse holds a reply, every upload is answered by that.
"""

import os
import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer

folder, port = sys.argv[1], int(sys.argv[2])
data = os.path.join(folder, "data")
os.makedirs(data, exist_ok=True)


class Handler(FTPHandler):
    use_sendfile = False

    def ftp_STOR(self, path, mode="w"):
        try:
            with open(os.path.join(folder, "refuse")) as file:
                reply = file.read().strip()
        except FileNotFoundError:
            return super().ftp_STOR(path, mode)
        self.respond(reply)
        if reply.startswith("421"):
            self.close_when_done()

    def ftp_RNTO(self, path):
        renamed = super().ftp_RNTO(path)
        if renamed is not None:
            with open(os.path.join(folder, "puts"), "a") as puts:
                puts.write(os.path.relpath(renamed[1], data) + "\n")
        return renamed


authorizer = DummyAuthorizer()
authorizer.add_user("teacher", "secret", data, perm="elradfmwMT")
Handler.authorizer = authorizer
FTPServer(("127.0.0.1", port), Handler).serve_forever()
