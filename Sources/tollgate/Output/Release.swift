/// What this program is.
enum Release {
    /// Its version, as in `tollgate version`.
    static let version = "0.1.0"

    /// The Swift that compiled it. A program cannot ask its compiler, only compare with it.
    static var swift: String {
        #if compiler(>=6.5)
            "6.5 or newer"
        #elseif compiler(>=6.4)
            "6.4"
        #else
            "6.3"
        #endif
    }

    /// How it was compiled.
    static var build: String {
        #if DEBUG
            "debug"
        #else
            "release"
        #endif
    }
}
