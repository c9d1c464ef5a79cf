import Metering
import Testing

struct IdentifierTests {
    @Test(arguments: ["a", "acme", "A.b_c:d@e-9", String(repeating: "x", count: 128)])
    func `these are tenant ids`(_ id: String) {
        #expect(Identifier.isTenantID(id))
        let bytes = Array(id.utf8)
        let accepted = Identifier.isTenantID(bytes.span)
        #expect(accepted)
    }

    @Test(arguments: ["", "a b", "a/b", "é", "a\0", "a{b}", "a\n", String(repeating: "x", count: 129)])
    func `these are not tenant ids`(_ id: String) {
        #expect(!Identifier.isTenantID(id))
        let bytes = Array(id.utf8)
        let accepted = Identifier.isTenantID(bytes.span)
        #expect(!accepted)
    }

    @Test(arguments: ["m", "messages", "a1_b", "ids", "i", "periods", "a" + String(repeating: "_", count: 63)])
    func `these are names of meters and features`(_ name: String) {
        #expect(Identifier.isName(name))
        let bytes = Array(name.utf8)
        let accepted = Identifier.isName(bytes.span)
        #expect(accepted)
    }

    @Test(arguments: [
        "", "1a", "_a", "A", "aB", "a-b", "a.b", "id", "at", "ttl", "period", "ä",
        "a" + String(repeating: "b", count: 64),
    ])
    func `these are not names of meters and features`(_ name: String) {
        #expect(!Identifier.isName(name))
        let bytes = Array(name.utf8)
        let accepted = Identifier.isName(bytes.span)
        #expect(!accepted)
    }

    @Test func `an idempotency key is printable ASCII without blanks`() {
        #expect(Identifier.isIdempotencyKey("!key~{}/"))
        #expect(Identifier.isIdempotencyKey(String(repeating: "k", count: 255)))
        for bad in ["", "a b", "a\u{7f}", "a\t", "ä", String(repeating: "k", count: 256)] {
            #expect(!Identifier.isIdempotencyKey(bad), "\(bad)")
        }
    }

    @Test func `every byte is judged as the rules say`() {
        for byte in UInt8.min...UInt8.max {
            let bytes = [byte]
            let character = Character(UnicodeScalar(byte))
            let isWord = byte < 128 && (character.isLetter || character.isNumber || "._-".contains(character))
            let holder = Identifier.isHolderID(bytes.span)
            let tenant = Identifier.isTenantID(bytes.span)
            let name = Identifier.isName(bytes.span)
            let key = Identifier.isIdempotencyKey(bytes.span)
            #expect(holder == isWord)
            #expect(tenant == (isWord || byte == 0x3a || byte == 0x40))
            #expect(name == (byte >= 0x61 && byte <= 0x7a))
            #expect(key == (byte > 0x20 && byte < 0x7f))
        }
    }

    @Test func `a holder id has at most 32 bytes`() {
        #expect(Identifier.isHolderID("host-1.example_2"))
        #expect(Identifier.isHolderID(String(repeating: "h", count: 32)))
        for bad in ["", "a:b", "a@b", "a!", String(repeating: "h", count: 33)] {
            #expect(!Identifier.isHolderID(bad), "\(bad)")
        }
    }
}
