import Foundation
import Reactor

/// `state_dir`: created private, and locked for as long as this value lives, so that two daemons never share one.
final class StateDirectory {
    let path: String
    private let lock: FileDescriptor

    init(path: String) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure("cannot create state_dir \(path): \(error.localizedDescription)", .fault)
        }
        do throws(SystemError) {
            lock = try LockFile.acquire(path + "/lock")
        } catch {
            throw CommandFailure(
                error.isHeldElsewhere
                    ? "state_dir \(path) is in use by another running tollgate: stop it, or choose another directory"
                    : "cannot lock state_dir: \(error)", .fault)
        }
        self.path = path
    }

    /// The ledger of the gate's only loop.
    static func ledger(in path: String) -> String { path + "/ledger-0.tgl" }
}
