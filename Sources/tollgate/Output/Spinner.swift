/// Shows that long work goes on, on a terminal's last line. Writes nothing when nobody watches.
struct Spinner {
    private static let shapes = ["|", "/", "-", "\\"]
    /// Goes to the line's beginning and erases it (ECMA-48 EL).
    private static let erase = "\r\u{1B}[K"

    let console: Console
    /// What is being done: "sending what is owed".
    let label: String

    /// Turns while `work` runs, and is gone when it ends, however it ends.
    func turn<Value>(
        during work: () async throws(CommandFailure) -> Value
    ) async throws(CommandFailure) -> Value {
        guard console.showsProgress else { return try await work() }
        let drawing = Task { await draw() }
        let result: Result<Value, CommandFailure>
        do {
            result = .success(try await work())
        } catch {
            result = .failure(error)
        }
        drawing.cancel()
        await drawing.value
        console.writeError(Spinner.erase)
        return try result.get()
    }

    @concurrent
    private func draw() async {
        let start = ContinuousClock.now
        var step = 0
        while !Task.isCancelled {
            let seconds = start.duration(to: .now).components.seconds
            let shape = Spinner.shapes[step % Spinner.shapes.count]
            console.writeError("\(Spinner.erase)\(shape) \(label)… \(seconds)s")
            step += 1
            do {
                try await Task.sleep(for: .milliseconds(120))
            } catch {
                return
            }
        }
    }
}
