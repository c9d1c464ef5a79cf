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

    /// The random part of this holder's name. It is born with the directory and lives as long, so that a restart goes
    /// on under the same name, and another directory under the same `holder_id` is another holder.
    func incarnation() throws -> String {
        let file = path + "/incarnation"
        if let data = FileManager.default.contents(atPath: file) {
            let text = String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
            guard text.count == 8, text.allSatisfy({ $0.isLetter || $0.isNumber }) else {
                throw CommandFailure("\(file) does not hold what tollgate wrote there: remove it", .fault)
            }
            return text
        }
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        let text = String((0..<8).map { _ in letters[Int.random(in: 0..<letters.count)] })
        do {
            try Data(text.utf8).write(to: URL(fileURLWithPath: file), options: .atomic)
        } catch {
            throw CommandFailure("cannot write \(file): \(error.localizedDescription)", .fault)
        }
        return text
    }
}
