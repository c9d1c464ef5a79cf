import ArgumentParser
import Glibc

/// The one entry: parses, runs, and turns whatever happened into an exit code of ``Outcome``.
@main
struct Main {
    static func main() async {
        // A reader that has gone shows as EPIPE on the write, which ``Console`` answers with a clean exit.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try TollgateCommand.parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let ending = Ending(error)
            Console.standard.write(ending.output)
            Console.standard.writeError(ending.errorOutput)
            exit(ending.code)
        }
    }
}
