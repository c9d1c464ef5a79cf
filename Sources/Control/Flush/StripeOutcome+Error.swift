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
                    shouldRetry: error.shouldRetry, requestID: error.requestID,
                    rateLimitedReason: error.rateLimitedReason, isReplayed: error.isReplayed,
                    isStripes: error.isInStripeShape, wasSentAgain: error.wasSentAgain))
        } else if error.isOutcomeUnknown {
            self = .unanswered(error.message)
        } else {
            switch error.code.flatMap(StripeError.LocalCode.init) {
            case .paced, .queueFull: self = .heldBack(error.message)
            case .invalidArgument: self = .unsendable(error.message)
            default: self = .notSent(error.message)
            }
        }
    }
}
