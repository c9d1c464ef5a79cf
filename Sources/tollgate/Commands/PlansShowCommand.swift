import ArgumentParser
import Settings

/// `tollgate plans show`.
struct PlansShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show the plans of the catalogue side by side.",
        discussion: """
            EXAMPLES
              tollgate plans show
              tollgate plans show --plans config/plans.yaml --json
            """)

    @OptionGroup var plans: PlansOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let reading = try plans.read()
        switch reading.result {
        case .success(let catalogue):
            output.show(PlansText.document(catalogue)) { style in PlansText.text(catalogue, style) }
        case .failure(let error):
            throw CommandFailure("the catalogue is not valid\n\(error)", .fault)
        }
    }
}
