import COpenSSL

/// HMAC with SHA-256 (RFC 2104).
enum MessageAuthentication {
    /// The 32 bytes that whoever knows the key makes of a message.
    static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
        var code = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
        _ = HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, nil)
        return code
    }
}
