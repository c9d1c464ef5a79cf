internal import Ledger
internal import Metering
internal import RESP

/// Reading the arguments of the commands that Redis decides. Every refusal names the argument and what was wrong.
extension SpendRequest {
    /// How long a reservation lasts that does not say, in microseconds.
    private static let usualTimeToLive: Int64 = 60_000_000
    private static let mostReserved = ReservationKey.maxItems
    /// The largest time a `RECORD … AT` may lie ahead of Redis's clock, in seconds: as Stripe allows
    /// (docs.stripe.com/api/billing/meter-event/create).
    private static let longestAhead: Int64 = 300
    /// How far back it may lie, and how far back usage is refunded: Stripe takes usage of the last 35 days (as above).
    static let longestBack: Int64 = 35 * 86_400

    /// Replaces what it holds by the arguments of the request that `client` has parsed.
    mutating func read(
        _ command: SpendCall.Command, _ bytes: Span<UInt8>, _ client: ClientConnection
    ) throws(ArgumentError) {
        reset()
        timeToLive = min(Self.usualTimeToLive, client.server.rules.configuration.leases.reservationTTL)
        let count = client.argumentCount
        let fewest = command.isReading ? 2 : command == .level || command == .reserve ? 4 : 3
        guard count >= fewest, command != .explain || count <= 3 else {
            throw ArgumentError(text: "ERR wrong number of arguments for '\(command.name)' command")
        }
        guard Identifier.isTenantID(bytes.extracting(client.argument(1))) else {
            throw .bad("tenant", "must be 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -")
        }
        switch command {
        case .feature: try readFeature(bytes, client)
        case .usage, .explain: try readMeterNames(bytes, client)
        case .check, .take, .record, .level, .reserve, .refund: try readPairs(command, bytes, client)
        case .commit, .release, .extend: preconditionFailure("they name a reservation, not a tenant")
        }
    }

    private mutating func readFeature(_ bytes: Span<UInt8>, _ client: ClientConnection) throws(ArgumentError) {
        guard client.argumentCount == 3 else {
            throw ArgumentError(text: "ERR wrong number of arguments for 'feature' command")
        }
        feature = Self.text(bytes, client, 2)
        guard client.server.rules.catalogue.features.contains(feature) else {
            throw .bad("feature", "no feature of this name in the plan catalogue")
        }
    }

    private mutating func readMeterNames(_ bytes: Span<UInt8>, _ client: ClientConnection) throws(ArgumentError) {
        for index in 2..<max(2, client.argumentCount) {
            items.append(SpendCall.Item(meter: try meter(bytes, client, index), amount: 0))
        }
        if items.isEmpty {
            isOfPlan = true
            items = client.server.rules.catalogue.meters.indices.map { SpendCall.Item(meter: $0, amount: 0) }
        }
    }

    private mutating func readPairs(
        _ command: SpendCall.Command, _ bytes: Span<UInt8>, _ client: ClientConnection
    ) throws(ArgumentError) {
        var index = 2
        while index < client.argumentCount {
            if command == .reserve, Self.isWord(bytes, client, index, "TTL") {
                guard !items.isEmpty else { throw .bad("meter", "missing") }
                try readTimeToLive(bytes, client, index)
                break
            }
            if Self.isWord(bytes, client, index, "ID") || Self.isWord(bytes, client, index, "AT") {
                guard !items.isEmpty else { throw .bad("meter", "missing") }
                try readOption(command, bytes, client, &index)
                continue
            }
            guard instant == nil, idempotency == nil else {
                throw .bad(Self.text(bytes, client, index), "meters come before ID and AT")
            }
            let meter = try meter(bytes, client, index)
            index += 1
            let isAlone = items.isEmpty && (index == client.argumentCount || Self.isWord(bytes, client, index, "ID"))
            if isAlone, command == .check || command == .take {
                items.append(SpendCall.Item(meter: meter, amount: 1))
            } else {
                items.append(SpendCall.Item(meter: meter, amount: try amount(command, bytes, client, index, meter)))
                index += 1
            }
        }
        if command == .level { try requireLevel(client) }
        try requireKinds(command, client)
        if command == .refund { try requirePast(client) }
        if idempotency != nil { idempotency?.meaning = Self.meaning(of: command, bytes, client) }
    }

