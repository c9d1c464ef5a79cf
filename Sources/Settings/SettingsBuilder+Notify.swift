/// Where notices go, and what they are signed with.
extension SettingsBuilder {
    func notify(secret: SecretReading) -> NotifySettings {
        let mayBePlain: Bool =
            reader.parsed(.notifyAllowHTTP, allowed: "true or false", unquoted: true) {
                ["true": true, "false": false][$0]
            } ?? false
        // The query of a URL may hold what its receiver knows tollgate by, so the value is in no message.
        let url = reader.parsed(
            .notifyURL,
            allowed: mayBePlain
                ? "an http:// or https:// URL"
                : "an https:// URL, or an http:// one on a loopback address (others need notify.allow_http: true)",
            showsValue: false
        ) { HTTPBase.endpoint($0, mayBePlain: mayBePlain) }
        return NotifySettings(
            url: url,
            timeout: reader.duration(.notifyTimeout, default: .seconds(10), in: .seconds(1)...(.seconds(60))),
            secrets: secrets(secret, isNeeded: url != nil))
    }

    private func secrets(_ reading: SecretReading, isNeeded: Bool) -> [Secret] {
        let name = SecretName.notifySecret.rawValue
        guard let secret = reading.secret else {
            if isNeeded, !reading.isSet, let origin = reader.raw.values[.notifyURL]?.yaml.origin {
                reader.problems.add(
                    origin, "notify.url needs a secret to sign with: set \(name) or \(name)_FILE in the environment")
            }
            return []
        }
        guard let secrets = NotifySecret.parse(secret) else {
            reader.problems.add(.environment(variable: name), "must be \(NotifySecret.allowed)")
            return []
        }
        return secrets
    }
}
