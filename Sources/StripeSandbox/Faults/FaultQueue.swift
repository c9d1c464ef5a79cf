/// The faults that wait for requests. Those of one path strike one after the other, in the order they were set.
struct FaultQueue: Sendable {
    private(set) var waiting: [Fault] = []

    mutating func add(_ faults: [Fault]) throws(ControlError) {
        guard waiting.count + faults.count <= Fault.maximumWaiting else {
            throw ControlError("at most \(Fault.maximumWaiting) faults can wait at once")
        }
        waiting += faults
    }

    mutating func removeAll() { waiting = [] }

    /// The fault that strikes this request, used up by one.
    mutating func take(_ request: APIRequest, pattern: String) -> Fault? {
        guard let index = waiting.firstIndex(where: { $0.strikes(request, pattern: pattern) }) else { return nil }
        let fault = waiting[index]
        waiting[index].count -= 1
        if waiting[index].count == 0 { waiting.remove(at: index) }
        return fault
    }
}
