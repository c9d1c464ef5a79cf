/// One parameter of a route, as Stripe's contract has it.
struct Parameter: Sendable {
    let name: String
    let shape: ParameterShape
    var isRequired = false
    /// Whether an empty text unsets the field instead of being refused.
    var isClearable = false
    /// The versions of the API that have it.
    var versions = APIVersion.allCases

    static func required(_ name: String, _ shape: ParameterShape) -> Parameter {
        Parameter(name: name, shape: shape, isRequired: true)
    }

    static func optional(_ name: String, _ shape: ParameterShape) -> Parameter {
        Parameter(name: name, shape: shape)
    }

    static func clearable(_ name: String, _ shape: ParameterShape) -> Parameter {
        Parameter(name: name, shape: shape, isClearable: true)
    }

    /// Parameters that Stripe has and the sandbox has not.
    static func unsupported(_ names: [String]) -> [Parameter] { names.map { .optional($0, .unsupported) } }

    /// The same parameter, unknown to the other versions.
    func only(_ versions: APIVersion...) -> Parameter {
        var parameter = self
        parameter.versions = versions
        return parameter
    }

    /// Those that a version has, with what is nested in them.
    static func known(_ parameters: [Parameter], to version: APIVersion) -> [Parameter] {
        parameters.filter { $0.versions.contains(version) }.map { parameter in
            var known = Parameter(
                name: parameter.name, shape: parameter.shape.known(to: version), isRequired: parameter.isRequired,
                isClearable: parameter.isClearable)
            known.versions = parameter.versions
            return known
        }
    }
}
