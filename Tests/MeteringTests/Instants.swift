import Foundation

/// Unix seconds of an RFC 3339 instant, by Foundation: a second opinion on the calendar arithmetic under test.
func instant(_ text: String) -> Int64 {
    let formatter = ISO8601DateFormatter()
    guard let date = formatter.date(from: text) else { preconditionFailure("not an RFC 3339 instant: \(text)") }
    return Int64(date.timeIntervalSince1970)
}

/// An instant as RFC 3339, so that a failed expectation can be read.
func text(_ instant: Int64) -> String {
    ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(instant)))
}
