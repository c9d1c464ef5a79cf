/// One life of a partition in Redis: what it remembers reaches back to the beginning of this life and no further.
///
/// Another run id is another life; so is the same run without its life key (`FLUSHALL`). That is why the instant stands
/// here too: it tells two lives of one run apart.
public struct StoreLife: Sendable, Hashable {
    /// The run id of the Redis, as `INFO server` and the greeting of a connection state it.
    public let run: String
    /// When the partition's life key was made, in microseconds of Redis's clock.
    public let born: Int64

    /// A life.
    public init(run: String, born: Int64) {
        self.run = run
        self.born = born
    }
}
