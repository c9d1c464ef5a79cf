import ArgumentParser
import Metering

/// A tenant's own limit as typed: `messages=5000`.
struct OwnLimit: ExpressibleByArgument, Equatable {
    let meter: String
    /// -1 for unlimited.
    let value: Int64

    init?(argument: String) {
        let parts = argument.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2, Identifier.isName(String(parts[0])), let value = OwnLimit.value(parts[1]) else {
            return nil
        }
        meter = String(parts[0])
        self.value = value
    }

    private static func value(_ text: Substring) -> Int64? {
        if text == "unlimited" { return Amount.unlimited }
        guard let value = Int64(text), value == Amount.unlimited || (0...Amount.largest).contains(value) else {
            return nil
        }
        return value
    }
}
