import ArgumentParser

extension Timestamp: ExpressibleByArgument {
    init?(argument: String) { self.init(argument) }
}
