internal import CLinux
internal import Glibc

/// A thread for an event loop. The body makes the loop and everything on it, so none of it ever leaves the thread.
public final class LoopThread: Sendable {
    private let handle: pthread_t

    /// Starts `body` on a new thread named `name` (at most 15 bytes, the kernel's limit).
    public init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var thread = pthread_t()
        let box = Unmanaged.passRetained(ThreadStart(name: name, body: body))
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
                tollgate_name_thread(start.name)
                start.body()
                return nil
            }, box.toOpaque())
        guard status == 0 else {
            box.release()
            throw SystemError("pthread_create", errno: status)
        }
        handle = thread
    }

    /// Waits for the body to return. Call it once, from another thread.
    public func join() {
        pthread_join(handle, nil)
    }
}

private final class ThreadStart {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}
