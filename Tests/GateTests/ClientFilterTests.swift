import Testing

@testable import Gate

@Suite struct ClientFilterTests {
    private func killing(_ words: String) throws(ArgumentError) -> ClientFilter {
        try ClientFilter(killing: words.split(separator: " ").map(String.init)[...])
    }

    private func listing(_ words: String) throws(ArgumentError) -> ClientFilter {
        try ClientFilter(listing: words.split(separator: " ").map(String.init)[...])
    }

    @Test func `all filters have to match`() throws {
        let filter = try killing("id 7 uid 1000 type NORMAL skipme No")
        #expect(filter.matches(identifier: 7, userID: 1000) && !filter.skipsCaller && filter.isExplicit)
        #expect(!filter.matches(identifier: 8, userID: 1000))
        #expect(!filter.matches(identifier: 7, userID: 1001))
        #expect(!filter.matches(identifier: 7, userID: nil))
        #expect(try !killing("TYPE replica").matches(identifier: 7, userID: 1000))
        let everybody = try killing("SKIPME yes")
        #expect(everybody.skipsCaller && !everybody.isExplicit && everybody.matches(identifier: 1, userID: nil))
    }

    @Test func `a list may name several connections`() throws {
        let filter = try listing("TYPE normal ID 3 5")
        #expect([1, 3, 5].map { filter.matches(identifier: $0, userID: 0) } == [false, true, true])
        #expect(try listing("UID 5").matches(identifier: 9, userID: 5))
        #expect(try listing("").matches(identifier: 9, userID: nil))
    }

    @Test(arguments: [
        ("ID", "ERR syntax error"), ("ID 0", "ERR client-id should be greater than 0"),
        ("ID -1", "ERR client-id should be greater than 0"), ("ID x", "ERR client-id should be greater than 0"),
        ("ID 99999999999999999999", "ERR client-id should be greater than 0"),
        ("UID root", "ERR UID must be a user's number, 0 to 4294967295"),
        ("UID 4294967296", "ERR UID must be a user's number, 0 to 4294967295"),
        ("SKIPME maybe", "ERR SKIPME must be yes or no"), ("TYPE x", "ERR Unknown client type 'x'"),
        ("ID 1 ID 2", "ERR ID is given twice"), ("ID 1 UID", "ERR syntax error"),
        ("USER default", "ERR 'USER' is no filter here: use ID, UID, TYPE or SKIPME"),
        ("ADDR a:0", ArgumentError.noAddress.text), ("LADDR a:0", ArgumentError.noAddress.text),
    ])
    func `a filter that cannot be is refused by name`(words: String, text: String) {
        #expect { try killing(words) } throws: { ($0 as? ArgumentError)?.text == text }
    }

    @Test(arguments: [
        ("TYPE", "ERR syntax error"), ("TYPE x", "ERR Unknown client type 'x'"), ("ID", "ERR syntax error"),
        ("ID 1 x", "ERR Invalid client ID"), ("NAME x", "ERR syntax error"),
        ("UID -1", "ERR UID must be a user's number, 0 to 4294967295"),
    ])
    func `a list's filter that cannot be is refused by name`(words: String, text: String) {
        #expect { try listing(words) } throws: { ($0 as? ArgumentError)?.text == text }
    }
}
