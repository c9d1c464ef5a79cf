/// A script with what it is called with. On a cluster, all keys of one call lie in one slot.
struct ScriptCall: Sendable {
    let script: Script
    let keys: [String]
    let arguments: [String]

    init(_ script: Script, keys: [String], _ arguments: [String]) {
        self.script = script
        self.keys = keys
        self.arguments = arguments
    }
}
