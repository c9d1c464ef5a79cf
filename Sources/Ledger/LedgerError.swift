public import Reactor

/// Why a ledger cannot be used, in words that say what to do about it.
public enum LedgerError: Error, CustomStringConvertible, Equatable {
    /// Another process has it open, or is just making it.
    case inUse(path: String)
    /// There is no ledger here. Only a reader says so; an owner makes one.
    case missing(path: String)
    /// The path leads to something that is no file.
    case notAFile(path: String)
    /// The disk has no room for the whole file, which is taken at once so that it cannot run out later.
    case noSpace(path: String, byteCount: Int)
    /// The file does not begin like a ledger.
    case foreign(path: String)
    /// Another tollgate wrote it, in a format that this one does not know.
    case unknownVersion(path: String, version: UInt64)
    /// The header is not as any tollgate leaves it.
    case damagedHeader(path: String, reason: String)
    /// It was cut short, or something was added to it.
    case wrongSize(path: String, byteCount: Int, expected: Int)
    /// It was made for another `holder_id` or loop.
    case otherHolder(path: String, found: String, expected: String)
    /// The table of names is not as any tollgate leaves it.
    case damagedNames(path: String, offset: Int)
    /// A slot is not as any tollgate leaves it.
    case damagedSlot(path: String, slot: Int, offset: Int, reason: String)
    /// What is in it has no room in a file of the size that the settings ask for.
    case doesNotFit(path: String, usedSlots: Int, slotCount: Int)
    /// It remembers as many earlier incarnations as it can, and Redis has not acknowledged all usage of any of them.
    case tooManyIncarnations(path: String)
    /// The kernel refused.
    case system(SystemError)

    /// The message for people.
    public var description: String {
        switch self {
        case .inUse(let path):
            "ledger \(path) is in use by another process: stop that one, or give this one its own state directory"
        case .missing(let path): "there is no ledger at \(path)"
        case .notAFile(let path): "\(path) is not a file: move it away, and tollgate makes a ledger there"
        case .noSpace(let path, let byteCount):
            "the disk has no room for ledger \(path) of \(byteCount) bytes: make room, or ask for fewer slots"
        case .foreign(let path):
            "\(path) is not a tollgate ledger: move it away, and tollgate makes a new one there"
        case .unknownVersion(let path, let version):
            "ledger \(path) has format \(version) and this tollgate knows \(LedgerBirth.version): run the tollgate "
                + "that wrote it"
        case .damagedHeader(let path, let reason): "the header of ledger \(path) is damaged: \(reason). \(Self.advice)"
        case .wrongSize(let path, let byteCount, let expected):
            "ledger \(path) has \(byteCount) bytes and must have \(expected): it was "
                + "\(Self.verb(byteCount, expected)). \(Self.advice)"
        case .otherHolder(let path, let found, let expected):
            "ledger \(path) belongs to holder \(found), not to \(expected): set holder_id back, or give this holder "
                + "a state directory of its own"
        case .damagedNames(let path, let offset):
            "the names of ledger \(path) are damaged at byte \(offset). \(Self.advice)"
        case .damagedSlot(let path, let slot, let offset, let reason):
            "slot \(slot) of ledger \(path), at byte \(offset), is damaged: \(reason). \(Self.advice)"
        case .doesNotFit(let path, let usedSlots, let slotCount):
            "ledger \(path) has \(usedSlots) slots in use, which do not fit into \(slotCount) slots and their names: "
                + "ask for more, or wait until Redis has the usage and retention has passed"
        case .tooManyIncarnations(let path):
            "ledger \(path) has usage of \(LedgerState.incarnationCount) incarnations that Redis has not acknowledged: "
                + "it lost power that often without reaching Redis. \(Self.advice)"
        case .system(let error): error.description
        }
    }

    private static let advice =
        "Restore the disk, or move the file away to start anew: what `tollgate ledger show` lists of it as not in "
        + "Redis has to be recorded again"

    private static func verb(_ byteCount: Int, _ expected: Int) -> String {
        byteCount < expected ? "cut short" : "added to"
    }

    /// Runs calls of the kernel, whose errors become this type.
    static func system<Result: ~Copyable>(_ body: () throws(SystemError) -> Result) throws(LedgerError) -> Result {
        do throws(SystemError) { return try body() } catch { throw .system(error) }
    }
}
