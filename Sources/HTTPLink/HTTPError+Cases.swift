import CCurl

extension HTTPError {
    static func queueFull(_ request: HTTPRequest, limit: Int) -> HTTPError {
        HTTPError(
            code: .queueFull, message: "\(request.label): \(limit) requests are already waiting or under way",
            isOutcomeUnknown: false)
    }

    static func cancelled(_ request: HTTPRequest, wasSent: Bool) -> HTTPError {
        HTTPError(code: .cancelled, message: "\(request.label): cancelled by its caller", isOutcomeUnknown: wasSent)
    }

    static func shutDown(_ request: HTTPRequest, wasSent: Bool) -> HTTPError {
        HTTPError(
            code: .shutDown, message: "\(request.label): the HTTP client is shut down", isOutcomeUnknown: wasSent)
    }

    static func timedOut(_ request: HTTPRequest, wasSent: Bool) -> HTTPError {
        let text = wasSent ? "no whole answer within" : "could not be sent within"
        return HTTPError(
            code: wasSent ? .timedOutAfterSending : .timedOutBeforeSending,
            message: "\(request.label): \(text) \(request.deadline)", isOutcomeUnknown: wasSent)
    }

    static func responseTooLarge(_ request: HTTPRequest, limit: Int) -> HTTPError {
        HTTPError(
            code: .responseTooLarge, message: "\(request.label): the answer is larger than \(limit) bytes",
            isOutcomeUnknown: true)
    }

    static func invalid(_ request: HTTPRequest, _ what: String) -> HTTPError {
        HTTPError(code: .invalidRequest, message: "\(request.label): \(what)", isOutcomeUnknown: false)
    }

    /// Translates libcurl's result. What a code means depends on whether bytes of the request had left: a reset
    /// before that is a connection that never was, one after it leaves the outcome open.
    static func failed(_ request: HTTPRequest, result: CURLcode, detail: String, wasSent: Bool) -> HTTPError {
        let text = detail.isEmpty ? String(cString: curl_easy_strerror(result)) : detail
        return HTTPError(
            code: code(of: result, wasSent: wasSent), message: "\(request.label): \(text)", isOutcomeUnknown: wasSent)
    }

    private static func code(of result: CURLcode, wasSent: Bool) -> Code {
        switch result {
        case CURLE_URL_MALFORMAT, CURLE_LOGIN_DENIED:
            .invalidRequest
        case CURLE_UNSUPPORTED_PROTOCOL:
            // Also libcurl's answer to a peer whose first bytes are no HTTP status line.
            wasSent ? .badResponse : .invalidRequest
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT, CURLE_PROXY:
            .couldNotConnect
        case CURLE_OPERATION_TIMEDOUT:
            wasSent ? .timedOutAfterSending : .timedOutBeforeSending
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE, CURLE_SSL_INVALIDCERTSTATUS:
            .tls
        case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE, CURLE_HTTP2,
            CURLE_HTTP2_STREAM:
            wasSent ? .closedAfterSending : .couldNotConnect
        case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            .badResponse
        default:
            .failed
        }
    }
}
