import CCurl

/// The thread "http": drives every transfer with libcurl's multi interface. It owns all easy handles; the deadline of
/// a request is kept here rather than by libcurl, so that the time in the queue counts and the outcome is ours to name.
final class TransferLoop {
    private let mailbox: RequestMailbox
    private let multi: MultiHandle
    private let configuration: HTTPConfiguration
    /// First come, first served. With `active`, bounded by the mailbox.
    private var waiting: [Transfer] = []
    /// By easy handle, at most `maxActive`.
    private var active: [UnsafeMutableRawPointer: Transfer] = [:]

    /// The longest poll when nothing is under way; a wake-up ends it sooner.
    private static let idlePollMilliseconds: Int32 = 60_000

    init(mailbox: RequestMailbox, multi: MultiHandle, configuration: HTTPConfiguration) {
        self.mailbox = mailbox
        self.multi = multi
        self.configuration = configuration
    }

    /// Returns when the mailbox is stopped, every caller resumed and the handle freed.
    func run() {
        ccurl_multi_setopt_long(multi.raw, CURLMOPT_MAXCONNECTS, configuration.maxActive)
        ccurl_multi_setopt_long(multi.raw, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX)
        while takeMail() {
            expire(at: .now)
            startWaiting()
            var running: Int32 = 0
            guard curl_multi_perform(multi.raw, &running) == CURLM_OK else { break }
            // A finished transfer frees a place, so look at those waiting before sleeping.
            if collect() && !waiting.isEmpty { continue }
            guard curl_multi_poll(multi.raw, nil, 0, pollMilliseconds(from: .now), nil) == CURLM_OK else { break }
        }
        // Also reached when libcurl itself failed, which leaves nothing to carry on with.
        mailbox.stop()
        _ = takeMail()
        for transfer in waiting + active.values {
            finish(transfer, .failure(.shutDown(transfer.request, wasSent: transfer.wasSent)))
        }
        mailbox.releaseHandle()
        curl_multi_cleanup(multi.raw)
    }

    /// False once the client is shut down.
    private func takeMail() -> Bool {
        let batch = mailbox.drain()
        for submission in batch.submissions {
            waiting.append(Transfer(submission, maxResponseBytes: configuration.maxResponseBytes))
        }
        for id in batch.cancellations {
            guard let transfer = (waiting + active.values).first(where: { $0.submission.id == id }) else { continue }
            finish(transfer, .failure(.cancelled(transfer.request, wasSent: transfer.wasSent)))
        }
        return !batch.isStopped
    }

    private func expire(at now: ContinuousClock.Instant) {
        for transfer in waiting + active.values where transfer.submission.expiresAt <= now {
            finish(transfer, .failure(.timedOut(transfer.request, wasSent: transfer.wasSent)))
        }
    }

    private func startWaiting() {
        while active.count < configuration.maxActive, !waiting.isEmpty {
            let transfer = waiting.removeFirst()
            if let failure = transfer.open(certificateAuthorityFile: configuration.certificateAuthorityFile) {
                finish(transfer, .failure(failure))
                continue
            }
            guard let easy = transfer.easy else { continue }
            let added = curl_multi_add_handle(multi.raw, easy)
            guard added == CURLM_OK else {
                let text = String(cString: curl_multi_strerror(added))
                finish(
                    transfer,
                    .failure(.failed(transfer.request, result: CURLE_FAILED_INIT, detail: text, wasSent: false)))
                continue
            }
            active[easy] = transfer
        }
    }

    /// Resumes the callers of all transfers libcurl has finished; true if there was one.
    private func collect() -> Bool {
        var left: Int32 = 0
        var isAny = false
        while let message = curl_multi_info_read(multi.raw, &left) {
            // The message is gone once its handle is removed, so all of it is read first.
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let transfer = active[easy]
            else { continue }
            finish(transfer, transfer.outcome(of: message.pointee.data.result))
            isAny = true
        }
        return isAny
    }

    /// Takes the transfer out of the loop, gives its place back and resumes its caller. The one place that resumes.
    private func finish(_ transfer: Transfer, _ outcome: Submission.Outcome) {
        if let easy = transfer.easy, active.removeValue(forKey: easy) != nil {
            curl_multi_remove_handle(multi.raw, easy)
        } else {
            waiting.removeAll { $0 === transfer }
        }
        transfer.close()
        mailbox.finish(transfer.submission.id)
        transfer.submission.continuation.resume(returning: outcome)
    }

    /// Until the next deadline, rounded up so that the loop does not spin through the last millisecond.
    private func pollMilliseconds(from now: ContinuousClock.Instant) -> Int32 {
        guard let next = (waiting + active.values).map(\.submission.expiresAt).min() else {
            return Self.idlePollMilliseconds
        }
        let rest = (next - now) / .milliseconds(1)
        return Int32(min(max(rest.rounded(.up), 0), Double(Self.idlePollMilliseconds)))
    }
}
