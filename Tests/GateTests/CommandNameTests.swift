import Testing

@testable import Gate

@Suite struct CommandNameTests {
    private func name(_ bytes: [UInt8]) -> CommandName? { CommandName(bytes.span) }

    @Test func `names are compared without regard to case`() {
        #expect(name(Array("take".utf8)) == .take)
        #expect(name(Array("TaKe".utf8)) == .take)
        #expect(name(Array("FEATURE".utf8)) == .feature)
        #expect(name(Array("TAKES".utf8)) != .take)
    }

    @Test func `what is no name is none, or an unknown one`() {
        #expect(name([]) == nil)
        #expect(name(Array("CONFIGURE".utf8)) == nil)
        // Only letters change case: these bytes differ from a letter in the same bit.
        #expect(name([0x54, 0x41, 0x4b, 0x25]) != .take)
        #expect(name(Array("\0TAKE".utf8)) != .take)
    }
}
