internal import Metering
internal import Reactor

/// For the log of slow calls.
extension SpendCall {
    /// Keeps the call for `SLOWLOG` if it has waited for so long.
    func noteIfSlow(_ threshold: Int64, _ client: ClientConnection) {
        // A call is due so long after it was asked.
        let duration = server.loop.now - (deadline - rules.configuration.deadline)
        guard duration >= threshold else { return }
        server.slowLog.add(self, duration: duration, client: client, turn: server.loop.now)
    }

    /// The call as it was understood: an amount that was not given stands as 1.
    var words: [String] {
        let name = command.name.uppercased()
        guard !command.isSettling else { return [name] + settlementWords }
        var words = [name, entry.name]
        if command == .feature { words.append(request.feature) }
        for item in request.items where !request.isOfPlan {
            words.append(rules.catalogue.meters[item.meter].name)
            if !command.isReading { words.append(String(item.amount)) }
        }
        if command == .reserve { words += ["TTL", String(request.timeToLive / 1000)] }
        if let idempotency = request.idempotency { words += ["ID", idempotency.key] }
        if let instant = request.instant { words += ["AT", String(instant * 1000)] }
        return words
    }

    private var settlementWords: [String] {
        let settlement = request.settlement
        var words = [String(decoding: server.book.reservations.ids.write(settlement.number), as: UTF8.self)]
        if command == .extend { words.append(String(settlement.timeToLive / 1000)) }
        for cost in settlement.costs { words += [rules.catalogue.meters[cost.meter].name, String(cost.amount)] }
        return words
    }
}
