import Foundation
public import Glibc
import Synchronization

/// A program that a test started. Its output goes to files; it is killed, by its pid, when the object goes.
public final class ChildProcess: Sendable {
    /// One of the program's outputs.
    public enum Output: Sendable {
        /// What it prints.
        case standardOutput
        /// What it logs.
        case standardError
    }

    /// The program's path.
    public let executable: String
    /// The process id. It may belong to somebody else once the process has ended and was waited for.
    public let pid: pid_t

    private let files: TemporaryDirectory
    /// Nil while the process may still run. A pid is signalled only under this lock and while this is nil, since the
    /// kernel gives the pid of a process that was waited for to another.
    private let status = Mutex<ExitStatus?>(nil)

    /// Starts a program with standard input at its end and none of this process's other descriptors.
    ///
    /// - Parameters:
    ///   - executable: the program's path.
    ///   - arguments: without the program's name.
    ///   - environment: what is set on top of this process's own environment.
    ///   - currentDirectory: where it runs; nil is where this process runs.
    public init(
        _ executable: String, _ arguments: [String] = [], environment: [String: String] = [:],
        currentDirectory: String? = nil
    ) throws {
        self.executable = executable
        files = try TemporaryDirectory()
        let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        // `env` replaces itself by the program, so the pid is the program's.
        let moved = currentDirectory.map { ("/usr/bin/env", ["-C", $0, executable] + arguments) }
        let (program, programArguments) = moved ?? (executable, arguments)
        pid = try Spawn.start(
            program, programArguments, environment: merged.map { "\($0)=\($1)" }, outputPath: files.file("stdout"),
            errorPath: files.file("stderr"))
    }

    deinit { kill() }

    /// Everything the program has written to one of its outputs.
    public func text(of output: Output) -> String {
        let name = output == .standardOutput ? "stdout" : "stderr"
        guard let data = FileManager.default.contents(atPath: files.file(name)) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// How the process ended; nil while it runs.
    public var exitStatus: ExitStatus? { reap(options: WNOHANG) }

    /// Whether the process has not ended. A frozen one runs.
    public var isRunning: Bool { exitStatus == nil }

    /// Sends a signal, unless the process has ended.
    public func signal(_ number: Int32) {
        status.withLock { status in
            if status == nil { _ = Glibc.kill(pid, number) }
        }
    }

    /// Stops the process where it stands, until ``thaw()``.
    public func freeze() { signal(SIGSTOP) }

    /// Lets a frozen process go on.
    public func thaw() { signal(SIGCONT) }

    /// Kills the process, frozen or not, and waits until it is gone.
    @discardableResult
    public func kill() -> ExitStatus? {
        signal(SIGKILL)
        return reap(options: 0)
    }

    /// Asks the process to end, and kills it if it has not done so within `grace`.
    @discardableResult
    public func terminate(grace: Duration = .seconds(60)) async throws -> ExitStatus? {
        signal(SIGTERM)
        do {
            return try await waitForExit(within: grace)
        } catch is TestFailure {
            return kill()
        }
    }

    /// Waits until the process has ended by itself.
    public func waitForExit(within limit: Duration = .seconds(60)) async throws -> ExitStatus? {
        try await eventually(within: limit, "\(executable) (pid \(pid)) ends") { !isRunning }
        return exitStatus
    }

    /// Waits until the program has written a whole line that contains `part`, and returns the first such line.
    ///
    /// - Throws: ``TestFailure`` with all its output when it ends without it or the time is up.
    @discardableResult
    public func waitForLine(
        containing part: String, in output: Output = .standardError, within limit: Duration = .seconds(60)
    ) async throws -> String {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while true {
            // Asked before the output is read: an ended process writes nothing more.
            let hasEnded = !isRunning
            let lines = text(of: output).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let line = lines.first(where: { $0.contains(part) }) { return String(line) }
            guard !hasEnded, clock.now < deadline else {
                throw TestFailure(
                    """
                    \(executable) (pid \(pid)) \(hasEnded ? "ended" : "ran \(limit)") without a line with "\(part)". \
                    Its output: \(text(of: .standardOutput))\(text(of: .standardError))
                    """)
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    private func reap(options: Int32) -> ExitStatus? {
        status.withLock { status in
            guard status == nil else { return status }
            var word: Int32 = 0
            var ended = waitpid(pid, &word, options)
            while ended == -1, errno == EINTR { ended = waitpid(pid, &word, options) }
            if ended == pid { status = ExitStatus(waitStatus: word) }
            return status
        }
    }
}
