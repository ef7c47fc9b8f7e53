public import DifferentialPrivacy
public import Federation
public import Logging
import Metrics
public import SecureAggregation
public import ServiceLifecycle

/// Runs plans, one at a time: owns the round machine and performs its actions.
///
/// Nodes talk to it through ``session(for:)``; the operator's commands reach it through the storage they share. Whatever it
/// holds in memory is a copy of what the storage holds, and after any failure it is read anew.
public actor Coordinator: Service {
    let storage: any CoordinatorStorage
    let clock: any FederationClock
    let noise: any NoiseSource
    let entropy: any EntropySource
    let logger: Logger
    let faults: FaultHook

    /// Number of this start; `nil` before ``run()``.
    var incarnation: Int?
    var planRun: PlanRun?
    /// Set when memory may have fallen behind the storage; nothing is answered until it was read anew.
    var mustReload = true
    /// The furthest head of each node's ledger, as the storage holds it.
    var ledgers: [NodeID: LedgerHead] = [:]
    /// Updates whose bytes are coming in at the moment.
    var uploadsInProgress: Set<UploadName> = []

    var isInTransition = false
    var transitionQueue: [CheckedContinuation<Void, Never>] = []
    var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    /// The number of ``run()`` among the waiters, which has rounds to aggregate.
    private var ownWaiter = 0
    private var waiterCount = 0

    /// How often the storage is looked at for the operator's requests, and deadlines are checked.
    public static let pollInterval = Duration.milliseconds(300)
    /// Pause after a failure, such as a full disk, before the storage is tried again.
    static let pauseAfterFailure = Duration.seconds(2)

    /// - Parameters:
    ///   - noise: the system's entropy; used with privacy `central` only.
    ///   - entropy: names the sessions of secure aggregation.
    ///   - faults: called at durable points; for tests.
    public init(
        storage: any CoordinatorStorage, clock: any FederationClock, noise: any NoiseSource, entropy: any EntropySource = SystemEntropySource(),
        logger: Logger, faults: @escaping FaultHook = { _ in }
    ) {
        self.entropy = entropy
        self.storage = storage
        self.clock = clock
        self.noise = noise
        self.logger = logger
        self.faults = faults
    }

    /// The coordinator as that node sees it; the caller has authenticated the node.
    public nonisolated func session(for node: NodeID) -> CoordinatorSession { CoordinatorSession(coordinator: self, node: node) }

    /// Runs until cancelled or shut down gracefully.
    /// - Throws: ``FederationError`` when the storage cannot be read at the start: damaged, or a recorded model is missing. Later
    ///   failures are logged and tried again.
    public func run() async throws {
        try await cancelWhenGracefulShutdown { try await self.runUntilCancelled() }
    }

    /// ``run()`` for callers without a service group.
    public func runUntilCancelled() async throws {
        defer { wakeAll() }
        do {
            let number = try await storage.beginIncarnation()
            incarnation = number
            try await reload()
            logger.info("Coordinator started", metadata: ["incarnation": "\(number)"])
            var nextPoll = clock.now
            while !Task.isCancelled {
                do {
                    if mustReload { try await reload() }
                    if clock.now >= nextPoll {
                        nextPoll = clock.now + Self.pollInterval
                        try await followRequests()
                        try await transition(.tick)
                        try await driveSecureRound()
                    }
                    if let round = planRun?.roundToAggregate { try await aggregate(round) }
                    if planRun?.roundToAggregate == nil { await change(until: nextPoll, isOwn: true) }
                } catch let error where !(error is CancellationError) {
                    CoordinatorMetrics.failures.increment()
                    logger.error("The coordinator cannot continue for now and will try again", metadata: ["error": "\(error)"])
                    try await clock.sleep(until: clock.now + Self.pauseAfterFailure)
                }
            }
        } catch is CancellationError {}
    }
}

// MARK: - One transition at a time

extension Coordinator {
    /// Runs the body while no other body runs, in order of arrival.
    func exclusively<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        if isInTransition {
            await withCheckedContinuation { transitionQueue.append($0) }
        } else {
            isInTransition = true
        }
        defer {
            // The turn is handed over, so nobody can come between.
            if transitionQueue.isEmpty { isInTransition = false } else { transitionQueue.removeFirst().resume() }
        }
        return try await body()
    }

    /// Returns when something changed, at the given time, or when the task is cancelled.
    func change(until time: WallTime, isOwn: Bool = false) async {
        waiterCount += 1
        let waiter = waiterCount
        if isOwn { ownWaiter = waiter }
        await withTaskGroup(of: Void.self) { tasks in
            // A child task, so that whoever runs this task (the simulator's clock) knows of it; cancelling ends its sleep.
            tasks.addTask { [clock] in
                try? await clock.sleep(until: time)
                await self.wake(waiter)
            }
            await withCheckedContinuation { waiters[waiter] = $0 }
            tasks.cancelAll()
        }
    }

    private func wake(_ waiter: Int) { waiters.removeValue(forKey: waiter)?.resume() }

    /// For what only ``run()`` has to do.
    func wakeOwn() { wake(ownWaiter) }

    func wakeAll() {
        let woken = waiters
        waiters = [:]
        for continuation in woken.values { continuation.resume() }
    }
}
