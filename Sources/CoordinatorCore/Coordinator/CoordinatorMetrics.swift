import Metrics

/// What the coordinator counts, under names that stay.
enum CoordinatorMetrics {
    static let roundsOpened = Counter(label: "tributary_rounds_opened_total")
    static let roundsPublished = Counter(label: "tributary_rounds_published_total")
    static let roundsAbandoned = Counter(label: "tributary_rounds_abandoned_total")
    static let updatesAccepted = Counter(label: "tributary_updates_accepted_total")
    static let updatesRejected = Counter(label: "tributary_updates_rejected_total")
    static let bytesAccepted = Counter(label: "tributary_update_bytes_accepted_total")
    static let failures = Counter(label: "tributary_coordinator_failures_total")
}
