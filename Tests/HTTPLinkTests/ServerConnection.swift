import Foundation
import Glibc

/// The server's end of one connection, used by the one thread that serves it.
struct ServerConnection {
    let fd: Int32

    /// The head and body of the next request, or nil when the peer has closed.
    func readRequest() -> String? {
        var bytes: [UInt8] = []
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let length = Self.contentLength(in: text[..<end.lowerBound])
                if text[end.upperBound...].utf8.count >= length { return text }
            }
            guard let more = receive() else { return nil }
            bytes += more
        }
    }

    /// Bytes as they come, or nil when the peer has closed.
    func receive() -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(fd, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    /// Returns when the peer has closed.
    func waitForClose() {
        while receive() != nil {}
    }

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(fd, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            if count <= 0 { return }
            sent += count
        }
    }

    func answer(_ status: String = "200 OK", headers: [String] = [], body: String = "") {
        let lines = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        write(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
    }

    /// Makes the coming close a reset instead of an orderly end.
    func resetOnClose() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    }

    /// TCP_USER_TIMEOUT of the client's end, which is in this process too; nil when it is not found.
    var deliveryLimitOfPeer: Int32? {
        let port = Self.port { getpeername(fd, $0, $1) }
        for other in Int32(0)..<1024 where other != fd && Self.port({ getsockname(other, $0, $1) }) == port {
            var limit: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(other, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &limit, &size) == 0 else { continue }
            return limit
        }
        return nil
    }

    /// Nil for what is no IPv4 socket.
    private static func port(
        _ read: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
    ) -> in_port_t? {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { read($0, &length) }
        }
        return result == 0 && address.sin_family == sa_family_t(AF_INET) ? address.sin_port : nil
    }

    private static func contentLength(in head: Substring) -> Int {
        for line in head.split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
            return Int(line.split(separator: " ").last ?? "") ?? 0
        }
        return 0
    }
}
