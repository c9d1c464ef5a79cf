/// Makes object ids in Stripe's form: a prefix and random letters and digits.
enum RandomID {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    static func make(_ prefix: String, length: Int = 14) -> String {
        prefix + String((0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count)] })
    }
}
