import Billing
import Foundation
import HTTPLink
import Logging
import Metering
import RedisLink

extension Notifier {
    /// Sends a notice, and then others that are due, one after the other.
    func deliver(from first: Notice) async {
        var next: Notice? = first
        while let notice = next {
            let outcome = await attempt(notice)
            let isCut = Task.isCancelled
            if !isCut || outcome == .delivered { await settle(notice, outcome) }
            underWay -= 1
            next = isCut ? nil : take()
        }
    }

    private func attempt(_ notice: Notice) async -> NoticeOutcome {
        guard let body = body(of: notice) else { return .unanswered("the notice is no JSON") }
        let timestamp = context.now() / 1000
        let signatures = endpoint.signatures.map { $0.text(id: notice.name, timestamp: timestamp, body: body) }
        let request = HTTPRequest(
            method: "POST", url: endpoint.url,
            headers: [
                ("Content-Type", "application/json"), ("User-Agent", "tollgate/\(version)"),
                ("webhook-id", notice.name), ("webhook-timestamp", String(timestamp)),
                ("webhook-signature", signatures.joined(separator: " ")),
            ], body: body, deadline: endpoint.timeout)
        switch await endpoint.send(request) {
        case .success(let response):
            return NoticeOutcome(status: response.status, retryAfter: response.headers["Retry-After"])
        case .failure(let error): return .unanswered(error.message)
        }
    }

    /// Nil when what the stream holds is no JSON.
    private func body(of notice: Notice) -> [UInt8]? {
        do {
            _ = try JSONDecoder().decode(JSONValue.self, from: Data(notice.data.utf8))
            let type = String(decoding: try JSONEncoder().encode(notice.type), as: UTF8.self)
            let instant = UTCText.text(notice.id.milliseconds / 1000)
            return Array("{\"type\":\(type),\"timestamp\":\"\(instant)\",\"data\":\(notice.data)}".utf8)
        } catch {
            return nil
        }
    }

    /// Does what follows an attempt.
    private func settle(_ notice: Notice, _ outcome: NoticeOutcome) async {
        let verdict = lines.ended(
            notice, outcome, now: context.now(), random: Double.random(in: 0...1, using: &random))
        do throws(StoreError) {
            switch verdict {
            case .delivered:
                try await context.store.removeNotice(partition: notice.partition, id: notice.id.text)
                status.delivered += 1
            case .retry:
                status.failed += 1
                return log(notice, outcome)
            case .drop(let reason):
                try await drop(notice, reason)
            }
        } catch {
            return lines.unsettled(notice, now: context.now())
        }
        remove(notice)
    }

    private func drop(_ notice: Notice, _ reason: String) async throws(StoreError) {
        let stored = StoredNotice(id: notice.id.text, tenant: notice.tenant, type: notice.type, data: notice.data)
        try await context.store.dropNotice(
            stored, partition: notice.partition, actor: "timer:notices", reason: reason, holder: endpoint.holder,
            auditMilliseconds: endpoint.auditMilliseconds)
        status.failed += 1
        status.dropped += 1
        context.logger.error("a notice was dropped", metadata: metadata(notice, reason))
    }

    private func log(_ notice: Notice, _ outcome: NoticeOutcome) {
        if outcome.isGone {
            context.logger.error(
                "the receiver wants no more notices (410): none is sent for an hour",
                metadata: metadata(notice, outcome.reason))
        } else {
            context.logger.info("a notice was not delivered", metadata: metadata(notice, outcome.reason))
        }
    }

    private func metadata(_ notice: Notice, _ reason: String) -> Logger.Metadata {
        ["tenant": "\(notice.tenant)", "type": "\(notice.type)", "id": "\(notice.name)", "reason": "\(reason)"]
    }
}
