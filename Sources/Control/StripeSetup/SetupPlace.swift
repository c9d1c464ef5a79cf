import Metering

/// How far a setup has come: what the last page ended with. Stateless on purpose: a caller may stop and go on.
enum SetupPlace: Equatable {
    /// Meters from this one on, by its place in the catalogue.
    case meters(Int)
    /// Plans' prices from this one on.
    case prices(Int)
    /// Subscriptions after this one (nil: from the first), so many pages of which were read.
    case subscriptions(after: String?, pages: Int)

    /// Reads what ``text`` writes; nil for anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let number = Int(parts[1]), number >= 0 else { return nil }
        switch (parts[0], parts.count) {
        case ("meters", 2): self = .meters(number)
        case ("prices", 2): self = .prices(number)
        case ("subscriptions", 3):
            self = .subscriptions(after: parts[2].isEmpty ? nil : String(parts[2]), pages: number)
        default: return nil
        }
    }

    /// As a caller hands it back.
    var text: String {
        switch self {
        case .meters(let index): "meters:\(index)"
        case .prices(let index): "prices:\(index)"
        case .subscriptions(let after, let pages): "subscriptions:\(pages):\(after ?? "")"
        }
    }
}
