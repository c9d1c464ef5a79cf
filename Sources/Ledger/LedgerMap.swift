internal import Reactor

/// A mapped ledger file and where its parts are. Its header's first sector has been read and its size is right.
struct LedgerMap {
    let file: MappedFile
    let birth: LedgerBirth
    let page: HeaderPage
    let slots: UnsafeMutableRawPointer

    /// Looks at a file that is mapped.
    init(_ file: MappedFile) throws(LedgerError) {
        // A file of less than a page reads as zeros up to the page's end.
        let isShort = file.byteCount < LedgerLayout.headerBytes
        if isShort, HeaderSector(number: 0, in: file.base)[0] == LedgerBirth.magic {
            let reason = "the file has \(file.byteCount) bytes, and a header \(LedgerLayout.headerBytes)"
            throw .damagedHeader(path: file.path, reason: reason)
        }
        do throws(LedgerBirth.Fault) {
            birth = try LedgerBirth(readingFrom: file.base)
        } catch {
            switch error {
            case .magic: throw .foreign(path: file.path)
            case .version(let version): throw .unknownVersion(path: file.path, version: version)
            case .damage(let reason): throw .damagedHeader(path: file.path, reason: reason)
            }
        }
        guard file.byteCount == birth.layout.fileBytes else {
            throw .wrongSize(path: file.path, byteCount: file.byteCount, expected: birth.layout.fileBytes)
        }
        self.file = file
        page = HeaderPage(file.base)
        slots = file.base + birth.layout.slotsOffset
    }

    var layout: LedgerLayout { birth.layout }

    var tenantNames: NameRegion {
        NameRegion(
            base: file.base + layout.tenantNamesOffset, unitCount: layout.tenantNameBytes / NameRegion.unitBytes,
            longest: 128)
    }

    var meterNames: NameRegion {
        NameRegion(
            base: file.base + layout.meterNamesOffset,
            unitCount: LedgerLayout.meterNameBytes / NameRegion.unitBytes, longest: 64)
    }

    func slot(_ number: Int) -> SlotPointer { SlotPointer(slots + number &* LedgerLayout.slotBytes) }

    func readState() throws(LedgerError) -> LedgerState {
        do throws(LedgerBirth.Fault) {
            return try page.readState()
        } catch {
            guard case .damage(let reason) = error else { throw .foreign(path: file.path) }
            throw .damagedHeader(path: file.path, reason: reason)
        }
    }

    /// Why a slot's words cannot be true; nil if they can, or if the slot is free.
    func fault(of image: SlotImage) -> String? {
        if image.descriptor == .free { return nil }
        if image.descriptor.kind == nil { return "there is no kind \(image.descriptor.kindByte)" }
        guard let tenant = tenantNames.bytes(image.descriptor.tenantID) else {
            return "its tenant's name is not in the file"
        }
        guard let meter = meterNames.bytes(image.descriptor.meterID) else {
            return "its meter's name is not in the file"
        }
        return fault(of: image, tenant: tenant.span, meter: meter.span)
    }

    /// Why the words of a slot that is not free cannot be true, these being the names that it refers to.
    func fault(of image: SlotImage, tenant: Span<UInt8>, meter: Span<UInt8>) -> String? {
        guard !image.descriptor.hasUnknownFlags else { return "it has flags that no tollgate sets" }
        let isHourly = image.descriptor.kind?.isHourly ?? false
        let isReservation = image.descriptor.kind == .reservation
        guard isHourly || isReservation ? image.hour < SlotPlace.hourLimit : image.hour == 0 else {
            return "hour \(image.hour) cannot be"
        }
        if isReservation {
            guard ReservationKey(image.key) != nil else { return "its identity is none of a reservation" }
            return [0, 1, 3].contains { image.totals[$0] < 0 } ? "a total is negative" : nil
        }
        guard birth.seed.tenant(tenant).pair(birth.seed.meter(meter)).key(image.place) == image.key else {
            return "its identity is not that of its tenant, meter, period and hour"
        }
        if image.descriptor.kind == .decided, image.totals[1] != 0 || image.totals[3] != 0 {
            return "it has a total that its kind does not have"
        }
        return (0..<4).contains { image.totals[$0] < 0 } ? "a total is negative" : nil
    }
}
