import Billing
import Testing

@Suite struct EventIdentifierTests {
    /// Gives the numbers it is made with, one after the other.
    private struct Scripted: RandomNumberGenerator {
        var numbers: [UInt64]
        mutating func next() -> UInt64 { numbers.removeFirst() }
    }

    @Test func `an identifier is the random bits in full, zeros too`() {
        var random = Scripted(numbers: [0x1, 0xFEDC_BA98_7654_3210])
        #expect(EventIdentifier.make(using: &random) == "0000000000000001fedcba9876543210")
    }

    @Test func `identifiers have 32 characters and do not repeat`() {
        var random = SystemRandomNumberGenerator()
        let made = (0..<10_000).map { _ in EventIdentifier.make(using: &random) }
        #expect(made.allSatisfy { $0.count == EventIdentifier.length })
        #expect(Set(made).count == made.count)
    }
}
