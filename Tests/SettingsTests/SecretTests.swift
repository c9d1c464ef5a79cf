import Settings
import Testing

struct SecretTests {
    @Test func `a secret shows as stars however it is printed`() {
        struct Holder { let key: Secret; let other: Secret? }
        let holder = Holder(key: Secret("sk_live_51"), other: Secret("sk_live_52"))
        var dumped = ""
        dump(holder, to: &dumped)
        for text in ["\(holder.key)", String(reflecting: holder.key), "\(holder)", String(reflecting: holder), dumped] {
            #expect(text.contains("***") && !text.contains("sk_live"))
        }
        #expect(holder.key.reveal() == "sk_live_51")
    }
}
