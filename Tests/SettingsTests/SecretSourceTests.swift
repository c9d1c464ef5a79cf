import Foundation
import Settings
import Testing

struct SecretSourceTests {
    @Test func `secrets come from variables or from files`() throws {
        let files = try SettingsFiles()
        let settings = try files.load(
            "control: {listen: localhost:8700}",
            environment: [
                "STRIPE_SECRET_KEY": "sk_test_1", "STRIPE_SECRET_KEY_FILE": "",
                "TOLLGATE_CONTROL_TOKEN_FILE": try files.write("token", "tok\n"),
                "TOLLGATE_REDIS_PASSWORD_FILE": try files.write("password", " pass word "),
            ])
        #expect(settings.stripe.secretKey?.reveal() == "sk_test_1")
        #expect(settings.control.token?.reveal() == "tok")
        #expect(settings.redis.password?.reveal() == " pass word ")
        #expect(settings.warnings.isEmpty)
        #expect(!"\(settings)".contains("sk_test_1") && !"\(settings)".contains("pass word"))
    }

    @Test func `a secret set twice is refused without saying which would win`() throws {
        let files = try SettingsFiles()
        let problems = try files.problems(
            "",
            environment: [
                "STRIPE_SECRET_KEY": "sk_a", "STRIPE_SECRET_KEY_FILE": try files.write("key", "sk_b"),
            ])
        #expect(
            problems == ["STRIPE_SECRET_KEY: is set, and STRIPE_SECRET_KEY_FILE too: set only one of them"])
    }

    @Test func `a secret file that cannot be read or is empty stops the start`() throws {
        let files = try SettingsFiles()
        let variable = "TOLLGATE_REDIS_PASSWORD_FILE"
        let cases = [
            (files.path("none"), "none cannot be read: no such file"),
            (try files.write("empty", "\n"), "empty is empty: it must hold the secret"),
            (try files.write("lines", "a\nb\n"), "lines must be one line without control characters"),
            (
                try files.write("large", String(repeating: "a", count: 65_537)),
                "large has 65537 bytes: that is not a secret"
            ),
            (files.path(""), " cannot be read: it is a directory"),
        ]
        for (path, message) in cases {
            #expect(try files.problems("", environment: [variable: path]) == ["\(variable): \(message)"])
        }
    }

    @Test func `a bad token is one problem, not also a missing one`() throws {
        let problems = try SettingsFiles().problems(
            "control: {listen: localhost:8700}", environment: ["TOLLGATE_CONTROL_TOKEN": "a\r\nb"])
        #expect(
            problems == ["TOLLGATE_CONTROL_TOKEN: the value must be one line without control characters"])
    }

    @Test func `a link to a secret file is as good as the file`() throws {
        let files = try SettingsFiles()
        let link = files.path("link")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: try files.write("token", "tok"))
        let settings = try files.load("", environment: ["TOLLGATE_CONTROL_TOKEN_FILE": link])
        #expect(settings.control.token?.reveal() == "tok" && settings.warnings.isEmpty)
    }

    @Test func `a secret file that others can read is warned about`() throws {
        let files = try SettingsFiles()
        let path = try files.write("key", "sk_test_1", mode: 0o644)
        let settings = try files.load("", environment: ["STRIPE_SECRET_KEY_FILE": path])
        #expect(
            settings.warnings
                == ["STRIPE_SECRET_KEY_FILE: \(path) can be read by others (mode 0644): chmod 0600 is enough"])
    }
}
