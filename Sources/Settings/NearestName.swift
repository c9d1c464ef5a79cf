/// Finds what somebody meant who mistyped a name.
enum NearestName {
    /// The candidate that fewest typing slips turn the name into; nil if none is near. A slip is a letter too many, too
    /// few, another one, or two swapped; a third of the name's letters may be wrong, and two always.
    static func of(_ name: String, in candidates: [String]) -> String? {
        let near = candidates.map { (candidate: $0, slips: slips(Array(name.utf8), Array($0.utf8))) }
            .min { $0.slips < $1.slips }
        guard let near, near.slips <= max(2, name.utf8.count / 3), near.slips < name.utf8.count else { return nil }
        return near.candidate
    }

    /// What follows an unknown name in a message: the nearest one, else all that are allowed.
    static func hint(_ name: String, in candidates: [String]) -> String {
        if let near = of(name, in: candidates) { return "did you mean \"\(near)\"?" }
        return candidates.isEmpty ? "none is allowed here" : "allowed are \(candidates.joined(separator: ", "))"
    }

    /// The optimal string alignment distance.
    private static func slips(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for row in one.indices {
            var current = [row + 1]
            for column in other.indices {
                let change = last[column] + (one[row] == other[column] ? 0 : 1)
                var best = min(change, last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[other.count]
    }
}
