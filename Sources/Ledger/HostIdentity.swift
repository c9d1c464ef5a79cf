internal import Glibc

/// Which machine this is, and which of its boots: a ledger that wakes up on another one has not seen all that its
/// holder may have told Redis.
public struct HostIdentity: Sendable, Equatable {
    /// The 128 bits of `/etc/machine-id`; 0 where there is none.
    let machine: UInt128
    /// The 128 bits of the kernel's boot id; 0 where it says none.
    let boot: UInt128

    /// No host: nothing is the same boot as this one.
    static let unknown = HostIdentity(machine: 0, boot: 0)

    /// Takes both as the system writes them: 32 hexadecimal digits, with or without dashes. What is not that counts as
    /// unknown.
    public init(machineID: String, bootID: String) {
        machine = Self.bits(machineID)
        boot = Self.bits(bootID)
    }

    init(machine: UInt128, boot: UInt128) {
        self.machine = machine
        self.boot = boot
    }

    /// This host, as it says of itself.
    public static func current() -> HostIdentity {
        HostIdentity(machineID: read("/etc/machine-id"), bootID: read("/proc/sys/kernel/random/boot_id"))
    }

    /// True if nothing can have been lost between the two but by the death of a process. An unknown boot is like no
    /// other.
    func isSameBoot(as other: HostIdentity) -> Bool { boot != 0 && self == other }

    private static func bits(_ text: String) -> UInt128 {
        let digits = text.filter { $0 != "-" && !$0.isWhitespace }
        return digits.utf8.count == 32 ? UInt128(digits, radix: 16) ?? 0 : 0
    }

    private static func read(_ path: String) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        return String(unsafeUninitializedCapacity: 64) { max(0, Glibc.read(descriptor, $0.baseAddress, 64)) }
    }
}
