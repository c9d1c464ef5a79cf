import FoundationEssentials

/// An operator's file of customers and the tenants they are: CSV (`cus_1,acme`) or yaml (`cus_1: acme`), a customer a
/// line. Empty lines, comments (`#`), a yaml document's `---` and a CSV's line of titles are passed over.
struct MappingFile: Equatable {
    /// What a control request takes; more is imported from several files, one after the other.
    static let mostCustomers = 20_000
    /// In bytes. A request's body has 1 MiB, and other things to say.
    static let largest = 900_000

    /// Tenants by customer.
    let tenants: [String: String]

    /// Reads a file.
    init(path: String) throws(CommandFailure) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw CommandFailure("\(path): cannot be read: is it there, and yours to read?", .usage)
        }
        try self.init(String(decoding: data, as: UTF8.self), name: path)
    }

    /// Reads its text; `name` is for errors.
    init(_ text: String, name: String) throws(CommandFailure) {
        guard text.utf8.count <= Self.largest else {
            throw CommandFailure(
                "\(name): has more than \(Self.largest) bytes: split it, and import part by part", .usage)
        }
        var tenants: [String: String] = [:]
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = Self.trimmed(line)
            guard !line.isEmpty, !line.hasPrefix("#"), line != "---" else { continue }
            guard let (customer, tenant) = Self.pair(line) else {
                throw CommandFailure(
                    "\(name):\(index + 1): is neither `customer,tenant` nor `customer: tenant`", .usage)
            }
            guard customer.hasPrefix("cus_") else {
                if tenants.isEmpty, customer.lowercased().hasPrefix("customer") { continue }
                throw CommandFailure(
                    "\(name):\(index + 1): \"\(customer)\" is no customer's id: those begin with cus_", .usage)
            }
            if let other = tenants.updateValue(tenant, forKey: customer), other != tenant {
                throw CommandFailure(
                    "\(name):\(index + 1): \(customer) is \(other) already, in an earlier line", .usage)
            }
        }
        guard tenants.count <= Self.mostCustomers else {
            throw CommandFailure(
                "\(name): has \(tenants.count) customers, at most \(Self.mostCustomers) at once: split it, and import "
                    + "part by part", .usage)
        }
        self.tenants = tenants
    }

    /// A customer's id holds neither separator, a tenant's may hold a colon.
    private static func pair(_ line: Substring) -> (customer: String, tenant: String)? {
        guard let place = line.firstIndex(where: { $0 == "," || $0 == ":" }) else { return nil }
        let customer = unquoted(trimmed(line[..<place]))
        let tenant = unquoted(trimmed(line[line.index(after: place)...]))
        guard !customer.isEmpty, !tenant.isEmpty else { return nil }
        return (String(customer), String(tenant))
    }

    private static func unquoted(_ text: Substring) -> Substring {
        guard let mark = text.first, mark == "\"" || mark == "'", text.count >= 2, text.last == mark else {
            return text
        }
        return text.dropFirst().dropLast()
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let rest = text.drop(while: \.isWhitespace)
        return rest[..<(rest.lastIndex { !$0.isWhitespace }.map { rest.index(after: $0) } ?? rest.startIndex)]
    }
}
