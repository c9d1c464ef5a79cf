/// The right to send what one partition owes.
public struct ClaimToken: Sendable, Equatable {
    /// The partition.
    public let partition: Int
    /// What scripts are told that act for the holder: 32 random hexadecimal digits, of this claim only.
    public let token: String
    /// From then on nothing may be begun under it, by this host's clock. Before, Redis has it as the current one,
    /// unless it forgot it or its clock stepped: so scripts look themselves.
    public internal(set) var validUntil: ContinuousClock.Instant
}
