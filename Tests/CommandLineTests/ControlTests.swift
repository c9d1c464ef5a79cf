import Testing

@testable import tollgate

@Suite struct `The control API's client` {
    @Test func `what comes from outside is percent-encoded`() {
        let path = ControlPath("/v1/tenants", segment: "a:b@c.d/é?")
        #expect(path.text == "/v1/tenants/a%3Ab%40c.d%2F%C3%A9%3F")
        #expect(ControlPath("/v1/tenants", segment: "..").text == "/v1/tenants/%2E%2E")
        #expect(
            ControlPath("/v1/tenants").setting("prefix", "a&b=c").setting("plan", nil).setting("limit", "5").text
                == "/v1/tenants?prefix=a%26b%3Dc&limit=5")
    }

    @Test func `a parameter that is set again replaces the first`() {
        #expect(ControlPath("/x").setting("after", "1").setting("after", "2").text == "/x?after=2")
    }

    @Test(arguments: [
        (400, Outcome.usage), (404, .usage), (409, .refused), (422, .usage), (429, .unreachable), (500, .fault),
        (502, .unreachable), (503, .unreachable), (504, .unreachable),
    ])
    func `a problem keeps its words and has its exit code`(status: Int, outcome: Outcome) {
        let body = Array(#"{"title":"T","status":1,"detail":"what is wrong","code":"c","more":1}"#.utf8)
        #expect(ControlProblem(status: status, body: body).failure == CommandFailure("what is wrong", outcome))
    }

    @Test func `an error that is no problem document is told by its status`() {
        #expect(ControlProblem(status: 500, body: Array("oops".utf8)).message == "the control API answered HTTP 500")
        #expect(ControlProblem(status: 500, body: Array(#"{"title":"T"}"#.utf8)).message == "T")
    }
}
