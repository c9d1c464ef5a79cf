import ArgumentParser
import Metering

/// `tollgate tenant`: one tenant.
struct TenantCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenant",
        abstract: "Put, show, limit, grant to, block or remove a tenant.",
        discussion: """
            EXAMPLES
              tollgate tenant put acme --plan starter
              tollgate tenant show acme
              tollgate tenant limit acme messages 5000 --until 7d --reason "big launch"
              tollgate tenant grant acme messages 500 --expires 30d --reason "sorry for the outage"
              tollgate tenant block acme --reason "stolen key"
              tollgate tenant rm acme
            """,
        subcommands: [
            TenantPutCommand.self, TenantShowCommand.self, TenantLimitCommand.self, TenantGrantCommand.self,
            TenantBlockCommand.self, TenantUnblockCommand.self, TenantRemoveCommand.self,
        ])

    /// The path of a tenant's record.
    static func path(_ tenant: String) -> ControlPath { ControlPath("/v1/tenants", segment: tenant) }

    /// The path of what can be done to it. What it is made of needs no encoding.
    static func path(_ tenant: String, _ action: String) -> ControlPath {
        ControlPath("/v1/tenants", segment: tenant, then: "/" + action)
    }

    /// - Throws: If the text is no tenant's id.
    static func check(_ tenant: String) throws(ValidationError) {
        guard Identifier.isTenantID(tenant) else {
            throw ValidationError("\"\(tenant)\" is no tenant's id: 1 to 128 bytes of A-Z a-z 0-9 . _ : @ -")
        }
    }
}
