/// One HTTP request, read whole, with nothing of the HTTP server's types in it.
struct APIRequest: Sendable {
    let method: String
    /// The path without the query, still percent-encoded.
    let path: String
    /// The query without its question mark; empty when there is none.
    let query: String
    /// By lower-case name; the last one wins when a header is repeated.
    let headers: [String: String]
    let body: [UInt8]

    /// The largest body read, in bytes. A larger one is answered with 413.
    static let maximumBodyBytes = 1_048_576

    /// Whether it asks the v2 API, which has its own bodies, errors and idempotency.
    var isV2: Bool { path.hasPrefix("/v2/") }

    func header(_ name: String) -> String? { headers[name] }
}
