"""A mail server that takes everything, and refuses every address while the file REFUSE names is there.

Says its port once it listens.
"""

import os
import socketserver


class Session(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self):
        self.say("220 mail.example")
        for line in self.rfile:
            command = line[:4].upper()
            if command == b"RCPT" and os.path.exists(os.environ["REFUSE"]):
                self.say("550 5.1.1 no such user")
            elif command == b"DATA":
                self.say("354 go on")
                while self.rfile.readline() not in (b".\r\n", b""):
                    pass
                self.say("250 taken")
            elif command == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


with Server(("127.0.0.1", 0), Session) as server:
    print(server.server_address[1], flush=True)
    server.serve_forever()
