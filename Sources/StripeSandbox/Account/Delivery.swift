/// An answer, and what becomes of it on its way.
enum Delivery: Sendable {
    case answer(APIAnswer)
    /// → the connection closes without an answer.
    case close
    /// → the connection is reset.
    case reset
}
