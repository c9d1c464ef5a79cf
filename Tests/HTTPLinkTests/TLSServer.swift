import Foundation
import Glibc
import TestSupport

/// `openssl s_server` with a certificate of its own for 127.0.0.1.
final class TLSServer {
    /// What it serves.
    enum Mode {
        /// A page for every GET, over HTTP/1.
        case page
        /// An empty answer, or none, over HTTP/2.
        case http2(answers: Bool)
    }

    struct SetupError: Error {
        let message: String
    }

    let certificate: URL
    let port: Int
    private let folder: URL
    private let process: Process
    /// Its half that speaks HTTP/2, in that mode.
    let http2: HTTP2Server?

    init(mode: Mode = .page) async throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appendingPathComponent("certificate.pem")
        let key = folder.appendingPathComponent("key.pem").path
        let making = try Self.openssl([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate.path, "-days", "2",
            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
        ])
        making.process.waitUntilExit()
        let common = ["s_server", "-cert", certificate.path, "-key", key, "-tls1_2"]
        switch mode {
        case .page:
            let serving = try Self.openssl(common + ["-accept", "127.0.0.1:0", "-www"])
            process = serving.process
            port = try Self.port(from: serving.output)
            http2 = nil
        case .http2(let answers):
            // With -quiet its input and output are what the client reads and writes, and nothing else; so it does not
            // say when it listens either.
            let free = try LoopbackServer.closedPort()
            let input = Pipe()
            let serving = try Self.openssl(
                common + ["-accept", "127.0.0.1:\(free)", "-alpn", "h2", "-quiet"], input: input)
            process = serving.process
            port = Int(free)
            http2 = HTTP2Server(
                fromClient: serving.output, toClient: input.fileHandleForWriting, answers: answers)
            try await eventually("the server listens") { try Self.isListening(free) }
        }
    }

    func stop() {
        // A process started from a Swift task inherits a signal mask that holds SIGTERM back.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Asks the kernel, since a connection made to find out would be one that the server has to serve.
    private static func isListening(_ port: UInt16) throws -> Bool {
        let sockets = try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)
        let hex = String(port, radix: 16, uppercase: true)
        let local = "0100007F:" + String(repeating: "0", count: 4 - hex.count) + hex
        return sockets.split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[1] == local && fields[3] == "0A"
        }
    }

    private static func openssl(_ arguments: [String], input: Pipe? = nil) throws -> (
        process: Process, output: FileHandle
    ) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        if let input { process.standardInput = input } else { process.standardInput = FileHandle.nullDevice }
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
