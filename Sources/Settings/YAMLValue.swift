/// A yaml node reduced to what settings are made of, each with its place in the file.
struct YAMLValue {
    /// One key and its value, in the file's order. Keys of one mapping differ.
    struct Entry {
        let key: String
        let keyOrigin: SettingOrigin
        let value: YAMLValue
    }

    enum Content {
        /// Text, and whether it stood there without quotes (`5` may be a number, `"5"` may not).
        case scalar(String, isPlain: Bool)
        case list([YAMLValue])
        case mapping([Entry])
        /// Nothing, `~` or `null`.
        case null
    }

    let origin: SettingOrigin
    let content: Content

    /// How the value is named in "must be …, not …".
    var found: String {
        switch content {
        case .scalar(let text, let isPlain):
            isPlain ? "\(text.shortened)" : "the text \"\(text.shortened)\""
        case .list: "a list"
        case .mapping: "a mapping"
        case .null: "nothing"
        }
    }
}

extension String {
    /// The text, cut so that a message stays one line.
    var shortened: String {
        let line = prefix { !$0.isNewline }
        return line.count > 60 || line.count < count ? line.prefix(60) + "…" : self
    }
}
