import Foundation

/// The secrets that the environment may hold, by the name of their variable.
enum SecretName: String, CaseIterable {
    case stripeSecretKey = "STRIPE_SECRET_KEY"
    case stripeWebhookSecret = "STRIPE_WEBHOOK_SECRET"
    case controlToken = "TOLLGATE_CONTROL_TOKEN"
    case notifySecret = "TOLLGATE_NOTIFY_SECRET"
    case redisPassword = "TOLLGATE_REDIS_PASSWORD"
}

extension DaemonSettings {
    /// The variables of the environment that hold secrets: no other program needs them.
    public static let secretVariables = Set(SecretName.allCases.map(\.rawValue))
}

/// What the environment says about one secret.
struct SecretReading {
    /// The secret; nil if it is not set, or not good.
    var secret: Secret?
    /// What is not wise about where it is kept.
    var warning: String?
    /// True if one of its variables is set, whether or not what it says is good.
    var isSet = true
}

/// Reads secrets: each is in a variable `X`, or in a file that `X_FILE` names. An empty variable counts as unset.
struct SecretSource {
    /// Larger files are no secrets.
    private static let largestBytes = 64 << 10

    let environment: [String: String]
    let problems: ProblemList

    /// The secret; what is wrong with it is noted as a problem. One line break at a file's end is not part of it.
    func read(_ name: SecretName) -> SecretReading {
        let fileVariable = name.rawValue + "_FILE"
        let value = environment[name.rawValue].flatMap { $0.isEmpty ? nil : $0 }
        guard let path = environment[fileVariable].flatMap({ $0.isEmpty ? nil : $0 }) else {
            guard let value else { return SecretReading(isSet: false) }
            return SecretReading(secret: checked(value, variable: name.rawValue, what: "the value"))
        }
        guard value == nil else {
            problems.add(
                .environment(variable: name.rawValue), "is set, and \(fileVariable) too: set only one of them")
            return SecretReading()
        }
        return readFile(path, variable: fileVariable)
    }

    private func readFile(_ path: String, variable: String) -> SecretReading {
        do {
            // Orchestrators mount secrets as links; size and mode of the file itself count.
            let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path(percentEncoded: false)
            let attributes = try FileManager.default.attributesOfItem(atPath: target)
            let size = (attributes[.size] as? NSNumber)?.intValue ?? 0
            guard size <= SecretSource.largestBytes else {
                problems.add(.environment(variable: variable), "\(path) has \(size) bytes: that is not a secret")
                return SecretReading()
            }
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            guard var text = String(validating: data, as: UTF8.self) else {
                problems.add(.environment(variable: variable), "\(path) is not UTF-8 text")
                return SecretReading()
            }
            if text.last?.isNewline == true { text.removeLast() }
            guard !text.isEmpty else {
                problems.add(.environment(variable: variable), "\(path) is empty: it must hold the secret")
                return SecretReading()
            }
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue ?? 0
            let warning =
                mode & 0o044 == 0
                ? nil
                : "\(variable): \(path) can be read by others (mode 0\(String(mode, radix: 8))): chmod 0600 is enough"
            return SecretReading(secret: checked(text, variable: variable, what: path), warning: warning)
        } catch {
            problems.add(.environment(variable: variable), "\(path) cannot be read: \(reason(error))")
            return SecretReading()
        }
    }

    /// A secret goes into a header or a Redis command; control characters are a slip, and one that would let it break
    /// out of a header.
    private func checked(_ text: String, variable: String, what: String) -> Secret? {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else {
            problems.add(
                .environment(variable: variable), "\(what) must be one line without control characters")
            return nil
        }
        return Secret(text)
    }
}
