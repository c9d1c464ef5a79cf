/// What a holder says of one lease in a sync: where its totals stand, and what it would like.
public struct LeaseStatement: Sendable, Equatable {
    /// The total that the holder believes it was granted.
    public var granted: Int64
    /// The total it gave back.
    public var returned: Int64
    /// The total it consumed.
    public var spent: Int64
    /// What open reservations hold of it now.
    public var reserved: Int64
    /// How long the last of them runs from here, in microseconds.
    public var reservedFor: Int64
    /// What the first waiting call lacks: granted whole or not at all.
    public var need: Int64
    /// How long that call still waits, in microseconds.
    public var needFor: Int64
    /// What would be good to have in advance.
    public var want: Int64

    /// A statement.
    public init(
        granted: Int64, returned: Int64, spent: Int64, reserved: Int64 = 0, reservedFor: Int64 = 0, need: Int64 = 0,
        needFor: Int64 = 0, want: Int64 = 0
    ) {
        self.granted = granted
        self.returned = returned
        self.spent = spent
        self.reserved = reserved
        self.reservedFor = reservedFor
        self.need = need
        self.needFor = needFor
        self.want = want
    }
}
