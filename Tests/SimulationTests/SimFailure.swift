/// What a history broke.
struct SimFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
