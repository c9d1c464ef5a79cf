/// The faults that wait for requests. Those of one path strike one after the other, in the order they were set.
struct FaultQueue: Sendable {
    private(set) var waiting: [PlannedFault] = []

    mutating func add(_ faults: [PlannedFault]) throws(ControlError) {
        guard waiting.count + faults.count <= PlannedFault.maximumWaiting else {
            throw ControlError("at most \(PlannedFault.maximumWaiting) faults can wait at once")
        }
        waiting += faults
    }

    mutating func removeAll() { waiting = [] }

    /// The fault that strikes this request, used up by one.
    mutating func take(_ request: APIRequest, pattern: String) -> Fault? {
        guard let index = waiting.firstIndex(where: { $0.meets(request, pattern: pattern) }) else { return nil }
        let fault = waiting[index].pass()
        if waiting[index].isSpent { waiting.remove(at: index) }
        return fault
    }
}
