internal import CLinux
internal import Glibc

/// Who is at the other end of a Unix socket, as the kernel saw it at connect (SO_PEERCRED).
public struct PeerCredentials: Sendable, Equatable {
    /// The process that connected; it may have passed the socket on.
    public let processID: Int32
    /// Its effective user id.
    public let userID: UInt32
    /// Its effective group id.
    public let groupID: UInt32
}

/// Why a Unix listener could not start, in words an operator can act on.
public enum ListenError: Error, CustomStringConvertible {
    /// Another process answers on the path or holds its lock.
    case inUse(path: String)
    /// The path exists and is no socket: it is not ours to remove.
    case notASocket(path: String)
    /// `gate.group` names a group this host does not have.
    case unknownGroup(String)
    /// The kernel refused.
    case system(SystemError)

    /// The message for people.
    public var description: String {
        switch self {
        case .inUse(let path): "\(path) is in use by another running process: stop it, or choose another path"
        case .notASocket(let path): "\(path) exists and is not a socket: remove it, or choose another path"
        case .unknownGroup(let name): "no group named \(name) on this host"
        case .system(let error): error.description
        }
    }
}

/// A listening Unix socket with a mode and a group, and a lock file beside it so that two processes never fight for it.
///
/// Removes the socket file when it goes away; the lock file stays, as removing it would let two holders lock two files.
public struct UnixListener: ~Copyable {
    /// The listening socket, for the loop to watch.
    public let descriptor: FileDescriptor
    /// The path it listens on.
    public let path: String
    private let lock: FileDescriptor

    /// Binds `path`, replacing a socket nobody listens on any more.
    public init(path: String, mode: UInt32, group: String?, backlog: Int32 = 1024) throws(ListenError) {
        let lock = try Self.takeLock(path)
        let descriptor = try Self.bound(path, mode, group, backlog)
        self.lock = lock
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        unlink(path)
    }

    /// The next waiting connection, non-blocking; nil when there is none. Throws when the process is out of
    /// descriptors.
    public func accept() throws(SystemError) -> FileDescriptor? {
        while true {
            let number = tollgate_accept(descriptor.number)
            if number >= 0 { return FileDescriptor(owning: number) }
            let error = SystemError("accept")
            switch error.number {
            case EINTR, ECONNABORTED: continue
            case EAGAIN: return nil
            default: throw error
            }
        }
    }

    /// Who connected through `descriptor`; nil if the kernel does not say.
    public static func peer(of descriptor: borrowing FileDescriptor) -> PeerCredentials? {
        var peer = tollgate_peer()
        guard tollgate_peer_credentials(descriptor.number, &peer) == 0 else { return nil }
        return PeerCredentials(processID: peer.pid, userID: peer.uid, groupID: peer.gid)
    }

    private static func takeLock(_ path: String) throws(ListenError) -> FileDescriptor {
        do throws(SystemError) {
            return try LockFile.acquire(path + ".lock")
        } catch {
            throw error.isHeldElsewhere ? .inUse(path: path) : .system(error)
        }
    }

    private static func bound(
        _ path: String, _ mode: UInt32, _ group: String?, _ backlog: Int32
    ) throws(ListenError) -> FileDescriptor {
        do throws(SystemError) {
            let address = try SocketAddress(path: path)
            guard try !isAnswered(path, address) else { throw SystemError("bind", errno: EADDRINUSE, subject: path) }
            let groupID = try group.map { name throws(SystemError) in try Self.groupID(name) }
            let flags = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            let number = socket(AF_UNIX, flags, 0)
            guard number >= 0 else { throw SystemError("socket") }
            let descriptor = FileDescriptor(owning: number)
            // Bound with no permissions at all, so that nobody slips in before mode and group are set. The socket's own
            // mode is the file's, as far as the umask allows; the umask is every thread's and is left alone.
            guard fchmod(number, 0) == 0 else { throw SystemError("fchmod", subject: path) }
            guard address.withSockaddr({ bind(number, $0, $1) }) == 0 else { throw SystemError("bind", subject: path) }
            do throws(SystemError) {
                guard listen(number, backlog) == 0 else { throw SystemError("listen", subject: path) }
                try restrict(path, mode, groupID)
            } catch {
                // Left behind with no permissions, it would look like one that somebody else listens on.
                unlink(path)
                throw error
            }
            return descriptor
        } catch {
            switch error.number {
            case EADDRINUSE: throw .inUse(path: path)
            case ENOTSOCK: throw .notASocket(path: path)
            case ENOENT where error.call == "getgrnam": throw .unknownGroup(error.subject)
            default: throw .system(error)
            }
        }
    }

    /// Removes a socket that a dead process left. True when somebody who knows nothing of our lock listens on it.
    private static func isAnswered(_ path: String, _ address: SocketAddress) throws(SystemError) -> Bool {
        var status = stat()
        guard lstat(path, &status) == 0 else { return false }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw SystemError("bind", errno: ENOTSOCK, subject: path) }
        do throws(SystemError) {
            _ = try StreamSocket.connecting(to: address)
            return true
        } catch {
            guard error.isConnectionRefused else { return true }
            unlink(path)
            return false
        }
    }

    private static func groupID(_ name: String) throws(SystemError) -> gid_t {
        guard let entry = getgrnam(name) else { throw SystemError("getgrnam", errno: ENOENT, subject: name) }
        return entry.pointee.gr_gid
    }

    private static func restrict(_ path: String, _ mode: UInt32, _ group: gid_t?) throws(SystemError) {
        if let group {
            guard chown(path, uid_t.max, group) == 0 else { throw SystemError("chown", subject: path) }
        }
        guard chmod(path, mode_t(mode)) == 0 else { throw SystemError("chmod", subject: path) }
    }
}
