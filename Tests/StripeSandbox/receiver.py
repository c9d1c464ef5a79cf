"""A webhook receiver on loopback: keeps what was posted, and answers what a test wants."""

import contextlib
import http.server
import json
import threading
import time


class Received:
    """One delivery as it came."""

    def __init__(self, headers, body):
        self.signature = headers["Stripe-Signature"]
        self.body = body
        self.event = json.loads(body)


class Receiver:
    def __init__(self):
        self.received = []
        # What the next deliveries are answered with; 200 once it is used up.
        self.answers = []
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else 200
                receiver.received.append(Received(self.headers, body))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def types(self):
        return [received.event["type"] for received in list(self.received)]

    def wait_for(self, count):
        """Waits until that many deliveries have come, and returns them all."""
        deadline = time.monotonic() + 10
        while len(self.received) < count:
            assert time.monotonic() < deadline, f"{count} deliveries: only {self.types()} within ten seconds"
            time.sleep(0.01)
        return list(self.received)


@contextlib.contextmanager
def receiving():
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.stop()
