import Metering
import RedisLink

extension Doctor {
    private static let pageSize = 1000
    /// The most tenants that are looked at.
    private static let mostTenants = 100_000

    /// Two tenants with one Stripe customer: Stripe keeps the newest total of a customer's hour, so it would replace
    /// one tenant's by the other's.
    func customerCheck() async -> [DoctorReport.Check] {
        let name = "customers"
        guard let store, catalogue.meters.contains(where: { $0.stripe != nil }) else { return [] }
        var owners: [String: String] = [:]
        var cursor: String?
        var count = 0
        do {
            while count < Self.mostTenants {
                let page = try await store.tenants(after: cursor, limit: Self.pageSize)
                for tenant in page {
                    guard let customer = tenant.fields["customer"] else { continue }
                    if let other = owners.updateValue(tenant.id, forKey: customer) {
                        return [
                            .init(
                                name, .fault,
                                "\(other) and \(tenant.id) share \(customer): at Stripe the hours of one replace the "
                                    + "other's; give each tenant its own customer")
                        ]
                    }
                }
                count += page.count
                cursor = page.last?.id
                if page.count < Self.pageSize { break }
            }
        } catch {
            return [.init(name, .fault, "tenants cannot be read: \(error)")]
        }
        return [.init(name, .ok, "\(owners.count) of \(count) tenants have one, each its own")]
    }
}
