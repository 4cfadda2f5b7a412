import Engine

/// What is known of the containers of events, looked up once each.
struct EventSubjects {
    let engine: Engine
    private var known: [String: EventSubject] = [:]

    init(engine: Engine) { self.engine = engine }

    /// nil where nobody knows any more.
    mutating func subject(of event: EventRecord) async throws -> EventSubject? {
        guard event.kind == .container else { return nil }
        if let subject = known[event.subject] { return subject }
        let subject = try await engine.eventSubject(ofContainer: event.subject)
        known[event.subject] = subject
        return subject
    }
}
