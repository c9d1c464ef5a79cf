import ArgumentParser
import Metering
import Settings

/// `tollgate plans validate`.
struct PlansValidateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check the plan catalogue, and the settings if they are named.",
        discussion: """
            Every problem is a line `file:line:column: what is wrong, what is allowed` on standard error; the exit \
            code is 4 then. With --json the problems are in the document instead.

            EXAMPLES
              tollgate plans validate
              tollgate plans validate --plans config/plans.yaml
              tollgate plans validate --config config/tollgate.yaml --json
            """)

    @OptionGroup var plans: PlansOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let reading = try plans.read()
        switch reading.result {
        case .success(let catalogue):
            if !output.isJSON {
                reading.warnings.forEach { Console.standard.writeError("tollgate: warning: \($0.printable)\n") }
            }
            output.show(Self.document(reading, catalogue)) { _ in
                "\(reading.path): valid, \(catalogue.plans.count) plans and \(catalogue.meters.count) meters\n"
            }
        case .failure(let error):
            if output.isJSON {
                output.show(Self.document(reading, error)) { _ in "" }
                throw ExitCode(Outcome.fault.rawValue)
            }
            let count = error.problems.count == 1 ? "one problem" : "\(error.problems.count) problems"
            throw CommandFailure("\(count) found\n\(error)", .fault)
        }
    }

    private static func document(_ reading: PlansOptions.Reading, _ catalogue: Catalogue) -> JSONValue {
        .object([
            "valid": .boolean(true), "file": .text(reading.path), "problems": .list([]),
            "plans": .integer(Int64(catalogue.plans.count)), "meters": .integer(Int64(catalogue.meters.count)),
            "warnings": .list(reading.warnings.map { .text($0) }),
        ])
    }

    private static func document(_ reading: PlansOptions.Reading, _ error: SettingsError) -> JSONValue {
        let problems = error.problems.map { problem in
            JSONValue.object(["at": .text(problem.origin.description), "problem": .text(problem.text)])
        }
        return .object(["valid": .boolean(false), "file": .text(reading.path), "problems": .list(problems)])
    }
}
