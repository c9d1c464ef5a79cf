import FoundationEssentials

/// The file that keeps the account between runs: read at the start, replaced whole by rename.
struct StateFile: Sendable {
    let path: String

    /// The kept state, or a new one when there is no file yet.
    ///
    /// - Throws: `StartError` when the file cannot be read or is not a state file: it is never overwritten unread.
    func load() throws -> AccountState {
        guard FileManager.default.fileExists(atPath: path) else { return AccountState() }
        do {
            return try JSONDecoder().decode(AccountState.self, from: Data(contentsOf: URL(filePath: path)))
        } catch {
            throw StartError("cannot read the state file \(path): \(error). Remove it to start empty.")
        }
    }

    func save(_ state: AccountState) throws {
        do {
            try JSONEncoder().encode(state).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw StartError("cannot write the state file \(path): \(error)")
        }
    }
}
