internal import Metering
internal import RESP

/// `COMMIT`, `RELEASE` and `EXTEND`: commands that name a reservation.
extension ClientConnection {
    func settle(_ command: SpendCall.Command, _ bytes: Span<UInt8>) {
        do throws(ArgumentError) {
            try server.request.readSettlement(command, bytes, self)
            switch server.book.settle(command, server.request.settlement) {
            case .counted where !server.rules.configuration.confirmsWithRedis:
                reply { $0.append(counts: server.book.counts) }
            case .counted: confirm(command)
            case .ok: reply { $0.append(simple: "OK") }
            case .failed(let text): reply { $0.append(errorText: text) }
            case .needsLeases(let entry): ask(server.makeCall(command, entry: entry, client: self))
            case .late(let entry, let request):
                server.request = request
                ask(server.makeCall(.record, entry: entry, client: self))
            }
        } catch {
            reply { $0.append(errorText: error.text) }
        }
    }

    /// It is counted, and answered once Redis has its totals.
    private func confirm(_ command: SpendCall.Command) {
        let book = server.book
        guard let entry = book.leases.first?.entry else { return reply { $0.append(counts: book.counts) } }
        let call = server.makeCall(command, entry: entry, client: self)
        expect(call)
        book.confirmSettled(call)
    }
}

extension SpendRequest {
    /// Replaces what it holds by the arguments of a command that settles a reservation.
    fileprivate mutating func readSettlement(
        _ command: SpendCall.Command, _ bytes: Span<UInt8>, _ client: ClientConnection
    ) throws(ArgumentError) {
        reset()
        let count = client.argumentCount
        guard command == .commit ? count >= 2 && count % 2 == 0 : count == (command == .extend ? 3 : 2) else {
            throw ArgumentError(text: "ERR wrong number of arguments for '\(command.name)' command")
        }
        switch client.server.book.reservations.ids.read(bytes.extracting(client.argument(1))) {
        case .number(let number): settlement.number = number
        case .foreign(let text): throw ArgumentError(text: text)
        }
        if command == .extend { settlement.timeToLive = try Self.timeToLive(bytes, client, 2, "ms") }
        guard command == .commit else { return }
        var index = 2
        while index < count {
            let meter = try meter(bytes, client, index)
            let amount = try amount(command, bytes, client, index + 1, meter)
            for place in settlement.costs.indices where settlement.costs[place].meter == meter {
                throw .bad(Self.text(bytes, client, index), "named twice in one call")
            }
            settlement.costs.append(Settlement.Cost(meter: meter, amount: amount))
            index += 2
        }
    }
}

extension LeaseBook {
    /// Settles a reservation whose tenant's record had to be read first.
    func settle(_ call: SpendCall) {
        // A meter is a place in the catalogue that the call was read by.
        guard call.rules === server.rules || call.request.settlement.costs.isEmpty else {
            return call.finish(.failed("BUSY the plan catalogue was changed meanwhile: repeat the call"))
        }
        switch settle(call.command, call.request.settlement) {
        case .counted:
            guard server.rules.configuration.confirmsWithRedis, !leases.isEmpty else {
                return call.finish(.replied(countsReply))
            }
            confirmSettled(call)
        case .ok:
            var reply = OutputBuffer()
            reply.append(simple: "OK")
            call.finish(.replied(reply))
        case .failed(let text): call.finish(.failed(text))
        // The ledger had the row when the reservation was made, and keeps it while it is open.
        case .needsLeases: call.finish(.failed("STORE the lease of this reservation could not be taken up again"))
        case .late(let entry, let request):
            call.becomeRecord(request, entry)
            server.directory.dispatch(call)
        }
    }

    /// Answers a commit once Redis has what it has just counted.
    func confirmSettled(_ call: SpendCall) {
        call.stands(at: leases)
        confirm(call, .replied(countsReply))
    }

    private var countsReply: OutputBuffer {
        var reply = OutputBuffer()
        reply.append(counts: counts)
        return reply
    }
}
