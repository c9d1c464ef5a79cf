import Metering

/// Something on its way.
struct SimMessage {
    enum Content {
        case request(SyncRequest)
        case reply(SyncReply, to: SyncRequest)
        case notice(SyncStore.Notice)
    }

    /// The holder that sent it or that it is for.
    let holder: Int
    /// Of the holder's process.
    let generation: Int
    let content: Content

    var isForRedis: Bool {
        if case .request = content { true } else { false }
    }
}
