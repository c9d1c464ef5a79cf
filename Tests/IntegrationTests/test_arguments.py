"""Every bad argument has its error word, names the argument, and costs nobody anything."""

import pytest

LARGEST = 10**15 - 1
N = f"an integer from {{}} to {LARGEST}"
BAD_ARGUMENTS = {
    # call (T is a tenant that was put): the whole reply
    "CHECK": "ERR wrong number of arguments for 'check' command",
    "TAKE": "ERR wrong number of arguments for 'take' command",
    "TAKE T": "ERR wrong number of arguments for 'take' command",
    "RECORD T": "ERR wrong number of arguments for 'record' command",
    "LEVEL T seats": "ERR wrong number of arguments for 'level' command",
    "LEVEL T seats 1 storage 2": "ERR wrong number of arguments for 'level' command",
    "FEATURE T": "ERR wrong number of arguments for 'feature' command",
    "FEATURE T sso branding": "ERR wrong number of arguments for 'feature' command",
    "USAGE": "ERR wrong number of arguments for 'usage' command",
    "TAKE te/nant messages": "BADARG tenant: must be 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -",
    "RECORD te*nant messages 1": "BADARG tenant: must be 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -",
    "USAGE te{nant": "BADARG tenant: must be 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -",
    "TAKE T Messages": "BADARG meter: a name is [a-z][a-z0-9_]{0,63}, and not id, at, ttl or period",
    "TAKE T 1": "BADARG meter: a name is [a-z][a-z0-9_]{0,63}, and not id, at, ttl or period",
    "USAGE T ttl": "BADARG meter: a name is [a-z][a-z0-9_]{0,63}, and not id, at, ttl or period",
    "TAKE T nothing": "NOMETER no meter named nothing in the plan catalogue",
    "CHECK T messages 1 nothing 1": "NOMETER no meter named nothing in the plan catalogue",
    "RECORD T nothing 1": "NOMETER no meter named nothing in the plan catalogue",
    "LEVEL T nothing 1": "NOMETER no meter named nothing in the plan catalogue",
    "USAGE T nothing": "NOMETER no meter named nothing in the plan catalogue",
    "TAKE T messages 1 messages 1": "BADARG messages: named twice in one call",
    "USAGE T words words": "BADARG words: named twice in one call",
    "TAKE T messages 0": "BADARG n of messages: must be " + N.format(1),
    "TAKE T messages -1": "BADARG n of messages: must be " + N.format(1),
    "TAKE T messages +1": "BADARG n of messages: must be " + N.format(1),
    "TAKE T messages 1.0": "BADARG n of messages: must be " + N.format(1),
    "TAKE T messages 1e3": "BADARG n of messages: must be " + N.format(1),
    "TAKE T messages ten": "BADARG n of messages: must be " + N.format(1),
    f"TAKE T messages {LARGEST + 1}": "BADARG n of messages: must be " + N.format(1),
    "TAKE T messages 18446744073709551617": "BADARG n of messages: must be " + N.format(1),
    "CHECK T messages -1": "BADARG n of messages: must be " + N.format(0),
    "RECORD T messages -1": "BADARG n of messages: must be " + N.format(0),
    "RECORD T messages": "BADARG n of messages: missing: " + N.format(0),
    "TAKE T messages 1 words": "BADARG n of words: missing: " + N.format(1),
    "LEVEL T seats -1": "BADARG n of seats: must be " + N.format(0),
    "LEVEL T messages 1": "BADARG messages: is a counter, not a level",
    "LEVEL T calls 1": "BADARG calls: is a rate, not a level",
    "CHECK T messages ID k": "BADARG ID: not an option of CHECK",
    "LEVEL T seats 1 ID k": "BADARG ID: not an option of LEVEL",
    "TAKE T messages AT 1": "BADARG n of messages: must be " + N.format(1),
    "TAKE T messages 1 AT 1": "BADARG AT: not an option of TAKE",
    "TAKE T ID k": "BADARG meter: missing",
    "TAKE T messages ID": "BADARG ID: its value is missing",
    "RECORD T messages 1 AT": "BADARG AT: its value is missing",
    "RECORD T messages 1 AT soon": "BADARG AT: must be a time in Unix milliseconds",
    "RECORD T messages 1 AT -1": "BADARG AT: must be a time in Unix milliseconds",
    "RECORD T messages 1 AT 0": "BADARG AT: lies more than 35 days back, which Stripe does not take",
    "RECORD T messages 1 AT 99999999999999": "BADARG AT: lies in the future",
    "TAKE T messages ID a ID b": "BADARG ID: given twice",
    "TAKE T messages 1 ID a words 1": "BADARG words: meters come before ID and AT",
    f"TAKE T messages ID {'k' * 256}": "BADARG ID: must be 1 to 255 printable bytes",
    "FEATURE T telepathy": "BADARG feature: no feature of this name in the plan catalogue",
}


