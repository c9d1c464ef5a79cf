internal import RESP

extension RedisConnection {
    /// Writes the login, the scripts, `INFO server` and `TIME` in one go. Returns how many answers will come.
    func writeGreeting() -> Int {
        var commands: [[String]] = []
        if let password = endpoint.password {
            commands.append(["AUTH"] + (endpoint.user.map { [$0] } ?? []) + [password])
        }
        if endpoint.database != 0 { commands.append(["SELECT", String(endpoint.database)]) }
        commands.append(["CLIENT", "SETNAME", name])
        for command in commands {
            output.appendCommand(argumentCount: command.count)
            for argument in command { output.appendArgument(argument) }
        }
        for script in Script.all { ScriptLoad(script).encode(into: &output) }
        output.appendCommand(argumentCount: 2)
        output.appendArgument("INFO")
        output.appendArgument("server")
        output.appendCommand(argumentCount: 1)
        output.appendArgument("TIME")
        return commands.count + Script.all.count + 2
    }

    /// The run id in an answer to `INFO server`.
    static func runID(in info: String) -> String? {
        let name = "run_id:"
        return info.split(whereSeparator: \.isNewline).first { $0.hasPrefix(name) }.map {
            String($0.dropFirst(name.count))
        }
    }
}

/// Loads a script; its digest is known, so the answer does not matter unless it is an error, and then the next call of
/// the script says so.
final class ScriptLoad: RedisCall {
    private let script: Script
    private let onEnd: () -> Void

    /// `onEnd` is called once there is an answer, or will never be one.
    init(_ script: Script, onEnd: @escaping () -> Void = {}) {
        self.script = script
        self.onEnd = onEnd
        super.init()
        triedLoadingScripts = true
    }

    override func encode(into output: inout OutputBuffer) {
        output.appendCommand(argumentCount: 3)
        output.appendArgument("SCRIPT")
        output.appendArgument("LOAD")
        let source = script.source
        output.appendArgument(source.span)
    }

    override func completed(_ reply: RedisReply) { onEnd() }

    override func failed(_ failure: RedisFailure, mayHaveRun: Bool) { onEnd() }
}
