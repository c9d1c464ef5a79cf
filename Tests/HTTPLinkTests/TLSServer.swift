import Foundation
import Glibc

/// `openssl s_server` with a certificate of its own for 127.0.0.1, answering every GET with a page.
final class TLSServer {
    struct SetupError: Error {
        let message: String
    }

    let certificate: URL
    let port: Int
    private let folder: URL
    private let process: Process

    init() async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appendingPathComponent("certificate.pem")
        let key = folder.appendingPathComponent("key.pem").path
        let making = try Self.openssl([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate.path, "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        ])
        making.process.waitUntilExit()
        let serving = try Self.openssl([
            "s_server", "-accept", "127.0.0.1:0", "-cert", certificate.path, "-key", key, "-www", "-tls1_2",
        ])
        process = serving.process
        port = try Self.port(from: serving.output)
    }

    func stop() {
        // A process started from a Swift task inherits a signal mask that holds SIGTERM back.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    private static func openssl(_ arguments: [String]) throws -> (process: Process, output: FileHandle) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl") else {
            throw SetupError(message: "this test needs openssl: apt-get install openssl")
        }
        try process.run()
        return (process, output.fileHandleForReading)
    }

    /// The server says `ACCEPT 127.0.0.1:PORT` once it listens.
    private static func port(from output: FileHandle) throws -> Int {
        var text = ""
        while true {
            let data = output.availableData
            guard !data.isEmpty else { throw SetupError(message: "openssl s_server ended: \(text)") }
            text += String(decoding: data, as: UTF8.self)
            for line in text.split(separator: "\n").dropLast(text.hasSuffix("\n") ? 0 : 1)
            where line.hasPrefix("ACCEPT") {
                if let port = line.split(separator: ":").last.flatMap({ Int($0) }) { return port }
            }
        }
    }
}
