import Foundation
import RedisLink

/// What tollgate reads of the body of a webhook: which event it is and what it is about. What the object holds is read
/// at Stripe when the event is applied, since events come late, twice and in any order, and in the shape of whichever
/// version the endpoint has (docs.stripe.com/webhooks: "Event ordering", "API versioning").
struct WebhookBody: Decodable {
    let id: String
    let object: String
    let type: String
    private let data: Snapshot?
    private let related: Reference?

    private enum CodingKeys: String, CodingKey {
        case id, object, type, data
        case related = "related_object"
    }

    /// A snapshot event holds the object (docs.stripe.com/api/events/object); an upcoming invoice has no id.
    private struct Snapshot: Decodable {
        let object: Object?
    }

    private struct Object: Decodable {
        let id: String?
        let customer: Customer?
        let cause: String?

        /// What is not of the usual shape is not there: an event of a type that nobody follows may hold anything.
        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            id = try? values.decode(String.self, forKey: .id)
            customer = try? values.decode(Customer.self, forKey: .customer)
            cause = try? values.decode(String.self, forKey: .cause)
        }

        private enum CodingKeys: String, CodingKey {
            case id, customer
            case cause = "billing_reason"
        }
    }

    /// A thin event only names it, if it is about one at all (docs.stripe.com/api/v2/core/events/object).
    private struct Reference: Decodable {
        let id: String
    }

    /// An id, or the object itself where it was expanded.
    private struct Customer: Decodable {
        let id: String?

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                id = text
            } else {
                id = try value.decode(Reference.self).id
            }
        }
    }

    /// Nil for a body that is no JSON of an event's shape.
    init?(_ bytes: [UInt8]) {
        do {
            self = try JSONDecoder().decode(WebhookBody.self, from: Data(bytes))
        } catch {
            return nil
        }
        guard Self.isID(id), ["event", "v2.core.event"].contains(object), (1...200).contains(type.utf8.count) else {
            return nil
        }
    }

    /// What is kept of it.
    var event: StoredEvent {
        let about = [data?.object?.id, related?.id].compactMap { $0 }.first { Self.isID($0) } ?? id
        return StoredEvent(
            id: id, type: type, object: about,
            customer: data?.object?.customer?.id.flatMap { Self.isID($0) ? $0 : nil } ?? "",
            cause: data?.object?.cause.flatMap { Self.isID($0) ? $0 : nil } ?? "")
    }

    /// Stripe's ids have letters, digits and underscores, and are at most 255 characters (docs.stripe.com/upgrades,
    /// "Object ids"). They become part of keys and paths.
    private static func isID(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
                    || byte == 0x5f
            }
    }
}
