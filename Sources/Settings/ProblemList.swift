/// Collects what is wrong while settings are read, so that one run shows every problem. Used by one reader at a time.
final class ProblemList {
    /// More than this many help nobody.
    static let most = 100

    private(set) var problems: [SettingsProblem] = []

    func add(_ origin: SettingOrigin, _ text: String) {
        guard problems.count < ProblemList.most else { return }
        problems.append(SettingsProblem(origin, text))
    }

    /// - Throws: If there is any problem: all of them, file by file from the top.
    func throwIfAny() throws(SettingsError) {
        guard !problems.isEmpty else { return }
        let inOrder = problems.enumerated().sorted { one, other in
            let (first, second) = (one.element.origin.order, other.element.origin.order)
            return first == second ? one.offset < other.offset : first < second
        }
        throw SettingsError(inOrder.map(\.element))
    }
}
