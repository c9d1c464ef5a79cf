/// A value in a request to Stripe's v1 API, whose bodies and queries are forms with nested names
/// (`payload[value]=7`; docs.stripe.com/api).
enum FormValue {
    case text(String)
    case integer(Int64)
    /// The names of its fields stand in brackets behind the name of the map.
    case map(Form)
}
