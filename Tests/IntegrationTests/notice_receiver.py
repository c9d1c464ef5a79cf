"""An HTTP endpoint that takes notices and verifies them as their receivers would: with the standardwebhooks package."""

import http.server
import json
import threading

import standardwebhooks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER_SECRET = "whsec_" + "b3RoZXIgc2VjcmV0IG9mIHRoaXMgdGVzdA=="


class NoticeReceiver:
    """Listens on a loopback port until it is closed. `answer` is given to each notice: a status, or what makes one of
    the tenant's name."""

    def __init__(self, port=0, secret=SECRET, answer=200):
        self.answer = answer
        self.attempts = []
        self.notices = []
        self.problems = []
        self.lock = threading.Lock()
        webhook = standardwebhooks.Webhook(secret)
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(webhook, dict(self.headers), body)
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/notices"

    def take(self, webhook, headers, body):
        try:
            notice = webhook.verify(body, headers)
        except standardwebhooks.WebhookVerificationError as problem:
            with self.lock:
                self.problems.append(str(problem))
            return 401
        headers = {name.lower(): value for name, value in headers.items()}
        tenant = notice["data"]["tenant"]
        status = self.answer(tenant) if callable(self.answer) else self.answer
        with self.lock:
            self.attempts.append((headers["webhook-id"], tenant, status))
            if status < 300:
                self.notices.append((headers["webhook-id"], notice))
        return status

    def told(self, tenant=None):
        """What was delivered of a tenant, in order: meter, threshold, direction, used."""
        fields = ("meter", "threshold", "direction", "used")
        with self.lock:
            data = [notice["data"] for _, notice in self.notices]
        return [tuple(item[name] for name in fields) for item in data if tenant in (None, item["tenant"])]

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def crossings(redis_server):
    """Every crossing in the audit streams: meter, threshold, direction, tenant."""
    found = []
    client = redis_server.client()
    for key in client.scan_iter(match="*:audit", count=10_000):
        for _, entry in client.xrange(key):
            if entry["action"] == "threshold.crossed":
                after = json.loads(entry["after"])
                found.append((entry["tenant"], after["meter"], after["threshold"], after["direction"]))
    return sorted(found)
