/// How a counter, or what is in flight, stands in Redis in one period.
public struct StoredUsage: Sendable, Equatable {
    /// A holder's row: what it was granted of it, and what it said last. Totals, as the lease protocol has them.
    public struct Row: Sendable, Equatable {
        /// Whose row it is.
        public let holder: String
        /// The total granted to it.
        public let granted: Int64
        /// The total it gave back.
        public let returned: Int64
        /// The total it spent.
        public let spent: Int64
        /// What its open reservations hold.
        public let reserved: Int64
        /// Until when, in microseconds of Redis's clock.
        public let reservedUntil: Int64
        /// When its lease ends, in microseconds of Redis's clock.
        public let expires: Int64
        /// When it said so, in microseconds of its own boot clock.
        public let stated: Int64

        /// Granted, and neither given back nor spent; what is reserved is in it.
        public var held: Int64 { max(0, granted - returned - spent) }

        /// What its reservations hold at an instant, in microseconds of Redis's clock.
        public func reserved(at instant: Int64) -> Int64 { reservedUntil > instant ? reserved : 0 }
    }

    /// A call that waits for others to give back.
    public struct Waiter: Sendable, Equatable {
        /// Where it waits.
        public let holder: String
        /// What it lacks.
        public let need: Int64
        /// Until when it waits, in microseconds of Redis's clock.
        public let deadline: Int64
    }

    /// What all holders used in the period, as far as Redis has heard.
    public let used: Int64
    /// What is leased and not spent.
    public let held: Int64
    /// In the order of the holders' names.
    public let rows: [Row]
    /// The calls that wait, in the order in which they are served.
    public let waiting: [Waiter]

    /// What open reservations of all holders hold at an instant, in microseconds of Redis's clock.
    public func reserved(at instant: Int64) -> Int64 {
        rows.reduce(0) { $0 + $1.reserved(at: instant) }
    }

    /// One element of the answer of `usage_read.lua`; nil if it is none.
    init?(_ value: RedisValue) {
        let parts = value.elements
        guard parts.count == 4, let used = parts[0].number, let held = parts[1].number else { return nil }
        self.used = used
        self.held = held
        rows = parts[2].elements.compactMap(Row.init).sorted { $0.holder < $1.holder }
        waiting = parts[3].elements.compactMap(Waiter.init)
    }
}

extension StoredUsage.Row {
    fileprivate init?(_ value: RedisValue) {
        let numbers = value.elements.dropFirst().compactMap(\.number)
        guard let holder = value.elements.first?.text, numbers.count == 7 else { return nil }
        self.init(
            holder: holder, granted: numbers[0], returned: numbers[1], spent: numbers[2], reserved: numbers[3],
            reservedUntil: numbers[4], expires: numbers[5], stated: numbers[6])
    }
}

extension StoredUsage.Waiter {
    fileprivate init?(_ value: RedisValue) {
        let parts = value.elements
        guard parts.count == 3, let holder = parts[0].text, let need = parts[1].number, let deadline = parts[2].number
        else { return nil }
        self.init(holder: holder, need: need, deadline: deadline)
    }
}
