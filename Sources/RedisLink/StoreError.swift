/// Why a store operation of the control plane did not succeed.
public struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of failure it was.
    public enum Code: String, Sendable {
        /// Redis could not be reached, or gave no answer in time.
        case unavailable
        /// Redis answered with an error.
        case refused
        /// What Redis holds is not what this version writes.
        case unexpected
        /// Redis belongs to a tollgate set up otherwise, or is set up in a way that loses counters.
        case misconfigured
    }

    /// What kind of failure it was.
    public let code: Code
    /// Text an operator can act on.
    public let message: String
    /// Whether the operation may have happened all the same.
    public let mayHaveRun: Bool

    /// Whether the same call may succeed later without anybody changing anything.
    public var isRetryable: Bool { code == .unavailable }

    init(_ code: Code, _ message: String, mayHaveRun: Bool = false) {
        self.code = code
        self.message = message
        self.mayHaveRun = mayHaveRun
    }

    /// What calls meet once their client was closed.
    static let stopped = StoreError(.unavailable, "tollgate is stopping")

    /// The message.
    public var description: String { message }
}
