/// What decides a call while Redis is out of reach (`on_store_failure` in the catalogue).
public enum StoreFailurePolicy: String, Sendable, CaseIterable {
    /// Every call is refused.
    case deny
    /// Every call is allowed, counted and billed.
    case allow
    /// Each holder allows its share of the limit.
    case fraction
}
