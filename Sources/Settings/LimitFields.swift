import Metering

/// The keys that a meter and a limit have in common: what a meter says is the default of its limits.
struct LimitFields {
    private let fields: MappingReader
    private let kind: MeterKind
    private let unit: String?

    init(_ fields: MappingReader, kind: MeterKind, unit: String?) {
        self.fields = fields
        self.kind = kind
        self.unit = unit
    }

    func alerts() -> [Threshold]? {
        ThresholdReader(countsBytes: unit == "bytes", problems: fields.problems).read(fields, kind: kind)
    }

    func mode() -> LimitMode? {
        // A rate that lets calls through has no number to bill, nor has what is in flight: their modes are hard and
        // shadow.
        let isUnbilled = kind == .rate || kind == .concurrency
        return fields.word("mode", allowed: isUnbilled ? [LimitMode.hard, .shadow] : LimitMode.allCases)
    }

    func onStoreFailure() -> StoreFailurePolicy? {
        fields.word(
            "on_store_failure", allowed: kind == .counter ? StoreFailurePolicy.allCases : [.deny],
            later: kind == .counter ? [] : [StoreFailurePolicy.allow.rawValue, StoreFailurePolicy.fraction.rawValue])
    }

    func leaseOff() -> Bool? {
        fields.parsed("lease", allowed: "off") { text, _ in text == "off" ? true : nil }
    }
}
