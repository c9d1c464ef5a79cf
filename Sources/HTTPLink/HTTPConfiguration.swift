/// The bounds of one `HTTPClient`.
public struct HTTPConfiguration: Sendable {
    /// Requests on the wire at once, and so the most connections; further ones wait their turn. At least 1.
    public var maxActive: Int
    /// Requests under way and waiting together; one more is `queueFull`. At least 1.
    public var maxPending: Int
    /// The most an answer's body may have; its header fields are bound to the same number.
    public var maxResponseBytes: Int
    /// A PEM file of the certificates to trust instead of the system's own.
    public var certificateAuthorityFile: String?

    /// The defaults suit one API peer: 16 connections, 1024 requests, 4 MiB an answer.
    public init(
        maxActive: Int = 16,
        maxPending: Int = 1024,
        maxResponseBytes: Int = 4 << 20,
        certificateAuthorityFile: String? = nil
    ) {
        precondition(maxActive > 0 && maxPending > 0 && maxResponseBytes > 0, "each bound is at least 1")
        self.maxActive = maxActive
        self.maxPending = maxPending
        self.maxResponseBytes = maxResponseBytes
        self.certificateAuthorityFile = certificateAuthorityFile
    }
}
