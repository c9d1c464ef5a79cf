import Metering
import Testing

@testable import tollgate

@Suite struct `Answers in words` {
    private let plain = TextStyle(isColored: false)

    private func document(_ text: String) throws -> JSONValue { try #require(JSONValue(document: Array(text.utf8))) }

    @Test func `tenants are a table with the way to the next page`() throws {
        let page = try document(
            """
            {"tenants":[{"id":"acme","plan":"starter","status":"active","customer":"cus_1","restricted":null,
            "period_end":"2026-12-01T00:00:00Z","limits":{},"later":1},{"id":"globex","plan":"professional"}],
            "next":"globex"}
            """)
        #expect(
            TenantsCommand.text(page, plain) == """
                TENANT  PLAN          STATUS  CUSTOMER  PERIOD ENDS           RESTRICTED
                acme    starter       active  cus_1     2026-12-01T00:00:00Z  -
                globex  professional  -       -         -                     -
                there are more: --after globex, or --all

                """)
        #expect(TenantsCommand.text(try document(#"{"tenants":[],"next":null}"#), plain) == "no tenants\n")
    }

    @Test func `a tenant is its record and its meters`() throws {
        let tenant = try document(
            """
            {"id":"acme","plan":"starter","status":"canceled","customer":null,
            "limits":{"tokens":-1,"messages":5000},"entitlement":{"access":"ok","plan":"free","features":[]},
            "meters":[{"meter":"messages","kind":"counter","used":5,"limit":5000,"mode":"hard","percent":0.1,
            "period_start":"2026-11-01T00:00:00Z","period_end":"2026-12-01T00:00:00Z"}]}
            """)
        #expect(
            TenantText.text(tenant, plain) == """
                tenant          acme
                plan            starter
                status          canceled
                own limits      messages=5000, tokens=unlimited
                plan in effect  free
                features        -

                METER     KIND     USED  LIMIT  PERCENT  MODE  FROM                  UNTIL
                messages  counter     5   5000     0.1%  hard  2026-11-01T00:00:00Z  2026-12-01T00:00:00Z

                """)
    }

    @Test func `owed hours are a table with their count`() throws {
        let list = try document(
            """
            {"owed":[{"tenant":"acme","meter":"tokens","hour":"2026-11-01T09:00:00Z","total":100,"acknowledged":40,
            "owed":60,"state":"no_customer","detail":"waiting for a customer"}],"next":null,"count":1}
            """)
        #expect(
            OutboxListCommand.text(list, plain) == """
                TENANT  METER   HOUR                  TOTAL  ACKNOWLEDGED  OWED  STATE
                acme    tokens  2026-11-01T09:00:00Z    100            40    60  waiting for a customer
                owed hours: 1

                """)
        #expect(OutboxListCommand.text(try document(#"{"owed":[],"count":0}"#), plain) == "nothing is owed\n")
    }

    @Test func `a flush tells what was sent, what waits and what failed`() throws {
        let report = try document(
            """
            {"sent":3,"acknowledged":2,"units":60,"failed":1,"owed":3,"waiting":[{"state":"no_customer","count":2,
            "examples":[{"tenant":"acme","meter":"tokens","hour":"2026-11-01T09:00:00Z","detail":"has none"}]}],
            "failures":[{"tenant":"globex","meter":"tokens","hour":"2026-11-01T09:00:00Z","detail":"no"}]}
            """)
        #expect(
            FlushText.text(report, plain) == """
                hours acknowledged  2
                units added         60
                calls sent          3
                calls failed        1
                hours still owed    3

                WAITS        HOURS  EXAMPLE                           WHY
                no customer      2  acme tokens 2026-11-01T09:00:00Z  has none

                FAILED  METER   HOUR                  WHY
                globex  tokens  2026-11-01T09:00:00Z  no

                """)
        #expect(FlushText.hasFailures(report))
        #expect(!FlushText.hasFailures(try document(#"{"sent":0,"owed":9,"waiting":[],"failed":0,"failures":[]}"#)))
        let stopped = try document(#"{"sent":0,"failed":0,"stopped":"Redis is away"}"#)
        #expect(FlushText.hasFailures(stopped))
        #expect(FlushText.text(stopped, plain).contains("stopped early       Redis is away"))
    }

    @Test func `the doctor's report is a line a check`() throws {
        let report = try document(
            """
            {"checks":[{"name":"redis","status":"ok","detail":"reachable"},
            {"name":"append-only file","status":"warning","detail":"off: set appendonly yes"}]}
            """)
        #expect(
            DoctorText.text(report, plain) == """
                ok       redis             reachable
                warning  append-only file  off: set appendonly yes

                """)
        #expect(!DoctorText.hasFault(report))
        #expect(DoctorText.hasFault(DoctorText.unreachable(CommandFailure("a\nb", .unreachable))))
    }

    @Test func `plans stand side by side`() {
        let bytes = Meter(name: "storage_bytes", kind: .level, unit: "bytes")
        let messages = Meter(name: "messages", kind: .counter, cycle: .month)
        let small = Plan(
            slug: "small", name: "Small",
            limits: [
                "storage_bytes": Limit(value: 1 << 30, alerts: [Threshold(.amount(1 << 20), .both)]),
                "messages": Limit(value: 1000, mode: .overage, cap: 2000, alerts: Threshold.standard),
            ])
        let large = Plan(
            slug: "large", name: "Large", features: ["sla"],
            limits: ["messages": Limit(value: Amount.unlimited, alerts: Threshold.standard)])
        let catalogue = Catalogue(
            meters: [messages, bytes], plans: [small, large], defaultPlan: "small", features: ["sla"])
        #expect(
            PlansText.text(catalogue, plain) == """
                METER          KIND     PER                   small      large
                messages       counter  month  1000 overage to 2000  unlimited
                storage_bytes  level    -                      1GiB          -
                sla            feature  -                         -        yes

                ALERTS             small  large
                messages       80%, 100%      -
                storage_bytes  1MiB both      -
                unknown tenants have the plan small; days are those of UTC

                """)
    }

    @Test(
        arguments: [
            (nil, nil, "-"), (Limit(value: 5, mode: .shadow), nil, "5 shadow"), (Limit(value: 0), "bytes", "0B"),
            (Limit(value: 1536), "bytes", "1536B"), (Limit(value: 2048, mode: .overage), "bytes", "2KiB overage"),
            (Limit(value: 10, mode: .overage), nil, "10 overage"),
        ] as [(Limit?, String?, String)])
    func `a limit in words`(limit: Limit?, unit: String?, text: String) {
        #expect(PlansText.limitText(limit, unit: unit) == text)
    }
}
