/// What a command ends with. Scripts depend on the numbers.
enum Outcome: Int32, Sendable {
    /// Done, or allowed.
    case done = 0
    /// The call was refused.
    case refused = 1
    /// What was typed cannot be done.
    case usage = 2
    /// The daemon, or Redis behind it, could not be reached.
    case unreachable = 3
    /// A difference or a fault was found.
    case fault = 4
}
