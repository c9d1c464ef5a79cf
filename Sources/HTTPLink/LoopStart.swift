import CCurl
import Glibc

/// What a new thread needs to become the loop. The thread takes the only reference and never gives it back.
final class LoopStart: Sendable {
    private let mailbox: RequestMailbox
    private let multi: MultiHandle
    private let configuration: HTTPConfiguration

    init(mailbox: RequestMailbox, multi: MultiHandle, configuration: HTTPConfiguration) {
        self.mailbox = mailbox
        self.multi = multi
        self.configuration = configuration
    }

    /// Starts the detached thread; false if the system has none to give.
    func launch() -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let context = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let result = pthread_create(&thread, &attributes, threadMain, context.toOpaque())
        if result != 0 { context.release() }
        return result == 0
    }

    fileprivate func run() {
        // No signal is this thread's business; a write to a closed TLS connection would even raise SIGPIPE here.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_SETMASK, &all, nil)
        _ = ccurl_name_this_thread("http")
        TransferLoop(mailbox: mailbox, multi: multi, configuration: configuration).run()
    }
}

private let threadMain: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
    if let context { Unmanaged<LoopStart>.fromOpaque(context).takeRetainedValue().run() }
    return nil
}
