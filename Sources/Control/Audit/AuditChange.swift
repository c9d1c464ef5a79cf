import Foundation

/// What of a record a change has changed, as the audit stream tells it.
struct AuditChange: Equatable {
    /// A compact JSON object of the fields as they were; empty when none of them was there.
    let before: String
    /// As they are now; empty when none of them is there any more.
    let after: String

    /// The difference between two records' fields.
    init(from old: [String: String], to new: [String: String]) {
        let names = Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }
        before = Self.object(old.filter { names.contains($0.key) })
        after = Self.object(new.filter { names.contains($0.key) })
    }

    var isEmpty: Bool { before.isEmpty && after.isEmpty }

    private static func object(_ fields: [String: String]) -> String {
        guard !fields.isEmpty else { return "" }
        let body = ControlAnswer.json(fields).body
        return String(decoding: body, as: UTF8.self)
    }
}
