internal import CLinux
internal import Glibc

/// Microseconds since boot, suspended time included (CLOCK_BOOTTIME): it never steps, so deadlines are counted in it.
public enum BootClock {
    /// The current instant in microseconds.
    public static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000
    }
}

/// Microseconds since 1970 by this host's wall clock, which may step: only for showing times and for a first guess.
public enum WallClock {
    /// The current instant in microseconds.
    public static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) &* 1_000_000 &+ Int64(time.tv_nsec) / 1000
    }
}
