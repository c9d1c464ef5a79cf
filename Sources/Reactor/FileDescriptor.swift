internal import Glibc

/// An owned descriptor: closed when its owner goes away, so that no path forgets to.
public struct FileDescriptor: ~Copyable, Sendable {
    /// The kernel's number. Valid as long as this value lives.
    public let number: Int32

    /// Takes over `number`, which nobody else may close from here on.
    public init(owning number: Int32) {
        self.number = number
    }

    deinit {
        _ = Glibc.close(number)
    }
}