    /// What is in flight is reserved, and nothing else is done with it; and only counters and that can be reserved.
    private func requireKinds(_ command: SpendCall.Command, _ client: ClientConnection) throws(ArgumentError) {
        for index in items.indices {
            let rules = client.server.rules
            let meter = items[index].meter
            if command == .reserve {
                guard rules.isLeased[meter] else {
                    let definition = rules.catalogue.meters[meter]
                    throw .bad(definition.name, "is a \(definition.kind.rawValue), which cannot be reserved: TAKE it")
                }
            } else if command != .check, rules.isLeased[meter], !rules.isCounter[meter] {
                let name = rules.catalogue.meters[meter].name
                throw .bad(name, "counts what is in flight: RESERVE takes of it, and RELEASE gives back")
            }
        }
        guard command != .reserve || items.count <= Self.mostReserved else {
            throw .bad("meter", "a reservation has at most \(Self.mostReserved)")
        }
    }

    private mutating func readTimeToLive(
        _ bytes: Span<UInt8>, _ client: ClientConnection, _ index: Int
    ) throws(ArgumentError) {
        guard index + 2 == client.argumentCount else {
            throw .bad("TTL", index + 1 == client.argumentCount ? "its value is missing" : "comes last, with its value")
        }
        timeToLive = try Self.timeToLive(bytes, client, index + 1, "TTL")
    }

    /// How long a reservation is to last, in microseconds.
    static func timeToLive(
        _ bytes: Span<UInt8>, _ client: ClientConnection, _ index: Int, _ name: String
    ) throws(ArgumentError) -> Int64 {
        let longest = client.server.rules.configuration.leases.reservationTTL / 1000
        guard let milliseconds = integer(bytes.extracting(client.argument(index))), (1...longest).contains(milliseconds)
        else { throw .bad(name, "must be 1 to \(longest) milliseconds (reservation.max_ttl)") }
        return milliseconds * 1000
    }

    func meter(
        _ bytes: Span<UInt8>, _ client: ClientConnection, _ index: Int
    ) throws(ArgumentError) -> Int {
        let name = bytes.extracting(client.argument(index))
        guard let meter = client.server.rules.meterIndex(name) else {
            guard Identifier.isName(name) else {
                throw .bad("meter", "a name is [a-z][a-z0-9_]{0,63}, and not id, at, ttl or period")
            }
            throw ArgumentError(text: "NOMETER no meter named \(Self.text(bytes, client, index)) in the plan catalogue")
        }
        // By index, since an iterator of an array is allocated where nothing is optimised.
        for place in items.indices where items[place].meter == meter {
            throw .bad(Self.text(bytes, client, index), "named twice in one call")
        }
        return meter
    }

    func amount(
        _ command: SpendCall.Command, _ bytes: Span<UInt8>, _ client: ClientConnection, _ index: Int, _ meter: Int
    ) throws(ArgumentError) -> Int64 {
        let lowest: Int64 = command == .take || command == .reserve || command == .refund ? 1 : 0
        if index < client.argumentCount, let amount = Self.integer(bytes.extracting(client.argument(index))),
            amount >= lowest, amount <= Amount.largest
        {
            return amount
        }
        let name = client.server.rules.catalogue.meters[meter].name
        throw .bad(
            "n of \(name)",
            "\(index < client.argumentCount ? "must be" : "missing:") an integer from \(lowest) to \(Amount.largest)")
    }

    private mutating func readOption(
        _ command: SpendCall.Command, _ bytes: Span<UInt8>, _ client: ClientConnection, _ index: inout Int
    ) throws(ArgumentError) {
        let isKey = Self.isWord(bytes, client, index, "ID")
        let word = isKey ? "ID" : "AT"
        guard command == .record || (isKey && (command == .take || command == .refund)) else {
            throw .bad(word, "not an option of \(command.name.uppercased())")
        }
        guard isKey ? idempotency == nil : instant == nil else { throw .bad(word, "given twice") }
        guard index + 1 < client.argumentCount else { throw .bad(word, "its value is missing") }
        if isKey {
            let key = bytes.extracting(client.argument(index + 1))
            guard Identifier.isIdempotencyKey(key) else { throw .bad("ID", "must be 1 to 255 printable bytes") }
            idempotency = (Self.text(bytes, client, index + 1), "")
        } else {
            instant = try readInstant(bytes.extracting(client.argument(index + 1)), client)
        }
        index += 2
    }

