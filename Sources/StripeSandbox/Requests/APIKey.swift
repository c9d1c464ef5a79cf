import FoundationEssentials

/// The check of the `Authorization` header: any test key is as good as another, a live key is refused.
enum APIKey {
    /// Accepts `Bearer <key>` and `Basic base64(<key>:)`, as Stripe does.
    ///
    /// - Throws: 401 when the header is missing or malformed, or holds no `sk_test_` or `rk_test_` key.
    static func check(_ request: APIRequest) throws(APIError) {
        guard let header = request.header("authorization"), !header.isEmpty else {
            throw .unauthenticated(
                "You did not provide an API key. Provide it in the Authorization header, using Bearer auth "
                    + "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY').")
        }
        guard let key = key(in: header) else {
            throw .unauthenticated(
                "The Authorization header is neither 'Bearer YOUR_SECRET_KEY' nor Basic auth with the key as the user."
            )
        }
        let isTestKey = ["sk_test_", "rk_test_"].contains { key.hasPrefix($0) && key.count > $0.count }
        guard isTestKey else {
            // A real key sent here by mistake must not end up whole in somebody's log.
            throw .unauthenticated(
                "Invalid API Key provided: \(key.prefix(8))***. The sandbox takes sk_test_… and rk_test_… keys only.")
        }
    }

    private static func key(in header: String) -> String? {
        let parts = header.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2 else { return nil }
        switch parts[0].lowercased() {
        case "bearer":
            return String(parts[1])
        case "basic":
            guard let data = Data(base64Encoded: String(parts[1])) else { return nil }
            guard let pair = String(validating: data, as: UTF8.self) else { return nil }
            return pair.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
        default:
            return nil
        }
    }
}
