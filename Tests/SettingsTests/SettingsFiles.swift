import Foundation
import Metering
import Settings

/// A directory of its own for one test's files, removed with the value.
final class SettingsFiles {
    /// The smallest catalogue.
    static let plans = "meters: {}\nplans: {}\n"

    private let directory: URL

    init() throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "tollgate-settings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit {
        // A directory left behind in the temporary one harms no other test.
        try? FileManager.default.removeItem(at: directory)
    }

    /// Writes a file and returns its path.
    func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let path = path(name)
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        return path
    }

    func path(_ name: String) -> String {
        directory.appending(path: name).path(percentEncoded: false)
    }

    /// Settings from a configuration beside a catalogue.
    func load(
        _ config: String, plans: String = SettingsFiles.plans, environment: [String: String] = [:]
    ) throws -> DaemonSettings {
        _ = try write("plans.yaml", plans)
        return try DaemonSettings.load(
            configPath: try write("tollgate.yaml", config), environment: environment)
    }

    /// The problems of loading, with the directory cut off their paths.
    func problems(
        _ config: String, plans: String = SettingsFiles.plans, environment: [String: String] = [:]
    ) throws -> [String] {
        do {
            _ = try load(config, plans: plans, environment: environment)
            return []
        } catch let error as SettingsError {
            return lines(error)
        }
    }

    /// The problems of a catalogue alone.
    func problems(plans: String) throws -> [String] {
        do {
            _ = try Catalogue.load(plansPath: try write("plans.yaml", plans))
            return []
        } catch let error as SettingsError {
            return lines(error)
        }
    }

    private func lines(_ error: SettingsError) -> [String] {
        error.description.replacing(path(""), with: "").split(separator: "\n").map(String.init)
    }
}
