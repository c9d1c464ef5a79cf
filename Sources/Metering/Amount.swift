/// Bounds of every count, total and limit.
public enum Amount {
    /// The largest total that exists anywhere: 10^15 - 1. Stripe takes 15 digits in the value of a meter event,
    /// and a double, which is what Lua computes with, holds it exactly.
    public static let largest: Int64 = 999_999_999_999_999

    /// How a limit without an end is written.
    public static let unlimited: Int64 = -1
}
