import Foundation
import Glibc

/// Puts a listening Unix socket at its path with mode 0600, so that nobody can connect to it a moment earlier.
///
/// The server binds in a directory of its owner alone; the socket gets its mode there and is then moved to its path.
/// A process-wide umask would do it too, and would catch whatever other threads create meanwhile.
struct SocketPlace {
    /// What the kernel takes is 107 bytes, the directory to bind in included.
    static let longestPath = 90

    let path: String

    private var directory: String { path + ".binding" }
    /// Where the server binds.
    var bindingPath: String { directory + "/s" }

    /// Makes room: refuses a path that is somebody's, and prepares the directory to bind in.
    func prepare() throws(ControlServerError) {
        guard path.utf8.count <= Self.longestPath else {
            throw ControlServerError(
                description: "control.socket has \(path.utf8.count) bytes, at most \(Self.longestPath): \(path)")
        }
        // A link is a link here, whatever it leads to.
        if let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] {
            guard type as? FileAttributeType == .typeSocket else {
                throw ControlServerError(
                    description: "\(path) exists and is not a socket: remove it, or choose another control.socket")
            }
            guard !isAnswered(path) else {
                throw ControlServerError(
                    description: "\(path) is in use by another running process: stop it, or choose another path")
            }
        }
        // What an earlier process left there when it was killed between binding and moving.
        unlink(bindingPath)
        rmdir(directory)
        guard mkdir(directory, 0o700) == 0 else {
            throw ControlServerError(description: "cannot make \(directory): \(String(cString: strerror(errno)))")
        }
    }

    /// Gives the bound socket its mode and its place, over a stale one.
    func publish() throws(ControlServerError) {
        guard chmod(bindingPath, 0o600) == 0, rename(bindingPath, path) == 0 else {
            throw ControlServerError(description: "cannot put \(path) in place: \(String(cString: strerror(errno)))")
        }
        rmdir(directory)
    }

    /// Removes what is left, after the server has ended.
    func remove() {
        unlink(path)
        unlink(bindingPath)
        rmdir(directory)
    }

    /// Whether a process accepts connections there. A refused one means that the socket's process is gone.
    private func isAnswered(_ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return false }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        return result == 0 || errno != ECONNREFUSED
    }
}
