import Billing
import Testing

@Suite struct FlushBackoffTests {
    private let hour = HourKey(tenant: "acme", meter: "messages", hour: 10)
    private let sibling = HourKey(tenant: "acme", meter: "messages", hour: 11)
    private let stranger = HourKey(tenant: "globex", meter: "messages", hour: 10)
    private let refusal = StripeOutcome.answered(
        StripeAnswer(status: 400, type: "invalid_request_error", message: "no such customer"))
    private let conflict = StripeOutcome.answered(
        StripeAnswer(status: 409, type: "invalid_request_error", message: "conflict"))
    private let limited = StripeOutcome.answered(
        StripeAnswer(status: 429, type: "invalid_request_error", message: "slow down"))
    private let badKey = StripeOutcome.answered(
        StripeAnswer(status: 401, type: "invalid_request_error", message: "bad key"))

    private func makeBackoff(capacity: Int = 100) -> FlushBackoff {
        FlushBackoff(capacity: capacity, backoff: RetryBackoff(first: .seconds(2), longest: .seconds(60)))
    }

    @discardableResult
    private func note(
        _ outcome: StripeOutcome, _ key: HourKey, at now: Int64 = 0, in backoff: inout FlushBackoff
    ) -> RetryDecision {
        backoff.note(outcome, of: key, earlierUnknown: false, now: now, random: 1)
    }

    @Test func `an unanswered hour waits alone and ever longer`() {
        var backoff = makeBackoff()
        note(.unanswered("timeout"), hour, in: &backoff)
        #expect(backoff.hold(on: hour, now: 1999) == .backingOff(until: 2000))
        #expect(backoff.hold(on: hour, now: 2000) == nil)
        #expect(backoff.hold(on: sibling, now: 0) == nil)
        note(.unanswered("timeout"), hour, at: 2000, in: &backoff)
        #expect(backoff.hold(on: hour, now: 2001) == .backingOff(until: 6000))
    }

    @Test func `a conflict keeps the tenant's other hours waiting and nobody else's`() {
        var backoff = makeBackoff()
        note(conflict, hour, in: &backoff)
        #expect(backoff.hold(on: sibling, now: 1) == .backingOff(until: 2000))
        #expect(backoff.hold(on: stranger, now: 1) == nil)
    }

    @Test func `a rate limit keeps everything waiting until something succeeds`() {
        var backoff = makeBackoff()
        note(limited, hour, in: &backoff)
        #expect(backoff.wholeHold(now: 1) == 2000)
        #expect(backoff.hold(on: stranger, now: 1) == .backingOff(until: 2000))
        note(.accepted, stranger, at: 2000, in: &backoff)
        #expect(backoff.hold(on: hour, now: 2000) == nil)
        note(limited, hour, at: 3000, in: &backoff)
        #expect(backoff.wholeHold(now: 3001) == 5000)
    }

    @Test func `sends that fail side by side count as one failure`() {
        var backoff = makeBackoff()
        for number in 0..<16 {
            note(.notSent("refused"), HourKey(tenant: "t\(number)", meter: "m", hour: 1), in: &backoff)
        }
        #expect(backoff.wholeHold(now: 0) == 2000)
    }

    @Test func `many hours failing in a row are an outage and one failing hour is not`() {
        var backoff = makeBackoff()
        for round in 0..<20 {
            note(.unanswered("timeout"), hour, at: Int64(round) * 100_000, in: &backoff)
        }
        #expect(backoff.hold(on: stranger, now: 1_900_001) == nil)
        for number in 0..<8 {
            note(
                .unanswered("timeout"), HourKey(tenant: "t\(number)", meter: "m", hour: 1), at: 2_000_000, in: &backoff)
        }
        #expect(backoff.wholeHold(now: 2_000_001) != nil)
        #expect(backoff.hold(on: stranger, now: 2_000_001) != nil)
    }

    @Test func `a refused hour stays refused with its reason until it is forgiven`() {
        var backoff = makeBackoff()
        note(refusal, hour, in: &backoff)
        guard case .refused(let reason) = backoff.hold(on: hour, now: .max) else {
            Issue.record("the hour is not refused")
            return
        }
        #expect(reason.contains("no such customer"))
        #expect(backoff.hold(on: sibling, now: 0) == nil)
        backoff.forgive(hour)
        #expect(backoff.hold(on: hour, now: 0) == nil)
    }

    @Test func `a refused key halts everything until it changes`() {
        var backoff = makeBackoff()
        note(badKey, hour, in: &backoff)
        guard case .halted = backoff.hold(on: stranger, now: .max) else {
            Issue.record("nothing is halted")
            return
        }
        backoff.resume()
        #expect(backoff.hold(on: stranger, now: 0) == nil)
        #expect(backoff.haltReason == nil)
    }

    @Test func `a full table forgets, says so, and still decides`() {
        var backoff = makeBackoff(capacity: 1)
        note(refusal, hour, in: &backoff)
        #expect(note(refusal, sibling, in: &backoff).verdict == .refused)
        #expect(backoff.hold(on: sibling, now: 0) == nil)
        #expect(backoff.forgottenCount == 1)
        note(refusal, hour, in: &backoff)
        #expect(backoff.forgottenCount == 1)
    }

    @Test func `pruning forgets what is owed no more and what is long over`() {
        var backoff = makeBackoff(capacity: 1)
        note(refusal, hour, in: &backoff)
        note(.unanswered("timeout"), hour, in: &backoff)
        backoff.prune(now: 0) { $0 == sibling }
        #expect(backoff.hold(on: hour, now: 0) == nil)
        note(.unanswered("timeout"), sibling, in: &backoff)
        #expect(backoff.hold(on: sibling, now: 1) == .backingOff(until: 2000))
        backoff.prune(now: 62_001) { _ in true }
        note(.unanswered("timeout"), sibling, at: 70_000, in: &backoff)
        #expect(backoff.hold(on: sibling, now: 70_001) == .backingOff(until: 72_000))
    }

    @Test func `a flush asked for by an operator waits for nothing but a halt`() {
        var backoff = makeBackoff()
        note(refusal, hour, in: &backoff)
        note(conflict, sibling, in: &backoff)
        note(limited, stranger, in: &backoff)
        backoff.forgiveAll()
        #expect([hour, sibling, stranger].allSatisfy { backoff.hold(on: $0, now: 0) == nil })
    }
}
