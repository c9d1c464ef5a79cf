/// `/_sandbox/*`: what tests and `make run` do to the account that no client of Stripe could.
extension Account {
    /// Answers a request to `/_sandbox/*`. No key is asked: the sandbox listens on loopback only.
    func control(_ request: APIRequest) -> APIAnswer {
        do throws(ControlError) {
            let body = try ControlInput.parse(request.body)
            switch (request.method, request.path) {
            case ("GET", "/_sandbox/state"):
                return APIAnswer(dump())
            case ("POST", "/_sandbox/clock"):
                return APIAnswer(try setClock(body))
            case ("POST", "/_sandbox/faults"):
                return APIAnswer(try addFaults(body))
            case ("DELETE", "/_sandbox/faults"):
                faults.removeAll()
                return APIAnswer(.object(["faults": .list([])]))
            case ("POST", "/_sandbox/seed"):
                let seed = try Seed(body)
                return APIAnswer(try plant(seed))
            default:
                throw ControlError("no such route: \(request.method) \(request.path)", status: 404)
            }
        } catch {
            return error.answer
        }
    }

    /// Moves the sandbox clock: `{"advance_seconds": n}` forward, `{"now": unix}` to any time. It runs on from there.
    private func setClock(_ body: JSONValue) throws(ControlError) -> JSONValue {
        let input = try ControlInput(body, allowing: ["advance_seconds", "now"])
        let advance = try input.integer("advance_seconds", in: 0...SandboxClock.latest)
        let target = try input.integer("now", in: 0...SandboxClock.latest)
        switch (advance, target) {
        case (let seconds?, nil): state.clockOffsetSeconds += seconds
        case (nil, let time?): state.clockOffsetSeconds += time - now
        default: throw ControlError("give either advance_seconds or now")
        }
        noteChange()
        return .object(["now": .integer(now)])
    }

    /// A list of faults, or one.
    private func addFaults(_ body: JSONValue) throws(ControlError) -> JSONValue {
        var added: [Fault] = []
        for item in body.list ?? [body] { added.append(try Fault(item)) }
        try faults.add(added)
        return .object(["faults": .list(faults.waiting.map(\.body))])
    }
}
