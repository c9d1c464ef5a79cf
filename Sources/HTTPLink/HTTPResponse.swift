/// A whole answer. Redirects are not followed, so a 3xx arrives here as it is.
public struct HTTPResponse: Sendable {
    /// 200…599.
    public let status: Int
    /// The fields of the final answer; those of a 1xx before it are dropped.
    public let headers: HTTPHeaders
    /// At most `HTTPConfiguration.maxResponseBytes` long.
    public let body: [UInt8]
    /// Whether bytes of the request had left before it was sent anew: a connection that was kept broke without an
    /// answer, and the server may have acted on the request twice.
    public let wasSentAgain: Bool

    /// An answer made by hand, for transports that stand in for a server. Fields are `Name: value` lines.
    public init(status: Int, headerLines: [String] = [], body: [UInt8] = [], wasSentAgain: Bool = false) {
        var headers = HTTPHeaders()
        for line in headerLines {
            headers.append(line: line)
        }
        self.init(status: status, headers: headers, body: body, wasSentAgain: wasSentAgain)
    }

    init(status: Int, headers: HTTPHeaders, body: [UInt8], wasSentAgain: Bool) {
        self.status = status
        self.headers = headers
        self.body = body
        self.wasSentAgain = wasSentAgain
    }
}
