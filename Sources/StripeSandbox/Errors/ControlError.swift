/// What was wrong with a request to `/_sandbox/*`: not Stripe's API, so not Stripe's error shape.
struct ControlError: Error, Sendable {
    var status = 400
    let message: String

    init(_ message: String, status: Int = 400) {
        self.message = message
        self.status = status
    }

    var answer: APIAnswer {
        APIAnswer(status: status, .object(["error": .object(["message": .text(message)])]))
    }
}
