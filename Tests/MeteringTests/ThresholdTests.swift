import Metering
import TestSupport
import Testing

@Suite struct ThresholdTests {
    @Test(
        arguments: [
            (.percent(80), 100, 80), (.percent(85), 10, 9), (.percent(1), 10, 1), (.percent(100), 0, 1),
            (.percent(1000), Amount.largest, 9_999_999_999_999_990), (.percent(80), Amount.unlimited, nil),
            (.amount(5000), 10, 5000), (.amount(5000), Amount.unlimited, nil),
        ] as [(Threshold.Point, Int64, Int64?)])
    func `a threshold is a total of the limit in force, and none without one`(
        point: Threshold.Point, limit: Int64, total: Int64?
    ) {
        #expect(Threshold(point).total(of: limit) == total)
    }

    @Test func `a threshold goes by what its catalogue calls it`() {
        #expect(Threshold(.percent(80)).label == "80%" && Threshold(.amount(5000)).label == "5000")
        #expect(Threshold.standard.map(\.label) == ["80%", "100%"])
    }

    @Test func `the highest threshold that a total is past is named`() {
        let thresholds = [Threshold(.percent(100)), Threshold(.percent(50), .down), Threshold(.amount(8))]
        let names = [0, 4, 5, 7, 8, 9, 10, 11].map { Threshold.highest(of: thresholds, past: $0, of: 10) }
        #expect(names == [nil, nil, "50%", "50%", "8", "8", "100%", "100%"])
        #expect(Threshold.highest(of: thresholds, past: 11, of: Amount.unlimited) == nil)
    }

    @Test func `nothing is asked about below the lowest threshold, and anything about a fall until Redis has looked`() {
        let up = ThresholdWindow(unasked: Threshold.standard, of: 100)
        #expect(up.contains(0) && up.contains(79) && !up.contains(80) && !up.contains(1000))
        let both = ThresholdWindow(unasked: [Threshold(.percent(80), .both)], of: 100)
        #expect(!both.contains(0) && both == .unknown)
        #expect(ThresholdWindow(unasked: [Threshold(.percent(80), .both)], of: Amount.unlimited) == .endless)
        #expect(ThresholdWindow.endless.contains(0) && ThresholdWindow.endless.contains(Amount.largest))
    }

    @Test func `what has been looked at is asked about again only past the next threshold on either side`() {
        let thresholds = [Threshold(.percent(50), .both), Threshold(.percent(80)), Threshold(.percent(100))]
        let window = ThresholdWindow(asked: thresholds, of: 100, used: 85)
        #expect(window.contains(50) && window.contains(79) && window.contains(99))
        #expect(!window.contains(49) && !window.contains(100))
    }

    @Test func `a total that a window does not hold lies past a threshold`() {
        var random = SeededRandom(for: "windows of thresholds")
        for _ in 0..<2000 {
            let limit = Int64.random(in: 0...50, using: &random)
            let thresholds = (0..<Int.random(in: 0...4, using: &random)).map { _ in
                Threshold(
                    .percent(Int64.random(in: 1...150, using: &random)),
                    Threshold.Direction.allCases.randomElement(using: &random) ?? .up)
            }
            let used = Int64.random(in: 0...60, using: &random)
            let next = Int64.random(in: 0...60, using: &random)
            let window = ThresholdWindow(asked: thresholds, of: limit, used: used)
            #expect(window.contains(used))
            let isCrossed = thresholds.contains { threshold in
                guard let total = threshold.total(of: limit) else { return false }
                return used < total && next >= total || (threshold.direction != .up && used >= total && next < total)
            }
            #expect(window.contains(next) == !isCrossed, "\(thresholds) of \(limit): \(used) to \(next)")
            if !window.contains(next) {
                #expect(ThresholdWindow.isCrossed(thresholds, of: limit, from: used, to: next))
            }
        }
    }

    @Test(arguments: [(0, "1970-01-01T00:00:00Z"), (1_796_083_199, "2026-11-30T23:59:59Z")] as [(Int64, String)])
    func `an instant is written as programs read it`(instant: Int64, text: String) {
        #expect(UTCText.text(instant) == text)
    }
}
