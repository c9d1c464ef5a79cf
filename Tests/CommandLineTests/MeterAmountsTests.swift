import ArgumentParser
import Testing

@testable import tollgate

@Suite struct `Meters and amounts` {
    @Test func `a meter without an amount has the missing one`() throws {
        let amounts = try MeterAmounts(["messages", "tokens", "2500", "calls"], missing: 1)
        #expect(amounts.arguments == ["messages", "1", "tokens", "2500", "calls", "1"])
    }

    @Test func `where each needs its amount a meter without one is refused`() {
        #expect(
            message { try MeterAmounts(["tokens", "5", "messages"], missing: nil) }
                == "messages has no amount: write messages N")
    }

    @Test(arguments: [
        (["5"], "5 stands where a meter's name belongs: write METER [N] [METER N …]"),
        (["messages", "1", "2"], "2 stands where a meter's name belongs: write METER [N] [METER N …]"),
        (["messages", "1", "ID"], "ID is no meter's name: on the command line write --id"),
        (["Messages"], "\"Messages\" is no meter's name: those are a-z, 0-9 and _, a letter first"),
        (["messages", "1.5"], "\"1.5\" is no meter's name: those are a-z, 0-9 and _, a letter first"),
        ([""], "\"\" is no meter's name: those are a-z, 0-9 and _, a letter first"),
        (
            ["messages", "9223372036854775808"],
            "9223372036854775808 is too much: an amount is at most 999999999999999"
        ),
    ])
    func `a word out of place is named`(words: [String], expected: String) {
        #expect(message { try MeterAmounts(words, missing: 1) } == expected)
    }

    @Test func `zero is an amount`() throws {
        #expect(try MeterAmounts(["messages", "0"], missing: 1).items == [.init(meter: "messages", amount: 0)])
    }

    private func message(_ body: () throws -> MeterAmounts) -> String? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? ValidationError)?.message
        }
    }
}
