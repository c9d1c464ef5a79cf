/// One parameter of a route, as Stripe's contract has it.
struct Parameter: Sendable {
    let name: String
    let shape: ParameterShape
    var isRequired = false
    /// Whether an empty text unsets the field instead of being refused.
    var isClearable = false

    static func required(_ name: String, _ shape: ParameterShape) -> Parameter {
        Parameter(name: name, shape: shape, isRequired: true)
    }

    static func optional(_ name: String, _ shape: ParameterShape) -> Parameter {
        Parameter(name: name, shape: shape)
    }

    static func clearable(_ name: String, _ shape: ParameterShape) -> Parameter {
        Parameter(name: name, shape: shape, isClearable: true)
    }
}
