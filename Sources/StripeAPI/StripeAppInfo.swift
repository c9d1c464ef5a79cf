/// Who is calling, as Stripe's own libraries say it in `User-Agent` and `X-Stripe-Client-User-Agent`.
public struct StripeAppInfo: Sendable {
    /// The program's name.
    public var name: String
    /// Its version.
    public var version: String
    /// Where to read about it, if anywhere.
    public var url: String?

    /// Takes its parts as they are; they must be printable ASCII.
    public init(name: String, version: String, url: String? = nil) {
        self.name = name
        self.version = version
        self.url = url
    }

    /// `name/version (url)`.
    var userAgent: String {
        let product = "\(name)/\(version)"
        return url.map { "\(product) (\($0))" } ?? product
    }

    /// A JSON object with the field names of Stripe's own libraries.
    var clientUserAgent: String {
        var application = [("name", name), ("version", version)]
        if let url { application.append(("url", url)) }
        let fields = application.map { "\"\($0.0)\":\(Self.quoted($0.1))" }.joined(separator: ",")
        return "{\"lang\":\"swift\",\"publisher\":\(Self.quoted(name)),\"bindings_version\":\(Self.quoted(version)),"
            + "\"application\":{\(fields)}}"
    }

    private static func quoted(_ text: String) -> String {
        let escaped = text.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\""
    }
}
