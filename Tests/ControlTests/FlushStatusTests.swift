import Testing

@testable import Control

@Suite struct FlushStatusTests {
    @Test func `what was urgent is forgotten by a round that looked at everything, and by no other`() {
        var status = FlushStatus()
        status.beginRound()
        status.noteOldest(20)
        status.noteClosing(9_000)
        status.endWholeRound()
        #expect(status.oldestOwed == 20 && status.booksClose == 9_000)

        // Stripe is away: the round ends before it has looked at anything.
        status.beginRound()
        #expect(status.oldestOwed == 20 && status.booksClose == 9_000)
        status.beginRound()
        status.noteOldest(10)
        #expect(status.oldestOwed == 10 && status.booksClose == 9_000)

        status.beginRound()
        status.noteOldest(30)
        status.endWholeRound()
        #expect(status.oldestOwed == 30 && status.booksClose == nil)
        status.beginRound()
        status.endWholeRound()
        #expect(status.oldestOwed == nil)
    }
}
