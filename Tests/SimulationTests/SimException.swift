/// Why more than the limit may have been let through: the exceptions that the protocol states. Each is counted.
enum SimException: String, CaseIterable {
    /// Usage after the fact is counted whatever is left.
    case recorded
    /// What a holder consumed and had not sent when its lease was over and its rest given to others.
    case unsentAtReclaim
    /// What Redis forgot of holders that were silent until learning ended.
    case forgotten
    /// What was leased when the limit was lowered; and a record that was rolled back to a higher one.
    case lowered
    /// One turn of a process frozen between clock and reply.
    case frozen
    /// A reservation settled after its end, or above what was reserved.
    case settledOver
}
