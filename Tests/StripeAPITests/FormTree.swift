import Foundation

/// A form taken apart again: `a[b]=1` is the text `1` under `b` under `a`. Written apart from the encoder it checks.
struct FormTree {
    indirect enum Node {
        case text(String)
        case map([String: Node])
    }

    private(set) var root = Node.map([:])
    /// Names given twice, and pairs that cannot be read.
    private(set) var faults: [String] = []

    init(encoded: String) {
        for pair in encoded.split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard sides.count == 2, let name = Self.decode(sides[0]), let value = Self.decode(sides[1]) else {
                faults.append("\(pair) cannot be read")
                continue
            }
            let path = name.split(whereSeparator: { $0 == "[" || $0 == "]" }).map(String.init)
            guard let grown = Self.inserting(value, at: path[...], into: root) else {
                faults.append("\(name) is given twice")
                continue
            }
            root = grown
        }
    }

    private static func decode(_ text: Substring) -> String? {
        text.replacingOccurrences(of: "+", with: " ").removingPercentEncoding
    }

    /// Nil where something stands already.
    private static func inserting(_ value: String, at path: ArraySlice<String>, into node: Node?) -> Node? {
        guard let name = path.first else { return node == nil ? .text(value) : nil }
        var children: [String: Node] = [:]
        switch node {
        case .map(let known): children = known
        case .text: return nil
        case nil: break
        }
        guard let child = inserting(value, at: path.dropFirst(), into: children[name]) else { return nil }
        children[name] = child
        return .map(children)
    }
}
