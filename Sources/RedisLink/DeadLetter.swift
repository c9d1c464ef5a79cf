internal import Foundation

/// An hour that Stripe refused for good, with why: it waits for an operator.
public struct DeadLetter: Sendable, Equatable, Codable {
    /// Stripe's code, or ours.
    public var code: String
    /// Stripe's own sentence.
    public var message: String
    /// Stripe's id of the request, if it is known.
    public var request: String?
    /// Since when, Unix seconds.
    public var at: Int64
    /// The hour's total then.
    public var total: Int64

    /// The longest message that is kept, in characters.
    public static let longestMessage = 1_000

    /// Takes its parts as they are; the message is cut at ``longestMessage``.
    public init(code: String, message: String, request: String? = nil, at: Int64, total: Int64) {
        self.code = code
        self.message = String(message.prefix(Self.longestMessage))
        self.request = request
        self.at = at
        self.total = total
    }

    /// As it is kept in Redis.
    var text: String {
        get throws(StoreError) {
            do {
                return String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
            } catch {
                throw StoreError(.unexpected, "a dead letter cannot be written: \(error)")
            }
        }
    }

    /// Reads what Redis keeps; what is not ours is told as it is, so that it is seen.
    init(stored: String) {
        do {
            self = try JSONDecoder().decode(DeadLetter.self, from: Data(stored.utf8))
        } catch {
            self.init(code: "unreadable", message: stored, at: 0, total: 0)
        }
    }
}
