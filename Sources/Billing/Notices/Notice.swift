/// Something that the operator's own endpoint is told once: what it is about, and in which order it came.
public struct Notice: Sendable, Equatable {
    /// When it was written, in milliseconds of Redis's clock, and its number among those of that millisecond. Ordered
    /// within a partition.
    public struct ID: Sendable, Hashable, Comparable {
        /// Since the Unix epoch.
        public var milliseconds: Int64
        /// From 0.
        public var sequence: Int64

        /// Takes its parts as they are.
        public init(milliseconds: Int64, sequence: Int64) {
            self.milliseconds = milliseconds
            self.sequence = sequence
        }

        /// Reads the id of an entry of a stream, `1764183600000-0`; nil for any other text.
        public init?(_ text: String) {
            let parts = text.split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 2, let milliseconds = Int64(parts[0]), let sequence = Int64(parts[1]) else {
                return nil
            }
            self.init(milliseconds: milliseconds, sequence: sequence)
        }

        /// The id as the stream has it.
        public var text: String { "\(milliseconds)-\(sequence)" }

        /// Which was written first.
        public static func < (left: ID, right: ID) -> Bool {
            (left.milliseconds, left.sequence) < (right.milliseconds, right.sequence)
        }
    }

    /// The partition of its tenant.
    public var partition: Int
    /// Its place in the partition.
    public var id: ID
    /// Whose notices it stands in line with.
    public var tenant: String
    /// What happened, such as `threshold.crossed`.
    public var type: String
    /// What is told of it, JSON.
    public var data: String

    /// Takes its parts as they are.
    public init(partition: Int, id: ID, tenant: String, type: String, data: String) {
        self.partition = partition
        self.id = id
        self.tenant = tenant
        self.type = type
        self.data = data
    }

    /// Its name for the receiver, the same at every attempt.
    public var name: String { "\(id.text)-p\(partition)" }
}
