"""The sandbox as a process under test, and the clients that talk to it."""

import contextlib
import http.client
import json
import os
import select
import signal
import subprocess
import time
import urllib.parse

import stripe

KEY = "sk_test_contract"
HOUR = 3_600
LINE = "stripe-sandbox listening on "
START_TIMEOUT_SECONDS = 20


class RecordingClient(stripe.RequestsClient):
    """The SDK's own HTTP client; it also keeps every request and answer."""

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.exchanges = []

    def request(self, method, url, headers, post_data=None):
        body, status, answered = super().request(method, url, headers, post_data)
        self.exchanges.append((method.upper(), urllib.parse.urlsplit(url).path, status, json.loads(body)))
        return body, status, answered


class Answer:
    """An answer read whole; header names are lower case."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = json.loads(response.read())

    @property
    def error(self):
        return self.body["error"]


class Sandbox:
    """One running sandbox on a port of its own."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [os.environ["STRIPE_SANDBOX_BIN"], "--listen", "127.0.0.1:0", *arguments],
            stdout=subprocess.PIPE,
            text=True,
        )
        ready, _, _ = select.select([self.process.stdout], [], [], START_TIMEOUT_SECONDS)
        line = self.process.stdout.readline() if ready else ""
        if not line.startswith(LINE):
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the sandbox did not start; it printed {line!r}")
        self.url = line[len(LINE) :].strip()
        self.address = urllib.parse.urlsplit(self.url).netloc

    def stop(self):
        """Asks it to stop and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()

    def sdk(self, version=None, key=KEY):
        """Stripe's official SDK, which raises its own exceptions and does not resend."""
        client = RecordingClient(timeout=10)
        options = {"stripe_version": version} if version else {}
        sdk = stripe.StripeClient(
            key,
            base_addresses={"api": self.url, "meter_events": self.url},
            http_client=client,
            max_network_retries=0,
            **options,
        )
        return sdk, client

    def send(self, method, path, body=b"", **headers):
        """One plain HTTP request, with the header names' dashes written as underscores."""
        fields = {name.replace("_", "-"): value for name, value in headers.items() if value is not None}
        with contextlib.closing(http.client.HTTPConnection(self.address, timeout=10)) as connection:
            connection.request(method, path, body=body, headers=fields)
            return Answer(connection.getresponse())

    def post(self, path, parameters, **headers):
        """A POST with a form and a good key; `parameters` is a dictionary or the encoded form."""
        form = parameters if isinstance(parameters, (str, bytes)) else urllib.parse.urlencode(parameters)
        headers.setdefault("Authorization", f"Bearer {KEY}")
        headers.setdefault("Content_Type", "application/x-www-form-urlencoded")
        return self.send("POST", path, form, **headers)

    def post_json(self, path, body, **headers):
        """A POST of the v2 API; `body` is a value, or the text itself."""
        text = body if isinstance(body, (str, bytes)) else json.dumps(body)
        headers.setdefault("Authorization", f"Bearer {KEY}")
        return self.send("POST", path, text, Content_Type="application/json", **headers)

    def get(self, path, **headers):
        headers.setdefault("Authorization", f"Bearer {KEY}")
        return self.send("GET", path, **headers)

    def control(self, method, path, value=None):
        """A request to /_sandbox that must be answered with 200."""
        answer = self.send(method, f"/_sandbox/{path}", b"" if value is None else json.dumps(value))
        assert answer.status == 200, answer.body
        return answer.body

    def state(self):
        return self.control("GET", "state")

    def seed(self, **things):
        return self.control("POST", "seed", things)

    def settings(self, **changes):
        return self.control("POST", "settings", changes)

    def advance(self, seconds):
        """Moves the sandbox clock forward."""
        return self.control("POST", "clock", {"advance_seconds": seconds})["now"]

    def end_validation(self):
        """Moves the clock past the validation window it is in, and returns the v2 events there are then."""
        self.advance(10)
        return self.state()["core_events"]

    def fault(self, kind, path="/v1/billing/meter_events", **more):
        self.control("POST", "faults", [{"path": path, "kind": kind, **more}])

    def wait_until(self, condition, what):
        """Asks until `condition` holds, for at most ten seconds."""
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline, f"{what}: not within ten seconds"

    def wait_until_faults_have_struck(self):
        self.wait_until(lambda: not self.state()["faults"], "every fault has struck")

    def event(self, value, customer="cus_acme", name="messages", headers=None, **more):
        """One meter event, by plain HTTP."""
        form = {"event_name": name, "payload[value]": value, "payload[stripe_customer_id]": customer, **more}
        return self.post("/v1/billing/meter_events", form, **(headers or {}))

    def usage(self):
        """What the account holds, as {(event name, customer, hour): value}."""
        return {
            (row["event_name"], row["customer"], row["hour"]): row["value"] for row in self.state()["usage"]
        }
