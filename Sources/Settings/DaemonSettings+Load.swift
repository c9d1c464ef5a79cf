import Foundation
public import Metering

extension DaemonSettings {
    /// Reads tollgate.yaml, plans.yaml and the environment, which goes before the file.
    ///
    /// - Parameters:
    ///   - configPath: tollgate.yaml; nil leaves every key at its default or to the environment.
    ///   - plansPath: plans.yaml; nil means the one beside tollgate.yaml.
    ///   - environment: The variables of the process.
    /// - Throws: Every problem found.
    public static func load(
        configPath: String?, plansPath: String? = nil, environment: [String: String]
    ) throws(SettingsError) -> DaemonSettings {
        try load(
            configPath: configPath, plansPath: plansPath, environment: environment,
            hostName: ProcessInfo.processInfo.hostName)
    }

    /// The same, with the host name from outside.
    static func load(
        configPath: String?, plansPath: String?, environment: [String: String], hostName: String
    ) throws(SettingsError) -> DaemonSettings {
        let problems = ProblemList()
        let document = configPath.flatMap { YAMLFile(path: $0, problems: problems).read() }
        let raw = RawSettings(document: document, environment: environment, problems: problems)
        let builder = SettingsBuilder(
            reader: SettingReader(raw: raw, problems: problems),
            secrets: SecretSource(environment: environment, problems: problems), hostName: hostName)

        let plansPath = plansPath ?? configPath.map { siblingPath("plans.yaml", of: $0) }
        let catalogue: Catalogue
        if let plansPath {
            catalogue = CatalogueReader(problems: problems).read(path: plansPath)
        } else {
            problems.add(
                .wholeFile(path: "plans.yaml"),
                "no plan catalogue is named: give its file, or a settings file that it lies beside")
            catalogue = Catalogue(meters: [], plans: [])
        }
        let settings = builder.build(
            catalogue: catalogue, configPath: configPath, plansPath: plansPath ?? "plans.yaml")
        try problems.throwIfAny()
        return settings
    }

    private static func siblingPath(_ name: String, of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return name }
        return path[...slash] + name
    }
}

extension Catalogue {
    /// Reads a plan catalogue alone.
    ///
    /// - Throws: Every problem found.
    public static func load(plansPath: String) throws(SettingsError) -> Catalogue {
        let problems = ProblemList()
        let catalogue = CatalogueReader(problems: problems).read(path: plansPath)
        try problems.throwIfAny()
        return catalogue
    }
}
