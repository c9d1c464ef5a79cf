public import HTTPLink

/// Where notices go, and as whom.
public struct NoticeEndpoint: Sendable {
    /// Sends a request once and waits for the whole answer, whatever its status.
    public typealias Send = @Sendable (HTTPRequest) async -> Result<HTTPResponse, HTTPError>

    /// An absolute address.
    public var url: String
    /// One of each secret that the receiver may know.
    public var signatures: [NoticeSignature]
    /// How long one attempt may take.
    public var timeout: Duration
    /// This daemon's name among the others.
    public var holder: String
    /// How long an audit entry is kept, in milliseconds.
    public var auditMilliseconds: Int64
    /// The way out.
    public var send: Send

    /// Takes its parts as they are.
    public init(
        url: String, signatures: [NoticeSignature], timeout: Duration, holder: String, auditMilliseconds: Int64,
        send: @escaping Send
    ) {
        self.url = url
        self.signatures = signatures
        self.timeout = timeout
        self.holder = holder
        self.auditMilliseconds = auditMilliseconds
        self.send = send
    }
}
