import ArgumentParser
import Metering

/// `tollgate tenant`: one tenant.
struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Put, show or remove a tenant.",
        discussion: """
            EXAMPLES
              tollgate tenant put acme --plan starter
              tollgate tenant show acme
              tollgate tenant rm acme
            """,
        subcommands: [TenantPutCommand.self, TenantShowCommand.self, TenantRemoveCommand.self])

    /// The path of a tenant's record.
    static func path(_ tenant: String) -> ControlPath { ControlPath("/v1/tenants", segment: tenant) }

    /// - Throws: If the text is no tenant's id.
    static func check(_ tenant: String) throws(ValidationError) {
        guard Identifier.isTenantID(tenant) else {
            throw ValidationError("\"\(tenant)\" is no tenant's id: 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -")
        }
    }
}
