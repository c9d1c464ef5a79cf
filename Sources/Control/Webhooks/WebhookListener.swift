import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

/// The listener for Stripe's events: a server of its own, that serves nothing else.
struct WebhookListener {
    /// Connections beyond this wait in the system's queue until another closes.
    private static let mostConnections = 64
    /// How long a whole head may be, in bytes, and how many fields it may have.
    private static let longestHead = 16 << 10
    private static let mostHeaders = 64
    /// How long an event may wait for Redis once it was read.
    private static let keepLimit = TimeAmount.seconds(15)

    let endpoint: WebhookEndpoint
    let counts: WebhookCounts
    let log: WebhookLog
    let context: ControlContext

    /// The server, at rest. `onRunning` is called with its port once it listens.
    func service(onRunning: @escaping @Sendable (Int) -> Void) -> some Service {
        var quiet = context.logger
        quiet.logLevel = max(quiet.logLevel, .warning)
        let limit = TimeAmount(endpoint.readLimit)
        let whole = limit + limit + Self.keepLimit
        let port = endpoint.port
        return Application(
            responder: WebhookResponder(
                endpoint: endpoint, writer: WebhookWriter(store: endpoint.store), counts: counts, log: log,
                now: context.now),
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [ConnectionDeadline(head: limit, whole: whole)],
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: Self.longestHead, maxHeaderListSize: Self.longestHead,
                        maxHeaderFieldCount: Self.mostHeaders))),
            configuration: ApplicationConfiguration(
                address: .hostname(endpoint.host, port: port), serverName: "tollgate",
                availableConnectionsDelegate: .maximum(Self.mostConnections, logger: quiet)),
            onServerRunning: { onRunning($0.localAddress?.port ?? port) }, logger: quiet)
    }
}
