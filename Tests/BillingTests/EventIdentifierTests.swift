import Billing
import Testing

@Suite struct EventIdentifierTests {
    /// Gives the numbers it is made with, one after the other.
    private struct Scripted: RandomNumberGenerator {
        var numbers: [UInt64]
        mutating func next() -> UInt64 { numbers.removeFirst() }
    }

    @Test func `an identifier says where its hour is, and is random for the rest, zeros too`() throws {
        var random = Scripted(numbers: [0x1_0000_0000_0000, 0xFEDC_BA98_7654_3210])
        let text = EventIdentifier.make(partition: 7, hour: 498_007, using: &random)
        #expect(text == "0007000799570001fedcba9876543210")
        let read = try #require(EventIdentifier(text))
        #expect(read.partition == 7 && read.hour == 498_007)
    }

    @Test func `identifiers have 32 characters and do not repeat`() {
        var random = SystemRandomNumberGenerator()
        let made = (0..<10_000).map { _ in EventIdentifier.make(partition: 255, hour: 498_007, using: &random) }
        #expect(made.allSatisfy { $0.count == EventIdentifier.length })
        #expect(Set(made).count == made.count)
    }

    @Test(arguments: [
        "", "0007000799570001fedcba987654321", "0007000799570001fedcba98765432100",
        "0007000799570001FEDCBA9876543210", "37c741d8-1f7e-4adc-af16-afdca1d7", "000700079957 001fedcba9876543210",
    ])
    func `what is no identifier of ours says nothing`(text: String) {
        #expect(EventIdentifier(text) == nil)
    }
}
