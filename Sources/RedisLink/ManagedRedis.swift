internal import Glibc
internal import Reactor
internal import Synchronization

/// A redis-server of tollgate's own: private, in the state directory, with an append-only file.
///
/// It runs in a session of its own, so that a crash of tollgate does not take it along; the next tollgate finds it
/// again by its socket. The lock on the state directory keeps a second tollgate from sharing it.
public final class ManagedRedis: Sendable {
    /// Why it could not be started.
    public struct StartError: Error, CustomStringConvertible {
        /// Text an operator can act on.
        public let description: String
    }

    /// The socket it listens on, and the only way to it.
    public let socketPath: String
    private let directory: String
    private let withheld: Set<String>
    /// The process, if it was started here and has not been waited for.
    private let child = Mutex<pid_t?>(nil)
    /// How long it may take to listen, in milliseconds. Loading its file comes after that.
    private static let startTimeout = 10_000
    /// How long it may take to write out and end, in milliseconds.
    private static let stopTimeout = 10_000

    /// A redis-server that keeps its files in `stateDirectory`/redis.
    ///
    /// - Parameter withheld: variables of the environment that are not for it, as those with secrets.
    public init(stateDirectory: String, withholding withheld: Set<String> = []) {
        self.withheld = withheld
        directory = stateDirectory + "/redis"
        socketPath = directory + "/redis.sock"
    }

    /// Where it is.
    public var endpoint: RedisEndpoint { RedisEndpoint(location: .unix(path: socketPath)) }

    /// Makes sure that it runs. Returns false when it was running already, left by an earlier tollgate.
    public func start() throws(StartError) -> Bool {
        guard !isListening else { return false }
        guard mkdir(directory, 0o700) == 0 || access(directory, W_OK | X_OK) == 0 else {
            throw StartError(description: "cannot create \(directory): \(String(cString: strerror(errno)))")
        }
        let process = try spawn()
        for _ in 0..<(Self.startTimeout / 10) {
            if isListening {
                child.withLock { $0 = process }
                return true
            }
            var status: Int32 = 0
            if waitpid(process, &status, WNOHANG) == process {
                throw StartError(description: "redis-server ended at once; see \(directory)/redis.log")
            }
            usleep(10_000)
        }
        kill(process, SIGKILL)
        waitpid(process, nil, 0)
        throw StartError(description: "redis-server did not listen on \(socketPath); see \(directory)/redis.log")
    }

    /// Whether something listens on its socket.
    public var isListening: Bool {
        do throws(SystemError) {
            _ = try StreamSocket.connecting(to: try SocketAddress(path: socketPath))
            return true
        } catch {
            // Anything else, such as a full queue, means that somebody is there, if only a frozen one: a second server
            // on the same files would split the counters.
            return !error.isNotFound && !error.isConnectionRefused
        }
    }

    /// Lets go of a child that has ended, so that no zombie stays.
    public func reap() {
        child.withLock { child in
            // Only its own: other children are waited for by those who started them.
            guard let pid = child, waitpid(pid, nil, WNOHANG) != 0 else { return }
            child = nil
        }
    }

    /// Asks it to write out and end, and waits until it has. False when it still runs after ten seconds.
    public func stop(through client: RedisClient) async -> Bool {
        do throws(StoreError) {
            _ = try await client.command(["SHUTDOWN"])
        } catch {
            // The connection ends without an answer: that is how a shutdown that works looks.
        }
        for _ in 0..<(Self.stopTimeout / 10) {
            reap()
            if !isListening { return true }
            usleep(10_000)
        }
        return false
    }

    /// POSIX_SPAWN_SETSID of <spawn.h>, which glibc shows only to programs with _GNU_SOURCE.
    private static let newSession: Int32 = 0x80

    private var arguments: [String] {
        [
            "redis-server", "--port", "0", "--unixsocket", socketPath, "--unixsocketperm", "700", "--dir", directory,
            "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
            "--daemonize", "no", "--logfile", directory + "/redis.log", "--pidfile", directory + "/redis.pid",
        ]
    }

    /// The process's own without what is withheld.
    private var environment: [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            let text = String(cString: variable)
            if !withheld.contains(String(text.prefix { $0 != "=" })) { variables.append(text) }
            next += 1
        }
        return variables
    }

    /// Leaves no descriptor to a program that is started. This one outlives a tollgate that is killed, whose listening
    /// sockets would still look in use; not all libraries open theirs so that they are closed by themselves.
    private func keepDescriptors() {
        guard let list = opendir("/proc/self/fd") else { return }
        defer { closedir(list) }
        while let entry = readdir(list) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 1) { String(cString: $0) }
            }
            if let descriptor = Int32(name), descriptor > 2 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        }
    }

    private func spawn() throws(StartError) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A session of its own: neither a terminal's interrupt nor tollgate's end reaches it. Signals that tollgate
        // ignores or blocks, as some of its threads do, are not ignored or blocked there.
        posix_spawnattr_setflags(
            &attributes, Int16(Self.newSession | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, directory + "/redis.err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        keepDescriptors()
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var variables = environment.map { strdup($0) } + [nil]
        defer { for variable in variables { free(variable) } }
        var process: pid_t = 0
        let status = posix_spawnp(&process, "redis-server", &actions, &attributes, &words, &variables)
        guard status == 0 else {
            throw StartError(
                description: status == ENOENT
                    ? "redis.url is managed, and there is no redis-server: install it (apt-get install redis-server), "
                        + "or point redis.url at one"
                    : "cannot start redis-server: \(String(cString: strerror(status)))")
        }
        return process
    }
}
