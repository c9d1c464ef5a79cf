extension HTTPRequest {
    /// What makes the request unsendable, or nil. libcurl would pass a line break in a header on as another header.
    var fault: String? {
        if method.isEmpty || !method.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) {
            return "the method must be capital letters"
        }
        if !url.hasPrefix("http://") && !url.hasPrefix("https://") {
            return "the address must begin with http:// or https://"
        }
        if url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
            return "the address holds a space or a control character"
        }
        for (name, value) in headers {
            guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x3A && $0 != 0x3B }) else {
                return "a header name holds a character that names cannot have"
            }
            if value.utf8.contains(where: { $0 == 0 || $0 == 0x0A || $0 == 0x0D }) {
                return "the value of the header \(name) holds a line break or a NUL"
            }
        }
        return nil
    }
}
