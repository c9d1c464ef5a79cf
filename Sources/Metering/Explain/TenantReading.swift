/// What one holder knows of a tenant in its memory, for who asks why an answer is what it is.
public struct TenantReading: Sendable, Equatable {
    /// One lease of it.
    public struct Lease: Sendable, Equatable {
        /// How it stands.
        public var reading: LeaseReading
        /// The total granted.
        public var granted: Int64
        /// The total given back.
        public var returned: Int64
        /// The total spent.
        public var spent: Int64
        /// What open reservations hold.
        public var reserved: Int64
        /// How long the lease lasts, in microseconds from now; 0 once it is over.
        public var lastsFor: Int64
        /// How long the last of its reservations lasts, in microseconds from now; 0 without one.
        public var reservedFor: Int64

        /// Takes its parts as they are.
        public init(
            reading: LeaseReading, granted: Int64, returned: Int64, spent: Int64, reserved: Int64, lastsFor: Int64,
            reservedFor: Int64
        ) {
            self.reading = reading
            self.granted = granted
            self.returned = returned
            self.spent = spent
            self.reserved = reserved
            self.lastsFor = lastsFor
            self.reservedFor = reservedFor
        }
    }

    /// What is in hand of a rate.
    public struct Rate: Sendable, Equatable {
        /// Whose cells.
        public var meter: String
        /// Cells that Redis has charged, and this holder has neither spent nor given back.
        public var cells: Int64

        /// Takes its parts as they are.
        public init(meter: String, cells: Int64) {
            self.meter = meter
            self.cells = cells
        }
    }

    /// The name of the holder.
    public var holder: String
    /// The version of the record that it decides by; nil if it has to read it first, empty for a tenant without one.
    public var version: String?
    /// Whether it reaches Redis.
    public var isStoreConnected: Bool
    /// Whether the tenant's partition learns, as far as it knows.
    public var isLearning: Bool
    /// How long Redis keeps a lease for a holder that falls silent, in microseconds.
    public var leaseLength: Int64 = 0
    /// Its leases in hand, in the catalogue's order.
    public var leases: [Lease] = []
    /// Its rates with something in hand.
    public var rates: [Rate] = []
    /// The last call that it refused, since it began to remember the tenant.
    public var lastRefusal: RefusalReading?

    /// A reading of a tenant that nothing is known of.
    public init(holder: String, version: String? = nil, isStoreConnected: Bool, isLearning: Bool) {
        self.holder = holder
        self.version = version
        self.isStoreConnected = isStoreConnected
        self.isLearning = isLearning
    }
}
