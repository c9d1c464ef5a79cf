/// `/_sandbox/*`: what tests and `make run` do to the account that no client of Stripe could.
extension Account {
    /// Answers a request to `/_sandbox/*`. No key is asked: the sandbox listens on loopback only.
    func control(_ request: APIRequest) -> APIAnswer {
        do throws(ControlError) {
            settle()
            let body = try ControlInput.parse(request.body)
            switch (request.method, request.path) {
            case ("GET", "/_sandbox/state"):
                return APIAnswer(dump(withUsage: try ControlQuery(request, allowing: ["usage"]).flag("usage")))
            case ("GET", "/_sandbox/usage"):
                return APIAnswer(try usagePage(request))
            case ("GET", "/_sandbox/settings"):
                return APIAnswer(settings.body)
            case ("POST", "/_sandbox/settings"):
                try settings.apply(body)
                return APIAnswer(settings.body)
            case ("GET", "/_sandbox/chaos"):
                return APIAnswer(chaos?.body ?? .object([:]))
            case ("POST", "/_sandbox/chaos"):
                let wanted = try Chaos(body)
                chaos = wanted.percent > 0 ? wanted : nil
                return APIAnswer(wanted.body)
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
                return APIAnswer(try billingControl(request, body))
            }
        } catch {
            return error.answer
        }
    }

    /// Those about invoices and webhooks.
    private func billingControl(_ request: APIRequest, _ body: JSONValue) throws(ControlError) -> JSONValue {
        switch (request.method, request.path) {
        case ("GET", "/_sandbox/webhooks"): return webhookDump()
        case ("POST", "/_sandbox/webhooks"): return try plantWebhook(body)
        case ("POST", "/_sandbox/webhooks/secret"): return try rollSecret(body)
        case ("POST", "/_sandbox/webhooks/deliveries"): return try setDeliveries(body)
        case ("POST", "/_sandbox/trigger"): return try trigger(body)
        case ("POST", "/_sandbox/invoices"): return try setInvoices(body)
        default: throw ControlError("no such route: \(request.method) \(request.path)", status: 404)
        }
    }

    /// How long drafts made from now on wait, and whether finalised invoices are paid at once.
    private func setInvoices(_ body: JSONValue) throws(ControlError) -> JSONValue {
        let input = try ControlInput(body, allowing: ["finalize_after_seconds", "pay_automatically"])
        let range = 0...Invoice.longestDelaySeconds
        if let seconds = try input.integer("finalize_after_seconds", in: range) {
            state.invoices.finalizeAfterSeconds = seconds
        }
        if let flag = input.members["pay_automatically"] {
            guard case .boolean(let pays) = flag else { throw ControlError("pay_automatically must be true or false") }
            state.invoices.paysAutomatically = pays
        }
        noteChange()
        return .object([
            "finalize_after_seconds": .integer(state.invoices.finalizeAfterSeconds),
            "pay_automatically": .boolean(state.invoices.paysAutomatically),
        ])
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
        settle()
        noteChange()
        noteDelivery()
        return .object(["now": .integer(now)])
    }

    /// A list of faults, or one.
    private func addFaults(_ body: JSONValue) throws(ControlError) -> JSONValue {
        var added: [PlannedFault] = []
        for item in body.list ?? [body] { added.append(try PlannedFault(item)) }
        try faults.add(added)
        return .object(["faults": .list(faults.waiting.map(\.body))])
    }
}
