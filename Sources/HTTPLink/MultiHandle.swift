import CCurl

/// libcurl's multi handle on its way to the loop's thread. The loop alone drives and frees it; any thread may wake it,
/// which `RequestMailbox` does under its lock and only until the loop has taken the handle back.
struct MultiHandle: @unchecked Sendable {
    // Unchecked: `curl_multi_wakeup` is the one call libcurl allows from other threads, and `wake` is that call.
    let raw: UnsafeMutableRawPointer

    init?() {
        guard let raw = curl_multi_init() else { return nil }
        self.raw = raw
    }

    /// Ends the loop's poll, now or when it next begins.
    func wake() {
        curl_multi_wakeup(raw)
    }
}
