import ArgumentParser

/// How the result is written.
struct OutputOptions: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Write one JSON document, for programs.")
    var isJSON = false

    /// Writes the result to standard output.
    func show(_ document: JSONValue, text: (TextStyle) -> String) {
        Console.standard.show(document, asJSON: isJSON, text: text)
    }
}
