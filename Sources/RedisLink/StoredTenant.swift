/// A tenant record as it stands in Redis.
public struct StoredTenant: Sendable, Equatable {
    /// The tenant's id.
    public let id: String
    /// Changes with each write and is never used twice, not even after Redis was restored from a backup.
    public let version: String
    /// The record's fields, as the metering module reads and writes them.
    public let fields: [String: String]

    /// A record read by its owner.
    public init(id: String, version: String, fields: [String: String]) {
        self.id = id
        self.version = version
        self.fields = fields
    }
}
