import Testing

@testable import Metering

@Suite struct `The line of waiting calls` {
    private func line(_ amounts: Int64...) -> WaitingLine {
        var line = WaitingLine()
        for (index, amount) in amounts.enumerated() {
            line.append(WaitingCall(token: index, amount: amount, since: 100, deadline: 25_100))
        }
        return line
    }

    @Test func `it is served from the front`() {
        var lease = `A lease`.lease(6)
        var line = line(5, 3, 1)
        #expect(line.amount == 9)
        #expect(line.next(lease: &lease, now: 200)?.outcome == .taken)
        #expect(line.next(lease: &lease, now: 200) == nil, "one unit is left, and it is the second's turn")
        #expect(line.first?.amount == 3)
    }

    @Test func `a refusal is one of all that take as much and came before the asking`() {
        var lease = Lease()
        var line = line(5, 7, 3)
        line.append(WaitingCall(token: 3, amount: 9, since: 300, deadline: 25_300))
        line.receive(.refuse(amount: 5, retryAt: 77), sentAt: 200)
        #expect(line.next(lease: &lease, now: 400)?.outcome == .refused(retryAt: 77))
        #expect(line.next(lease: &lease, now: 400)?.call.amount == 7)
        #expect(line.next(lease: &lease, now: 400) == nil, "three might fit")
    }

    @Test func `at the deadline it is refused if Redis had a word on it, and undecided if not`() {
        var lease = Lease()
        var asked = line(5)
        asked.receive(.wait(retryAt: 9), sentAt: 200)
        #expect(asked.next(lease: &lease, now: 25_099) == nil)
        #expect(asked.next(lease: &lease, now: 25_100)?.outcome == .refused(retryAt: 9))
        var unheard = line(5)
        unheard.receive(.undecided, sentAt: 200)
        #expect(unheard.next(lease: &lease, now: 25_100)?.outcome == .undecided)
    }

    @Test func `one that leaves makes room`() {
        var line = line(5, 3)
        line.remove(token: 0)
        #expect(line.first?.amount == 3)
        line.remove(token: 1)
        #expect(line.isEmpty)
    }
}
