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
        var words = [command.name.uppercased(), entry.name]
        if command == .feature { words.append(request.feature) }
        for item in request.items where !request.isOfPlan {
            words.append(rules.catalogue.meters[item.meter].name)
            if command != .usage { words.append(String(item.amount)) }
        }
        if let idempotency = request.idempotency { words += ["ID", idempotency.key] }
        if let instant = request.instant { words += ["AT", String(instant * 1000)] }
        return words
    }
}
