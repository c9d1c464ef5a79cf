/// Writes long output in pieces: few calls into the kernel, and never all of it in memory. Call ``flush()`` at its end.
struct PieceWriter {
    private static let pieceBytes = 1 << 16

    private let write: (String) -> Void
    private var piece = ""

    init(_ write: @escaping (String) -> Void) { self.write = write }

    mutating func append(_ text: String) {
        piece += text
        if piece.utf8.count >= Self.pieceBytes { flush() }
    }

    /// Writes what has been kept back.
    mutating func flush() {
        guard !piece.isEmpty else { return }
        write(piece)
        piece = ""
    }
}
