/// Waits until `condition` holds, asking every few milliseconds.
///
/// - Parameters:
///   - limit: how long to wait, in real time. Long: on a busy machine, tests that block hold up those that wait.
///   - expectation: what is waited for, for the failure's text: "the second client is served".
///   - condition: asked at least once, and once more when the time is up.
/// - Throws: what `condition` throws, or ``TestFailure`` when the time is up.
public func eventually(
    within limit: Duration = .seconds(60), _ expectation: String = "the condition holds",
    fileID: String = #fileID, line: Int = #line, _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + limit
    while try await !condition() {
        guard clock.now < deadline else {
            throw TestFailure("\(fileID):\(line): waited \(limit) in vain for this: \(expectation)")
        }
        try await Task.sleep(for: .milliseconds(5))
    }
}
