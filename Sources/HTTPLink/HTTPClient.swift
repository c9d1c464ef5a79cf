import CCurl
import Glibc

/// An HTTP/1.1 and HTTP/2 client over libcurl, on one thread of its own. Connections are kept and reused, certificates
/// are verified, TLS is 1.2 or newer, redirects are not followed, and every queue and answer has a bound.
///
/// A request on a kept connection that the peer closed without sending a byte is sent once more by libcurl on a fresh
/// one: give a request that must not run twice an idempotency key.
public final class HTTPClient: Sendable {
    private let mailbox: RequestMailbox

    /// Starts the thread. Throws `failed` when libcurl or the thread cannot be started.
    public init(configuration: HTTPConfiguration = HTTPConfiguration()) throws(HTTPError) {
        guard Self.globalResult == CURLE_OK, let multi = MultiHandle() else {
            throw HTTPError(code: .failed, message: "libcurl could not be started", isOutcomeUnknown: false)
        }
        let mailbox = RequestMailbox(multi: multi, maxPending: configuration.maxPending)
        let start = LoopStart(mailbox: mailbox, multi: multi, configuration: configuration)
        guard start.launch() else {
            curl_multi_cleanup(multi.raw)
            throw HTTPError(code: .failed, message: "the HTTP thread could not be started", isOutcomeUnknown: false)
        }
        self.mailbox = mailbox
    }

    deinit {
        mailbox.stop()
    }

    /// Sends the request and waits for the whole answer, whatever its status. Cancelling the task ends the transfer.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let expiresAt = ContinuousClock.now.advanced(by: request.deadline)
        let id = try mailbox.register(request).get()
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                mailbox.submit(
                    Submission(id: id, request: request, expiresAt: expiresAt, continuation: continuation))
            }
        } onCancel: {
            mailbox.cancel(id)
        }
        return try outcome.get()
    }

    /// Ends every request under way with `shutDown`, and all later ones. Returns at once; the thread ends by itself.
    public func shutdown() {
        mailbox.stop()
    }

    /// libcurl wants this once in the life of a process.
    private static let globalResult = curl_global_init(Int(CURL_GLOBAL_DEFAULT))
}
