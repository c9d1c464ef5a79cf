/// What became of a refund.
public enum RefundReply: Sendable, Equatable {
    /// One meter of a refund that was carried out.
    public struct Item: Sendable, Equatable {
        /// How many units were given back: fewer than asked for when not so many were used.
        public var counted: Int64
        /// What is used after that.
        public var used: Int64
        /// The limit that the request told.
        public var limit: Int64
        /// The hours that were lowered, with the holder's totals consumed and refunded of each; those are no other
        /// holder's, so one that is told a kept answer is told none.
        public var hours: [HourTotals]

        /// A meter of a refund.
        public init(counted: Int64, used: Int64, limit: Int64, hours: [HourTotals]) {
            self.counted = counted
            self.used = used
            self.limit = limit
            self.hours = hours
        }
    }

    /// It was carried out; `isRepeat` when that was another call with the same key.
    case done([Item], isRepeat: Bool)
    /// It came after its `notAfter`.
    case late
    /// The tenant's record has another version.
    case otherVersion
    /// The key stands for other arguments.
    case otherArguments
    /// The answer kept for the key is in a layout of another release.
    case otherRelease
    /// It would be clipped, and others have been asked to tell what they used. Nothing was changed.
    case clipped
    /// Holders may know more of what was used than Redis. Nothing was changed.
    case learning
    /// Nobody knows the tenant.
    case unknownTenant
}
