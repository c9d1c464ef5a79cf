import Billing
import StripeAPI

extension StripeOutcome {
    /// The facts in an error of the client.
    init(_ error: StripeError) {
        let isSuccess = error.httpStatus.map { (200..<300).contains($0) } ?? false
        if let status = error.httpStatus, !isSuccess {
            self = .answered(
                StripeAnswer(
                    status: status, type: error.type, code: error.code, message: error.message,
                    shouldRetry: error.shouldRetry, requestID: error.requestID))
        } else if error.isOutcomeUnknown {
            self = .unanswered(error.message)
        } else {
            self = .notSent(error.message)
        }
    }
}
