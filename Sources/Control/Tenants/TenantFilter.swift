import Metering
import RedisLink

/// Which tenants a listing shows.
struct TenantFilter {
    private let plan: String?
    /// A subscription status, or `none` for tenants without one.
    private let status: String?
    private let prefix: String?

    init(_ query: [String: String]) throws(Problem) {
        plan = query["plan"]
        status = query["status"]
        prefix = query["prefix"].flatMap { $0.isEmpty ? nil : $0 }
        let allowed = SubscriptionStatus.allCases.map(\.rawValue) + ["none"]
        if let status, !allowed.contains(status) {
            throw .badRequest(
                "\"\(status)\" is not a status: \(allowed.joined(separator: ", "))", code: "bad_status")
        }
        if let prefix, !Identifier.isTenantID(prefix) {
            throw .badRequest("prefix is the beginning of a tenant id, not \"\(prefix)\"", code: "bad_prefix")
        }
    }

    /// Whether every tenant passes.
    var isOpen: Bool { plan == nil && status == nil && prefix == nil }

    /// A text after which the first id with the prefix comes: the prefix with its last byte lowered, and behind it a
    /// byte that is above all that ids hold.
    var placeBefore: String? {
        guard let prefix, let last = prefix.utf8.last else { return nil }
        return String(decoding: prefix.utf8.dropLast() + [last - 1, UInt8(ascii: "~")], as: UTF8.self)
    }

    /// Whether this id and all after it are beyond the prefix.
    func isPast(_ id: String) -> Bool {
        guard let prefix else { return false }
        return !id.hasPrefix(prefix) && prefix.utf8.lexicographicallyPrecedes(id.utf8)
    }

    func takes(_ stored: StoredTenant) -> Bool {
        if let plan, stored.fields["plan"] != plan { return false }
        if let status, (stored.fields["status"] ?? "none") != status { return false }
        return prefix.map { stored.id.hasPrefix($0) } ?? true
    }
}