@pytest.mark.parametrize("call", BAD_ARGUMENTS)
def test_a_bad_argument_is_named_and_nothing_is_counted(gate, tenant, call):
    assert gate.call(*[tenant if word == "T" else word for word in call.split()]) == BAD_ARGUMENTS[call]
    assert gate.call("CHECK", tenant, "messages", 0)[3] == 0


@pytest.mark.parametrize("tenant_id", [b"", b"x" * 129, b"caf\xc3\xa9", b"a b", b"a\r\nb", b"a\x00b"])
def test_a_tenant_id_outside_of_the_alphabet_is_refused_without_breaking_the_reply(gate, tenant_id):
    gate.send("TAKE", tenant_id, "messages")
    gate.send("PING")
    assert gate.read() == "BADARG tenant: must be 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -"
    assert gate.read() == "PONG"


def test_a_tenant_id_may_use_its_whole_alphabet_and_length(gate):
    for name in ("A", "z" * 128, "a.b_c:d@e-f9", "0"):
        assert gate.call("CHECK", name, "messages")[0] == 1


@pytest.mark.parametrize("key", [b"", b"\x1f", b"a\nb", b"\x7f", b"\xc3\xa9"])
def test_an_idempotency_key_that_does_not_print_is_refused(gate, tenant, key):
    assert gate.call("TAKE", tenant, "messages", "ID", key) == "BADARG ID: must be 1 to 255 printable bytes"


def test_an_idempotency_key_may_have_255_bytes(gate, tenant):
    assert gate.call("TAKE", tenant, "messages", "ID", "k" * 255)[0] == 1


@pytest.mark.parametrize("call", ["MULTI", "EXEC", "WATCH messages"])
def test_transactions_are_refused_with_what_to_do_instead(gate, call):
    text = "ERR no transactions here: name several meters in one TAKE, or use pipeline(transaction=False)"
    assert gate.call_line(call) == text


def test_set_is_refused_with_what_to_do_instead(gate):
    assert gate.call("SET", "a", "1") == "ERR use LEVEL"


def test_an_unknown_command_is_refused_as_redis_does(gate):
    assert gate.call("FLY", "me", "there") == "ERR unknown command 'FLY', with args beginning with: 'me' 'there'"
    reply = gate.call("VERYLONGCOMMANDNAME", "x" * 1000)
    assert reply.startswith("ERR unknown command 'VERYLONGCOMMANDNAME', with args beginning with: 'xxx")
    assert len(reply) < 300


def test_an_unknown_command_with_control_characters_keeps_the_reply_in_one_line(gate):
    gate.send(b"BAD\r\n-X", b"\r\n:1\r\n")
    gate.send("PING")
    assert gate.read().startswith("ERR unknown command")
    assert gate.read() == "PONG"


@pytest.mark.parametrize("call", ["RECORD {} messages 1", "RECORD {} messages 0", "LEVEL {} seats 1"])
def test_usage_of_an_unknown_tenant_is_notenant_when_there_is_no_default_plan(gate_without_default, call, stranger):
    reply = gate_without_default.call_line(call.format(stranger))
    assert str(reply).startswith("NOTENANT ")


def test_an_unknown_tenant_is_refused_when_there_is_no_default_plan(gate_without_default, stranger):
    expected = [0, "unknown_tenant", "messages", 0, 0, -1, ""]
    assert gate_without_default.call("TAKE", stranger, "messages") == expected
    assert gate_without_default.call("CHECK", stranger, "messages") == expected
    assert gate_without_default.call("FEATURE", stranger, "sso")[:3] == [0, "unknown_tenant", "sso"]


def test_nothing_is_stored_for_unknown_tenants_when_there_is_no_default_plan(
    gate_without_default, shared_redis, stranger
):
    for call in ("TAKE {} messages", "RECORD {} messages 1", "LEVEL {} seats 1", "USAGE {}"):
        gate_without_default.call_line(call.format(stranger))
    client = shared_redis.client()
    assert [key for key in client.scan_iter(match="*", count=1000) if stranger in key] == []


@pytest.fixture(scope="module")
def daemon_without_default(short_root, shared_redis):
    import os

    from daemon import PLANS, Daemon

    directory = os.path.join(short_root, "nodefault")
    os.mkdir(directory)
    plans = os.path.join(directory, "plans.yaml")
    with open(PLANS, encoding="utf-8") as source, open(plans, "w", encoding="utf-8") as target:
        target.write(source.read().replace("default_plan: free\n", ""))
    daemon = Daemon(directory, plans=plans, redis_url=shared_redis.url, redis_key_prefix="nd:").start()
    yield daemon
    assert daemon.stop() == 0


@pytest.fixture
def gate_without_default(daemon_without_default):
    with daemon_without_default.resp() as connection:
        yield connection
