/// What `doctor` found, a line a check. Its JSON is the answer of `GET /v1/doctor`.
public struct DoctorReport: Sendable, Equatable, Codable {
    /// How a check ended.
    public enum Status: String, Sendable, Codable {
        /// As it should be.
        case ok
        /// Works, and something should be changed.
        case warning
        /// Does not work, or loses something.
        case fault
    }

    /// One line.
    public struct Check: Sendable, Equatable, Codable {
        /// What was looked at.
        public let name: String
        /// How it is.
        public let status: Status
        /// What was found, and what to do.
        public let detail: String

        /// A line.
        public init(_ name: String, _ status: Status, _ detail: String) {
            self.name = name
            self.status = status
            self.detail = detail
        }
    }

    /// Each check in the order it was made.
    public let checks: [Check]

    /// A report of these checks.
    public init(checks: [Check]) { self.checks = checks }

    /// Whether any check is a fault.
    public var hasFault: Bool { checks.contains { $0.status == .fault } }
}
