import ArgumentParser
import Testing

@testable import tollgate

@Suite struct `The command line` {
    private func parse(_ arguments: [String]) -> Ending? {
        do {
            var command = try TollgateCommand.parseAsRoot(arguments)
            // Help is a command of its own; all others stop here, unrun.
            if arguments.contains("--help") { try command.run() }
            return nil
        } catch {
            return Ending(error)
        }
    }

    private func put(_ arguments: String...) throws -> TenantPutCommand {
        try #require(try TollgateCommand.parseAsRoot(["tenant", "put"] + arguments) as? TenantPutCommand)
    }

    @Test(arguments: [
        ["check", "acme"], ["check", "acme", "5"], ["record", "acme", "tokens"], ["nonsense"],
        ["tenants", "--limit", "0"], ["top", "--limit", "0"], ["top", "--limit", "1001"], ["top", "--sort", "used"],
        ["tenant", "show", "a b"], ["tenant", "put", "acme", "--limit", "messages"], ["take", "acme", "m", "-5"],
        ["tenant", "put", "acme", "--limit", "messages=1000000000000000"],
        ["tenant", "put", "acme", "--limit", "messages=5", "--no-limit", "messages"],
        ["tenant", "put", "acme", "--status", "paid"], ["record", "acme", "m", "1", "--at", "yesterday"],
        ["outbox", "--tenant", ""], ["ledger", "show", "--tenant", "a b"], ["ledger", "show", "--meter", "A"],
        ["ledger", "show", "--config", "a", "b"], ["audit", "--since", "yesterday"], ["audit", "--tenant", "a b"],
        ["audit", "--follow", "--until", "1h"], ["tenant", "limit", "acme", "m", "5"],
        ["tenant", "limit", "acme", "m", "--reason", "x"], ["tenant", "limit", "acme", "m", "lots", "--reason", "x"],
        ["tenant", "limit", "acme", "m", "5", "--clear", "--reason", "x"],
        ["tenant", "limit", "acme", "m", "--clear", "--until", "1h", "--reason", "x"],
        ["tenant", "grant", "acme", "m", "5", "--reason", "x"], ["tenant", "grant", "acme", "m", "--reason", "x"],
        ["tenant", "grant", "acme", "m", "0", "--expires", "1h", "--reason", "x"],
        ["tenant", "grant", "acme", "m", "-5", "--expires", "1h", "--reason", "x"],
        ["tenant", "grant", "acme", "m", "5", "--expires", "later", "--reason", "x"],
        ["tenant", "grant", "acme", "m", "5", "--revoke", "g1", "--reason", "x"],
        ["tenant", "grant", "acme", "--revoke", "A/B", "--reason", "x"], ["tenant", "block", "acme"],
    ])
    func `wrong usage ends with 2 and says why on standard error`(arguments: [String]) throws {
        let ending = try #require(parse(arguments))
        #expect(ending.code == 2)
        #expect(ending.output.isEmpty)
        #expect(ending.errorOutput.hasPrefix("tollgate: "))
        #expect(ending.errorOutput.contains("Usage: tollgate"))
        #expect(!ending.errorOutput.contains("Error:"))
    }

    @Test(arguments: [
        ["--help"], ["serve", "--help"], ["check", "--help"], ["take", "--help"], ["record", "--help"],
        ["usage", "--help"], ["tenants", "--help"], ["tenant", "put", "--help"], ["tenant", "show", "--help"],
        ["tenant", "rm", "--help"], ["plans", "validate", "--help"], ["plans", "show", "--help"], ["flush", "--help"],
        ["outbox", "--help"], ["doctor", "--help"], ["version", "--help"], ["ledger", "show", "--help"],
        ["top", "--help"], ["audit", "--help"],
        ["tenant", "limit", "--help"], ["tenant", "grant", "--help"], ["tenant", "block", "--help"],
        ["tenant", "unblock", "--help"],
    ])
    func `help is printed, ends with 0 and shows how`(arguments: [String]) throws {
        let ending = try #require(parse(arguments))
        #expect(ending.code == 0)
        #expect(ending.errorOutput.isEmpty)
        let command = (["tollgate"] + arguments.dropLast()).joined(separator: " ")
        #expect(ending.output.contains("USAGE: \(command)"))
        if arguments.first != "serve" { #expect(ending.output.contains("EXAMPLES")) }
    }

    @Test func `a failure ends with its own code and a line`() {
        let ending = Ending(CommandFailure("it is\u{7} so", .unreachable))
        #expect(ending.code == 3)
        #expect(ending.errorOutput == "tollgate: it is\u{FFFD} so\n")
        #expect(Ending(ExitCode(1)) == Ending(ExitCode(1)))
        #expect(Ending(ExitCode(1)).code == 1)
        #expect(Ending(ExitCode(1)).errorOutput.isEmpty)
    }

    @Test func `putting a tenant sends what is named and nothing else`() throws {
        #expect(try put("acme").body == .object([:]))
        let command = try put(
            "acme", "--plan", "starter", "--customer", "cus_1", "--subscription", "sub_1", "--status", "active",
            "--period-start", "2026-11-01", "--period-end", "2026-12-01T02:00:00+02:00", "--limit", "messages=5000",
            "--limit", "tokens=unlimited", "--no-limit", "seats")
        #expect(
            command.body.document == """
                {"customer":"cus_1","limits":{"messages":5000,"seats":null,"tokens":-1},\
                "period_end":"2026-12-01T00:00:00Z","period_start":"2026-11-01T00:00:00Z","plan":"starter",\
                "status":"active","subscription":"sub_1"}
                """)
    }

    @Test func `a time of usage is read`() throws {
        let command = try #require(
            try TollgateCommand.parseAsRoot(["record", "acme", "tokens", "5", "--at", "2026-11-01T00:00:00.25Z"])
                as? RecordCommand)
        #expect(command.at?.milliseconds == 1_793_491_200_250)
    }
}
