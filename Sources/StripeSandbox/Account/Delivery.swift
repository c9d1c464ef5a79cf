/// An answer, and what becomes of it on its way.
enum Delivery: Sendable {
    case answer(APIAnswer)
    /// → the head of the answer and half its body, then the connection closes.
    case partial(APIAnswer)
    /// → the connection closes without an answer.
    case close
    /// → the connection is reset.
    case reset
}
