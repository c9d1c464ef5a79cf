import Foundation
import Settings
import Testing

struct ConfigFuzzTests {
    @Test(arguments: ["tollgate.yaml", "plans.yaml"])
    func `a corrupted file is read or refused, and every problem names its place`(name: String) throws {
        let config = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "config")
        let whole = Array(try Data(contentsOf: config.appending(path: name)))
        let files = try SettingsFiles()
        let other = name == "plans.yaml" ? "tollgate.yaml" : "plans.yaml"
        let otherText = try String(contentsOf: config.appending(path: other), encoding: .utf8)
        _ = try files.write(other, otherText)

        // What yaml gives a meaning to, so that most changes reach past the scanner.
        let spice = Array("{}[]:,-#&*!|>'\"%@`~? \n\t0z\0".utf8) + [0xc3, 0xff]
        var random: UInt64 = 0x7011_6a7e
        func next(_ bound: Int) -> Int {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((random >> 33) % UInt64(bound))
        }
        var refused = 0
        for _ in 0..<150 {
            var bytes = whole
            for _ in 0...next(3) {
                switch next(3) {
                case 0: bytes[next(bytes.count)] = spice[next(spice.count)]
                case 1: bytes.insert(spice[next(spice.count)], at: next(bytes.count))
                default: bytes.remove(at: next(bytes.count))
                }
            }
            if next(20) == 0 { bytes.removeLast(next(bytes.count)) }
            let path = files.path(name)
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            do {
                _ = try DaemonSettings.load(configPath: files.path("tollgate.yaml"), environment: [:])
            } catch {
                refused += 1
                #expect(!error.problems.isEmpty)
                for problem in error.problems where !problem.description.hasPrefix(path) {
                    Issue.record("\(problem) does not name \(name)")
                }
            }
        }
        #expect(refused > 30 && refused < 150)
    }
}
