/// The problems of meter events that were taken and found wrong later, gathered until their validation window ends.
/// The windows are ten seconds of the sandbox clock, as in the docs' example of a report
/// (docs.stripe.com/billing/subscriptions/usage-based/recording-usage-api#handle-meter-event-errors).
struct ErrorReports: Codable, Sendable {
    static let windowSeconds = 10
    /// "A sample", not a list: most events that are named for each code.
    static let maximumSamples = 5

    /// One report: what was wrong with the events of a meter in one window.
    struct Report: Codable, Sendable {
        struct Sample: Codable, Sendable {
            let message: String
            let identifier: String
        }

        struct Kind: Codable, Sendable {
            var count = 0
            var samples: [Sample] = []
        }

        let start: Int
        /// Nil for the events that name no meter.
        let meter: String?
        /// By code.
        var kinds: [String: Kind] = [:]
    }

    private var open: [Report] = []

    mutating func add(_ problem: EventProblem, identifier: String, now: Int) {
        let start = now - now % Self.windowSeconds
        var index = open.firstIndex { $0.start == start && $0.meter == problem.meter }
        if index == nil {
            open.append(Report(start: start, meter: problem.meter))
            index = open.count - 1
        }
        guard let index else { return }
        var kind = open[index].kinds[problem.code] ?? Report.Kind()
        kind.count += 1
        if kind.samples.count < Self.maximumSamples {
            kind.samples.append(Report.Sample(message: problem.message, identifier: identifier))
        }
        open[index].kinds[problem.code] = kind
    }

    /// The reports whose windows have ended, which are then no longer gathered.
    mutating func takeEnded(now: Int) -> [Report] {
        guard open.contains(where: { $0.start + Self.windowSeconds <= now }) else { return [] }
        let ended = open.filter { $0.start + Self.windowSeconds <= now }
        open.removeAll { $0.start + Self.windowSeconds <= now }
        return ended
    }
}

extension ErrorReports.Report {
    /// The `data` of the event that tells of the report.
    var data: JSONValue {
        let total = kinds.values.reduce(0) { $0 + $1.count }
        let types = kinds.sorted { $0.key < $1.key }.map { code, kind in
            JSONValue.object([
                "code": .text(code),
                "error_count": .integer(kind.count),
                "sample_errors": .list(kind.samples.map(\.body)),
            ])
        }
        return .object([
            "developer_message_summary": .text(
                total == 1 ? "There is 1 invalid event" : "There are \(total) invalid events"),
            "reason": .object(["error_count": .integer(total), "error_types": .list(types)]),
            "validation_start": .text(RFC3339.text(start)),
            "validation_end": .text(RFC3339.text(start + ErrorReports.windowSeconds)),
        ])
    }
}

extension ErrorReports.Report.Sample {
    fileprivate var body: JSONValue {
        .object(["error_message": .text(message), "request": .object(["identifier": .text(identifier)])])
    }
}
