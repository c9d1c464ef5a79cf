import HTTPLink
import Logging
import ServiceLifecycle

/// Posts what is due to the webhook endpoints, each endpoint's deliveries one after the other, and keeps the account's
/// own time: what is due by the sandbox clock happens within a second even when nobody asks.
struct WebhookSender: Service {
    let account: Account

    /// How long an endpoint may take to answer.
    static let deadline = Duration.seconds(10)
    /// How often the account looks at its clock.
    static let tick = Duration.milliseconds(500)

    func run() async throws {
        let client = try HTTPClient(configuration: HTTPConfiguration(maxActive: WebhookEndpoint.maximumCount))
        defer { client.shutdown() }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepTime() }
            for await _ in account.deliverySignals.cancelOnGracefulShutdown() {
                for post in await account.takeDeliveries() {
                    group.addTask {
                        let attempt = await Self.send(post, client)
                        await account.finish(post.number, attempt)
                    }
                }
            }
            group.cancelAll()
        }
    }

    private func keepTime() async {
        while !Task.isCancelled {
            await account.noteDelivery()
            try? await Task.sleep(for: Self.tick)
        }
    }

    private static func send(_ post: WebhookPost, _ client: HTTPClient) async -> WebhookAttempt {
        let request = HTTPRequest(
            method: "POST", url: post.url,
            headers: [
                (name: "Content-Type", value: "application/json; charset=utf-8"),
                (name: "User-Agent", value: "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
                (name: "Stripe-Signature", value: post.signature),
            ], body: post.body, deadline: deadline)
        do throws(HTTPError) {
            return WebhookAttempt(status: try await client.send(request).status, error: nil)
        } catch {
            return WebhookAttempt(status: nil, error: error.message)
        }
    }
}
