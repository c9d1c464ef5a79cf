/// One call, before it is a request.
struct Call {
    /// What a POST carries.
    enum Body {
        case form(Form)
        /// A JSON document: the bodies of the v2 API (docs.stripe.com/api-v2-overview).
        case json([UInt8])

        var contentType: String {
            switch self {
            case .form: "application/x-www-form-urlencoded"
            case .json: "application/json"
            }
        }

        var bytes: [UInt8] {
            switch self {
            case .form(let form): Array(form.encoded.utf8)
            case .json(let bytes): bytes
            }
        }
    }

    let endpoint: Endpoint
    /// The id in the path, if it has one.
    var id: String?
    /// Of a GET.
    var query = Form()
    /// Of a POST.
    var body: Body?
    /// Of a POST.
    var idempotencyKey: String?
    /// Whether it is about usage records, which only API versions up to acacia have.
    var isForUsageRecords = false
    /// What no other call may be about at the same time.
    var object: CallObject?
    /// How much of its endpoint's pace it uses up: the events it carries.
    var weight = 1

    /// The version it names in `Stripe-Version`.
    func version(configured: String) -> String {
        isForUsageRecords || endpoint.isUsageRecords ? StripeConfiguration.usageRecordsAPIVersion : configured
    }
}
