import CCurl

/// One request on its way: the easy handle, what has been received, and the caller to resume. It belongs to the loop
/// and never leaves its thread; libcurl's callbacks run there too, inside `curl_multi_perform`.
final class Transfer {
    let submission: Submission
    /// Nil until the transfer starts; freed by `close`.
    private(set) var easy: UnsafeMutableRawPointer?
    /// libcurl reads the list until the transfer ends, so it lives as long as the handle.
    var headerList: UnsafeMutablePointer<curl_slist>?

    private let maxResponseBytes: Int
    private var headers = HTTPHeaders()
    private var headerBytes = 0
    private var body: [UInt8] = []
    private var isTooLarge = false
    private var wasSentAgain = false
    /// libcurl writes its last error's text here; it keeps the address, so the memory must not move.
    private let errorText: UnsafeMutablePointer<CChar>

    var request: HTTPRequest { submission.request }

    init(_ submission: Submission, maxResponseBytes: Int) {
        self.submission = submission
        self.maxResponseBytes = maxResponseBytes
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        close()
        errorText.deallocate()
    }

    /// Makes the easy handle. Returns why it cannot be sent, if so; the handle is then freed by `close`.
    func open(certificateAuthorityFile: String?) -> HTTPError? {
        guard let easy = curl_easy_init() else {
            return .failed(request, result: CURLE_OUT_OF_MEMORY, detail: "", wasSent: false)
        }
        self.easy = easy
        return configure(easy, errorText: errorText, certificateAuthorityFile: certificateAuthorityFile)
    }

    /// Frees the easy handle, which must be off the multi handle by then. Repeating it changes nothing.
    func close() {
        if let easy { curl_easy_cleanup(easy) }
        easy = nil
        curl_slist_free_all(headerList)
        headerList = nil
    }

    /// True once bytes of the request have left. libcurl counts over all its attempts, so a request it repeated on a
    /// fresh connection stays sent.
    var wasSent: Bool {
        guard let easy else { return false }
        var bytes = 0
        ccurl_easy_getinfo_long(easy, CURLINFO_REQUEST_SIZE, &bytes)
        return bytes > 0
    }

    /// libcurl is about to send the request, on whatever connection. It sends one anew by itself when a connection that
    /// was kept breaks before a byte of an answer came (everything.curl.dev/transfers/conn/reuse).
    func noteSending() {
        if wasSent { wasSentAgain = true }
    }

    /// The outcome after libcurl has said the transfer is done.
    func outcome(of result: CURLcode) -> Submission.Outcome {
        if isTooLarge { return .failure(.responseTooLarge(request, limit: maxResponseBytes)) }
        guard result == CURLE_OK, let easy else {
            return .failure(
                .failed(request, result: result, detail: String(cString: errorText), wasSent: wasSent))
        }
        var status = 0
        ccurl_easy_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
        return .success(HTTPResponse(status: status, headers: headers, body: body, wasSentAgain: wasSentAgain))
    }

    /// Takes body bytes; false ends the transfer because there are too many.
    func receive(body bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count <= maxResponseBytes - body.count else {
            isTooLarge = true
            return false
        }
        body.append(contentsOf: bytes)
        return true
    }

    /// Takes one header line; a status line starts the fields anew, because a 1xx answer comes before the real one.
    func receive(headerLine bytes: UnsafeRawBufferPointer) -> Bool {
        headerBytes += bytes.count
        guard headerBytes <= maxResponseBytes else {
            isTooLarge = true
            return false
        }
        let line = String(decoding: bytes, as: UTF8.self)
        if line.hasPrefix("HTTP/") {
            headers.removeAll()
        } else {
            headers.append(line: line)
        }
        return true
    }
}
