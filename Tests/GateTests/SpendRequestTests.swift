import RESP
import TestSupport
import Testing

extension GateSuite {
    @Suite struct SpendRequestTests {
        private static let n = "an integer from 1 to 999999999999999"
        private static let n0 = "an integer from 0 to 999999999999999"
        private static let tenant = "BADARG tenant: must be 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -"
        private static let name = "BADARG meter: a name is [a-z][a-z0-9_]{0,63}, and not id, at, ttl or period"

        private static let refusals: [(String, String)] = [
            ("TAKE", "ERR wrong number of arguments for 'take' command"),
            ("take acme", "ERR wrong number of arguments for 'take' command"),
            ("CHECK acme", "ERR wrong number of arguments for 'check' command"),
            ("RECORD acme", "ERR wrong number of arguments for 'record' command"),
            ("LEVEL acme seats", "ERR wrong number of arguments for 'level' command"),
            ("LEVEL acme seats 1 messages 2", "ERR wrong number of arguments for 'level' command"),
            ("FEATURE acme", "ERR wrong number of arguments for 'feature' command"),
            ("FEATURE acme export sso", "ERR wrong number of arguments for 'feature' command"),
            ("USAGE", "ERR wrong number of arguments for 'usage' command"),
            ("TAKE a/b messages", tenant), ("TAKE \"\" messages", tenant), ("USAGE a%", tenant),
            ("TAKE \(String(repeating: "a", count: 129)) messages", tenant),
            ("TAKE acme Messages", name), ("TAKE acme 5", name), ("TAKE acme ttl", name), ("TAKE acme period 1", name),
            ("TAKE acme nothing", "NOMETER no meter named nothing in the plan catalogue"),
            ("USAGE acme messages nothing", "NOMETER no meter named nothing in the plan catalogue"),
            ("TAKE acme messages 1 messages 2", "BADARG messages: named twice in one call"),
            ("USAGE acme seats seats", "BADARG seats: named twice in one call"),
            ("TAKE acme messages 0", "BADARG n of messages: must be \(n)"),
            ("TAKE acme messages -1", "BADARG n of messages: must be \(n)"),
            ("TAKE acme messages 1.0", "BADARG n of messages: must be \(n)"),
            ("TAKE acme messages +1", "BADARG n of messages: must be \(n)"),
            ("TAKE acme messages \"\"", "BADARG n of messages: must be \(n)"),
            ("TAKE acme messages -", "BADARG n of messages: must be \(n)"),
            ("TAKE acme messages 1000000000000000", "BADARG n of messages: must be \(n)"),
            ("TAKE acme messages 9223372036854775808", "BADARG n of messages: must be \(n)"),
            ("TAKE acme messages 123456789012345678901", "BADARG n of messages: must be \(n)"),
            ("TAKE acme messages 1 seats", "BADARG n of seats: missing: \(n)"),
            ("RECORD acme messages", "BADARG n of messages: missing: \(n0)"),
            ("RECORD acme messages -5", "BADARG n of messages: must be \(n0)"),
            ("TAKE acme ID k", "BADARG meter: missing"),
            ("TAKE acme messages ID", "BADARG ID: its value is missing"),
            ("TAKE acme messages id \"a b\"", "BADARG ID: must be 1 to 255 printable bytes"),
            ("TAKE acme messages ID \"\"", "BADARG ID: must be 1 to 255 printable bytes"),
            (
                "TAKE acme messages ID \(String(repeating: "k", count: 256))",
                "BADARG ID: must be 1 to 255 printable bytes"
            ),
            ("TAKE acme messages ID a ID b", "BADARG ID: given twice"),
            ("TAKE acme messages ID a seats 1", "BADARG seats: meters come before ID and AT"),
            ("TAKE acme messages 1 AT 5", "BADARG AT: not an option of TAKE"),
            ("CHECK acme messages ID k", "BADARG ID: not an option of CHECK"),
            ("LEVEL acme seats 1 ID k", "BADARG ID: not an option of LEVEL"),
            ("RECORD acme messages 1 AT x", "BADARG AT: must be a time in Unix milliseconds"),
            ("RECORD acme messages 1 AT -1", "BADARG AT: must be a time in Unix milliseconds"),
            ("RECORD acme messages 1 AT 9999999999999", "BADARG AT: lies in the future"),
            ("RECORD acme messages 1 AT 1000", "BADARG AT: lies more than 35 days back, which Stripe does not take"),
            ("LEVEL acme messages 1", "BADARG messages: is a counter, not a level"),
            ("LEVEL acme seats -1", "BADARG n of seats: must be \(n0)"),
            ("FEATURE acme nothing", "BADARG feature: no feature of this name in the plan catalogue"),
            ("refund acme messages", "BADARG n of messages: missing: an integer from 1 to 999999999999999"),
            ("REFUND acme messages 0", "BADARG n of messages: must be an integer from 1 to 999999999999999"),
            ("REFUND acme messages 1 AT 5", "BADARG AT: not an option of REFUND"),
            ("REFUND acme calls 1", "BADARG calls: is a rate: what it let through flows back by itself"),
            ("SET a 1", "ERR use LEVEL"),
            (
                "MULTI",
                "ERR no transactions here: name several meters in one TAKE, or use pipeline(transaction=False)"
            ),
            ("GET a", "ERR unknown command 'GET', with args beginning with: 'a'"),
        ]

        @Test func `each refused request names what was wrong, and changes nothing`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                for (request, text) in Self.refusals {
                    try client.send(raw: request + "\r\n")
                    #expect(try client.read().errorText == text, "\(request)")
                }
                #expect(try await gate.redis.cli("DBSIZE") == "4", "the partitions' lives")
                #expect(try client.call("PING") == .simple("PONG"))
            }
        }

        @Test func `a time of the past is a counter's alone`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                let time = try gate.redis.connect().call("TIME").elements?[0].text ?? ""
                let reply = try client.call("RECORD", "acme", "seats", "1", "AT", time + "000")
                #expect(reply.errorText == "BADARG AT: seats is no counter: only those have a past")
                let ahead = try #require(Int64(time)) + 200
                #expect(try client.call("RECORD", "acme", "messages", "1", "AT", "\(ahead)000").elements?.count == 1)
            }
        }

        @Test func `options and commands are taken in any case`() async throws {
            try await GateRig.run { gate in
                let client = try gate.connect()
                let first = try client.call("tAkE", "acme", "messages", "iD", "k")
                #expect(first.elements?[3].integer == 1)
                #expect(try client.call("TAKE", "acme", "messages", "ID", "k") == first)
                let other = try client.call("TAKE", "acme", "messages", "2", "ID", "k")
                #expect(other.errorText == "BADARG ID: this key was used with other arguments")
                #expect(try client.call("RECORD", "acme", "messages", "5", "id", "k2", "at", "1").errorText != nil)
            }
        }
    }
}
