import Foundation
import HTTPLink
import Testing

/// The check itself, against a small description in the shape of Stripe's.
@Suite struct ContractCheckTests {
    private static let description = """
        {"openapi": "3.0.0", "info": {"version": "2026-10-28.endive"},
        "servers": [{"url": "https://stripe.test"}], "paths": {
          "/v1/things": {"post": {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {
            "type": "object", "additionalProperties": false, "required": ["name"], "properties": {
              "name": {"type": "string", "maxLength": 5},
              "at": {"type": "integer"},
              "live": {"type": "boolean"},
              "expand": {"type": "array", "items": {"type": "string"}},
              "unset": {"anyOf": [{"type": "integer"}, {"type": "string", "enum": [""]}]},
              "payload": {"type": "object", "additionalProperties": {"type": "string"}}}}}}}}},
          "/v2/things": {"servers": [{"url": "https://other.test"}], "post": {
            "servers": [{"url": "https://other.test"}], "requestBody": {"content": {"application/json": {"schema": {
            "type": "object", "additionalProperties": false, "required": ["rows"], "properties": {
              "at": {"type": "string", "format": "date-time"},
              "rows": {"type": "array", "minItems": 1, "maxItems": 2, "items": {
                "type": "object", "additionalProperties": {"type": "string"}}}}}}}}}},
          "/v1/things/{id}/rows": {"get": {"parameters": [
            {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
            {"name": "of", "in": "query", "required": true, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 100}},
            {"name": "by", "in": "query", "schema": {"type": "string", "enum": ["day", "hour"]}}]}}}}
        """

    private let contract: StripeContract

    init() throws {
        contract = try StripeContract(Data(Self.description.utf8))
    }

    private func faults(
        _ method: String, _ path: String, body: String = "", key: String? = "k",
        type: String = "application/x-www-form-urlencoded", host: String = "stripe.test"
    ) -> [String] {
        var headers = [(name: "Stripe-Version", value: "2026-10-28.endive")]
        if method == "POST" { headers.append(("Content-Type", type)) }
        if let key { headers.append(("Idempotency-Key", key)) }
        return contract.faults(
            in: HTTPRequest(method: method, url: "https://\(host)\(path)", headers: headers, body: Array(body.utf8))
        )
    }

    @Test func `what the description allows has no fault`() {
        #expect(faults("GET", "/v1/things/th_1/rows?of=a%20b&limit=100&by=hour", key: nil) == [])
        let body = "name=five5&at=-7&live=true&expand%5B0%5D=x&unset=&payload%5Ba%5D=1&payload%5Bb%5D=%C3%A9"
        #expect(faults("POST", "/v1/things", body: body) == [])
        #expect(faults("POST", "/v1/things", body: "name=n&unset=7") == [])
    }

    @Test(arguments: [
        ("name=n&colour=red", "body.colour is unknown"),
        ("at=1", "body lacks name"),
        ("name=n&at=x", "body.at must be an integer"),
        ("name=n&live=1", "body.live must be true or false"),
        ("name=n&unset=x", "body.unset must be an integer"),
        ("name%5Ba%5D=n", "body.name must not be nested"),
        ("name=n&payload=1", "body.payload must be nested"),
        ("name=n&payload%5Ba%5D%5Bb%5D=1", "body.payload.a must not be nested"),
        ("name=n&name=m", "name is given twice"),
        ("name=n&live", "live cannot be read"),
        ("name=longer", "body.name is longer than 5"),
    ])
    func `a broken body is found`(body: String, fault: String) {
        #expect(faults("POST", "/v1/things", body: body).contains(fault))
    }

    @Test(arguments: ["of=a&limit=0", "of=a&limit=101", "of=a&by=week", "limit=1", "of=a&colour=red"])
    func `a broken query is found`(query: String) {
        #expect(faults("GET", "/v1/things/th_1/rows?\(query)").count == 1)
    }

    @Test(
        arguments: [
            (#"{"rows":[{"a":"1"}],"at":"2027-01-15T08:00:00Z"}"#, nil),
            (#"{"rows":[{"a":"1"},{}]}"#, nil),
            (#"{"rows":[{"a":1}]}"#, "body.rows[0].a must be a string"),
            (#"{"rows":[]}"#, "body.rows is too short"),
            (#"{"rows":[{},{},{}]}"#, "body.rows is too long"),
            (#"{"rows":{}}"#, "body.rows must be an array"),
            (#"{"rows":["a"]}"#, "body.rows[0] must be an object"),
            (#"{"rows":[{}],"at":"today"}"#, "body.at is no instant"),
            (#"{"rows":[{}],"colour":"red"}"#, "body.colour is unknown"),
            ("{}", "body lacks rows"),
            ("rows=1", "body is no JSON"),
        ] as [(String, String?)])
    func `a broken JSON body is found`(body: String, fault: String?) {
        let found = faults("POST", "/v2/things", body: body, type: "application/json", host: "other.test")
        #expect(found == (fault.map { [$0] } ?? []))
    }

    @Test func `a wrong host or content type is found`() {
        #expect(faults("GET", "/v1/things/th_1/rows?of=a", key: nil, host: "other.test").count == 1)
        #expect(faults("POST", "/v1/things", body: "{}", type: "application/json").count == 1)
    }

    @Test func `a wrong path, method, version or key is found`() {
        #expect(faults("GET", "/v1/nothing") == ["there is no GET /v1/nothing"])
        #expect(faults("DELETE", "/v1/things") == ["there is no DELETE /v1/things"])
        #expect(faults("POST", "/v1/things", body: "name=n", key: nil).count == 1)
        #expect(faults("POST", "/v1/things", body: "name=n", key: String(repeating: "k", count: 256)).count == 1)
        let request = HTTPRequest(url: "https://stripe.test/v1/things/th_1/rows?of=a")
        #expect(contract.faults(in: request) == ["the version is not 2026-10-28.endive"])
    }
}
