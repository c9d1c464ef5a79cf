import CCurl

/// Sets options on one easy handle and remembers the first that failed, so that the list of options reads as a list.
struct EasyOptions {
    let easy: UnsafeMutableRawPointer
    private(set) var result = CURLE_OK

    init(easy: UnsafeMutableRawPointer) {
        self.easy = easy
    }

    mutating func fail(_ code: CURLcode) {
        if result == CURLE_OK { result = code }
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        fail(ccurl_easy_setopt_long(easy, option, value))
    }

    /// libcurl copies the string.
    mutating func set(_ option: CURLoption, _ value: String) {
        fail(ccurl_easy_setopt_string(easy, option, value))
    }

    /// libcurl keeps the address: what it points to must outlive the transfer.
    mutating func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer?) {
        fail(ccurl_easy_setopt_pointer(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: @escaping curl_write_callback) {
        fail(ccurl_easy_setopt_receive(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: @escaping curl_prereq_callback) {
        fail(ccurl_easy_setopt_prerequest(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: @escaping curl_sockopt_callback) {
        fail(ccurl_easy_setopt_socket(easy, option, value))
    }

    /// Makes it a POST with these bytes, which libcurl copies; it wants the size first, since they may hold a NUL.
    mutating func setBody(_ body: [UInt8]) {
        var bytes = body
        set(CURLOPT_POST, 1)
        fail(ccurl_easy_setopt_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(bytes.count)))
        bytes.withUnsafeMutableBytes { fail(ccurl_easy_setopt_pointer(easy, CURLOPT_COPYPOSTFIELDS, $0.baseAddress)) }
    }
}
