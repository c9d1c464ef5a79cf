/// How a process ended.
public enum ExitStatus: Equatable, Sendable {
    /// By itself, with this code, 0 … 255.
    case exited(Int32)
    /// By this signal.
    case signaled(Int32)

    /// Reads the status word of `waitpid`, whose macros Swift does not see: the low seven bits are the signal, or zero
    /// for an exit, whose code is the next eight.
    init(waitStatus: Int32) {
        let signal = waitStatus & 0x7F
        self = signal == 0 ? .exited((waitStatus >> 8) & 0xFF) : .signaled(signal)
    }
}
