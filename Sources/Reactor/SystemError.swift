internal import CLinux
internal import Glibc

/// A system call that failed: which one, with what errno, and on what.
///
/// This module is the only place that reads errno; everyone else sees this value.
public struct SystemError: Error, CustomStringConvertible, Equatable {
    /// The call's name, as in its manual page.
    public let call: String
    /// The errno value right after the call.
    public let number: Int32
    /// What the call was about, such as a path; empty where there is nothing to add.
    public let subject: String

    /// Reads errno: call it right after the failed call, before anything that may allocate.
    init(_ call: StaticString, errno number: Int32 = tollgate_errno(), subject: String = "") {
        self.call = call.description
        self.number = number
        self.subject = subject
    }

    /// For example `bind /run/tollgate/gate.sock: Permission denied`.
    public var description: String {
        let reason = String(cString: strerror(number))
        return subject.isEmpty ? "\(call): \(reason)" : "\(call) \(subject): \(reason)"
    }

    /// True for a connect to a socket nobody listens on.
    public var isConnectionRefused: Bool { number == ECONNREFUSED }

    /// True for a path that does not exist.
    public var isNotFound: Bool { number == ENOENT }
}
