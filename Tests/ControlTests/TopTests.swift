import Metering
import Testing

@testable import Control

@Suite struct TopTests {
    private static let readings = [
        LeaseReading(
            key: LeaseKey(tenant: "acme", meter: "messages", period: 0), used: 7, limit: 90, rate: 3, unspent: 2,
            unsettled: 1, waiting: 4, periodEnd: 1_798_761_600),
        LeaseReading(
            key: LeaseKey(tenant: "globex", meter: "tokens", period: 0), used: 5, limit: Amount.unlimited,
            mode: .overage, periodEnd: 1_798_761_600),
    ]

    private static func context(_ rig: Rig, _ survey: @escaping @Sendable (SurveyRequest) -> LeaseSurvey?) -> ControlAPI
    {
        var context = rig.context
        context.survey = { survey($0) }
        context.metrics = {
            [
                Metric("tollgate_gate_allowed_total", help: "", kind: .counter, 12),
                Metric("tollgate_gate_waiting", help: "", kind: .gauge, 1),
                Metric("tollgate_reloads_total", help: "", kind: .counter, 3),
            ]
        }
        return ControlAPI(
            context: context, configuration: rig.configuration,
            flusher: rig.flusher(context))
    }

    private static func request(_ query: [String: String]) -> ControlRequest {
        ControlRequest(method: "GET", path: "/v1/top", query: query, body: [], actor: "uid:0")
    }

    @Test func `the gate's leases are shown with its counts under INFO's names`() async throws {
        let api = Self.context(try await Rig()) { request in
            #expect(request == SurveyRequest(order: .share, limit: 5))
            return LeaseSurvey(readings: Self.readings, seen: 9, isCut: true, instant: 77)
        }
        let answer = try await api.showTop(Self.request(["sort": "share", "limit": "5"]))
        let expected = #"""
            {"clock_us":77,"cut":true,"gate":{"allowed":12,"waiting":1},"leases":[\#
            {"limit":90,"meter":"messages","mode":"hard","percent":7.8,"period_end":"2027-01-01T00:00:00Z","rate":3,\#
            "tenant":"acme","threshold":null,"unsettled":1,"unspent":2,"used":7,"waiting":4},\#
            {"limit":-1,"meter":"tokens","mode":"overage","percent":null,"period_end":"2027-01-01T00:00:00Z",\#
            "rate":0,"tenant":"globex","threshold":null,"unsettled":0,"unspent":0,"used":5,"waiting":0}],"seen":9}
            """#
        #expect(String(decoding: answer.body, as: UTF8.self) == expected)
    }

    @Test func `what cannot be asked is refused, and a gate that says nothing is not there`() async throws {
        let api = Self.context(try await Rig()) { request in
            #expect(request == SurveyRequest(order: .rate, limit: 100))
            return nil
        }
        for query in [["sort": "used"], ["limit": "0"], ["limit": "1001"], ["order": "rate"]] {
            let problem = await #expect(throws: Problem.self) { try await api.showTop(Self.request(query)) }
            #expect(problem?.status == 400)
        }
        let problem = await #expect(throws: Problem.self) { try await api.showTop(Self.request([:])) }
        #expect(problem?.status == 503 && problem?.code == "gate")
    }
}
