import Foundation
import Yams

/// Reads one yaml file into a ``YAMLValue``. The only place that knows Yams.
struct YAMLFile {
    /// Larger files are refused: a catalogue of a thousand plans is far smaller.
    static let largestBytes = 4 << 20
    /// More values are refused: aliases of aliases make any number of them out of a few lines.
    static let mostValues = 200_000

    let path: String
    let problems: ProblemList

    /// The file's document; an empty file is an empty mapping. Nil if it cannot be read, with the problem noted.
    func read() -> YAMLValue? {
        guard let text = readText() else { return nil }
        do {
            guard let node = try Yams.compose(yaml: text, .default, .default, .utf8) else {
                return YAMLValue(origin: .file(path: path, line: 1, column: 1), content: .mapping([]))
            }
            var budget = YAMLFile.mostValues
            let document = value(of: node, &budget)
            guard budget > 0 else {
                problems.add(.wholeFile(path: path), "has more than \(YAMLFile.mostValues) values")
                return nil
            }
            return document
        } catch let error as YamlError {
            note(error)
        } catch {
            problems.add(.wholeFile(path: path), "cannot be parsed as yaml: \(error)")
        }
        return nil
    }

    private func readText() -> String? {
        do {
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            guard data.count <= YAMLFile.largestBytes else {
                problems.add(
                    .wholeFile(path: path), "has \(data.count) bytes, allowed are \(YAMLFile.largestBytes)")
                return nil
            }
            guard let text = String(validating: data, as: UTF8.self) else {
                problems.add(.wholeFile(path: path), "is not UTF-8 text")
                return nil
            }
            return text
        } catch {
            problems.add(.wholeFile(path: path), "cannot be read: \(reason(error))")
            return nil
        }
    }

    private func note(_ error: YamlError) {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = context.map { ", \($0.text) in line \($0.mark.line)" } ?? ""
            problems.add(origin(mark), "not valid yaml: \(problem)\(place)")
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
            problems.add(origin(context.mark), "duplicate key \(names): a key stands once in its mapping")
        case .reader(let problem, let offset, _, _):
            problems.add(
                .wholeFile(path: path), "not valid yaml: \(problem)\(offset.map { " at character \($0 + 1)" } ?? "")")
        default:
            problems.add(.wholeFile(path: path), "not valid yaml: \(error)")
        }
    }

    /// The value of a node and all below it, as far as the budget of values reaches.
    private func value(of node: Node, _ budget: inout Int) -> YAMLValue {
        let origin = origin(node.mark)
        guard budget > 0 else { return YAMLValue(origin: origin, content: .null) }
        budget -= 1
        switch node {
        case .scalar(let scalar):
            let isPlain = scalar.style == .plain
            if isPlain, ["", "~", "null", "Null", "NULL"].contains(scalar.string) {
                return YAMLValue(origin: origin, content: .null)
            }
            return YAMLValue(origin: origin, content: .scalar(scalar.string, isPlain: isPlain))
        case .sequence(let sequence):
            return YAMLValue(origin: origin, content: .list(sequence.map { value(of: $0, &budget) }))
        case .mapping(let mapping):
            let entries = mapping.compactMap { key, value -> YAMLValue.Entry? in
                guard case .scalar(let scalar) = key else {
                    problems.add(self.origin(key.mark), "a key must be text")
                    return nil
                }
                return YAMLValue.Entry(
                    key: scalar.string, keyOrigin: self.origin(key.mark), value: self.value(of: value, &budget))
            }
            return YAMLValue(origin: origin, content: .mapping(entries))
        case .alias:
            // Parsing replaces each alias by what it stands for, so none is left here.
            return YAMLValue(origin: origin, content: .null)
        }
    }

    private func origin(_ mark: Mark?) -> SettingOrigin {
        mark.map { .file(path: path, line: $0.line, column: $0.column) } ?? .wholeFile(path: path)
    }
}

/// The reason of a failed file operation without Foundation's path and domain around it.
func reason(_ error: any Error) -> String {
    guard let code = (error as? CocoaError)?.underlying.flatMap({ $0 as? POSIXError })?.code else {
        return error.localizedDescription
    }
    return switch code {
    case .ENOENT: "no such file"
    case .EACCES, .EPERM: "permission denied"
    case .EISDIR: "it is a directory"
    default: POSIXError(code).localizedDescription
    }
}
