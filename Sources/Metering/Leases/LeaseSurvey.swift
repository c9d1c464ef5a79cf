/// What a holder found when it looked at its leases.
public struct LeaseSurvey: Sendable, Equatable {
    /// In the order that was asked for.
    public var readings: [LeaseReading]
    /// How many leases were looked at.
    public var seen: Int
    /// Whether there were more than are looked at, so that some may be missing.
    public var isCut: Bool
    /// When the readings were taken, in microseconds of the holder's boot clock.
    public var instant: Int64

    /// A survey.
    public init(readings: [LeaseReading], seen: Int, isCut: Bool, instant: Int64) {
        self.readings = readings
        self.seen = seen
        self.isCut = isCut
        self.instant = instant
    }
}
