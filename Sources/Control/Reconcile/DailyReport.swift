import Foundation

/// What a daily comparison came to, as it is kept in Redis and told by `GET /v1/billing/reconcile`.
struct DailyReport: Sendable, Equatable, Codable {
    /// The day it is of, in UTC.
    var day: String
    /// When it began and ended, RFC 3339.
    var startedAt: String
    var endedAt: String
    /// Seconds it took.
    var duration: Int64
    /// Tenants whose hours Stripe was asked for; the others' were compared with what Stripe acknowledged.
    var sampled: Int
    /// Whether there was more to ask Stripe for than the reads allowed.
    var truncated: Bool
    /// Where shares of the tenants were cut, by their number: the tenant behind which their next turn begins.
    var cuts: [String: String]?
    /// What was found.
    var result: ReconcilePage

    private enum CodingKeys: String, CodingKey {
        case day, duration, sampled, truncated, cuts, result
        case startedAt = "started_at"
        case endedAt = "ended_at"
    }

    var text: String { String(decoding: ControlAnswer.json(self).body, as: UTF8.self) }

    /// Reads what ``text`` writes; nil for anything else, which another version may have written.
    init?(text: String) {
        guard let report = try? JSONDecoder().decode(DailyReport.self, from: Data(text.utf8)) else { return nil }
        self = report
    }

    init(
        day: String, startedAt: String, endedAt: String, duration: Int64, sampled: Int, truncated: Bool,
        cuts: [String: String]? = nil, result: ReconcilePage
    ) {
        self.day = day
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.duration = duration
        self.sampled = sampled
        self.truncated = truncated
        self.cuts = cuts
        self.result = result
    }
}
