/// Why the sandbox did not start or could not keep its state, in words for the person who typed the command.
struct StartError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
