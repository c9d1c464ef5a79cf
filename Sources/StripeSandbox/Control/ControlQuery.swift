/// The query of a request to `/_sandbox/*`, read strictly.
struct ControlQuery {
    private let texts: [String: String]

    init(_ request: APIRequest, allowing names: Set<String>) throws(ControlError) {
        let form: [String: FormValue]
        do throws(APIError) {
            form = try FormDecoder.decode(Array(request.query.utf8))
        } catch {
            throw ControlError(error.message)
        }
        var texts: [String: String] = [:]
        for (name, value) in form {
            guard names.contains(name), case .text(let text) = value else {
                throw ControlError("unknown query parameter '\(name)'; allowed are \(names.sorted())")
            }
            texts[name] = text
        }
        self.texts = texts
    }

    func text(_ name: String) -> String? { texts[name] }

    /// `0` or `1`; 1 when it is not given.
    func flag(_ name: String) throws(ControlError) -> Bool {
        guard let text = texts[name] else { return true }
        guard text == "0" || text == "1" else { throw ControlError("\(name) must be 0 or 1") }
        return text == "1"
    }

    func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws(ControlError) -> Int {
        guard let text = texts[name] else { return fallback }
        guard let number = Int(text), range.contains(number) else {
            throw ControlError("\(name) must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }
}
