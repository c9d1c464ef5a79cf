import Logging
import Reactor

/// Tells systemd how the daemon fares, where systemd asked to be told (sd_notify(3): datagrams to `NOTIFY_SOCKET`).
struct ServiceNotifier {
    private let path: String?

    init(environment: [String: String]) {
        path = environment["NOTIFY_SOCKET"]
    }

    /// Started, and answering.
    func ready() { send("READY=1\nSTATUS=answering\n") }

    /// On the way out.
    func stopping() { send("STOPPING=1\nSTATUS=stopping\n") }

    private func send(_ text: String) {
        guard let path else { return }
        do throws(SystemError) {
            try DatagramNote.send(text, to: path)
        } catch {
            // Nobody listens any more; the daemon itself is fine.
            Logger(label: "tollgate").warning("cannot notify the service manager", metadata: ["reason": "\(error)"])
        }
    }
}
