import NIOCore

/// Closes a connection whose request does not begin in time, and every connection after a while: its request is
/// answered by then, or it is one that sends a byte now and then to hold its place.
final class ConnectionDeadline: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let head: TimeAmount
    private let whole: TimeAmount
    private var timers: [Scheduled<Void>] = []

    /// - Parameters:
    ///   - head: how long the head of the request may take.
    ///   - whole: how long the connection may last.
    init(head: TimeAmount, whole: TimeAmount) {
        self.head = head
        self.whole = whole
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let channel = context.channel
        timers = [head, whole].map { limit in
            context.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // It stands behind the decoder: what comes first is a head.
        if timers.count == 2 { timers.removeFirst().cancel() }
        context.fireChannelRead(data)
    }

    func channelInactive(context: ChannelHandlerContext) {
        for timer in timers { timer.cancel() }
        timers = []
        context.fireChannelInactive()
    }
}
