import Billing
import Testing

@Suite struct DecimalAmountTests {
    @Test(
        arguments: [
            (200, 1_000_000, "0.0002"), (0, 7, "0"), (15, 1, "15"), (3, 2, "1.5"),
            (1, 1_000_000_000_000, "0.000000000001"),
            (1_000_000, 3_125, "320"), (999_999_999_999_999, 1, "999999999999999"),
        ] as [(Int64, Int64, String)])
    func `an amount per units is an exact decimal`(amount: Int64, per: Int64, text: String) {
        #expect(DecimalAmount(amount, per: per)?.text == text)
    }

    @Test(
        arguments: [(1, 3), (1, 7), (2, 900), (1, 10_000_000_000_000), (-1, 1), (1, 0), (1, Int64.max)]
            as [(Int64, Int64)])
    func `what has no exact form in twelve places is none`(amount: Int64, per: Int64) {
        #expect(DecimalAmount(amount, per: per) == nil)
    }

    @Test func `equal amounts are equal however they are written`() {
        #expect(DecimalAmount("0.00020") == DecimalAmount(200, per: 1_000_000))
        #expect(DecimalAmount("15.000") == DecimalAmount(15, per: 1))
        #expect(DecimalAmount("007") == DecimalAmount(7, per: 1))
        #expect(DecimalAmount("0") == DecimalAmount("00.0"))
        for text in ["", ".5", "-1", "1e3", "1,5", "1.2.3", " 1"] { #expect(DecimalAmount(text) == nil, "\(text)") }
    }
}
