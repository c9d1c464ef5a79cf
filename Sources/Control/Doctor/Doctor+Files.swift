import Glibc

extension Doctor {
    /// A socket that is there, and that nobody reaches who should not.
    func socketCheck(_ name: String, _ path: String, mode: UInt32) -> DoctorReport.Check {
        guard let status = Self.status(path) else {
            return .init(name, .fault, "\(path) is not there: is the daemon running?")
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            return .init(name, .fault, "\(path) is not a socket: remove it and restart the daemon")
        }
        let bits = UInt32(status.st_mode & 0o777)
        guard bits & ~mode == 0 else {
            return .init(
                name, .fault,
                "\(path) has mode \(Self.octal(bits)), wider than \(Self.octal(mode)): chmod it, or restart")
        }
        guard bits == mode else {
            return .init(name, .warning, "\(path) has mode \(Self.octal(bits)) instead of \(Self.octal(mode))")
        }
        return .init(name, .ok, "\(path), mode \(Self.octal(bits))")
    }

    /// A directory of ours, in which nobody else writes.
    func stateDirectoryCheck() -> DoctorReport.Check {
        let name = "state directory"
        let path = paths.stateDirectory
        guard let status = Self.status(path) else {
            return .init(name, .fault, "\(path) is not there: create it, owned by the user tollgate runs as")
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { return .init(name, .fault, "\(path) is not a directory") }
        // Root looks at everybody's, and the daemon need not run as root.
        guard status.st_uid == geteuid() || geteuid() == 0 else {
            return .init(name, .fault, "\(path) belongs to user \(status.st_uid), and this runs as user \(geteuid())")
        }
        let bits = UInt32(status.st_mode & 0o777)
        guard bits & 0o002 == 0 else {
            return .init(name, .fault, "\(path) is writable by everybody (mode \(Self.octal(bits))): chmod o-w it")
        }
        return .init(name, .ok, "\(path), mode \(Self.octal(bits))")
    }

    /// Of what the path itself is; nil when nothing is there, or it cannot be looked at.
    static func status(_ path: String) -> stat? {
        var status = stat()
        return lstat(path, &status) == 0 ? status : nil
    }

    private static func octal(_ bits: UInt32) -> String { "0" + String(bits, radix: 8) }
}
