import COpenSSL

/// HMAC with SHA-256 (RFC 2104).
enum MessageAuthentication {
    /// The 32 bytes that whoever knows the key makes of a message.
    static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        let block = 64
        var padded = key.count > block ? digest(key) : key
        padded += [UInt8](repeating: 0, count: block - padded.count)
        let inner = digest(padded.map { $0 ^ 0x36 } + message)
        return digest(padded.map { $0 ^ 0x5c } + inner)
    }

    private static func digest(_ bytes: [UInt8]) -> [UInt8] {
        var sum = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = SHA256(bytes, bytes.count, &sum)
        return sum
    }
}
