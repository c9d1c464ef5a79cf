public import Metering

/// What the control plane is told by the settings.
public struct ControlConfiguration: Sendable {
    /// A TCP address to serve on besides the Unix socket, and what a caller there must show.
    public struct TCP: Sendable {
        /// An address or name of this host.
        public var host: String
        /// 1…65535, or 0 for a free port.
        public var port: Int
        /// What a caller sends as `Authorization: Bearer …`; at least one character.
        public var token: String

        /// Takes its parts as they are.
        public init(host: String, port: Int, token: String) {
            precondition(!token.isEmpty, "a TCP listener needs a token")
            self.host = host
            self.port = port
            self.token = token
        }
    }

    /// The control socket's path, at most 90 bytes: it is bound in a directory beside it first.
    public var socketPath: String
    /// Where to serve on TCP as well; nil for nowhere.
    public var tcp: TCP?
    /// From the end of one round of sending to the start of the next, above 0.
    public var flushInterval: Duration
    /// How many sends may be under way at once, at least 1.
    public var sendsAtOnce: Int
    /// How long an hour stays marked as being sent. It must be longer than a call to Stripe can last, which is the
    /// client's `longestPacing` and `deadline` together; otherwise an hour is sent twice at once.
    public var sendMark: Duration
    /// How much of `sendMark` is left when a call takes its longest: what is begun must go out within it, above 0.
    public var sendSlack: Duration
    /// With more hours owed than this, meter events go to Stripe's stream, many in one request; at least 0.
    public var streamAbove: Int
    /// Which of Stripe's meter event routes is used below that.
    public var meterEventsRoute: MeterEventsRoute
    /// How long Stripe's summaries follow behind what it took, at least 0. Stripe states no time
    /// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage).
    public var summaryLag: Duration
    /// How long before a draft invoice is finalised its period's books are closed here, at least 0.
    public var booksMargin: Duration
    /// How often a tenant's acknowledged hours are compared with what Stripe recorded, above 0.
    public var checkInterval: Duration
    /// How long after a grant has ended what was drawn from it is settled, above 0: by then every daemon has told Redis
    /// what it had counted.
    public var grantDelay: Duration
    /// How long a stop waits for sends under way before it cuts them; their hours stay owed.
    public var stopLimit: Duration
    /// This tollgate's version, for the metrics.
    public var version: String

    /// The defaults are those of tollgate's settings; the mark fits a `StripeConfiguration` with its own defaults.
    public init(
        socketPath: String, tcp: TCP? = nil, flushInterval: Duration = .seconds(60), sendsAtOnce: Int = 8,
        sendMark: Duration = .seconds(45), sendSlack: Duration = .seconds(5), streamAbove: Int = 1_000,
        meterEventsRoute: MeterEventsRoute = .v1,
        summaryLag: Duration = .seconds(300), booksMargin: Duration = .seconds(300),
        checkInterval: Duration = .seconds(6 * 3_600), grantDelay: Duration = .seconds(7),
        stopLimit: Duration = .seconds(5),
        version: String = "dev"
    ) {
        precondition(
            flushInterval > .zero && sendsAtOnce > 0 && sendMark > .zero && checkInterval > .zero, "each is above 0")
        self.socketPath = socketPath
        self.tcp = tcp
        self.flushInterval = flushInterval
        self.sendsAtOnce = sendsAtOnce
        self.sendMark = sendMark
        self.sendSlack = sendSlack
        self.streamAbove = streamAbove
        self.meterEventsRoute = meterEventsRoute
        self.summaryLag = summaryLag
        self.booksMargin = booksMargin
        self.checkInterval = checkInterval
        self.grantDelay = grantDelay
        self.stopLimit = stopLimit
        self.version = version
    }
}
