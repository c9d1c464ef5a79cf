/// What a parameter's value must look like.
indirect enum ParameterShape: Sendable {
    /// At most so many characters; for most texts `maxLength` is 5000 in Stripe's OpenAPI document
    /// (github.com/stripe/openapi).
    case text(maximum: Int = 5_000)
    case integer(ClosedRange<Int>? = nil)
    case boolean
    case choice([String])
    /// One of the first; the others are Stripe's, and the sandbox has them not.
    case partialChoice([String], unsupported: [String])
    case object([Parameter])
    /// Text to text, each key and value at most so many characters.
    case map(maximumKey: Int, maximumValue: Int, maximumCount: Int)
    /// Metadata: as a map, but an empty value is an order to delete its key.
    case metadata
    case list(ParameterShape, maximum: Int)
    /// Stripe has this parameter; the sandbox has not. It is refused, so that nothing depends on it unnoticed.
    case unsupported

    /// The shape as a version of the API has it.
    func known(to version: APIVersion) -> ParameterShape {
        switch self {
        case .object(let parameters): .object(Parameter.known(parameters, to: version))
        case .list(let element, let maximum): .list(element.known(to: version), maximum: maximum)
        default: self
        }
    }
}
