/// How long claims of partitions last, and how often they are looked after.
struct ClaimTiming: Sendable {
    /// How long a claim lasts in Redis, and a sign of life.
    var lifetime = Duration.seconds(8)
    /// How much sooner nothing is begun under it any more.
    var margin = Duration.seconds(1)
    /// A claim is renewed when less than this is left. That leaves a second try before it ends.
    var renewal = Duration.seconds(4)
    /// How often is looked, and how often while the share is not reached.
    var interval = Duration.seconds(2)
    var shortInterval = Duration.milliseconds(500)

    /// For how long something may be begun under a claim, from when it was asked for.
    var validity: Duration { lifetime - margin }
}
