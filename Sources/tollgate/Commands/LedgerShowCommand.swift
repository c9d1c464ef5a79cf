import ArgumentParser
import FoundationEssentials
import Ledger

/// `tollgate ledger show`.
struct LedgerShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show every slot of a ledger, also while its daemon runs, and also of one that the daemon refuses.",
        discussion: """
            SETTLED says whether Redis has all of an hour, as far as the ledger knows, and of a lease whether its \
            period is over and Redis has it. Rows of a FORMER HOLDER are from before something was lost, such as power.

            Exits with 0 if the file is whole, and with 4 if a slot of it is damaged or it cannot be read at all.

            EXAMPLES
              tollgate ledger show
              tollgate ledger show --tenant acme --unsettled
              tollgate ledger show --json /var/lib/tollgate/ledger-0.tgl
            """)

    @OptionGroup var place: LedgerPathOptions
    @OptionGroup var filter: LedgerFilter
    @OptionGroup var output: OutputOptions

    func run() throws {
        let path = try place.path(environment: ProcessInfo.processInfo.environment)
        let reader: LedgerReader
        do throws(LedgerError) {
            reader = try LedgerReader(path)
        } catch {
            throw CommandFailure(error.description, .fault)
        }
        let console = Console.standard
        var writer = PieceWriter { console.write($0) }
        let isWhole = write(reader, path: path, console.style, to: &writer)
        writer.flush()
        if !isWhole { throw ExitCode(Outcome.fault.rawValue) }
    }

    /// Returns whether no slot is damaged.
    func write(_ reader: LedgerReader, path: String, _ style: TextStyle, to writer: inout PieceWriter) -> Bool {
        let survey = LedgerSurvey(reader, filter)
        if output.isJSON {
            LedgerDocument.write(reader, path: path, survey, filter, to: &writer)
            return survey.damagedCount == 0
        }
        writer.append(LedgerText.facts(reader, path: path, survey).text(style) + "\n")
        if survey.shownCount == 0 {
            writer.append("no slot to show\n")
        } else {
            writer.append(survey.entries.titles(style))
            for entry in reader where filter.takes(entry) {
                writer.append(survey.entries.line(LedgerText.row(entry), style))
            }
        }
        guard survey.damagedCount > 0 else { return true }
        writer.append("\n" + survey.damage.titles(style))
        reader.visit(entry: { _ in }, damage: { writer.append(survey.damage.line(LedgerText.row($0), style)) })
        return false
    }
}
