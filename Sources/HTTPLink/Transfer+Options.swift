import CCurl

extension Transfer {
    /// Sets every option of the handle. Returns why the request cannot be sent, if so.
    func configure(
        _ easy: UnsafeMutableRawPointer, errorText: UnsafeMutablePointer<CChar>, certificateAuthorityFile: String?
    ) -> HTTPError? {
        if let fault = request.fault { return .invalid(request, fault) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        var options = EasyOptions(easy: easy)
        options.set(CURLOPT_ERRORBUFFER, UnsafeMutableRawPointer(errorText))
        options.set(CURLOPT_URL, request.url)
        options.set(CURLOPT_PROTOCOLS_STR, "http,https")
        options.set(CURLOPT_NOSIGNAL, 1)
        options.set(CURLOPT_FOLLOWLOCATION, 0)
        options.set(CURLOPT_DISALLOW_USERNAME_IN_URL, 1)
        options.set(CURLOPT_TCP_KEEPALIVE, 1)
        // A name that does not resolve in time must not hold the loop until the resolver gives up.
        options.set(CURLOPT_QUICK_EXIT, 1)
        // HTTP/2 by ALPN; a request waits to see whether the connection being made can carry it too.
        options.set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        options.set(CURLOPT_PIPEWAIT, request.url.hasPrefix("https:") ? 1 : 0)
        options.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        options.set(CURLOPT_SSL_VERIFYPEER, 1)
        options.set(CURLOPT_SSL_VERIFYHOST, 2)
        if let certificateAuthorityFile { options.set(CURLOPT_CAINFO, certificateAuthorityFile) }
        if let path = request.unixSocket { options.set(CURLOPT_UNIX_SOCKET_PATH, path) }
        // A proxy from the environment is for the way out to the internet, not for what is on this machine.
        if request.unixSocket != nil || !request.url.hasPrefix("https:") { options.set(CURLOPT_PROXY, "") }
        options.set(CURLOPT_WRITEFUNCTION, receiveBody)
        options.set(CURLOPT_WRITEDATA, context)
        options.set(CURLOPT_HEADERFUNCTION, receiveHeader)
        options.set(CURLOPT_HEADERDATA, context)
        options.set(CURLOPT_PREREQFUNCTION, tellSending)
        options.set(CURLOPT_PREREQDATA, context)
        options.set(CURLOPT_SOCKOPTFUNCTION, limitDelivery)
        options.set(CURLOPT_SOCKOPTDATA, context)
        setMethodAndBody(&options)
        setHeaders(&options)
        guard options.result == CURLE_OK else {
            return .failed(request, result: options.result, detail: String(cString: errorText), wasSent: false)
        }
        return nil
    }

    private func setMethodAndBody(_ options: inout EasyOptions) {
        switch (request.method, request.body.isEmpty) {
        case ("GET", true):
            options.set(CURLOPT_HTTPGET, 1)
        case ("HEAD", true):
            options.set(CURLOPT_NOBODY, 1)
        case ("POST", _):
            options.setBody(request.body)
        case (let method, let isEmpty):
            if !isEmpty { options.setBody(request.body) }
            options.set(CURLOPT_CUSTOMREQUEST, method)
        }
    }

    private func setHeaders(_ options: inout EasyOptions) {
        // libcurl would wait a second for a 100, and would call any body a form.
        var lines = ["Expect:"]
        if !request.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
            lines.append("Content-Type:")
        }
        // To libcurl "Name:" means leave the field out, and "Name;" an empty one.
        lines += request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        for line in lines {
            guard let longer = curl_slist_append(headerList, line) else {
                options.fail(CURLE_OUT_OF_MEMORY)
                return
            }
            headerList = longer
        }
        options.set(CURLOPT_HTTPHEADER, UnsafeMutableRawPointer(headerList))
    }
}

extension Transfer {
    /// A connection serves later requests too, whose deadlines may be longer.
    private static let shortestDelivery = 5_000

    /// How long the kernel keeps trying to deliver what it was given. Without a limit it goes on for a quarter of an
    /// hour after the request has failed and its connection is closed (tcp(7), `tcp_retries2`): a request that was
    /// given up would arrive long after another took its place.
    fileprivate var deliveryMilliseconds: UInt32 {
        UInt32(min(max(request.deadline / .milliseconds(1), Double(Self.shortestDelivery)), 3_600_000))
    }
}

/// Runs inside `curl_multi_perform`, as `receiveBody`, for each connection that is made.
private let limitDelivery: curl_sockopt_callback = { context, socket, _ in
    guard let context else { return CURL_SOCKOPT_OK }
    ccurl_limit_delivery(socket, Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().deliveryMilliseconds)
    return CURL_SOCKOPT_OK
}

/// As `receiveBody`, each time the request is about to be sent.
private let tellSending: curl_prereq_callback = { context, _, _, _, _ in
    guard let context else { return CURL_PREREQFUNC_OK }
    Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue().noteSending()
    return CURL_PREREQFUNC_OK
}

/// Runs inside `curl_multi_perform` on the loop's thread, while the transfer is in the loop's table.
private let receiveBody: curl_write_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let isTaken = transfer.receive(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
    return isTaken ? size * count : 0
}

/// As `receiveBody`. libcurl hands over one whole line at a time.
private let receiveHeader: curl_write_callback = { bytes, size, count, context in
    guard let context else { return 0 }
    let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
    let isTaken = transfer.receive(headerLine: UnsafeRawBufferPointer(start: bytes, count: size * count))
    return isTaken ? size * count : 0
}
