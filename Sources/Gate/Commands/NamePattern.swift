/// A pattern for names, in which `*` stands for any letters and `?` for one, in any case.
struct NamePattern {
    private let pattern: [UInt8]

    init(_ text: String) { pattern = Array(text.lowercased().utf8) }

    /// Takes as many steps as pattern and name are long, multiplied.
    func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        var (place, index) = (0, 0)
        /// Behind the last `*`, and where in the name what follows it was tried.
        var retry: (place: Int, index: Int)?
        while index < name.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                place += 1
                retry = (place, index)
            } else if place < pattern.count, pattern[place] == name[index] || pattern[place] == UInt8(ascii: "?") {
                place += 1
                index += 1
            } else if let last = retry {
                (place, index) = (last.place, last.index + 1)
                retry = (place, index)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
