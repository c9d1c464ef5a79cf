extension String {
    /// The text with every control character but line breaks replaced by U+FFFD: what comes from elsewhere must not
    /// move the cursor or colour the terminal.
    var printable: String { replacingControls(keepingLineBreaks: true) }

    /// The text on one line, without control characters.
    var printableLine: String { replacingControls(keepingLineBreaks: false) }

    private func replacingControls(keepingLineBreaks: Bool) -> String {
        guard unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return self }
        var result = String.UnicodeScalarView()
        for scalar in unicodeScalars {
            if scalar.properties.generalCategory != .control || (keepingLineBreaks && scalar == "\n") {
                result.append(scalar)
            } else {
                result.append(scalar == "\n" ? " " : "\u{FFFD}")
            }
        }
        return String(result)
    }
}
