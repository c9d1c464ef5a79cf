import FoundationEssentials
import Glibc
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The sandbox as a process: the HTTP server, the state file, the signals that end it.
struct SandboxServer {
    let address: ListenAddress
    let stateFile: StateFile?
    let settings: SandboxSettings
    let logger: Logger

    /// Connections beyond this wait in the system's queue until another closes.
    static let maximumConnections = 1_024
    /// A connection on which nothing happens for so long is closed.
    static let idleTimeout = TimeAmount.seconds(90)
    /// How long requests in progress may take once a signal has come.
    static let stopTimeout = Duration.seconds(2)

    /// Serves until SIGTERM or SIGINT.
    ///
    /// - Throws: `StartError` when the state file or the address cannot be used.
    func run() async throws {
        let account = Account(state: try stateFile?.load() ?? AccountState(), settings: settings)
        let keeper = stateFile.map { StateKeeper(account: account, file: $0, logger: logger) }
        try stateFile?.save(await account.snapshot())
        let server = application(account)
        var services: [any Service] = [server, WebhookSender(account: account)]
        if let keeper { services.append(keeper) }
        var configuration = ServiceGroupConfiguration(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = Self.stopTimeout
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch let error as IOError {
            throw StartError("cannot listen on \(address): \(String(cString: strerror(error.errnoCode)))")
        } catch is CancellationError {
            logger.debug("Requests in progress were cut at the stop")
        }
        await keeper?.save()
    }

    private func application(_ account: Account) -> some ApplicationProtocol {
        let address = address
        return Application(
            responder: SandboxResponder(account: account),
            server: .http1(configuration: .init(idleTimeout: Self.idleTimeout)),
            configuration: ApplicationConfiguration(
                address: .hostname(address.host, port: address.port),
                serverName: "stripe-sandbox",
                availableConnectionsDelegate: .maximum(Self.maximumConnections, logger: logger)),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? address.port
                print("stripe-sandbox listening on http://\(ListenAddress(host: address.host, port: port))")
                // Whoever waits for this line may read it through a pipe.
                fflush(nil)
            },
            logger: logger)
    }
}
