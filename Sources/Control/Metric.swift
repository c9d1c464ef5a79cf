/// One family of the metrics page (prometheus.io/docs/instrumenting/exposition_formats).
public struct Metric: Sendable, Equatable {
    /// How Prometheus reads the numbers.
    public enum Kind: String, Sendable {
        /// Only grows while the process lives.
        case counter
        /// Goes up and down.
        case gauge
        /// Samples named `_bucket`, `_sum` and `_count`.
        case histogram
    }

    /// One line.
    public struct Sample: Sendable, Equatable {
        /// What is added to the family's name, such as `_bucket`; usually nothing.
        public var suffix: String
        /// Names and values, in the order they are written.
        public var labels: [(name: String, value: String)]
        /// The number.
        public var value: Double

        /// A sample with its labels.
        public init(_ value: Double, labels: [(name: String, value: String)] = [], suffix: String = "") {
            self.suffix = suffix
            self.labels = labels
            self.value = value
        }

        /// The same line.
        public static func == (left: Sample, right: Sample) -> Bool {
            left.suffix == right.suffix && left.value == right.value
                && left.labels.elementsEqual(right.labels) { $0.name == $1.name && $0.value == $1.value }
        }
    }

    /// The family's name: `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    public var name: String
    /// A sentence that says what is counted, with its unit.
    public var help: String
    /// How the numbers are read.
    public var kind: Kind
    /// Its lines.
    public var samples: [Sample]

    /// A family with its samples.
    public init(_ name: String, help: String, kind: Kind, samples: [Sample]) {
        self.name = name
        self.help = help
        self.kind = kind
        self.samples = samples
    }

    /// A family of one number.
    public init(_ name: String, help: String, kind: Kind, _ value: Double) {
        self.init(name, help: help, kind: kind, samples: [Sample(value)])
    }

    /// A page in the text format, version 0.0.4.
    static func page(_ metrics: [Metric]) -> String {
        var page = ""
        for metric in metrics {
            page += "# HELP \(metric.name) \(escaped(metric.help, quotes: false))\n"
            page += "# TYPE \(metric.name) \(metric.kind.rawValue)\n"
            for sample in metric.samples {
                let labels = sample.labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }
                let braces = labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
                page += "\(metric.name)\(sample.suffix)\(braces) \(number(sample.value))\n"
            }
        }
        return page
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for character in text {
            switch character {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.append(character)
            }
        }
        return escaped
    }

    /// Whole numbers without a fraction; Prometheus spells infinity with a sign.
    private static func number(_ value: Double) -> String {
        if let whole = Int64(exactly: value) { return String(whole) }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value.isNaN ? "NaN" : String(value)
    }
}
