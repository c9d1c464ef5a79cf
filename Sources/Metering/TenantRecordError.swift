/// A tenant record that cannot be what tollgate wrote, or that a caller may not write.
public struct TenantRecordError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The tenant, as far as it can be named.
    public let tenant: String
    /// The field as stored (`period_start`), or `id`.
    public let field: String
    /// What is wrong, and what is allowed.
    public let problem: String

    /// Takes its parts as they are.
    public init(tenant: String, field: String, problem: String) {
        self.tenant = tenant
        self.field = field
        self.problem = problem
    }

    /// One line for people.
    public var description: String { "tenant \(tenant): \(field): \(problem)" }
}
