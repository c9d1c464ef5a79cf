import Glibc
import Hummingbird
import NIOCore

/// What a request comes with: the connection that it came over.
struct ControlRequestContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The user at the other end of a Unix socket, as the kernel knows it, in the words of the audit stream.
    func peer() async throws -> String {
        guard let provider = channel as? any SocketOptionProvider else { throw ChannelError.operationUnsupported }
        let credentials: PeerCredentials = try await provider.unsafeGetSocketOption(
            level: .socket, name: NIOBSDSocket.Option(rawValue: SO_PEERCRED)
        ).get()
        return "uid:\(credentials.user)"
    }

    /// `struct ucred` of the kernel (unix(7)), which the Glibc module does not show.
    private struct PeerCredentials {
        var process: Int32
        var user: UInt32
        var group: UInt32
    }
}
