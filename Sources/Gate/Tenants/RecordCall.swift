internal import Metering
internal import RESP
internal import RedisLink

/// Reads a tenant's record for its entry.
final class RecordCall: RedisCall {
    private let entry: TenantEntry
    private let directory: TenantDirectory

    /// As much as a packed call holds; tollgate writes nineteen digits at most.
    private static let longestVersion = 255

    init(_ entry: TenantEntry, _ directory: TenantDirectory) {
        self.entry = entry
        self.directory = directory
    }

    override func encode(into output: inout OutputBuffer) {
        output.appendCommand(argumentCount: 2)
        output.appendArgument("HGETALL")
        output.appendArgument(directory.rules.configuration.keys.tenant(entry.name))
    }

    override func completed(_ reply: RedisReply) {
        if let error = reply.errorText { return directory.couldNotRead(entry, "Redis: \(error)") }
        var fields: [String: String] = [:]
        for index in stride(from: 0, to: reply.count - 1, by: 2) {
            if let name = reply[index]?.string, let value = reply[index + 1]?.string { fields[name] = value }
        }
        guard let version = fields.removeValue(forKey: "v") else { return directory.read(entry, nil, version: "") }
        guard version.utf8.count <= Self.longestVersion else {
            return directory.couldNotRead(entry, "its version is longer than \(Self.longestVersion) bytes")
        }
        do throws(TenantRecordError) {
            let tenant = try Tenant(id: entry.name, version: Int64(version) ?? 0, fields: fields)
            directory.read(entry, tenant, version: version)
        } catch {
            directory.couldNotRead(entry, error.description)
        }
    }

    override func failed(_ failure: RedisFailure, mayHaveRun: Bool) {
        directory.couldNotRead(entry, failure.description)
    }
}
