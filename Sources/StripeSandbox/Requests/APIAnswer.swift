/// One HTTP answer before it becomes the HTTP server's own type.
struct APIAnswer: Sendable {
    var status: Int
    var headers: [String: String]
    let body: [UInt8]

    init(status: Int = 200, headers: [String: String] = [:], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.headers["Content-Type"] = "application/json"
        self.body = body
    }

    init(status: Int = 200, headers: [String: String] = [:], _ value: JSONValue) {
        self.init(status: status, headers: headers, body: value.bytes)
    }
}
