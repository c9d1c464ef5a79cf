import RedisLink

extension StoredHour {
    /// What an acknowledgement went to: `mtr_… cus_…` or `si_…`; nil where it is not known.
    var destination: String? { nil }
}
