/// The v2 events: what makes them, and `/v2/core/events/{id}`.
extension Account {
    /// Makes events of the error reports whose validation window has ended by the sandbox clock.
    func closeReports() {
        for report in state.reports.takeEnded(now: now) {
            let type =
                report.meter == nil ? "v1.billing.meter.no_meter_found" : "v1.billing.meter.error_report_triggered"
            emit(thin: CoreEvent(type: type, created: now, meter: report.meter, data: report.data))
        }
    }

    /// Keeps an event, and gives it to the destinations of thin events that want it.
    func emit(thin event: CoreEvent) {
        state.coreEvents.store(event)
        deliverThin(event.id, type: event.type, body: event.thinBody)
        noteChange()
    }

    func retrieveCoreEvent(_ id: String) throws(APIError) -> JSONValue {
        guard let event = state.coreEvents[id] else { throw .noSuch("event", id, param: "id", status: 404) }
        return event.body
    }
}
