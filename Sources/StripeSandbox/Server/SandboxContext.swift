import Glibc
import Hummingbird
import NIOCore

/// What the responder needs of a connection: the means to cut it.
struct SandboxContext: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }

    /// Closes the connection; with a reset the peer reads an error instead of an end.
    func cut(reset: Bool) async throws {
        if reset, let socket = channel as? any SocketOptionProvider {
            // Closing with no time to linger makes the kernel send a reset instead of an end.
            try await socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        }
        try await channel.close()
    }
}
