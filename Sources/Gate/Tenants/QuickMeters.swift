internal import Glibc

/// The names of a catalogue's meters, and what an allowed decision about each begins with, in raw memory: to find one
/// costs no reference counting. Owned by the rules that it was made for.
struct QuickMeters {
    private struct Meter {
        let name: UnsafeMutableRawBufferPointer
        let headTwo: UnsafeMutableRawBufferPointer
        let headThree: UnsafeMutableRawBufferPointer
    }

    private let meters: UnsafeMutableBufferPointer<Meter>

    init(_ names: [String]) {
        meters = .allocate(capacity: names.count)
        for (index, name) in names.enumerated() {
            let bulk = "$\(name.utf8.count)\r\n\(name)\r\n"
            let meter = Meter(
                name: ReplyTail.copy(name), headTwo: ReplyTail.copy("*7\r\n:1\r\n$2\r\nok\r\n\(bulk):"),
                headThree: ReplyTail.copy(
                    "%7\r\n$7\r\nallowed\r\n:1\r\n$6\r\nreason\r\n$2\r\nok\r\n$5\r\nmeter\r\n\(bulk)$4\r\nused\r\n:"))
            meters.initializeElement(at: index, to: meter)
        }
    }

    func deallocate() {
        for meter in meters {
            meter.name.deallocate()
            meter.headTwo.deallocate()
            meter.headThree.deallocate()
        }
        meters.deallocate()
    }

    /// The place of the meter of this name. Looks at every meter: catalogues hold a handful.
    func index(_ name: UnsafeRawBufferPointer) -> Int? {
        guard let start = name.baseAddress else { return nil }
        for index in 0..<meters.count where meters[index].name.count == name.count {
            if let known = meters[index].name.baseAddress, memcmp(known, start, name.count) == 0 { return index }
        }
        return nil
    }

    /// What an allowed decision begins with, up to the digits of `used`.
    func head(_ index: Int, isThree: Bool) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(isThree ? meters[index].headThree : meters[index].headTwo)
    }
}
