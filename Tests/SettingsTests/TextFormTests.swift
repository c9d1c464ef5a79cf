import Testing

@testable import Settings

struct TextFormTests {
    @Test(
        arguments: [
            ("250ms", 250), ("60s", 60_000), ("15m", 900_000), ("48h", 172_800_000), ("7d", 604_800_000), ("0s", 0),
            ("7y", 220_752_000_000),
        ] as [(String, Int64)])
    func `durations are a whole number and a unit`(text: String, milliseconds: Int64) {
        #expect(DurationText.parse(text) == .milliseconds(milliseconds))
        #expect(DurationText.parse(DurationText.format(.milliseconds(milliseconds))) == .milliseconds(milliseconds))
    }

    @Test(arguments: [
        "", "5", "s", "-5s", "1.5s", "5 s", "5S", "5w", "9223372036854775807d", "99999999999999999999s",
    ])
    func `other texts are no durations`(text: String) {
        #expect(DurationText.parse(text) == nil)
    }

    @Test(
        arguments: [
            ("0", 0), ("512", 512), ("512B", 512), ("10kB", 10_000), ("10MB", 10_000_000), ("64KiB", 65_536),
            ("1GiB", 1_073_741_824), ("2TB", 2_000_000_000_000), ("1TiB", 1_099_511_627_776),
        ] as [(String, Int64)])
    func `sizes are a whole number and a unit`(text: String, bytes: Int64) {
        #expect(SizeText.parse(text) == bytes)
    }

    @Test(arguments: ["", "MB", "-1MB", "1.5GB", "1 MB", "1mb", "1Mb", "1000TB", "9223372036854775807GiB"])
    func `other texts are no sizes`(text: String) {
        #expect(SizeText.parse(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:1", "127.0.0.1:1"), ("[::1]:65535", "[::1]:65535"), ("db.local:80", "db.local:80"),
    ])
    func `addresses are a host and a port`(text: String, shown: String) {
        #expect(ListenAddress(text)?.description == shown)
    }

    @Test(arguments: ["", ":80", "h", "h:", "h:0", "h:65536", "h:+1", "::1:80", "[]:80", "a b:80", "h:80:81"])
    func `other texts are no addresses`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(
        arguments: [
            ("sokcet", "socket"), ("max_conection", "max_connections"), ("mesages", "messages"), ("x", nil),
            ("completely_else", nil),
        ] as [(String, String?)])
    func `the nearest name is what was meant, if any is near`(name: String, nearest: String?) {
        #expect(NearestName.of(name, in: ["socket", "max_connections", "messages", "y"]) == nearest)
    }
}
