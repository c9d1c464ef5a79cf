/// The files whose being and permissions `doctor` looks at.
public struct DoctorPaths: Sendable {
    /// The gate's socket.
    public var gateSocket: String
    /// The permission bits that `gate.mode` asks for.
    public var gateMode: UInt32
    /// The control socket.
    public var controlSocket: String
    /// `state_dir`.
    public var stateDirectory: String

    /// Takes its parts as they are.
    public init(gateSocket: String, gateMode: UInt32 = 0o660, controlSocket: String, stateDirectory: String) {
        self.gateSocket = gateSocket
        self.gateMode = gateMode
        self.controlSocket = controlSocket
        self.stateDirectory = stateDirectory
    }
}