    private func readInstant(_ bytes: Span<UInt8>, _ client: ClientConnection) throws(ArgumentError) -> Int64 {
        guard let milliseconds = Self.integer(bytes), milliseconds >= 0 else {
            throw .bad("AT", "must be a time in Unix milliseconds")
        }
        let now = client.server.redisSecond
        guard milliseconds / 1000 <= now + Self.longestAhead else { throw .bad("AT", "lies in the future") }
        guard milliseconds / 1000 >= now - Self.longestBack else {
            throw .bad("AT", "lies more than 35 days back, which Stripe does not take")
        }
        for item in items where client.server.rules.catalogue.meters[item.meter].kind != .counter {
            let name = client.server.rules.catalogue.meters[item.meter].name
            throw .bad("AT", "\(name) is no counter: only those have a past")
        }
        // A clock that is a little ahead of Redis's must not book into an hour that has not begun.
        return min(milliseconds / 1000, now)
    }

    /// What is given back has to be somewhere: in hours, or in a level.
    private func requirePast(_ client: ClientConnection) throws(ArgumentError) {
        for item in items {
            let meter = client.server.rules.catalogue.meters[item.meter]
            if meter.kind == .rate { throw .bad(meter.name, "is a rate: what it let through flows back by itself") }
        }
    }

    private func requireLevel(_ client: ClientConnection) throws(ArgumentError) {
        guard items.count == 1, let item = items.first, client.argumentCount == 4 else {
            throw ArgumentError(text: "ERR wrong number of arguments for 'level' command")
        }
        let meter = client.server.rules.catalogue.meters[item.meter]
        guard meter.kind == .level else {
            throw .bad(meter.name, "is a \(meter.kind.rawValue), not a level")
        }
    }

    // MARK: - Words and numbers

    /// What an idempotency key stands for: the command and all arguments but the key itself.
    private static func meaning(
        of command: SpendCall.Command, _ bytes: Span<UInt8>, _ client: ClientConnection
    ) -> String {
        var words = [command.name]
        var index = 2
        while index < client.argumentCount {
            if isWord(bytes, client, index, "ID") {
                index += 2
            } else {
                words.append(text(bytes, client, index))
                index += 1
            }
        }
        return words.joined(separator: " ")
    }

    static func text(_ bytes: Span<UInt8>, _ client: ClientConnection, _ index: Int) -> String {
        String(decoding: Array(copying: bytes.extracting(client.argument(index))), as: UTF8.self)
    }

    /// Whether an argument is an option word, in any case. No meter has such a name.
    private static func isWord(
        _ bytes: Span<UInt8>, _ client: ClientConnection, _ index: Int, _ word: StaticString
    ) -> Bool {
        let range = client.argument(index)
        guard range.count == word.utf8CodeUnitCount else { return false }
        for index in 0..<range.count where bytes[range.lowerBound + index] & 0xdf != word.utf8Start[index] {
            return false
        }
        return true
    }

    /// Decimal digits with an optional minus, within Int64; nil for anything else.
    static func integer(_ bytes: Span<UInt8>) -> Int64? {
        guard !bytes.isEmpty else { return nil }
        let isNegative = bytes[0] == UInt8(ascii: "-")
        guard bytes.count > (isNegative ? 1 : 0), bytes.count <= 20 else { return nil }
        var value: Int64 = 0
        for index in (isNegative ? 1 : 0)..<bytes.count {
            let digit = Int64(bytes[index]) - 48
            guard (0...9).contains(digit) else { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.subtractingReportingOverflow(digit)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }
}

extension SpendCall.Command {
    /// As Redis names commands in its errors.
    var name: String {
        switch self {
        case .check: "check"
        case .take: "take"
        case .record: "record"
        case .level: "level"
        case .feature: "feature"
        case .usage: "usage"
        case .explain: "explain"
        case .reserve: "reserve"
        case .commit: "commit"
        case .release: "release"
        case .extend: "extend"
        case .refund: "refund"
        }
    }
}
