import Foundation

/// Finds programs.
public enum Executable {
    /// The path of an installed program.
    ///
    /// - Throws: ``TestFailure`` naming the Debian package to install.
    public static func installed(_ name: String, package: String) throws -> String {
        let searched = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        for directory in searched.split(separator: ":") {
            let path = "\(directory)/\(name)"
            if FileManager.default.isExecutableFile(atPath: path) { return path }
        }
        throw TestFailure("\(name) is not installed and the tests need it: apt-get install \(package)")
    }
}
