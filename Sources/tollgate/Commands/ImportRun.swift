/// One run of an import: reads page by page, shows what comes of it, and counts.
struct ImportRun {
    /// How many tenants are kept in mind in order to see those that several customers want to be. Beyond that only
    /// those of one page are seen, and those that are written already.
    private static let mostRemembered = 500_000
    /// How many tenants a request may leave out.
    private static let mostExcepted = 10_000

    let client: ControlClient
    let mapping: [String: String]
    let reason: String?
    let isJSON: Bool
    private var customerOf: [String: String] = [:]
    private var doubled: Set<String> = []
    private var unseen: Set<String>
    private var counts: [String: Int64] = [:]
    private var writer = PieceWriter { Console.standard.write($0) }

    init(client: ControlClient, mapping: [String: String], reason: String?, isJSON: Bool) {
        self.client = client
        self.mapping = mapping
        self.reason = reason
        self.isJSON = isJSON
        unseen = Set(mapping.keys)
    }

    /// Whether something is left to be done.
    var differs: Bool { ["create", "update", "conflict"].contains { (counts[$0] ?? 0) > 0 } }

    /// Reads all, writing nothing: shows what would be done if that is all that is wanted.
    mutating func check(after: String?, isLast: Bool) async throws {
        try await read(after: after, isApplying: false) { run, item in
            let item = run.remembered(item)
            if isLast { run.show(item) }
        }
        if !isLast { counts = [:] }
    }

    /// Writes what can be written.
    mutating func apply(after: String?) async throws {
        guard doubled.count <= Self.mostExcepted else {
            throw CommandFailure(
                "\(doubled.count) tenants are named by several customers each: put that right first", .fault)
        }
        try await read(after: after, isApplying: true) { run, item in run.show(item) }
    }

    /// Writes what stands below the list.
    mutating func finish(isApplied: Bool) {
        if isJSON {
            var summary = counts.mapValues { JSONValue.integer($0) }
            summary["not_found"] = .list(unseen.sorted().map { .text($0) })
            writer.append(
                JSONValue.object([
                    "summary": .object(summary), "applied": .boolean(isApplied), "differs": .boolean(differs),
                ]).document + "\n")
        } else {
            writer.append(ImportText.summary(counts, notFound: unseen.sorted(), isApplied: isApplied))
        }
        writer.flush()
    }

    private mutating func read(
        after start: String?, isApplying: Bool, _ take: (inout ImportRun, JSONValue) -> Void
    ) async throws {
        let bar = ProgressBar(console: .standard, label: isApplying ? "importing customers" : "reading customers")
        var after = start
        var read: Int64 = 0
        var places: Set<String> = []
        while true {
            let page: JSONValue
            do {
                page = try await client.send(
                    "POST", ControlPath("/v1/stripe/import"), body: body(after: after, isApplying: isApplying),
                    deadline: StripeCommand.deadline)
            } catch {
                bar.clear()
                writer.flush()
                let place = after.map { "\nIt came as far as \($0): --after \($0) goes on from there." } ?? ""
                throw CommandFailure(error.message + place, error.outcome)
            }
            bar.clear()
            for item in page["items"]?.list ?? [] {
                if let customer = item["customer"]?.text { unseen.remove(customer) }
                take(&self, item)
            }
            // What is above the bar must be out before it is drawn.
            writer.flush()
            read += page["customers"]?.integer ?? 0
            counts["foreign", default: 0] += page["foreign"]?.integer ?? 0
            bar.show(read)
            guard let next = page["next"]?.text else { break }
            guard places.insert(next).inserted else { throw CommandFailure("the customers do not end", .fault) }
            after = next
        }
        bar.clear()
    }

    private func body(after: String?, isApplying: Bool) -> JSONValue {
        .object([
            "after": .optional(after), "apply": .boolean(isApplying),
            "mapping": .object(mapping.mapValues { .text($0) }),
            "except": .list(isApplying ? doubled.sorted().map { .text($0) } : []), "reason": .optional(reason),
        ])
    }

    /// Keeps in mind whose tenant it is; an item whose tenant another page's customer is too becomes a conflict.
    private mutating func remembered(_ item: JSONValue) -> JSONValue {
        guard let tenant = item["tenant"]?.text, let customer = item["customer"]?.text else { return item }
        if item["code"]?.text == "several_customers" { doubled.insert(tenant) }
        guard let other = customerOf[tenant], other != customer else {
            if customerOf.count < Self.mostRemembered { customerOf[tenant] = customer }
            return item
        }
        doubled.insert(tenant)
        guard case .object(var members) = item else { return item }
        members["state"] = .text("conflict")
        members["code"] = .text("several_customers")
        members["detail"] = .text("\(other) is named for \(tenant) too: correct one of them")
        return .object(members)
    }

    private mutating func show(_ item: JSONValue) {
        let state = item["state"]?.text ?? "-"
        counts[state, default: 0] += 1
        if isJSON {
            writer.append(item.document + "\n")
        } else if state != "unchanged" {
            writer.append(ImportText.line(item, Console.standard.style))
        }
    }
}
