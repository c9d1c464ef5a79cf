/// Text that is written in the source: a reply that never changes, or the name of a field.
///
/// It is made from a literal, which needs no allocation, and takes no interpolation, so no client's bytes get into a
/// reply's framing by it. (`StaticString` would say the same, but its bytes are reachable only through unsafe code.)
public struct FixedText: ExpressibleByStringLiteral, Equatable, Sendable {
    let utf8: String.UTF8View

    /// The text of a literal. It must not be called with text made at run time.
    public init(stringLiteral text: String) { utf8 = text.utf8 }

    /// Whether two texts are equal byte by byte.
    public static func == (left: FixedText, right: FixedText) -> Bool { left.utf8.elementsEqual(right.utf8) }
}
