internal import CLinux

/// What a descriptor is ready for, or what its owner wants to hear of.
public struct Events: OptionSet, Sendable {
    /// The epoll bits.
    public let rawValue: UInt32

    /// Wraps epoll bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Bytes to read, a connection to accept, or the peer's end of stream.
    public static let read = Events(rawValue: EPOLLIN.rawValue)
    /// Room to write, or a connect that has finished.
    public static let write = Events(rawValue: EPOLLOUT.rawValue)
    /// The descriptor failed or both sides hung up. Always reported, never asked for.
    public static let hangup = Events(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
}

/// Something with a descriptor that the loop watches. Lives on the loop's thread only.
///
/// A class, not a protocol: the loop calls it once per ready descriptor, and a virtual call costs a tenth of a call
/// through an existential.
open class EventSource {
    /// For subclasses.
    public init() {}

    /// Called on the loop's thread when the descriptor is ready. Must not block.
    open func ready(_ events: Events) {}
}

/// Something that has work at the end of each turn, such as one write for all that the turn produced.
open class TurnObserver {
    /// For subclasses.
    public init() {}

    /// Called once a turn, after all ready descriptors and due timers, before the loop sleeps.
    open func turnEnds() {}
}
