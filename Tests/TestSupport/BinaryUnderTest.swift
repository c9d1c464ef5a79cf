import Foundation

/// Finds the programs that this package builds.
public enum BinaryUnderTest {
    /// The path of `tollgate`: the environment's `TOLLGATE_BIN`, else the one built with the tests.
    public static func tollgate() throws -> String {
        try find("tollgate", variable: "TOLLGATE_BIN")
    }

    /// The path of `stripe-sandbox`: the environment's `STRIPE_SANDBOX_BIN`, else the one built with the tests.
    public static func stripeSandbox() throws -> String {
        try find("stripe-sandbox", variable: "STRIPE_SANDBOX_BIN")
    }

    private static func find(_ name: String, variable: String) throws -> String {
        if let path = ProcessInfo.processInfo.environment[variable] {
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw TestFailure("\(variable) names \(path), which is no program")
            }
            return path
        }
        let runner = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let path = "\((runner as NSString).deletingLastPathComponent)/\(name)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw TestFailure("\(path) is missing: run `swift build --product \(name)`, or set \(variable)")
        }
        return path
    }
}
